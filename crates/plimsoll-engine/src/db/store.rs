//! The database's directory: where things lie, opening the snapshot in use, listing and choosing.
//!
//! Layout: `snapshots/NNNNNNNN.snapshot`, `current` (a file with the number in use),
//! `feeds/ID.json`, `blobs/sha256-HEX`, `lock`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use plimsoll_core::{Digest, SnapshotInfo, Timestamp};
use plimsoll_vulndb::Snapshot;
use sha2::{Digest as _, Sha256};

use super::state::FeedState;

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
    /// When it was built.
    pub built: Timestamp,
    /// Its size.
    pub size_bytes: u64,
    /// Whether it is the one in use.
    pub current: bool,
    /// Its digest.
    pub digest: Digest,
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
    /// A snapshot is damaged.
    #[error("the snapshot {path} cannot be used: {why}; run `plimsoll db update` to build it anew")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
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

/// How many snapshots are kept besides the one in use.
const SNAPSHOTS_KEPT: usize = 5;

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
            let open = self.open_sequence(sequence)?;
            let (built, digest) = (open.info.built, open.info.digest);
            files.push(SnapshotFile {
                sequence,
                built,
                size_bytes,
                current: current == Some(sequence),
                digest,
            });
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

    pub(super) fn save_feed_state(&self, state: &FeedState) -> Result<(), DatabaseError> {
        let text = serde_json::to_vec_pretty(state).expect("a feed's state is plain data");
        self.write(&format!("feeds/{}.json", state.feed), &text)
    }

    /// Keeps a part's bytes under their digest.
    pub(super) fn save_blob(&self, bytes: &[u8]) -> Result<String, DatabaseError> {
        let digest = Digest::sha256(Sha256::digest(bytes).into());
        let name = format!("blobs/sha256-{}", digest.hex());
        if !self.directory.join(&name).exists() {
            self.write(&name, bytes)?;
        }
        Ok(digest.to_string())
    }

    /// A part's bytes, checked against their digest.
    pub(super) fn blob(&self, digest: &str) -> Result<Vec<u8>, DatabaseError> {
        let path = self.directory.join("blobs").join(digest.replace(':', "-"));
        let bytes = fs::read(&path).map_err(|source| DatabaseError::Io { path: path.clone(), source })?;
        if Digest::sha256(Sha256::digest(&bytes).into()).to_string() == digest {
            Ok(bytes)
        } else {
            Err(DatabaseError::Damaged { path, why: "its content is not what its name says".to_owned() })
        }
    }

    /// Writes a new snapshot and makes it the one in use.
    pub(super) fn publish(&self, sequence: u64, bytes: &[u8]) -> Result<(), DatabaseError> {
        self.write(&format!("snapshots/{sequence:08}.snapshot"), bytes)?;
        self.choose(sequence)?;
        self.forget_old(sequence)
    }

    /// The number for the next snapshot.
    pub(super) fn next_sequence(&self) -> Result<u64, DatabaseError> {
        Ok(self.sequences()?.into_iter().max().unwrap_or(0) + 1)
    }

    /// Removes raw parts that no feed's state names.
    pub(super) fn forget_blobs(&self, kept: &std::collections::HashSet<String>) -> Result<(), DatabaseError> {
        let directory = self.directory.join("blobs");
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().replacen('-', ":", 1);
            if !kept.contains(&name) {
                remove(&entry.path())?;
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
        let path = self.directory.join("snapshots");
        let entries = match fs::read_dir(&path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(DatabaseError::Io { path, source }),
        };
        let name = |entry: io::Result<fs::DirEntry>| entry.ok()?.file_name().into_string().ok();
        Ok(entries.filter_map(name).filter_map(|name| name.strip_suffix(".snapshot")?.parse().ok()).collect())
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
            let mut file = tempfile::NamedTempFile::new_in(directory)?;
            file.write_all(content)?;
            file.as_file().sync_all()?;
            file.persist(&path)?;
            Ok(())
        };
        attempt().map_err(|source| DatabaseError::Io { path: path.clone(), source })
    }
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
