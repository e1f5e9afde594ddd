//! A database file that somebody tampered with: every look-up ends, in an answer or an error.

use plimsoll_vulndb::snapshot::probe;
use plimsoll_vulndb::{Snapshot, SnapshotError};

/// Look-ups of each kind; a snapshot of a fuzzer has few keys, but may claim many.
const LOOK_UPS_MAX: usize = 500;

/// Runs the target.
pub fn run(input: &[u8]) {
    let _ = probe(input, LOOK_UPS_MAX);
    match Snapshot::open(input) {
        Ok(snapshot) => drop(read_all(&snapshot)),
        Err(error) => drop(error.to_string()),
    }
}

/// Reads everything there is; gives the first error.
pub(super) fn read_all<B: AsRef<[u8]>>(snapshot: &Snapshot<B>) -> Option<SnapshotError> {
    let mut first: Option<SnapshotError> = None;
    let mut note = |error: SnapshotError| {
        let _ = error.to_string();
        first.get_or_insert(error);
    };
    for key in snapshot.keys().take(LOOK_UPS_MAX) {
        match key {
            Ok((realm, package)) => read_rows(snapshot, realm, package, &mut note),
            Err(error) => note(error),
        }
    }
    for id in snapshot.ids().take(LOOK_UPS_MAX) {
        match id {
            Ok(id) => {
                snapshot.vulnerability(id).map_err(&mut note).ok();
                snapshot.text(id).map_err(&mut note).ok();
            }
            Err(error) => note(error),
        }
    }
    snapshot.info().map_err(&mut note).ok();
    snapshot.feeds().map_err(&mut note).ok();
    snapshot.realms().map_err(&mut note).ok();
    snapshot.stats().map_err(&mut note).ok();
    snapshot.all_end_of_life().map_err(&mut note).ok();
    for (realm, package) in [("deb/debian:12", "openssl"), ("", ""), ("apk/alpine:edge", "\u{10ffff}")] {
        read_rows(snapshot, realm, package, &mut note);
        let _ = snapshot.covers(realm);
    }
    first
}

fn read_rows<B: AsRef<[u8]>>(
    snapshot: &Snapshot<B>,
    realm: &str,
    package: &str,
    note: &mut impl FnMut(SnapshotError),
) {
    for row in snapshot.rows(realm, package).take(LOOK_UPS_MAX) {
        match row {
            Ok(row) => {
                let _ = row.to_advisory(realm);
                let _ = (row.architectures().count(), row.advisory_ids().count(), row.versions().count());
            }
            Err(error) => note(error),
        }
    }
}
