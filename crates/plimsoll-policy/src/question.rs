//! What is asked: one image in its place, seen by one policy at one time.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{NamedFinding, Outcome, Reason, Severity, Timestamp};

use crate::exception::Exceptions;
use crate::policy::{Policy, days_after};
use crate::summary::{ScanSummary, SummaryFinding};

/// What is known of an artifact.
#[derive(Clone, Copy, Debug)]
pub enum Known<'a> {
    /// It was scanned, and this was found.
    Scanned(&'a ScanSummary),
    /// It is an image, and nobody has scanned it.
    NotScanned,
    /// It is an image, and what its scan found is not known: it failed.
    ScanFailed,
    /// It is no image.
    NotSupported,
}

/// An artifact in its place. Everything that a verdict may depend on, but policy and time, is here.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// What is known of it.
    pub known: Known<'a>,
    /// Where it lies.
    pub place: Place<'a>,
    /// When each vulnerability, by its id, was first seen there. One that is not named has no grace.
    pub first_seen: &'a BTreeMap<String, Timestamp>,
    /// When it was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// When the database was built whose answer it is.
    pub database_built: Option<Timestamp>,
}

/// Where an artifact lies; on the command line nowhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The repository inside of its namespace.
    pub repository: Option<&'a str>,
    /// The tags that point at it, or at an index that it is part of.
    pub tags: &'a [String],
}

/// A case before a policy, for the rules.
pub struct Question<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// All exceptions.
    pub exceptions: &'a Exceptions,
    /// The artifact.
    pub case: &'a Case<'a>,
    /// Now.
    pub now: Timestamp,
    /// The findings that no exception covers.
    pub(crate) counted: Vec<&'a SummaryFinding>,
    /// Which exceptions speak of a finding.
    pub(crate) used: BTreeSet<usize>,
}

/// What the rules answer.
#[derive(Debug, Default)]
pub struct Answer {
    pub(crate) reasons: Vec<Reason>,
    pub(crate) until: Option<Timestamp>,
}

/// How many findings a reason names.
const NAMED_MAX: usize = 10;

impl<'a> Question<'a> {
    pub(crate) fn new(
        policy: &'a Policy,
        exceptions: &'a Exceptions,
        case: &'a Case<'a>,
        now: Timestamp,
    ) -> Question<'a> {
        let mut used = BTreeSet::new();
        let findings = case.summary().map_or(&[][..], |it| &it.findings);
        let counted =
            findings.iter().filter(|it| !exceptions.cover(it, &case.place, now, &mut used)).collect();
        Question { policy, exceptions, case, now, counted, used }
    }

    /// From when on a finding counts, where it does not yet.
    pub(crate) fn counts_from(&self, finding: &SummaryFinding) -> Counts {
        let policy = self.policy;
        if (policy.only_fixable || policy.fix_age_days.is_some()) && !finding.is_fixable {
            return Counts::Never;
        }
        let fix_age = policy.fix_age_days.zip(finding.fix_seen);
        let fix_is_old = fix_age.map(|(days, seen)| (days_after(seen, days), Wait::FixAge { days }));
        let severity = finding.severity;
        let grace = policy.grace_days.get(&severity).copied().zip(self.case.first_seen.get(&finding.id));
        let grace_ends = grace.map(|(days, seen)| (days_after(*seen, days), Wait::Grace { severity, days }));
        match fix_is_old.max(grace_ends) {
            Some((from, wait)) if self.now < from => Counts::From(from, wait),
            _ => Counts::Now,
        }
    }
}

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    Now,
    From(Timestamp, Wait),
    Never,
}

/// What a policy waits for until a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wait {
    /// The days that it gives findings of a severity.
    Grace { severity: Severity, days: u32 },
    /// The age of a fix.
    FixAge { days: u32 },
}

impl Case<'_> {
    pub(crate) fn summary(&self) -> Option<&ScanSummary> {
        match self.known {
            Known::Scanned(summary) => Some(summary),
            Known::NotScanned | Known::ScanFailed | Known::NotSupported => None,
        }
    }
}

impl Answer {
    /// Gives a reason, unless it comes to nothing.
    pub fn give(&mut self, reason: Reason) {
        if reason.outcome != Outcome::Allow && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Says that the answer may be another one from this time on.
    pub fn holds_until(&mut self, time: Timestamp) {
        self.until = Some(self.until.map_or(time, |until| until.min(time)));
    }
}

/// A reason about findings: how many vulnerabilities they are, and the worst of them.
pub(crate) fn about(rule: &str, what: String, outcome: Outcome, findings: &[&SummaryFinding]) -> Reason {
    let ids: BTreeSet<&str> = findings.iter().map(|it| it.id.as_str()).collect();
    let mut findings = findings.to_vec();
    findings.sort_by(|one, other| (other.severity, &one.id).cmp(&(one.severity, &other.id)));
    let mut named = BTreeSet::new();
    let findings = findings.into_iter().filter(|it| named.insert((&it.id, &it.package, &it.version)));
    Reason {
        rule: rule.to_owned(),
        what,
        outcome,
        count: ids.len(),
        findings: findings.take(NAMED_MAX).map(SummaryFinding::named).collect(),
    }
}

impl SummaryFinding {
    fn named(&self) -> NamedFinding {
        NamedFinding {
            id: self.id.clone(),
            severity: self.severity,
            package: self.package.clone(),
            version: self.version.clone(),
            fixed_version: self.fixed_version.clone(),
        }
    }
}
