//! Pages of an API, newest records first: all of them now and then, and in between those that hold
//! what came since.
//!
//! Never keeps a part of a walk: where one page cannot be had, what was there before stays.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::feeds::{PageHead, read_page};
use plimsoll_vulndb::{Pages, Source};

use super::mirror::{Asking, Content, Progress, Raw, from_url};
use super::state::{ChangingState, PartState};

const DAY_SECONDS: i64 = 86_400;
/// Who publishes may date a record back a little.
const OVERLAP_SECONDS: i64 = 2 * DAY_SECONDS;

/// Gets every page, or those of before with the pages of what is newer.
pub(super) fn get(
    source: &Source,
    pages: &Pages,
    asking: Asking<'_>,
    state: &mut ChangingState,
    progress: Progress<'_>,
) -> Result<Vec<Raw>, String> {
    let stem = source.name.trim_end_matches('*');
    let is_page = |part: &&PartState| part.name.starts_with(stem) && part.from.starts_with(&pages.address);
    let kept: Vec<&PartState> = asking.known.iter().filter(is_page).collect();
    let age_seconds = asking.now.0.saturating_sub(state.archive_fetched);
    let is_old = !(0..=i64::from(pages.days) * DAY_SECONDS).contains(&age_seconds);
    // Without all of them nobody knows which records are missing.
    let is_whole = !kept.is_empty() && usize::try_from(state.pages).is_ok_and(|pages| pages == kept.len());
    let since = Timestamp(state.followed.saturating_sub(OVERLAP_SECONDS));
    let walked =
        if is_whole && !is_old { None } else { Some(walk(source, pages, stem, None, asking, progress)) };
    let walked = match walked {
        Some(Ok(walked)) => walked,
        Some(Err(why)) if !is_whole => return Err(why),
        // What is newer counts even where not all of them can be had.
        Some(Err(_)) | None => {
            let newer = walk(source, pages, &pages.newer, Some(since), asking, progress)?;
            return Ok(newer.raws.into_iter().chain(kept.into_iter().map(Raw::unchanged)).collect());
        }
    };
    if !walked.raws.is_empty() {
        state.archive_fetched = asking.now.0;
        state.followed = walked.newest.unwrap_or(asking.now).0.min(asking.now.0);
        state.pages = u32::try_from(walked.raws.len()).unwrap_or(u32::MAX);
    }
    Ok(walked.raws)
}

/// Pages that came.
struct Walked {
    raws: Vec<Raw>,
    /// The newest date of the first.
    newest: Option<Timestamp>,
}

/// The pages from the first until one holds something older than `since`; all without it.
fn walk(
    source: &Source,
    pages: &Pages,
    stem: &str,
    since: Option<Timestamp>,
    asking: Asking<'_>,
    progress: Progress<'_>,
) -> Result<Walked, String> {
    // A page is read to know whether another follows, so that it must come.
    let asking = Asking { known: &[], ..asking };
    let mut walked = Walked { raws: Vec::new(), newest: None };
    for number in 1..=pages.pages_max {
        let url = format!("{}{number}", pages.address);
        let raw = match from_url(&format!("{stem}{number}"), &url, source, asking, progress)? {
            Some(raw) => raw,
            None if number == 1 && source.optional => return Ok(walked),
            None => return Err(format!("{url} is not there, and the page before it says that it is")),
        };
        let Content::New { bytes, .. } = &raw.content else {
            return Err(format!("{url}: it is said not to have changed"));
        };
        let head = read_page(pages.form, bytes, number).map_err(|why| format!("{url}: {why}"))?;
        walked.newest = walked.newest.or(head.newest);
        walked.raws.push(Raw { file_name: format!("{number}.json"), ..raw });
        if is_last(&head, since) {
            return Ok(walked);
        }
    }
    Err(format!("{}1 has more than {} pages", pages.address, pages.pages_max))
}

fn is_last(head: &PageHead, since: Option<Timestamp>) -> bool {
    let is_older = |since: Timestamp| head.oldest.is_some_and(|oldest| oldest < since);
    !head.has_more || since.is_some_and(is_older)
}
