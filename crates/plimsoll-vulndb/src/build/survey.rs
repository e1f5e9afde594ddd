//! What rows speak of and name, before anything is numbered: of rows that are merged, and of those that
//! are taken over.
//!
//! Counts and collects; decides nothing.

use super::before::Before;
use crate::snapshot::earlier::Seen;
use crate::snapshot::writer::rows::{MergedRow, universe, write_row};
use crate::snapshot::writer::strings::{Counted, Put};
use crate::snapshot::writer::{BuildError, Numbers};
use crate::texts::{TextMap, TextSet};

/// What rows speak of and name, before anything is numbered.
#[derive(Default)]
pub(super) struct Survey<'a> {
    /// The ranks of the vulnerabilities.
    pub(super) vulnerabilities: Numbers,
    /// The announcements that they name.
    pub(super) announced: TextSet<&'a str>,
    /// How often each string would be written.
    pub(super) counts: TextMap<&'a str, u32>,
    /// Of each package the versions that its rows list.
    pub(super) universes: Vec<Vec<&'a str>>,
}

impl<'a> Survey<'a> {
    pub(super) fn add(&mut self, rows: &[MergedRow<'a>]) {
        self.universes.push(universe(rows));
        let mut counts = Counted(std::mem::take(&mut self.counts));
        let (mut ignored, nowhere) = (Vec::new(), TextMap::default());
        if let Some(first) = rows.first() {
            counts.put(&mut ignored, first.statement.realm);
        }
        for row in rows {
            ignored.clear();
            write_row(&mut ignored, row, row.vulnerability, &nowhere, &mut counts);
            self.vulnerabilities.insert(row.vulnerability);
            self.announced.extend(&row.advisory_ids);
        }
        self.counts = counts.0;
    }

    /// Adds what was seen in the snapshot before.
    pub(super) fn add_seen(
        &mut self,
        seen: &Seen<'a>,
        before: &Before<'a>,
        names: &[&str],
    ) -> Result<(), BuildError> {
        seen.add_to(&mut self.counts, &before.earlier)?;
        for id in seen.announced(&before.earlier) {
            self.announced.insert(id?);
        }
        let ranks = before.earlier.renumbered(names)?;
        for number in seen.vulnerabilities.iter() {
            let rank = ranks.get(number as usize).copied().flatten().ok_or(BuildError::Damaged)?;
            self.vulnerabilities.insert(rank);
        }
        Ok(())
    }

    pub(super) fn join(&mut self, mut other: Survey<'a>) {
        self.vulnerabilities.add(&other.vulnerabilities);
        self.announced.extend(other.announced);
        self.universes.append(&mut other.universes);
        if self.counts.is_empty() {
            self.counts = other.counts;
        } else {
            for (string, count) in other.counts {
                *self.counts.entry(string).or_default() += count;
            }
        }
    }
}
