//! The table of rules, in the order in which their reasons are given.

mod end_of_life;
mod incomplete;
mod known_exploited;
mod later;
mod likely_exploited;
mod max_severity;
mod stale_database;
mod unscanned;
mod unsupported;
mod unused_exception;

use std::collections::BTreeSet;

use crate::summary::SummaryFinding;
use crate::{Answer, Question};

/// One rule.
pub trait Rule: Sync {
    /// Its name, `max-severity`; part of every reason it gives.
    fn name(&self) -> &'static str;

    /// The fields of a policy that it reads, for the manual.
    fn fields(&self) -> &'static [&'static str];

    /// What it says, for the manual.
    fn about(&self) -> &'static str;

    /// Adds a reason for everything that it has to say.
    fn judge(&self, question: &Question<'_>, answer: &mut Answer);
}

/// Every rule.
pub static RULES: &[&dyn Rule] = &[
    &max_severity::MaxSeverity,
    &likely_exploited::LikelyExploited,
    &incomplete::Incomplete,
    &known_exploited::KnownExploited,
    &unscanned::Unscanned,
    &unsupported::Unsupported,
    &end_of_life::EndOfLife,
    &stale_database::StaleDatabase,
    &unused_exception::UnusedException,
];

/// Each vulnerability once, however many packages have it.
fn count(findings: &[&SummaryFinding]) -> usize {
    findings.iter().map(|it| it.id.as_str()).collect::<BTreeSet<_>>().len()
}

/// One vulnerability, or several.
fn vulnerabilities(count: usize) -> &'static str {
    if count == 1 { "vulnerability" } else { "vulnerabilities" }
}
