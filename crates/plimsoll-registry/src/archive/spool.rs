//! Unlinked temporary files for what cannot be read twice.
//!
//! Nothing has a name, so nothing is left behind, whatever happens to the process. The quota is
//! the limit for an image's bytes; what is compressed may not inflate beyond the usual ratio.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::Path;

use plimsoll_core::Limits;
use plimsoll_image::compression::{Compression, Inflater};

use crate::{Error, ErrorKind};

const BUFFER_BYTES: usize = 256 << 10;

/// Writes a stream to an unlinked file, inflated if it is compressed.
pub(crate) fn spool(
    stream: Box<dyn Read + '_>,
    name: &str,
    directory: Option<&Path>,
    limits: &Limits,
) -> Result<File, Error> {
    let mut stream = stream;
    let mut head = Vec::new();
    stream.by_ref().take(6).read_to_end(&mut head).map_err(|error| unreadable(name, error))?;
    let compression = Compression::detect(&head);
    let stream = BufReader::with_capacity(BUFFER_BYTES, io::Cursor::new(head).chain(stream));
    write_out(stream, compression, name, directory, limits)
}

/// The file itself, or its inflated content in an unlinked file if it is compressed.
pub(super) fn inflated(
    mut file: File,
    name: &str,
    directory: Option<&Path>,
    limits: &Limits,
) -> Result<File, Error> {
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(6).read_to_end(&mut head).map_err(|error| unreadable(name, error))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(name, error))?;
    match Compression::detect(&head) {
        Compression::None => Ok(file),
        compression => {
            let stream = BufReader::with_capacity(BUFFER_BYTES, file);
            write_out(stream, compression, name, directory, limits)
        }
    }
}

fn write_out(
    mut stream: impl Read,
    compression: Compression,
    name: &str,
    directory: Option<&Path>,
    limits: &Limits,
) -> Result<File, Error> {
    let target = match directory {
        Some(directory) => tempfile::tempfile_in(directory),
        None => tempfile::tempfile(),
    };
    let file = target.map_err(|error| Error::io("no temporary file can be made", error))?;
    let mut quota = Quota { file, name, limits, bytes_in: 0, bytes_out: 0 };
    match (compression, Inflater::new(compression)) {
        (Compression::Other(kind), _) => {
            return Err(Error::new(
                ErrorKind::NotSupported,
                format!("{name} is compressed with {kind}; only gzip and zstd are supported"),
            ));
        }
        (_, Some(inflater)) => quota.inflate(&mut stream, inflater)?,
        (_, None) => quota.copy(&mut stream)?,
    }
    let mut file = quota.file;
    file.seek(SeekFrom::Start(0)).map_err(|error| unreadable(name, error))?;
    Ok(file)
}

struct Quota<'a> {
    file: File,
    name: &'a str,
    limits: &'a Limits,
    bytes_in: u64,
    bytes_out: u64,
}

impl Quota<'_> {
    fn copy(&mut self, stream: &mut impl Read) -> Result<(), Error> {
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match self.fill(stream, &mut buffer)? {
                0 => return Ok(()),
                count => self.write(&buffer[..count])?,
            }
        }
    }

    fn inflate(&mut self, stream: &mut impl Read, mut inflater: Inflater) -> Result<(), Error> {
        let mut input = vec![0; BUFFER_BYTES];
        let mut output = vec![0; BUFFER_BYTES];
        loop {
            let count = self.fill(stream, &mut input)?;
            if count == 0 {
                if inflater.may_end() {
                    return Ok(());
                }
                return Err(Error::malformed(format!(
                    "{} is cut off in the middle of its compressed data",
                    self.name
                )));
            }
            let mut rest = &input[..count];
            while !rest.is_empty() {
                let step = inflater
                    .step(rest, &mut output)
                    .map_err(|why| Error::malformed(format!("{} cannot be inflated: {why}", self.name)))?;
                self.write(output.get(..step.produced).unwrap_or_default())?;
                if step.trailing {
                    return Ok(());
                }
                rest = rest.get(step.consumed..).unwrap_or_default();
            }
            self.check_ratio()?;
        }
    }

    fn fill(&mut self, stream: &mut impl Read, buffer: &mut [u8]) -> Result<usize, Error> {
        loop {
            match stream.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(self.name, error)),
                Ok(count) => {
                    self.bytes_in = self.bytes_in.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
                    return Ok(count);
                }
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.bytes_out = self.bytes_out.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.bytes_out > self.limits.image_bytes {
            let limit = self.limits.image_bytes;
            return Err(Error::limit(format!("{} has more than the limit of {limit} bytes", self.name)));
        }
        let what = format!("{} cannot be spooled to the temporary folder", self.name);
        self.file.write_all(bytes).map_err(|error| Error::io(what, error))
    }

    fn check_ratio(&self) -> Result<(), Error> {
        let Limits { ratio, ratio_from_bytes, .. } = *self.limits;
        if self.bytes_out <= ratio_from_bytes || self.bytes_out / ratio.max(1) <= self.bytes_in {
            return Ok(());
        }
        Err(Error::limit(format!("{} inflates to more than {ratio} times its size", self.name)))
    }
}

fn unreadable(name: &str, error: io::Error) -> Error {
    Error::io(format!("{name} cannot be read"), error)
}
