//! What was kept of a feed, tampered with: taken apart and put together again, and built into a
//! snapshot.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::build::{build_after, build_kept};
use plimsoll_vulndb::shard::Reading;
use plimsoll_vulndb::{Before, FeedInput, FeedMeta, Index, KeptInput, Shard, ShardInput, Snapshot, feeds};

/// Runs the target.
pub fn run(input: &[u8]) {
    let shard = match Shard::decode(input.to_vec()) {
        Ok(shard) => shard,
        Err(error) => return drop(error.to_string()),
    };
    assert!(shard.bytes() == input, "a shard that changes when it is read");
    take_over(&shard);
    index(&shard);
    let feeds = vec![(FeedMeta::named("fuzz"), &shard)];
    if let Ok(bytes) = build_after(&ShardInput { sequence: 1, built: Timestamp(0), feeds }, None) {
        let snapshot = Snapshot::open(bytes.as_slice()).expect("what was just built can be opened");
        let broken = super::snapshots::read_all(&snapshot);
        assert!(broken.is_none(), "{broken:?}");
    }
}

/// Makes an index of it, and builds twice with that: the second time everything is taken over.
fn index(shard: &Shard) {
    let Some(index) = Index::of(shard, 1) else { return };
    let again = Index::decode(&index.encode(), 1);
    assert!(again.as_ref() == Some(&index), "an index that is read as another one");
    let meta = FeedMeta::named("fuzz");
    let feeds = vec![FeedInput { meta: &meta, index: &index, shard }];
    let input = KeptInput { sequence: 1, built: Timestamp(0), feeds };
    let Ok((bytes, ledger)) = build_kept(&input, None, None) else { return };
    let snapshot = Snapshot::open(&bytes).expect("what was just built can be opened");
    let before = Before::of(&snapshot, &ledger).expect("what was just built can be taken over");
    let again = build_kept(&input, Some(&snapshot), before.as_ref()).expect("it was built before");
    assert!(again == (bytes, ledger), "what is taken over makes a difference");
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
