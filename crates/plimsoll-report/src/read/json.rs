//! What the readers of JSON documents share: what a document is, lists that forgive, envelopes.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::ReadError;

/// The fields by which documents are told apart.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Probe {
    #[serde(rename = "bomFormat")]
    pub bom_format: Value,
    #[serde(rename = "@context")]
    pub context: Value,
    pub document: CsafProbe,
    pub schema_version: Value,
    pub tool: Value,
    #[serde(rename = "payloadType")]
    pub payload_type: Value,
    #[serde(rename = "dsseEnvelope", deserialize_with = "presence")]
    pub has_envelope: bool,
    #[serde(deserialize_with = "boxed")]
    pub predicate: Option<Box<Probe>>,
}

/// What tells a CSAF document.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct CsafProbe {
    pub csaf_version: Value,
}

impl Probe {
    /// Looks at a document; a list or a number is none.
    pub fn of(text: &str) -> Result<Probe, ReadError> {
        if !text.trim_start().starts_with('{') {
            return Err(ReadError::new("it is no JSON object"));
        }
        serde_json::from_str(text).map_err(|error| ReadError::new(format!("it is no readable JSON: {error}")))
    }

    /// The document itself, or the one that an in-toto statement carries.
    pub fn inner(&self) -> (&Probe, bool) {
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
pub(super) fn parse<T: DeserializeOwned>(text: &str, carried: bool, what: &str) -> Result<T, ReadError> {
    let read = if carried {
        serde_json::from_str(text).map(|it: Carried<T>| it.predicate)
    } else {
        serde_json::from_str(text)
    };
    read.map_err(|error| ReadError::new(format!("it is no readable {what}: {error}")))
}

/// `null` as the empty value, which programs write for lists without entries.
pub(super) fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

fn presence<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    serde::de::IgnoredAny::deserialize(deserializer).map(|_| true)
}

/// A predicate that is no object is nothing that can be read.
fn boxed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Box<Probe>>, D::Error> {
    Option::<Box<Probe>>::deserialize(deserializer)
}

/// Reads each entry of a list by itself, so that a broken one costs no other. Gives what was read
/// and what is wrong with the rest.
pub(super) fn each<T: DeserializeOwned>(values: Vec<Value>) -> (Vec<T>, Vec<String>) {
    let mut read = Vec::with_capacity(values.len().min(1 << 16));
    let mut wrong = Vec::new();
    for (number, value) in values.into_iter().enumerate() {
        match serde_json::from_value(value) {
            Ok(it) => read.push(it),
            Err(error) => wrong.push(format!("number {}: {error}", number + 1)),
        }
    }
    (read, wrong)
}
