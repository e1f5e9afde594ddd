//! A layer's way from stored bytes to entries: reading and hashing, inflating, and walking run
//! on threads of their own with short queues between them, so that memory stays small and the
//! slowest stage alone decides the time.
//!
//! Verifies what it is told to verify; believes no media type.

use std::io::{self, BufRead, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use plimsoll_core::{Algorithm, Digest, Limits, Problem, ProblemKind};
use sha2::{Digest as _, Sha256, Sha512};

use crate::compression::{Compression, Inflater};
use crate::index::{HashKey, LayerIndex};
use crate::walk::{Ending, FileSink, LayerBytes, SourceStopped, Stop, walk};

/// Stored bytes that can be read at any place, by several readers at a time.
pub trait ReadAt: Send + Sync {
    /// How many bytes there are.
    fn size_bytes(&self) -> u64;

    /// Reads at `offset_bytes`; 0 at the end.
    fn read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize>;
}

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

const STORED_CHUNK_BYTES: usize = 128 << 10;
const RAW_CHUNK_BYTES: usize = 256 << 10;
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
        LayerBlob::At(at) => Box::new(Positioned { at: Arc::clone(at), position: 0 }),
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

enum HashStop {
    Stop(Stop),
    Io(io::Error),
}

fn hash_all(
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

/// The stored bytes, counted and hashed.
struct Stored {
    size_bytes: u64,
    /// Of the expected digest's algorithm, if one is expected.
    digest: Option<Digest>,
    /// If it was asked for or needed anyway.
    sha256: Option<[u8; 32]>,
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
fn store(
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

/// What comes out of the inflating stage.
enum Raw {
    Chunk(Vec<u8>),
    Damage(String),
    Trailing(&'static str),
    Stop(Stop),
}

fn inflate(
    inflater: &mut Inflater,
    stored: &Receiver<Vec<u8>>,
    stored_back: &SyncSender<Vec<u8>>,
    to_walk: &SyncSender<Raw>,
    spare: &Receiver<Vec<u8>>,
    limits: &Limits,
    meter: &dyn Meter,
) {
    let mut total = 0u64;
    let mut output = Vec::new();
    let mut filled = 0;
    let mut damaged = false;
    for chunk in stored {
        let mut input = &chunk[..];
        let mut counted = chunk.len() as u64;
        while !input.is_empty() && !damaged {
            if output.is_empty() {
                output = spare.try_recv().unwrap_or_default();
                output.resize(RAW_CHUNK_BYTES, 0);
                filled = 0;
            }
            let step = match inflater.step(input, &mut output[filled..]) {
                Ok(step) => step,
                Err(what) => {
                    damaged = true;
                    flush(&mut output, filled, to_walk);
                    let _ = to_walk.send(Raw::Damage(what));
                    break;
                }
            };
            if step.trailing {
                damaged = true;
                flush(&mut output, filled, to_walk);
                let _ = to_walk
                    .send(Raw::Trailing("something that is no part of it follows the compressed stream"));
                break;
            }
            input = &input[step.consumed..];
            filled += step.produced;
            total += step.produced as u64;
            let went_on = meter.advance(std::mem::take(&mut counted), step.produced as u64).and_then(|()| {
                if total > limits.layer_bytes {
                    return Err(Stop::Limit(format!(
                        "the layer has more than {} bytes uncompressed",
                        limits.layer_bytes
                    )));
                }
                Ok(())
            });
            if let Err(stop) = went_on {
                let _ = to_walk.send(Raw::Stop(stop));
                return;
            }
            if filled == output.len() && to_walk.send(Raw::Chunk(std::mem::take(&mut output))).is_err() {
                return;
            }
        }
        let _ = stored_back.try_send(chunk);
    }
    flush(&mut output, filled, to_walk);
    if !damaged && !inflater.may_end() {
        let _ = to_walk.send(Raw::Damage("the compressed stream is cut off before its end".to_owned()));
    }
}

fn flush(output: &mut Vec<u8>, filled: usize, to_walk: &SyncSender<Raw>) {
    if !output.is_empty() {
        output.truncate(filled);
        let _ = to_walk.send(Raw::Chunk(std::mem::take(output)));
    }
}

/// The stage in place of inflating where there is nothing to inflate.
fn pass_through(
    stored: &Receiver<Vec<u8>>,
    stored_back: &SyncSender<Vec<u8>>,
    to_walk: &SyncSender<Raw>,
    spare: &Receiver<Vec<u8>>,
    limits: &Limits,
    meter: &dyn Meter,
) {
    let mut total = 0;
    for chunk in stored {
        let length = chunk.len() as u64;
        total += length;
        if let Err(stop) = meter.advance(length, length) {
            let _ = to_walk.send(Raw::Stop(stop));
            return;
        }
        if total > limits.layer_bytes {
            let what = format!("the layer has more than {} bytes", limits.layer_bytes);
            let _ = to_walk.send(Raw::Stop(Stop::Limit(what)));
            return;
        }
        if to_walk.send(Raw::Chunk(chunk)).is_err() {
            return;
        }
        if let Ok(used) = spare.try_recv() {
            let _ = stored_back.try_send(used);
        }
    }
}

/// The raw bytes as they come out of the queue; hashed as they come.
struct Chunks {
    queue: Receiver<Raw>,
    back: SyncSender<Vec<u8>>,
    current: Vec<u8>,
    at: usize,
    sha256: Option<Sha256>,
    outcome: Outcome,
    ended: bool,
}

#[derive(Default)]
struct Outcome {
    size_bytes: u64,
    sha256: Option<[u8; 32]>,
    damage: Option<String>,
    trailing: Option<&'static str>,
    stop: Option<Stop>,
}

impl Chunks {
    fn new(queue: Receiver<Raw>, back: SyncSender<Vec<u8>>, hash: bool) -> Chunks {
        Chunks {
            queue,
            back,
            current: Vec::new(),
            at: 0,
            sha256: hash.then(Sha256::new),
            outcome: Outcome::default(),
            ended: false,
        }
    }

    /// Makes the next chunk the current one; false at the end.
    fn next_chunk(&mut self) -> bool {
        while !self.ended {
            match self.queue.recv() {
                Ok(Raw::Chunk(chunk)) => {
                    if chunk.is_empty() {
                        continue;
                    }
                    if let Some(hasher) = &mut self.sha256 {
                        hasher.update(&chunk);
                    }
                    self.outcome.size_bytes += chunk.len() as u64;
                    let used = std::mem::replace(&mut self.current, chunk);
                    let _ = self.back.try_send(used);
                    self.at = 0;
                    return true;
                }
                Ok(Raw::Damage(what)) => self.outcome.damage = Some(what),
                Ok(Raw::Trailing(what)) => self.outcome.trailing = Some(what),
                Ok(Raw::Stop(stop)) => {
                    self.outcome.stop = Some(stop);
                    self.ended = true;
                }
                Err(_) => self.ended = true,
            }
        }
        false
    }

    fn drain(&mut self) -> io::Result<()> {
        while self.next_chunk() {}
        Ok(())
    }

    fn into_outcome(mut self) -> Outcome {
        self.outcome.sha256 = self.sha256.take().map(|hasher| hasher.finalize().into());
        self.outcome
    }
}

impl Read for Chunks {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, buffer)
    }
}

impl BufRead for Chunks {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.current.len() && !self.next_chunk() {
            self.current.clear();
            self.at = 0;
            if self.outcome.stop.is_some() {
                return Err(io::Error::other(SourceStopped));
            }
        }
        Ok(&self.current[self.at..])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.current.len());
    }
}

impl LayerBytes for Chunks {
    fn skip(&mut self, wanted: u64) -> io::Result<u64> {
        let mut count = wanted;
        while count > 0 {
            let here = self.fill_buf()?.len();
            if here == 0 {
                break;
            }
            let take = usize::try_from(count).unwrap_or(usize::MAX).min(here);
            self.consume(take);
            count -= take as u64;
        }
        Ok(wanted - count)
    }
}

/// Stored bytes read by seeking.
struct Seeking {
    at: Arc<dyn ReadAt>,
    position: u64,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
}

impl Seeking {
    /// Headers of small files often lie next to one another; 16 KiB take many in one read.
    const BUFFER_BYTES: usize = 16 << 10;

    fn new(at: Arc<dyn ReadAt>) -> Seeking {
        Seeking { at, position: 0, buffer: vec![0; Seeking::BUFFER_BYTES], start: 0, end: 0 }
    }
}

impl Read for Seeking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read_buffered(self, buffer)
    }
}

impl BufRead for Seeking {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start >= self.end {
            let read = self.at.read_at(&mut self.buffer, self.position)?;
            self.position += read as u64;
            (self.start, self.end) = (0, read);
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }
}

impl LayerBytes for Seeking {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let buffered = (self.end - self.start) as u64;
        if count <= buffered {
            self.start += usize::try_from(count).unwrap_or(usize::MAX);
            return Ok(count);
        }
        let ahead = (count - buffered).min(self.at.size_bytes().saturating_sub(self.position));
        self.position += ahead;
        (self.start, self.end) = (0, 0);
        Ok(buffered + ahead)
    }
}

/// Reads a [`ReadAt`] from the front.
struct Positioned {
    at: Arc<dyn ReadAt>,
    position: u64,
}

/// Reads by way of the reader's own buffer.
fn read_buffered(reader: &mut impl BufRead, buffer: &mut [u8]) -> io::Result<usize> {
    let chunk = reader.fill_buf()?;
    let take = chunk.len().min(buffer.len());
    buffer[..take].copy_from_slice(&chunk[..take]);
    reader.consume(take);
    Ok(take)
}

impl Read for Positioned {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.at.read_at(buffer, self.position)?;
        self.position += read as u64;
        Ok(read)
    }
}

/// The first bytes, enough to tell a compression by.
fn peek(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let mut head = vec![0; 8];
    let read = read_full(reader, &mut head)?;
    head.truncate(read);
    Ok(head)
}

fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
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
