//! The shape of the JSON report, field for field in the order in which it is written.
//!
//! Every field is always there; what is not known is `null`. The meaning of each is written
//! in `docs/report.md`, and a test compares the two.

use std::borrow::Cow;
use std::fmt::Display;

use plimsoll_core::{Digest, ImagePath, Platform, Timestamp};
use serde::{Serialize, Serializer};

/// A value written as the text it displays as.
pub(super) struct Text<T>(pub T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The day alone, `2024-05-31`.
pub(super) struct Day(pub Timestamp);

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.date_text())
    }
}

/// `sha256:…`. A report has two digests for each finding's layer, so this is done without
/// `Display`, which is for people and takes its time.
pub(super) struct DigestText(pub Digest);

impl Serialize for DigestText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.0.as_bytes();
        let mut text = String::with_capacity(8 + bytes.len() * 2);
        text.push_str(self.0.algorithm().name());
        text.push(':');
        for byte in bytes {
            for nibble in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(nibble)]));
            }
        }
        serializer.serialize_str(&text)
    }
}

/// `linux/arm64/v8`, unescaped: in JSON the text is data.
pub(super) struct PlatformText<'a>(pub &'a Platform);

impl Serialize for PlatformText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Platform { os, architecture, variant } = self.0;
        match variant {
            Some(variant) => serializer.collect_str(&format_args!("{os}/{architecture}/{variant}")),
            None => serializer.collect_str(&format_args!("{os}/{architecture}")),
        }
    }
}

/// A path from the image's root, `/etc/x`; bytes that are no UTF-8 become U+FFFD.
pub(super) struct PathText<'a>(pub &'a ImagePath);

impl Serialize for PathText<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("/{}", String::from_utf8_lossy(self.0.as_bytes())))
    }
}

/// A report.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub schema_version: &'static str,
    pub tool: Tool<'a>,
    pub created: Text<Timestamp>,
    pub subject: Subject<'a>,
    pub complete: bool,
    pub summary: Summary,
    pub distro: Option<Distro<'a>>,
    pub platform: Option<PlatformText<'a>>,
    pub layers: Vec<Layer<'a>>,
    pub packages: Vec<Package<'a>>,
    pub findings: Vec<Finding<'a>>,
    pub problems: Vec<Problem<'a>>,
    pub digests: Option<Digests>,
    pub snapshot: Option<Snapshot<'a>>,
    pub images: Vec<Image<'a>>,
}

#[derive(Serialize)]
pub(super) struct Tool<'a> {
    pub name: &'static str,
    pub version: &'a str,
}

#[derive(Serialize)]
pub(super) struct Subject<'a> {
    pub name: &'a str,
    pub kind: &'static str,
    pub digest: Option<DigestText>,
    pub media_type: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Summary {
    pub critical: usize,
    pub high: usize,
    pub medium: usize,
    pub low: usize,
    pub negligible: usize,
    pub unknown: usize,
    pub total: usize,
    pub fixable: usize,
    pub highest: Option<&'static str>,
    pub findings: usize,
    pub kernel_headers: usize,
    pub suppressed: usize,
}

#[derive(Serialize)]
pub(super) struct Distro<'a> {
    pub id: &'a str,
    pub version: &'a str,
    pub name: Option<&'a str>,
    pub support: &'static str,
    pub support_ends: Option<Day>,
}

#[derive(Serialize)]
pub(super) struct Layer<'a> {
    pub index: usize,
    pub diff_id: DigestText,
    pub verified: bool,
    pub digest: Option<DigestText>,
    pub size_bytes: Option<u64>,
    pub instruction: Option<&'a str>,
    pub from_base: Option<bool>,
}

/// A layer as a package or finding names it.
#[derive(Serialize)]
pub(super) struct LayerRef<'a> {
    pub index: usize,
    pub diff_id: DigestText,
    pub digest: Option<DigestText>,
    pub instruction: Option<&'a str>,
    pub from_base: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct Package<'a> {
    pub purl: Cow<'a, str>,
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub name: &'a str,
    pub version: &'a str,
    pub architecture: Option<&'a str>,
    pub source: Option<Source<'a>>,
    pub path: PathText<'a>,
    pub layer: Option<LayerRef<'a>>,
    pub extractor: &'a str,
    pub evidence: &'static str,
    pub owned_by: Option<&'a str>,
    pub license: Option<&'a str>,
    pub vendor: Option<&'a str>,
    pub module: Option<&'a str>,
    pub platforms: Vec<PlatformText<'a>>,
}

#[derive(Serialize)]
pub(super) struct Source<'a> {
    pub name: &'a str,
    pub version: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    pub id: &'a str,
    pub aliases: &'a [String],
    pub class: &'static str,
    pub severity: &'static str,
    pub severity_source: &'a str,
    pub ratings: Vec<Rating<'a>>,
    pub cvss: Vec<Cvss<'a>>,
    pub epss: Option<Epss<'a>>,
    pub kev: Option<Kev>,
    pub status: &'static str,
    pub fixed_version: Option<&'a str>,
    pub fix_channel: Option<&'a str>,
    pub fix_available_since: Option<String>,
    pub note: Option<&'a str>,
    pub reachable: &'static str,
    pub package: FindingPackage<'a>,
    pub why: Why<'a>,
    pub suppressed: Option<Suppressed<'a>>,
    pub cwes: &'a [String],
    pub summary: Option<&'a str>,
    pub description: Option<&'a str>,
    pub references: &'a [String],
    pub published: Option<Text<Timestamp>>,
    pub platforms: Vec<PlatformText<'a>>,
}

#[derive(Serialize)]
pub(super) struct Rating<'a> {
    pub source: &'a str,
    pub severity: &'static str,
}

#[derive(Serialize)]
pub(super) struct Cvss<'a> {
    pub source: &'a str,
    pub version: &'a str,
    pub vector: &'a str,
    pub score: f64,
}

#[derive(Serialize)]
pub(super) struct Epss<'a> {
    pub score: f64,
    pub percentile: Option<f64>,
    pub model: Option<&'a str>,
    pub date: Option<Day>,
}

#[derive(Serialize)]
pub(super) struct Kev {
    pub added: Option<Day>,
    pub due: Option<Day>,
    pub ransomware: bool,
}

#[derive(Serialize)]
pub(super) struct FindingPackage<'a> {
    pub purl: Cow<'a, str>,
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub name: &'a str,
    pub version: &'a str,
    pub path: PathText<'a>,
    pub layer: Option<LayerRef<'a>>,
}

#[derive(Serialize)]
pub(super) struct Why<'a> {
    pub advisory_package: &'a str,
    pub realm: &'a str,
    pub feed: &'a str,
    pub comparison: &'a str,
    pub certain: bool,
}

#[derive(Serialize)]
pub(super) struct Suppressed<'a> {
    pub source: &'a str,
    pub kind: &'static str,
    pub status: &'a str,
    pub justification: Option<&'a str>,
    pub text: Option<&'a str>,
    pub author: Option<&'a str>,
    pub until: Option<Text<Timestamp>>,
}

#[derive(Serialize)]
pub(super) struct Problem<'a> {
    pub kind: &'static str,
    pub what: &'a str,
    pub layer: Option<DigestText>,
    pub path: Option<PathText<'a>>,
    pub hides_findings: bool,
}

#[derive(Serialize)]
pub(super) struct Digests {
    pub inventory: DigestText,
    pub snapshot: Option<DigestText>,
    pub vex: DigestText,
    pub matcher: DigestText,
}

#[derive(Serialize)]
pub(super) struct Snapshot<'a> {
    pub digest: DigestText,
    pub sequence: u64,
    pub built: Text<Timestamp>,
    pub feeds: Vec<Feed<'a>>,
}

#[derive(Serialize)]
pub(super) struct Feed<'a> {
    pub id: &'a str,
    pub date: Option<Text<Timestamp>>,
}

#[derive(Serialize)]
pub(super) struct Image<'a> {
    pub platform: Option<PlatformText<'a>>,
    pub digest: Option<DigestText>,
    pub config_digest: Option<DigestText>,
    pub complete: bool,
    pub summary: Summary,
    pub distro: Option<Distro<'a>>,
    pub layers: Vec<Layer<'a>>,
    pub packages_count: usize,
    pub packages: Option<Vec<Package<'a>>>,
    pub findings: Option<Vec<Finding<'a>>>,
    pub problems: Vec<Problem<'a>>,
    pub digests: Digests,
}
