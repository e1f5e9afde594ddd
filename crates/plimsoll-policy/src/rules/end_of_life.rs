//! `end-of-life`: warns where the distribution gets no more updates, so that "no findings" is no
//! all-clear.

use plimsoll_core::{Outcome, Reason, Report, Support, Timestamp};

use super::Rule;
use crate::Policy;

/// The rule.
pub struct EndOfLife;

impl Rule for EndOfLife {
    fn name(&self) -> &'static str {
        "end-of-life"
    }

    fn judge(&self, _policy: &Policy, report: &Report, _now: Timestamp, reasons: &mut Vec<Reason>) {
        for image in report.images.iter().filter(|image| image.support == Support::Ended) {
            let name = image
                .distro
                .as_ref()
                .map_or(String::new(), |distro| format!("{} {}", distro.id, distro.version_id));
            let since =
                image.support_ends.map_or(String::new(), |ends| format!(" since {}", ends.date_text()));
            let what = format!("{name} gets no more updates{since}");
            let reason = Reason { rule: self.name().to_owned(), what, outcome: Outcome::Warn };
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
}
