//! The layers that are just coming in, each with the thread that reads behind it.
//!
//! A bounded number of them; what comes on top of that is read when an image needs it. An upload is
//! answered when its layer was read, so that a manifest finds the facts of all its layers; how long it
//! waits for that at most, the registry says.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use plimsoll_core::{Digest, Limits};
use plimsoll_engine::arriving::Arriving;
use plimsoll_engine::cache::FactCache;
use tokio::sync::oneshot;

use crate::blobs::{BlobKey, BlobStore};

fn leave(busy: &AtomicUsize) {
    busy.fetch_sub(1, Ordering::Relaxed);
}

/// A layer that is read behind, and who hears when that ends.
struct Behind {
    arriving: Arriving,
    ended: oneshot::Receiver<()>,
}

/// The layers that are just coming in.
pub(super) struct Arrivals {
    facts: FactCache,
    limits: Limits,
    most: usize,
    busy: Arc<AtomicUsize>,
    known: Mutex<HashMap<BlobKey, Behind>>,
}

impl Arrivals {
    pub(super) fn new(facts: FactCache, limits: Limits, most: usize) -> Arrivals {
        Arrivals { facts, limits, most, busy: Arc::default(), known: Mutex::default() }
    }

    /// Begins to read behind an upload, if nobody does and there is room.
    pub(super) fn begin(&self, upload: BlobKey, blobs: &Arc<dyn BlobStore>) {
        let mut known = self.lock();
        if known.contains_key(&upload) {
            return;
        }
        let free = |busy: usize| (busy < self.most).then_some(busy + 1);
        if self.busy.fetch_update(Ordering::Relaxed, Ordering::Relaxed, free).is_err() {
            return;
        }
        let busy = Arc::clone(&self.busy);
        let (end, ended) = oneshot::channel();
        let done = move || {
            leave(&busy);
            // Nobody may want to hear it.
            let _ = end.send(());
        };
        // The file of an upload that was just begun lies in the page cache.
        let arriving = blobs
            .file(upload)
            .ok()
            .flatten()
            .and_then(|file| Arriving::begin(file, self.facts.clone(), self.limits.clone(), done).ok());
        match arriving {
            Some(arriving) => drop(known.insert(upload, Behind { arriving, ended })),
            None => leave(&self.busy),
        }
    }

    /// Says that an upload is whole, and what it is. What is given back ends when it was read, or when
    /// nobody reads it.
    pub(super) fn whole(
        &self,
        upload: BlobKey,
        digest: Digest,
        size_bytes: u64,
    ) -> impl Future<Output = ()> + use<> {
        let behind = self.lock().remove(&upload);
        let ended = behind.inspect(|behind| behind.arriving.whole(&self.facts, digest, size_bytes));
        async move {
            if let Some(Behind { arriving: _arriving, ended }) = ended {
                let _ = ended.await;
            }
        }
    }

    /// Nobody wants it any more.
    pub(super) fn forget(&self, upload: BlobKey) {
        let behind = self.lock().remove(&upload);
        drop(behind);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<BlobKey, Behind>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
