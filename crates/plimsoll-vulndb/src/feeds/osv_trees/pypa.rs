//! A record of PyPA's in YAML, written again as the JSON that it stands for.
//!
//! Versions are texts, as [`yaml`] keeps them: a YAML reader that knows numbers makes `1.10` one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::shared::yaml;

/// The fields of OSV that PyPA uses; what else a record has is of no consequence.
#[derive(Deserialize, Serialize)]
struct Record {
    id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    published: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    withdrawn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    details: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    aliases: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    related: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    severity: Option<Vec<BTreeMap<String, String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    references: Option<Vec<BTreeMap<String, String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    affected: Option<Vec<Affected>>,
}

#[derive(Deserialize, Serialize)]
struct Affected {
    package: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ranges: Option<Vec<Range>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    versions: Option<Vec<String>>,
}

#[derive(Deserialize, Serialize)]
struct Range {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    events: Vec<BTreeMap<String, String>>,
}

/// The record as JSON, or why it is none.
pub(super) fn as_json(bytes: &[u8]) -> Result<String, String> {
    let record: Record = yaml(bytes)?;
    serde_json::to_string(&record).map_err(|error| error.to_string())
}
