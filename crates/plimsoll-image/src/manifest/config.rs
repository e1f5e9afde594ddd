//! Image configurations.

use plimsoll_core::{Digest, Limits};
use serde::Deserialize;

use super::document::platform;
use super::error::{describe, excerpt};
use super::strict::Keys;
use super::{History, ImageConfig, ManifestError};

const KEYS: Keys = Keys {
    known: &["rootfs", "diff_ids", "history", "created_by", "empty_layer", "os", "architecture", "variant"],
    // Labels, environment and the like are anybody's words.
    opaque: &["config", "container_config", "Labels", "moby.buildkit.buildinfo.v1"],
};

/// Steps of a history for each layer allowed; most steps of a Dockerfile make no layer.
const HISTORY_PER_LAYER: usize = 16;

/// Reads an image configuration.
pub fn parse_config(bytes: &[u8], limits: &Limits) -> Result<ImageConfig, ManifestError> {
    let what = "configuration";
    let size_bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size_bytes > limits.config_bytes {
        return Err(ManifestError::TooLarge { what, size_bytes, limit_bytes: limits.config_bytes });
    }
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(ManifestError::NotJson { what, got: describe(bytes) });
    }
    let unreadable = |error: serde_json::Error| ManifestError::from_json(what, bytes, &error);
    KEYS.check(bytes).map_err(unreadable)?;
    let wire: Wire = serde_json::from_slice(bytes).map_err(unreadable)?;
    wire.read(limits)
}

#[derive(Deserialize)]
struct Wire {
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
    created: Option<String>,
    rootfs: Option<WireRootFs>,
    history: Option<Vec<WireHistory>>,
}

#[derive(Deserialize)]
struct WireRootFs {
    diff_ids: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct WireHistory {
    created_by: Option<String>,
    comment: Option<String>,
    empty_layer: Option<bool>,
}

impl Wire {
    fn read(self, limits: &Limits) -> Result<ImageConfig, ManifestError> {
        let claimed = self.rootfs.and_then(|it| it.diff_ids).unwrap_or_default();
        if claimed.len() > limits.layers {
            return Err(ManifestError::TooMany {
                what: "layers",
                count: claimed.len(),
                limit: limits.layers,
            });
        }
        let history = self.history.unwrap_or_default();
        let history_limit = limits.layers.saturating_mul(HISTORY_PER_LAYER);
        if history.len() > history_limit {
            return Err(ManifestError::TooMany {
                what: "history entries",
                count: history.len(),
                limit: history_limit,
            });
        }
        Ok(ImageConfig {
            platform: platform(self.os, self.architecture, self.variant),
            diff_ids: claimed.iter().map(|it| diff_id(it)).collect::<Result<_, _>>()?,
            history: history.into_iter().map(WireHistory::read).collect(),
            created: self.created,
        })
    }
}

fn diff_id(text: &str) -> Result<Digest, ManifestError> {
    text.parse().map_err(|error| ManifestError::Malformed {
        what: "configuration",
        why: format!("the diff_id `{}` is wrong: {error}", excerpt(text)),
    })
}

impl WireHistory {
    fn read(self) -> History {
        History {
            created_by: self.created_by,
            comment: self.comment,
            empty_layer: self.empty_layer.unwrap_or(false),
        }
    }
}
