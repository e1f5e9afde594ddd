//! A layer that is analysed while it arrives.
//!
//! Whoever takes it in appends to a file; a thread of its own reads behind it, as far as there is
//! something, and keeps the facts when the file is whole and its digest confirmed. So the one who
//! takes it in waits for nothing, nothing is held in memory, and a slow analysis falls behind
//! without losing anything. Whatever goes wrong here is forgotten: the layer is read again when an
//! image needs it. No error of an upload ever comes from here.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use plimsoll_core::{Digest, Limits};
use plimsoll_image::pipeline::{Expected, LayerBlob, LayerRead, Meter, read_layer};
use plimsoll_image::walk::Stop;

use crate::cache::FactCache;
use crate::extract::LayerSink;
use crate::facts::LayerFacts;
use crate::flights::Flight;
use crate::layers::new_key;
use crate::owned::Owned;
use crate::scan::WANTED;

/// How often a reader that has caught up looks whether there is more. Short against what a client
/// takes for a megabyte, long against what looking costs.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// A client that sends nothing for so long holds no thread any more.
const IDLE_MAX: Duration = Duration::from_secs(30);

/// Enough to tell a layer by: the magic of a tar archive ends at 262.
const HEAD_BYTES: usize = 512;

/// A layer on its way in. Dropped, its analysis is given up.
#[derive(Debug)]
pub struct Arriving(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
enum State {
    /// More may come.
    #[default]
    Growing,
    /// All is there, and this is its digest.
    Whole { digest: Digest, size_bytes: u64, _flight: Option<Flight> },
    /// Nobody wants it any more, or nobody reads it.
    Over,
}

impl Arriving {
    /// Begins to read a file to which somebody else appends. `done` is called when the thread ends,
    /// whatever came of it.
    ///
    /// # Errors
    /// Where there is no thread to be had.
    pub fn begin(
        file: File,
        cache: FactCache,
        limits: Limits,
        done: impl FnOnce() + Send + 'static,
    ) -> io::Result<Arriving> {
        let shared = Arc::new(Shared::default());
        let analysis = Analysis { shared: Arc::clone(&shared), cache, limits };
        let name = "layer-arriving".to_owned();
        std::thread::Builder::new().name(name).spawn(move || {
            // Also after a panic, which the scan of the image will meet again and report.
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| analysis.run(file)));
            analysis.shared.set(State::Over);
            done();
        })?;
        Ok(Arriving(shared))
    }

    /// Says that the file is whole and has this digest. From now on whoever wants the layer's facts
    /// waits for this analysis, if it goes on.
    pub fn whole(&self, cache: &FactCache, digest: Digest, size_bytes: u64) {
        let mut state = self.0.lock();
        if matches!(*state, State::Growing) {
            *state = State::Whole { digest, size_bytes, _flight: cache.take_flight(&digest) };
            self.0.changed.notify_all();
        }
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        if matches!(*state, State::Growing) {
            *state = State::Over;
            self.0.changed.notify_all();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, state: State) {
        // What was there is dropped after the lock: a flight takes another one.
        let _before = std::mem::replace(&mut *self.lock(), state);
    }
}

struct Analysis {
    shared: Arc<Shared>,
    cache: FactCache,
    limits: Limits,
}

impl Analysis {
    /// Reads the layer, and keeps what was learned if all of it was read and all is well.
    fn run(&self, file: File) -> Option<()> {
        let mut reader = Growing { shared: Arc::clone(&self.shared), file, position: 0 };
        let mut head = Vec::with_capacity(HEAD_BYTES);
        (&mut reader).take(HEAD_BYTES as u64).read_to_end(&mut head).ok()?;
        if !looks_like_a_layer(&head) {
            return None;
        }
        let mut sink = LayerSink::new(&WANTED, &self.limits);
        let meter = LayerMeter { limits: &self.limits, started: Instant::now(), spent: Default::default() };
        let blob = LayerBlob::Stream(Box::new(Cursor::new(head).chain(reader)));
        // What it should be nobody has said yet; whoever takes it in computes the digest anyway.
        let read = read_layer(blob, &Expected::default(), new_key(), &self.limits, &meter, &mut sink).ok()?;
        let (diff_id, facts) = whole_facts(read, sink)?;
        let digest = match &*self.shared.lock() {
            State::Whole { digest, .. } => *digest,
            State::Growing | State::Over => return None,
        };
        self.cache.save(&diff_id, &facts);
        self.cache.remember(&digest.to_string(), &diff_id);
        Some(())
    }
}

/// The facts, if nothing is missing from them.
fn whole_facts(read: LayerRead, sink: LayerSink<'_>) -> Option<(Digest, LayerFacts)> {
    let (mut sections, problems) = sink.finish();
    let diff_id = read.diff_id.filter(|_| read.stopped.is_none())?;
    if problems.iter().any(|problem| problem.hides_findings) {
        return None;
    }
    let owned = Some(Owned::take_from(&mut sections, &read.index.key));
    Some((diff_id, LayerFacts { index: read.index, problems, sections, owned }))
}

/// Whether these are the first bytes of a compressed or an uncompressed archive. Configurations and
/// other documents come the same way.
fn looks_like_a_layer(head: &[u8]) -> bool {
    head.starts_with(&[0x1f, 0x8b])
        || head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        || head.get(257..262) == Some(b"ustar")
}

/// Reads behind somebody who appends.
struct Growing {
    shared: Arc<Shared>,
    file: File,
    position: u64,
}

impl Read for Growing {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let since = Instant::now();
        loop {
            // Before reading: what is whole has no more behind its end.
            let size = match &*self.shared.lock() {
                State::Growing => None,
                State::Whole { size_bytes, .. } => Some(*size_bytes),
                State::Over => return Err(io::Error::other("nobody wants the layer any more")),
            };
            let read = self.file.read_at(buffer, self.position)?;
            self.position += read as u64;
            match size {
                _ if read > 0 => return Ok(read),
                Some(size) if size == self.position => return Ok(0),
                Some(_) => return Err(io::ErrorKind::UnexpectedEof.into()),
                None if since.elapsed() > IDLE_MAX => return Err(io::ErrorKind::TimedOut.into()),
                None => drop(self.shared.changed.wait_timeout(self.shared.lock(), LOOK_EVERY)),
            }
        }
    }
}

/// Holds one layer against the limits of an image: what is too much for an image is for a layer.
struct LayerMeter<'a> {
    limits: &'a Limits,
    started: Instant,
    spent: [AtomicU64; 2],
}

impl Meter for LayerMeter<'_> {
    fn advance(&self, stored_bytes: u64, inflated_bytes: u64) -> Result<(), Stop> {
        let add = |at: usize, bytes: u64| self.spent[at].fetch_add(bytes, Ordering::Relaxed) + bytes;
        let (stored, inflated) = (add(0, stored_bytes), add(1, inflated_bytes));
        let limits = self.limits;
        let bomb = inflated > limits.ratio_from_bytes && inflated / limits.ratio > stored;
        if bomb || inflated > limits.image_bytes || self.started.elapsed().as_secs() >= limits.seconds {
            // The scan of the image says it in words.
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::mpsc::channel;

    use plimsoll_testkit::{Image, digest_of};

    use super::*;

    /// What becomes of bytes that arrive in pieces: the digest that the cache remembers for them.
    fn arrived(pieces: &[&[u8]], confirm: bool) -> Option<Digest> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("upload");
        let mut file = File::create_new(&path).unwrap();
        let cache = FactCache::in_directory(folder.path().join("cache"));
        let (done, ended) = channel();
        let read = File::open(&path).unwrap();
        let done = move || done.send(()).unwrap();
        let arriving = Arriving::begin(read, cache.clone(), Limits::standard(), done).unwrap();
        for piece in pieces {
            file.write_all(piece).unwrap();
            std::thread::sleep(2 * LOOK_EVERY);
        }
        let bytes = pieces.concat();
        let digest = digest_of(&bytes);
        if confirm {
            arriving.whole(&cache, digest, bytes.len() as u64);
        } else {
            drop(arriving);
        }
        ended.recv_timeout(Duration::from_secs(20)).unwrap();
        assert!(cache.take_flight(&digest).is_some(), "the flight has landed");
        cache.layer_of(&digest.to_string())
    }

    fn layer() -> (Vec<u8>, Digest) {
        let image = Image::from_text("//- layer FROM x\n//- /app/requirements.txt\nflask==1.0\n");
        let tar = &image.layers[0].tar;
        (tar.bytes.clone(), digest_of(&tar.bytes))
    }

    #[test]
    fn facts_stand_when_the_last_byte_is_there() {
        let (tar, diff_id) = layer();
        let (first, rest) = tar.split_at(700);
        assert_eq!(arrived(&[first, rest], true), Some(diff_id));
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar).unwrap();
        let gzip = gzip.finish().unwrap();
        let pieces: Vec<&[u8]> = gzip.chunks(100).collect();
        assert_eq!(arrived(&pieces, true), Some(diff_id));
    }

    #[test]
    fn nothing_is_kept_of_what_is_not_confirmed_not_whole_or_no_layer() {
        let (tar, _) = layer();
        assert_eq!(arrived(&[&tar], false), None);
        assert_eq!(arrived(&[&tar[..900]], true), None);
        assert_eq!(arrived(&[b"{\"architecture\":\"amd64\"}"], true), None);
        assert_eq!(arrived(&[], true), None);
    }
}
