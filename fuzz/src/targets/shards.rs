//! What was kept of a feed, tampered with: taken apart and put together again, and built into a
//! snapshot.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::shard::Reading;
use plimsoll_vulndb::build::build_after;
use plimsoll_vulndb::{FeedMeta, Shard, ShardInput, Snapshot, feeds};

/// Runs the target.
pub fn run(input: &[u8]) {
    let shard = match Shard::decode(input.to_vec()) {
        Ok(shard) => shard,
        Err(error) => return drop(error.to_string()),
    };
    assert!(shard.bytes() == input, "a shard that changes when it is read");
    take_over(&shard);
    let feeds = vec![(FeedMeta::named("fuzz"), &shard)];
    if let Ok(bytes) = build_after(&ShardInput { sequence: 1, built: Timestamp(0), feeds }, None) {
        let snapshot = Snapshot::open(bytes.as_slice()).expect("what was just built can be opened");
        let broken = super::snapshots::read_all(&snapshot);
        assert!(broken.is_none(), "{broken:?}");
    }
}

/// Updates it with every second document gone.
fn take_over(shard: &Shard) {
    let feed = feeds::by_id("osv-local").expect("the feed of one's own records is always there");
    let mut before = shard.clone();
    before.version = feed.version();
    let units: Vec<(String, u64)> =
        shard.documents().map(|(name, fingerprint)| (name.to_owned(), fingerprint)).step_by(2).collect();
    let names = units.iter().map(|(name, _)| name.as_str());
    let mut reading = Reading::new(feed, Some(before), names);
    for (name, fingerprint) in &units {
        // What is asked for is what is not known: an empty file then.
        let read: Result<_, ()> = reading.part(name, "x.json", *fingerprint, || Ok(Vec::new()));
        let _ = read;
    }
    let updated = reading.finish(1, true);
    Shard::decode(updated.bytes().to_vec()).expect("an updated shard can be read");
}
