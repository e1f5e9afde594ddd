//! The database's directory: where things lie, opening the snapshot in use, listing and choosing.
//!
//! Layout: `snapshots/NNNNNNNN.snapshot`, `current` (a file with the number in use),
//! `recipes/NNNNNNNN.json` (what each snapshot was built from), `shards/sha256-HEX.zst`,
//! `feeds/ID.json`, `blobs/sha256-HEX`, `lock`; and in `shortcuts` what can be made again.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plimsoll_core::{Digest, SnapshotInfo, Timestamp};
use plimsoll_vulndb::{Shard, Snapshot};
use sha2::{Digest as _, Sha256};

use super::recipe::Recipe;
use super::state::{FeedState, ShardState};

/// A directory with a vulnerability database.
#[derive(Clone, Debug)]
pub struct Database {
    directory: PathBuf,
}

/// A snapshot that is open, by memory map.
pub struct OpenSnapshot {
    /// The snapshot.
    pub snapshot: Snapshot<memmap2::Mmap>,
    /// What reports say of it.
    pub info: SnapshotInfo,
}

/// One snapshot on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotFile {
    /// Its number.
    pub sequence: u64,
    /// Its size.
    pub size_bytes: u64,
    /// Whether it is the one in use.
    pub current: bool,
    /// When it was built and its digest, or why it cannot be used: another version of Plimsoll may
    /// have written it.
    pub info: Result<(Timestamp, Digest), String>,
}

/// Why the database could not be used.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// There is none.
    #[error("there is no vulnerability database in {0}; run `plimsoll db update` to build one")]
    Missing(PathBuf),
    /// No snapshot has this number.
    #[error("there is no snapshot {0}; `plimsoll db list` shows those there are")]
    NoSnapshot(u64),
    /// A file of the database is damaged.
    #[error("{path} cannot be used: {why}; run `plimsoll db update` to replace it")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// No snapshot is that old.
    #[error("no snapshot was there at {time}{}", oldest.map(|it| format!("; the oldest that is kept was built at {it}")).unwrap_or_default())]
    NoneThen {
        /// When.
        time: Timestamp,
        /// The oldest one.
        oldest: Option<Timestamp>,
    },
    /// A snapshot could not be built again as it was.
    #[error("the snapshot cannot be built again: {0}")]
    NotRebuilt(String),
    /// Another process is at it.
    #[error("another process is updating the database in {0}; try again when it is done")]
    Locked(PathBuf),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// How many snapshots are kept besides the one in use; of others the recipe is, which builds them
/// again.
const SNAPSHOTS_KEPT: usize = 5;
/// No shard is larger, unpacked.
const SHARD_BYTES_MAX: u64 = 8 << 30;
/// How names of files begin that are not yet whole.
const UNFINISHED: &str = ".unfinished-";
/// No file takes longer to be written, in seconds.
const UNFINISHED_SECONDS: i64 = 6 * 3600;
/// A broken download is resumed by the next update, or not at all: after a week.
const PARTIAL_SECONDS: i64 = 7 * 86_400;
/// Shards are written often and read often: fast matters more than small.
const SHARD_LEVEL: i32 = 3;

/// A shard on its way to the disk.
#[derive(Debug)]
pub(super) struct PackedShard {
    digest: String,
    /// `None` where it is there already.
    packed: Option<Vec<u8>>,
}

impl PackedShard {
    /// The digest of its bytes.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }
}

impl Database {
    /// The database in this directory, made when first written to.
    pub fn in_directory(directory: PathBuf) -> Database {
        Database { directory }
    }

    /// Where it is.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Opens the snapshot in use.
    pub fn open(&self) -> Result<OpenSnapshot, DatabaseError> {
        let sequence = self.current()?.ok_or_else(|| DatabaseError::Missing(self.directory.clone()))?;
        self.open_sequence(sequence)
    }

    /// Opens a snapshot by its number.
    pub fn open_sequence(&self, sequence: u64) -> Result<OpenSnapshot, DatabaseError> {
        let path = self.snapshot_path(sequence);
        let file = match fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(DatabaseError::NoSnapshot(sequence));
            }
            Err(source) => return Err(DatabaseError::Io { path, source }),
        };
        let map = map_file(&file).map_err(|source| DatabaseError::Io { path: path.clone(), source })?;
        let damaged = |why: String| DatabaseError::Damaged { path: path.clone(), why };
        let snapshot = Snapshot::open(map).map_err(|error| damaged(error.to_string()))?;
        let feeds = snapshot.feeds().map_err(|error| damaged(error.to_string()))?;
        let info = SnapshotInfo {
            digest: snapshot.digest(),
            sequence: snapshot.sequence(),
            built: snapshot.built(),
            feeds: feeds.into_iter().map(|feed| (feed.id, feed.data_date)).collect(),
        };
        Ok(OpenSnapshot { snapshot, info })
    }

    /// The number of the snapshot in use.
    pub fn current(&self) -> Result<Option<u64>, DatabaseError> {
        let path = self.directory.join("current");
        match fs::read_to_string(&path) {
            Ok(text) => match text.trim().parse() {
                Ok(sequence) => Ok(Some(sequence)),
                Err(_) => Err(DatabaseError::Damaged { path, why: "it does not hold a number".to_owned() }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DatabaseError::Io { path, source }),
        }
    }

    /// All snapshots, newest first.
    pub fn list(&self) -> Result<Vec<SnapshotFile>, DatabaseError> {
        let current = self.current()?;
        let mut files = Vec::new();
        for sequence in self.sequences()? {
            let path = self.snapshot_path(sequence);
            let size_bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
            let info = match self.open_sequence(sequence) {
                Ok(open) => Ok((open.info.built, open.info.digest)),
                Err(DatabaseError::Damaged { why, .. }) => Err(why),
                Err(error) => return Err(error),
            };
            files.push(SnapshotFile { sequence, size_bytes, current: current == Some(sequence), info });
        }
        files.sort_by_key(|file| std::cmp::Reverse(file.sequence));
        Ok(files)
    }

    /// Makes a snapshot the one in use, after checking it from beginning to end.
    pub fn choose(&self, sequence: u64) -> Result<(), DatabaseError> {
        let path = self.snapshot_path(sequence);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(DatabaseError::NoSnapshot(sequence));
            }
            Err(source) => return Err(DatabaseError::Io { path, source }),
        };
        plimsoll_vulndb::snapshot::verify(&bytes)
            .map_err(|error| DatabaseError::Damaged { path, why: error.to_string() })?;
        self.write("current", format!("{sequence}\n").as_bytes())
    }

    /// The state of a feed; empty if there is none.
    pub fn feed_state(&self, feed: &str) -> Result<FeedState, DatabaseError> {
        let path = self.directory.join("feeds").join(format!("{feed}.json"));
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|error| DatabaseError::Damaged { path, why: error.to_string() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(FeedState { feed: feed.to_owned(), ..FeedState::default() })
            }
            Err(source) => Err(DatabaseError::Io { path, source }),
        }
    }

    /// The state of a feed; where it cannot be read, what the newest recipe says of the feed, to be
    /// read again.
    pub(super) fn feed_state_or_kept(&self, feed: &str) -> Result<FeedState, DatabaseError> {
        match self.feed_state(feed) {
            Err(DatabaseError::Damaged { .. }) => (),
            state => return state,
        }
        let mut state = FeedState { feed: feed.to_owned(), ..FeedState::default() };
        for sequence in self.recipes()? {
            let Ok(Some(recipe)) = self.recipe(sequence) else { continue };
            if let Some(kept) = recipe.feeds.into_iter().find(|it| it.feed == feed) {
                state.shard = Some(ShardState { digest: kept.shard, size_bytes: 0, version: 0, form: 0 });
                (state.parts, state.source) = (kept.parts, Some(kept.source));
                break;
            }
        }
        Ok(state)
    }

    pub(super) fn save_feed_state(&self, state: &FeedState) -> Result<(), DatabaseError> {
        let text = serde_json::to_vec_pretty(state).expect("a feed's state is plain data");
        self.write(&format!("feeds/{}.json", state.feed), &text)
    }

    /// Keeps a part's bytes under their digest.
    pub(super) fn save_blob(&self, bytes: &[u8]) -> Result<String, DatabaseError> {
        let digest = content_digest(bytes);
        if !self.has_blob(&digest) {
            self.write(&format!("blobs/{}", digest.replace(':', "-")), bytes)?;
        }
        Ok(digest)
    }

    /// A part's bytes, checked against their digest; damaged ones are removed, so that the next
    /// update fetches them again.
    pub(super) fn blob(&self, digest: &str) -> Result<Vec<u8>, DatabaseError> {
        let path = self.blob_path(digest);
        let bytes = fs::read(&path).map_err(|source| DatabaseError::Io { path: path.clone(), source })?;
        if content_digest(&bytes) == digest {
            Ok(bytes)
        } else {
            Err(removed(path, OTHER_CONTENT.to_owned()))
        }
    }

    /// Whether a part's bytes are there.
    pub(super) fn has_blob(&self, digest: &str) -> bool {
        self.blob_path(digest).is_file()
    }

    fn blob_path(&self, digest: &str) -> PathBuf {
        self.directory.join("blobs").join(digest.replace(':', "-"))
    }

    /// Packs a shard's bytes to be kept; those that are kept already need no packing.
    pub(super) fn pack_shard(&self, bytes: &[u8]) -> Result<PackedShard, DatabaseError> {
        let digest = content_digest(bytes);
        let path = self.shard_path(&digest);
        if path.exists() {
            return Ok(PackedShard { digest, packed: None });
        }
        match zstd::bulk::compress(bytes, SHARD_LEVEL) {
            Ok(packed) => Ok(PackedShard { digest, packed: Some(packed) }),
            Err(source) => Err(DatabaseError::Io { path, source }),
        }
    }

    /// Keeps a shard under its digest, which it returns.
    pub(super) fn save_shard(&self, shard: PackedShard) -> Result<String, DatabaseError> {
        if let Some(packed) = shard.packed {
            self.write(&shard_name(&shard.digest), &packed)?;
        }
        Ok(shard.digest)
    }

    /// A shard's bytes, checked against their digest; damaged ones are removed, so that the next
    /// update reads the feed again.
    pub(super) fn shard_bytes(&self, digest: &str) -> Result<Vec<u8>, DatabaseError> {
        let path = self.shard_path(digest);
        let packed = fs::read(&path).map_err(|source| DatabaseError::Io { path: path.clone(), source })?;
        match plimsoll_vulndb::delta::patch(&[], &packed, SHARD_BYTES_MAX) {
            Ok(bytes) if content_digest(&bytes) == digest => Ok(bytes),
            Ok(_) => Err(removed(path, OTHER_CONTENT.to_owned())),
            Err(error) => Err(removed(path, error.to_string())),
        }
    }

    /// A shard.
    pub(super) fn shard(&self, digest: &str) -> Result<Shard, DatabaseError> {
        Shard::decode(self.shard_bytes(digest)?)
            .map_err(|error| DatabaseError::Damaged { path: self.shard_path(digest), why: error.to_string() })
    }

    /// Whether a shard is there.
    pub(super) fn has_shard(&self, digest: &str) -> bool {
        self.shard_path(digest).is_file()
    }

    pub(super) fn shard_path(&self, digest: &str) -> PathBuf {
        self.directory.join(shard_name(digest))
    }

    /// What a snapshot was built from; `None` for one whose recipe is not kept.
    pub fn recipe(&self, sequence: u64) -> Result<Option<Recipe>, DatabaseError> {
        let path = self.recipe_path(sequence);
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|error| DatabaseError::Damaged { path, why: error.to_string() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(DatabaseError::Io { path, source }),
        }
    }

    /// The numbers of all snapshots whose recipes are kept, newest first.
    pub fn recipes(&self) -> Result<Vec<u64>, DatabaseError> {
        let mut sequences = self.numbers_in("recipes", ".json")?;
        sequences.sort_unstable_by(|a, b| b.cmp(a));
        Ok(sequences)
    }

    fn recipe_path(&self, sequence: u64) -> PathBuf {
        self.directory.join("recipes").join(format!("{sequence:08}.json"))
    }

    /// Writes a new snapshot, makes it the one in use, and writes down what it was built from. Who is
    /// killed in between leaves the one before in use, or one without a recipe, after which the next
    /// update builds another.
    pub(super) fn publish(&self, recipe: &Recipe, bytes: &[u8]) -> Result<(), DatabaseError> {
        let sequence = recipe.sequence;
        self.save_snapshot(sequence, bytes)?;
        self.write("current", format!("{sequence}\n").as_bytes())?;
        let text = serde_json::to_vec_pretty(recipe).expect("a recipe is plain data");
        self.write(&format!("recipes/{sequence:08}.json"), &text)?;
        self.forget_old(sequence)
    }

    /// Writes a snapshot without choosing it.
    pub(super) fn save_snapshot(&self, sequence: u64, bytes: &[u8]) -> Result<(), DatabaseError> {
        self.write(&format!("snapshots/{sequence:08}.snapshot"), bytes)?;
        // What names a snapshot must not outlive a power cut that takes the snapshot's own name.
        let path = self.directory.join("snapshots");
        let synced = fs::File::open(&path).and_then(|folder| folder.sync_all());
        synced.map_err(|source| DatabaseError::Io { path, source })
    }

    /// The number for the next snapshot.
    pub(super) fn next_sequence(&self) -> Result<u64, DatabaseError> {
        let known = self.sequences()?.into_iter().chain(self.recipes()?);
        Ok(known.max().unwrap_or(0) + 1)
    }

    /// Removes recipes that were made before `since`, but the one in use, and then raw parts and
    /// shards that no recipe and no feed's state names.
    pub(super) fn forget_unused(&self, since: Timestamp, states: &[FeedState]) -> Result<(), DatabaseError> {
        let mut kept: HashSet<String> = HashSet::new();
        for state in states {
            kept.extend(state.parts.iter().map(|part| part.blob.clone()));
            kept.extend(state.shard.iter().map(|shard| shard.digest.clone()));
        }
        let current = self.current()?;
        for sequence in self.recipes()? {
            // Nothing can be built from one that cannot be read.
            let Ok(Some(recipe)) = self.recipe(sequence) else { continue };
            if recipe.built < since.0 && current != Some(sequence) {
                remove(&self.recipe_path(sequence))?;
                continue;
            }
            kept.extend(recipe.dictionary.clone());
            for feed in recipe.feeds {
                kept.extend(feed.parts.into_iter().map(|part| part.blob));
                kept.insert(feed.shard);
            }
        }
        for directory in ["blobs", "shards"] {
            for entry in fs::read_dir(self.directory.join(directory)).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().replacen('-', ":", 1);
                if !kept.contains(name.trim_end_matches(".zst")) {
                    remove(&entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Removes what killed processes left half written, and downloads that nobody resumes. Files of
    /// the last hours stay: other commands write without the lock.
    pub(super) fn sweep(&self, now: Timestamp) -> Result<(), DatabaseError> {
        for (folder, is_left, seconds) in [
            (".", is_unfinished as fn(&str) -> bool, UNFINISHED_SECONDS),
            ("snapshots", is_unfinished, UNFINISHED_SECONDS),
            ("recipes", is_unfinished, UNFINISHED_SECONDS),
            ("feeds", is_unfinished, UNFINISHED_SECONDS),
            ("partial", |_| true, PARTIAL_SECONDS),
        ] {
            for entry in fs::read_dir(self.directory.join(folder)).into_iter().flatten().flatten() {
                let modified = entry.metadata().ok().and_then(|it| it.modified().ok());
                let since = modified.and_then(|it| it.duration_since(std::time::UNIX_EPOCH).ok());
                let since = since.and_then(|it| i64::try_from(it.as_secs()).ok());
                let is_old = since.is_some_and(|since| now.0.saturating_sub(since) > seconds);
                if is_old && is_left(&entry.file_name().to_string_lossy()) {
                    remove(&entry.path())?;
                }
            }
        }
        Ok(())
    }

    /// Takes the lock that only one updating process may hold; it ends with the process.
    pub(super) fn lock(&self) -> Result<fs::File, DatabaseError> {
        let io = |source| DatabaseError::Io { path: self.directory.clone(), source };
        fs::create_dir_all(&self.directory).map_err(io)?;
        let file = fs::File::create(self.directory.join("lock")).map_err(io)?;
        match rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(file),
            Err(_) => Err(DatabaseError::Locked(self.directory.clone())),
        }
    }

    /// Where partly fetched parts wait to be resumed.
    pub(super) fn partial_directory(&self) -> PathBuf {
        self.directory.join("partial")
    }

    fn snapshot_path(&self, sequence: u64) -> PathBuf {
        self.directory.join("snapshots").join(format!("{sequence:08}.snapshot"))
    }

    fn sequences(&self) -> Result<Vec<u64>, DatabaseError> {
        self.numbers_in("snapshots", ".snapshot")
    }

    fn numbers_in(&self, directory: &str, ending: &str) -> Result<Vec<u64>, DatabaseError> {
        let path = self.directory.join(directory);
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(DatabaseError::Io { path, source }),
        };
        let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        Ok(entries.filter_map(name).filter_map(|name| name.strip_suffix(ending)?.parse().ok()).collect())
    }

    /// Keeps the newest few; a process that has an older one mapped keeps it while it runs.
    fn forget_old(&self, current: u64) -> Result<(), DatabaseError> {
        let mut sequences = self.sequences()?;
        sequences.sort_unstable_by(|a, b| b.cmp(a));
        for sequence in sequences.into_iter().skip(SNAPSHOTS_KEPT + 1).filter(|it| *it != current) {
            remove(&self.snapshot_path(sequence))?;
        }
        Ok(())
    }

    fn write(&self, name: &str, content: &[u8]) -> Result<(), DatabaseError> {
        let path = self.directory.join(name);
        let attempt = || {
            let directory = path.parent().expect("every file lies in a directory of the database");
            fs::create_dir_all(directory)?;
            let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(directory)?;
            file.write_all(content)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        attempt().map_err(|source| DatabaseError::Io { path: path.clone(), source })
    }
}

/// What a blob or a shard is called.
pub(super) fn content_digest(bytes: &[u8]) -> String {
    Digest::sha256(Sha256::digest(bytes).into()).to_string()
}

const OTHER_CONTENT: &str = "its content is not what its name says";

/// Removes a damaged file, which whoever asks for its content next will then get anew.
fn removed(path: PathBuf, why: String) -> DatabaseError {
    // One that cannot be removed either is found damaged again.
    let _ = fs::remove_file(&path);
    DatabaseError::Damaged { path, why }
}

/// Where a shard lies.
fn shard_name(digest: &str) -> String {
    format!("shards/{}.zst", digest.replace(':', "-"))
}

/// Whether a file is one that [`Database::write`] did not come to rename.
fn is_unfinished(name: &str) -> bool {
    name.starts_with(UNFINISHED)
}

fn remove(path: &Path) -> Result<(), DatabaseError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(DatabaseError::Io { path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

#[expect(unsafe_code, reason = "a memory map is what opens a snapshot in a millisecond")]
fn map_file(file: &fs::File) -> io::Result<memmap2::Mmap> {
    // SAFETY: a map must not change while it is used. Snapshots are written under another name,
    // renamed, and never written to again; removing one leaves its content to those who have it
    // open. Someone who truncates files of this directory by hand can end the process (SIGBUS),
    // and can do that without us as well, since the directory is their own.
    unsafe { memmap2::Mmap::map(file) }
}
