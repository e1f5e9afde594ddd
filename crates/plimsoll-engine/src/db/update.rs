//! Brings the database up to date: fetches what changed, refuses what looks wrong, and builds a
//! new snapshot from everything that was accepted.

use std::collections::{BTreeMap, HashSet};

use plimsoll_core::Timestamp;
use plimsoll_vulndb::build::{BuildInput, FeedMeta, build};
use plimsoll_vulndb::{FEEDS, Feed, FeedOutput, Part};

use super::fetch::Fetcher;
use super::mirror::{Content, Origin, get};
use super::state::{FeedState, Outcome, PartState};
use super::store::{Database, DatabaseError};

/// What an update may do.
pub struct UpdateOptions<'a> {
    /// Where feeds come from, [`Origin::mirror`]'s form; `None` for the vendors.
    pub mirror: Option<String>,
    /// Only these feeds; all where empty.
    pub feeds: Vec<String>,
    /// Feeds that may lose more than one record in twenty this time.
    pub accept_shrunk: Vec<String>,
    /// The time.
    pub now: Timestamp,
    /// Who listens.
    pub listener: &'a dyn Fn(UpdateEvent),
}

/// One thing that happened during an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateEvent {
    /// A feed is being fetched.
    Fetching(&'static str),
    /// So many bytes of the present file have come, of so many if the server said.
    Bytes(u64, Option<u64>),
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
    /// The number of the new snapshot; `None` where nothing changed.
    pub sequence: Option<u64>,
    /// Its size.
    pub size_bytes: u64,
}

impl UpdateSummary {
    /// Feeds whose data could not be brought up to date.
    pub fn troubles(&self) -> usize {
        self.feeds
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Refused(_) | Outcome::Failed(_)))
            .count()
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

/// Updates the database.
pub fn update(database: &Database, options: &UpdateOptions<'_>) -> Result<UpdateSummary, UpdateError> {
    let chosen = chosen(&options.feeds)?;
    let _lock = database.lock()?;
    let origin = options.mirror.as_deref().map_or(Origin::Vendors, Origin::mirror);
    let fetcher = Fetcher::new(database.partial_directory()).map_err(UpdateError::Build)?;
    let mut run = Run { database, options, origin, fetcher, outputs: BTreeMap::new() };
    let mut summary = UpdateSummary { feeds: Vec::new(), sequence: None, size_bytes: 0 };
    for feed in chosen {
        (options.listener)(UpdateEvent::Fetching(feed.id()));
        let outcome = run.feed(*feed)?;
        (options.listener)(UpdateEvent::Fetched(feed.id(), outcome.clone()));
        summary.feeds.push((feed.id(), outcome));
    }
    let changed = summary.feeds.iter().any(|(_, outcome)| *outcome == Outcome::Updated);
    if changed || (database.current()?.is_none() && run.any_accepted()?) {
        (options.listener)(UpdateEvent::Building);
        let sequence = database.next_sequence()?;
        let bytes = run.build(sequence)?;
        database.publish(sequence, &bytes)?;
        summary.sequence = Some(sequence);
        summary.size_bytes = bytes.len() as u64;
    } else if database.current()?.is_none() {
        return Err(run.nothing(&summary));
    }
    run.forget_blobs()?;
    Ok(summary)
}

fn chosen(ids: &[String]) -> Result<Vec<&'static &'static dyn Feed>, UpdateError> {
    if let Some(unknown) = ids.iter().find(|id| FEEDS.iter().all(|feed| feed.id() != *id)) {
        return Err(UpdateError::UnknownFeed(unknown.clone()));
    }
    Ok(FEEDS.iter().filter(|feed| ids.is_empty() || ids.iter().any(|id| id == feed.id())).collect())
}

struct Run<'a> {
    database: &'a Database,
    options: &'a UpdateOptions<'a>,
    origin: Origin,
    fetcher: Fetcher,
    /// What was parsed already, by feed.
    outputs: BTreeMap<&'static str, FeedOutput>,
}

impl Run<'_> {
    fn feed(&mut self, feed: &'static dyn Feed) -> Result<Outcome, UpdateError> {
        let mut state = self.database.feed_state(feed.id())?;
        let outcome = match self.parts(feed, &state)? {
            Err(why) => Outcome::Failed(why),
            Ok(parts) if parts.is_empty() => Outcome::Absent,
            Ok(parts) if same(&parts, &state.parts) => {
                state.parts = parts;
                Outcome::Unchanged
            }
            Ok(parts) => self.judge(feed, parts, &mut state)?,
        };
        if outcome != Outcome::Absent || state.last.is_none() {
            state.tried = Some(self.options.now.0);
            state.last = Some(outcome.clone());
            self.database.save_feed_state(&state)?;
        }
        Ok(outcome)
    }

    /// Gets the parts and keeps their bytes. The inner error is the feed's own.
    fn parts(
        &self,
        feed: &dyn Feed,
        state: &FeedState,
    ) -> Result<Result<Vec<PartState>, String>, UpdateError> {
        let mut parts = Vec::new();
        let mut absent = Vec::new();
        for source in feed.sources() {
            let mut progress = |done, total| (self.options.listener)(UpdateEvent::Bytes(done, total));
            let raws = match get(&source, &self.origin, &self.fetcher, &state.parts, &mut progress) {
                Ok(raws) => raws,
                Err(why) => return Ok(Err(why)),
            };
            if raws.is_empty() && !source.optional {
                absent.push(source.name.clone());
            }
            for raw in raws {
                parts.push(match raw.content {
                    Content::Unchanged => match state.parts.iter().find(|part| part.name == raw.name) {
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
        if !parts.is_empty() && !absent.is_empty() {
            return Ok(Err(format!("the part `{}` is missing", absent.join("`, `"))));
        }
        Ok(Ok(parts))
    }

    /// Parses new parts and accepts or refuses them.
    fn judge(
        &mut self,
        feed: &'static dyn Feed,
        parts: Vec<PartState>,
        state: &mut FeedState,
    ) -> Result<Outcome, UpdateError> {
        let output = match self.parse(feed, &parts)? {
            Ok(output) => output,
            Err(why) => return Ok(Outcome::Refused(why)),
        };
        let advisories = output.advisories.len() as u64;
        let excused = self.options.accept_shrunk.iter().any(|id| id == feed.id());
        for (what, before, now) in
            [("records", state.records, output.records_read), ("advisories", state.advisories, advisories)]
        {
            if !excused && now.saturating_mul(100) < before.saturating_mul(100 - SHRINK_PER_CENT) {
                return Ok(Outcome::Refused(format!(
                    "it has {now} {what} where it had {before}; the data before it stays (if this is right, run `plimsoll db update --accept-shrunk {}`)",
                    feed.id()
                )));
            }
        }
        state.parts = parts;
        state.records = output.records_read;
        state.advisories = advisories;
        state.accepted = Some(self.options.now.0);
        self.outputs.insert(feed.id(), output);
        Ok(Outcome::Updated)
    }

    fn parse(&self, feed: &dyn Feed, parts: &[PartState]) -> Result<Result<FeedOutput, String>, UpdateError> {
        let mut output = FeedOutput::default();
        for part in parts {
            let bytes = self.database.blob(&part.blob)?;
            let input = Part { name: &part.name, file_name: &part.file_name, bytes: &bytes };
            if let Err(why) = feed.parse(&input, &mut output) {
                return Ok(Err(format!("{}: {why}", part.from)));
            }
        }
        Ok(Ok(output))
    }

    /// Builds the snapshot from all accepted parts of all feeds, those not updated now included.
    fn build(&mut self, sequence: u64) -> Result<Vec<u8>, UpdateError> {
        let mut feeds = Vec::new();
        for feed in FEEDS {
            let state = self.database.feed_state(feed.id())?;
            if state.parts.is_empty() {
                continue;
            }
            let output = match self.outputs.remove(feed.id()) {
                Some(output) => output,
                None => self.parse(*feed, &state.parts)?.map_err(UpdateError::Build)?,
            };
            let from = state.parts.first().map_or("", |part| part.from.as_str());
            feeds.push((FeedMeta::of(*feed, from), output));
        }
        let input = BuildInput { sequence, built: self.options.now, feeds };
        build(&input).map_err(|error| UpdateError::Build(error.to_string()))
    }

    fn any_accepted(&self) -> Result<bool, UpdateError> {
        for feed in FEEDS {
            if !self.database.feed_state(feed.id())?.parts.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
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

    fn forget_blobs(&self) -> Result<(), UpdateError> {
        let mut kept = HashSet::new();
        for feed in FEEDS {
            kept.extend(self.database.feed_state(feed.id())?.parts.into_iter().map(|part| part.blob));
        }
        Ok(self.database.forget_blobs(&kept)?)
    }
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
