//! The task around [`due`](super::due): it looks when it is told to and every now and then, and
//! puts down what is due. Decides nothing itself.

use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_core::Timestamp;
use plimsoll_engine::record;
use plimsoll_image::manifest::is_index;
use plimsoll_store::{ArtifactId, Candidate, Error, Scan, ScanState};

use super::due::{Work, World, due};
use super::{Kind, Scanning, now};

/// Nothing is lost between two sweeps but what a failing database kept from being put down.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// An inventory that nobody needs is kept for so long: the next scan of the image may make the same.
const FORGET_SECONDS: i64 = 3_600;
const FORGET_AT_ONCE: u32 = 20;

/// How many artifacts are looked at at a time.
const PAGE: u32 = 500;

impl Scanning {
    /// Looks until the server stops: for a new database first, then for what is due.
    pub(super) async fn reconcile(self: Arc<Self>) {
        let mut swept: Option<Instant> = None;
        let mut told = false;
        while !self.is_stopping() {
            match self.keep_in_step().await {
                Ok(is_new) => told |= is_new,
                Err(error) => self.complain("the new database could not be taken up", &*error),
            }
            if told || swept.is_none_or(|at| at.elapsed() > SWEEP_EVERY) {
                swept = Some(Instant::now());
                if let Err(error) = self.sweep().await {
                    self.complain("what is due could not be found out", &error);
                }
                if let Err(error) = self.forget().await {
                    self.complain("old inventories could not be forgotten", &error);
                }
            }
            told = tokio::select! {
                () = self.due.notified() => true,
                () = tokio::time::sleep(self.options.look_every) => false,
                () = self.stopped() => false,
            };
        }
    }

    /// Looks at one artifact: one that was just pushed.
    pub(super) async fn consider(&self, artifact: ArtifactId) {
        let system = self.store.authoriser().system();
        let looked = async {
            let candidate = self.store.candidate(&system, artifact).await?;
            self.put_down(&candidate).await
        };
        match looked.await {
            // It is gone already.
            Ok(()) | Err(Error::Unknown { .. }) => (),
            // The next sweep finds it.
            Err(error) => self.complain("a pushed artifact could not be looked at", &error),
        }
    }

    async fn sweep(&self) -> Result<(), Error> {
        let system = self.store.authoriser().system();
        let mut after = None;
        while !self.is_stopping() {
            let page = self.store.due_scans(&system, record::form(), after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.artifact);
            for candidate in &page {
                match self.put_down(candidate).await {
                    Ok(()) | Err(Error::Unknown { .. }) => (),
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }

    /// Forgets inventories that nobody needs; a few at a time, since others write too.
    async fn forget(&self) -> Result<(), Error> {
        let system = self.store.authoriser().system();
        let before = Timestamp(now().0 - FORGET_SECONDS);
        while !self.is_stopping() && self.store.forget_inventories(&system, before, FORGET_AT_ONCE).await? > 0
        {
        }
        Ok(())
    }

    async fn put_down(&self, candidate: &Candidate) -> Result<(), Error> {
        // What a manifest is need only be known where that decides something.
        let may_be_due = candidate.state == ScanState::NotScanned || candidate.state == ScanState::Complete;
        if !may_be_due || is_index(&candidate.media_type) {
            return Ok(());
        }
        let has_database = self.snapshots.hold().await.is_some();
        let world = World { form: record::form(), has_database, now: now() };
        let access = self.store.authoriser().system::<Scan>().within(candidate.namespace);
        match due(candidate, &self.kind_of(candidate).await?, world) {
            Work::Nothing => Ok(()),
            Work::SayNotSupported => {
                self.store.mark_unsupported(&access, candidate.artifact, now()).await?;
                self.tell(&[candidate.artifact], None).await;
                Ok(())
            }
            Work::Scan(priority) => {
                match self.store.request_scan(&access, candidate.artifact, priority, now()).await {
                    // Somebody asked meanwhile.
                    Ok(_) | Err(Error::InUse { .. }) => (),
                    Err(error) => return Err(error),
                }
                self.jobs.notify_one();
                Ok(())
            }
        }
    }

    async fn kind_of(&self, candidate: &Candidate) -> Result<Kind, Error> {
        let system = self.store.authoriser().system();
        let manifest = self.store.stored_manifest(&system, &candidate.digest).await?;
        Ok(Kind::of(&candidate.media_type, &manifest.content, &self.options.limits))
    }
}
