//! What spares an update work: beside each shard in use its index, and what the snapshot in use was
//! built from. Made of what lies there anyway; whatever is missing, damaged or of another program is
//! made anew, and makes no difference to what comes out.
//!
//! `shortcuts/seed`, `shortcuts/ledger`, `shortcuts/sha256-HEX` (the index of the shard of that digest).

use std::collections::HashSet;
use std::fs;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use plimsoll_core::Digest;
use plimsoll_vulndb::{FeedMeta, Index, Ledger, Shard, ShardSource};
use sha2::{Digest as _, Sha256};

use super::deal::{deal, processors};
use super::recipe::FeedRecipe;
use super::store::{Database, DatabaseError};

/// Most of an index are sums, which nothing packs.
const INDEX_LEVEL: i32 = 1;
/// No index is larger, unpacked.
const INDEX_BYTES_MAX: u64 = 2 << 30;
const FOLDER: &str = "shortcuts";

/// The shortcuts of a database.
pub(super) struct Shortcuts<'a> {
    database: &'a Database,
    /// The seed of all sums, which nobody else knows. Another program has another one, since it may
    /// make other rows of the same advisories.
    pub(super) seed: u64,
}

impl<'a> Shortcuts<'a> {
    pub(super) fn of(database: &'a Database) -> Shortcuts<'a> {
        let mut shortcuts = Shortcuts { database, seed: 0 };
        let path = shortcuts.path("seed");
        let secret = match fs::read(&path) {
            Ok(secret) if secret.len() == size_of::<u64>() => secret,
            _ => {
                let secret = RandomState::new().build_hasher().finish().to_le_bytes().to_vec();
                // With another seed the next time nothing is the same, and all is made anew.
                let _ = shortcuts.write("seed", &secret);
                secret
            }
        };
        let sum = Sha256::digest([secret, program()].concat());
        shortcuts.seed = sum.first_chunk().map_or(0, |it| u64::from_le_bytes(*it));
        shortcuts
    }

    /// The index of a shard, if it is kept.
    fn index(&self, digest: &str) -> Option<Index> {
        let packed = fs::read(self.path(&file_name(digest))).ok()?;
        let bytes = plimsoll_vulndb::delta::patch(&[], &packed, INDEX_BYTES_MAX).ok()?;
        Index::decode(&bytes, self.seed)
    }

    /// Makes the index of a shard, and keeps it.
    pub(super) fn make_index(&self, digest: &str, shard: &Shard) -> Option<Index> {
        let index = Index::of(shard, self.seed)?;
        if let Ok(packed) = zstd::bulk::compress(&index.encode(), INDEX_LEVEL) {
            // One that cannot be kept is made again.
            let _ = self.write(&file_name(digest), &packed);
        }
        Some(index)
    }

    /// What a snapshot was built from.
    pub(super) fn ledger(&self, snapshot: &Digest) -> Option<Ledger> {
        let bytes = fs::read(self.path("ledger")).ok()?;
        Ledger::decode(&bytes, snapshot, self.seed)
    }

    /// Keeps what a snapshot was built from, and lets go the indexes of other shards than these.
    pub(super) fn keep(&self, ledger: &Ledger, snapshot: &Digest, feeds: &[FeedRecipe]) {
        // Without it the next build writes everything anew.
        let _ = self.write("ledger", &ledger.encode(snapshot));
        let kept: HashSet<String> = feeds.iter().map(|feed| file_name(&feed.shard)).collect();
        for entry in fs::read_dir(self.path("")).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !kept.contains(&name) && !["seed", "ledger"].contains(&name.as_str()) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.database.directory().join(FOLDER).join(name)
    }

    /// Not made to outlive a power cut: what is torn has another sum.
    fn write(&self, name: &str, content: &[u8]) -> io::Result<()> {
        let folder = self.path("");
        fs::create_dir_all(&folder)?;
        let mut file = tempfile::Builder::new().prefix("unfinished-").tempfile_in(&folder)?;
        io::Write::write_all(&mut file, content)?;
        file.persist(self.path(name))?;
        Ok(())
    }
}

fn file_name(digest: &str) -> String {
    digest.replace(':', "-")
}

/// What tells this program from others: its version, and when and how large it was made.
fn program() -> Vec<u8> {
    let file = std::env::current_exe().and_then(fs::metadata).ok();
    let modified = file.as_ref().and_then(|it| it.modified().ok());
    let length = file.as_ref().map_or(0, fs::Metadata::len);
    format!("{} {length} {modified:?}", env!("CARGO_PKG_VERSION")).into_bytes()
}

/// A feed that a snapshot is to be built from.
pub(super) struct Wanted {
    pub(super) recipe: FeedRecipe,
    pub(super) meta: FeedMeta,
    /// What was read of it just now.
    pub(super) read: Option<(Shard, Option<Index>)>,
}

/// The same with its index. The shard is read when something of it is asked for.
pub(super) struct KeptFeed<'a> {
    pub(super) recipe: FeedRecipe,
    pub(super) meta: FeedMeta,
    pub(super) index: Index,
    database: &'a Database,
    shard: OnceLock<Result<Shard, DatabaseError>>,
}

impl ShardSource for KeptFeed<'_> {
    fn shard(&self) -> Option<&Shard> {
        self.shard.get_or_init(|| self.database.shard(&self.recipe.shard)).as_ref().ok()
    }
}

/// A feed of which something cannot be read, and why.
pub(super) type Unreadable = Box<(FeedRecipe, DatabaseError)>;

impl KeptFeed<'_> {
    /// Why the shard could not be read, if somebody tried.
    pub(super) fn into_trouble(self) -> Option<Unreadable> {
        let error = self.shard.into_inner()?.err()?;
        Some(Box::new((self.recipe, error)))
    }
}

impl<'a> Shortcuts<'a> {
    /// The feeds with their indexes; what has none yet is read, and gets one.
    pub(super) fn feeds(&self, wanted: Vec<Wanted>) -> Result<Vec<KeptFeed<'a>>, Unreadable> {
        let wanted: Vec<Mutex<Option<Wanted>>> = wanted.into_iter().map(|it| Mutex::new(Some(it))).collect();
        let feeds = deal(&wanted, processors(), |slot| {
            let wanted = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            self.feed(wanted.expect("each feed is dealt once"))
        });
        feeds.into_iter().collect()
    }

    fn feed(&self, Wanted { recipe, meta, read }: Wanted) -> Result<KeptFeed<'a>, Unreadable> {
        let database = self.database;
        let (shard, index) = match read {
            Some((shard, index)) => (Some(shard), index),
            None => (None, self.index(&recipe.shard)),
        };
        let shard = shard.map_or_else(OnceLock::new, |shard| OnceLock::from(Ok(shard)));
        if let Some(index) = index {
            return Ok(KeptFeed { recipe, meta, index, database, shard });
        }
        let made = match shard.get_or_init(|| database.shard(&recipe.shard)) {
            Ok(shard) => self.make_index(&recipe.shard, shard),
            Err(_) => None,
        };
        match (made, shard.into_inner()) {
            (Some(index), Some(shard)) => {
                Ok(KeptFeed { recipe, meta, index, database, shard: OnceLock::from(shard) })
            }
            (None, Some(Err(error))) => Err(Box::new((recipe, error))),
            _ => {
                let path = database.shard_path(&recipe.shard);
                let why = "what it says cannot be read".to_owned();
                Err(Box::new((recipe, DatabaseError::Damaged { path, why })))
            }
        }
    }
}
