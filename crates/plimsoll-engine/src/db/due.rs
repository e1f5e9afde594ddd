//! Which feeds of a database are due, by what its directory says of their last attempts.

use plimsoll_core::Timestamp;
use plimsoll_vulndb::schedule::{Attempts, plan};
use plimsoll_vulndb::{FEEDS, Feed};

use super::store::{Database, DatabaseError};

/// The ids of the feeds that are due (of `only`, if that is not empty), and when the next one is.
/// `salt` is the instance's own number.
///
/// # Errors
/// Where the directory cannot be read.
pub fn due_feeds(
    database: &Database,
    only: &[String],
    salt: u64,
    now: Timestamp,
) -> Result<(Vec<String>, Option<Timestamp>), DatabaseError> {
    let is_wanted = |feed: &&dyn Feed| only.is_empty() || only.iter().any(|id| id == feed.id());
    let feeds: Vec<&dyn Feed> = FEEDS.iter().copied().filter(is_wanted).map(|it| it as &dyn Feed).collect();
    let mut attempts = std::collections::HashMap::new();
    for feed in &feeds {
        let state = database.feed_state_or_kept(feed.id())?;
        let known = Attempts { tried: state.tried.map(Timestamp), failures: state.failures };
        attempts.insert(feed.id(), known);
    }
    let (due, next) = plan(&feeds, |id| attempts.get(id).copied().unwrap_or_default(), salt, now);
    Ok((due.into_iter().map(str::to_owned).collect(), next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_database_that_is_not_there_everything_is_due() {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::in_directory(folder.path().join("db"));
        let now = Timestamp(1_800_000_000);
        let (due, _) = due_feeds(&database, &[], 1, now).unwrap();
        assert_eq!(due.len(), FEEDS.len());
        let (due, _) = due_feeds(&database, &["alpine".to_owned()], 1, now).unwrap();
        assert_eq!(due, ["alpine"]);
    }
}
