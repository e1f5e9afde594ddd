//! `end-of-life`: what becomes of an image whose distribution gets no more updates, so that "no
//! findings" is no all-clear.

use plimsoll_core::Reason;

use super::Rule;
use crate::{Answer, Question};

/// The rule.
pub struct EndOfLife;

impl Rule for EndOfLife {
    fn name(&self) -> &'static str {
        "end-of-life"
    }

    fn fields(&self) -> &'static [&'static str] {
        &["end_of_life"]
    }

    fn about(&self) -> &'static str {
        "images of a distribution that gets no more updates"
    }

    fn judge(&self, question: &Question<'_>, answer: &mut Answer) {
        let distributions = question.case.summary().map_or(&[][..], |it| &it.distributions);
        for distribution in distributions {
            let ended = distribution.ended || distribution.ends.is_some_and(|ends| ends <= question.now);
            if !ended {
                distribution.ends.into_iter().for_each(|ends| answer.holds_until(ends));
                continue;
            }
            let since = distribution.ends.map_or(String::new(), |it| format!(" since {}", it.date_text()));
            let what = format!("{} gets no more updates{since}", distribution.name);
            answer.give(Reason::new(self.name(), what, question.policy.end_of_life));
        }
    }
}
