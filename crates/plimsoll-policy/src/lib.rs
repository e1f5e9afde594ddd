//! Policy × report × time gives a verdict: may this be deployed, and if not, for which reasons.
//!
//! Pure. All rules speak, so that a refusal names everything that stands in the way; what a rule
//! cannot know it never takes for good.
#![forbid(unsafe_code)]

mod document;
mod exception;
mod policy;
mod question;
mod rules;
mod stored;
mod summary;

use std::collections::BTreeMap;

use plimsoll_core::{Outcome, Reason, Report, Timestamp, Verdict};

pub use document::PolicyError;
pub use exception::{Exception, Exceptions, PasteError, pasted_ids};
pub use policy::{EpssLevel, Mode, Policy};
pub use question::{Answer, Case, Known, Place, Question};
pub use rules::{RULES, Rule};
pub use summary::{Distribution, ScanSummary, SummaryFinding};

use policy::days_after;

/// A verdict, and how far it reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Why less came of it than of its reasons.
    pub lowered: Option<Lowered>,
    /// From when on it may be another one, though nothing is changed but the time.
    pub until: Option<Timestamp>,
    /// The exceptions that speak of a finding, by their places.
    pub used: Vec<usize>,
}

/// Why what is denied is let through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lowered {
    /// The policy is tried out.
    DryRun,
    /// It was pulled not long ago, so it is in use.
    Spared,
}

impl Lowered {
    /// The reason of this name.
    pub fn parse(name: &str) -> Option<Lowered> {
        [Lowered::DryRun, Lowered::Spared].into_iter().find(|it| it.name() == name)
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Lowered::DryRun => "dry_run",
            Lowered::Spared => "spared",
        }
    }
}

/// Judges an artifact. The same arguments give the same judgement.
pub fn evaluate(policy: &Policy, exceptions: &Exceptions, case: &Case<'_>, now: Timestamp) -> Judgement {
    if policy.mode == Mode::Off {
        let verdict = Verdict { outcome: Outcome::Allow, reasons: Vec::new() };
        return Judgement { verdict, lowered: None, until: None, used: Vec::new() };
    }
    let question = Question::new(policy, exceptions, case, now);
    let mut answer = Answer::default();
    for rule in RULES {
        rule.judge(&question, &mut answer);
    }
    let ends = question.used.iter().filter_map(|at| exceptions.iter().nth(*at)?.ends);
    ends.for_each(|ends| answer.holds_until(ends));
    let worst = answer.reasons.iter().map(|reason| reason.outcome).max().unwrap_or(Outcome::Allow);
    let outcome = policy.capped(worst);
    let lowered = (outcome == Outcome::Deny).then(|| lower(policy, case, now, &mut answer)).flatten();
    let outcome = if lowered.is_some() { Outcome::Warn } else { outcome };
    Judgement {
        verdict: Verdict { outcome, reasons: answer.reasons },
        lowered,
        until: answer.until,
        used: question.used.into_iter().collect(),
    }
}

/// Why a denied artifact is let through nevertheless, if it is.
fn lower(policy: &Policy, case: &Case<'_>, now: Timestamp, answer: &mut Answer) -> Option<Lowered> {
    let spared_until = policy.spare_pulled_days.zip(case.pulled_at).map(|(days, at)| days_after(at, days));
    if let Some(until) = spared_until.filter(|until| now < *until) {
        answer.holds_until(until);
        let what =
            format!("it is in use, and is spared until {} unless it is pulled again", until.date_text());
        answer.give(Reason::new("spare-pulled", what, Outcome::Warn));
        return Some(Lowered::Spared);
    }
    if policy.dry_run {
        answer.give(Reason::new("dry-run", "the policy is tried out and denies nothing yet", Outcome::Warn));
        return Some(Lowered::DryRun);
    }
    None
}

/// Judges a report that lies nowhere, as the command line does.
pub fn evaluate_report(
    policy: &Policy,
    exceptions: Vec<Exception>,
    report: &Report,
    now: Timestamp,
) -> Verdict {
    let summary = ScanSummary::of(report);
    let case = Case {
        known: Known::Scanned(&summary),
        place: Place::default(),
        first_seen: &BTreeMap::new(),
        pulled_at: None,
        database_built: report.snapshot.as_ref().map(|it| it.built),
    };
    evaluate(policy, &Exceptions::new(exceptions), &case, now).verdict
}

#[cfg(test)]
mod tests;
