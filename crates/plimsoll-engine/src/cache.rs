//! The cache of layer facts in the user's cache directory.
//!
//! One file a layer, named by the digest that we computed of its uncompressed bytes; tiny files
//! that remember which stored blob has which such digest; and one file an image, with what its
//! layers come to together (see `kept.rs`). Files are written under another
//! name and renamed, so that any number of processes may share the directory. What cannot be
//! read is as if it were not there: the cache can make a scan faster, never different.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use plimsoll_core::{Digest, Inventory};

use crate::facts::{self, LayerFacts};
use crate::flights::{Flight, Flights};
use crate::kept;
use crate::owned::Owned;

/// The cache's directory; or none, where caching is off. Clones know of one another which layers
/// are just being read.
#[derive(Clone, Debug)]
pub struct FactCache {
    directory: Option<PathBuf>,
    flights: Arc<Flights>,
    /// When it was last looked whether it is too large.
    measured: Arc<Mutex<Option<Instant>>>,
}

/// What the cache holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheInfo {
    /// Where it is.
    pub directory: PathBuf,
    /// Layers with facts.
    pub layers: usize,
    /// Blobs whose layer is known.
    pub blobs: usize,
    /// Inventories of images.
    pub inventories: usize,
    /// Bytes on disk.
    pub size_bytes: u64,
}

/// The most bytes that the cache keeps; the least recently used go first.
pub const CACHE_BYTES_MAX: u64 = 2 << 30;

const LAYERS: &str = "layers";
const BLOBS: &str = "blobs";
const INVENTORIES: &str = "inventories";

/// Everything that the cache has.
const FOLDERS: [&str; 3] = [LAYERS, BLOBS, INVENTORIES];

/// How often one process looks how large it is.
const MEASURE_EVERY: Duration = Duration::from_secs(600);

/// A file is marked as used at most this often, so that a warm scan writes nothing.
const TOUCH_EVERY: Duration = Duration::from_secs(24 * 3600);

impl FactCache {
    /// A cache in this directory, made when first written to.
    pub fn in_directory(directory: PathBuf) -> FactCache {
        FactCache { directory: Some(directory), flights: Arc::default(), measured: Arc::default() }
    }

    /// No cache.
    pub fn off() -> FactCache {
        FactCache { directory: None, flights: Arc::default(), measured: Arc::default() }
    }

    /// Takes it upon oneself to read a stored blob; `None` where somebody else is at it. Without a
    /// cache nobody would have anything of the other's work.
    pub fn take_flight(&self, blob: &Digest) -> Option<Flight> {
        match self.directory {
            Some(_) => Flights::take(&self.flights, blob),
            None => Some(Flight::alone()),
        }
    }

    /// Waits until nobody reads a blob any more, for so long at most; says whether that is so.
    pub fn wait_for_flight(&self, blob: &Digest, patience: Duration) -> bool {
        self.flights.wait(blob, patience)
    }

    /// The facts of a layer; only the sections that `wanted` asks for.
    pub fn load(&self, diff_id: &Digest, wanted: &dyn Fn(&str, u32) -> bool) -> Option<LayerFacts> {
        let path = self.facts_path(diff_id)?;
        let bytes = fs::read(&path).ok()?;
        touch(&path);
        facts::decode(&bytes, wanted)
    }

    /// Which files of a layer belong to which package.
    pub fn load_owned(&self, key: &Digest) -> Option<Owned> {
        facts::decode_owned(&fs::read(self.facts_path(key)?).ok()?)
    }

    /// Keeps the facts of a layer. A cache that cannot be written to is no error of a scan.
    pub fn save(&self, diff_id: &Digest, facts: &LayerFacts) {
        if let Some(path) = self.facts_path(diff_id) {
            let _ = write_whole(&path, &facts::encode(facts));
        }
    }

    /// The inventory of the layers that this is the key of (see `kept.rs`), without the layers
    /// themselves and the platform.
    pub fn load_inventory(&self, key: &Digest, layers: &[kept::Identity]) -> Option<Inventory> {
        let path = self.inventory_path(key)?;
        let inventory = kept::decode(&fs::read(&path).ok()?)?;
        if touch(&path) {
            // Other images may have these layers too, and find their facts nowhere else.
            for layer in layers {
                self.facts_path(&layer.kept_under).as_deref().map(touch);
            }
        }
        Some(inventory)
    }

    /// Keeps the inventory of an image's layers.
    pub fn save_inventory(&self, key: &Digest, inventory: &Inventory) {
        if let Some(path) = self.inventory_path(key) {
            let _ = write_whole(&path, &kept::encode(inventory));
            self.keep_bounded();
        }
    }

    /// The layer that a stored blob (named by its digest, or by its place in a local file) was
    /// found to have.
    pub fn layer_of(&self, blob: &str) -> Option<Digest> {
        let path = self.blob_path(blob)?;
        let diff_id = fs::read_to_string(&path).ok()?.trim().parse().ok()?;
        // Without it nobody finds the facts, so it must not look older than they do.
        touch(&path);
        Some(diff_id)
    }

    /// Remembers which layer a stored blob has.
    pub fn remember(&self, blob: &str, diff_id: &Digest) {
        if let Some(path) = self.blob_path(blob) {
            let _ = write_whole(&path, format!("{diff_id}\n").as_bytes());
        }
    }

    /// What is in it.
    pub fn info(&self) -> io::Result<CacheInfo> {
        let directory = self.directory.clone().unwrap_or_default();
        let [layers, blobs, inventories] = FOLDERS.map(|folder| list(&directory.join(folder)));
        let (layers, blobs, inventories) = (layers?, blobs?, inventories?);
        let size_bytes = layers.iter().chain(&blobs).chain(&inventories).map(|file| file.size_bytes).sum();
        let (layers, blobs, inventories) = (layers.len(), blobs.len(), inventories.len());
        Ok(CacheInfo { directory, layers, blobs, inventories, size_bytes })
    }

    /// Removes the least recently used files until at most `keep_bytes` are left; returns how
    /// many files and bytes went.
    pub fn clean(&self, keep_bytes: u64) -> io::Result<(usize, u64)> {
        let Some(directory) = &self.directory else {
            return Ok((0, 0));
        };
        let mut files = Vec::new();
        for folder in FOLDERS {
            files.extend(list(&directory.join(folder))?);
        }
        files.sort_by_key(|file| file.used);
        let mut size: u64 = files.iter().map(|file| file.size_bytes).sum();
        let (mut count, mut freed) = (0, 0);
        for file in files {
            if size <= keep_bytes && keep_bytes > 0 {
                break;
            }
            match fs::remove_file(&file.path) {
                Ok(()) => (count, freed) = (count + 1, freed + file.size_bytes),
                // Another process was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => (),
                Err(error) => return Err(error),
            }
            size -= file.size_bytes;
        }
        Ok((count, freed))
    }

    /// Keeps the cache within [`CACHE_BYTES_MAX`]; called after something was added. Looking costs
    /// more the more there is, so that a server does not look each time.
    pub fn keep_bounded(&self) {
        let mut measured = self.measured.lock().unwrap_or_else(PoisonError::into_inner);
        if measured.is_some_and(|at| at.elapsed() < MEASURE_EVERY) {
            return;
        }
        *measured = Some(Instant::now());
        drop(measured);
        if self.info().is_ok_and(|info| info.size_bytes > CACHE_BYTES_MAX) {
            // A tenth below the bound, so that the next scan need not clean again.
            let _ = self.clean(CACHE_BYTES_MAX / 10 * 9);
        }
    }

    fn facts_path(&self, diff_id: &Digest) -> Option<PathBuf> {
        let directory = self.directory.as_ref()?;
        Some(directory.join(LAYERS).join(file_name(diff_id)))
    }

    fn inventory_path(&self, key: &Digest) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join(INVENTORIES).join(file_name(key)))
    }

    fn blob_path(&self, blob: &str) -> Option<PathBuf> {
        let legal = blob.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b':'));
        let directory = self.directory.as_ref().filter(|_| legal)?;
        Some(directory.join(BLOBS).join(blob.replace(':', "-")))
    }
}

fn file_name(digest: &Digest) -> String {
    format!("{}-{}", digest.algorithm().name(), digest.hex())
}

struct CachedFile {
    path: PathBuf,
    size_bytes: u64,
    used: SystemTime,
}

fn list(directory: &Path) -> io::Result<Vec<CachedFile>> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry?;
        // A file may go while we look: another process cleans too.
        if let Ok(metadata) = entry.metadata()
            && metadata.is_file()
        {
            let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push(CachedFile { path: entry.path(), size_bytes: metadata.len(), used });
        }
    }
    Ok(files)
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let directory = path.parent().expect("cache files lie in a directory of the cache");
    fs::create_dir_all(directory)?;
    let mut file = tempfile::NamedTempFile::new_in(directory)?;
    file.write_all(content)?;
    file.persist(path)?;
    Ok(())
}

/// Marks a file as used, if it was not lately; returns whether it did.
fn touch(path: &Path) -> bool {
    let now = SystemTime::now();
    let old = fs::metadata(path)
        .and_then(|metadata| metadata.modified())
        .is_ok_and(|modified| now.duration_since(modified).is_ok_and(|age| age > TOUCH_EVERY));
    if old && let Ok(file) = fs::File::options().append(true).open(path) {
        let _ = file.set_modified(now);
    }
    old
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_image::index::{HashKey, LayerIndex};

    fn facts() -> LayerFacts {
        LayerFacts {
            index: LayerIndex::empty(HashKey([1; 16])),
            problems: Vec::new(),
            sections: Vec::new(),
            owned: None,
        }
    }

    #[test]
    fn facts_are_kept_listed_and_cleaned() {
        let directory = tempfile::tempdir().unwrap();
        let cache = FactCache::in_directory(directory.path().to_owned());
        let digest = Digest::sha256([3; 32]);
        assert_eq!(cache.load(&digest, &|_, _| true), None);
        cache.save(&digest, &facts());
        cache.remember("sha256:abc", &digest);
        cache.save_inventory(&digest, &Inventory::default());
        assert_eq!(cache.load_inventory(&digest, &[]), Some(Inventory::default()));
        assert_eq!(cache.load(&digest, &|_, _| true), Some(facts()));
        assert_eq!(cache.layer_of("sha256:abc"), Some(digest));
        let info = cache.info().unwrap();
        assert_eq!((info.layers, info.blobs, info.inventories), (1, 1, 1));
        assert_eq!(cache.clean(0).unwrap(), (3, info.size_bytes));
        assert_eq!(cache.load(&digest, &|_, _| true), None);
    }

    #[test]
    fn what_leads_to_facts_that_are_used_is_used_too() {
        let directory = tempfile::tempdir().unwrap();
        let cache = FactCache::in_directory(directory.path().to_owned());
        cache.remember("sha256:abc", &Digest::sha256([3; 32]));
        let path = cache.blob_path("sha256:abc").unwrap();
        fs::File::open(&path).unwrap().set_modified(SystemTime::now() - 3 * TOUCH_EVERY).unwrap();
        assert!(cache.layer_of("sha256:abc").is_some());
        let age = fs::metadata(&path).unwrap().modified().unwrap().elapsed().unwrap_or_default();
        assert!(age < TOUCH_EVERY);
    }

    #[test]
    fn names_that_are_paths_are_not_used() {
        let directory = tempfile::tempdir().unwrap();
        let cache = FactCache::in_directory(directory.path().to_owned());
        cache.remember("../../x", &Digest::sha256([0; 32]));
        assert_eq!(cache.layer_of("../../x"), None);
    }

    #[test]
    fn a_damaged_file_is_as_if_it_were_not_there() {
        let directory = tempfile::tempdir().unwrap();
        let cache = FactCache::in_directory(directory.path().to_owned());
        let digest = Digest::sha256([3; 32]);
        cache.save(&digest, &facts());
        fs::write(cache.facts_path(&digest).unwrap(), b"PLMFACT4 nonsense").unwrap();
        assert_eq!(cache.load(&digest, &|_, _| true), None);
    }
}
