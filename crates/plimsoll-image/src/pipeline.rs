//! A layer's way from stored bytes to entries: reading and hashing, inflating, and walking run
//! on threads of their own with short queues between them, so that memory stays small and the
//! slowest stage alone decides the time.
//!
//! Verifies what it is told to verify; believes no media type.

mod chunks;
mod inflating;
mod seeking;
mod storing;

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use plimsoll_core::{Algorithm, Digest, Limits, Problem, ProblemKind};

use self::chunks::Chunks;
use self::inflating::{Raw, inflate, pass_through};
pub use self::seeking::ReadAt;
use self::seeking::{Positioned, Seeking};
use self::storing::{HashStop, Stored, hash_all, read_full, store};
use crate::compression::{Compression, Inflater};
use crate::index::{HashKey, LayerIndex};
use crate::walk::{Ending, FileSink, Stop, walk};

/// Where a layer's stored bytes come from.
pub enum LayerBlob {
    /// A stream that is read once.
    Stream(Box<dyn Read + Send>),
    /// A file or a part of one; an uncompressed layer is then walked by seeking.
    At(Arc<dyn ReadAt>),
}

/// What the stored bytes must turn out to be.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// The digest of the stored bytes, where a manifest gives one.
    pub digest: Option<Digest>,
    /// Their number, where a manifest gives it.
    pub size_bytes: Option<u64>,
    /// The digest of the uncompressed bytes, where a configuration claims one.
    pub diff_id: Option<Digest>,
    /// Whether an uncompressed layer in a file may go unhashed, so that only its headers and the
    /// files that somebody wants are read. Ignored where a digest of the stored bytes is expected.
    pub unhashed: bool,
}

/// Watches a layer being read, from several threads.
pub trait Meter: Sync {
    /// So many stored bytes more were read, and so many uncompressed ones came of them.
    fn advance(&self, stored_bytes: u64, inflated_bytes: u64) -> Result<(), Stop>;
}

/// A layer that was read.
#[derive(Debug)]
pub struct LayerRead {
    /// The digest of the uncompressed bytes; `None` if they were not read to the end, or
    /// deliberately not hashed ([`Expected::unhashed`]).
    pub diff_id: Option<Digest>,
    /// What the layer does to the file system, as far as it was read.
    pub index: LayerIndex,
    /// Why reading stopped before the end.
    pub stopped: Option<Stop>,
}

/// Why nothing can be said about a layer.
#[derive(Debug, thiserror::Error)]
pub enum LayerError {
    /// The bytes are not those that the digest names.
    #[error("its content has the digest {actual}, not {expected}; it is damaged or was replaced")]
    Digest {
        /// What the manifest names.
        expected: Digest,
        /// What the bytes have.
        actual: Digest,
    },
    /// The configuration speaks of other uncompressed bytes.
    #[error("uncompressed it has the digest {actual}, but the image's configuration says {expected}")]
    DiffId {
        /// What the configuration claims.
        expected: Digest,
        /// What the bytes have.
        actual: Digest,
    },
    /// There are more or fewer bytes than the manifest says.
    #[error("it has {actual} bytes, but its descriptor says {expected}")]
    Size {
        /// What the manifest says.
        expected: u64,
        /// What came.
        actual: u64,
    },
    /// A compression that the OCI image specification does not know.
    #[error("it is compressed with {0}, which image layers must not be; only gzip, zstd and none are read")]
    Compression(&'static str),
    /// The bytes could not be read.
    #[error("it could not be read: {0}")]
    Read(io::Error),
}

/// Chunks between two stages; enough to smooth over a slow moment.
const QUEUE_CHUNKS: usize = 4;

/// Reads one layer from beginning to end.
pub fn read_layer(
    blob: LayerBlob,
    expected: &Expected,
    key: HashKey,
    limits: &Limits,
    meter: &dyn Meter,
    sink: &mut dyn FileSink,
) -> Result<LayerRead, LayerError> {
    let mut reader: Box<dyn Read + Send> = match &blob {
        LayerBlob::At(at) => Box::new(Positioned::new(Arc::clone(at))),
        LayerBlob::Stream(_) => Box::new(io::empty()),
    };
    if let LayerBlob::Stream(stream) = blob {
        reader = stream;
        return read_stream(&mut *reader, expected, key, limits, meter, sink);
    }
    let LayerBlob::At(at) = blob else { unreachable!("both kinds are handled above") };
    let head = peek(&mut *reader).map_err(LayerError::Read)?;
    if Compression::detect(&head) == Compression::None {
        if expected.unhashed && expected.digest.is_none() {
            return read_headers(&at, expected, key, limits, meter, sink);
        }
        return read_seekable(&at, expected, key, limits, meter, sink);
    }
    let mut whole = io::Cursor::new(head).chain(reader);
    read_stream(&mut whole, expected, key, limits, meter, sink)
}

/// An uncompressed layer in a file: one thread hashes all of it while another seeks from header
/// to header.
fn read_seekable(
    at: &Arc<dyn ReadAt>,
    expected: &Expected,
    key: HashKey,
    limits: &Limits,
    meter: &dyn Meter,
    sink: &mut dyn FileSink,
) -> Result<LayerRead, LayerError> {
    let (hashed, walked) = std::thread::scope(|scope| {
        let hasher = scope.spawn(|| hash_all(&**at, expected, limits, meter));
        let mut bytes = Seeking::new(Arc::clone(at));
        let walked = walk(&mut bytes, key, limits, sink);
        (hasher.join(), walked)
    });
    let hashed = hashed.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    let (mut index, ending) = walked.map_err(LayerError::Read)?;
    let stored = match hashed {
        Ok(stored) => stored,
        Err(HashStop::Stop(stop)) => return Ok(LayerRead { diff_id: None, index, stopped: Some(stop) }),
        Err(HashStop::Io(error)) => return Err(LayerError::Read(error)),
    };
    index.size_bytes = stored.size_bytes;
    check_stored(expected, &stored)?;
    let diff_id = finish_diff_id(expected, stored.sha256)?;
    match ending {
        Ending::Whole => Ok(LayerRead { diff_id: Some(diff_id), index, stopped: None }),
        Ending::Stopped(stop) => Ok(LayerRead { diff_id: Some(diff_id), index, stopped: Some(stop) }),
    }
}

/// An uncompressed layer in a file whose digest nobody asks for: seeks from header to header.
fn read_headers(
    at: &Arc<dyn ReadAt>,
    expected: &Expected,
    key: HashKey,
    limits: &Limits,
    meter: &dyn Meter,
    sink: &mut dyn FileSink,
) -> Result<LayerRead, LayerError> {
    let size_bytes = at.size_bytes();
    if let Some(expected) = expected.size_bytes
        && expected != size_bytes
    {
        return Err(LayerError::Size { expected, actual: size_bytes });
    }
    let mut bytes = Seeking::new(Arc::clone(at));
    let (mut index, ending) = walk(&mut bytes, key, limits, sink).map_err(LayerError::Read)?;
    index.size_bytes = size_bytes;
    let too_large = || Stop::Limit(format!("the layer has more than {} bytes", limits.layer_bytes));
    let stopped = match ending {
        Ending::Stopped(stop) => Some(stop),
        Ending::Whole if size_bytes > limits.layer_bytes => Some(too_large()),
        Ending::Whole => meter.advance(size_bytes, size_bytes).err(),
    };
    Ok(LayerRead { diff_id: None, index, stopped })
}

fn read_stream(
    reader: &mut (dyn Read + Send),
    expected: &Expected,
    key: HashKey,
    limits: &Limits,
    meter: &dyn Meter,
    sink: &mut dyn FileSink,
) -> Result<LayerRead, LayerError> {
    let head = peek(reader).map_err(LayerError::Read)?;
    let compression = Compression::detect(&head);
    if let Compression::Other(name) = compression {
        return Err(LayerError::Compression(name));
    }
    let mut inflater = Inflater::new(compression);
    let (to_inflate, stored_chunks) = sync_channel::<Vec<u8>>(QUEUE_CHUNKS);
    let (stored_back, stored_spare) = sync_channel::<Vec<u8>>(QUEUE_CHUNKS + 2);
    let (to_walk, raw_chunks) = sync_channel::<Raw>(QUEUE_CHUNKS);
    let (raw_back, raw_spare) = sync_channel::<Vec<u8>>(QUEUE_CHUNKS + 2);

    let (stored, walked) = std::thread::scope(|scope| {
        let storing = scope.spawn(move || {
            let mut source = io::Cursor::new(head).chain(reader);
            store(&mut source, expected, compression == Compression::None, &to_inflate, &stored_spare)
        });
        scope.spawn(move || match &mut inflater {
            Some(inflater) => {
                inflate(inflater, &stored_chunks, &stored_back, &to_walk, &raw_spare, limits, meter);
            }
            None => pass_through(&stored_chunks, &stored_back, &to_walk, &raw_spare, limits, meter),
        });
        let mut bytes = Chunks::new(raw_chunks, raw_back, compression != Compression::None);
        let walked = walk(&mut bytes, key, limits, sink).and_then(|(index, ending)| {
            if ending == Ending::Whole {
                bytes.drain()?;
            }
            Ok((index, ending))
        });
        let outcome = bytes.into_outcome();
        let walked = walked.map(|(index, ending)| (index, ending, outcome));
        (storing.join(), walked)
    });
    let stored = stored.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map_err(LayerError::Read)?;
    let (mut index, ending, outcome) = walked.map_err(LayerError::Read)?;
    if let Some(damage) = &outcome.damage {
        sink.problem(Problem::new(ProblemKind::Malformed, damage.clone()));
    }
    if let Some(rubbish) = &outcome.trailing {
        sink.problem(Problem::new(ProblemKind::Malformed, *rubbish));
    }
    let stopped = match (ending, outcome.stop) {
        (_, Some(stop)) | (Ending::Stopped(stop), None) => Some(stop),
        (Ending::Whole, None) => None,
    };
    if stopped.is_some() {
        return Ok(LayerRead { diff_id: None, index, stopped });
    }
    index.size_bytes = outcome.size_bytes;
    let Some(stored) = stored else {
        return Ok(LayerRead { diff_id: None, index, stopped: Some(Stop::Cancelled) });
    };
    check_stored(expected, &stored)?;
    if outcome.damage.is_some() {
        return Ok(LayerRead { diff_id: None, index, stopped: None });
    }
    let raw = outcome.sha256.or(stored.sha256);
    let diff_id = finish_diff_id(expected, raw)?;
    Ok(LayerRead { diff_id: Some(diff_id), index, stopped: None })
}

fn check_stored(expected: &Expected, stored: &Stored) -> Result<(), LayerError> {
    if let Some(size) = expected.size_bytes
        && size != stored.size_bytes
    {
        return Err(LayerError::Size { expected: size, actual: stored.size_bytes });
    }
    match (expected.digest, stored.digest) {
        (Some(expected), Some(actual)) if expected != actual => Err(LayerError::Digest { expected, actual }),
        _ => Ok(()),
    }
}

fn finish_diff_id(expected: &Expected, sha256: Option<[u8; 32]>) -> Result<Digest, LayerError> {
    let actual = Digest::sha256(sha256.expect("one of the two hashes is always computed over the raw bytes"));
    match expected.diff_id {
        Some(expected) if expected.algorithm() == Algorithm::Sha256 && expected != actual => {
            Err(LayerError::DiffId { expected, actual })
        }
        _ => Ok(actual),
    }
}

/// The first bytes, enough to tell a compression by.
fn peek(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = vec![0; 8];
    let read = read_full(reader, &mut head)?;
    head.truncate(read);
    Ok(head)
}
