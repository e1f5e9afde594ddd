//! Damage to real files, the same every time: whatever comes out of them, every record that was
//! read is accounted for.
//!
//! Never asks that a damaged file be read: an error is a good answer, a panic none.

use std::path::Path;

use plimsoll_vulndb::{Feed, FeedOutput, Part, feeds};

/// Cuts and spoils each file so many times, and has its feed read what is left.
#[track_caller]
pub fn check(mirror: &Path, rounds: usize, samples: &[(&str, &str)]) {
    for (id, path) in samples {
        let whole = std::fs::read(mirror.join(path)).unwrap();
        let feed = feeds::by_id(id).unwrap();
        let mut damage = Damage(0x9E37_79B9_7F4A_7C15);
        for round in 0..rounds {
            let bytes = damage.harmed(&whole, round);
            assert!(is_accounted_for(feed, &bytes), "{id} {path} {round}");
        }
    }
}

/// A small generator (xorshift).
struct Damage(u64);

impl Damage {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (below.max(1) as u64)).unwrap()
    }

    fn harmed(&mut self, whole: &[u8], round: usize) -> Vec<u8> {
        let mut bytes = whole.to_vec();
        if round.is_multiple_of(3) {
            bytes.truncate(self.next(bytes.len()));
            return bytes;
        }
        for _ in 0..=round % 7 {
            let place = self.next(bytes.len());
            bytes[place] = u8::try_from(self.next(256)).unwrap();
        }
        bytes
    }
}

fn is_accounted_for(feed: &dyn Feed, bytes: &[u8]) -> bool {
    let mut out = FeedOutput::default();
    let _ = feed.parse(&Part { name: "x", file_name: "x", bytes }, &mut out);
    out.records_read == out.records_stored + out.records_quarantined + out.out_of_scope
}
