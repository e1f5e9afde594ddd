//! Severities, and who gave them.

use std::fmt;
use std::str::FromStr;

/// How bad a vulnerability is, worst last so that `max` is the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Nobody has said.
    Unknown,
    /// The distribution does not regard it as a security problem (Debian `unimportant`,
    /// Ubuntu `negligible`).
    Negligible,
    /// CVSS 0.1 to 3.9.
    Low,
    /// CVSS 4.0 to 6.9.
    Medium,
    /// CVSS 7.0 to 8.9.
    High,
    /// CVSS 9.0 and above.
    Critical,
}

impl Severity {
    /// All severities, worst first.
    pub const ALL: [Severity; 6] = [
        Severity::Critical,
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Negligible,
        Severity::Unknown,
    ];

    /// The word in reports, lower case.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Unknown => "unknown",
            Severity::Negligible => "negligible",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// The qualitative rating of a CVSS score times ten (FIRST's scale; 0.0 is `negligible`).
    pub fn from_cvss_tenths(tenths: u8) -> Severity {
        match tenths {
            0 => Severity::Negligible,
            1..=39 => Severity::Low,
            40..=69 => Severity::Medium,
            70..=89 => Severity::High,
            _ => Severity::Critical,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Severity {
    type Err = String;

    fn from_str(text: &str) -> Result<Severity, String> {
        Ok(match text.trim().to_ascii_lowercase().as_str() {
            "critical" => Severity::Critical,
            "high" | "important" => Severity::High,
            "medium" | "moderate" => Severity::Medium,
            "low" => Severity::Low,
            "negligible" | "unimportant" | "none" => Severity::Negligible,
            "unknown" | "untriaged" => Severity::Unknown,
            other => {
                return Err(format!(
                    "`{}` is no severity; use critical, high, medium, low, negligible or unknown",
                    crate::Escaped(other)
                ));
            }
        })
    }
}

/// A severity and the feed that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rating {
    /// The feed's id (`debian`, `ubuntu`) or the source inside a feed (`ghsa`, `cvss:3.1`).
    pub source: String,
    /// What it said.
    pub severity: Severity,
}
