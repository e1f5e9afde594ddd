//! What a policy needs to know of a report, and nothing else of it: so that an image can be judged
//! again without reading its report.

use std::collections::HashSet;

use plimsoll_core::{
    Finding, FindingClass, ImageReport, InstalledPackage, Report, Severity, Support, Timestamp,
};

/// A report, as far as policies ask about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanSummary {
    /// The findings that count, worst first; suppressed ones and those kept apart are not here.
    pub findings: Vec<SummaryFinding>,
    /// Whether something could not be read that may hide findings.
    pub incomplete: bool,
    /// The first sentences on what could not be read.
    pub problems: Vec<String>,
    /// The distributions, and until when they get updates.
    pub distributions: Vec<Distribution>,
    /// When the database was built whose answer it is.
    pub database_built: Option<Timestamp>,
}

/// A distribution that an image is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Its name and release.
    pub name: String,
    /// Whether it got no more updates when the report was made.
    pub ended: bool,
    /// When its updates end or have ended, if a date is known.
    pub ends: Option<Timestamp>,
}

/// A finding, as far as policies ask about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryFinding {
    /// The vulnerability's id.
    pub id: String,
    /// Its other ids.
    pub aliases: Vec<String>,
    /// The severity that counts.
    pub severity: Severity,
    /// Whether something can be done.
    pub is_fixable: bool,
    /// When the database first saw the fix; `None` where it was there from the beginning.
    pub fix_seen: Option<Timestamp>,
    /// The version that fixes it.
    pub fixed_version: Option<String>,
    /// Whether it is known to be used in attacks.
    pub is_exploited: bool,
    /// The probability that it will be, in millionths.
    pub epss_millionths: Option<u32>,
    /// The package's name.
    pub package: String,
    /// The version that is installed.
    pub version: String,
    /// The package URL.
    pub purl: String,
    /// The file in which the package was found.
    pub path: String,
}

/// How many problems are named.
const PROBLEMS_MAX: usize = 5;
/// The most characters of a sentence, since images write parts of them.
const SENTENCE_CHARACTERS_MAX: usize = 300;

impl ScanSummary {
    /// What a report says to policies.
    pub fn of(report: &Report) -> ScanSummary {
        let mut seen = HashSet::new();
        let mut findings: Vec<SummaryFinding> = report
            .findings()
            .filter(|(finding, _)| finding.counts())
            .filter(|(finding, package)| {
                let place = package.map(|it| (&it.purl, &it.package.version, &it.origin.path));
                seen.insert((&finding.id, place, finding.severity.severity))
            })
            .map(|(finding, package)| SummaryFinding::of(finding, package))
            .collect();
        findings.sort_by(|one, other| {
            (other.severity, &one.id, &one.package).cmp(&(one.severity, &other.id, &other.package))
        });
        let problems = report.problems.iter().chain(report.images.iter().flat_map(|it| &it.problems));
        let problems = problems.filter(|it| it.hides_findings).take(PROBLEMS_MAX);
        ScanSummary {
            findings,
            incomplete: !report.is_complete(),
            problems: problems.map(|it| shortened(&it.to_string())).collect(),
            distributions: distributions(&report.images, report.created),
            database_built: report.snapshot.as_ref().map(|it| it.built),
        }
    }
}

impl SummaryFinding {
    fn of(finding: &Finding, package: Option<&InstalledPackage>) -> SummaryFinding {
        let text = |get: fn(&InstalledPackage) -> String| package.map(get).unwrap_or_default();
        SummaryFinding {
            id: finding.id.clone(),
            aliases: finding.aliases.clone(),
            severity: finding.severity.severity,
            is_fixable: finding.is_fixable(),
            // Malware is removed, and can be from the first day on.
            fix_seen: finding.fix_seen.filter(|_| finding.class != FindingClass::Malware),
            fixed_version: finding.fixed_version.clone(),
            is_exploited: finding.kev.is_some(),
            epss_millionths: finding.epss.as_ref().map(|it| it.score_millionths),
            package: text(|it| it.package.name.clone()),
            version: text(|it| it.package.version.clone()),
            purl: text(|it| it.purl.clone()),
            path: text(|it| it.origin.path.to_string()),
        }
    }
}

/// Those that get no more updates, and those that will not from some day on.
fn distributions(images: &[ImageReport], created: Timestamp) -> Vec<Distribution> {
    let mut found: Vec<Distribution> = Vec::new();
    for image in images {
        let name = image.distro.as_ref().map_or(String::new(), |it| format!("{} {}", it.id, it.version_id));
        let ended = image.support == Support::Ended;
        let distribution = Distribution { name: shortened(&name), ended, ends: image.support_ends };
        let will_end = distribution.ends.is_some_and(|ends| created < ends);
        if (ended || will_end) && !found.contains(&distribution) {
            found.push(distribution);
        }
    }
    found
}

fn shortened(text: &str) -> String {
    text.chars().take(SENTENCE_CHARACTERS_MAX).collect()
}
