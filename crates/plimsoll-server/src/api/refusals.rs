//! Refused changes on their way into the audit log: each account's first ones of a kind in an hour are
//! lines, the others are counted. Whoever may nothing fills no disk by trying.
//!
//! Pure but for its lock: the time is an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use plimsoll_core::Timestamp;

/// So many of an account and a route are lines of their own.
const LINES_MAX: u64 = 20;

/// For how long the others are counted.
const QUIET_SECONDS: i64 = 3_600;

/// The most that are remembered.
const KEYS_MAX: usize = 10_000;

/// What was refused of late.
#[derive(Default)]
pub(super) struct Refusals(Mutex<HashMap<(String, &'static str), Seen>>);

#[derive(Clone, Copy)]
struct Seen {
    since: Timestamp,
    count: u64,
}

impl Refusals {
    /// Whether a refusal is a line, and how many before it were none.
    pub(super) fn note(&self, actor: &str, route: &'static str, now: Timestamp) -> Option<u64> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (actor.to_owned(), route);
        let is_over = |it: &Seen| now.0.saturating_sub(it.since.0) >= QUIET_SECONDS;
        if let Some(seen) = known.get_mut(&key).filter(|it| !is_over(it)) {
            seen.count += 1;
            return (seen.count <= LINES_MAX).then_some(0);
        }
        if known.len() >= KEYS_MAX && !known.contains_key(&key) {
            known.retain(|_, it| !is_over(it));
            if known.len() >= KEYS_MAX {
                return None;
            }
        }
        let before = known.insert(key, Seen { since: now, count: 1 });
        Some(before.map_or(0, |it| it.count.saturating_sub(LINES_MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_refused_again_and_again_writes_some_lines_and_then_how_often() {
        let refusals = Refusals::default();
        let lines = (0..1000).filter(|_| refusals.note("user/vera", "grant", Timestamp(0)).is_some()).count();
        assert_eq!(lines, 20);
        assert_eq!(refusals.note("user/ben", "grant", Timestamp(0)), Some(0));
        assert_eq!(refusals.note("user/vera", "grant", Timestamp(3_600)), Some(980));
        assert_eq!(refusals.note("user/vera", "grant", Timestamp(3_601)), Some(0));
    }
}
