//! Makes a bundle of the snapshot in use: what of it may be given to others, packed small, and
//! signed.
//!
//! Where something has to stay behind, the recipe names what comes out without it: the snapshot is
//! built here once to know its digest.

use std::cmp::Reverse;
use std::sync::atomic::{AtomicU64, Ordering};

use plimsoll_core::Timestamp;
use plimsoll_vulndb::snapshot::PackedTexts;
use plimsoll_vulndb::{FEEDS, Licence, delta};

use super::super::deal::{deal, processors};
use super::super::reading::shards;
use super::super::recipe::{FeedRecipe, Recipe, build};
use super::super::sign::SecretKey;
use super::super::store::{Database, DatabaseError};
use super::form::{BundleFeed, BundleRecipe, Layer, Manifest, Piece};
use super::{BundleError, BundleEvent, sha256};

/// What a bundle shall hold.
pub struct ExportOptions<'a> {
    /// Only these feeds; all that may be given to others where empty.
    pub feeds: &'a [String],
    /// What changed since this snapshot.
    pub since: Option<u64>,
    /// The key that signs.
    pub key: Option<&'a SecretKey>,
    /// Who listens; asked by several threads.
    pub listener: &'a (dyn Fn(BundleEvent) + Sync),
}

/// A bundle, in memory.
pub struct Bundle {
    /// The recipe.
    pub recipe: BundleRecipe,
    /// Feeds of the snapshot that stay behind, since their licences do not allow to pass them on.
    pub left_out: Vec<String>,
    pub(super) recipe_text: Vec<u8>,
    pub(super) signature: Option<String>,
    pub(super) layers: Vec<(Layer, Vec<u8>)>,
    /// Layers that are where the bundle goes to.
    pub(super) there: Vec<Layer>,
}

impl Bundle {
    pub(super) fn manifest(&self) -> Vec<u8> {
        let own = self.layers.iter().map(|(layer, _)| layer.clone());
        let manifest = Manifest {
            recipe: sha256(&self.recipe_text),
            recipe_bytes: self.recipe_text.len() as u64,
            signature: self.signature.clone(),
            layers: own.chain(self.there.iter().cloned()).collect(),
        };
        manifest.encode()
    }
}

/// Which layers a bundle gets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// Every shard; or only what changed, where an older snapshot is named.
    Least,
    /// Every shard, and what changed beside it: for a place where many with different needs come.
    Both,
}

/// What has to be packed.
struct Job {
    feed: String,
    bytes_of: String,
    size_bytes: u64,
    since: Option<String>,
}

/// How hard zstd tries. Of the shards of everything (147 MB, 53 feeds) level 3 makes 16.5 MB, 9 14.1,
/// 12 13.7 in 8 s of one processor; from 16 on it takes six times as long for another 10 %.
const LEVEL: i32 = 12;
/// What stands for an address that is nobody else's business: a directory, or one with a login.
const OWN_SOURCE: &str = "a mirror";
/// The name of the dictionary among the feeds.
const DICTIONARY: &str = "dictionary";

/// Makes a bundle for a file.
///
/// # Errors
/// Where the database lacks something, or nothing of it may be given to others.
pub fn export(database: &Database, options: &ExportOptions<'_>) -> Result<Bundle, BundleError> {
    pack(database, options, Content::Least, &[])
}

/// Makes a bundle for a place where some layers are already.
pub(super) fn pack(
    database: &Database,
    options: &ExportOptions<'_>,
    content: Content,
    there: &[Layer],
) -> Result<Bundle, BundleError> {
    let missing = || DatabaseError::Missing(database.directory().to_owned());
    let sequence = database.current()?.ok_or_else(missing)?;
    let recipe = database.recipe(sequence)?.ok_or(BundleError::NoRecipe(sequence))?;
    let base = match options.since {
        Some(since) => Some(database.recipe(since)?.ok_or(BundleError::NoRecipe(since))?),
        None => None,
    };
    let (feeds, left_out) = shared(&recipe, options.feeds)?;
    let (snapshot, dictionary) = result(database, &recipe, &feeds, options.listener)?;
    let mut out = BundleRecipe::new(sequence, recipe.built, snapshot);
    for feed in &feeds {
        out.feeds.push(described(database, feed)?);
    }
    let mut layers = Vec::new();
    if let Some(bytes) = dictionary {
        let unpacked = sha256(&bytes).to_string();
        out.dictionary = Some(Piece { digest: unpacked.clone(), size_bytes: bytes.len() as u64 });
        // Like everything else that the older snapshot had, it is there.
        let is_there = content == Content::Least
            && base.as_ref().is_some_and(|base| has_dictionary(database, base, &bytes, &unpacked));
        if !is_there {
            layers.push(packed(DICTIONARY, &[], &bytes, unpacked, None)?);
        }
    }
    let (jobs, there) = jobs(database, &out.feeds, base.as_ref(), content, there);
    layers.extend(pack_all(database, &jobs, options.listener)?);
    let recipe_text = out.encode();
    let comment = format!("plimsoll database {sequence} of {}", Timestamp(recipe.built));
    let signature = options.key.map(|key| key.sign(&recipe_text, &comment));
    Ok(Bundle { recipe: out, left_out, recipe_text, signature, layers, there })
}

fn has_dictionary(database: &Database, base: &Recipe, bytes: &[u8], digest: &str) -> bool {
    base.dictionary.as_deref() == Some(digest)
        || database.open_sequence(base.sequence).is_ok_and(|open| open.snapshot.dictionary() == bytes)
}

/// The feeds that go out, with addresses that may be seen, and the ids of those that stay.
fn shared(recipe: &Recipe, chosen: &[String]) -> Result<(Vec<FeedRecipe>, Vec<String>), BundleError> {
    if let Some(unknown) = chosen.iter().find(|id| recipe.feeds.iter().all(|it| it.feed != **id)) {
        return Err(BundleError::UnknownFeed(unknown.clone()));
    }
    let (mut feeds, mut left_out) = (Vec::new(), Vec::new());
    for feed in recipe.feeds.iter().filter(|it| chosen.is_empty() || chosen.contains(&it.feed)) {
        if licence(&feed.feed).is_some_and(|it| it.redistributable) {
            feeds.push(FeedRecipe { source: shown(&feed.source), parts: Vec::new(), ..feed.clone() });
        } else {
            left_out.push(feed.feed.clone());
        }
    }
    if feeds.is_empty() { Err(BundleError::Nothing) } else { Ok((feeds, left_out)) }
}

fn licence(id: &str) -> Option<Licence> {
    FEEDS.iter().find(|feed| feed.id() == id).map(|feed| feed.licence())
}

fn shown(source: &str) -> String {
    let is_public = source.starts_with("https://") || source.starts_with("http://");
    if is_public && !source.contains(['@', '?']) { source.to_owned() } else { OWN_SOURCE.to_owned() }
}

/// The digest of the snapshot that comes of these feeds, and the dictionary that it needs.
fn result(
    database: &Database,
    recipe: &Recipe,
    feeds: &[FeedRecipe],
    listener: &(dyn Fn(BundleEvent) + Sync),
) -> Result<(String, Option<Vec<u8>>), BundleError> {
    let key = |feed: &FeedRecipe| (feed.feed.clone(), feed.source.clone(), feed.shard.clone());
    if feeds.iter().map(key).eq(recipe.feeds.iter().map(key)) {
        let dictionary = recipe.dictionary.as_ref().map(|it| database.blob(it)).transpose()?;
        return Ok((recipe.snapshot.clone(), dictionary));
    }
    listener(BundleEvent::Building);
    let open = database.open_sequence(recipe.sequence)?;
    let digests: Vec<&str> = feeds.iter().map(|feed| feed.shard.as_str()).collect();
    let mut input = Vec::new();
    for (feed, shard) in feeds.iter().zip(shards(database, &digests)) {
        input.push((feed.clone(), shard?));
    }
    let bytes = build(recipe.sequence, Timestamp(recipe.built), &input, Some(&open.snapshot))
        .map_err(BundleError::Build)?;
    let built =
        plimsoll_vulndb::Snapshot::open(&bytes).map_err(|error| BundleError::Build(error.to_string()))?;
    let dictionary = open.snapshot.dictionary();
    let dictionary = (built.dictionary() == dictionary).then(|| dictionary.to_vec());
    Ok((built.digest().to_string(), dictionary))
}

fn described(database: &Database, feed: &FeedRecipe) -> Result<BundleFeed, BundleError> {
    let licence = licence(&feed.feed).ok_or_else(|| BundleError::UnknownFeed(feed.feed.clone()))?;
    let size_bytes = database.shard_bytes(&feed.shard)?.len() as u64;
    Ok(BundleFeed {
        feed: feed.feed.clone(),
        source: feed.source.clone(),
        shard: Piece { digest: feed.shard.clone(), size_bytes },
        licence: licence.name.to_owned(),
        attribution: licence.attribution.to_owned(),
    })
}

/// What has to be packed, the largest first so that no processor waits for it at the end; and what
/// of it is there.
fn jobs(
    database: &Database,
    feeds: &[BundleFeed],
    base: Option<&Recipe>,
    content: Content,
    there: &[Layer],
) -> (Vec<Job>, Vec<Layer>) {
    let mut wanted = Vec::new();
    for feed in feeds {
        let before = base.and_then(|base| base.feeds.iter().find(|it| it.feed == feed.feed));
        let before = before.map(|it| it.shard.clone()).filter(|it| database.has_shard(it));
        let changed = before.clone().filter(|it| *it != feed.shard.digest);
        let job = |since| Job {
            feed: feed.feed.clone(),
            bytes_of: feed.shard.digest.clone(),
            size_bytes: feed.shard.size_bytes,
            since,
        };
        if before.is_none() || content == Content::Both {
            wanted.push(job(None));
        }
        wanted.extend(changed.map(|it| job(Some(it))));
    }
    let mut found = Vec::new();
    wanted.retain(|job| {
        let same = there.iter().find(|it| it.unpacked == job.bytes_of && it.since == job.since);
        found.extend(same.cloned());
        same.is_none()
    });
    wanted.sort_by_key(|job| Reverse(job.size_bytes));
    (wanted, found)
}

/// Packs as many at a time as there are processors; in the order of the jobs.
fn pack_all(
    database: &Database,
    jobs: &[Job],
    listener: &(dyn Fn(BundleEvent) + Sync),
) -> Result<Vec<(Layer, Vec<u8>)>, BundleError> {
    let of_bytes = jobs.iter().map(|job| job.size_bytes).sum();
    let packed_bytes = AtomicU64::new(0);
    listener(BundleEvent::Packing { done_bytes: 0, of_bytes });
    let layers = deal(jobs, processors(), |job| {
        let layer = pack_one(database, job);
        let before = packed_bytes.fetch_add(job.size_bytes, Ordering::Relaxed);
        listener(BundleEvent::Packing { done_bytes: before + job.size_bytes, of_bytes });
        layer
    });
    layers.into_iter().collect()
}

fn pack_one(database: &Database, job: &Job) -> Result<(Layer, Vec<u8>), BundleError> {
    let new = database.shard_bytes(&job.bytes_of)?;
    let old = match &job.since {
        Some(since) => database.shard_bytes(since)?,
        None => Vec::new(),
    };
    packed(&job.feed, &old, &new, job.bytes_of.clone(), job.since.clone())
}

fn packed(
    feed: &str,
    old: &[u8],
    new: &[u8],
    unpacked: String,
    since: Option<String>,
) -> Result<(Layer, Vec<u8>), BundleError> {
    let bytes = delta::diff(old, new, LEVEL).map_err(|error| BundleError::Build(error.to_string()))?;
    let (digest, size_bytes) = (sha256(&bytes), bytes.len() as u64);
    Ok((Layer { digest, size_bytes, unpacked, since, feed: feed.to_owned() }, bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_login_or_of_a_directory_stays_behind() {
        assert_eq!(shown("https://secdb.example/v3.19"), "https://secdb.example/v3.19");
        for own in ["/srv/feeds", "https://me:secret@mirror.example", "https://x.example/?token=1", ""] {
            assert_eq!(shown(own), OWN_SOURCE);
        }
    }
}
