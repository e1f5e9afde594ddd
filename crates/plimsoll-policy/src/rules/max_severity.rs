//! `max-severity`: denies where a finding is as severe as the policy's level, or worse, and
//! warns where nobody has said yet how severe one is.

use std::collections::BTreeMap;

use plimsoll_core::{Outcome, Reason, Report, Severity, Timestamp};

use super::Rule;
use crate::{Policy, counted};

/// The rule.
pub struct MaxSeverity;

impl Rule for MaxSeverity {
    fn name(&self) -> &'static str {
        "max-severity"
    }

    fn judge(&self, policy: &Policy, report: &Report, now: Timestamp, reasons: &mut Vec<Reason>) {
        let Some(level) = policy.fail_on else {
            return;
        };
        let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in counted(policy, report, now) {
            if !policy.only_fixable || finding.is_fixable() {
                let known = worst.entry(&finding.id).or_insert(finding.severity.severity);
                *known = (*known).max(finding.severity.severity);
            }
        }
        let with_fix = if policy.only_fixable { " that can be fixed" } else { "" };
        reasons.extend(denied(&worst, level, with_fix).map(|what| self.reason(what, Outcome::Deny)));
        reasons.extend(unrated(&worst, level, with_fix).map(|what| self.reason(what, Outcome::Warn)));
    }
}

impl MaxSeverity {
    fn reason(&self, what: String, outcome: Outcome) -> Reason {
        Reason { rule: self.name().to_owned(), what, outcome }
    }
}

fn denied(worst: &BTreeMap<&str, Severity>, level: Severity, with_fix: &str) -> Option<String> {
    let reaching = worst.iter().filter(|(_, severity)| **severity >= level);
    let count = reaching.clone().count();
    let (id, severity) = reaching.max_by_key(|(id, severity)| (**severity, std::cmp::Reverse(**id)))?;
    let verb = if count == 1 { "is" } else { "are" };
    let noun = vulnerabilities(count);
    Some(format!("{count} {noun}{with_fix} {verb} {level} or worse, {id} ({severity}) the worst of them"))
}

/// Nobody knows yet whether they reach the level, which is no all-clear.
fn unrated(worst: &BTreeMap<&str, Severity>, level: Severity, with_fix: &str) -> Option<String> {
    let count = worst.values().filter(|it| **it == Severity::Unknown && **it < level).count();
    let verb = if count == 1 { "has" } else { "have" };
    (count > 0).then(|| format!("{count} {}{with_fix} {verb} no severity yet", vulnerabilities(count)))
}

fn vulnerabilities(count: usize) -> &'static str {
    if count == 1 { "vulnerability" } else { "vulnerabilities" }
}
