//! The tasks: workers that take jobs, the reconciler, the feeds' schedule; started together and ended
//! together.

use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use plimsoll_store::SCAN_JOB;
use tokio::task::JoinSet;

use super::{Scanning, after, now};

/// What runs; ends when it is told to.
pub struct Running {
    scanning: Arc<Scanning>,
    tasks: JoinSet<()>,
}

impl Scanning {
    /// Begins to work.
    pub fn start(self: &Arc<Self>) -> Running {
        let mut tasks = JoinSet::new();
        tasks.spawn_blocking(plimsoll_engine::scan::warm_up);
        for number in 0..self.options.workers.max(1) {
            let name = format!("{}-{number}", std::process::id());
            tasks.spawn(Arc::clone(self).work(name));
        }
        tasks.spawn(Arc::clone(self).reconcile());
        if self.options.feeds.is_some() {
            tasks.spawn(Arc::clone(self).keep_feeds());
        }
        Running { scanning: Arc::clone(self), tasks }
    }

    /// Waits until the server stops.
    pub(super) async fn stopped(&self) {
        let mut stopping = self.stopping.subscribe();
        // The sender is ours and lives as long as this value.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    pub(super) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Takes one job after the other.
    async fn work(self: Arc<Self>, name: String) {
        let system = self.store.authoriser().system();
        while !self.is_stopping() {
            let at = now();
            match self.store.claim(&system, &name, after(at, self.options.lease), at).await {
                Ok(Some(lease)) if lease.kind == SCAN_JOB => {
                    // Where there was one there may be another.
                    self.jobs.notify_one();
                    self.carry_out(lease).await;
                }
                Ok(Some(lease)) => {
                    let unknown = format!("this program knows no jobs of the kind `{}`", lease.kind);
                    if let Err(error) = self.store.give_up(&lease, &unknown, now()).await {
                        self.complain("a job could not be given up", &error);
                    }
                }
                Ok(None) => self.wait_for_jobs().await,
                Err(error) => {
                    self.complain("no job could be taken", &error);
                    self.wait_for_jobs().await;
                }
            }
        }
    }

    async fn wait_for_jobs(&self) {
        tokio::select! {
            () = self.jobs.notified() => (),
            () = tokio::time::sleep(self.options.look_every) => (),
            () = self.stopped() => (),
        }
    }
}

impl Running {
    /// Ends all of it: what is being scanned is put back, to be done after the next start.
    pub async fn stop(mut self) {
        self.scanning.stopping.send_replace(true);
        let running = self.scanning.running.lock().unwrap_or_else(PoisonError::into_inner).clone();
        running.values().for_each(|cancelled| cancelled.store(true, Ordering::Relaxed));
        while self.tasks.join_next().await.is_some() {}
    }
}
