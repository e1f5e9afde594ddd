//! What somebody asks for: a scan, and that it stops.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use plimsoll_store::{Access, ArtifactId, Error, Priority, Read, Scan, ScanId, ScanState};

use super::{Kind, Scanning, now};

/// What became of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Requested {
    /// A scan was put down.
    Scan(ScanId),
    /// Of an index: so many of its images are scanned from now on, besides those that were already.
    Images(usize),
    /// There is nothing to scan, and why.
    NotSupported(String),
}

/// Why there is no scan.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// There is one on its way.
    #[error("a scan of this artifact is on its way")]
    OnItsWay,
    /// The store said no, or nothing.
    #[error(transparent)]
    Store(Error),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Refused {
        match error {
            Error::InUse { .. } => Refused::OnItsWay,
            error => Refused::Store(error),
        }
    }
}

impl Scanning {
    /// Has an artifact scanned, whatever was found before. Of an index it is its images.
    pub async fn request(
        self: &Arc<Self>,
        access: &Access<Scan>,
        artifact: ArtifactId,
        priority: Priority,
    ) -> Result<Requested, Refused> {
        let requested = match self.kind(artifact).await? {
            Kind::NoImage(why) => {
                self.store.mark_unsupported(access, artifact, now()).await?;
                return Ok(Requested::NotSupported(why));
            }
            Kind::Image => Requested::Scan(self.store.request_scan(access, artifact, priority, now()).await?),
            Kind::Index => self.request_images(access, artifact, priority).await?,
        };
        self.jobs.notify_one();
        Ok(requested)
    }

    /// Stops the scan of an artifact, or of the images of an index; says whether there was one.
    pub async fn stop_scan(&self, access: &Access<Scan>, artifact: ArtifactId) -> Result<bool, Error> {
        let mut stopped = self.store.stop_scan(access, artifact, now()).await?;
        for part in self.images_of(access.namespace(), artifact).await? {
            stopped |= self.store.stop_scan(access, part.artifact, now()).await?;
        }
        self.stop_here().await;
        Ok(stopped)
    }

    async fn request_images(
        &self,
        access: &Access<Scan>,
        index: ArtifactId,
        priority: Priority,
    ) -> Result<Requested, Refused> {
        let parts = self.images_of(access.namespace(), index).await?;
        if parts.is_empty() {
            let why = "an index of artifacts, none of which is a container image".to_owned();
            return Ok(Requested::NotSupported(why));
        }
        let mut asked = 0;
        for part in &parts {
            match self.store.request_scan(access, part.artifact, priority, now()).await {
                Ok(_) => asked += 1,
                Err(Error::InUse { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
        if asked == 0 { Err(Refused::OnItsWay) } else { Ok(Requested::Images(asked)) }
    }

    /// What an artifact is.
    pub(super) async fn kind(&self, artifact: ArtifactId) -> Result<Kind, Error> {
        let system = self.store.authoriser().system();
        let candidate = self.store.candidate(&system, artifact).await?;
        let manifest = self.store.stored_manifest(&system, &candidate.digest).await?;
        Ok(Kind::of(&candidate.media_type, &manifest.content, &self.options.limits))
    }

    /// Stops at once what runs here and nobody wants any more, and does not wait for its heartbeat.
    async fn stop_here(&self) {
        let jobs: Vec<_> =
            self.running.lock().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        let system = self.store.authoriser().system();
        for job in jobs {
            let runs = self.store.job_runs(&system, job).await;
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            if let (Ok(false), Some(cancelled)) = (runs, running.get(&job)) {
                cancelled.store(true, Ordering::Relaxed);
            }
        }
    }

    /// Where the scanning of an artifact stands; of an index it is what its images come to.
    pub async fn state(&self, access: &Access<Read>, artifact: ArtifactId) -> Result<ScanState, Error> {
        match self.index_state(access, artifact).await? {
            Some(index) => Ok(index.state),
            None => self.store.scan_state(access, artifact).await,
        }
    }
}
