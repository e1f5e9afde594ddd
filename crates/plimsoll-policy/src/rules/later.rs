//! What rules say of findings that will count only later: from when on, and by which word of the policy.

use std::collections::BTreeMap;

use plimsoll_core::{Outcome, Timestamp};

use super::{count, vulnerabilities};
use crate::Answer;
use crate::question::{Wait, about};
use crate::summary::SummaryFinding;

/// A finding with the time from which it counts, and what the policy waits for.
pub(super) type Later<'a> = (Timestamp, Wait, &'a SummaryFinding);

/// Gives one reason for each thing that is waited for.
pub(super) fn name_later(rule: &str, outcome: Outcome, later: &[Later<'_>], answer: &mut Answer) {
    let mut waits: BTreeMap<Wait, Vec<&Later<'_>>> = BTreeMap::new();
    for one in later {
        waits.entry(one.1).or_default().push(one);
    }
    for (wait, later) in waits {
        let Some((from, _, first)) = later.iter().min_by_key(|it| (it.0, &it.2.id)) else { continue };
        answer.holds_until(*from);
        let findings: Vec<&SummaryFinding> = later.iter().map(|it| it.2).collect();
        let count = count(&findings);
        let (noun, verb) = (vulnerabilities(count), if count == 1 { "does" } else { "do" });
        let (id, day, why) = (&first.id, from.date_text(), why(wait));
        let what = format!("{count} {noun} {verb} not count yet, {id} from {day} on: {why}");
        answer.give(about(rule, what, outcome, &findings));
    }
}

fn why(wait: Wait) -> String {
    match wait {
        Wait::Grace { severity, days } => {
            format!("the policy gives {severity} ones a grace of {}", self::days(days))
        }
        Wait::FixAge { days } => {
            format!("the policy waits until a fix has been known for {}", self::days(days))
        }
    }
}

fn days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
