//! Attestations: a document in an in-toto statement, in a signed envelope (DSSE) or a bundle of
//! sigstore's around one.
//!
//! Envelopes are opened, and their signatures are not looked at.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use plimsoll_core::Digest;
use serde::Deserialize;
use serde_json::Value;

use super::super::ReadError;
use super::super::json::{Probe, nullable};

/// Both alphabets are allowed (DSSE, "protocol"), and who knows about padding.
const ENGINES: [GeneralPurpose; 2] = {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [GeneralPurpose::new(&alphabet::STANDARD, config), GeneralPurpose::new(&alphabet::URL_SAFE, config)]
};

/// The kind of payload that is read (in-toto attestation framework, "Envelope").
const STATEMENT: &str = "application/vnd.in-toto+json";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload_type: String,
    payload: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Envelope,
}

#[derive(Deserialize)]
struct Statement {
    #[serde(default, deserialize_with = "nullable")]
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    #[serde(default, deserialize_with = "nullable")]
    digest: std::collections::BTreeMap<String, Value>,
}

/// What a signed envelope holds; `None` where the document is none.
pub(super) fn payload(text: &str, probe: &Probe) -> Result<Option<String>, ReadError> {
    let unreadable = |error| ReadError::new(format!("it is no readable envelope: {error}"));
    let envelope: Envelope = if probe.payload_type.is_string() {
        serde_json::from_str(text).map_err(unreadable)?
    } else if probe.has_envelope {
        serde_json::from_str(text).map(|it: Bundle| it.dsse_envelope).map_err(unreadable)?
    } else {
        return Ok(None);
    };
    if envelope.payload_type != STATEMENT {
        let kind = envelope.payload_type;
        return Err(ReadError::new(format!("it is an envelope around `{kind}`, not around a statement")));
    }
    let bytes = ENGINES.iter().find_map(|engine| engine.decode(&envelope.payload).ok());
    let bytes = bytes.ok_or_else(|| ReadError::new("it is an envelope whose payload is not base64"))?;
    String::from_utf8(bytes).map(Some).map_err(|_| ReadError::new("it is an envelope around no text"))
}

/// Whether a statement is about the manifest with this digest.
pub(super) fn is_about(statement: &str, digest: &Digest) -> Result<bool, ReadError> {
    let statement: Statement = serde_json::from_str(statement)
        .map_err(|error| ReadError::new(format!("it is no readable statement: {error}")))?;
    let (algorithm, hex) = (digest.algorithm().name(), digest.hex());
    let is_it = |it: &Subject| {
        it.digest.get(algorithm).and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case(&hex))
    };
    Ok(statement.subject.iter().any(is_it))
}
