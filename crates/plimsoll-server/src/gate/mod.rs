//! The gate: whether an image may be pulled.
//!
//! A verdict is made by `plimsoll-policy` of what is known of an artifact, of the rules of its
//! namespace and of the time. Here it is asked for, kept, and answered from memory. A verdict
//! whose rules or whose time have changed is made anew before it is used, so nothing depends on a
//! timer having run. The gate never blocks a push, and it never takes an error for leave.

mod decide;
mod explain;
mod judge;
mod kind;
mod memory;
mod preview;
mod reasons;
mod refusal;
mod refused;
mod rules;
mod run;
#[cfg(test)]
pub(crate) mod tests;
mod turns;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use plimsoll_core::{Digest, Report, Timestamp};
use plimsoll_policy::{Judgement, Policy, ScanSummary};
use plimsoll_store::{
    ArtifactId, Error, ExceptionId, Judged, ManifestReference, NamespaceId, NamespaceName, RepositoryName,
    Scan, Store,
};
use tokio::sync::Notify;

pub use decide::{Decided, PullRequest, Reached};
pub use explain::Explained;
pub use preview::{EXAMPLES_MAX, Example, Preview, Share};
pub use reasons::{StoredFinding, StoredReason, read_reasons};
pub use refusal::{Refused, page};

use memory::Memory;
use refused::Refusals;
use rules::Rules;
use turns::Turns;

/// What whoever runs the gate decides.
#[derive(Clone)]
pub struct GateOptions {
    /// The policy of namespaces that have none of their own.
    pub policy: Policy,
    /// Under which address people reach the server, for the pages that refusals name.
    pub external_url: Option<String>,
    /// Whom to ask for what a report says, where nobody has kept it: after a new database, or where
    /// it is of an earlier version.
    pub summarise: Option<Arc<dyn Summarise>>,
    /// Is told what failed on our side.
    pub log: fn(&str),
}

/// Whoever knows what was found in an artifact, at the newest database.
pub trait Summarise: Send + Sync + 'static {
    /// What its report says to policies; none where it has none, or it cannot be had now.
    fn summary(&self, namespace: NamespaceId, artifact: ArtifactId) -> BoxFuture<'_, Option<ScanSummary>>;
}

/// A verdict that says something else than the one before.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// The name of its namespace.
    pub namespace: &'a NamespaceName,
    /// The artifact.
    pub judged: &'a Judged,
    /// What is said now.
    pub judgement: &'a Judgement,
    /// Since when.
    pub at: Timestamp,
}

/// An image was scanned.
#[derive(Clone, Copy, Debug)]
pub struct Scanned<'a> {
    /// The name of its namespace.
    pub namespace: &'a NamespaceName,
    /// The artifact.
    pub judged: &'a Judged,
    /// What was found.
    pub summary: &'a ScanSummary,
    /// Which of it was never seen in this repository before, by ids.
    pub new: &'a BTreeSet<&'a str>,
    /// When.
    pub at: Timestamp,
}

/// Whoever wants to know of scans and of changed verdicts.
pub trait Listener: Send + Sync + 'static {
    /// An image was scanned.
    fn scanned<'a>(&'a self, scanned: &'a Scanned<'a>) -> BoxFuture<'a, ()>;

    /// A verdict changed.
    fn changed<'a>(&'a self, change: &'a Change<'a>) -> BoxFuture<'a, ()>;
}

/// The gate.
pub struct Gate {
    store: Store,
    options: GateOptions,
    listener: Option<Arc<dyn Listener>>,
    memory: Memory,
    turns: Turns,
    refusals: Refusals,
    pending: Mutex<Pending>,
    wake: Notify,
}

/// What waits for the next round of [`Gate::run`].
#[derive(Default)]
struct Pending {
    database: Option<Timestamp>,
    sweeps: BTreeSet<NamespaceId>,
    artifacts: BTreeSet<ArtifactId>,
    matched: BTreeSet<ExceptionId>,
}

impl Gate {
    /// A gate over a store. It answers at once; [`Gate::run`] makes it fast. Until
    /// [`Gate::database_changed`] says otherwise there is no database.
    pub fn new(store: Store, options: GateOptions, listener: Option<Arc<dyn Listener>>) -> Gate {
        Gate {
            store,
            options,
            listener,
            memory: Memory::default(),
            turns: Turns::default(),
            refusals: Refusals::default(),
            pending: Mutex::default(),
            wake: Notify::new(),
        }
    }

    /// Keeps what a report says to policies. The scan calls it before it keeps the report.
    pub async fn keep_summary(&self, digest: &Digest, report: &Report, now: Timestamp) -> Result<(), Error> {
        let access = self.store.authoriser().system::<Scan>();
        self.store.keep_summary(&access, digest, &ScanSummary::of(report).to_bytes(), now).await
    }

    /// The settings or the exceptions of a namespace were changed: they hold from now on, and its
    /// artifacts are judged again.
    pub fn rules_changed(&self, namespace: NamespaceId) {
        self.memory.doubt_rules(&[namespace]);
        self.sweep_later([namespace]);
    }

    /// Exceptions for every namespace were changed.
    pub fn rules_changed_everywhere(&self) {
        let namespaces = self.memory.namespaces();
        self.memory.doubt_rules(&namespaces);
        self.sweep_later(namespaces);
    }

    /// Another database is in use, built at this time.
    pub fn database_changed(&self, built: Option<Timestamp>) {
        let before = std::mem::replace(&mut self.pending().database, built);
        if before != built {
            // Rules whose digest stays are read again and change nothing.
            self.memory.doubt_rules(&self.memory.namespaces());
            self.wake.notify_one();
        }
    }

    /// Something else is found in artifacts than before: their verdicts are made anew when somebody
    /// pulls, or by and by. A new database may concern any number of them.
    pub fn found_anew(&self, artifacts: &[ArtifactId]) {
        self.memory.forget_answers(artifacts);
        self.pending().artifacts.extend(artifacts);
        self.wake.notify_one();
    }

    /// A tag moved or went: what it points at, or pointed at, may be excepted by it.
    pub async fn tag_moved(
        &self,
        namespace: NamespaceId,
        repository: &RepositoryName,
        reference: &ManifestReference,
        now: Timestamp,
    ) -> Result<(), Error> {
        if self.rules(namespace, now).await?.exceptions.ask_for_tags() {
            let access = self.store.authoriser().system::<Scan>().within(namespace);
            let artifacts = self.store.tagged_by(&access, repository, reference).await?;
            self.memory.forget_answers(&artifacts);
        }
        Ok(())
    }

    /// How many answers are in memory.
    pub fn answers(&self) -> usize {
        self.memory.answers()
    }

    async fn rules(&self, namespace: NamespaceId, now: Timestamp) -> Result<Arc<Rules>, Error> {
        match self.memory.rules(namespace, now) {
            Some(rules) => Ok(rules),
            None => {
                let (rules, changed) = self.read_rules(namespace, now).await?;
                if changed {
                    self.sweep_later([namespace]);
                }
                Ok(rules)
            }
        }
    }

    /// Reads the rules of a namespace, and says whether they are others than those known.
    async fn read_rules(&self, namespace: NamespaceId, now: Timestamp) -> Result<(Arc<Rules>, bool), Error> {
        let database = self.pending().database;
        let rules = Rules::load(&self.store, namespace, &self.options.policy, database, now).await?;
        let changed = self.memory.keep_rules(namespace, Arc::clone(&rules));
        Ok((rules, changed))
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sweep_later(&self, namespaces: impl IntoIterator<Item = NamespaceId>) {
        self.pending().sweeps.extend(namespaces);
        self.wake.notify_one();
    }

    fn next_sweep(&self) -> Option<NamespaceId> {
        self.pending().sweeps.pop_first()
    }

    fn next_artifact(&self) -> Option<ArtifactId> {
        self.pending().artifacts.pop_first()
    }

    fn note_matched(&self, rules: &Rules, judgement: &Judgement) {
        let numbers = judgement.used.iter().filter_map(|at| rules.numbers.get(*at));
        if !judgement.used.is_empty() {
            self.pending().matched.extend(numbers);
        }
    }

    fn take_matched(&self) -> Vec<ExceptionId> {
        std::mem::take(&mut self.pending().matched).into_iter().collect()
    }

    async fn tell(&self, change: &Change<'_>) {
        if let Some(listener) = &self.listener {
            listener.changed(change).await;
        }
    }
}
