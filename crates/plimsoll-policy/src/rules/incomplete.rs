//! `incomplete`: what becomes of an image of which something could not be read, since nobody
//! knows what it hides.

use plimsoll_core::Reason;

use super::Rule;
use crate::{Answer, Question};

/// The rule.
pub struct Incomplete;

impl Rule for Incomplete {
    fn name(&self) -> &'static str {
        "incomplete"
    }

    fn fields(&self) -> &'static [&'static str] {
        &["incomplete"]
    }

    fn about(&self) -> &'static str {
        "images of which something could not be read that may hide findings"
    }

    fn judge(&self, question: &Question<'_>, answer: &mut Answer) {
        if question.case.summary().is_some_and(|it| it.incomplete) {
            let what = "the image could not be scanned completely";
            answer.give(Reason::new(self.name(), what, question.policy.incomplete));
        }
    }
}
