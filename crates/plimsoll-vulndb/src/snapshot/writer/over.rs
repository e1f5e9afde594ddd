//! Taking rows and facts over from an earlier snapshot: the same bytes but for the numbers of strings
//! and of vulnerabilities, which every snapshot has its own of.

use super::rows::Blocks;
use super::strings::{Put, Shared};
use super::{BuildError, varint};
use crate::snapshot::earlier::{Earlier, KeptBlock};
use crate::snapshot::format::{Section, SnapshotError, corrupt};
use crate::snapshot::walk::{Reference, Role, Visit};

/// What has which number here and there.
pub(super) struct Over<'w, 'a> {
    earlier: &'w Earlier<'a>,
    shared: &'w Shared<'w>,
    /// The numbers here of the strings that are shared there; `None` where they are not shared here.
    strings: Vec<Option<u32>>,
    /// The numbers here of the vulnerabilities there; `None` of those that are none any more.
    vulnerabilities: Vec<Option<u32>>,
}

impl<'w, 'a> Over<'w, 'a> {
    pub(super) fn of(
        earlier: &'w Earlier<'a>,
        shared: &'w Shared<'w>,
        ids: &[&str],
    ) -> Result<Over<'w, 'a>, SnapshotError> {
        let strings = (0..earlier.strings.len()).map(|at| Ok(shared.number(earlier.strings.text(at)?)));
        let strings = strings.collect::<Result<_, SnapshotError>>()?;
        Ok(Over { earlier, shared, strings, vulnerabilities: earlier.renumbered(ids)? })
    }

    /// Writes the rows of a package, and counts them.
    pub(super) fn rows(&self, out: &mut Blocks<'a>, block: &KeptBlock<'a>) -> Result<(), BuildError> {
        let mut copy = RowsOver { over: self, out, feed: None, numbers: Vec::new(), counted: 0 };
        self.earlier.rows(block, &mut copy)?;
        copy.count_feed();
        let RowsOver { numbers, out, .. } = copy;
        let realm = out.realms.of(block.realm);
        numbers.into_iter().for_each(|number| realm.saw(number));
        Ok(())
    }

    /// Writes the facts about a vulnerability, by its number there.
    pub(super) fn fact(&self, out: &mut Vec<u8>, number: u32) -> Result<(), BuildError> {
        Ok(self.earlier.fact(number, &mut FactOver { over: self, out })?)
    }

    fn string(&self, out: &mut Vec<u8>, string: Reference<'a>) -> Result<(), SnapshotError> {
        if let Reference::Shared(number) = string
            && let Some(Some(here)) = self.strings.get(number)
        {
            varint(out, u64::from(*here) << 1 | 1);
            return Ok(());
        }
        let mut sink = self.shared;
        sink.put(out, self.earlier.string(string)?);
        Ok(())
    }
}

struct RowsOver<'o, 'w, 'a> {
    over: &'o Over<'w, 'a>,
    out: &'o mut Blocks<'a>,
    /// The row's feed, and how that lies there: most rows come from the feed of the row before.
    feed: Option<(Reference<'a>, &'a str)>,
    /// The vulnerabilities of the rows so far.
    numbers: Vec<u32>,
    /// How many of them were counted as their feed's.
    counted: usize,
}

impl RowsOver<'_, '_, '_> {
    /// Counts the rows that are not counted yet, all of one feed.
    fn count_feed(&mut self) {
        if let Some((_, feed)) = self.feed {
            let count = self.out.feeds.of(feed);
            self.numbers.iter().skip(self.counted).for_each(|number| count.saw(*number));
            self.counted = self.numbers.len();
        }
    }
}

impl<'a> Visit<'a> for RowsOver<'_, '_, 'a> {
    fn raw(&mut self, bytes: &'a [u8]) {
        self.out.bytes.extend_from_slice(bytes);
    }

    fn string(&mut self, string: Reference<'a>, role: Role) -> Result<(), SnapshotError> {
        if role == Role::Feed && self.feed.is_none_or(|(reference, _)| reference != string) {
            self.count_feed();
            self.feed = Some((string, self.over.earlier.string(string)?));
        }
        self.over.string(&mut self.out.bytes, string)
    }

    fn vulnerability(&mut self, number: usize) -> Result<(), SnapshotError> {
        let here = self.over.vulnerabilities.get(number).copied().flatten();
        let previous = self.numbers.last().copied().unwrap_or(0);
        let step = here.and_then(|here| here.checked_sub(previous));
        let (Some(here), Some(step)) = (here, step) else {
            return Err(corrupt(Section::Rows, "a vulnerability that is out of place"));
        };
        varint(&mut self.out.bytes, u64::from(step));
        self.numbers.push(here);
        Ok(())
    }
}

struct FactOver<'o, 'w, 'a> {
    over: &'o Over<'w, 'a>,
    out: &'o mut Vec<u8>,
}

impl<'a> Visit<'a> for FactOver<'_, '_, 'a> {
    fn raw(&mut self, bytes: &'a [u8]) {
        self.out.extend_from_slice(bytes);
    }

    fn string(&mut self, string: Reference<'a>, _: Role) -> Result<(), SnapshotError> {
        self.over.string(self.out, string)
    }

    fn vulnerability(&mut self, _: usize) -> Result<(), SnapshotError> {
        Ok(())
    }
}
