//! Reading the kept raw parts of feeds into shards, several feeds at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use plimsoll_vulndb::shard::Reading;
use plimsoll_vulndb::{Feed, Shard};

use super::state::PartState;
use super::store::{Database, DatabaseError};

/// A feed to read.
pub(super) struct Task {
    pub(super) feed: &'static dyn Feed,
    pub(super) parts: Vec<PartState>,
    /// The digest of the shard of the last time.
    pub(super) before: Option<String>,
}

/// What came of one; the inner error is the feed's own.
pub(super) type Read = Result<Result<Shard, String>, DatabaseError>;

/// Reads one feed.
pub(super) fn read_feed(
    database: &Database,
    feed: &dyn Feed,
    parts: &[PartState],
    before: Option<Shard>,
    day: u32,
) -> Read {
    let mut reading = Reading::new(feed, before, parts.iter().map(|part| part.name.as_str()));
    for part in parts {
        let bytes = || database.blob(&part.blob);
        if let Err(why) = reading.part(&part.name, &part.file_name, fingerprint(&part.blob), bytes)? {
            return Ok(Err(format!("{}: {why}", part.from)));
        }
    }
    Ok(Ok(reading.finish(day)))
}

/// Reads many, as many at a time as there are processors; in the order of the tasks.
pub(super) fn read_all(database: &Database, tasks: &[Task], day: u32) -> Vec<Read> {
    deal(tasks, |task| {
        // A shard that is gone or of another form is a feed that is read from the beginning.
        let before = task.before.as_ref().and_then(|digest| database.shard(digest).ok());
        read_feed(database, task.feed, &task.parts, before, day)
    })
}

/// Deals items out to the processors one by one, since they are of very different sizes; the
/// results in the items' order.
pub(super) fn deal<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done: Mutex<Vec<(usize, R)>> = Mutex::new(Vec::new());
    let take = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return };
            let result = work(item);
            done.lock().unwrap_or_else(PoisonError::into_inner).push((at, result));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(items.len());
    std::thread::scope(|scope| {
        for _ in 1..workers {
            scope.spawn(take);
        }
        take();
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Shards by their digests, read by several processors.
pub(super) fn shards(database: &Database, digests: &[&str]) -> Vec<Result<Shard, DatabaseError>> {
    deal(digests, |digest| database.shard(digest))
}

/// A number that stands for a blob's bytes.
fn fingerprint(digest: &str) -> u64 {
    let hex = digest.rsplit(':').next().unwrap_or_default();
    hex.get(..16).and_then(|hex| u64::from_str_radix(hex, 16).ok()).unwrap_or(0)
}
