//! Brings the database up to date: fetches what changed, reads of it what changed, refuses what
//! looks wrong, and builds a new snapshot from everything that was accepted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use plimsoll_core::Timestamp;
use plimsoll_vulndb::build::build_kept;
use plimsoll_vulndb::snapshot::PackedTexts;
use plimsoll_vulndb::{Before, FEEDS, Feed, FeedInput, Index, KeptInput, RecordCounts, Remote, Shard};

use super::deal::{deal, processors};
use super::fetch::Fetcher;
use super::hosts::Hosts;
use super::mirror::{Asking, Content, Origin, get};
use super::reading::{ReadShard, Task, read_all};
use super::recipe::{FeedRecipe, Recipe, feed_meta};
use super::shortcuts::{KeptFeed, Shortcuts, Wanted};
use super::state::{ChangingState, FeedState, Outcome, PartState, ShardState};
use super::store::{Database, DatabaseError};

/// What an update may do.
pub struct UpdateOptions<'a> {
    /// Where feeds come from, [`Origin::mirror`]'s form; `None` for the vendors.
    pub mirror: Option<String>,
    /// Addresses of vendors that are others here.
    pub hosts: Hosts,
    /// Only these feeds; all where empty.
    pub feeds: Vec<String>,
    /// Feeds that may lose more than one record in twenty this time.
    pub accept_shrunk: Vec<String>,
    /// For so many days everything is kept that a snapshot was built from.
    pub keep_days: u32,
    /// The time.
    pub now: Timestamp,
    /// Who listens.
    pub listener: &'a (dyn Fn(UpdateEvent) + Sync),
}

/// One thing that happened during an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateEvent {
    /// A feed is being fetched.
    Fetching(&'static str),
    /// So many bytes of the present file have come, of so many if the server said.
    Bytes(u64, Option<u64>),
    /// So many feeds changed and are being read.
    Reading(usize),
    /// A feed is done.
    Fetched(&'static str, Outcome),
    /// A new snapshot is being built.
    Building,
}

/// What came of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateSummary {
    /// How each feed fared.
    pub feeds: Vec<(&'static str, Outcome)>,
    /// What is to be said of feeds that could be had all the same: files that are not there any more,
    /// and whose data stay.
    pub notes: Vec<(&'static str, String)>,
    /// The number of the new snapshot; `None` where nothing changed.
    pub sequence: Option<u64>,
    /// Its size.
    pub size_bytes: u64,
}

impl UpdateSummary {
    /// Feeds whose data could not be brought up to date.
    pub fn troubles(&self) -> usize {
        let went_wrong =
            |(_, outcome): &&(_, Outcome)| matches!(outcome, Outcome::Refused(_) | Outcome::Failed(_));
        self.feeds.iter().filter(went_wrong).count() + self.notes.len()
    }
}

/// Why an update came to nothing at all.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// A feed of that id is not known.
    #[error("there is no feed `{0}`; `plimsoll db status` lists them")]
    UnknownFeed(String),
    /// Not one feed could be had.
    #[error("no feed could be had from {from}{}", first.as_ref().map(|it| format!("; the first trouble was: {it}")).unwrap_or_default())]
    Nothing {
        /// Where they were looked for.
        from: String,
        /// What went wrong first.
        first: Option<String>,
    },
    /// The database could not be read or written.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The snapshot could not be built.
    #[error("the snapshot could not be built: {0}")]
    Build(String),
}

/// How much of a feed may be gone before it is refused: feeds shrink by mistake more often than
/// they do on purpose (`feeds.md`, pitfall 15).
const SHRINK_PER_CENT: u64 = 5;
/// How much of a feed may be unreadable, unless it was before: its form has changed.
const QUARANTINED_PER_CENT: u64 = 10;
const DAY_SECONDS: i64 = 86_400;

/// Updates the database.
///
/// # Errors
/// Where nothing at all could be done; the troubles of single feeds stand in the summary.
pub fn update(database: &Database, options: &UpdateOptions<'_>) -> Result<UpdateSummary, UpdateError> {
    let chosen = chosen(&options.feeds)?;
    let _lock = database.lock()?;
    let (origin, hosts) = match options.mirror.as_deref().map(Origin::mirror) {
        None => (Origin::Vendors, options.hosts.clone()),
        Some(Origin::MirrorUrl(url)) => {
            let (url, hosts) = options.hosts.clone().with_login(&url);
            (Origin::MirrorUrl(url), hosts)
        }
        Some(origin) => (origin, options.hosts.clone()),
    };
    let fetcher = Fetcher::new(database.partial_directory(), hosts).map_err(UpdateError::Build)?;
    let shortcuts = Shortcuts::of(database);
    let mut run = Run { database, options, origin, fetcher, shortcuts, shards: Vec::new() };
    let feeds = run.feeds(&chosen)?;
    let mut summary = UpdateSummary { feeds, notes: run.notes(&chosen)?, sequence: None, size_bytes: 0 };
    let wanted = run.wanted()?;
    if wanted.is_empty() {
        return Err(run.nothing(&summary));
    }
    // The newest and not the one in use: who went back to an older one wants to stay there.
    // One that has no recipe was left by somebody who was killed: nobody knows what is in it, and it may be
    // in use. One whose recipe cannot be read is no reason either not to build a new one.
    let newest = database.next_sequence()?.saturating_sub(1);
    let recipe = database.recipe(newest).ok().flatten();
    if recipe.is_none_or(|recipe| !same_shards(&recipe.feeds, &wanted)) || database.open().is_err() {
        (options.listener)(UpdateEvent::Building);
        let (sequence, size_bytes) = run.publish(wanted)?;
        summary.sequence = Some(sequence);
        summary.size_bytes = size_bytes;
    }
    run.forget()?;
    Ok(summary)
}

fn chosen(ids: &[String]) -> Result<Vec<&'static dyn Feed>, UpdateError> {
    if let Some(unknown) = ids.iter().find(|id| FEEDS.iter().all(|feed| feed.id() != *id)) {
        return Err(UpdateError::UnknownFeed(unknown.clone()));
    }
    let is_chosen = |feed: &&dyn Feed| ids.is_empty() || ids.iter().any(|id| id == feed.id());
    Ok(FEEDS.iter().copied().filter(is_chosen).collect())
}

/// Whether a snapshot was built from just these shards.
fn same_shards(built: &[FeedRecipe], wanted: &[FeedRecipe]) -> bool {
    let key = |feeds: &[FeedRecipe]| -> Vec<(String, String)> {
        feeds.iter().map(|it| (it.feed.clone(), it.shard.clone())).collect()
    };
    key(built) == key(wanted)
}

struct Run<'a> {
    database: &'a Database,
    options: &'a UpdateOptions<'a>,
    origin: Origin,
    fetcher: Fetcher,
    shortcuts: Shortcuts<'a>,
    /// What was read now, by feed.
    shards: Vec<(&'static str, (Shard, Option<Index>))>,
}

/// A feed between being fetched and being done.
struct Fetched {
    feed: &'static dyn Feed,
    state: FeedState,
    /// The outcome, or the parts that are to be read.
    outcome: Result<Outcome, Vec<PartState>>,
    /// How far lists of changes were followed before this time.
    followed: BTreeMap<String, ChangingState>,
    /// Why nothing new came, where what is kept must be read all the same: its reader is newer.
    trouble: Option<String>,
}

impl<'a> Run<'a> {
    /// Fetches, reads and judges all feeds.
    fn feeds(&mut self, chosen: &[&'static dyn Feed]) -> Result<Vec<(&'static str, Outcome)>, UpdateError> {
        // Vendors are asked one after another; a folder waits for nothing but processors.
        let workers = if matches!(self.origin, Origin::MirrorDirectory(_)) { processors() } else { 1 };
        let fetched: Result<Vec<Fetched>, UpdateError> = deal(chosen, workers, |feed| {
            (self.options.listener)(UpdateEvent::Fetching(feed.id()));
            self.fetch(*feed)
        })
        .into_iter()
        .collect();
        let fetched = fetched?;
        let tasks: Vec<Task> = fetched
            .iter()
            .filter_map(|it| {
                let parts = it.outcome.as_ref().err()?.clone();
                let before = it.state.shard.as_ref().map(|shard| shard.digest.clone());
                let is_own = !it.state.parts.is_empty();
                let keeps_releases = it.feed.keeps_releases() && !self.may_lose(it.feed);
                Some(Task { feed: it.feed, parts, before, is_own, keeps_releases })
            })
            .collect();
        (self.options.listener)(UpdateEvent::Reading(tasks.len()));
        let mut read = read_all(self.database, &self.shortcuts, &tasks, day(self.options.now)).into_iter();
        let mut outcomes = Vec::new();
        for Fetched { feed, mut state, outcome, followed, trouble } in fetched {
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(parts) => match read.next() {
                    Some(Ok(shard)) => self.judge(feed, parts, shard, &mut state)?,
                    Some(Err(error)) => Outcome::Failed(error.to_string()),
                    None => Outcome::Failed("it was not read".to_owned()),
                },
            };
            let outcome = trouble.map_or(outcome, Outcome::Failed);
            if !matches!(outcome, Outcome::Updated | Outcome::Unchanged) {
                // What was not accepted must be asked for again.
                state.changing = followed;
            }
            self.note(&mut state, &outcome)?;
            (self.options.listener)(UpdateEvent::Fetched(feed.id(), outcome.clone()));
            outcomes.push((feed.id(), outcome));
        }
        Ok(outcomes)
    }

    fn note(&self, state: &mut FeedState, outcome: &Outcome) -> Result<(), UpdateError> {
        if *outcome == Outcome::Absent && state.last.is_some() {
            return Ok(());
        }
        let went_wrong = matches!(outcome, Outcome::Refused(_) | Outcome::Failed(_));
        state.failures = if went_wrong { state.failures.saturating_add(1) } else { 0 };
        state.tried = Some(self.options.now.0);
        state.last = Some(outcome.clone());
        Ok(self.database.save_feed_state(state)?)
    }

    /// Fetches a feed's parts and finds out whether they must be read.
    fn fetch(&self, feed: &'static dyn Feed) -> Result<Fetched, UpdateError> {
        let mut state = self.database.feed_state_or_kept(feed.id())?;
        let followed = state.changing.clone();
        let is_read = state.shard.as_ref().is_some_and(|it| {
            it.version == feed.version() && it.form == Shard::FORM && self.database.has_shard(&it.digest)
        });
        let mut trouble = None;
        let outcome = match self.parts(feed, &mut state)? {
            Err(why) if !is_read && !state.parts.is_empty() => {
                trouble = Some(why);
                Err(state.parts.clone())
            }
            Err(why) => Ok(Outcome::Failed(why)),
            Ok(parts) if parts.is_empty() && !is_read && !state.parts.is_empty() => Err(state.parts.clone()),
            Ok(parts) if parts.is_empty() => Ok(self.absent(feed, &state)),
            Ok(parts) if is_read && same(&parts, &state.parts) => {
                state.parts = parts;
                Ok(Outcome::Unchanged)
            }
            Ok(parts) => Err(parts),
        };
        Ok(Fetched { feed, state, outcome, followed, trouble })
    }

    /// Nothing came. Where there was something before it went missing, which nobody may overlook.
    fn absent(&self, feed: &dyn Feed, state: &FeedState) -> Outcome {
        let was_here = match &self.origin {
            Origin::Vendors => feed.sources().iter().any(|source| source.remote != Remote::MirrorOnly),
            Origin::MirrorUrl(base) => state.parts.iter().any(|part| part.from.starts_with(base)),
            Origin::MirrorDirectory(folder) => {
                state.parts.iter().any(|part| Path::new(&part.from).starts_with(folder))
            }
        };
        if was_here && state.shard.is_some() {
            Outcome::Failed("it is not there any more; the data before it stays".to_owned())
        } else {
            Outcome::Absent
        }
    }

    /// Gets the parts and keeps their bytes. The inner error is the feed's own.
    fn parts(
        &self,
        feed: &dyn Feed,
        state: &mut FeedState,
    ) -> Result<Result<Vec<PartState>, String>, UpdateError> {
        let mut parts = Vec::new();
        let mut absent = Vec::new();
        let notes = RefCell::new(Vec::new());
        // One whose bytes are gone must come again, whether or not it changed.
        let known: Vec<PartState> =
            state.parts.iter().filter(|part| self.database.has_blob(&part.blob)).cloned().collect();
        for source in feed.sources() {
            let mut progress = |done, total| (self.options.listener)(UpdateEvent::Bytes(done, total));
            let changing = state.changing.entry(source.name.clone()).or_default();
            let asking = Asking {
                fetcher: &self.fetcher,
                known: &known,
                came: &parts,
                now: self.options.now,
                may_go: self.may_lose(feed),
                notes: &notes,
            };
            let got = get(&source, &self.origin, asking, changing, &mut progress);
            let raws = match got {
                Ok(raws) => raws,
                Err(why) => return Ok(Err(why)),
            };
            if raws.is_empty() && !source.optional {
                absent.push(source.name.clone());
            }
            for raw in raws {
                parts.push(match raw.content {
                    Content::Unchanged => match known.iter().find(|part| part.name == raw.name) {
                        Some(part) => part.clone(),
                        None => {
                            return Ok(Err(format!(
                                "{} says it did not change, but was never fetched",
                                raw.from
                            )));
                        }
                    },
                    Content::New { bytes, etag, last_modified } => PartState {
                        name: raw.name,
                        file_name: raw.file_name,
                        from: raw.from,
                        size_bytes: bytes.len() as u64,
                        blob: self.database.save_blob(&bytes)?,
                        etag,
                        last_modified,
                    },
                });
            }
        }
        state.changing.retain(|_, it| it.archive_fetched != 0);
        state.notes = notes.into_inner();
        if !parts.is_empty() && !absent.is_empty() {
            return Ok(Err(format!("the part `{}` is missing", absent.join("`, `"))));
        }
        Ok(Ok(parts))
    }

    /// Whether the user said that a feed may lose what it had.
    fn may_lose(&self, feed: &dyn Feed) -> bool {
        self.options.accept_shrunk.iter().any(|id| id == feed.id())
    }

    /// Accepts or refuses what was read.
    fn judge(
        &mut self,
        feed: &'static dyn Feed,
        parts: Vec<PartState>,
        read: Result<ReadShard, String>,
        state: &mut FeedState,
    ) -> Result<Outcome, UpdateError> {
        let ReadShard { shard, packed, index } = match read {
            Ok(read) => read,
            Err(why) => return Ok(Outcome::Refused(why)),
        };
        let excused = self.options.accept_shrunk.iter().any(|id| id == feed.id());
        let records = shard.records();
        let advisories = index.as_ref().map_or_else(|| shard.advisories(), |it| Ok(it.advisories()));
        let advisories = advisories.map_err(|error| UpdateError::Build(format!("{}: {error}", feed.id())))?;
        if !excused && let Some(why) = objection(feed, state, records, advisories) {
            return Ok(Outcome::Refused(why));
        }
        state.parts = parts;
        state.records = records.read;
        state.quarantined = records.quarantined;
        state.advisories = advisories;
        state.accepted = Some(self.options.now.0);
        state.kept_realms = shard.kept_realms().into_iter().collect();
        state.shard = Some(ShardState {
            digest: self.database.save_shard(packed)?,
            size_bytes: shard.bytes().len() as u64,
            version: shard.version,
            form: Shard::FORM,
        });
        self.shards.push((feed.id(), (shard, index)));
        Ok(Outcome::Updated)
    }

    /// What is to be said of feeds that could be had all the same.
    fn notes(&self, feeds: &[&'static dyn Feed]) -> Result<Vec<(&'static str, String)>, UpdateError> {
        let mut all = Vec::new();
        for feed in feeds {
            let note = self.database.feed_state_or_kept(feed.id())?.note();
            all.extend(note.map(|note| (feed.id(), note)));
        }
        Ok(all)
    }

    /// What a snapshot should be built from now.
    fn wanted(&self) -> Result<Vec<FeedRecipe>, UpdateError> {
        let mut wanted = Vec::new();
        for feed in FEEDS {
            wanted.extend(self.database.feed_state_or_kept(feed.id())?.recipe());
        }
        Ok(wanted)
    }

    /// Builds a snapshot and makes it the one in use; its number and size.
    fn publish(&mut self, wanted: Vec<FeedRecipe>) -> Result<(u64, u64), UpdateError> {
        let database = self.database;
        let (feeds, open) = std::thread::scope(|scope| {
            // What is taken over is looked at no more, so that it is compared with its digest first. A
            // snapshot of another form, or a damaged one, has nothing to give.
            let open = scope.spawn(|| database.open().ok().filter(|it| it.snapshot.is_whole()));
            let feeds = self.kept_feeds(wanted);
            (feeds, open.join().ok().flatten())
        });
        let feeds = feeds?;
        let sequence = self.database.next_sequence()?;
        let earlier = open.as_ref().map(|it| &it.snapshot as &dyn PackedTexts);
        let input = KeptInput {
            sequence,
            built: self.options.now,
            feeds: feeds.iter().map(|it| FeedInput { meta: &it.meta, index: &it.index, shard: it }).collect(),
        };
        let ledger = open.as_ref().and_then(|it| self.shortcuts.ledger(&it.snapshot.digest()));
        let before = open.as_ref().zip(ledger.as_ref());
        let before = before.and_then(|(it, ledger)| Before::of(&it.snapshot, ledger).ok().flatten());
        let built = build_kept(&input, earlier, before.as_ref());
        let (bytes, ledger) = match built {
            Ok(built) => built,
            Err(error) => {
                return Err(match feeds.into_iter().find_map(KeptFeed::into_trouble) {
                    Some(it) => unreadable(&it.0, &it.1),
                    None => UpdateError::Build(error.to_string()),
                });
            }
        };
        let snapshot =
            plimsoll_vulndb::Snapshot::open(&bytes).map_err(|error| UpdateError::Build(error.to_string()))?;
        let dictionary = match earlier.filter(|it| it.dictionary() == snapshot.dictionary()) {
            Some(earlier) => Some(self.database.save_blob(earlier.dictionary())?),
            None => None,
        };
        let recipe = Recipe {
            sequence,
            built: self.options.now.0,
            snapshot: snapshot.digest().to_string(),
            dictionary,
            feeds: feeds.into_iter().map(|it| it.recipe).collect(),
        };
        self.database.publish(&recipe, &bytes)?;
        self.shortcuts.keep(&ledger, &snapshot.digest(), &recipe.feeds);
        Ok((sequence, bytes.len() as u64))
    }

    /// The feeds to build from.
    fn kept_feeds(&mut self, wanted: Vec<FeedRecipe>) -> Result<Vec<KeptFeed<'a>>, UpdateError> {
        let mut all = Vec::new();
        for recipe in wanted {
            let meta = feed_meta(&recipe)?;
            let read = self.shards.iter().position(|(id, _)| *id == recipe.feed);
            let read = read.map(|at| self.shards.swap_remove(at).1);
            all.push(Wanted { recipe, meta, read });
        }
        self.shortcuts.feeds(all).map_err(|it| unreadable(&it.0, &it.1))
    }

    fn nothing(&self, summary: &UpdateSummary) -> UpdateError {
        let first = summary.feeds.iter().find_map(|(feed, outcome)| match outcome {
            Outcome::Refused(why) | Outcome::Failed(why) => Some(format!("{feed}: {why}")),
            _ => None,
        });
        let from = match &self.origin {
            Origin::Vendors => "the vendors".to_owned(),
            Origin::MirrorUrl(url) => url.clone(),
            Origin::MirrorDirectory(path) => path.display().to_string(),
        };
        UpdateError::Nothing { from, first }
    }

    fn forget(&self) -> Result<(), UpdateError> {
        let states: Vec<FeedState> =
            FEEDS.iter().map(|feed| self.database.feed_state_or_kept(feed.id())).collect::<Result<_, _>>()?;
        let since = self.options.now.0.saturating_sub(i64::from(self.options.keep_days) * DAY_SECONDS);
        self.database.forget_unused(Timestamp(since), &states)?;
        Ok(self.database.sweep(self.options.now)?)
    }
}

/// A feed of which neither a shard nor the files that it was read from can be used.
fn unreadable(recipe: &FeedRecipe, error: &DatabaseError) -> UpdateError {
    let feed = &recipe.feed;
    UpdateError::Build(format!(
        "what is kept of the feed {feed} cannot be read ({error}); fetch it again with `plimsoll db update --feed {feed}`, or import a bundle that this version of Plimsoll exported"
    ))
}

/// The number of a day since 1970.
fn day(time: Timestamp) -> u32 {
    u32::try_from(time.0 / DAY_SECONDS).unwrap_or(0)
}

/// Why a feed should not be believed. What was kept in a form that cannot be read any more is no
/// alternative, so that nothing is held against what takes its place.
fn objection(feed: &dyn Feed, state: &FeedState, records: RecordCounts, advisories: u64) -> Option<String> {
    if state.shard.as_ref().is_none_or(|before| before.form != Shard::FORM) {
        return None;
    }
    for (what, before, now) in
        [("records", state.records, records.read), ("advisories", state.advisories, advisories)]
    {
        if now.saturating_mul(100) < before.saturating_mul(100 - SHRINK_PER_CENT) {
            return Some(format!(
                "it has {now} {what} where it had {before}; the data before it stays (if this is right, run `plimsoll db update --accept-shrunk {}`)",
                feed.id()
            ));
        }
    }
    let too_many = |bad: u64, of: u64| bad.saturating_mul(100) > of.saturating_mul(QUARANTINED_PER_CENT);
    let were_before = too_many(state.quarantined, state.records);
    (!were_before && too_many(records.quarantined, records.read)).then(|| {
        format!(
            "{} of its {} records cannot be read; the data before it stays (to take the rest nevertheless, run `plimsoll db update --accept-shrunk {}`)",
            records.quarantined,
            records.read,
            feed.id()
        )
    })
}

/// Whether the parts have the same names and bytes as before.
fn same(parts: &[PartState], before: &[PartState]) -> bool {
    let key = |part: &PartState| (part.name.clone(), part.blob.clone());
    let mut left: Vec<_> = parts.iter().map(key).collect();
    let mut right: Vec<_> = before.iter().map(key).collect();
    left.sort();
    right.sort();
    left == right
}
