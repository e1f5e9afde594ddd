//! Scanning in the server: layers are analysed while they arrive, manifests as they are pushed, and
//! everything is judged anew when there is a new database.
//!
//! What is to be done stands in the store as jobs, so that nothing is lost when the process dies;
//! what is due is said by one pure function, and pushes, new databases and restarts all go that way.
//! Never asks itself anything through HTTP, and never fails a push.

mod arrivals;
mod carry_out;
mod due;
mod engines;
mod feeds;
mod for_gate;
mod held;
mod index;
mod kinds;
mod log;
mod progress;
mod reconcile;
mod rejudge;
mod reports;
mod requests;
mod scores;
mod snapshot;
#[cfg(test)]
pub(crate) mod tests;
mod workers;

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use plimsoll_core::{Digest, Limits, Report, Timestamp};
use plimsoll_engine::cache::FactCache;
use plimsoll_engine::db::Database;
use plimsoll_store::{ArtifactId, JobId, NamespaceId, Store};
use tokio::sync::{Notify, watch};

pub use engines::{ENGINES, Engine, OURS, engine};
pub use feeds::FeedSchedule;
pub use for_gate::Summaries;
pub use index::{IndexState, Part};
pub use kinds::Kind;
pub use reports::ReportError;
pub use requests::{Refused, Requested};
pub use workers::Running;

use crate::blobs::{BlobKey, BlobStore};
use crate::oci::Watcher;
use crate::registries::Reach;
use arrivals::Arrivals;
use snapshot::Snapshots;

/// What whoever runs the server decides about scanning.
#[derive(Clone, Debug)]
pub struct ScanningOptions {
    /// How many images are scanned at a time.
    pub workers: usize,
    /// How many layers are analysed at a time while they arrive.
    pub arrivals: usize,
    /// The limits of one scan.
    pub limits: Limits,
    /// After so long without a sign of life a job goes to another worker.
    pub lease: Duration,
    /// How often a worker gives a sign of life and hears whether it was stopped.
    pub heartbeat: Duration,
    /// How often is looked for what nobody has told of: jobs of other processes, a database that was
    /// exchanged, what is due.
    pub look_every: Duration,
    /// How registries of others are reached, for images that lie there.
    pub reach: Reach,
    /// When feeds are fetched; not at all where there is none.
    pub feeds: Option<FeedSchedule>,
    /// Is told what failed on our side, with all its causes.
    pub log: fn(&str),
}

impl ScanningOptions {
    /// What suits a machine of this many processors.
    pub fn standard(log: fn(&str)) -> ScanningOptions {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        ScanningOptions {
            workers: processors.clamp(2, 16),
            arrivals: 2 * processors + 4,
            limits: Limits::standard(),
            lease: Duration::from_secs(30),
            heartbeat: Duration::from_secs(1),
            look_every: Duration::from_secs(30),
            reach: Reach::default(),
            feeds: None,
            log,
        }
    }
}

/// What became known of some artifacts.
pub struct News<'a> {
    /// The artifacts.
    pub artifacts: &'a [ArtifactId],
    /// The report, where it was just made; of several artifacts it is the same.
    pub report: Option<&'a Report>,
}

/// How a scan goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Going<'a> {
    /// A worker is at it: what it does, and how far it is by bytes.
    On(&'a str, u8),
    /// There was nothing in it that can be scanned.
    NotSupported,
    /// It was tried as often as it may, or never can be done: why.
    Failed(&'a str),
}

/// Somebody who wants to hear what became known: the gate, whose verdicts hang on it.
pub trait Listener: Send + Sync + 'static {
    /// A scan goes on. Whoever needs long for that holds it up.
    fn going<'a>(&'a self, _job: JobId, _going: Going<'a>) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    /// A report is about to be kept under what stands for it.
    fn before<'a>(&'a self, stands_for: &'a Digest, report: &'a Report) -> BoxFuture<'a, ()>;

    /// Another database holds from now on, built at this time.
    fn database(&self, built: Option<Timestamp>);

    /// Something is known that was not. The next scan of this worker waits until this returns.
    fn hear<'a>(&'a self, news: News<'a>) -> BoxFuture<'a, ()>;
}

/// Nobody.
struct Deaf;

impl Listener for Deaf {
    fn before<'a>(&'a self, _stands_for: &'a Digest, _report: &'a Report) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }

    fn database(&self, _built: Option<Timestamp>) {}

    fn hear<'a>(&'a self, _news: News<'a>) -> BoxFuture<'a, ()> {
        Box::pin(std::future::ready(()))
    }
}

/// Scanning as one value; the registry tells it what comes in.
pub struct Scanning {
    store: Store,
    blobs: Arc<dyn BlobStore>,
    facts: FactCache,
    snapshots: Snapshots,
    options: ScanningOptions,
    listener: Arc<dyn Listener>,
    arrivals: Arrivals,
    /// There may be a job.
    jobs: Notify,
    /// Something may be due.
    due: Notify,
    /// The jobs that run here, and how to stop them.
    running: Mutex<HashMap<JobId, Arc<AtomicBool>>>,
    /// Set when the server stops.
    stopping: watch::Sender<bool>,
    reports: reports::Reports,
    /// Where tasks of this value are run, also those that a watcher's synchronous call begins.
    runtime: tokio::runtime::Handle,
}

impl Scanning {
    /// Puts the parts together; nothing runs yet. To be called within a runtime.
    pub fn new(
        store: Store,
        blobs: Arc<dyn BlobStore>,
        facts: FactCache,
        database: Database,
        options: ScanningOptions,
    ) -> Scanning {
        Scanning {
            arrivals: Arrivals::new(facts.clone(), options.limits.clone(), options.arrivals),
            store,
            blobs,
            facts,
            snapshots: Snapshots::new(database),
            options,
            listener: Arc::new(Deaf),
            jobs: Notify::new(),
            due: Notify::new(),
            running: Mutex::default(),
            stopping: watch::Sender::new(false),
            reports: reports::Reports::default(),
            runtime: tokio::runtime::Handle::current(),
        }
    }

    /// The same, with somebody who hears what becomes known.
    #[must_use]
    pub fn heard_by(self, listener: Arc<dyn Listener>) -> Scanning {
        Scanning { listener, ..self }
    }

    /// Says that there may be a job, or that something may be due.
    pub fn wake(&self) {
        self.jobs.notify_one();
        self.due.notify_one();
    }

    /// Says that something may be due: settings or policies were changed.
    pub fn look(&self) {
        self.due.notify_one();
    }

    fn complain(&self, what: &str, error: &dyn std::error::Error) {
        let mut text = format!("{what}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        (self.options.log)(&text);
    }
}

/// The registry's word for what comes in.
pub struct Watching(pub Arc<Scanning>);

impl Watcher for Watching {
    fn arriving(&self, upload: BlobKey) {
        self.0.arrivals.begin(upload, &self.0.blobs);
    }

    fn arrived(&self, upload: BlobKey, digest: &Digest, size_bytes: u64) -> BoxFuture<'static, ()> {
        self.0.arrivals.whole(upload, *digest, size_bytes).boxed()
    }

    fn given_up(&self, upload: BlobKey) {
        self.0.arrivals.forget(upload);
    }

    fn pushed(&self, _namespace: NamespaceId, artifact: ArtifactId) {
        let scanning = Arc::clone(&self.0);
        self.0.runtime.spawn(async move { scanning.consider(artifact).await });
    }
}

/// The clock; everything below takes the time as an argument.
fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}

fn after(now: Timestamp, wait: Duration) -> Timestamp {
    Timestamp(now.0.saturating_add(i64::try_from(wait.as_secs()).unwrap_or(i64::MAX)))
}
