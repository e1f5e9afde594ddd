//! Policy × report × time gives a verdict: may this be deployed, and if not, for which reasons.
//!
//! Pure. All rules speak, so that a refusal names everything that stands in the way; what a rule
//! cannot know it never takes for good.
#![forbid(unsafe_code)]

mod exception;
mod rules;

use plimsoll_core::{Finding, Outcome, Report, Severity, Timestamp, Verdict};

pub use exception::Exception;
pub use rules::{RULES, Rule};

/// What is asked of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Deny where a finding is of this severity or worse; `None` asks nothing of severities.
    pub fail_on: Option<Severity>,
    /// Only findings with a fix count for `fail_on`.
    pub only_fixable: bool,
    /// Vulnerabilities that do not count.
    pub exceptions: Vec<Exception>,
}

/// Judges a report.
pub fn evaluate(policy: &Policy, report: &Report, now: Timestamp) -> Verdict {
    let mut reasons = Vec::new();
    for rule in RULES {
        rule.judge(policy, report, now, &mut reasons);
    }
    let outcome = reasons.iter().map(|reason| reason.outcome).max().unwrap_or(Outcome::Allow);
    Verdict { outcome, reasons }
}

/// The findings that count: not the kernel's headers, not what VEX or an ignore file suppresses,
/// and not what an exception names.
fn counted<'a>(policy: &'a Policy, report: &'a Report, now: Timestamp) -> impl Iterator<Item = &'a Finding> {
    let findings = report.findings().map(|(finding, _)| finding);
    findings.filter(move |it| it.counts() && !exception::cover(&policy.exceptions, it, now))
}

#[cfg(test)]
mod tests;
