//! Why a document could not be read. Texts from the document are shortened and escaped.

use plimsoll_core::Escaped;
use thiserror::Error;

/// Why a manifest, an index or a configuration could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ManifestError {
    /// Larger than Plimsoll reads.
    #[error("the {what} has {size_bytes} bytes, more than the limit of {limit_bytes}")]
    TooLarge {
        /// `manifest` or `configuration`.
        what: &'static str,
        /// Its size in bytes.
        size_bytes: u64,
        /// The limit in bytes.
        limit_bytes: u64,
    },
    /// More of something than Plimsoll follows.
    #[error("the document lists {count} {what}, more than the limit of {limit}")]
    TooMany {
        /// `layers`, `manifests`, `history entries`.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many are allowed.
        limit: usize,
    },
    /// A layer that claims to be larger than any layer may become.
    #[error("layer {number} claims {size_bytes} bytes, more than the limit of {limit_bytes}")]
    LayerTooLarge {
        /// The layer's place, from 1.
        number: usize,
        /// What its descriptor claims, in bytes.
        size_bytes: u64,
        /// The limit in bytes.
        limit_bytes: u64,
    },
    /// No JSON object at all.
    #[error("the {what} is not JSON but {got}")]
    NotJson {
        /// `manifest` or `configuration`.
        what: &'static str,
        /// What it looks like.
        got: String,
    },
    /// JSON, but not of this form.
    #[error("the {what} cannot be read: {why}")]
    Malformed {
        /// `manifest`, `index` or `configuration`.
        what: &'static str,
        /// What is wrong, without a full stop.
        why: String,
    },
    /// Docker's image manifest version 2, schema 1, or version 1.
    #[error(
        "the manifest has Docker's old schema 1, which is not supported; push the image again with a current client"
    )]
    Schema1,
    /// Both `manifests` and `config` or `layers`: two readers would see two images.
    #[error(
        "the document is a manifest and an index at once; it is refused, since readers would disagree about it"
    )]
    ManifestAndIndex,
    /// Manifest and configuration speak of different layers.
    #[error("the manifest has {layers} layers, but the configuration has {diff_ids}")]
    LayerCount {
        /// Layers of the manifest.
        layers: usize,
        /// Layers of the configuration.
        diff_ids: usize,
    },
}

impl ManifestError {
    /// Whether a limit of Plimsoll's own stopped it, rather than the document being wrong.
    pub fn is_limit(&self) -> bool {
        matches!(
            self,
            ManifestError::TooLarge { .. }
                | ManifestError::TooMany { .. }
                | ManifestError::LayerTooLarge { .. }
        )
    }

    /// From serde_json, whose messages quote the document.
    pub(super) fn from_json(what: &'static str, bytes: &[u8], error: &serde_json::Error) -> ManifestError {
        if error.is_data() || looks_like_json(bytes) {
            return ManifestError::Malformed { what, why: excerpt(&error.to_string()) };
        }
        ManifestError::NotJson { what, got: describe(bytes) }
    }
}

fn looks_like_json(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first().is_some_and(|first| matches!(first, b'{' | b'['))
}

/// What bytes look like that are no JSON object.
pub(super) fn describe(bytes: &[u8]) -> String {
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let start = &start[..start.len().min(40)];
    match start {
        [] => "empty".to_owned(),
        [0x1f, 0x8b, ..] => "gzip data".to_owned(),
        [b'[', ..] => "a list".to_owned(),
        [b'<', ..] => "a web page or XML".to_owned(),
        _ if std::str::from_utf8(bytes.get(..64).unwrap_or(bytes)).is_err() => "binary data".to_owned(),
        _ => format!("text that begins `{}`", Escaped(&String::from_utf8_lossy(start))),
    }
}

/// At most 200 characters of a message, escaped.
pub(super) fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    Escaped(&short).to_string()
}
