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
use super::form::{BundleFeed, BundleRecipe, Layer, Manifest};
use super::plan::{Plan, same_shards, to_recipe};
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
    let offer = Offer::read(source, options)?;
    let states = states(database)?;
    if !options.allow_older {
        refuse_older(&offer, &states)?;
    }
    let plan = Plan::new(&offer.recipe, &offer.chosen, &states);
    let summary = offer.summary(&plan);
    if let Some(here) = here_already(database, &plan)? {
        let is_the_same = here.snapshot == offer.recipe.snapshot;
        return Ok(ImportSummary { is_the_same, snapshot: here.snapshot, ..summary });
    }
    let mut unpacking = Unpacking { source, database, layers: &offer.layers, moved_bytes: 0 };
    let pieces = offer.unpack(&mut unpacking)?;
    let moved_bytes = unpacking.moved_bytes;
    let states = new_states(&pieces.shards, states, &offer, options.now);
    let (built, bytes) = snapshot(database, &offer, &plan, pieces, options.now)?;
    for state in &states {
        database.save_feed_state(state)?;
    }
    database.publish(&built, &bytes)?;
    forget(database, options)?;
    let is_the_same = built.snapshot == offer.recipe.snapshot;
    let sequence = Some(built.sequence);
    Ok(ImportSummary { sequence, snapshot: built.snapshot, is_the_same, moved_bytes, ..summary })
}

/// A bundle whose signature is good, and what is wanted of it.
struct Offer {
    name: String,
    recipe: BundleRecipe,
    layers: Vec<Layer>,
    chosen: Vec<BundleFeed>,
    comment: Option<String>,
}

/// What was unpacked.
struct Pieces {
    dictionary: Option<Dictionary>,
    shards: Vec<(FeedRecipe, Shard)>,
}

impl Offer {
    fn read(source: &dyn BundleSource, options: &ImportOptions<'_>) -> Result<Offer, BundleError> {
        let name = source.name();
        let manifest = Manifest::decode(&name, &source.manifest()?)?;
        let text = source.blob(&manifest.recipe, manifest.recipe_bytes)?;
        let signature = options.signature.as_ref().or(manifest.signature.as_ref());
        let comment = believed(&name, &text, signature, options.trust)?;
        let recipe = BundleRecipe::decode(&name, &text)?;
        let chosen = chosen(&recipe, options.only)?;
        Ok(Offer { name, recipe, layers: manifest.layers, chosen, comment })
    }

    fn is_whole(&self) -> bool {
        self.chosen.len() == self.recipe.feeds.len()
    }

    /// What there is to say before anything is done.
    fn summary(&self, plan: &Plan) -> ImportSummary {
        ImportSummary {
            built: Timestamp(self.recipe.built),
            sequence: None,
            snapshot: self.recipe.snapshot.clone(),
            is_the_same: true,
            taken: self.chosen.len(),
            kept: plan.kept.clone(),
            moved_bytes: 0,
            comment: self.comment.clone(),
        }
    }

    fn unpack(&self, unpacking: &mut Unpacking<'_>) -> Result<Pieces, BundleError> {
        let dictionary = match &self.recipe.dictionary {
            Some(piece) => Some(Dictionary(unpacking.dictionary(piece)?)),
            None => None,
        };
        let mut shards = Vec::new();
        for feed in &self.chosen {
            shards.push((to_recipe(feed), shard(unpacking, feed)?));
        }
        Ok(Pieces { dictionary, shards })
    }
}

/// The recipe of the snapshot in use, if it is of just these shards.
fn here_already(database: &Database, plan: &Plan) -> Result<Option<Recipe>, DatabaseError> {
    let Some(current) = database.current()?.filter(|_| database.open().is_ok()) else {
        return Ok(None);
    };
    Ok(database.recipe(current)?.filter(|here| same_shards(&here.feeds, &plan.feeds)))
}

/// The snapshot to put in use; where the whole bundle is taken, after it came out as promised.
fn snapshot(
    database: &Database,
    offer: &Offer,
    plan: &Plan,
    pieces: Pieces,
    now: Timestamp,
) -> Result<(Recipe, Vec<u8>), BundleError> {
    let Pieces { dictionary, shards } = pieces;
    let promised = match offer.is_whole() {
        true => Some(promised(&offer.name, &offer.recipe, &shards, dictionary.as_ref())?),
        false => None,
    };
    finished(database, &offer.recipe, plan, promised.as_deref(), dictionary.as_ref(), now)
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
fn refuse_older(offer: &Offer, states: &[FeedState]) -> Result<(), BundleError> {
    let recipe = &offer.recipe;
    for feed in &offer.chosen {
        let state = states.iter().find(|it| it.feed == feed.feed);
        let other = state.and_then(|it| it.shard.as_ref()).is_some_and(|it| it.digest != feed.shard.digest);
        let accepted = state.and_then(|it| it.accepted).unwrap_or(i64::MIN);
        if other && accepted > recipe.built {
            return Err(BundleError::Older {
                name: offer.name.clone(),
                feed: feed.feed.clone(),
                theirs: Timestamp(recipe.built),
                ours: Timestamp(accepted),
            });
        }
    }
    Ok(())
}

fn shard(unpacking: &mut Unpacking<'_>, feed: &BundleFeed) -> Result<Shard, BundleError> {
    let bytes = unpacking.shard(&feed.feed, &feed.shard)?;
    let malformed = |why: String| BundleError::Malformed { name: unpacking.source.name(), why };
    let shard =
        Shard::decode(bytes).map_err(|error| malformed(format!("the feed `{}`: {error}", feed.feed)))?;
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
    shards: &[(FeedRecipe, Shard)],
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
    promised: Option<&[u8]>,
    dictionary: Option<&Dictionary>,
    now: Timestamp,
) -> Result<(Recipe, Vec<u8>), BundleError> {
    let next = database.next_sequence()?;
    let of = |sequence, built, snapshot, dictionary| {
        let feeds = plan.feeds.clone();
        Recipe { sequence, built, snapshot, dictionary, feeds }
    };
    let whole = plan.kept.is_empty() && promised.is_some();
    if let Some(bytes) = promised.filter(|_| whole && next <= recipe.sequence) {
        let saved = dictionary.map(|it| database.save_blob(&it.0)).transpose()?;
        return Ok((of(recipe.sequence, recipe.built, digest(bytes)?, saved), bytes.to_vec()));
    }
    let mut shards = Vec::new();
    for feed in &plan.feeds {
        shards.push((feed.clone(), database.shard(&feed.shard)?));
    }
    let open = promised.and_then(|it| plimsoll_vulndb::Snapshot::open(it).ok());
    let earlier = match &open {
        Some(open) => Some(open as &dyn PackedTexts),
        None => dictionary.map(|it| it as &dyn PackedTexts),
    };
    let built = if whole { Timestamp(recipe.built) } else { now };
    let bytes = build(next, built, &shards, earlier).map_err(BundleError::Build)?;
    let saved = earlier.map(|it| database.save_blob(it.dictionary())).transpose()?;
    Ok((of(next, built.0, digest(&bytes)?, saved), bytes))
}

/// What is known of the feeds from now on.
fn new_states(
    shards: &[(FeedRecipe, Shard)],
    states: Vec<FeedState>,
    offer: &Offer,
    now: Timestamp,
) -> Vec<FeedState> {
    let mut changed = Vec::new();
    for mut state in states {
        let Some((own, shard)) = shards.iter().find(|(it, _)| it.feed == state.feed) else { continue };
        if state.shard.as_ref().is_none_or(|it| it.digest != own.shard) {
            // Nobody here has seen the feed's own files.
            state.parts = Vec::new();
            state.changing.clear();
        }
        let size_bytes =
            offer.chosen.iter().find(|it| it.feed == own.feed).map_or(0, |it| it.shard.size_bytes);
        let version = shard.version;
        state.shard = Some(ShardState { digest: own.shard.clone(), size_bytes, version, form: Shard::FORM });
        state.source = Some(own.source.clone());
        state.records = shard.records().read;
        state.quarantined = shard.records().quarantined;
        state.advisories = shard.advisories().unwrap_or(0);
        state.accepted = Some(offer.recipe.built);
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
