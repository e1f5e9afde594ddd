//! A summary as bytes, for whoever keeps it. Not for strangers: the form may change with any
//! version, and one that is not of this version is made anew from its report.

use plimsoll_core::{Severity, Timestamp};
use serde::{Deserialize, Serialize};

use crate::summary::{Distribution, ScanSummary, SummaryFinding};

/// Raised with every change of the form or of what it is made from.
const VERSION: u32 = 1;

/// Packages stand once, however many findings they have.
#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    packages: Vec<(String, String, String, String)>,
    findings: Vec<StoredFinding>,
    incomplete: bool,
    problems: Vec<String>,
    distributions: Vec<(String, bool, Option<i64>)>,
    database_built: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct StoredFinding {
    #[serde(rename = "i")]
    id: String,
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    aliases: Vec<String>,
    /// The place in [`Severity::ALL`].
    #[serde(rename = "s")]
    severity: usize,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    fixed_version: Option<String>,
    #[serde(rename = "x", default, skip_serializing_if = "is_false")]
    is_fixable: bool,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    fix_seen: Option<i64>,
    #[serde(rename = "k", default, skip_serializing_if = "is_false")]
    is_exploited: bool,
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    epss_millionths: Option<u32>,
    #[serde(rename = "p")]
    package: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

impl ScanSummary {
    /// The summary as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut packages = Packages::default();
        let stored = Stored {
            version: VERSION,
            findings: self.findings.iter().map(|it| StoredFinding::of(it, &mut packages)).collect(),
            packages: packages.rows,
            incomplete: self.incomplete,
            problems: self.problems.clone(),
            distributions: self
                .distributions
                .iter()
                .map(|it| (it.name.clone(), it.ended, it.ends.map(|ends| ends.0)))
                .collect(),
            database_built: self.database_built.map(|it| it.0),
        };
        serde_json::to_vec(&stored).expect("texts and numbers can be written")
    }

    /// Reads what [`ScanSummary::to_bytes`] of this version wrote; nothing else.
    pub fn from_bytes(bytes: &[u8]) -> Option<ScanSummary> {
        let stored: Stored =
            serde_json::from_slice(bytes).ok().filter(|it: &Stored| it.version == VERSION)?;
        let findings = stored.findings.into_iter().map(|it| it.finding(&stored.packages));
        let distributions = stored.distributions.into_iter();
        Some(ScanSummary {
            findings: findings.collect::<Option<_>>()?,
            incomplete: stored.incomplete,
            problems: stored.problems,
            distributions: distributions
                .map(|(name, ended, ends)| Distribution { name, ended, ends: ends.map(Timestamp) })
                .collect(),
            database_built: stored.database_built.map(Timestamp),
        })
    }
}

type PackageRow = (String, String, String, String);

#[derive(Default)]
struct Packages {
    rows: Vec<PackageRow>,
    places: std::collections::BTreeMap<PackageRow, usize>,
}

impl Packages {
    fn place(&mut self, finding: &SummaryFinding) -> usize {
        let SummaryFinding { package, version, purl, path, .. } = finding;
        let row = (package.clone(), version.clone(), purl.clone(), path.clone());
        *self.places.entry(row).or_insert_with_key(|row| {
            self.rows.push(row.clone());
            self.rows.len() - 1
        })
    }
}

impl StoredFinding {
    fn of(finding: &SummaryFinding, packages: &mut Packages) -> StoredFinding {
        StoredFinding {
            id: finding.id.clone(),
            aliases: finding.aliases.clone(),
            severity: Severity::ALL.iter().position(|it| *it == finding.severity).unwrap_or_default(),
            fixed_version: finding.fixed_version.clone(),
            is_fixable: finding.is_fixable,
            fix_seen: finding.fix_seen.map(|it| it.0),
            is_exploited: finding.is_exploited,
            epss_millionths: finding.epss_millionths,
            package: packages.place(finding),
        }
    }

    fn finding(self, packages: &[PackageRow]) -> Option<SummaryFinding> {
        let (package, version, purl, path) = packages.get(self.package)?.clone();
        Some(SummaryFinding {
            id: self.id,
            aliases: self.aliases,
            severity: *Severity::ALL.get(self.severity)?,
            is_fixable: self.is_fixable,
            fix_seen: self.fix_seen.map(Timestamp),
            fixed_version: self.fixed_version,
            is_exploited: self.is_exploited,
            epss_millionths: self.epss_millionths,
            package,
            version,
            purl,
            path,
        })
    }
}
