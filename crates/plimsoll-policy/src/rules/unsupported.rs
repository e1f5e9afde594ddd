//! `unsupported`: what becomes of an artifact that is no image, a chart say.

use plimsoll_core::Reason;

use super::Rule;
use crate::{Answer, Known, Question};

/// The rule.
pub struct Unsupported;

impl Rule for Unsupported {
    fn name(&self) -> &'static str {
        "unsupported"
    }

    fn fields(&self) -> &'static [&'static str] {
        &["unsupported"]
    }

    fn about(&self) -> &'static str {
        "artifacts that are no images, and in which nothing is looked for"
    }

    fn judge(&self, question: &Question<'_>, answer: &mut Answer) {
        if matches!(question.case.known, Known::NotSupported) {
            let what = "it is no image, and nobody knows what is in it";
            answer.give(Reason::new(self.name(), what, question.policy.unsupported));
        }
    }
}
