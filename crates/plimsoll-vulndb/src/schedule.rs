//! When each feed is due: a pure function of how often its vendor publishes, how the last attempts
//! went, and the time.

use plimsoll_core::Timestamp;

use crate::Feed;

/// What is known of a feed's last attempts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Attempts {
    /// When it was asked last.
    pub tried: Option<Timestamp>,
    /// How often in a row it went wrong.
    pub failures: u32,
}

/// The first wait after a failure, in seconds; it doubles with each.
const RETRY_SECONDS: i64 = 300;
/// An hour is spread by at most this much, so that not everyone asks at the full hour: seconds.
const SPREAD_SECONDS: i64 = 600;

/// When a feed should be asked next. `salt` is the instance's own, so that two instances do not ask
/// in the same second.
pub fn due(feed: &dyn Feed, attempts: Attempts, salt: u64) -> Timestamp {
    let Some(tried) = attempts.tried else { return Timestamp(0) };
    let cadence = i64::from(feed.cadence_hours()).saturating_mul(3600);
    let wait = match attempts.failures {
        0 => cadence.saturating_add(spread(feed.id(), salt)),
        failures => RETRY_SECONDS.saturating_mul(1 << failures.min(10).saturating_sub(1)).min(cadence),
    };
    Timestamp(tried.0.saturating_add(wait))
}

/// The feeds that are due, those that have waited longest first, and when the next one is.
pub fn plan<'a>(
    feeds: &[&'a dyn Feed],
    attempts: impl Fn(&str) -> Attempts,
    salt: u64,
    now: Timestamp,
) -> (Vec<&'a str>, Option<Timestamp>) {
    let mut all: Vec<(Timestamp, &str)> =
        feeds.iter().map(|feed| (due(*feed, attempts(feed.id()), salt), feed.id())).collect();
    all.sort();
    let ready = all.iter().take_while(|(due, _)| *due <= now).count();
    let next = all.get(ready).map(|(due, _)| *due);
    (all.into_iter().take(ready).map(|(_, id)| id).collect(), next)
}

fn spread(id: &str, salt: u64) -> i64 {
    let hash = xxhash_rust::xxh3::xxh3_64_with_seed(id.as_bytes(), salt);
    i64::try_from(hash % SPREAD_SECONDS.cast_unsigned()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feeds::by_id;

    const NOW: Timestamp = Timestamp(1_800_000_000);

    fn after(seconds: i64, failures: u32) -> Attempts {
        Attempts { tried: Some(Timestamp(NOW.0 - seconds)), failures }
    }

    #[test]
    fn a_feed_that_was_never_asked_is_due_at_once() {
        let feed = by_id("alpine").unwrap();
        assert!(due(feed, Attempts::default(), 1) <= NOW);
    }

    #[test]
    fn a_feed_is_due_when_its_vendor_publishes_again() {
        let feed = by_id("alpine").unwrap();
        let cadence = i64::from(feed.cadence_hours()) * 3600;
        assert!(due(feed, after(cadence - 1, 0), 1) > NOW);
        assert!(due(feed, after(cadence + SPREAD_SECONDS, 0), 1) <= NOW);
        assert_ne!(due(feed, after(0, 0), 1), due(feed, after(0, 0), 2));
    }

    #[test]
    fn failures_are_tried_again_soon_and_then_less_often() {
        let feed = by_id("alpine").unwrap();
        let wait = |failures| due(feed, after(0, failures), 1).0 - NOW.0;
        assert_eq!([wait(1), wait(2), wait(3)], [300, 600, 1200]);
        assert!(wait(30) <= i64::from(feed.cadence_hours()) * 3600);
    }

    #[test]
    fn the_plan_names_what_is_due_and_when_to_look_again() {
        let feeds = [by_id("alpine").unwrap(), by_id("cisa-kev").unwrap()];
        let attempts = |id: &str| if id == "alpine" { Attempts::default() } else { after(10, 0) };
        let (ready, next) = plan(&feeds, attempts, 1, NOW);
        assert_eq!(ready, ["alpine"]);
        assert!(next.is_some_and(|next| next > NOW));
    }
}
