//! Sign-ins that failed, on their way into the audit log: one line for each name and network in an
//! hour, with how often, and no more than so many lines at all. Whoever guesses cannot fill a disk by
//! it; that there were more is never left out, only how they were called.
//!
//! Pure but for its lock: the time is an argument.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plimsoll_core::Timestamp;
use plimsoll_store::{Caller, NewAuditEntry};

use super::StoredAccounts;
use super::throttle::network;
use super::token::{PREFIX, shown_of};
use crate::app::App;

/// For how long one line stands for all that are alike.
const QUIET_SECONDS: i64 = 3_600;

/// The most lines with names in an hour: some megabytes in a year of being attacked.
const LINES_MAX: usize = 200;

/// Longer names are cut.
const NAME_CHARACTERS_MAX: usize = 128;

/// How often what was noted is written.
const WRITE_EVERY: Duration = Duration::from_secs(2);

/// Why somebody was not let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Name or password is wrong.
    Password,
    /// A token that is nobody's, or over.
    Token,
    /// Too many attempts; nothing was compared.
    Throttled,
    /// The issuer, or what it said.
    Issuer(String),
}

impl Failure {
    fn sentence(&self) -> String {
        match self {
            Failure::Password => "the name or the password is wrong".to_owned(),
            Failure::Token => "the token is not known, or it is over".to_owned(),
            Failure::Throttled => "too many attempts; nothing was compared".to_owned(),
            Failure::Issuer(why) => why.clone(),
        }
    }
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    name: String,
    address: Option<IpAddr>,
    detail: String,
}

/// What failed within the last hour.
#[derive(Default)]
pub(super) struct Failures(Mutex<Log>);

#[derive(Default)]
struct Log {
    seen: HashMap<(String, Option<IpAddr>), Seen>,
    waiting: Vec<Line>,
    /// Those that were too many to name.
    unnamed: u64,
    unnamed_since: Option<Timestamp>,
}

struct Seen {
    since: Timestamp,
    address: Option<IpAddr>,
    more: u64,
    throttled: u64,
}

impl Failures {
    pub(super) fn note(&self, name: &str, client: Option<IpAddr>, failure: &Failure, now: Timestamp) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name: String = name.chars().take(NAME_CHARACTERS_MAX).collect();
        let key = (name.clone(), client.map(network));
        if let Some(seen) = log.seen.get_mut(&key) {
            seen.more += 1;
            seen.throttled += u64::from(*failure == Failure::Throttled);
            return;
        }
        if log.seen.len() >= LINES_MAX {
            log.unnamed += 1;
            log.unnamed_since.get_or_insert(now);
            return;
        }
        log.waiting.push(Line { name, address: client, detail: failure.sentence() });
        log.seen.insert(key, Seen { since: now, address: client, more: 0, throttled: 0 });
    }

    /// What is to be written now; all that is left, at the end.
    pub(super) fn take(&self, now: Timestamp, is_end: bool) -> Vec<Line> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let over = |since: Timestamp| is_end || now.0.saturating_sub(since.0) >= QUIET_SECONDS;
        let mut lines = std::mem::take(&mut log.waiting);
        let ended: Vec<_> =
            log.seen.iter().filter(|(_, it)| over(it.since)).map(|(key, _)| key.clone()).collect();
        for key in ended {
            if let Some(seen) = log.seen.remove(&key).filter(|it| it.more > 0) {
                let mut detail = format!("failed {} times more within the hour", seen.more);
                if seen.throttled > 0 {
                    detail += &format!(", {} of them without a comparison", seen.throttled);
                }
                lines.push(Line { name: key.0, address: seen.address, detail });
            }
        }
        if log.unnamed_since.is_some_and(over) {
            let detail = format!("{} more sign-ins failed, too many to name", log.unnamed);
            lines.push(Line { name: "(many)".to_owned(), address: None, detail });
            (log.unnamed, log.unnamed_since) = (0, None);
        }
        lines
    }
}

impl StoredAccounts {
    /// Notes that somebody was not let in.
    pub(crate) fn failed(&self, name: &str, client: Option<IpAddr>, failure: &Failure) {
        self.failures.note(name, client, failure, self.clock.now());
    }

    /// Notes a token that is nobody's, by as much of it as may be shown. What does not look like one of
    /// ours may be somebody's password in the wrong place.
    pub(crate) fn failed_token(&self, token: &str, client: Option<IpAddr>) {
        let name = if token.starts_with(PREFIX) { shown_of(token) } else { "(a token)".to_owned() };
        self.failed(&name, client, &Failure::Token);
    }

    /// Says for how many seconds an address may not try, or counts an attempt of it.
    pub(crate) fn attempt_from(&self, client: Option<IpAddr>) -> Result<(), u32> {
        self.throttle.attempt_from(client, self.clock.now())
    }

    /// Takes an attempt of an address back that was none.
    pub(crate) fn succeeded_from(&self, client: Option<IpAddr>) {
        self.throttle.succeeded_from(client);
    }

    /// Writes what was noted into the audit log.
    pub(crate) async fn write_failures(&self, is_end: bool) {
        let now = self.clock.now();
        let lines = self.failures.take(now, is_end);
        if lines.is_empty() {
            return;
        }
        let nobody = Caller::anonymous().actor();
        let addresses: Vec<_> = lines.iter().map(|it| it.address.map(|it| it.to_string())).collect();
        let entry = |(line, address)| {
            let (line, address): (&Line, &Option<String>) = (line, address);
            NewAuditEntry {
                actor: &nobody,
                action: "signIn",
                namespace: None,
                target: &line.name,
                allowed: false,
                address: address.as_deref(),
                detail: Some(&line.detail),
            }
        };
        let entries: Vec<_> = lines.iter().zip(&addresses).map(entry).collect();
        if let Err(error) = self.store.audit(&entries, now).await {
            tracing::error!("the audit log could not be written: {error}");
        }
    }
}

/// Writes failures as long as the server runs, and what is left of them at its end.
pub(crate) async fn note_failures(app: Arc<App>) {
    let mut stopping = app.shutdown.stopping();
    while stopping.sleep(WRITE_EVERY).await {
        app.accounts.write_failures(false).await;
    }
    app.accounts.write_failures(true).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(number: u32) -> Option<IpAddr> {
        Some(IpAddr::from(number.to_be_bytes()))
    }

    #[test]
    fn what_is_alike_is_one_line_and_then_how_often() {
        let failures = Failures::default();
        for _ in 0..5 {
            failures.note("anna", client(1), &Failure::Password, Timestamp(0));
        }
        failures.note("anna", client(1), &Failure::Throttled, Timestamp(0));
        failures.note("anna", client(2), &Failure::Token, Timestamp(0));
        let details = |now, is_end| {
            let lines = failures.take(Timestamp(now), is_end).into_iter();
            let mut details: Vec<_> = lines.map(|it| it.detail).collect();
            details.sort();
            details
        };
        assert_eq!(
            details(0, false),
            ["the name or the password is wrong", "the token is not known, or it is over"]
        );
        assert!(details(3_599, false).is_empty());
        assert_eq!(
            details(3_600, false),
            ["failed 5 times more within the hour, 1 of them without a comparison"]
        );
        assert!(details(9_000, true).is_empty());
    }

    #[test]
    fn a_million_guesses_are_some_lines() {
        let failures = Failures::default();
        for number in 0..100_000 {
            failures.note(&format!("user{number}"), client(number), &Failure::Password, Timestamp(0));
        }
        let lines = failures.take(Timestamp(3_600), false);
        assert_eq!(lines.len(), LINES_MAX + 1);
        assert_eq!(lines.last().unwrap().detail, "99800 more sign-ins failed, too many to name");
        assert!(failures.0.lock().unwrap().seen.is_empty());
    }
}
