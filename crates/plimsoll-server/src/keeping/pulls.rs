//! Pulls, gathered so that none waits for a write: noted every few seconds, all at once.
//!
//! Of more than can be gathered the rest is counted and said, not kept.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use plimsoll_core::Timestamp;
use plimsoll_store::ArtifactId;

use crate::app::{App, Clock};

/// How long a pull may go unnoted. What is lost with a crash is a few seconds of statistics.
const EVERY: Duration = Duration::from_secs(5);

/// Some megabytes; at five thousand a second they last twenty seconds.
const WAITING_MAX: usize = 100_000;

/// Pulls that are to be noted.
pub struct Pulls {
    clock: Clock,
    waiting: Mutex<Vec<(ArtifactId, Timestamp)>>,
    lost: AtomicU64,
}

impl Pulls {
    /// None yet.
    pub fn new(clock: Clock) -> Pulls {
        Pulls { clock, waiting: Mutex::default(), lost: AtomicU64::new(0) }
    }

    /// Notes a pull that was answered.
    pub fn pulled(&self, artifact: ArtifactId) {
        let now = self.clock.now();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX {
            waiting.push((artifact, now));
        } else {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn take(&self) -> Vec<(ArtifactId, Timestamp)> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes them to the store until the server ends, and once more then.
pub(crate) async fn note_pulls(app: Arc<App>) {
    let mut stopping = app.shutdown.stopping();
    let mut goes_on = true;
    while goes_on {
        goes_on = stopping.sleep(EVERY).await;
        note(&app).await;
    }
}

async fn note(app: &App) {
    let pulls = app.pulls.take();
    let lost = app.pulls.lost.swap(0, Ordering::Relaxed);
    if lost > 0 {
        tracing::warn!(lost, "more pulls came than could be noted");
    }
    if pulls.is_empty() {
        return;
    }
    if let Err(error) = app.store.record_pulls(&pulls).await {
        tracing::warn!(pulls = pulls.len(), "pulls could not be noted: {error}");
    }
}
