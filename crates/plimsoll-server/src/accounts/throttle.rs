//! How often one may guess: so many wrong passwords for an account, from an address, and for both
//! together, then longer and longer pauses.
//!
//! A stranger who guesses at an account from one address locks out that address first; the account is
//! closed to everybody only when many do. The time is an argument.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use plimsoll_core::Timestamp;

/// Attempts that cost nothing.
const FREE_FOR_BOTH: u32 = 10;
const FREE_FOR_ADDRESS: u32 = 40;
const FREE_FOR_ACCOUNT: u32 = 100;

/// The pause doubles from one second to this.
const PAUSE_SECONDS_MAX: u32 = 900;

/// Who has not failed for so long begins anew.
const FORGET_SECONDS: i64 = 3_600;

/// Beyond these some are forgotten, those with the fewest failures first: whoever fails a little with many
/// names does not wash away what they did to one.
const KEYS_MAX: usize = 20_000;

/// The most pairs of name and address that have once been right.
const FAMILIAR_MAX: usize = 10_000;

/// What attempts are counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
    Both(String, IpAddr),
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Timestamp,
}

/// The attempts of the last hour.
#[derive(Default)]
pub(super) struct Throttle {
    failures: Mutex<HashMap<Key, Failures>>,
    /// From where accounts have been signed in to: strangers who guess at one do not close it there.
    familiar: Mutex<HashSet<(String, IpAddr)>>,
}

impl Throttle {
    /// Notes an attempt before it is made, so that a thousand at a time count as a thousand; or says
    /// for how many seconds there may be none.
    pub(super) fn attempt(&self, name: &str, client: Option<IpAddr>, now: Timestamp) -> Result<(), u32> {
        let is_familiar = self.is_familiar(name, client);
        let keys = keys(name, client).into_iter();
        self.count(keys.filter(|it| !is_familiar || !matches!(it.0, Key::Account(_))).collect(), now)
    }

    /// The same where nobody has said a name.
    pub(super) fn attempt_from(&self, client: Option<IpAddr>, now: Timestamp) -> Result<(), u32> {
        let keys = client.map(|it| (Key::Address(network(it)), FREE_FOR_ADDRESS));
        self.count(keys.into_iter().collect(), now)
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<Key, Failures>> {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_familiar(&self, name: &str, client: Option<IpAddr>) -> bool {
        let known = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        client.is_some_and(|it| known.contains(&(name.to_owned(), network(it))))
    }

    fn remember(&self, name: &str, client: Option<IpAddr>) {
        let Some(client) = client else { return };
        let mut known = self.familiar.lock().unwrap_or_else(PoisonError::into_inner);
        // Only who has proved it gets here; there is no hurry to choose whom to forget.
        if known.len() >= FAMILIAR_MAX {
            known.clear();
        }
        known.insert((name.to_owned(), network(client)));
    }

    fn count(&self, keys: Vec<(Key, u32)>, now: Timestamp) -> Result<(), u32> {
        let mut known = self.failures();
        let wait = keys.iter().map(|(key, free)| known.get(key).map_or(0, |it| it.wait(*free, now))).max();
        if let Some(seconds) = wait.filter(|it| *it > 0) {
            return Err(seconds);
        }
        make_room(&mut known, now);
        for (key, _) in keys {
            let entry = known.entry(key).or_insert(Failures { count: 0, last: now });
            let count = if now.0 - entry.last.0 > FORGET_SECONDS { 0 } else { entry.count };
            *entry = Failures { count: count.saturating_add(1), last: now };
        }
        Ok(())
    }

    /// Takes an attempt back where nobody has said a name.
    pub(super) fn succeeded_from(&self, client: Option<IpAddr>) {
        let mut known = self.failures();
        if let Some(failures) = client.and_then(|it| known.get_mut(&Key::Address(network(it)))) {
            failures.count = failures.count.saturating_sub(1);
        }
    }

    /// Takes an attempt back that was none. What the address did with other accounts stays.
    pub(super) fn succeeded(&self, name: &str, client: Option<IpAddr>) {
        self.remember(name, client);
        let mut known = self.failures();
        for (key, _) in keys(name, client) {
            match (&key, known.get_mut(&key)) {
                (Key::Both(..), _) => drop(known.remove(&key)),
                (_, Some(failures)) => failures.count = failures.count.saturating_sub(1),
                _ => (),
            }
        }
    }
}

impl Failures {
    fn wait(self, free: u32, now: Timestamp) -> u32 {
        let beyond = self.count.saturating_sub(free);
        let since = now.0.saturating_sub(self.last.0);
        if self.count < free || since > FORGET_SECONDS {
            return 0;
        }
        let pause = 1_u32.checked_shl(beyond).unwrap_or(u32::MAX).min(PAUSE_SECONDS_MAX);
        let left = i64::from(pause).saturating_sub(since);
        u32::try_from(left.max(0)).unwrap_or(PAUSE_SECONDS_MAX)
    }
}

fn keys(name: &str, client: Option<IpAddr>) -> Vec<(Key, u32)> {
    let name: String = name.chars().take(128).collect();
    let mut keys = vec![(Key::Account(name.clone()), FREE_FOR_ACCOUNT)];
    if let Some(client) = client.map(network) {
        keys.push((Key::Address(client), FREE_FOR_ADDRESS));
        keys.push((Key::Both(name, client), FREE_FOR_BOTH));
    }
    keys
}

/// Whoever has one IPv6 address has 2^64 of them.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::from((address.to_bits() >> 64 << 64).to_be_bytes()),
        address @ IpAddr::V4(_) => address,
    }
}

fn make_room(known: &mut HashMap<Key, Failures>, now: Timestamp) {
    if known.len() < KEYS_MAX {
        return;
    }
    known.retain(|_, it| now.0 - it.last.0 <= FORGET_SECONDS);
    // Rarely, and then for many at once: half of them go.
    if known.len() >= KEYS_MAX {
        let mut ranks: Vec<(u32, i64)> = known.values().map(|it| (it.count, it.last.0)).collect();
        let middle = ranks.len() / 2;
        let median = *ranks.select_nth_unstable(middle).1;
        let mut surplus = middle;
        known.retain(|_, it| {
            let goes = (it.count, it.last.0) <= median && surplus > 0;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    /// How many attempts succeed at one moment.
    fn attempts(throttle: &Throttle, name: &str, client: Option<IpAddr>, at: i64) -> usize {
        (0..1000).take_while(|_| throttle.attempt(name, client, Timestamp(at)).is_ok()).count()
    }

    #[test]
    fn who_guesses_waits_longer_and_longer() {
        let throttle = Throttle::default();
        let client = address("192.0.2.1");
        assert_eq!(attempts(&throttle, "anna", client, 0), 10);
        assert_eq!(throttle.attempt("anna", client, Timestamp(0)), Err(1));
        assert_eq!(attempts(&throttle, "anna", client, 1), 1);
        assert_eq!(throttle.attempt("anna", client, Timestamp(1)), Err(2));
        assert_eq!(attempts(&throttle, "anna", client, 3), 1);
        assert_eq!(throttle.attempt("anna", client, Timestamp(3)), Err(4));
        // Others are not hindered.
        assert_eq!(attempts(&throttle, "anna", address("192.0.2.2"), 3), 10);
        assert_eq!(attempts(&throttle, "ben", client, 3), 10);
        // After an hour all is forgotten.
        assert_eq!(attempts(&throttle, "anna", client, 4_000), 10);
    }

    #[test]
    fn an_address_that_tries_many_accounts_is_closed_and_an_account_that_many_try() {
        let throttle = Throttle::default();
        let client = address("192.0.2.1");
        let all: usize = (0..100).map(|it| attempts(&throttle, &format!("user{it}"), client, 0)).sum();
        assert_eq!(all, 40);
        let throttle = Throttle::default();
        let all: usize =
            (0..100).map(|it| attempts(&throttle, "anna", address(&format!("192.0.2.{it}")), 0)).sum();
        assert_eq!(all, 100);
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_success_is_no_attempt() {
        let throttle = Throttle::default();
        assert_eq!(attempts(&throttle, "anna", address("2001:db8::1"), 0), 10);
        assert_eq!(attempts(&throttle, "anna", address("2001:db8::2"), 0), 0);
        let throttle = Throttle::default();
        for _ in 0..1000 {
            throttle.attempt("anna", address("192.0.2.1"), Timestamp(0)).unwrap();
            throttle.succeeded("anna", address("192.0.2.1"));
        }
    }

    #[test]
    fn many_names_do_not_wash_away_what_was_done_to_one() {
        let throttle = Throttle::default();
        let all: usize =
            (0..20).map(|it| attempts(&throttle, "anna", address(&format!("192.0.2.{it}")), 0)).sum();
        assert_eq!(all, 100);
        for number in 0..60_000_u32 {
            let _ = throttle.attempt(&format!("user{number}"), None, Timestamp(1));
        }
        assert!(throttle.attempt("anna", address("198.51.100.1"), Timestamp(0)).is_err());
    }

    #[test]
    fn strangers_do_not_close_an_account_where_it_was_used_before() {
        let throttle = Throttle::default();
        throttle.attempt("anna", address("198.51.100.1"), Timestamp(0)).unwrap();
        throttle.succeeded("anna", address("198.51.100.1"));
        for number in 0..200 {
            let _ = attempts(&throttle, "anna", address(&format!("192.0.2.{number}")), 0);
        }
        assert_eq!(attempts(&throttle, "anna", address("203.0.113.9"), 0), 0);
        // There one may guess no more than elsewhere.
        assert_eq!(attempts(&throttle, "anna", address("198.51.100.1"), 0), 10);
    }

    #[test]
    fn it_does_not_grow_without_bound() {
        let throttle = Throttle::default();
        for number in 0..100_000_u32 {
            let _ = throttle.attempt(&format!("user{number}"), None, Timestamp(i64::from(number / 100)));
        }
        assert!(throttle.failures().len() <= KEYS_MAX + 1);
    }
}
