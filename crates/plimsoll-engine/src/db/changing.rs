//! Archives with lists of what changed: the archive now and then, and in between only the documents
//! that the lists name.

use std::collections::BTreeMap;

use plimsoll_core::Timestamp;
use plimsoll_vulndb::feeds::{ChangedDocument, read_change_list};
use plimsoll_vulndb::{Changing, Source};

use super::fetch::{Fetched, Fetcher};
use super::mirror::{Content, Raw, from_url};
use super::state::{ChangingState, PartState};

/// How old an archive may become: what a list forgot is found then.
const ARCHIVE_SECONDS: i64 = 7 * 86_400;
/// More single documents than this take longer than the archive.
const DOCUMENTS_MAX: usize = 1_000;
/// More than this are not fetched even where the archive does not help.
const STALE_DOCUMENTS_MAX: usize = 20_000;
/// The most bytes of a list.
const LIST_BYTES_MAX: u64 = 256 << 20;
/// The most bytes of a single document.
const DOCUMENT_BYTES_MAX: u64 = 64 << 20;

/// Gets the archive with what changed in it since.
pub(super) fn get(
    source: &Source,
    feed: &Changing,
    fetcher: &Fetcher,
    known: &[PartState],
    (state, now): (&mut ChangingState, Timestamp),
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Vec<Raw>, String> {
    let kept = known.iter().find(|part| part.name == source.name);
    let before: Vec<&PartState> =
        known.iter().filter(|part| part.name.starts_with(&prefix(source))).collect();
    let is_old = now.0.saturating_sub(state.archive_fetched) > ARCHIVE_SECONDS;
    // The list is asked for first: what changes while the archive comes is fetched twice, not missed.
    let lists = Lists::fetch(feed, fetcher)?;
    if let (Some(kept), false, Some(lists)) = (kept, is_old, &lists) {
        let changes = lists.since(state.followed);
        if before.len() + changes.len() <= DOCUMENTS_MAX {
            return follow(source, feed, fetcher, (kept, &before), lists, state);
        }
    }
    let archive = from_url(&source.name, &feed.archive, source, fetcher, known, progress)?;
    let Some(archive) = archive else {
        return if source.optional {
            Ok(Vec::new())
        } else {
            Err(format!("{} is not there any more; a newer Plimsoll may know where it went", feed.archive))
        };
    };
    match (&archive.content, kept, &lists) {
        // It is the archive of before: what changed since is in the documents alone.
        (Content::Unchanged, Some(kept), Some(lists)) => {
            let parts = follow(source, feed, fetcher, (kept, &before), lists, state)?;
            state.archive_fetched = now.0;
            Ok(parts)
        }
        (Content::Unchanged, Some(kept), None) => {
            Ok(std::iter::once(kept).chain(before).map(unchanged).collect())
        }
        (Content::New { last_modified, .. }, ..) => {
            state.archive_fetched = now.0;
            // An archive may be older than the list.
            let made = last_modified.as_deref().and_then(http_date).unwrap_or(now.0);
            let newest = lists.as_ref().and_then(Lists::newest).unwrap_or(now.0);
            state.followed = newest.min(now.0).min(made).saturating_sub(OVERLAP_SECONDS);
            Ok(vec![archive])
        }
        (Content::Unchanged, None, _) => Ok(vec![archive]),
    }
}

/// The archive of before with every document that changed since.
fn follow(
    source: &Source,
    feed: &Changing,
    fetcher: &Fetcher,
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
    let mut parts = vec![unchanged(archive)];
    parts.extend(documents(source, feed, fetcher, before, &changes)?);
    state.followed = lists.newest().unwrap_or(state.followed).max(state.followed);
    Ok(parts)
}

/// `Sun, 01 Nov 2026 00:00:00 GMT` (RFC 9110, 5.6.7) in seconds since 1970.
fn http_date(text: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut words = text.split_once(", ")?.1.split(' ');
    let (day, month, year, time) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.find(month).filter(|_| month.len() == 3)? / 3 + 1;
    format!("{year}-{month:02}-{day}T{time}Z").parse::<Timestamp>().ok().map(|it| it.0)
}

/// How far the lists may be ahead of an archive that was just made.
const OVERLAP_SECONDS: i64 = 86_400;

fn prefix(source: &Source) -> String {
    format!("{}!", source.name)
}

fn unchanged(part: &PartState) -> Raw {
    Raw {
        name: part.name.clone(),
        file_name: part.file_name.clone(),
        from: part.from.clone(),
        content: Content::Unchanged,
    }
}

/// The documents that changed, and those that changed before.
fn documents(
    source: &Source,
    feed: &Changing,
    fetcher: &Fetcher,
    before: &[&PartState],
    changes: &BTreeMap<&str, bool>,
) -> Result<Vec<Raw>, String> {
    let mut documents: BTreeMap<&str, Raw> = BTreeMap::new();
    for part in before {
        if let Some(path) = part.name.strip_prefix(&prefix(source)) {
            documents.insert(path, unchanged(part));
        }
    }
    for (path, is_deleted) in changes {
        let url = format!("{}{path}", feed.documents);
        let fetched = if *is_deleted {
            Fetched::NotFound
        } else {
            fetcher
                .fetch(&url, None, DOCUMENT_BYTES_MAX, &mut |_, _| ())
                .map_err(|why| format!("{url}: {why}"))?
        };
        let (bytes, etag, last_modified) = match fetched {
            Fetched::New { bytes, etag, last_modified } => (bytes, etag, last_modified),
            // Who lists what is gone has not put this one there yet: what it said before counts.
            Fetched::NotFound if !is_deleted && feed.deleted.is_some() => continue,
            // An empty part stands for a document that is gone.
            Fetched::NotFound => (Vec::new(), None, None),
            Fetched::Unchanged => return Err(format!("{url}: it is said not to have changed")),
        };
        let part = Raw {
            name: format!("{}{path}", prefix(source)),
            file_name: path.rsplit('/').next().unwrap_or_default().to_owned(),
            from: url,
            content: Content::New { bytes, etag, last_modified },
        };
        documents.insert(path, part);
    }
    Ok(documents.into_values().collect())
}

/// The lists beside an archive.
struct Lists {
    changed: Vec<ChangedDocument>,
    deleted: Vec<ChangedDocument>,
}

impl Lists {
    /// `None` where they are not there, or say what cannot be read: then the archive is what counts.
    fn fetch(feed: &Changing, fetcher: &Fetcher) -> Result<Option<Lists>, String> {
        let read = |url: &str| -> Result<Option<Vec<ChangedDocument>>, String> {
            let fetched = fetcher
                .fetch(url, None, LIST_BYTES_MAX, &mut |_, _| ())
                .map_err(|why| format!("{url}: {why}"))?;
            let Fetched::New { bytes, .. } = fetched else { return Ok(None) };
            let list = read_change_list(feed.form, &String::from_utf8_lossy(&bytes));
            Ok(list.unreadable.is_empty().then_some(list.documents))
        };
        let Some(changed) = read(&feed.changed)? else { return Ok(None) };
        let deleted = match &feed.deleted {
            Some(url) => match read(url)? {
                Some(deleted) => deleted,
                None => return Ok(None),
            },
            None => Vec::new(),
        };
        Ok(Some(Lists { changed, deleted }))
    }

    /// The newest time in them.
    fn newest(&self) -> Option<i64> {
        self.changed.iter().chain(&self.deleted).map(|it| it.time.0).max()
    }

    /// What changed after a time, and whether it is gone; the later word counts.
    fn since(&self, followed: i64) -> BTreeMap<&str, bool> {
        let mut latest: BTreeMap<&str, (i64, bool)> = BTreeMap::new();
        let all = self
            .changed
            .iter()
            .map(|it| (it, false))
            .chain(self.deleted.iter().map(|it| (it, true)))
            .filter(|(it, _)| it.time.0 > followed);
        for (document, is_deleted) in all {
            let entry = latest.entry(&document.path).or_insert((document.time.0, is_deleted));
            if entry.0 < document.time.0 {
                *entry = (document.time.0, is_deleted);
            }
        }
        latest.into_iter().map(|(path, (_, is_deleted))| (path, is_deleted)).collect()
    }
}
