//! What a snapshot was built from: enough to build it again, byte for byte.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::build::{FeedMeta, ShardInput, build_after};
use plimsoll_vulndb::snapshot::PackedTexts;
use plimsoll_vulndb::{FEEDS, Feed, Shard};
use serde::{Deserialize, Serialize};

use super::reading::{read_feed, shards};
use super::state::PartState;
use super::store::{Database, DatabaseError, OpenSnapshot, content_digest};

/// What a snapshot was built from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// Its number.
    pub sequence: u64,
    /// When it was built, in seconds since 1970.
    pub built: i64,
    /// Its digest.
    pub snapshot: String,
    /// The blob with the dictionary that its texts are packed with; `None` where it was trained
    /// for it, and came out the same whenever it is trained again.
    pub dictionary: Option<String>,
    /// The feeds, in the order of the table.
    pub feeds: Vec<FeedRecipe>,
}

/// One feed's part in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedRecipe {
    /// The feed's id.
    pub feed: String,
    /// Where it was taken from, for people.
    pub source: String,
    /// The digest of its shard.
    pub shard: String,
    /// The raw parts that the shard was read from; none where it came as a shard.
    pub parts: Vec<PartState>,
}

/// Which snapshot somebody means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// The one with this number.
    Sequence(u64),
    /// The newest that was built at this time or before.
    Time(Timestamp),
}

/// A dictionary without texts.
pub(super) struct Dictionary(pub(super) Vec<u8>);

impl PackedTexts for Dictionary {
    fn dictionary(&self) -> &[u8] {
        &self.0
    }

    fn packed(&self, _: &str) -> Option<&[u8]> {
        None
    }
}

impl Database {
    /// Opens the snapshot that was in use then; one that is no longer on disk is built again.
    ///
    /// # Errors
    /// Where neither the snapshot nor what it was built from is kept.
    pub fn open_as_of(&self, as_of: AsOf) -> Result<OpenSnapshot, DatabaseError> {
        let sequence = match as_of {
            AsOf::Sequence(sequence) => sequence,
            AsOf::Time(time) => self.sequence_at(time)?,
        };
        match self.open_sequence(sequence) {
            Err(DatabaseError::NoSnapshot(_)) => {
                let recipe = self.recipe(sequence)?.ok_or(DatabaseError::NoSnapshot(sequence))?;
                let bytes = self.rebuild(&recipe, false)?;
                self.save_snapshot(sequence, &bytes)?;
                self.open_sequence(sequence)
            }
            opened => opened,
        }
    }

    fn sequence_at(&self, time: Timestamp) -> Result<u64, DatabaseError> {
        let files = self.list()?;
        let mut known: Vec<(u64, Timestamp)> =
            files.iter().filter_map(|file| Some((file.sequence, file.info.as_ref().ok()?.0))).collect();
        for sequence in self.recipes()? {
            known.extend(self.recipe(sequence)?.map(|recipe| (sequence, Timestamp(recipe.built))));
        }
        let then = known.iter().filter(|(_, built)| *built <= time).map(|(sequence, _)| *sequence).max();
        let oldest = known.iter().map(|(_, built)| *built).min();
        then.ok_or(DatabaseError::NoneThen { time, oldest })
    }

    /// Builds a snapshot again: from the shards that are kept, or from the raw parts of the feeds.
    ///
    /// # Errors
    /// Where something that it was built from is no longer there, or where other bytes come out.
    pub fn rebuild(&self, recipe: &Recipe, from_raw: bool) -> Result<Vec<u8>, DatabaseError> {
        let mut feeds = Vec::new();
        let digests: Vec<&str> = recipe.feeds.iter().map(|it| it.shard.as_str()).collect();
        for (part, shard) in recipe.feeds.iter().zip(shards(self, &digests)) {
            let shard = shard?;
            let shard = if from_raw && !part.parts.is_empty() { self.reread(part, shard)? } else { shard };
            feeds.push((part.clone(), shard));
        }
        let dictionary = match &recipe.dictionary {
            Some(blob) => Some(Dictionary(self.blob(blob)?)),
            None => None,
        };
        let earlier = dictionary.as_ref().map(|it| it as &dyn PackedTexts);
        let bytes = build(recipe.sequence, Timestamp(recipe.built), &feeds, earlier)
            .map_err(DatabaseError::NotRebuilt)?;
        let digest = plimsoll_vulndb::snapshot::verify(&bytes)
            .map_err(|error| DatabaseError::NotRebuilt(error.to_string()))?;
        if digest.to_string() == recipe.snapshot {
            Ok(bytes)
        } else {
            let why =
                format!("snapshot {} comes out as {digest} and was {}", recipe.sequence, recipe.snapshot);
            Err(DatabaseError::NotRebuilt(why))
        }
    }

    /// Reads a feed's raw parts again. The shard that they came to knows since when each fact is
    /// known, and nothing else is taken from it.
    fn reread(&self, part: &FeedRecipe, mut since: Shard) -> Result<Shard, DatabaseError> {
        let feed = feed(&part.feed)?;
        since.version = u32::MAX;
        let again =
            read_feed(self, feed, &part.parts, Some(since), (0, true))?.map_err(DatabaseError::NotRebuilt)?;
        if content_digest(again.bytes()) == part.shard {
            return Ok(again);
        }
        let why = format!("the feed {} comes out otherwise than it did; its reader has changed", part.feed);
        Err(DatabaseError::NotRebuilt(why))
    }
}

/// Builds a snapshot from shards.
pub(super) fn build(
    sequence: u64,
    built: Timestamp,
    feeds: &[(FeedRecipe, Shard)],
    earlier: Option<&dyn PackedTexts>,
) -> Result<Vec<u8>, String> {
    let mut input = ShardInput { sequence, built, feeds: Vec::new() };
    for (part, shard) in feeds {
        input.feeds.push((feed_meta(part).map_err(|error| error.to_string())?, shard));
    }
    build_after(&input, earlier).map_err(|error| error.to_string())
}

/// What a snapshot says of a feed.
pub(super) fn feed_meta(part: &FeedRecipe) -> Result<FeedMeta, DatabaseError> {
    Ok(FeedMeta::of(feed(&part.feed)?, &part.source))
}

fn feed(id: &str) -> Result<&'static dyn Feed, DatabaseError> {
    let known = FEEDS.iter().find(|feed| feed.id() == id);
    known.copied().ok_or_else(|| DatabaseError::NotRebuilt(format!("this Plimsoll knows no feed `{id}`")))
}
