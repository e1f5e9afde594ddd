//! What was kept of a feed, tampered with: taken apart and put together again, and built into a
//! snapshot.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::shard::Reading;
use plimsoll_vulndb::{BuildInput, FeedMeta, Shard, Snapshot, build, feeds};

/// Runs the target.
pub fn run(input: &[u8]) {
    let shard = match Shard::decode(input) {
        Ok(shard) => shard,
        Err(error) => return drop(error.to_string()),
    };
    let bytes = shard.encode();
    let again = Shard::decode(&bytes).expect("what was just written can be read");
    assert!(again.encode() == bytes, "a shard that changes when it is written again");
    take_over(&shard);
    let output = again.output;
    let input =
        BuildInput { sequence: 1, built: Timestamp(0), feeds: vec![(FeedMeta::named("fuzz"), output)] };
    if let Ok(bytes) = build(&input) {
        let snapshot = Snapshot::open(bytes.as_slice()).expect("what was just built can be opened");
        let broken = super::snapshots::read_all(&snapshot);
        assert!(broken.is_none(), "{broken:?}");
    }
}

/// Updates it with every second document gone.
fn take_over(shard: &Shard) {
    let feed = feeds::by_id("osv-local").expect("the feed of one's own records is always there");
    let before = Shard { version: feed.version(), ..shard.clone() };
    let units: Vec<(String, u64)> =
        shard.output.units.iter().map(|unit| (unit.name.clone(), unit.fingerprint)).step_by(2).collect();
    let names = units.iter().map(|(name, _)| name.as_str());
    let mut reading = Reading::new(feed, Some(before), names);
    for (name, fingerprint) in &units {
        // What is asked for is what is not known: an empty file then.
        let read: Result<_, ()> = reading.part(name, "x.json", *fingerprint, || Ok(Vec::new()));
        let _ = read;
    }
    let updated = reading.finish(1);
    let bytes = updated.encode();
    Shard::decode(&bytes).expect("an updated shard can be read");
}
