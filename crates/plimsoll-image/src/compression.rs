//! The compression of a layer, told by its bytes, and inflating it chunk by chunk.
//!
//! The media type is not asked: registries in the field have layers whose type lies.

use flate2::{Decompress, FlushDecompress, Status};

/// How a layer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not at all, as far as the first bytes tell.
    None,
    /// gzip (RFC 1952), perhaps of several members.
    Gzip,
    /// Zstandard (RFC 8878), perhaps of several frames.
    Zstd,
    /// Something that OCI does not allow in a layer; the name says what.
    Other(&'static str),
}

impl Compression {
    /// Looks at the first bytes of a blob.
    pub fn detect(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Compression::Zstd,
            // A skippable frame (RFC 8878, 3.1.2), as zstd:chunked begins and ends with.
            [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Other("xz"),
            [b'B', b'Z', b'h', ..] => Compression::Other("bzip2"),
            _ => Compression::None,
        }
    }
}

/// What became of one call of [`Inflater::step`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Bytes taken from the input.
    pub consumed: usize,
    /// Bytes written to the output.
    pub produced: usize,
    /// Whether what follows in the input is no part of the stream.
    pub trailing: bool,
}

/// A streaming decoder of gzip or Zstandard.
pub enum Inflater {
    /// gzip: the decoder, and whether it stands between two members.
    Gzip {
        /// Checks header, checksum and length itself.
        decoder: Box<Decompress>,
        /// Between members, or before the first.
        between: bool,
        /// Whether a member has ended.
        any_member: bool,
    },
    /// Zstandard: the decoder, and whether it stands between two frames.
    Zstd {
        /// The raw decoder.
        decoder: zstd::stream::raw::Decoder<'static>,
        /// Between frames, or before the first.
        between: bool,
        /// Whether a frame has ended.
        any_frame: bool,
    },
}

impl Inflater {
    /// A decoder for gzip or zstd; `None` for anything else.
    pub fn new(compression: Compression) -> Option<Inflater> {
        match compression {
            Compression::Gzip => Some(Inflater::Gzip {
                decoder: Box::new(Decompress::new_gzip(15)),
                between: true,
                any_member: false,
            }),
            Compression::Zstd => Some(Inflater::Zstd {
                decoder: zstd::stream::raw::Decoder::new().ok()?,
                between: true,
                any_frame: false,
            }),
            Compression::None | Compression::Other(_) => None,
        }
    }

    /// Whether the stream may end here.
    pub fn may_end(&self) -> bool {
        match self {
            Inflater::Gzip { between, any_member, .. } => *between && *any_member,
            Inflater::Zstd { between, any_frame, .. } => *between && *any_frame,
        }
    }

    /// Decodes from `input` into `output`, both at least one byte long. The error is a sentence
    /// without a full stop.
    pub fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, String> {
        match self {
            Inflater::Gzip { decoder, between, any_member } => {
                if *between {
                    // A member needs ten bytes of header; the second magic byte may still be on
                    // its way, which the decoder itself will find out.
                    if *any_member && input[0] != 0x1f {
                        return Ok(Step { consumed: 0, produced: 0, trailing: true });
                    }
                    *between = false;
                }
                let (before_in, before_out) = (decoder.total_in(), decoder.total_out());
                let status = decoder
                    .decompress(input, output, FlushDecompress::None)
                    .map_err(|error| format!("the gzip stream is damaged: {error}"))?;
                let consumed = usize::try_from(decoder.total_in() - before_in).unwrap_or(usize::MAX);
                let produced = usize::try_from(decoder.total_out() - before_out).unwrap_or(usize::MAX);
                if status == Status::StreamEnd {
                    **decoder = Decompress::new_gzip(15);
                    *between = true;
                    *any_member = true;
                } else if consumed == 0 && produced == 0 {
                    return Err("the gzip stream makes no progress".to_owned());
                }
                Ok(Step { consumed, produced, trailing: false })
            }
            Inflater::Zstd { decoder, between, any_frame } => {
                use zstd::stream::raw::Operation;
                if *between && *any_frame && !matches!(input[0], 0x28 | 0x50..=0x5f) {
                    return Ok(Step { consumed: 0, produced: 0, trailing: true });
                }
                let status = decoder
                    .run_on_buffers(input, output)
                    .map_err(|error| format!("the zstd stream is damaged: {error}"))?;
                *between = status.remaining == 0;
                *any_frame |= *between;
                if status.bytes_read == 0 && status.bytes_written == 0 {
                    return Err("the zstd stream makes no progress".to_owned());
                }
                Ok(Step { consumed: status.bytes_read, produced: status.bytes_written, trailing: false })
            }
        }
    }
}
