//! `unused-exception`: warns of exceptions that have ended or that match nothing, so that lists
//! of them do not grow for ever.

use plimsoll_core::{Outcome, Reason, Report, Timestamp};

use super::Rule;
use crate::Policy;

/// The rule.
pub struct UnusedException;

impl Rule for UnusedException {
    fn name(&self) -> &'static str {
        "unused-exception"
    }

    fn judge(&self, policy: &Policy, report: &Report, now: Timestamp, reasons: &mut Vec<Reason>) {
        for exception in &policy.exceptions {
            let what = match exception.ends {
                Some(ends) if ends <= now => {
                    format!("the exception for {} ended on {}", exception.id, ends.date_text())
                }
                _ if report.findings().any(|(finding, _)| exception.speaks_of(finding, now)) => continue,
                _ => format!("the exception for {} matches nothing", exception.id),
            };
            reasons.push(Reason { rule: self.name().to_owned(), what, outcome: Outcome::Warn });
        }
    }
}
