//! Files that another source of the same feed brings up to date: the yearly files of a feed that
//! also has one with everything that changed in the last days.
//!
//! Whose changes did not come is asked for itself: what nobody brings up to date is never kept.

use plimsoll_vulndb::Source;

use super::mirror::{Asking, Progress, Raw, from_url};
use super::state::ChangingState;

const DAY_SECONDS: i64 = 86_400;

/// Gets the file, or says that it is as it was without asking.
pub(super) fn get(
    source: &Source,
    (url, changes, days): (&str, &str, u32),
    asking: Asking<'_>,
    state: &mut ChangingState,
    progress: Progress<'_>,
) -> Result<Vec<Raw>, String> {
    let has_changes = asking.came.iter().any(|part| part.name == changes);
    let age_seconds = asking.now.0.saturating_sub(state.archive_fetched);
    if has_changes && (0..=i64::from(days) * DAY_SECONDS).contains(&age_seconds) {
        match asking.known.iter().find(|part| part.name == source.name && part.from == url) {
            Some(kept) => return Ok(vec![Raw::unchanged(kept)]),
            // Nothing that would be here went missing: it was not there.
            None if state.is_absent => return Ok(Vec::new()),
            None => (),
        }
    }
    let raw = from_url(&source.name, url, source, asking, progress)?;
    if raw.is_none() && !source.optional {
        return Err(format!("{url} is not there any more; a newer Plimsoll may know where it went"));
    }
    state.archive_fetched = asking.now.0;
    state.is_absent = raw.is_none();
    Ok(raw.into_iter().collect())
}
