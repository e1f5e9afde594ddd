//! Archives with lists of what changed: the archive now and then, and in between only the documents
//! that the lists name.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use plimsoll_core::Timestamp;
use plimsoll_vulndb::feeds::{ChangeList, ChangedDocument, read_change_list};
use plimsoll_vulndb::{Changing, Source};

use super::deal::deal;
use super::fetch::{Fetched, Fetcher};
use super::http_date::http_date;
use super::mirror::{Asking, Content, Progress, Raw, from_url};
use super::state::{ChangingState, PartState};

/// How old an archive may become: what a list forgot is found then.
const ARCHIVE_SECONDS: i64 = 7 * 86_400;
/// Documents that are asked for at the same time; browsers allow themselves six.
const DOCUMENTS_AT_ONCE: usize = 4;
/// More than this are not fetched even where the archive does not help.
const STALE_DOCUMENTS_MAX: usize = 20_000;
/// The most bytes of a list.
const LIST_BYTES_MAX: u64 = 256 << 20;
/// The most bytes of a file that says the archive's name.
const NAME_BYTES_MAX: u64 = 1_024;
/// The most bytes of a single document.
const DOCUMENT_BYTES_MAX: u64 = 64 << 20;

/// Gets the archive with what changed in it since.
pub(super) fn get(
    source: &Source,
    feed: &Changing,
    asking: Asking<'_>,
    state: &mut ChangingState,
    progress: Progress<'_>,
) -> Result<Vec<Raw>, String> {
    let Asking { fetcher, known, now, .. } = asking;
    // What a mirror gave says nothing of how far the vendor's lists were followed.
    let is_vendors = |part: &&PartState| folder(&part.from) == folder(&feed.archive);
    let kept = known.iter().filter(is_vendors).find(|part| part.name == source.name);
    let members = format!("{}!", source.name);
    let before: Vec<&PartState> = known.iter().filter(|part| part.name.starts_with(&members)).collect();
    let is_old = now.0.saturating_sub(state.archive_fetched) > ARCHIVE_SECONDS;
    // The list is asked for first: what changes while the archive comes is fetched twice, not missed.
    let lists = Lists::fetch(feed, fetcher)?.filter(|lists| kept.is_none() || lists.reach(state.followed));
    if let (Some(kept), false, Some(lists)) = (kept, is_old, &lists) {
        let changes = lists.since(state.followed);
        if before.len() + changes.len() <= feed.documents_max
            // Who refuses to give many single documents may still give the archive.
            && let Ok(parts) = follow(source, feed, (fetcher, now), (kept, &before), lists, state)
        {
            return Ok(parts);
        }
    }
    let got = archive_address(feed, fetcher)
        .and_then(|address| Ok((from_url(&source.name, &address, source, asking, progress)?, address)));
    let (archive, address) = match (got, kept, &lists) {
        (Ok(got), ..) => got,
        // The lists go on from the archive that is kept, until a newer one can be had.
        (Err(why), Some(kept), Some(lists)) => {
            asking.note(format!("{why}; what changed since the archive before is followed"));
            return follow(source, feed, (fetcher, now), (kept, &before), lists, state);
        }
        (Err(why), ..) => return Err(why),
    };
    let Some(archive) = archive else {
        return if source.optional {
            Ok(Vec::new())
        } else {
            Err(format!("{address} is not there any more; a newer Plimsoll may know where it went"))
        };
    };
    match (&archive.content, kept, &lists) {
        // It is the archive of before: what changed since is in the documents alone.
        (Content::Unchanged, Some(kept), Some(lists)) => {
            let parts = follow(source, feed, (fetcher, now), (kept, &before), lists, state)?;
            state.archive_fetched = now.0;
            Ok(parts)
        }
        (Content::Unchanged, Some(kept), None) => {
            Ok(std::iter::once(kept).chain(before).map(Raw::unchanged).collect())
        }
        (Content::New { last_modified, .. }, ..) => {
            state.archive_fetched = now.0;
            // An archive may be older than the list. Where nobody says when it was made, it is at
            // least not newer than what the list knows.
            let made = last_modified.as_deref().and_then(http_date);
            let newest = lists.as_ref().and_then(Lists::newest).unwrap_or(now.0);
            state.followed = made.unwrap_or(newest).min(now.0).saturating_sub(OVERLAP_SECONDS);
            let newer = match &lists {
                Some(lists) => newer_than_archive(source, feed, (fetcher, now), &before, lists, state),
                None => Vec::new(),
            };
            Ok(std::iter::once(archive).chain(newer).collect())
        }
        (Content::Unchanged, None, _) => Ok(vec![archive]),
    }
}

/// Where the archive lies now.
fn archive_address(feed: &Changing, fetcher: &Fetcher) -> Result<String, String> {
    let Some(latest) = &feed.latest else { return Ok(feed.archive.clone()) };
    let fetched = fetcher
        .fetch(latest, None, NAME_BYTES_MAX, &mut |_, _| ())
        .map_err(|why| format!("{latest}: {why}"))?;
    let Fetched::New { bytes, .. } = fetched else { return Ok(feed.archive.clone()) };
    let text = String::from_utf8_lossy(&bytes);
    let name = text.trim();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(legal) {
        return Err(format!("{latest} says no name of an archive"));
    }
    Ok(format!("{}/{name}", folder(latest)))
}

/// An address but for the name of its file.
fn folder(address: &str) -> &str {
    address.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// What changed since an archive was made that came just now. What cannot be had is what it was
/// before, and is asked for again the next time.
fn newer_than_archive(
    source: &Source,
    feed: &Changing,
    (fetcher, now): (&Fetcher, Timestamp),
    before: &[&PartState],
    lists: &Lists,
    state: &mut ChangingState,
) -> Vec<Raw> {
    let changes = lists.since(state.followed);
    let prefix = prefix(source, feed);
    let is_newer =
        |part: &&&PartState| part.name.strip_prefix(&prefix).is_some_and(|path| changes.contains_key(path));
    let kept: Vec<&PartState> = before.iter().filter(is_newer).copied().collect();
    let got = (changes.len() <= feed.documents_max)
        .then(|| documents(source, feed, (fetcher, now), &kept, &changes));
    match got {
        Some(Ok(got)) => {
            state.followed = lists.followed(got.missing, state.followed, now);
            got.documents
        }
        _ => kept.into_iter().map(Raw::unchanged).collect(),
    }
}

/// The archive of before with every document that changed since.
fn follow(
    source: &Source,
    feed: &Changing,
    (fetcher, now): (&Fetcher, Timestamp),
    (archive, before): (&PartState, &[&PartState]),
    lists: &Lists,
    state: &mut ChangingState,
) -> Result<Vec<Raw>, String> {
    let changes = lists.since(state.followed);
    if changes.len() > STALE_DOCUMENTS_MAX {
        return Err(format!(
            "{} is older than {} changes that {} names, too many to be fetched one by one",
            feed.archive,
            changes.len(),
            feed.changed
        ));
    }
    let mut parts = vec![Raw::unchanged(archive)];
    let got = documents(source, feed, (fetcher, now), before, &changes)?;
    parts.extend(got.documents);
    state.followed = lists.followed(got.missing, state.followed, now);
    Ok(parts)
}

/// How far the lists may be ahead of an archive that was just made.
const OVERLAP_SECONDS: i64 = 86_400;

/// What the names of a source's documents begin with.
fn prefix(source: &Source, feed: &Changing) -> String {
    format!("{}!{}", source.name, feed.folder)
}

/// For so long a document that a list names and that is not there is waited for.
const WAITING_SECONDS: i64 = 2 * 86_400;
/// A document that is gone is believed to be gone after so long: a list may be ahead of it.
const GONE_SECONDS: i64 = 3_600;

/// Documents that came.
struct Documents {
    documents: Vec<Raw>,
    /// The time of the earliest change whose document was not there yet.
    missing: Option<i64>,
}

/// The documents that changed, and those that changed before.
fn documents(
    source: &Source,
    feed: &Changing,
    (fetcher, now): (&Fetcher, Timestamp),
    before: &[&PartState],
    changes: &BTreeMap<&str, Change>,
) -> Result<Documents, String> {
    let prefix = prefix(source, feed);
    let mut documents: BTreeMap<String, Raw> = BTreeMap::new();
    for part in before {
        documents.insert(part.name.clone(), Raw::unchanged(part));
    }
    let changes: Vec<(&str, Change)> = changes.iter().map(|(path, change)| (*path, *change)).collect();
    // After the first trouble no more are asked for.
    let is_in_trouble = AtomicBool::new(false);
    let fetched = deal(&changes, DOCUMENTS_AT_ONCE, |(path, change)| {
        if is_in_trouble.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let is_old = now.0.saturating_sub(change.time) > GONE_SECONDS;
        let absent_is_gone = change.is_deleted || (feed.form.absent_is_gone() && is_old);
        let document = document(feed, fetcher, &prefix, path, (change.is_deleted, absent_is_gone));
        is_in_trouble.fetch_or(document.is_err(), Ordering::Relaxed);
        document
    });
    let mut missing: Option<i64> = None;
    for ((_, change), document) in changes.iter().zip(fetched) {
        match document? {
            Some(document) => {
                documents.insert(document.name.clone(), document);
            }
            None if now.0.saturating_sub(change.time) < WAITING_SECONDS => {
                missing = Some(missing.map_or(change.time, |it| it.min(change.time)));
            }
            None => (),
        }
    }
    Ok(Documents { documents: documents.into_values().collect(), missing })
}

/// One document as it is now; `None` where it is not there, and what it said before counts.
fn document(
    feed: &Changing,
    fetcher: &Fetcher,
    prefix: &str,
    path: &str,
    (is_deleted, absent_is_gone): (bool, bool),
) -> Result<Option<Raw>, String> {
    let url = format!("{}{path}", feed.documents);
    let fetched = if is_deleted {
        Fetched::NotFound
    } else {
        let fetched = fetcher.fetch(&url, None, DOCUMENT_BYTES_MAX, &mut |_, _| ());
        fetched.map_err(|why| format!("{url}: {why}"))?
    };
    let (bytes, etag, last_modified) = match fetched {
        // A page of excuses must not take the place of a record, nor an empty one remove it.
        Fetched::New { bytes, .. } if bytes.trim_ascii_start().first() != Some(&b'{') => {
            return Err(format!("{url}: what came is no JSON document"));
        }
        Fetched::New { bytes, etag, last_modified } => (bytes, etag, last_modified),
        Fetched::NotFound if !absent_is_gone => return Ok(None),
        // An empty part stands for a document that is gone.
        Fetched::NotFound => (Vec::new(), None, None),
        Fetched::Unchanged => return Err(format!("{url}: it is said not to have changed")),
    };
    Ok(Some(Raw {
        name: format!("{prefix}{path}"),
        file_name: path.rsplit('/').next().unwrap_or_default().to_owned(),
        from: url,
        content: Content::New { bytes, etag, last_modified },
    }))
}

/// The last that lists say of a document.
#[derive(Clone, Copy)]
struct Change {
    time: i64,
    is_deleted: bool,
}

/// The lists beside an archive.
struct Lists {
    changed: Vec<ChangedDocument>,
    deleted: Vec<ChangedDocument>,
    /// Of what was before they say nothing.
    begin: Option<Timestamp>,
}

impl Lists {
    /// `None` where they are not there, or say what cannot be read: then the archive is what counts.
    fn fetch(feed: &Changing, fetcher: &Fetcher) -> Result<Option<Lists>, String> {
        let read = |url: &str| -> Result<Option<ChangeList>, String> {
            let fetched = fetcher
                .fetch(url, None, LIST_BYTES_MAX, &mut |_, _| ())
                .map_err(|why| format!("{url}: {why}"))?;
            let Fetched::New { bytes, .. } = fetched else { return Ok(None) };
            let list = read_change_list(feed.form, &String::from_utf8_lossy(&bytes));
            Ok(list.unreadable.is_empty().then_some(list))
        };
        let Some(changed) = read(&feed.changed)? else { return Ok(None) };
        let deleted = match &feed.deleted {
            Some(url) => match read(url)? {
                Some(deleted) => deleted.documents,
                None => return Ok(None),
            },
            None => Vec::new(),
        };
        Ok(Some(Lists { changed: changed.documents, deleted, begin: changed.since }))
    }

    /// Whether they have every change after a time.
    fn reach(&self, followed: i64) -> bool {
        self.begin.is_none_or(|begin| begin.0 <= followed)
    }

    /// The newest time in them.
    fn newest(&self) -> Option<i64> {
        self.changed.iter().chain(&self.deleted).map(|it| it.time.0).max()
    }

    /// How far they were followed, where a document was missing that changed at `missing`. A date
    /// in the future is somebody's mistake, and hides no change before it.
    fn followed(&self, missing: Option<i64>, before: i64, now: Timestamp) -> i64 {
        let newest = self.newest().map_or(before, |it| it.min(now.0));
        missing.map_or(newest, |it| newest.min(it.saturating_sub(1))).max(before)
    }

    /// What changed after a time, and whether it is gone; the later word counts.
    fn since(&self, followed: i64) -> BTreeMap<&str, Change> {
        let mut latest: BTreeMap<&str, Change> = BTreeMap::new();
        let all = self.changed.iter().map(|it| (it, false)).chain(self.deleted.iter().map(|it| (it, true)));
        for (document, is_deleted) in all.filter(|(it, _)| it.time.0 > followed) {
            let change = Change { time: document.time.0, is_deleted };
            let entry = latest.entry(&document.path).or_insert(change);
            if entry.time < change.time {
                *entry = change;
            }
        }
        latest
    }
}
