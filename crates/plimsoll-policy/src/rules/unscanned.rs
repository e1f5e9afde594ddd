//! `unscanned`: what becomes of an image that nobody has looked into.

use plimsoll_core::Reason;

use super::Rule;
use crate::{Answer, Known, Question};

/// The rule.
pub struct Unscanned;

impl Rule for Unscanned {
    fn name(&self) -> &'static str {
        "unscanned"
    }

    fn fields(&self) -> &'static [&'static str] {
        &["unscanned"]
    }

    fn about(&self) -> &'static str {
        "images that were never scanned, or whose only scan failed; one with a result keeps its verdict while the next scan runs, and when that fails"
    }

    fn judge(&self, question: &Question<'_>, answer: &mut Answer) {
        let what = match question.case.known {
            Known::NotScanned => "the image has not been scanned",
            Known::ScanFailed => "the image's scan failed, so that nobody knows what is in it",
            Known::Scanned(_) | Known::NotSupported => return,
        };
        answer.give(Reason::new(self.name(), what, question.policy.unscanned));
    }
}
