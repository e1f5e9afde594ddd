//! The store's promises, each tried on SQLite and on PostgreSQL.

mod accounts;
mod collecting;
mod databases;
mod exceptions;
mod index;
mod indexes;
mod issuer;
mod jobs;
mod judging;
mod lists;
mod manifests;
mod namespaces;
mod overview;
mod scans;
mod sources;
mod uploads;
mod verdicts;
mod webhooks;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use plimsoll_core::{Digest, Timestamp};
use plimsoll_testkit::postgres_database;

use crate::*;

/// Some day in 2026; tests add seconds to it.
const NOW: Timestamp = Timestamp(1_790_000_000);

fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

fn options() -> Options {
    Options { connections_max: 4, patience: Duration::from_secs(30) }
}

/// A store of its own for one test, and short ways to fill it.
#[derive(Clone)]
struct Fixture {
    store: Store,
    authoriser: Authoriser,
    counter: Arc<AtomicUsize>,
}

/// Runs a test on both databases, or says that it could not.
#[expect(clippy::needless_pass_by_value, reason = "closures are given as they are written")]
fn on_both(test: impl AsyncFn(&Fixture)) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("store.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for address in [Some(sqlite), postgres_database()].into_iter().flatten() {
        println!("on {address}");
        runtime.block_on(async {
            let store = Store::open(&address, &options(), NOW).await.unwrap();
            let authoriser = store.authoriser();
            test(&Fixture { store: store.clone(), authoriser, counter: Arc::default() }).await;
            let drifted = listed::drifted(&mut store.database.read().await.unwrap()).await.unwrap();
            assert!(drifted.is_empty(), "lists say something else of {drifted:?} than is known");
            store.close().await;
        });
    }
}

fn namespace(name: &str) -> NamespaceName {
    NamespaceName::parse(name).unwrap()
}

fn repository(name: &str) -> RepositoryName {
    RepositoryName::parse(name).unwrap()
}

fn tag(name: &str) -> TagName {
    TagName::parse(name).unwrap()
}

/// A digest that is another one for each of the short texts of tests; nothing here hashes bytes.
fn digest(text: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes[..text.len()].copy_from_slice(text.as_bytes());
    Digest::sha256(bytes)
}

fn by_tag(name: &str) -> ManifestReference {
    ManifestReference::Tag(tag(name))
}

fn settings() -> NamespaceSettings {
    NamespaceSettings {
        public: false,
        auto_scan: true,
        policy: None,
        refusal: RefusalForm::Denied,
        quota_bytes: None,
        engine: "plimsoll".to_owned(),
    }
}

/// A manifest that names these blobs; its bytes are the text.
fn manifest(text: &str, blobs: &[&str]) -> NewManifest {
    NewManifest {
        digest: digest(text),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        artifact_type: None,
        content: text.as_bytes().to_vec(),
        subject: None,
        config: None,
        blobs: blobs.iter().map(|it| digest(it)).collect(),
        children: Vec::new(),
        annotations: BTreeMap::new(),
    }
}

impl Fixture {
    async fn namespace(&self, name: &str, settings: &NamespaceSettings) {
        let access = self.authoriser.system();
        self.store.create_namespace(&access, &namespace(name), settings, NOW).await.unwrap();
    }

    async fn access<P: Needs>(&self, name: &str) -> Access<P> {
        self.authoriser.system_in(&namespace(name)).await.unwrap()
    }

    fn unique(&self) -> String {
        format!("key-{}", self.counter.fetch_add(1, Ordering::Relaxed))
    }

    /// Begins an upload and gives its id.
    async fn begin(&self, place: (&str, &str), now: Timestamp) -> UploadId {
        let access = self.access::<Push>(place.0).await;
        let (id, key) =
            (UploadId::parse(&self.unique()).unwrap(), StorageKey::parse(&self.unique()).unwrap());
        self.store.begin_upload(&access, &repository(place.1), &id, &key, now).await.unwrap();
        id
    }

    /// Uploads a blob whose bytes are the text.
    async fn try_upload(&self, place: (&str, &str), text: &str, now: Timestamp) -> Result<Blob, Error> {
        let id = self.begin(place, now).await;
        let access = self.access::<Push>(place.0).await;
        let what = (&digest(text), text.len() as u64);
        self.store.finish_upload(&access, &repository(place.1), &id, what, now).await
    }

    async fn upload(&self, place: (&str, &str), text: &str) -> Blob {
        self.try_upload(place, text, NOW).await.unwrap()
    }

    async fn try_put(
        &self,
        place: (&str, &str),
        tag_name: Option<&str>,
        manifest: &NewManifest,
        now: Timestamp,
    ) -> Result<Put, Error> {
        let access = self.access::<Push>(place.0).await;
        let name = tag_name.map(tag);
        self.store.put_manifest(&access, &repository(place.1), name.as_ref(), manifest, now).await
    }

    /// Uploads the blobs and puts a manifest that names them.
    async fn push(&self, place: (&str, &str), tag_name: &str, text: &str, blobs: &[&str]) -> Put {
        for blob in blobs {
            self.upload(place, blob).await;
        }
        self.try_put(place, Some(tag_name), &manifest(text, blobs), NOW).await.unwrap()
    }

    async fn used_bytes(&self, name: &str) -> u64 {
        self.store.namespace(&self.access(name).await).await.unwrap().used_bytes
    }

    /// That the running sum of a namespace is what counting gives.
    async fn check_sum(&self, name: &str) {
        assert_eq!(self.store.recount(&self.access(name).await).await.unwrap(), 0, "the sum is wrong");
    }

    async fn tag_names(&self, place: (&str, &str), after: Option<&str>, limit: u32) -> Vec<String> {
        let access = self.access::<Pull>(place.0).await;
        let tags = self.store.tags(&access, &repository(place.1), after, limit).await.unwrap();
        tags.iter().map(|it| it.name.to_string()).collect()
    }

    async fn collect(&self, before: Timestamp) -> Collected {
        let access = self.authoriser.system();
        self.store.collect(&access, before, 100, NOW).await.unwrap()
    }

    async fn doomed(&self) -> Vec<StorageKey> {
        self.store.doomed_files(&self.authoriser.system(), 100).await.unwrap()
    }
}
