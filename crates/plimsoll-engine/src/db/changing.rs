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
            && let Ok(parts) = follow(source, feed, fetcher, (kept, &before), lists, state)
        {
            return Ok(parts);
        }
    }
    let address = archive_address(feed, fetcher)?;
    let archive = from_url(&source.name, &address, source, asking, progress)?;
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
            let parts = follow(source, feed, fetcher, (kept, &before), lists, state)?;
            state.archive_fetched = now.0;
            Ok(parts)
        }
        (Content::Unchanged, Some(kept), None) => {
            Ok(std::iter::once(kept).chain(before).map(Raw::unchanged).collect())
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
    let mut parts = vec![Raw::unchanged(archive)];
    parts.extend(documents(source, feed, fetcher, before, &changes)?);
    state.followed = lists.newest().unwrap_or(state.followed).max(state.followed);
    Ok(parts)
}

/// How far the lists may be ahead of an archive that was just made.
const OVERLAP_SECONDS: i64 = 86_400;

/// What the names of a source's documents begin with.
fn prefix(source: &Source, feed: &Changing) -> String {
    format!("{}!{}", source.name, feed.folder)
}

/// The documents that changed, and those that changed before.
fn documents(
    source: &Source,
    feed: &Changing,
    fetcher: &Fetcher,
    before: &[&PartState],
    changes: &BTreeMap<&str, bool>,
) -> Result<Vec<Raw>, String> {
    let prefix = prefix(source, feed);
    let mut documents: BTreeMap<String, Raw> = BTreeMap::new();
    for part in before {
        documents.insert(part.name.clone(), Raw::unchanged(part));
    }
    let changes: Vec<(&str, bool)> = changes.iter().map(|(path, is_deleted)| (*path, *is_deleted)).collect();
    // After the first trouble no more are asked for.
    let is_in_trouble = AtomicBool::new(false);
    let fetched = deal(&changes, DOCUMENTS_AT_ONCE, |(path, is_deleted)| {
        if is_in_trouble.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let document = document(feed, fetcher, &prefix, (path, *is_deleted));
        is_in_trouble.fetch_or(document.is_err(), Ordering::Relaxed);
        document
    });
    for document in fetched {
        if let Some(document) = document? {
            documents.insert(document.name.clone(), document);
        }
    }
    Ok(documents.into_values().collect())
}

/// One document as it is now; `None` where what it said before counts.
fn document(
    feed: &Changing,
    fetcher: &Fetcher,
    prefix: &str,
    (path, is_deleted): (&str, bool),
) -> Result<Option<Raw>, String> {
    let url = format!("{}{path}", feed.documents);
    let fetched = if is_deleted {
        Fetched::NotFound
    } else {
        let fetched = fetcher.fetch(&url, None, DOCUMENT_BYTES_MAX, &mut |_, _| ());
        fetched.map_err(|why| format!("{url}: {why}"))?
    };
    let (bytes, etag, last_modified) = match fetched {
        Fetched::New { bytes, etag, last_modified } => (bytes, etag, last_modified),
        Fetched::NotFound if !is_deleted && !feed.form.absent_is_gone() => return Ok(None),
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
