//! Advisories (a vendor's or database's statement about a package) and vulnerabilities
//! (the thing with the CVE id).

use std::fmt;

use crate::{Rating, Severity, Timestamp};

/// The world that a package name belongs to: a release of a distribution, or a language's registry.
///
/// Written `deb/debian:12`, `apk/alpine:v3.18`, `deb/ubuntu:22.04`, `npm`: the purl type, and
/// for distributions their id and release as advisories name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Realm(pub String);

impl Realm {
    /// The realm of a distribution's release.
    pub fn distro(purl_type: &str, id: &str, release: &str) -> Realm {
        Realm(format!("{purl_type}/{id}:{release}"))
    }

    /// The purl type, which decides how versions are ordered.
    pub fn purl_type(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the name in an advisory is a name of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NameKind {
    /// A source package; compared with the source's version.
    Source,
    /// A binary package, or the only kind an ecosystem has.
    Binary,
}

/// What a vendor says about a vulnerability in a package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// A fixed version exists.
    Fixed,
    /// Affected; no fix yet.
    Affected,
    /// The vendor will not fix it.
    WillNotFix,
    /// The fix was put off.
    FixDeferred,
    /// The release or package is no longer maintained.
    EndOfLife,
    /// Not yet decided whether it is affected.
    UnderInvestigation,
    /// Positively not affected.
    NotAffected,
}

impl Status {
    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Status::Fixed => "fixed",
            Status::Affected => "affected",
            Status::WillNotFix => "will_not_fix",
            Status::FixDeferred => "fix_deferred",
            Status::EndOfLife => "end_of_life",
            Status::UnderInvestigation => "under_investigation",
            Status::NotAffected => "not_affected",
        }
    }

    /// Every status, in the order of the manual; a snapshot stores the index.
    pub const ALL: [Status; 7] = [
        Status::Fixed,
        Status::Affected,
        Status::WillNotFix,
        Status::FixDeferred,
        Status::EndOfLife,
        Status::UnderInvestigation,
        Status::NotAffected,
    ];
}

/// Where a range of affected versions ends.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum End {
    /// The first version that is not affected.
    Fixed(String),
    /// The last version that is.
    LastAffected(String),
    /// No statement about versions from here on (OSV `limit`); exclusive, and no fix.
    Limit(String),
    /// No end is known.
    Open,
}

/// A range of affected versions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Range {
    /// The first affected version; `None` from the beginning (OSV's `0`).
    pub introduced: Option<String>,
    /// Where it ends.
    pub end: End,
}

/// One row: what one feed says of one vulnerability in one package of one realm and channel.
///
/// Identified by (feed, vulnerability, realm, package, channel), never by its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advisory {
    /// The feed's id, `debian`.
    pub feed: String,
    /// The world of the package's name.
    pub realm: Realm,
    /// The package's name, normalised as its ecosystem does.
    pub package: String,
    /// Whether that is a source's or a binary's name.
    pub name_kind: NameKind,
    /// The channel that a fix needs (`esm-infra`, a module stream, a repository CPE); `None`
    /// is the ordinary one.
    pub channel: Option<String>,
    /// The architectures it speaks of, in the ecosystem's words; empty means all.
    pub architectures: Vec<String>,
    /// The module stream it speaks of.
    pub module: Option<String>,
    /// The vulnerability's id, CVE where there is one.
    pub vulnerability: String,
    /// The ids of the vendor's announcements (DSA, USN, GHSA …).
    pub advisory_ids: Vec<String>,
    /// Affected ranges, any of which may hold. Empty together with `versions` means every version.
    pub ranges: Vec<Range>,
    /// Versions listed one by one; they hold besides the ranges (rule 65).
    pub versions: Vec<String>,
    /// What the vendor says.
    pub status: Status,
    /// The vendor's own severity for this package, if it gives one.
    pub severity: Option<Severity>,
    /// A note of the vendor's ("minor issue", "needs Ubuntu Pro").
    pub note: Option<String>,
}

/// A CVSS vector, and what it comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CvssVector {
    /// Who gave it: a feed's id, `nvd`, `ghsa`, `cna`.
    pub source: String,
    /// The vector as it was given, `CVSS:3.1/AV:N/…`.
    pub vector: String,
    /// `2.0`, `3.0`, `3.1` or `4.0`.
    pub version: String,
    /// The score times ten.
    pub score_tenths: u8,
}

/// The exploit-prediction score of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epss {
    /// Probability of exploitation within 30 days, in millionths.
    pub score_millionths: u32,
    /// The percentile, in millionths; old files have none.
    pub percentile_millionths: Option<u32>,
    /// The model's version, if the file says one.
    pub model: Option<String>,
    /// The day of the score.
    pub date: Option<Timestamp>,
}

/// An entry of CISA's catalogue of known exploited vulnerabilities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kev {
    /// When CISA added it.
    pub added: Option<Timestamp>,
    /// By when US agencies must have dealt with it.
    pub due: Option<Timestamp>,
    /// Whether ransomware is known to use it.
    pub ransomware: bool,
}

/// The code that a vulnerability is in, as Go's database says it (`ecosystem_specific.imports`):
/// whether it is linked into a program decides whether that can reach it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VulnerableCode {
    /// The package (Go's module) of the advisory.
    pub package: String,
    /// The import path inside it; empty where nobody says where in the package it is.
    pub path: String,
    /// Functions and methods, `Client.Do`; none means everything at the path.
    pub symbols: Vec<String>,
}

/// What is known of a vulnerability besides its texts.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Vulnerability {
    /// The canonical id: the CVE where there is exactly one, else the first record's own.
    pub id: String,
    /// Every other id of the same thing.
    pub aliases: Vec<String>,
    /// Severities in words, each with its source.
    pub ratings: Vec<Rating>,
    /// CVSS vectors, each with its source.
    pub cvss: Vec<CvssVector>,
    /// CWE ids.
    pub cwes: Vec<String>,
    /// When it was first published.
    pub published: Option<Timestamp>,
    /// When any of its records last changed.
    pub modified: Option<Timestamp>,
    /// The exploit-prediction score.
    pub epss: Option<Epss>,
    /// The entry in CISA's catalogue.
    pub kev: Option<Kev>,
    /// The code that it is in, where that is known.
    pub code: Vec<VulnerableCode>,
    /// `unmaintained`, `unsound` or `notice` where nobody calls it a vulnerability (RustSec).
    pub informational: Option<String>,
}

/// The texts of a vulnerability.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct VulnerabilityText {
    /// One line.
    pub summary: Option<String>,
    /// The longest description that a feed gives, often Markdown; hostile, like all text.
    pub details: Option<String>,
    /// Web addresses (http and https only), best first.
    pub references: Vec<String>,
}
