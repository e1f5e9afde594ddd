//! What the readers of JSON documents share: how documents are told apart, statements around
//! them, and lists of which a broken entry costs no other.

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::draft::Draft;
use crate::lenient::{Maybe, Text};

/// The keys that tell the formats apart.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Head {
    #[serde(rename = "bomFormat")]
    pub bom_format: Text,
    #[serde(rename = "spdxVersion")]
    pub spdx_version: Text,
    #[serde(rename = "@context")]
    pub context: Text,
    #[serde(rename = "SchemaVersion")]
    pub trivy_schema: Text,
    pub artifacts: Option<IgnoredAny>,
    pub schema: Option<IgnoredAny>,
    #[serde(rename = "payloadType")]
    pub payload_type: Text,
    predicate: Option<Box<Head>>,
}

impl Head {
    pub fn of(text: &str) -> Result<Head, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The document itself, or the one that an in-toto statement carries.
    pub fn inner(&self) -> (&Head, bool) {
        match &self.predicate {
            Some(inner) => (inner, true),
            None => (self, false),
        }
    }
}

/// An in-toto statement around a document (in-toto attestation framework, "Statement").
#[derive(Deserialize)]
struct Carried<T> {
    predicate: T,
}

/// Reads a document, or the one inside a statement.
pub(super) fn parse<T: DeserializeOwned>(text: &str, carried: bool) -> Result<T, serde_json::Error> {
    if carried {
        serde_json::from_str::<Carried<T>>(text).map(|it| it.predicate)
    } else {
        serde_json::from_str(text)
    }
}

/// The entries of a list; those of another form are noted.
pub(super) fn entries<T>(list: Option<Vec<Maybe<T>>>, draft: &mut Draft) -> Vec<T> {
    let mut read = Vec::new();
    for (number, entry) in (1..).zip(list.unwrap_or_default()) {
        match entry {
            Maybe::Is(entry) => read.push(entry),
            Maybe::Not(_) => draft.unreadable("are broken", &format!("number {number}")),
        }
    }
    read
}
