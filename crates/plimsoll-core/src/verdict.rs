//! The verdict on a report: allow, warn or deny, with every reason.

use std::fmt;

use crate::Severity;

/// What a verdict comes to, worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// May be deployed.
    Allow,
    /// May be deployed, with a word of warning.
    Warn,
    /// Must not be deployed.
    Deny,
}

impl Outcome {
    /// Every outcome, worst last.
    pub const ALL: [Outcome; 3] = [Outcome::Allow, Outcome::Warn, Outcome::Deny];

    /// The word for it, in policies and in the interface.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Allow => "allow",
            Outcome::Warn => "warn",
            Outcome::Deny => "deny",
        }
    }

    /// The outcome of this name.
    pub fn parse(name: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|it| it.name() == name)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A finding that a reason names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFinding {
    /// The vulnerability's id.
    pub id: String,
    /// How bad it is.
    pub severity: Severity,
    /// The name of the package.
    pub package: String,
    /// The version that is installed; empty where nobody says one.
    pub version: String,
    /// The version that fixes it.
    pub fixed_version: Option<String>,
}

impl fmt::Display for NamedFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [id, package, version] = [&self.id, &self.package, &self.version].map(|it| crate::Escaped(it));
        write!(f, "{id} ({}) in {package}", self.severity)?;
        if !self.version.is_empty() {
            write!(f, " {version}")?;
        }
        match &self.fixed_version {
            Some(fixed) => write!(f, ", fixed in {}", crate::Escaped(fixed)),
            None => Ok(()),
        }
    }
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
    /// How many vulnerabilities it is about.
    pub count: usize,
    /// Some of them, worst first.
    pub findings: Vec<NamedFinding>,
}

impl Reason {
    /// A reason that is about no vulnerability.
    pub fn new(rule: &str, what: impl Into<String>, outcome: Outcome) -> Reason {
        Reason { rule: rule.to_owned(), what: what.into(), outcome, count: 0, findings: Vec::new() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", crate::Escaped(&self.what), self.rule)
    }
}

/// The answer to "may this be deployed?".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The worst of the reasons' outcomes, allow where there are none; less where the policy only
    /// warns, tries itself out, or spares what is in use.
    pub outcome: Outcome,
    /// All reasons.
    pub reasons: Vec<Reason>,
}
