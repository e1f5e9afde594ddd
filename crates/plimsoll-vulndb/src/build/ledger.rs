//! What a snapshot was built from, as sums: of each package its rows, of each vulnerability its
//! records and whatever else is said of it. Where the next build comes to the same sum, it takes over
//! what stands in the snapshot.
//!
//! Only tells what is the same; whether anything is taken over makes no difference to the bytes.

use plimsoll_core::Digest;

use crate::codec::{Reader, Writer};

/// Its last letter is raised with every change of the form, or of what a sum is made of.
const FORMAT: &[u8; 8] = b"PLMLEDG1";

/// The sums of one snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ledger {
    /// The seed of all sums.
    pub(super) seed: u64,
    /// Of each package, in the order of realms and names.
    pub(super) packages: Vec<u64>,
    /// Of the facts about each vulnerability, in the order of ids.
    pub(super) facts: Vec<u64>,
    /// Of its records.
    pub(super) records: Vec<u64>,
}

impl Ledger {
    /// Its bytes, to be kept. `snapshot` is the digest of the snapshot that it belongs to.
    pub fn encode(&self, snapshot: &Digest) -> Vec<u8> {
        let mut out = Writer(FORMAT.to_vec());
        out.bytes(snapshot.to_string().as_bytes());
        out.hashes(&[self.seed]);
        out.hashes(&self.packages);
        out.hashes(&self.facts);
        out.hashes(&self.records);
        let sum = xxhash_rust::xxh3::xxh3_64(&out.0);
        out.0.extend_from_slice(&sum.to_le_bytes());
        out.0
    }

    /// Takes bytes that [`Ledger::encode`] gave; `None` where they are other bytes, belong to another
    /// snapshot, or were made with another seed.
    pub fn decode(bytes: &[u8], snapshot: &Digest, seed: u64) -> Option<Ledger> {
        let (content, sum) = bytes.split_last_chunk::<8>()?;
        if xxhash_rust::xxh3::xxh3_64(content) != u64::from_le_bytes(*sum) {
            return None;
        }
        let reader = &mut Reader(content.strip_prefix(FORMAT)?);
        if reader.str()? != snapshot.to_string() || reader.hashes()? != [seed] {
            return None;
        }
        let (packages, facts, records) = (reader.hashes()?, reader.hashes()?, reader.hashes()?);
        let fits = reader.0.is_empty() && facts.len() == records.len();
        fits.then_some(Ledger { seed, packages, facts, records })
    }
}

/// The sum of what comes one after the other.
#[derive(Default)]
pub(super) struct Sum(Vec<u8>);

impl Sum {
    pub(super) fn number(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The sum, and begins again.
    pub(super) fn take(&mut self, seed: u64) -> u64 {
        let sum = xxhash_rust::xxh3::xxh3_64_with_seed(&self.0, seed);
        self.0.clear();
        sum
    }
}
