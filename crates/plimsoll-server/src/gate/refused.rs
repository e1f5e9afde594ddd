//! Refused pulls on their way into the store: counted for each caller and image; and in the audit log
//! one line for each of these in an hour, with how often, so that a cluster that tries again and again
//! does not fill a disk.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use plimsoll_core::{Digest, Timestamp};
use plimsoll_store::{ArtifactId, NamespaceId, NewRefused, RefusedPull};

use super::decide::PullRequest;

/// For how long one line stands for all that are alike.
const QUIET_SECONDS: i64 = 3600;
/// The most that are remembered; the others become one line for each namespace.
const REMEMBERED_MAX: usize = 10_000;
/// The most lines that wait to be written.
const WAITING_MAX: usize = 1000;

#[derive(Default)]
pub(super) struct Refusals(Mutex<Log>);

#[derive(Default)]
struct Log {
    seen: HashMap<(Option<String>, ArtifactId), Seen>,
    waiting: Vec<RefusedPull>,
    /// Those that were too many.
    uncounted: HashMap<NamespaceId, u64>,
}

struct Seen {
    since: Timestamp,
    namespace: NamespaceId,
    repository: String,
    digest: Digest,
    why: String,
    target: String,
    more: u64,
    /// Those of them that are not counted in the store yet.
    uncounted: u64,
}

/// What is to be written.
#[derive(Default)]
pub(super) struct Waiting {
    /// Lines of the audit log.
    pub(super) lines: Vec<RefusedPull>,
    /// How often who was refused what since it was written last.
    pub(super) counts: Vec<NewRefused>,
}

impl Refusals {
    /// Notes a refused pull.
    pub(super) fn note(&self, pull: &PullRequest<'_>, repository: &str, sentence: &str, now: Timestamp) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (pull.account.map(str::to_owned), pull.artifact.id);
        if let Some(seen) = log.seen.get_mut(&key) {
            seen.more += 1;
            seen.uncounted += 1;
            if seen.why != sentence {
                seen.why = sentence.to_owned();
            }
            return;
        }
        if log.seen.len() >= REMEMBERED_MAX || log.waiting.len() >= WAITING_MAX {
            *log.uncounted.entry(pull.namespace).or_default() += 1;
            return;
        }
        let target = format!("{repository}@{}", pull.artifact.digest);
        log.waiting.push(RefusedPull {
            account: key.0.clone(),
            namespace: pull.namespace,
            target: target.clone(),
            detail: sentence.to_owned(),
        });
        let seen = Seen {
            since: now,
            namespace: pull.namespace,
            repository: pull.repository.to_string(),
            digest: pull.artifact.digest,
            why: sentence.to_owned(),
            target,
            more: 0,
            uncounted: 1,
        };
        log.seen.insert(key, seen);
    }

    /// What is to be written now.
    pub(super) fn take(&self, now: Timestamp) -> Waiting {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut lines = std::mem::take(&mut log.waiting);
        let counts = log.seen.iter_mut().filter(|(_, it)| it.uncounted > 0);
        let counts = counts.map(|((account, _), seen)| NewRefused {
            namespace: seen.namespace,
            account: account.clone(),
            repository: seen.repository.clone(),
            digest: seen.digest,
            why: seen.why.clone(),
            count: std::mem::take(&mut seen.uncounted),
        });
        let counts = counts.collect();
        let over = |seen: &Seen| now.0.saturating_sub(seen.since.0) >= QUIET_SECONDS;
        let ended: Vec<_> = log.seen.iter().filter(|(_, it)| over(it)).map(|(key, _)| key.clone()).collect();
        for key in ended {
            if let Some(seen) = log.seen.remove(&key).filter(|it| it.more > 0) {
                let detail = format!("refused {} times more within the hour", seen.more);
                let Seen { namespace, target, .. } = seen;
                lines.push(RefusedPull { account: key.0, namespace, target, detail });
            }
        }
        for (namespace, count) in log.uncounted.drain() {
            let detail = format!("{count} more pulls were refused, too many to name");
            lines.push(RefusedPull { account: None, namespace, target: "many images".to_owned(), detail });
        }
        Waiting { lines, counts }
    }
}
