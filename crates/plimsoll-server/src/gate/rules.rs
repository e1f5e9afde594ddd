//! By what a namespace is judged: its policy, its exceptions, and whether the database is fresh.
//!
//! All of it has one digest. A verdict of another digest is judged anew before it is used, so that
//! an edited policy holds from the next pull on, and no timer has to run first.

use std::sync::Arc;

use plimsoll_core::{Algorithm, Digest, Outcome, Timestamp};
use plimsoll_policy::{Exception, Exceptions, Mode, Policy, PolicyError};
use plimsoll_store::{Error, ExceptionId, NamespaceId, NamespaceName, Read, RefusalForm, Store};

use crate::blobs::Hash;

/// The rules of a namespace.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The namespace's name.
    pub(crate) name: NamespaceName,
    /// How a refused pull is answered.
    pub(crate) refusal: RefusalForm,
    /// The policy, or why it cannot be read.
    pub(crate) policy: Result<Policy, PolicyError>,
    /// The exceptions.
    pub(crate) exceptions: Exceptions,
    /// Their numbers, in the same order.
    pub(crate) numbers: Vec<ExceptionId>,
    /// When the database was built, if it is too old or of unknown age.
    pub(crate) stale: Option<Option<Timestamp>>,
    /// From when on it will be.
    pub(crate) fresh_until: Option<Timestamp>,
    /// Only what this database says will do.
    pub(crate) database: Option<Timestamp>,
    /// Of all that can change a verdict.
    pub(crate) digest: Digest,
}

/// How many exceptions are read at a time.
const PAGE: u32 = 1000;

impl Rules {
    /// Whether nothing is asked.
    pub(crate) fn are_off(&self) -> bool {
        self.policy.as_ref().is_ok_and(|it| it.mode == Mode::Off)
    }

    /// The policy as it is asked now: a fresh database is no question, so that no verdict changes
    /// only because a database will grow old one day.
    pub(crate) fn asked(&self, policy: &Policy) -> Policy {
        let stale_database = if self.stale.is_some() { policy.stale_database } else { Outcome::Allow };
        Policy { stale_database, ..policy.clone() }
    }

    /// Reads the rules of a namespace.
    pub(crate) async fn load(
        store: &Store,
        namespace: NamespaceId,
        usual: &Policy,
        database: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Arc<Rules>, Error> {
        let access = store.authoriser().system::<Read>().within(namespace);
        let found = store.namespace(&access).await?;
        let policy = match &found.settings.policy {
            Some(text) => Policy::from_json(text),
            None => Ok(usual.clone()),
        };
        let (mut exceptions, mut numbers) = (Vec::new(), Vec::new());
        loop {
            let page = store.exceptions(&access, numbers.last().copied(), PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            for found in page {
                numbers.push(found.id);
                exceptions.push(exception(found));
            }
            if is_last {
                break;
            }
        }
        let stale_from = |policy: &Policy| database.and_then(|built| policy.database_is_stale_from(built));
        let asks = |policy: &Policy| policy.mode != Mode::Off && policy.stale_database != Outcome::Allow;
        let (stale, fresh_until) = match policy.as_ref().ok().filter(|it| asks(it)) {
            Some(policy) => match stale_from(policy) {
                Some(from) if now < from => (None, Some(from)),
                _ => (Some(database), None),
            },
            None => (None, None),
        };
        // Probabilities change with every database, whatever else it changes.
        let asks_epss = policy.as_ref().is_ok_and(|it| it.mode != Mode::Off && it.epss.is_some());
        let database = database.filter(|_| asks_epss);
        let digest = digest(policy.as_ref(), &exceptions, (stale, database));
        Ok(Arc::new(Rules {
            name: found.name,
            refusal: found.settings.refusal,
            policy,
            exceptions: Exceptions::new(exceptions),
            numbers,
            stale,
            fresh_until,
            database,
            digest,
        }))
    }
}

fn exception(found: plimsoll_store::Exception) -> Exception {
    Exception {
        id: found.vulnerability,
        package: found.package,
        repository: found.repository,
        tags: found.tags,
        paths: found.paths,
        reason: Some(found.reason),
        owner: Some(found.author),
        ends: found.expires_at,
    }
}

/// Raised whenever the same rules may give other verdicts.
const VERSION: u32 = 1;

fn digest(
    policy: Result<&Policy, &PolicyError>,
    exceptions: &[Exception],
    (stale, database): (Option<Option<Timestamp>>, Option<Timestamp>),
) -> Digest {
    let policy = match policy {
        Ok(policy) => policy.to_json(),
        Err(error) => error.to_string(),
    };
    // Reason and author change no verdict.
    let asked: Vec<_> = exceptions
        .iter()
        .map(|it| (&it.id, &it.package, &it.repository, &it.tags, &it.paths, it.ends.map(|ends| ends.0)))
        .collect();
    // As words: in JSON no age and no staleness would be the same.
    let stale = stale.map(|built| built.map_or("of unknown age".to_owned(), |it| it.to_string()));
    let all =
        serde_json::to_vec(&(VERSION, policy, asked, stale, database.map(|it| it.0))).unwrap_or_default();
    Hash::of(Algorithm::Sha256, &all)
}
