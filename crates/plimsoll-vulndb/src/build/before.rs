//! The snapshot before, with the sums of what it was built from: what the next one takes over.

use std::cmp::Ordering;

use super::ledger::Ledger;
use crate::Snapshot;
use crate::snapshot::SnapshotError;
use crate::snapshot::earlier::{Earlier, KeptBlock};

/// A snapshot to take over from.
pub struct Before<'a> {
    pub(super) earlier: Earlier<'a>,
    ledger: &'a Ledger,
}

/// Of ids, the numbers of those in the snapshot before of which something is the same.
#[derive(Default)]
pub(super) struct Same {
    /// All that is known but the texts.
    pub(super) facts: Vec<Option<u32>>,
    /// The records, and with them the texts.
    pub(super) records: Vec<Option<u32>>,
}

impl<'a> Before<'a> {
    /// A snapshot and what is kept of its build. The snapshot's bytes must have been compared with its
    /// digest: what is taken over is looked at no more.
    ///
    /// # Errors
    /// Where it is damaged.
    pub fn of<B: AsRef<[u8]>>(
        snapshot: &'a Snapshot<B>,
        ledger: &'a Ledger,
    ) -> Result<Option<Before<'a>>, SnapshotError> {
        let earlier = Earlier::of(snapshot)?;
        let fits = ledger.packages.len() == earlier.blocks.len() && ledger.facts.len() == earlier.ids.len();
        Ok(fits.then_some(Before { earlier, ledger }))
    }

    /// The seed that its sums were made with.
    pub(super) fn seed(&self) -> u64 {
        self.ledger.seed
    }

    /// Of packages in order, with their sums, those that are the same here.
    pub(super) fn blocks<'k>(
        &self,
        packages: impl Iterator<Item = (&'k str, &'k str, u64)>,
    ) -> Vec<Option<KeptBlock<'a>>> {
        let mut blocks = self.earlier.blocks.iter().zip(&self.ledger.packages).peekable();
        let same = |(realm, name, sum): (&str, &str, u64)| {
            while blocks.next_if(|(it, _)| (it.realm, it.name) < (realm, name)).is_some() {}
            let (block, sum_before) = blocks.peek()?;
            let is_same = (block.realm, block.name, **sum_before) == (realm, name, sum);
            is_same.then_some(**block)
        };
        packages.map(same).collect()
    }

    /// What of these ids, in order, is the same here; `now` are their sums.
    pub(super) fn same(&self, ids: &[&str], now: &Ledger) -> Result<Same, SnapshotError> {
        let mut there = 0;
        let mut same = Same { facts: vec![None; ids.len()], records: vec![None; ids.len()] };
        for (here, id) in ids.iter().enumerate() {
            while there < self.earlier.ids.len() {
                let found = self.earlier.ids.text(there)?;
                match found.cmp(id) {
                    Ordering::Less => there += 1,
                    Ordering::Greater => break,
                    Ordering::Equal => {
                        let number = u32::try_from(there).ok();
                        let is_same = |now: &[u64], then: &[u64]| now.get(here) == then.get(there);
                        same.facts[here] = number.filter(|_| is_same(&now.facts, &self.ledger.facts));
                        same.records[here] = number.filter(|_| is_same(&now.records, &self.ledger.records));
                        there += 1;
                        break;
                    }
                }
            }
        }
        Ok(same)
    }
}
