//! The feeds' schedule: each is asked as often as its vendor publishes, one update at a time; a new
//! snapshot is taken up at once.
//!
//! What an update does stands in the engine, and when a feed is due there as well.

use std::sync::Arc;
use std::time::Duration;

use plimsoll_engine::db::{Hosts, UpdateOptions, UpdateSummary, due_feeds, update};
use tokio::sync::Semaphore;

use super::{Scanning, now};

/// When and from where feeds come.
#[derive(Clone, Debug)]
pub struct FeedSchedule {
    /// Where they come from; the vendors where there is none.
    pub mirror: Option<String>,
    /// Addresses of vendors that are others here.
    pub hosts: Hosts,
    /// Only these feeds; all where empty.
    pub feeds: Vec<String>,
    /// For so many days everything is kept that a snapshot was built from.
    pub keep_days: u32,
    /// The instance's own number, so that not all instances ask in the same second.
    pub salt: u64,
    /// Held by whoever updates the database: of several at a time all but one would fail.
    pub updating: Arc<Semaphore>,
}

/// However soon the next feed is due: what is not there yet is not asked for again and again.
const WAIT_MIN: Duration = Duration::from_secs(60);
/// However late: somebody else may have changed the database.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

impl Scanning {
    /// Fetches feeds as they are due, until the server stops.
    pub(super) async fn keep_feeds(self: Arc<Self>) {
        let Some(schedule) = self.options.feeds.clone() else { return };
        while !self.is_stopping() {
            let fetching = async { tokio::time::sleep(self.fetch_due(&schedule).await).await };
            // An update that is broken off is done again; what it has written of the next snapshot
            // is not in use.
            tokio::select! {
                () = fetching => (),
                () = self.stopped() => (),
            }
        }
    }

    /// Fetches what is due; says when to look again.
    async fn fetch_due(&self, schedule: &FeedSchedule) -> Duration {
        let (database, schedule) = (self.snapshots.database().clone(), schedule.clone());
        let Ok(permit) = Arc::clone(&schedule.updating).acquire_owned().await else { return WAIT_MAX };
        let ran = tokio::task::spawn_blocking(move || {
            // It goes on where nobody waits for it any more.
            let _permit = permit;
            run(&database, &schedule)
        });
        let ran = ran.await;
        let (summary, next) = match ran {
            Ok(Ok(ran)) => ran,
            Ok(Err(error)) => {
                self.complain("the vulnerability database could not be updated", &*error);
                return WAIT_MIN;
            }
            Err(error) => {
                self.complain("the update of the vulnerability database failed", &error);
                return WAIT_MAX;
            }
        };
        if summary.is_some_and(|it| it.sequence.is_some()) {
            self.due.notify_one();
        }
        next
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn run(
    database: &plimsoll_engine::db::Database,
    schedule: &FeedSchedule,
) -> Result<(Option<UpdateSummary>, Duration), Failure> {
    let (due, _) = due_feeds(database, &schedule.feeds, schedule.salt, now())?;
    let summary = match due.is_empty() {
        true => None,
        false => Some(update(
            database,
            &UpdateOptions {
                mirror: schedule.mirror.clone(),
                hosts: schedule.hosts.clone(),
                feeds: due,
                accept_shrunk: Vec::new(),
                keep_days: schedule.keep_days,
                now: now(),
                listener: &|_| (),
            },
        )?),
    };
    let (due, next) = due_feeds(database, &schedule.feeds, schedule.salt, now())?;
    let seconds = next.map_or(0, |next| u64::try_from(next.0.saturating_sub(now().0)).unwrap_or(0));
    let next = Duration::from_secs(if due.is_empty() { seconds } else { 0 });
    Ok((summary, next.clamp(WAIT_MIN, WAIT_MAX)))
}
