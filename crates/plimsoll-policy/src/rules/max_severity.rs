//! `max-severity`: denies where a finding is as severe as the policy's level, or worse, and
//! warns where nobody has said yet how severe one is, or where a finding will count only later.

use std::collections::BTreeSet;

use plimsoll_core::{Outcome, Severity};

use super::later::name_later;
use super::{Rule, count, vulnerabilities};
use crate::question::{Counts, about};
use crate::summary::SummaryFinding;
use crate::{Answer, Policy, Question};

/// The rule.
pub struct MaxSeverity;

impl Rule for MaxSeverity {
    fn name(&self) -> &'static str {
        "max-severity"
    }

    fn fields(&self) -> &'static [&'static str] {
        &["severity", "only_fixable", "fix_age_days", "grace_days", "unrated"]
    }

    fn about(&self) -> &'static str {
        "denies findings of this severity or worse; `only_fixable`, `fix_age_days` and `grace_days` say \
         which count; `unrated` is for those whose severity nobody has said"
    }

    fn judge(&self, question: &Question<'_>, answer: &mut Answer) {
        let Some(level) = question.policy.severity else {
            return;
        };
        let (mut denied, mut unrated, mut later) = (Vec::new(), Vec::new(), Vec::new());
        for finding in &question.counted {
            match question.counts_from(finding) {
                Counts::Now if finding.severity >= level => denied.push(*finding),
                Counts::Now if finding.severity == Severity::Unknown => unrated.push(*finding),
                Counts::From(from, wait) if finding.severity >= level => later.push((from, wait, *finding)),
                _ => (),
            }
        }
        self.deny(question.policy, level, &denied, answer);
        let rated: BTreeSet<&str> = question
            .counted
            .iter()
            .filter(|it| it.severity != Severity::Unknown)
            .map(|it| it.id.as_str())
            .collect();
        unrated.retain(|it| !rated.contains(it.id.as_str()));
        self.name_unrated(question.policy, &unrated, answer);
        name_later(self.name(), Outcome::Warn, &later, answer);
    }
}

impl MaxSeverity {
    fn deny(&self, policy: &Policy, level: Severity, findings: &[&SummaryFinding], answer: &mut Answer) {
        let worst = findings.iter().max_by_key(|it| (it.severity, std::cmp::Reverse(&it.id)));
        let Some(worst) = worst else { return };
        let count = count(findings);
        let (verb, noun, which) =
            (if count == 1 { "is" } else { "are" }, vulnerabilities(count), which(policy));
        let (id, severity) = (&worst.id, worst.severity);
        let what =
            format!("{count} {noun}{which} {verb} {level} or worse, {id} ({severity}) the worst of them");
        answer.give(about(self.name(), what, Outcome::Deny, findings));
    }

    /// Nobody knows yet whether they reach the level, which is no all-clear.
    fn name_unrated(&self, policy: &Policy, findings: &[&SummaryFinding], answer: &mut Answer) {
        let count = count(findings);
        if count > 0 {
            let verb = if count == 1 { "has" } else { "have" };
            let what = format!("{count} {}{} {verb} no severity yet", vulnerabilities(count), which(policy));
            answer.give(about(self.name(), what, policy.unrated, findings));
        }
    }
}

/// Which findings count, in words.
fn which(policy: &Policy) -> String {
    match policy.fix_age_days {
        Some(days) if days > 0 => format!(" with a fix for {days} days or longer"),
        Some(_) => " that can be fixed".to_owned(),
        None if policy.only_fixable => " that can be fixed".to_owned(),
        None => String::new(),
    }
}
