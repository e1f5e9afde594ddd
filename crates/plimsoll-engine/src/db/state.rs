//! What is known of each feed between two updates: which parts were accepted, and how the last
//! attempt went. Kept as JSON, one file a feed.

use std::collections::BTreeMap;

use plimsoll_core::Timestamp;
use serde::{Deserialize, Serialize};

use super::recipe::FeedRecipe;

/// One accepted part of a feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartState {
    /// The source's name inside the feed.
    pub name: String,
    /// The file's name, for formats told apart by it.
    pub file_name: String,
    /// Where it came from.
    pub from: String,
    /// The digest of its bytes; the name of the blob.
    pub blob: String,
    /// Bytes as fetched.
    pub size_bytes: u64,
    /// The server's `ETag`, for asking again.
    pub etag: Option<String>,
    /// The server's `Last-Modified`, for asking again.
    pub last_modified: Option<String>,
}

/// How an attempt to update a feed ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "why")]
pub enum Outcome {
    /// New data was accepted.
    Updated,
    /// The data is the same as before.
    Unchanged,
    /// What came was refused; the data before it stays.
    Refused(String),
    /// Nothing came; the data before stays.
    Failed(String),
    /// The mirror has nothing of this feed; the data before stays.
    Absent,
}

/// The state of one feed.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FeedState {
    /// The feed's id.
    pub feed: String,
    /// The parts that were accepted last.
    pub parts: Vec<PartState>,
    /// Records that they had.
    pub records: u64,
    /// Of them those that could not be read.
    #[serde(default)]
    pub quarantined: u64,
    /// Advisories that they gave.
    pub advisories: u64,
    /// When they were accepted, in seconds since 1970.
    pub accepted: Option<i64>,
    /// When the last attempt was, in seconds since 1970.
    pub tried: Option<i64>,
    /// How it ended.
    pub last: Option<Outcome>,
    /// How many attempts in a row went wrong.
    #[serde(default)]
    pub failures: u32,
    /// What the accepted parts came to.
    #[serde(default)]
    pub shard: Option<ShardState>,
    /// Where the shard came from, for people, if nobody here has seen the feed's own files.
    #[serde(default)]
    pub source: Option<String>,
    /// Releases that the feed has no more, and of which the last word is kept.
    #[serde(default)]
    pub kept_realms: Vec<String>,
    /// What went wrong the last time though the feed could be had: files that are not there any
    /// more and whose data stay.
    #[serde(default)]
    pub notes: Vec<String>,
    /// For sources that are not fetched as a whole each time, by the source's name.
    #[serde(default)]
    pub changing: BTreeMap<String, ChangingState>,
}

/// A shard that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardState {
    /// The SHA-256 of its bytes.
    pub digest: String,
    /// Its size, not compressed.
    pub size_bytes: u64,
    /// The version of the parser that made it.
    pub version: u32,
    /// The form that it is written in, [`plimsoll_vulndb::Shard::FORM`].
    #[serde(default)]
    pub form: u32,
}

/// When all of a source was fetched, and how far what changed since was followed.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ChangingState {
    /// When the archive, the file or all pages were fetched, in seconds since 1970.
    pub archive_fetched: i64,
    /// The newest change that was followed, in seconds since 1970.
    pub followed: i64,
    /// How many pages there were.
    #[serde(default)]
    pub pages: u32,
    /// There was no such file when it was asked for last.
    #[serde(default)]
    pub is_absent: bool,
}

/// A feed's health at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedHealth {
    /// The last attempt went well.
    Good,
    /// The last attempt did not, and why.
    Bad(String),
    /// There was no attempt, or the mirror has nothing.
    Never,
}

impl FeedState {
    /// The health.
    pub fn health(&self) -> FeedHealth {
        match &self.last {
            Some(Outcome::Updated | Outcome::Unchanged) => {
                self.note().map_or(FeedHealth::Good, FeedHealth::Bad)
            }
            Some(Outcome::Refused(why)) => FeedHealth::Bad(format!("refused: {why}")),
            Some(Outcome::Failed(why)) => FeedHealth::Bad(format!("failed: {why}")),
            Some(Outcome::Absent) | None => FeedHealth::Never,
        }
    }

    /// The notes in a sentence.
    pub(super) fn note(&self) -> Option<String> {
        let (first, more) = self.notes.split_first()?;
        let others =
            if more.is_empty() { String::new() } else { format!(" (and {} more such notes)", more.len()) };
        Some(format!(
            "{first}{others}; to let go what is gone, run `plimsoll db update --accept-shrunk {}`",
            self.feed
        ))
    }

    /// What a snapshot would be built from now.
    pub(super) fn recipe(&self) -> Option<FeedRecipe> {
        let shard = self.shard.as_ref()?.digest.clone();
        let fetched = self.parts.first().map(|part| part.from.clone());
        let source = fetched.or_else(|| self.source.clone()).unwrap_or_default();
        Some(FeedRecipe { feed: self.feed.clone(), source, shard, parts: self.parts.clone() })
    }

    /// When the accepted parts were accepted.
    pub fn accepted(&self) -> Option<Timestamp> {
        self.accepted.map(Timestamp)
    }
}
