//! Gets the facts of every layer of an image: from the cache, or by reading the layer, several
//! at a time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use plimsoll_core::{Digest, ImagePath, Limits, Problem, ProblemKind};
use plimsoll_image::index::{HashKey, LayerIndex};
use plimsoll_image::pipeline::{Expected, LayerBlob, LayerError, Meter, ReadAt, read_layer};
use plimsoll_image::walk::Stop;
use plimsoll_image::{Matcher, walk::FileSink};
use plimsoll_registry::{Blob, SourceLayer};
use sha2::{Digest as _, Sha256};

use crate::ScanError;
use crate::cache::FactCache;
use crate::extract::{ContentSink, LayerSink, Wanted};
use crate::facts::LayerFacts;
use crate::flights::Flight;
use crate::kept::Identity;
use crate::owned::Owned;
use crate::progress::{Listener, Progress};

/// A layer with what is known of it.
#[derive(Clone, Debug)]
pub struct KnownLayer {
    /// The digest that we computed where `verified`; otherwise the one claimed.
    pub diff_id: Digest,
    /// Whether the layer was hashed.
    pub verified: bool,
    /// What is in it.
    pub facts: LayerFacts,
    /// What could not be read of it.
    pub problems: Vec<Problem>,
    /// Under which key its facts lie in the cache; `None` where they may not be kept.
    pub kept_under: Option<Digest>,
}

impl KnownLayer {
    /// Which files belong to which package; `None` where the cache has lost it meanwhile.
    pub fn owned(&self, cache: &FactCache) -> Option<Owned> {
        let kept = || cache.load_owned(self.kept_under.as_ref()?);
        self.facts.owned.clone().or_else(kept)
    }

    /// Which layer it is, if its facts may be kept. `source` is what it was read from.
    pub fn identity(&self, source: &SourceLayer) -> Option<Identity> {
        Some(Identity {
            kept_under: self.kept_under?,
            diff_id: self.diff_id,
            verified: self.verified,
            size_bytes: source.size_bytes,
        })
    }
}

/// What reading layers needs to know; one for an image, so that its limits are the image's.
pub struct LayerReader<'a> {
    /// Whom to ask first.
    pub cache: &'a FactCache,
    /// The extractors.
    pub wanted: &'a Wanted,
    /// The limits.
    pub limits: &'a Limits,
    /// Who listens.
    pub listener: Listener<'a>,
    /// Set by somebody who no longer wants the result.
    pub cancelled: &'a AtomicBool,
    /// When the scan began.
    pub started: Instant,
    /// Whether layers are hashed also where nothing but a claim says what they should be.
    pub verify_layers: bool,
    /// The present version of each extractor.
    versions: HashMap<&'static str, u32>,
    first_pass: Spent,
    /// Layers that are read a second time count for themselves: what the cache knew of the first
    /// pass must make no difference.
    second_pass: Spent,
}

/// What was read so far, in bytes.
#[derive(Default)]
struct Spent {
    stored: AtomicU64,
    inflated: AtomicU64,
}

/// Holds what is read in one pass against the limits of the image.
struct PassMeter<'a> {
    reader: &'a LayerReader<'a>,
    spent: &'a Spent,
}

impl<'a> LayerReader<'a> {
    /// A reader for one image.
    pub fn new(
        cache: &'a FactCache,
        wanted: &'a Wanted,
        limits: &'a Limits,
        listener: Listener<'a>,
        cancelled: &'a AtomicBool,
        started: Instant,
        verify_layers: bool,
    ) -> LayerReader<'a> {
        LayerReader {
            cache,
            wanted,
            limits,
            listener,
            cancelled,
            started,
            verify_layers,
            versions: wanted.extractors().iter().map(|it| (it.id(), it.version())).collect(),
            first_pass: Spent::default(),
            second_pass: Spent::default(),
        }
    }

    /// The facts of all layers, in their order. The same layer is read once, however often the
    /// image has it.
    pub fn read_all(&self, layers: &[SourceLayer]) -> Result<Vec<Arc<KnownLayer>>, ScanError> {
        let mut first_of: HashMap<(Digest, String), usize> = HashMap::new();
        let representative: Vec<usize> = layers
            .iter()
            .enumerate()
            .map(|(at, layer)| match blob_of(layer) {
                Some(blob) => *first_of.entry((layer.diff_id, blob)).or_insert(at),
                None => at,
            })
            .collect();
        let mut known: Vec<Option<Arc<KnownLayer>>> = Vec::with_capacity(layers.len());
        for (at, layer) in layers.iter().enumerate() {
            known.push(if representative[at] == at { self.recall(layer).map(Arc::new) } else { None });
        }
        let mut to_read: Vec<usize> =
            (0..layers.len()).filter(|at| representative[*at] == *at && known[*at].is_none()).collect();
        self.announce(layers, &known, &to_read);
        // The largest first, so that no long one is left for the end; the sizes of different
        // layers differ far more than anything else does.
        to_read.sort_by_key(|at| std::cmp::Reverse(layers[*at].size_bytes.unwrap_or(0)));
        for (at, facts) in self.read_missing(layers, &to_read)? {
            known[at] = Some(Arc::new(facts));
        }
        if !to_read.is_empty() {
            self.cache.keep_bounded();
        }
        let mut all: Vec<Arc<KnownLayer>> = representative
            .into_iter()
            .map(|at| Arc::clone(known[at].as_ref().expect("every representative was recalled or read")))
            .collect();
        self.weigh(layers, &mut all);
        Ok(all)
    }

    /// Holds all layers together against the limits of the image: one that was read once may
    /// stand in it many times, and is unpacked as often by those who run it.
    fn weigh(&self, layers: &[SourceLayer], known: &mut [Arc<KnownLayer>]) {
        let inflated: u64 =
            known.iter().map(|layer| layer.facts.index.size_bytes).fold(0, u64::saturating_add);
        let stored: u64 = layers.iter().filter_map(|layer| layer.size_bytes).fold(0, u64::saturating_add);
        let bomb = inflated > self.limits.ratio_from_bytes && inflated / self.limits.ratio > stored;
        if (bomb || inflated > self.limits.image_bytes)
            && let Some(last) = known.last_mut()
        {
            let what = format!(
                "all layers together inflate to {inflated} bytes, more than an image of {stored} bytes should"
            );
            Arc::make_mut(last).problems.push(Problem::new(ProblemKind::Limit, what));
        }
    }

    fn announce(&self, layers: &[SourceLayer], known: &[Option<Arc<KnownLayer>>], to_read: &[usize]) {
        let to_read_bytes = to_read.iter().filter_map(|at| layers[*at].size_bytes).sum();
        (self.listener)(Progress::Image { platform: None, layers: layers.len(), to_read_bytes });
        for _ in known.iter().flatten() {
            (self.listener)(Progress::Layer { known: true });
        }
    }

    fn read_missing(
        &self,
        layers: &[SourceLayer],
        to_read: &[usize],
    ) -> Result<Vec<(usize, KnownLayer)>, ScanError> {
        let next = AtomicUsize::new(0);
        let done = Mutex::new(Vec::new());
        let failed = AtomicBool::new(false);
        let workers = std::thread::available_parallelism().map_or(2, usize::from).min(to_read.len());
        let work = || {
            while !failed.load(Ordering::Relaxed) {
                let Some(at) = to_read.get(next.fetch_add(1, Ordering::Relaxed)) else {
                    return;
                };
                let outcome = self.read_one(&layers[*at]);
                failed.fetch_or(outcome.is_err(), Ordering::Relaxed);
                done.lock().unwrap_or_else(PoisonError::into_inner).push((*at, outcome));
                (self.listener)(Progress::Layer { known: false });
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..workers {
                // Where no more threads can be had, this one does the work.
                if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                    break;
                }
            }
            work();
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        done.into_iter().map(|(at, outcome)| Ok((at, outcome?))).collect()
    }

    /// Which layers these are, if the cache may have the facts of all of them.
    pub fn identify_all(&self, layers: &[SourceLayer]) -> Option<Vec<Identity>> {
        layers.iter().map(|layer| self.identify(layer)).collect()
    }

    /// Which layer it is, and where its facts would lie.
    fn identify(&self, layer: &SourceLayer) -> Option<Identity> {
        let size_bytes = layer.size_bytes;
        let blob = match layer.digest {
            Some(digest) if !self.goes_by_place(layer) => digest.to_string(),
            _ => place_of(layer)?,
        };
        if let Some(diff_id) = self.cache.layer_of(&blob).filter(|it| *it == layer.diff_id) {
            return Some(Identity { kept_under: diff_id, diff_id, verified: true, size_bytes });
        }
        if layer.digest.is_some() || self.verify_layers {
            return None;
        }
        let (kept_under, diff_id) = (key_of(&blob), layer.diff_id);
        Some(Identity { kept_under, diff_id, verified: false, size_bytes })
    }

    /// Tells the listener that all of so many layers are known.
    pub fn announce_known(&self, layers: usize) {
        (self.listener)(Progress::Image { platform: None, layers, to_read_bytes: 0 });
        for _ in 0..layers {
            (self.listener)(Progress::Layer { known: true });
        }
    }

    /// The facts of a layer from the cache, if all extractors have seen it in their present
    /// version.
    fn recall(&self, layer: &SourceLayer) -> Option<KnownLayer> {
        let Identity { kept_under, diff_id, verified, .. } = self.identify(layer)?;
        let wanted = |id: &str, version: u32| self.versions.get(id) == Some(&version);
        let mut facts = self.cache.load(&kept_under, &wanted)?;
        // Only sections of known extractors in their present version were read.
        let seen: HashSet<&str> = facts.sections.iter().map(|it| it.extractor.as_str()).collect();
        if seen.len() != self.versions.len() {
            return None;
        }
        let problems = std::mem::take(&mut facts.problems);
        let problems = problems.into_iter().map(|problem| problem.in_layer(diff_id)).collect();
        Some(KnownLayer { diff_id, verified, facts, problems, kept_under: Some(kept_under) })
    }

    fn read_one(&self, layer: &SourceLayer) -> Result<KnownLayer, ScanError> {
        let name = layer.digest.unwrap_or(layer.diff_id);
        if !layer.is_readable() {
            // The image's own problems say why.
            return Ok(self.unread(layer));
        }
        let _flight = match self.alone(layer)? {
            Alone::Known(known) => return Ok(*known),
            Alone::Reading(flight) => flight,
        };
        // Taken before the file is opened, and again when it was read: what was learned belongs to
        // the file only if it was the same all the while.
        let place = if self.goes_by_place(layer) { place_of(layer) } else { None };
        let mut sink = LayerSink::new(self.wanted, self.limits);
        let read = self.stream(layer, &self.first_pass, &mut sink).map_err(|error| error.of_layer(name))?;
        let (mut sections, mut problems) = sink.finish();
        match &read.stopped {
            Some(Stop::Cancelled) => return Err(ScanError::Cancelled),
            Some(Stop::Limit(what)) => {
                let what =
                    format!("{what}; the layer was read up to there, and its digest could not be verified");
                problems.push(Problem::new(ProblemKind::Limit, what));
            }
            None => (),
        }
        let owned = Some(Owned::take_from(&mut sections, &read.index.key));
        let facts = LayerFacts { index: read.index, problems: Vec::new(), sections, owned };
        let diff_id = read.diff_id.unwrap_or(layer.diff_id);
        let whole = read.stopped.is_none() && problems.iter().all(|problem| !problem.hides_findings);
        let keep = || {
            self.keep(layer, place, read.diff_id, &LayerFacts { problems: problems.clone(), ..facts.clone() })
        };
        let kept_under = if whole { keep() } else { None };
        let problems = problems.into_iter().map(|problem| problem.in_layer(diff_id)).collect();
        Ok(KnownLayer { diff_id, verified: read.diff_id.is_some(), facts, problems, kept_under })
    }

    /// Waits while somebody else reads the same blob, whose facts will do.
    fn alone(&self, layer: &SourceLayer) -> Result<Alone, ScanError> {
        let Some(blob) = &layer.digest else {
            return Ok(Alone::Reading(Flight::alone()));
        };
        loop {
            if let Some(flight) = self.cache.take_flight(blob) {
                return Ok(Alone::Reading(flight));
            }
            if self.cancelled.load(Ordering::Relaxed) {
                return Err(ScanError::Cancelled);
            }
            if self.cache.wait_for_flight(blob, FLIGHT_WAIT)
                && let Some(known) = self.recall(layer)
            {
                return Ok(Alone::Known(Box::new(known)));
            }
        }
    }

    /// Keeps what was learned of a whole layer: under the digest that was computed, or, where
    /// none was, under the file's own identity and never under a claim. Returns the key.
    fn keep(
        &self,
        layer: &SourceLayer,
        place: Option<String>,
        computed: Option<Digest>,
        facts: &LayerFacts,
    ) -> Option<Digest> {
        let place = place.filter(|place| place_of(layer).as_ref() == Some(place));
        match (computed, place) {
            (Some(diff_id), place) => {
                self.cache.save(&diff_id, facts);
                for blob in layer.digest.map(|it| it.to_string()).iter().chain(&place) {
                    self.cache.remember(blob, &diff_id);
                }
                Some(diff_id)
            }
            (None, Some(place)) if self.may_go_unhashed(layer) => {
                let key = key_of(&place);
                self.cache.save(&key, facts);
                Some(key)
            }
            (None, _) => None,
        }
    }

    /// Whether only the file itself tells which layer it is. A name is a claim, also where it is a
    /// digest: who asks for layers to be verified wants the bytes looked at that are there.
    fn goes_by_place(&self, layer: &SourceLayer) -> bool {
        layer.digest.is_none() || (self.verify_layers && layer.is_local())
    }

    /// Nothing outside a Docker archive says what its layers should be: the same hand that changes
    /// one may change the claim.
    fn may_go_unhashed(&self, layer: &SourceLayer) -> bool {
        layer.digest.is_none() && !self.verify_layers
    }

    fn unread(&self, layer: &SourceLayer) -> KnownLayer {
        let index = LayerIndex::empty(new_key());
        let facts = LayerFacts { index, problems: Vec::new(), sections: Vec::new(), owned: None };
        KnownLayer { diff_id: layer.diff_id, verified: false, facts, problems: Vec::new(), kept_under: None }
    }

    fn stream(
        &self,
        layer: &SourceLayer,
        spent: &Spent,
        sink: &mut dyn FileSink,
    ) -> Result<plimsoll_image::LayerRead, LayerFailure> {
        let blob = match layer.open().map_err(LayerFailure::Open)? {
            Blob::Stream(stream) => LayerBlob::Stream(stream),
            Blob::File { file, offset, length_bytes } => {
                LayerBlob::At(Arc::new(FilePart { file, offset, length_bytes }))
            }
        };
        let expected = Expected {
            digest: layer.digest,
            size_bytes: layer.size_bytes,
            diff_id: Some(layer.diff_id),
            unhashed: self.may_go_unhashed(layer),
        };
        let meter = PassMeter { reader: self, spent };
        read_layer(blob, &expected, new_key(), self.limits, &meter, sink).map_err(LayerFailure::Read)
    }

    /// Whether there is time left, and somebody who still wants the result.
    pub fn in_time(&self) -> Result<(), Stop> {
        in_time(self.started, self.cancelled, self.limits)
    }

    /// Reads a layer again, for files of which nobody knew that they would be wanted.
    pub fn read_files(
        &self,
        layer: &SourceLayer,
        wanted: &Matcher,
    ) -> Result<(Contents, Vec<Problem>), ScanError> {
        let mut sink = ContentSink::new(wanted);
        let name = layer.digest.unwrap_or(layer.diff_id);
        let read = self.stream(layer, &self.second_pass, &mut sink).map_err(|error| error.of_layer(name))?;
        match read.stopped {
            Some(Stop::Cancelled) => Err(ScanError::Cancelled),
            Some(Stop::Limit(what)) => {
                sink.problems.push(Problem::new(ProblemKind::Limit, what));
                Ok((sink.files, sink.problems))
            }
            None => Ok((sink.files, sink.problems)),
        }
    }
}

/// The content of files, by their names in a layer.
pub type Contents = BTreeMap<ImagePath, Vec<u8>>;

/// How often somebody who waits for another's reading looks whether the scan was stopped.
const FLIGHT_WAIT: Duration = Duration::from_millis(50);

enum Alone {
    /// Somebody else has read it meanwhile.
    Known(Box<KnownLayer>),
    /// Nobody else reads it until this is dropped.
    Reading(Flight),
}

enum LayerFailure {
    Open(plimsoll_registry::Error),
    Read(LayerError),
}

impl LayerFailure {
    fn of_layer(self, layer: Digest) -> ScanError {
        match self {
            LayerFailure::Open(source) => ScanError::Source(source),
            LayerFailure::Read(source) => ScanError::Layer { layer, source },
        }
    }
}

impl Meter for PassMeter<'_> {
    fn advance(&self, stored_bytes: u64, inflated_bytes: u64) -> Result<(), Stop> {
        let LayerReader { limits, listener, .. } = self.reader;
        self.reader.in_time()?;
        if stored_bytes > 0 {
            listener(Progress::Read(stored_bytes));
        }
        let stored = self.spent.stored.fetch_add(stored_bytes, Ordering::Relaxed) + stored_bytes;
        let inflated = self.spent.inflated.fetch_add(inflated_bytes, Ordering::Relaxed) + inflated_bytes;
        if inflated > limits.image_bytes {
            return Err(Stop::Limit(format!(
                "the image's layers have more than {} bytes",
                limits.image_bytes
            )));
        }
        if inflated > limits.ratio_from_bytes && inflated / limits.ratio > stored {
            return Err(Stop::Limit(format!(
                "the layers inflate to more than {} times their size, as only a decompression bomb does",
                limits.ratio
            )));
        }
        Ok(())
    }
}

/// Whether there is time left, and somebody who still wants the result.
pub fn in_time(started: Instant, cancelled: &AtomicBool, limits: &Limits) -> Result<(), Stop> {
    if cancelled.load(Ordering::Relaxed) {
        return Err(Stop::Cancelled);
    }
    if started.elapsed().as_secs() >= limits.seconds {
        return Err(Stop::Limit(format!("the scan took longer than {} seconds", limits.seconds)));
    }
    Ok(())
}

/// What tells a layer's stored bytes from those of another of the same image; a claim does not.
fn blob_of(layer: &SourceLayer) -> Option<String> {
    if let Some(digest) = layer.digest {
        return Some(digest.to_string());
    }
    let Blob::File { file, offset, length_bytes } = layer.open().ok()? else {
        return None;
    };
    let it = file.metadata().ok()?;
    Some(format!("{}-{}-{offset}-{length_bytes}", it.dev(), it.ino()))
}

/// The name under which the cache remembers a part of a local file: any change of the file's
/// content changes its times, which nobody but the system can set back.
fn place_of(layer: &SourceLayer) -> Option<String> {
    let Blob::File { file, offset, length_bytes } = layer.open().ok()? else {
        return None;
    };
    let it = file.metadata().ok()?;
    // A file changed within the clock's grain could look the same; such a young one is not remembered.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).ok()?;
    let changed = u64::try_from(it.mtime().max(it.ctime())).ok()?;
    if it.nlink() == 0 || now.as_secs() < changed.saturating_add(2) {
        return None;
    }
    Some(format!(
        "file-{}-{}-{}-{}-{}-{}-{}-{offset}-{length_bytes}",
        it.dev(),
        it.ino(),
        it.size(),
        it.mtime(),
        it.mtime_nsec(),
        it.ctime(),
        it.ctime_nsec(),
    ))
}

/// The key of facts that belong to a place and not to a digest; no digest of a layer is one.
fn key_of(place: &str) -> Digest {
    Digest::sha256(Sha256::digest(format!("unhashed layer at {place}")).into())
}

/// A secret key for the hashes of one layer's index, from the system's randomness.
pub fn new_key() -> HashKey {
    let word = || std::collections::hash_map::RandomState::new().build_hasher().finish().to_le_bytes();
    let mut key = [0; 16];
    key[..8].copy_from_slice(&word());
    key[8..].copy_from_slice(&word());
    HashKey(key)
}

struct FilePart {
    file: std::fs::File,
    offset: u64,
    length_bytes: u64,
}

impl ReadAt for FilePart {
    fn size_bytes(&self) -> u64 {
        self.length_bytes
    }

    fn read_at(&self, buffer: &mut [u8], offset_bytes: u64) -> io::Result<usize> {
        let left = self.length_bytes.saturating_sub(offset_bytes);
        let wanted = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let read = self.file.read_at(&mut buffer[..wanted], self.offset.saturating_add(offset_bytes))?;
        if read == 0 && wanted > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the file became shorter while it was read",
            ));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use plimsoll_registry::{Options, locate};
    use plimsoll_testkit::{Image, write_docker_archive};

    use super::*;
    use crate::scan::{Scan, ScanOptions, scan};

    fn scanned(file: &Path, limits: Limits, verify_layers: bool) -> Result<Scan, ScanError> {
        let options = ScanOptions {
            source: Options::from_environment(),
            limits,
            cache: FactCache::in_directory(file.with_extension("cache")),
            listener: &|_| (),
            cancelled: &AtomicBool::new(false),
            verify_layers,
        };
        scan("x", &locate(&file.display().to_string()).unwrap(), &options)
    }

    #[test]
    fn who_asks_for_verified_layers_is_not_told_what_their_names_claim() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("image.tar");
        let image = Image::from_text("//- layer FROM x\n//- /app/requirements.txt\nflask==1.0\n");
        write_docker_archive(&file, "x", &image).unwrap();
        scanned(&file, Limits::standard(), true).unwrap();
        let mut bytes = std::fs::read(&file).unwrap();
        let at = bytes.windows(5).position(|it| it == b"flask").unwrap();
        bytes[at] = b'F';
        std::fs::write(&file, bytes).unwrap();
        assert!(matches!(scanned(&file, Limits::standard(), true), Err(ScanError::Layer { .. })));
    }

    #[test]
    fn layers_that_are_read_a_second_time_are_not_counted_twice() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("image.tar");
        let image = Image::from_text(
            "//- layer FROM x\n//- /store/ab12\nflask==1.0\n\
             //- symlink /app/requirements.txt -> /store/ab12\n",
        );
        write_docker_archive(&file, "x", &image).unwrap();
        let image_bytes = image.layers.iter().map(|layer| layer.tar.bytes.len() as u64).sum();
        let limits = Limits { image_bytes, ..Limits::standard() };
        for state in ["cold", "warm"] {
            let inventory = &scanned(&file, limits.clone(), true).unwrap().images[0].inventory;
            assert_eq!((inventory.packages.len(), &inventory.problems[..]), (1, &[][..]), "{state}");
        }
    }
}
