//! What becomes known is told to whoever listens, under the names that they know it by: members of a
//! namespace hear theirs.
//!
//! Where nobody listens nothing is asked of the store. Decides nothing, and who may hear what is
//! asked where it is heard.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use plimsoll_core::Digest;
use plimsoll_store::{
    ArtifactId, ArtifactPlace, InstanceAccess, JobId, NamespaceId, NamespaceName, Scan, Store,
};
use serde_json::{Value, json};

use crate::api::{Live, LiveEvent};
use crate::blobs::BlobKey;
use crate::gate::{self, Change, Scanned};
use crate::keeping::Totals;
use crate::oci::Watcher;
use crate::scanning::{Going, Watching};
use crate::webhooks::Webhooks;

/// Of more artifacts than that at a time it is told how many of each namespace, and nothing of each.
const EACH_MAX: usize = 100;

/// How long is waited before the store is asked again; a worker waits for it.
const RETRIES: [Duration; 2] = [Duration::from_millis(100), Duration::from_millis(400)];

/// Tells who listens.
#[derive(Clone)]
pub(in super::super) struct Teller {
    pub(in super::super) store: Store,
    pub(in super::super) live: Live,
    pub(in super::super) webhooks: Arc<Webhooks>,
    pub(in super::super) totals: Arc<Totals>,
}

impl Teller {
    /// Something else is known of artifacts: `scan` after a scan, `artifact` otherwise.
    pub(super) async fn artifacts(&self, artifacts: &[ArtifactId], kind: &'static str, more: Value) {
        self.totals.known(artifacts);
        if self.live.listeners() == 0 {
            return;
        }
        let access = self.store.authoriser().system::<Scan>();
        // Who listens reads the lists again by and by; nothing hangs on one event.
        let places = match self.store.places(&access, artifacts).await {
            Ok(places) => places,
            Err(error) => return tracing::warn!("who listens could not be told what changed: {error}"),
        };
        if places.len() <= EACH_MAX {
            return places.iter().for_each(|it| self.tell(it, kind, &more));
        }
        let mut counts: BTreeMap<String, (NamespaceName, u64)> = BTreeMap::new();
        for place in places {
            let name = place.namespace_name.to_string();
            counts.entry(name).or_insert((place.namespace_name, 0)).1 += 1;
        }
        for (name, (namespace, count)) in counts {
            let data = json!({ "namespace": name, "artifacts": count });
            self.live.tell(LiveEvent { namespace: Some(namespace), kind: "artifacts", data });
        }
    }

    /// A scan goes on, or has failed, for all artifacts that wait for it; gives those, where anybody was told.
    pub(super) async fn going(&self, job: JobId, going: Going<'_>) -> Vec<ArtifactId> {
        let more = match going {
            Going::On(..) if self.live.listeners() == 0 => return Vec::new(),
            Going::On(phase, percent) => {
                json!({ "state": "scanning", "phase": phase, "progress_percent": percent })
            }
            Going::NotSupported => json!({ "state": "not_supported" }),
            Going::Failed(_) => json!({ "state": "failed" }),
        };
        let access = self.store.authoriser().system::<Scan>();
        let places = match self.places_of(&access, job).await {
            Ok(places) => places,
            Err(error) => {
                tracing::error!("nobody could be told how a scan went on, webhooks neither: {error}");
                return Vec::new();
            }
        };
        for place in &places {
            self.totals.changed(place.namespace);
            self.tell(place, "scan", &more);
            if let Going::Failed(why) = going {
                self.webhooks.scan_failed(place, why).await;
            }
        }
        places.into_iter().map(|it| it.artifact).collect()
    }

    /// Where the artifacts of a job are. A webhook that failed scans are sent to hangs on it, so that it is
    /// tried again where the store was busy.
    async fn places_of(
        &self,
        access: &InstanceAccess<Scan>,
        job: JobId,
    ) -> Result<Vec<ArtifactPlace>, plimsoll_store::Error> {
        for wait in RETRIES {
            match self.store.places_of_job(access, job).await {
                Ok(places) => return Ok(places),
                Err(_) => tokio::time::sleep(wait).await,
            }
        }
        self.store.places_of_job(access, job).await
    }

    /// Another database is in use. What vulnerabilities there are is no secret of any namespace.
    pub(super) fn database(&self, data: Value) {
        self.live.tell(LiveEvent { namespace: None, kind: "database", data });
    }

    fn tell(&self, place: &ArtifactPlace, kind: &'static str, more: &Value) {
        let mut data = json!({
            "namespace": place.namespace_name.as_str(),
            "repository": place.repository.as_str(),
            "digest": place.digest.to_string(),
        });
        if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
            data.extend(more.clone());
        }
        self.live.tell(LiveEvent { namespace: Some(place.namespace_name.clone()), kind, data });
    }
}

/// A changed verdict is told to who listens, and everything to the webhooks.
impl gate::Listener for Teller {
    fn scanned<'a>(&'a self, scanned: &'a Scanned<'a>) -> BoxFuture<'a, ()> {
        gate::Listener::scanned(&*self.webhooks, scanned)
    }

    fn changed<'a>(&'a self, change: &'a Change<'a>) -> BoxFuture<'a, ()> {
        async move {
            let verdict = &change.judgement.verdict;
            let reasons: Vec<&str> = verdict.reasons.iter().map(|it| it.what.as_str()).collect();
            let data = json!({
                "namespace": change.namespace.as_str(),
                "repository": change.judged.repository_name.as_str(),
                "digest": change.judged.digest.to_string(),
                "verdict": verdict.outcome.name(),
                "reasons": reasons,
            });
            self.live.tell(LiveEvent { namespace: Some(change.namespace.clone()), kind: "verdict", data });
            self.totals.changed(change.judged.namespace);
            gate::Listener::changed(&*self.webhooks, change).await;
        }
        .boxed()
    }
}

/// Whoever scans hears what is pushed, and then whoever listens.
pub(in super::super) struct Pushes {
    pub(in super::super) scanning: Watching,
    pub(in super::super) teller: Teller,
    /// A watcher is called from where a task may not be begun.
    pub(in super::super) runtime: tokio::runtime::Handle,
}

impl Watcher for Pushes {
    fn arriving(&self, upload: BlobKey) {
        self.scanning.arriving(upload);
    }

    fn arrived(&self, upload: BlobKey, digest: &Digest, size_bytes: u64) -> BoxFuture<'static, ()> {
        self.scanning.arrived(upload, digest, size_bytes)
    }

    fn given_up(&self, upload: BlobKey) {
        self.scanning.given_up(upload);
    }

    fn pushed(&self, namespace: NamespaceId, artifact: ArtifactId) {
        self.scanning.pushed(namespace, artifact);
        self.teller.totals.changed(namespace);
        if self.teller.live.listeners() > 0 {
            let teller = self.teller.clone();
            let telling = async move { teller.artifacts(&[artifact], "artifact", json!({})).await };
            self.runtime.spawn(telling);
        }
    }
}
