//! The verdict on a report: allow, warn or deny, with every reason.

use std::fmt;

/// What a verdict comes to, worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// May be deployed.
    Allow,
    /// May be deployed, with a word of warning.
    Warn,
    /// Must not be deployed.
    Deny,
}

/// One reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The rule that speaks, `max-severity`.
    pub rule: String,
    /// A sentence without a full stop.
    pub what: String,
    /// What this reason alone comes to.
    pub outcome: Outcome,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", crate::Escaped(&self.what), self.rule)
    }
}

/// The answer to "may this be deployed?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The worst of the reasons' outcomes; allow where there are none.
    pub outcome: Outcome,
    /// All reasons.
    pub reasons: Vec<Reason>,
}
