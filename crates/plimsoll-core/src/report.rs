//! The report: all findings of one or more inventories at one snapshot.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::{
    CvssVector, Digest, Distro, Epss, InstalledPackage, Kev, LayerInfo, Platform, Problem, Rating, Reachable,
    Severity, Status, Support, Timestamp,
};

/// What was scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// As the user named it.
    pub name: String,
    /// What it turned out to be.
    pub kind: SubjectKind,
    /// The digest of the manifest or index (of the configuration for a Docker archive).
    pub digest: Option<Digest>,
    /// The media type of the manifest or index.
    pub media_type: Option<String>,
}

/// What a subject turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubjectKind {
    /// One image.
    Image,
    /// An index of images.
    Index,
    /// A directory with a root file system.
    RootFileSystem,
    /// A bill of materials that somebody else wrote; its word was taken.
    Sbom,
    /// Package URLs, and nothing besides.
    PackageUrls,
    /// An artifact that is no image; nothing was scanned.
    NotSupported,
}

impl SubjectKind {
    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            SubjectKind::Image => "image",
            SubjectKind::Index => "index",
            SubjectKind::RootFileSystem => "root_file_system",
            SubjectKind::Sbom => "sbom",
            SubjectKind::PackageUrls => "package_urls",
            SubjectKind::NotSupported => "not_supported",
        }
    }
}

/// The snapshot that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotInfo {
    /// The digest of its file.
    pub digest: Digest,
    /// Its number; later is larger.
    pub sequence: u64,
    /// When it was built.
    pub built: Timestamp,
    /// Its feeds and the newest data of each.
    pub feeds: Vec<(String, Option<Timestamp>)>,
}

/// The digests from which a report can be repeated: report = match(inventory, snapshot, VEX, matcher).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportDigests {
    /// Of the inventory, in its canonical form.
    pub inventory: Digest,
    /// Of the snapshot's file; `None` where there was none.
    pub snapshot: Option<Digest>,
    /// Of the VEX documents applied; of nothing, where there were none.
    pub vex: Digest,
    /// Of the matcher: its rules' version and the ecosystems' table.
    pub matcher: Digest,
}

/// Whether a finding counts, or is kept apart with a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingClass {
    /// An ordinary finding.
    Vulnerability,
    /// In kernel headers or other packages of the kernel's source that do not run in a
    /// container (rule 18): kept apart from the counts.
    KernelHeaders,
    /// Known malicious package (`MAL-*`).
    Malware,
    /// No vulnerability, though an advisory: unmaintained or unsound (RustSec). Off by default.
    Informational,
}

impl FindingClass {
    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            FindingClass::Vulnerability => "vulnerability",
            FindingClass::KernelHeaders => "kernel_headers",
            FindingClass::Malware => "malware",
            FindingClass::Informational => "informational",
        }
    }
}

/// The package of a finding: an index into the image's packages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PackageRef(pub usize);

/// Why a finding stands, for people and for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// The advisory's package name (a source package, say).
    pub advisory_package: String,
    /// The realm the advisory is filed under, `deb/debian:12`.
    pub realm: String,
    /// The feed that holds it.
    pub feed: String,
    /// The comparison in words: `source openssl 3.0.9-1 < 3.0.11-1~deb12u2`.
    pub comparison: String,
    /// False where a version could not be read, so that the finding is a possibility.
    pub certain: bool,
}

/// What kind of word suppresses a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SuppressionKind {
    /// A statement of a VEX document.
    Vex,
    /// A rule of an ignore file.
    Exception,
}

impl SuppressionKind {
    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            SuppressionKind::Vex => "vex",
            SuppressionKind::Exception => "exception",
        }
    }
}

/// Why a finding does not count: somebody said so, and it is shown who and why.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Suppression {
    /// The document or file that says so, as the user named it.
    pub source: String,
    /// What kind of word it is.
    pub kind: SuppressionKind,
    /// The VEX status, `not_affected` or `fixed`; `ignored` of an exception.
    pub status: String,
    /// The justification in VEX's words, `vulnerable_code_not_present`.
    pub justification: Option<String>,
    /// The reason in the author's own words.
    pub text: Option<String>,
    /// Who said so.
    pub author: Option<String>,
    /// When it ends; from then on the finding counts again.
    pub until: Option<Timestamp>,
}

/// An advisory that applies, or may apply, to a package of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The vulnerability's canonical id.
    pub id: String,
    /// Its other ids, and the ids of the vendor's announcements.
    pub aliases: Vec<String>,
    /// Which class it is in.
    pub class: FindingClass,
    /// The package.
    pub package: PackageRef,
    /// The severity that counts, and who decided it.
    pub severity: Rating,
    /// All severities that anyone gave.
    pub ratings: Vec<Rating>,
    /// CVSS vectors.
    pub cvss: Vec<CvssVector>,
    /// The exploit-prediction score.
    pub epss: Option<Epss>,
    /// The entry in CISA's catalogue.
    pub kev: Option<Kev>,
    /// What the vendor says.
    pub status: Status,
    /// The version that fixes it, of the package that is installed or of its source.
    pub fixed_version: Option<String>,
    /// The channel that the fix needs, `esm-infra` say.
    pub fix_channel: Option<String>,
    /// The day on which this database first saw the fix; `None` where it was there from the
    /// beginning.
    pub fix_seen: Option<Timestamp>,
    /// A note of the vendor's.
    pub note: Option<String>,
    /// CWE ids, `CWE-79`.
    pub cwes: Vec<String>,
    /// One line about it.
    pub summary: Option<String>,
    /// The longest text about it, often Markdown; hostile, like all text. Findings of one
    /// vulnerability share it.
    pub description: Option<Arc<str>>,
    /// Web addresses.
    pub references: Vec<String>,
    /// When it was published.
    pub published: Option<Timestamp>,
    /// Why it matched.
    pub why: Why,
    /// Whether the vulnerable code is linked into the program.
    pub reachable: Reachable,
    /// Why it does not count all the same, where a VEX document or an ignore file says so.
    pub suppressed: Option<Suppression>,
}

impl Finding {
    /// Whether it counts: neither suppressed, nor about headers that do not run, nor merely
    /// informational.
    pub fn counts(&self) -> bool {
        let apart = matches!(self.class, FindingClass::KernelHeaders | FindingClass::Informational);
        self.suppressed.is_none() && !apart
    }

    /// Whether something can be done: malware can always be removed, and a fix can be had unless
    /// it is in a channel that the image does not have, where its status is not *fixed*.
    pub fn is_fixable(&self) -> bool {
        let in_reach = self.fix_channel.is_none() || self.status == Status::Fixed;
        self.class == FindingClass::Malware || (self.fixed_version.is_some() && in_reach)
    }

    /// Whether what is said of ids is said of all that this finding is about.
    pub fn is_answered(&self, about: impl Fn(&str) -> bool) -> bool {
        is_answered(&self.id, &self.aliases, about)
    }
}

/// Whether what is said of ids is said of all that a vulnerability is about.
///
/// An advisory about several CVEs keeps an id of its own and lists them: a word about one of them
/// is none about the others. Any other vulnerability is answered by any of its ids.
pub fn is_answered(id: &str, aliases: &[String], about: impl Fn(&str) -> bool) -> bool {
    let mut parts = parts(id, aliases).into_iter();
    parts.all(|ids| ids.into_iter().any(&about))
}

/// What a vulnerability is about, each thing with all ids that a word about it may name.
///
/// One thing, but for an advisory that several CVEs are listed in.
pub fn parts<'a>(id: &'a str, aliases: &'a [String]) -> Vec<Vec<&'a str>> {
    let is_cve = |id: &str| id.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("CVE-"));
    let names = || aliases.iter().map(String::as_str);
    let cves: Vec<&str> = names().filter(|id| is_cve(id)).collect();
    if is_cve(id) || cves.len() < 2 {
        return vec![std::iter::once(id).chain(names()).collect()];
    }
    cves.into_iter().map(|cve| vec![id, cve]).collect()
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Summary {
    /// Vulnerabilities (each once, however many packages have it) of each severity, in the
    /// order of [`Severity::ALL`].
    pub vulnerabilities: [usize; 6],
    /// Findings (vulnerability and package) in all.
    pub findings: usize,
    /// Vulnerabilities with a fix that can be had.
    pub fixable: usize,
    /// Findings kept apart as kernel headers.
    pub kernel_headers: usize,
    /// Findings suppressed by VEX documents or ignore files.
    pub suppressed: usize,
}

impl Summary {
    /// The highest severity that occurs.
    pub fn highest(&self) -> Option<Severity> {
        Severity::ALL.into_iter().zip(self.vulnerabilities).find(|(_, count)| *count > 0).map(|(it, _)| it)
    }

    /// How many vulnerabilities there are.
    pub fn total(&self) -> usize {
        self.vulnerabilities.iter().sum()
    }
}

/// The result for one image of one platform.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageReport {
    /// The platform that the configuration names.
    pub platform: Option<Platform>,
    /// The digest of its manifest.
    pub digest: Option<Digest>,
    /// The digest of its configuration, which Docker calls the image's id.
    pub config_digest: Option<Digest>,
    /// The distribution.
    pub distro: Option<Distro>,
    /// The distribution's support on the day of the report.
    pub support: Support,
    /// When the distribution's support ends or ended.
    pub support_ends: Option<Timestamp>,
    /// Its layers.
    pub layers: Vec<LayerInfo>,
    /// Its packages.
    pub packages: Vec<InstalledPackage>,
    /// Its findings, worst first.
    pub findings: Vec<Finding>,
    /// What could not be read or judged.
    pub problems: Vec<Problem>,
    /// From what the result was made.
    pub digests: ReportDigests,
}

impl ImageReport {
    /// Whether nothing is known to be missing from it.
    pub fn is_complete(&self) -> bool {
        !self.problems.iter().any(|problem| problem.hides_findings)
    }

    /// Its findings counted.
    pub fn summary(&self) -> Summary {
        summarize(self.findings.iter())
    }
}

/// The result of one scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What was scanned.
    pub subject: Subject,
    /// When.
    pub created: Timestamp,
    /// The snapshot that answered, if there was one.
    pub snapshot: Option<SnapshotInfo>,
    /// The result of each image; one, unless an index was scanned whole.
    pub images: Vec<ImageReport>,
    /// Problems of no single image: a child of the index that could not be fetched, say.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether nothing is known to be missing.
    pub fn is_complete(&self) -> bool {
        self.subject.kind != SubjectKind::NotSupported
            && !self.images.is_empty()
            && !self.problems.iter().any(|problem| problem.hides_findings)
            && self.images.iter().all(ImageReport::is_complete)
    }

    /// The union of all images' findings, counted; what two images have in common counts once.
    ///
    /// A vulnerability is as bad as in the image where it is worst: what one image's findings are
    /// suppressed for, or rated, says nothing of another's.
    pub fn summary(&self) -> Summary {
        let mut seen = HashSet::new();
        let findings = self.images.iter().enumerate().flat_map(|(at, image)| {
            image.findings.iter().map(move |finding| (at, finding, image.packages.get(finding.package.0)))
        });
        let new = findings.filter(|(at, finding, package)| match package {
            Some(it) => {
                let package = &it.package;
                seen.insert((
                    finding.id.as_str(),
                    package.name.as_str(),
                    package.version.as_str(),
                    Ok(&it.origin.path),
                    (finding.suppressed.is_some(), finding.class),
                ))
            }
            // A finding about no package is a bug of ours, and counts all the same.
            None => {
                let nowhere = Err((*at, finding.package.0));
                let kept_apart = (finding.suppressed.is_some(), finding.class);
                seen.insert((finding.id.as_str(), "", "", nowhere, kept_apart))
            }
        });
        let Summary { findings, kernel_headers, suppressed, .. } =
            summarize(new.map(|(_, finding, _)| finding));
        let all = summarize(self.images.iter().flat_map(|image| &image.findings));
        Summary { findings, kernel_headers, suppressed, ..all }
    }

    /// Every image's findings with the package each is about; a report that was read may have
    /// lost it, and the finding stands all the same.
    pub fn findings(&self) -> impl Iterator<Item = (&Finding, Option<&InstalledPackage>)> {
        self.images.iter().flat_map(|image| {
            image.findings.iter().map(|finding| (finding, image.packages.get(finding.package.0)))
        })
    }
}

fn summarize<'a>(findings: impl Iterator<Item = &'a Finding>) -> Summary {
    let mut summary = Summary::default();
    let mut worst: HashMap<&str, (Severity, bool)> = HashMap::new();
    for finding in findings {
        if finding.suppressed.is_some() {
            summary.suppressed += 1;
            continue;
        }
        if finding.class == FindingClass::KernelHeaders {
            summary.kernel_headers += 1;
            continue;
        }
        if finding.class == FindingClass::Informational {
            continue;
        }
        summary.findings += 1;
        let entry = worst.entry(&finding.id).or_insert((finding.severity.severity, false));
        entry.0 = entry.0.max(finding.severity.severity);
        entry.1 |= finding.is_fixable();
    }
    for (severity, fixable) in worst.values() {
        if let Some(index) = Severity::ALL.iter().position(|it| it == severity) {
            summary.vulnerabilities[index] += 1;
        }
        summary.fixable += usize::from(*fixable);
    }
    summary
}
