//! `incomplete`: denies where something could not be read, since nobody knows what it hides.

use plimsoll_core::{Outcome, Reason, Report, Timestamp};

use super::Rule;
use crate::Policy;

/// The rule.
pub struct Incomplete;

impl Rule for Incomplete {
    fn name(&self) -> &'static str {
        "incomplete"
    }

    fn judge(&self, _policy: &Policy, report: &Report, _now: Timestamp, reasons: &mut Vec<Reason>) {
        if !report.is_complete() {
            let what = "the image could not be scanned completely".to_owned();
            reasons.push(Reason { rule: self.name().to_owned(), what, outcome: Outcome::Deny });
        }
    }
}
