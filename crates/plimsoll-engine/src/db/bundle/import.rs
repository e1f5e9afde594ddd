//! Takes a bundle: checks who signed it, gets what is not here yet, builds the snapshot, compares
//! it with what the recipe promises, and makes it the one in use.
//!
//! Feeds that are here and not in the bundle stay: those that may not be given to others are
//! fetched by everyone themselves, and losing one would hide findings. Then the snapshot is one of
//! our own, with a number of our own.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::snapshot::PackedTexts;
use plimsoll_vulndb::{FEEDS, Shard};

use super::super::recipe::{Dictionary, FeedRecipe, Recipe, build};
use super::super::sign::PublicKey;
use super::super::state::{FeedState, Outcome, ShardState};
use super::super::store::{Database, DatabaseError};
use super::form::{BundleFeed, BundleRecipe, Manifest};
use super::unpack::Unpacking;
use super::{BundleError, BundleSource};

/// Whom to believe.
#[derive(Clone, Copy, Debug)]
pub enum Trust<'a> {
    /// Who has the secret half of this key.
    Key(&'a PublicKey),
    /// Everyone.
    Anyone,
}

/// How to take a bundle.
pub struct ImportOptions<'a> {
    /// Whom to believe.
    pub trust: Trust<'a>,
    /// The signature, where it is not the bundle's own.
    pub signature: Option<String>,
    /// Only these feeds; all of the bundle where empty.
    pub only: &'a [String],
    /// Whether data may be replaced by older ones.
    pub allow_older: bool,
    /// For so many days everything is kept that a snapshot was built from.
    pub keep_days: u32,
    /// The time.
    pub now: Timestamp,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportSummary {
    /// When the bundle was built.
    pub built: Timestamp,
    /// The number of the new snapshot; `None` where everything was here.
    pub sequence: Option<u64>,
    /// Its digest.
    pub snapshot: String,
    /// Whether that is the one that the bundle promises.
    pub is_the_same: bool,
    /// The feeds that were taken.
    pub taken: usize,
    /// The feeds that were here and stay.
    pub kept: Vec<String>,
    /// So many bytes were read of the layers.
    pub moved_bytes: u64,
    /// What was signed besides the recipe.
    pub comment: Option<String>,
}

const DAY_SECONDS: i64 = 86_400;

/// Takes a bundle.
///
/// # Errors
/// Where it is not to be believed, damaged, older than what is here, or incomplete. The snapshot in
/// use stays then.
pub fn import(
    database: &Database,
    source: &dyn BundleSource,
    options: &ImportOptions<'_>,
) -> Result<ImportSummary, BundleError> {
    let _lock = database.lock()?;
    let name = source.name();
    let manifest = Manifest::decode(&name, &source.manifest()?)?;
    let text = source.blob(&manifest.recipe, manifest.recipe_bytes)?;
    let signature = options.signature.as_ref().or(manifest.signature.as_ref());
    let comment = believed(&name, &text, signature, options.trust)?;
    let recipe = BundleRecipe::decode(&name, &text)?;
    let chosen = chosen(&recipe, options.only)?;
    let states = states(database)?;
    if !options.allow_older {
        refuse_older(&name, &recipe, &chosen, &states)?;
    }
    let plan = Plan::new(&recipe, &chosen, &states);
    let mut summary = ImportSummary {
        built: Timestamp(recipe.built),
        sequence: None,
        snapshot: recipe.snapshot.clone(),
        is_the_same: true,
        taken: chosen.len(),
        kept: plan.kept.clone(),
        moved_bytes: 0,
        comment,
    };
    if let Some(current) = database.current()?.filter(|_| database.open().is_ok())
        && let Some(here) = database.recipe(current)?
        && same_shards(&here.feeds, &plan.feeds)
    {
        summary.is_the_same = here.snapshot == recipe.snapshot;
        summary.snapshot = here.snapshot;
        return Ok(summary);
    }
    let mut unpacking = Unpacking { source, database, layers: &manifest.layers, moved_bytes: 0 };
    let dictionary = match &recipe.dictionary {
        Some(piece) => Some(Dictionary(unpacking.dictionary(piece)?)),
        None => None,
    };
    let mut shards = Vec::new();
    for feed in &chosen {
        shards.push((to_recipe(feed), shard(&mut unpacking, feed)?));
    }
    summary.moved_bytes = unpacking.moved_bytes;
    let new_states = new_states(&shards, states, &recipe, options.now, &chosen);
    let promised = match chosen.len() == recipe.feeds.len() {
        true => Some(promised(&name, &recipe, shards, dictionary.as_ref())?),
        false => None,
    };
    let (built, bytes) = finished(database, &recipe, &plan, promised, dictionary, options.now)?;
    summary.is_the_same = built.snapshot == recipe.snapshot;
    summary.sequence = Some(built.sequence);
    summary.snapshot.clone_from(&built.snapshot);
    for state in &new_states {
        database.save_feed_state(state)?;
    }
    database.publish(&built, &bytes)?;
    forget(database, options)?;
    Ok(summary)
}

/// Checks the signature; gives its comment.
fn believed(
    name: &str,
    text: &[u8],
    signature: Option<&String>,
    trust: Trust<'_>,
) -> Result<Option<String>, BundleError> {
    let Trust::Key(key) = trust else { return Ok(None) };
    let signature = signature.ok_or_else(|| BundleError::NotSigned(name.to_owned()))?;
    let verified = key.verify(text, signature);
    verified.map(Some).map_err(|source| BundleError::Signature { name: name.to_owned(), source })
}

/// The feeds that are taken. One that this Plimsoll does not know could not be built.
fn chosen(recipe: &BundleRecipe, only: &[String]) -> Result<Vec<BundleFeed>, BundleError> {
    let in_bundle = |id: &String| recipe.feeds.iter().any(|feed| feed.feed == *id);
    if let Some(unknown) = only.iter().find(|id| !in_bundle(id)) {
        return Err(BundleError::UnknownFeed(unknown.clone()));
    }
    let is_chosen = |feed: &&BundleFeed| only.is_empty() || only.contains(&feed.feed);
    let chosen: Vec<BundleFeed> = recipe.feeds.iter().filter(is_chosen).cloned().collect();
    match chosen.iter().find(|feed| FEEDS.iter().all(|it| it.id() != feed.feed)) {
        Some(unknown) => Err(BundleError::UnknownFeed(unknown.feed.clone())),
        None => Ok(chosen),
    }
}

fn states(database: &Database) -> Result<Vec<FeedState>, DatabaseError> {
    FEEDS.iter().map(|feed| database.feed_state(feed.id())).collect()
}

/// An old bundle that is well signed is still a way to hide what became known since.
fn refuse_older(
    name: &str,
    recipe: &BundleRecipe,
    chosen: &[BundleFeed],
    states: &[FeedState],
) -> Result<(), BundleError> {
    for feed in chosen {
        let state = states.iter().find(|it| it.feed == feed.feed);
        let other = state.and_then(|it| it.shard.as_ref()).is_some_and(|it| it.digest != feed.shard.digest);
        let accepted = state.and_then(|it| it.accepted).unwrap_or(i64::MIN);
        if other && accepted > recipe.built {
            return Err(BundleError::Older {
                name: name.to_owned(),
                feed: feed.feed.clone(),
                theirs: Timestamp(recipe.built),
                ours: Timestamp(accepted),
            });
        }
    }
    Ok(())
}

/// What the snapshot will be built from.
struct Plan {
    /// All feeds, in the table's order.
    feeds: Vec<FeedRecipe>,
    /// Those that are ours.
    kept: Vec<String>,
}

impl Plan {
    fn new(recipe: &BundleRecipe, chosen: &[BundleFeed], states: &[FeedState]) -> Plan {
        let (mut feeds, mut kept) = (Vec::new(), Vec::new());
        for state in states {
            match (chosen.iter().find(|it| it.feed == state.feed), state.recipe()) {
                (Some(feed), _) => feeds.push(to_recipe(feed)),
                (None, Some(own)) => {
                    kept.push(own.feed.clone());
                    feeds.push(own);
                }
                (None, None) => (),
            }
        }
        if kept.is_empty() && chosen.len() == recipe.feeds.len() {
            // Another version of Plimsoll may have another order.
            feeds = recipe.feeds.iter().map(to_recipe).collect();
        }
        Plan { feeds, kept }
    }
}

fn to_recipe(feed: &BundleFeed) -> FeedRecipe {
    FeedRecipe {
        feed: feed.feed.clone(),
        source: feed.source.clone(),
        shard: feed.shard.digest.clone(),
        parts: Vec::new(),
    }
}

fn same_shards(left: &[FeedRecipe], right: &[FeedRecipe]) -> bool {
    let key = |feed: &FeedRecipe| (feed.feed.clone(), feed.shard.clone());
    left.iter().map(key).eq(right.iter().map(key))
}

fn shard(unpacking: &mut Unpacking<'_>, feed: &BundleFeed) -> Result<Shard, BundleError> {
    let bytes = unpacking.shard(&feed.feed, &feed.shard)?;
    let malformed = |why: String| BundleError::Malformed { name: unpacking.source.name(), why };
    let shard =
        Shard::decode(&bytes).map_err(|error| malformed(format!("the feed `{}`: {error}", feed.feed)))?;
    if shard.feed == feed.feed {
        Ok(shard)
    } else {
        Err(malformed(format!("what it calls `{}` is of the feed `{}`", feed.feed, shard.feed)))
    }
}

/// The snapshot that the bundle promises.
fn promised(
    name: &str,
    recipe: &BundleRecipe,
    shards: Vec<(FeedRecipe, Shard)>,
    dictionary: Option<&Dictionary>,
) -> Result<Vec<u8>, BundleError> {
    let earlier = dictionary.map(|it| it as &dyn PackedTexts);
    let bytes =
        build(recipe.sequence, Timestamp(recipe.built), shards, earlier).map_err(BundleError::Build)?;
    let built = digest(&bytes)?;
    // Another version of Plimsoll may write the same facts in another way.
    if built != recipe.snapshot && recipe.plimsoll == env!("CARGO_PKG_VERSION") {
        let (name, said) = (name.to_owned(), recipe.snapshot.clone());
        return Err(BundleError::OtherSnapshot { name, built, said });
    }
    Ok(bytes)
}

fn digest(bytes: &[u8]) -> Result<String, BundleError> {
    let digest = plimsoll_vulndb::snapshot::verify(bytes);
    digest.map(|it| it.to_string()).map_err(|error| BundleError::Build(error.to_string()))
}

/// The snapshot that is put in use: the promised one, unless feeds of our own come in or its number
/// is taken.
fn finished(
    database: &Database,
    recipe: &BundleRecipe,
    plan: &Plan,
    promised: Option<Vec<u8>>,
    dictionary: Option<Dictionary>,
    now: Timestamp,
) -> Result<(Recipe, Vec<u8>), BundleError> {
    let next = database.next_sequence()?;
    let of = |sequence, built, snapshot, dictionary| {
        let feeds = plan.feeds.clone();
        Recipe { sequence, built, snapshot, dictionary, feeds }
    };
    let whole = plan.kept.is_empty() && promised.is_some();
    if let Some(bytes) = promised.as_ref().filter(|_| whole && next <= recipe.sequence) {
        let saved = dictionary.map(|it| database.save_blob(&it.0)).transpose()?;
        return Ok((of(recipe.sequence, recipe.built, digest(bytes)?, saved), bytes.clone()));
    }
    let mut shards = Vec::new();
    for feed in &plan.feeds {
        shards.push((feed.clone(), database.shard(&feed.shard)?));
    }
    let open = promised.as_deref().and_then(|it| plimsoll_vulndb::Snapshot::open(it).ok());
    let earlier = match (&open, &dictionary) {
        (Some(open), _) => Some(open as &dyn PackedTexts),
        (None, dictionary) => dictionary.as_ref().map(|it| it as &dyn PackedTexts),
    };
    let built = if whole { Timestamp(recipe.built) } else { now };
    let bytes = build(next, built, shards, earlier).map_err(BundleError::Build)?;
    let saved = earlier.map(|it| database.save_blob(it.dictionary())).transpose()?;
    Ok((of(next, built.0, digest(&bytes)?, saved), bytes))
}

/// What is known of the feeds from now on.
fn new_states(
    shards: &[(FeedRecipe, Shard)],
    states: Vec<FeedState>,
    recipe: &BundleRecipe,
    now: Timestamp,
    chosen: &[BundleFeed],
) -> Vec<FeedState> {
    let mut changed = Vec::new();
    for mut state in states {
        let Some((own, shard)) = shards.iter().find(|(it, _)| it.feed == state.feed) else { continue };
        if state.shard.as_ref().is_none_or(|it| it.digest != own.shard) {
            // Nobody here has seen the feed's own files.
            state.parts = Vec::new();
            state.changing.clear();
        }
        let size_bytes = chosen.iter().find(|it| it.feed == own.feed).map_or(0, |it| it.shard.size_bytes);
        let version = shard.version;
        state.shard = Some(ShardState { digest: own.shard.clone(), size_bytes, version });
        state.source = Some(own.source.clone());
        state.records = shard.output.records_read;
        state.advisories = shard.output.advisories.len() as u64;
        state.accepted = Some(recipe.built);
        state.tried = Some(now.0);
        state.last = Some(Outcome::Updated);
        state.failures = 0;
        changed.push(state);
    }
    changed
}

fn forget(database: &Database, options: &ImportOptions<'_>) -> Result<(), DatabaseError> {
    let since = options.now.0.saturating_sub(i64::from(options.keep_days).saturating_mul(DAY_SECONDS));
    database.forget_unused(Timestamp(since), &states(database)?)
}
