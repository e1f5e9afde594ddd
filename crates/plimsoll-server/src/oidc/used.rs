//! Which sign-ins are over: whoever comes back with one of them comes back a second time.
//!
//! Remembers as many as there can be within the time that a sign-in may take, up to a bound. Where
//! several processes share a database, the issuer's own rule that a code is good once is the rest.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_core::Timestamp;

/// Each takes some hundred bytes. For one beyond these another one goes, whose time is over soonest.
const REMEMBERED_MAX: usize = 20_000;

/// Sign-ins that are over.
#[derive(Default)]
pub(super) struct Used(Mutex<Known>);

#[derive(Default)]
struct Known {
    /// Until when the cookie of each would be good.
    until: HashMap<Arc<str>, i64>,
    /// The same, the one that is over soonest first.
    soonest: BTreeSet<(i64, Arc<str>)>,
}

impl Used {
    /// Ends a sign-in; false if it has ended before.
    pub(super) fn end(&self, state: &str, expires_at: i64, now: Timestamp) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.until.contains_key(state) {
            return false;
        }
        while let Some(first) = known.soonest.first().cloned()
            && (first.0 <= now.0 || known.until.len() >= REMEMBERED_MAX)
        {
            known.soonest.remove(&first);
            known.until.remove(&first.1);
        }
        let state: Arc<str> = state.into();
        known.soonest.insert((expires_at, Arc::clone(&state)));
        known.until.insert(state, expires_at);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_ends_once() {
        let used = Used::default();
        assert!(used.end("a", 600, Timestamp(0)));
        assert!(!used.end("a", 600, Timestamp(1)));
        assert!(used.end("b", 600, Timestamp(1)));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_what_is_over_soonest_goes_first() {
        let used = Used::default();
        for number in 0..30_000 {
            used.end(&number.to_string(), 600 + i64::from(number) / 100, Timestamp(0));
        }
        assert_eq!(used.0.lock().unwrap().until.len(), REMEMBERED_MAX);
        assert!(!used.end("29999", 900, Timestamp(0)) && used.end("9999", 900, Timestamp(0)));
        used.end("late", 5000, Timestamp(4000));
        assert_eq!(used.0.lock().unwrap().until.len(), 1);
    }

    #[test]
    fn of_many_that_are_over_at_one_time_only_those_go_that_have_no_room() {
        let used = Used::default();
        for number in 0..REMEMBERED_MAX + 5 {
            used.end(&number.to_string(), 600, Timestamp(0));
        }
        let known =
            (0..REMEMBERED_MAX + 5).filter(|it| used.0.lock().unwrap().until.contains_key(&*it.to_string()));
        assert_eq!(known.count(), REMEMBERED_MAX);
    }
}
