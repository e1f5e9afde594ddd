//! Reasons as the store and the interface have them: JSON, every word of which stays.

use plimsoll_core::{NamedFinding, Outcome, Reason, Severity};
use serde::{Deserialize, Serialize};

/// A reason of a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredReason {
    /// The rule that speaks.
    pub rule: String,
    /// What it alone comes to: `allow`, `warn` or `deny`.
    pub outcome: String,
    /// The sentence.
    pub what: String,
    /// How many vulnerabilities it is about.
    #[serde(default, skip_serializing_if = "is_none")]
    pub count: usize,
    /// Some of them, worst first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<StoredFinding>,
}

/// A finding that a reason names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredFinding {
    /// The vulnerability's id.
    pub id: String,
    /// How bad it is.
    pub severity: String,
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The version that fixes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed_version: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

impl StoredReason {
    fn of(reason: &Reason) -> StoredReason {
        StoredReason {
            rule: reason.rule.clone(),
            outcome: reason.outcome.name().to_owned(),
            what: reason.what.clone(),
            count: reason.count,
            findings: reason.findings.iter().map(StoredFinding::of).collect(),
        }
    }

    fn reason(&self) -> Reason {
        Reason {
            rule: self.rule.clone(),
            what: self.what.clone(),
            // A word of a later version stands for the worst.
            outcome: Outcome::parse(&self.outcome).unwrap_or(Outcome::Deny),
            count: self.count,
            findings: self.findings.iter().map(StoredFinding::finding).collect(),
        }
    }
}

impl StoredFinding {
    fn of(finding: &NamedFinding) -> StoredFinding {
        StoredFinding {
            id: finding.id.clone(),
            severity: finding.severity.name().to_owned(),
            package: finding.package.clone(),
            version: finding.version.clone(),
            fixed_version: finding.fixed_version.clone(),
        }
    }

    fn finding(&self) -> NamedFinding {
        NamedFinding {
            id: self.id.clone(),
            severity: self.severity.parse().unwrap_or(Severity::Unknown),
            package: self.package.clone(),
            version: self.version.clone(),
            fixed_version: self.fixed_version.clone(),
        }
    }
}

/// Writes reasons; a zero byte in an image's name becomes an escape.
pub(crate) fn written(reasons: &[Reason]) -> String {
    let reasons: Vec<StoredReason> = reasons.iter().map(StoredReason::of).collect();
    serde_json::to_string(&reasons).unwrap_or_else(|_| "[]".to_owned())
}

/// Reads reasons; none where they cannot be read.
pub fn read_reasons(text: &str) -> Vec<Reason> {
    let reasons: Vec<StoredReason> = serde_json::from_str(text).unwrap_or_default();
    reasons.iter().map(StoredReason::reason).collect()
}
