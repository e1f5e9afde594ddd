//! Reading the kept raw parts of feeds into shards, several feeds at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};

use plimsoll_vulndb::shard::Reading;
use plimsoll_vulndb::{Feed, Index, Shard};

use super::deal::{deal, processors};
use super::shortcuts::Shortcuts;
use super::state::PartState;
use super::store::{Database, DatabaseError, PackedShard};

/// A feed to read.
pub(super) struct Task {
    pub(super) feed: &'static dyn Feed,
    pub(super) parts: Vec<PartState>,
    /// The digest of the shard of the last time.
    pub(super) before: Option<String>,
    /// Whether that was read here, from the feed's own files. What somebody else read is read
    /// again, and only tells since when facts are known.
    pub(super) is_own: bool,
    /// Whether the last word on releases that are gone stays.
    pub(super) keeps_releases: bool,
}

/// What came of one; the inner error is the feed's own.
pub(super) type Read = Result<Result<Shard, String>, DatabaseError>;

/// Reads one feed.
pub(super) fn read_feed(
    database: &Database,
    feed: &dyn Feed,
    parts: &[PartState],
    before: Option<Shard>,
    (day, keeps_releases): (u32, bool),
) -> Read {
    // A fault of one reader must not keep the other feeds from being updated.
    let read = AssertUnwindSafe(|| read_parts(database, feed, parts, before, (day, keeps_releases)));
    catch_unwind(read).unwrap_or_else(|_| {
        Ok(Err("its reader broke down over it, which is a fault of Plimsoll's; please report it".to_owned()))
    })
}

fn read_parts(
    database: &Database,
    feed: &dyn Feed,
    parts: &[PartState],
    before: Option<Shard>,
    (day, keeps_releases): (u32, bool),
) -> Read {
    let mut reading = Reading::new(feed, before, parts.iter().map(|part| part.name.as_str()));
    for part in parts {
        let bytes = || database.blob(&part.blob);
        if let Err(why) = reading.part(&part.name, &part.file_name, fingerprint(&part.blob), bytes)? {
            return Ok(Err(format!("{}: {why}", part.from)));
        }
    }
    Ok(Ok(reading.finish(day, keeps_releases)))
}

/// What was read, packed to be kept, and its index.
pub(super) struct ReadShard {
    pub(super) shard: Shard,
    pub(super) packed: PackedShard,
    pub(super) index: Option<Index>,
}

/// What came of reading a feed; the inner error is the feed's own.
pub(super) type ReadAndPacked = Result<Result<ReadShard, String>, DatabaseError>;

/// Reads many and packs what comes of them, as many at a time as there are processors; in the order
/// of the tasks.
pub(super) fn read_all(
    database: &Database,
    shortcuts: &Shortcuts<'_>,
    tasks: &[Task],
    day: u32,
) -> Vec<ReadAndPacked> {
    deal(tasks, processors(), |task| {
        // A shard that is gone or of another form is a feed that is read from the beginning.
        let mut before = task.before.as_ref().and_then(|digest| database.shard(digest).ok());
        if let Some(before) = before.as_mut().filter(|_| !task.is_own) {
            before.version = u32::MAX;
        }
        let read = read_feed(database, task.feed, &task.parts, before, (day, task.keeps_releases))?;
        Ok(match read {
            Ok(shard) => {
                let packed = database.pack_shard(shard.bytes())?;
                let index = shortcuts.make_index(packed.digest(), &shard);
                Ok(ReadShard { shard, packed, index })
            }
            Err(why) => Err(why),
        })
    })
}

/// Shards by their digests, read by several processors.
pub(super) fn shards(database: &Database, digests: &[&str]) -> Vec<Result<Shard, DatabaseError>> {
    deal(digests, processors(), |digest| database.shard(digest))
}

/// A number that stands for a blob's bytes.
fn fingerprint(digest: &str) -> u64 {
    let hex = digest.rsplit(':').next().unwrap_or_default();
    hex.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0)
}
