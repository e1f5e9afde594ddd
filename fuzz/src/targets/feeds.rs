//! Every feed of the table; also what the parts of one come to as a snapshot.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::{BuildInput, FEEDS, FeedMeta, FeedOutput, Part, Snapshot, build};

/// Runs the target. The first byte chooses a feed.
pub fn run(input: &[u8]) {
    let Some((chosen, bytes)) = input.split_first() else { return };
    let feed = FEEDS[usize::from(*chosen) % FEEDS.len()];
    let source = &feed.sources()[0];
    let name = source.name.replace('*', "v3.18");
    let file_name = source.mirror.first().map_or("part.json", |it| it.as_str()).replace('*', "v3.18");
    let mut out = FeedOutput::default();
    if feed.parse(&Part { name: &name, file_name: &file_name, bytes }, &mut out).is_err() {
        return;
    }
    let accounted = out.records_stored + out.records_quarantined + out.out_of_scope;
    assert_eq!(out.records_read, accounted, "{}: records that nobody accounts for", feed.id());
    round_trip(feed.id(), out);
}

/// Builds a snapshot of what was read and reads it back.
fn round_trip(id: &str, out: FeedOutput) {
    let input = BuildInput { sequence: 1, built: Timestamp(0), feeds: vec![(FeedMeta::named(id), out)] };
    let bytes = match build(&input) {
        Ok(bytes) => bytes,
        Err(error) => return drop(error.to_string()),
    };
    let snapshot = Snapshot::open(bytes.as_slice()).expect("what was just built can be opened");
    let broken = super::snapshots::read_all(&snapshot);
    assert!(broken.is_none(), "{id}: {broken:?}");
}
