//! `unused-exception`: names exceptions that have ended or that match nothing, so that lists of
//! them do not grow for ever.

use plimsoll_core::Reason;

use super::Rule;
use crate::{Answer, Question};

/// The rule.
pub struct UnusedException;

/// How many are named; the rest of a pasted list is as idle.
const NAMED_MAX: usize = 50;

impl Rule for UnusedException {
    fn name(&self) -> &'static str {
        "unused-exception"
    }

    fn fields(&self) -> &'static [&'static str] {
        &["unused_exceptions"]
    }

    fn about(&self) -> &'static str {
        "exceptions that have ended, or that match nothing in this image"
    }

    fn judge(&self, question: &Question<'_>, answer: &mut Answer) {
        let unused = question.exceptions.iter().enumerate().filter(|(at, _)| !question.used.contains(at));
        for (_, exception) in unused.take(NAMED_MAX) {
            let what = match exception.ends {
                Some(ends) if ends <= question.now => {
                    format!("the exception for {} ended on {}", exception.id, ends.date_text())
                }
                _ => format!("the exception for {} matches nothing", exception.id),
            };
            answer.give(Reason::new(self.name(), what, question.policy.unused_exceptions));
        }
    }
}
