//! Exceptions: vulnerabilities that somebody decided to live with, for a reason and a time.

use plimsoll_core::{Finding, Timestamp};

/// One entry of an allowlist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// The vulnerability's id, or any of its aliases.
    pub id: String,
    /// Why it does not count.
    pub reason: Option<String>,
    /// Who decided it.
    pub owner: Option<String>,
    /// When it ends; from then on it counts again.
    pub ends: Option<Timestamp>,
}

impl Exception {
    /// An exception without reason, owner or end, as the command line takes them.
    pub fn of(id: &str) -> Exception {
        Exception { id: id.to_owned(), reason: None, owner: None, ends: None }
    }

    /// Whether it speaks of this finding, now; perhaps only of one CVE of several.
    pub fn speaks_of(&self, finding: &Finding, now: Timestamp) -> bool {
        let mut ids = std::iter::once(&finding.id).chain(&finding.aliases);
        ids.any(|id| self.names(id, now))
    }

    fn names(&self, id: &str, now: Timestamp) -> bool {
        self.id.eq_ignore_ascii_case(id) && self.ends.is_none_or(|ends| now < ends)
    }
}

/// Whether these exceptions together speak of all that a finding is about.
pub(crate) fn cover(exceptions: &[Exception], finding: &Finding, now: Timestamp) -> bool {
    !exceptions.is_empty() && finding.is_answered(|id| exceptions.iter().any(|it| it.names(id, now)))
}
