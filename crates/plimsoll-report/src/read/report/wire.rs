//! The shape of the JSON report as it is read: the fields of `json::wire`, owned. Fields that a
//! later version adds are passed over.

use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Document {
    pub schema_version: String,
    pub created: String,
    pub subject: Subject,
    pub packages: Vec<Package>,
    pub findings: Vec<Finding>,
    pub problems: Vec<Problem>,
    pub snapshot: Option<Snapshot>,
    pub images: Vec<Image>,
}

#[derive(Deserialize)]
pub(super) struct Subject {
    pub name: String,
    pub kind: String,
    pub digest: Option<String>,
    pub media_type: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Distro {
    pub id: String,
    pub version: String,
    pub name: Option<String>,
    pub support: String,
    pub support_ends: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Layer {
    pub diff_id: String,
    pub verified: bool,
    pub digest: Option<String>,
    pub size_bytes: Option<u64>,
    pub instruction: Option<String>,
    pub from_base: Option<bool>,
}

#[derive(Deserialize)]
pub(super) struct LayerRef {
    pub index: usize,
}

#[derive(Deserialize)]
pub(super) struct Package {
    pub purl: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    pub version: String,
    pub architecture: Option<String>,
    pub source: Option<Source>,
    pub path: String,
    pub layer: Option<LayerRef>,
    pub extractor: String,
    pub evidence: String,
    pub owned_by: Option<String>,
    pub license: Option<String>,
    pub vendor: Option<String>,
    pub module: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Source {
    pub name: String,
    pub version: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Finding {
    pub id: String,
    pub aliases: Vec<String>,
    pub class: String,
    pub severity: String,
    pub severity_source: String,
    pub ratings: Vec<Rating>,
    pub cvss: Vec<Cvss>,
    pub epss: Option<Epss>,
    pub kev: Option<Kev>,
    pub status: String,
    pub fixed_version: Option<String>,
    pub fix_channel: Option<String>,
    /// Reports of before it was known have none.
    #[serde(default)]
    pub fix_available_since: Option<String>,
    pub note: Option<String>,
    /// Reports of before it was known have none.
    pub reachable: Option<String>,
    pub package: FindingPackage,
    pub why: Why,
    pub suppressed: Option<Suppressed>,
    /// Reports of before it was written down have none.
    #[serde(default)]
    pub cwes: Vec<String>,
    pub summary: Option<String>,
    pub description: Option<String>,
    pub references: Vec<String>,
    pub published: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Rating {
    pub source: String,
    pub severity: String,
}

#[derive(Deserialize)]
pub(super) struct Cvss {
    pub source: String,
    pub version: String,
    pub vector: String,
    pub score: f64,
}

#[derive(Deserialize)]
pub(super) struct Epss {
    pub score: f64,
    pub percentile: Option<f64>,
    pub model: Option<String>,
    pub date: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Kev {
    pub added: Option<String>,
    pub due: Option<String>,
    pub ransomware: bool,
}

#[derive(Deserialize)]
pub(super) struct FindingPackage {
    pub purl: String,
    pub path: String,
}

#[derive(Deserialize)]
pub(super) struct Why {
    pub advisory_package: String,
    pub realm: String,
    pub feed: String,
    pub comparison: String,
    pub certain: bool,
}

#[derive(Deserialize)]
pub(super) struct Suppressed {
    pub source: String,
    pub kind: String,
    pub status: String,
    pub justification: Option<String>,
    pub text: Option<String>,
    pub author: Option<String>,
    pub until: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Problem {
    pub kind: String,
    pub what: String,
    pub layer: Option<String>,
    pub path: Option<String>,
    pub hides_findings: bool,
}

#[derive(Deserialize)]
pub(super) struct Digests {
    pub inventory: String,
    pub snapshot: Option<String>,
    pub vex: String,
    pub matcher: String,
}

#[derive(Deserialize)]
pub(super) struct Snapshot {
    pub digest: String,
    pub sequence: u64,
    pub built: String,
    pub feeds: Vec<Feed>,
}

#[derive(Deserialize)]
pub(super) struct Feed {
    pub id: String,
    pub date: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Image {
    pub platform: Option<String>,
    pub digest: Option<String>,
    pub config_digest: Option<String>,
    pub distro: Option<Distro>,
    pub layers: Vec<Layer>,
    pub packages: Option<Vec<Package>>,
    pub findings: Option<Vec<Finding>>,
    pub problems: Vec<Problem>,
    pub digests: Digests,
}
