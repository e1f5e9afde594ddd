//! `max-severity`: denies where a finding is as severe as the policy's level, or worse.

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
        let mut reaching: BTreeMap<&str, Severity> = BTreeMap::new();
        for finding in counted(policy, report, now) {
            if (!policy.only_fixable || finding.is_fixable()) && finding.severity.severity >= level {
                let worst = reaching.entry(&finding.id).or_insert(finding.severity.severity);
                *worst = (*worst).max(finding.severity.severity);
            }
        }
        let Some(worst) = reaching.iter().max_by_key(|(id, severity)| (**severity, std::cmp::Reverse(**id)))
        else {
            return;
        };
        let with_fix = if policy.only_fixable { " that can be fixed" } else { "" };
        let count = reaching.len();
        let what = format!(
            "{count} {}{with_fix} {} {level} or worse, {} ({}) the worst of them",
            if count == 1 { "vulnerability" } else { "vulnerabilities" },
            if count == 1 { "is" } else { "are" },
            worst.0,
            worst.1
        );
        reasons.push(Reason { rule: self.name().to_owned(), what, outcome: Outcome::Deny });
    }
}
