//! The stored bytes of a layer: read to the end, counted and hashed.
//!
//! Inflates nothing, and does not judge what the sums come to.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender};

use plimsoll_core::{Algorithm, Digest, Limits};
use sha2::{Digest as _, Sha256, Sha512};

use super::inflating::RAW_CHUNK_BYTES;
use super::{Expected, Meter, ReadAt};
use crate::walk::Stop;

/// Stored bytes are read so many at a time.
const STORED_CHUNK_BYTES: usize = 128 << 10;

/// The stored bytes, counted and hashed.
pub(super) struct Stored {
    pub(super) size_bytes: u64,
    /// Of the expected digest's algorithm, if one is expected.
    pub(super) digest: Option<Digest>,
    /// If it was asked for or needed anyway.
    pub(super) sha256: Option<[u8; 32]>,
}

struct Hashes {
    sha256: Option<Sha256>,
    sha512: Option<Sha512>,
    expects: Option<Algorithm>,
}

impl Hashes {
    fn new(expected: &Expected, always_sha256: bool) -> Hashes {
        let expects = expected.digest.map(|digest| digest.algorithm());
        Hashes {
            sha256: (always_sha256 || expects == Some(Algorithm::Sha256)).then(Sha256::new),
            sha512: (expects == Some(Algorithm::Sha512)).then(Sha512::new),
            expects,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        if let Some(hasher) = &mut self.sha256 {
            hasher.update(bytes);
        }
        if let Some(hasher) = &mut self.sha512 {
            hasher.update(bytes);
        }
    }

    fn finish(self, size_bytes: u64) -> Stored {
        let sha256: Option<[u8; 32]> = self.sha256.map(|hasher| hasher.finalize().into());
        let digest = match self.expects {
            Some(Algorithm::Sha256) => sha256.map(Digest::sha256),
            Some(Algorithm::Sha512) => self.sha512.map(|hasher| Digest::sha512(hasher.finalize().into())),
            None => None,
        };
        Stored { size_bytes, digest, sha256 }
    }
}

/// Reads the stored bytes to the end, also when nobody inflates them any more: a digest is a
/// digest of all of them. `None` where the walk was stopped and nobody will ask.
pub(super) fn store(
    source: &mut dyn Read,
    expected: &Expected,
    always_sha256: bool,
    to_inflate: &SyncSender<Vec<u8>>,
    spare: &Receiver<Vec<u8>>,
) -> io::Result<Option<Stored>> {
    let mut hashes = Hashes::new(expected, always_sha256);
    let mut size_bytes = 0u64;
    loop {
        let mut chunk = spare.try_recv().unwrap_or_default();
        chunk.resize(STORED_CHUNK_BYTES, 0);
        let read = read_full(source, &mut chunk)?;
        if read == 0 {
            return Ok(Some(hashes.finish(size_bytes)));
        }
        chunk.truncate(read);
        hashes.update(&chunk);
        size_bytes += read as u64;
        if expected.size_bytes.is_some_and(|expected| size_bytes > expected) {
            // More than announced: known to be wrong, so the rest need not come.
            return Ok(Some(hashes.finish(size_bytes)));
        }
        if to_inflate.send(chunk).is_err() {
            return Ok(None);
        }
    }
}

/// Why not all of a file was hashed.
pub(super) enum HashStop {
    Stop(Stop),
    Io(io::Error),
}

/// Counts and hashes all of a file.
pub(super) fn hash_all(
    at: &dyn ReadAt,
    expected: &Expected,
    limits: &Limits,
    meter: &dyn Meter,
) -> Result<Stored, HashStop> {
    let mut hashes = Hashes::new(expected, true);
    let mut buffer = vec![0; RAW_CHUNK_BYTES];
    let mut position = 0u64;
    loop {
        let read = at.read_at(&mut buffer, position).map_err(HashStop::Io)?;
        if read == 0 {
            return Ok(hashes.finish(position));
        }
        hashes.update(&buffer[..read]);
        position += read as u64;
        if position > limits.layer_bytes {
            return Err(HashStop::Stop(Stop::Limit(format!(
                "the layer has more than {} bytes",
                limits.layer_bytes
            ))));
        }
        meter.advance(read as u64, read as u64).map_err(HashStop::Stop)?;
    }
}

/// Fills the buffer as far as there are bytes.
pub(super) fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => (),
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
