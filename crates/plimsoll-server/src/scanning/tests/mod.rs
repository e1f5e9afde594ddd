//! Scanning as it runs: a registry that is pushed to, a store, workers, databases that change.

mod hostile;
mod indexes;
mod judging;
mod pushes;
mod skopeo;
mod stopping;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use futures_util::FutureExt;
use plimsoll_core::{Advisory, Digest, End, Epss, NameKind, Range, Realm, Severity, Status};
use plimsoll_engine::cache::FactCache;
use plimsoll_engine::db::Database;
use plimsoll_store::{
    ArtifactId, ManifestReference, NamespaceName, NamespaceSettings, Options, Pull, Read, Scan, ScanState,
    Store, TagName,
};
use plimsoll_testkit::{Blob, Image};
use plimsoll_vulndb::build::{BuildInput, FeedMeta, build};
use plimsoll_vulndb::{FeedOutput, Snapshot};
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;
use crate::accounts::Proof;
use crate::blobs::Directory;
use crate::oci::{Account, Accounts, Actions, Asked, Registry, RegistryOptions, TokenKey};

/// A server in a folder, with a namespace `team` that scans by itself and one `quiet` that does not.
struct Server {
    store: Store,
    scanning: Arc<Scanning>,
    registry: Arc<Registry>,
    running: Option<Running>,
}

/// Everybody may do everything.
struct Everybody;

impl Accounts for Everybody {
    fn sign_in<'a>(&'a self, proof: Proof<'a>) -> Asked<'a, Option<Account>> {
        async move { Ok(Some(Account(proof.name.to_owned()))) }.boxed()
    }

    fn actions<'a>(
        &'a self,
        _account: Option<&'a Account>,
        _namespace: &'a NamespaceName,
    ) -> Asked<'a, Actions> {
        async move { Ok(Actions::ALL) }.boxed()
    }
}

/// How long something may take that happens by itself, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

fn options() -> ScanningOptions {
    ScanningOptions {
        heartbeat: Duration::from_millis(50),
        look_every: Duration::from_millis(200),
        ..ScanningOptions::standard(|complaint| println!("{complaint}"))
    }
}

impl Server {
    async fn start(folder: &Path) -> Server {
        let mut server = Server::prepare(folder, options()).await;
        server.running = Some(server.scanning.start());
        server
    }

    /// All but the workers.
    async fn prepare(folder: &Path, options: ScanningOptions) -> Server {
        let database = std::env::var_os("PLIMSOLL_DB_DIR").map_or_else(|| folder.join("db"), Into::into);
        let address = format!("sqlite:{}", folder.join("plimsoll.db").display());
        let store_options = Options { connections_max: 4, patience: Duration::from_secs(20) };
        let store = Store::open(&address, &store_options, now()).await.unwrap();
        for (name, auto_scan) in [("team", true), ("quiet", false)] {
            let settings = NamespaceSettings {
                public: true,
                auto_scan,
                policy: None,
                refusal: plimsoll_store::RefusalForm::Denied,
                quota_bytes: None,
                engine: "plimsoll".to_owned(),
            };
            let name = NamespaceName::parse(name).unwrap();
            // There already after a restart.
            let _ = store.create_namespace(&store.authoriser().system(), &name, &settings, now()).await;
        }
        let blobs: Arc<dyn BlobStore> = Arc::new(Directory::open(folder).unwrap());
        let facts = FactCache::in_directory(folder.join("facts"));
        let database = Database::in_directory(database);
        let scanning = Scanning::new(store.clone(), Arc::clone(&blobs), facts, database, options);
        let scanning = Arc::new(scanning);
        let registry_options = RegistryOptions {
            service: "plimsoll".to_owned(),
            external_url: None,
            https: false,
            blob_bytes_max: 4_000_000_000,
            namespaces_by_push: true,
            log: |cause| println!("{cause}"),
        };
        let key = TokenKey::new(&[7; 32]);
        let registry = Registry::new(store.clone(), blobs, Arc::new(Everybody), key, registry_options);
        let registry = Arc::new(registry.watched_by(Arc::new(Watching(Arc::clone(&scanning)))));
        Server { store, scanning, registry, running: None }
    }

    async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.store.close().await;
    }

    async fn send(&self, method: &str, path: &str, content_type: &str, body: Vec<u8>) -> StatusCode {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "registry.test")
            .header("authorization", "Basic YW5uYTpzZWNyZXQ=")
            .header("content-type", content_type)
            .body(Body::from(body))
            .unwrap();
        self.registry.router().oneshot(request).await.unwrap().status()
    }

    async fn blob(&self, repository: &str, blob: &Blob) {
        let path = format!("/v2/{repository}/blobs/uploads/?digest={}", blob.digest);
        let status = self.send("POST", &path, "application/octet-stream", blob.bytes.clone()).await;
        assert_eq!(status, 201);
    }

    async fn manifest(&self, repository: &str, tag: &str, media_type: &str, content: &[u8]) -> ArtifactId {
        let path = format!("/v2/{repository}/manifests/{tag}");
        assert_eq!(self.send("PUT", &path, media_type, content.to_vec()).await, 201);
        self.artifact(repository, tag).await
    }

    async fn artifact(&self, repository: &str, reference: &str) -> ArtifactId {
        let (namespace, name) = repository.split_once('/').unwrap();
        let namespace = NamespaceName::parse(namespace).unwrap();
        let access = self.store.authoriser().system_in::<Pull>(&namespace).await.unwrap();
        let name = plimsoll_store::RepositoryName::parse(name).unwrap();
        let reference = match reference.parse::<Digest>() {
            Ok(digest) => ManifestReference::Digest(digest),
            Err(_) => ManifestReference::Tag(TagName::parse(reference).unwrap()),
        };
        self.store.artifact(&access, &name, &reference).await.unwrap().id
    }

    /// Pushes an image as clients do: layers, configuration, manifest.
    async fn push(&self, repository: &str, tag: &str, image: &Image) -> ArtifactId {
        for layer in &image.layers {
            self.blob(repository, &layer.stored).await;
        }
        self.blob(repository, &image.config).await;
        self.manifest(repository, tag, OCI, &image.manifest().bytes).await
    }

    async fn read(&self, namespace: &str) -> plimsoll_store::Access<Read> {
        self.store.authoriser().system_in(&NamespaceName::parse(namespace).unwrap()).await.unwrap()
    }

    async fn may_scan(&self, namespace: &str) -> plimsoll_store::Access<Scan> {
        self.store.authoriser().system_in(&NamespaceName::parse(namespace).unwrap()).await.unwrap()
    }

    async fn state(&self, namespace: &str, artifact: ArtifactId) -> ScanState {
        self.scanning.state(&self.read(namespace).await, artifact).await.unwrap()
    }

    /// Waits until a scan has ended.
    async fn ended(&self, namespace: &str, artifact: ArtifactId) -> ScanState {
        self.ended_within(PATIENCE, namespace, artifact).await
    }

    async fn ended_within(&self, most: Duration, namespace: &str, artifact: ArtifactId) -> ScanState {
        let begun = Instant::now();
        loop {
            let state = self.state(namespace, artifact).await;
            if !state.is_on_its_way() && state != ScanState::NotScanned {
                return state;
            }
            assert!(begun.elapsed() < most, "still {state:?}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    async fn log(&self, namespace: &str, artifact: ArtifactId) -> String {
        let scans = self.store.scans(&self.read(namespace).await, artifact, None, 1).await.unwrap();
        scans.into_iter().next().and_then(|it| it.log).unwrap_or_default()
    }

    /// Puts a database in the folder, by which the versions of openssl before these are affected.
    fn database(folder: &Path, sequence: u64, advisories: &[(&str, &str, Severity)]) {
        let of_openssl = |(id, fixed, severity): &(&str, &str, Severity)| {
            ("openssl".to_owned(), (*id).to_owned(), (*fixed).to_owned(), *severity)
        };
        Server::database_of(folder, sequence, &advisories.iter().map(of_openssl).collect::<Vec<_>>());
    }

    /// The same for any packages: name, vulnerability, fixed version, severity.
    fn database_of(folder: &Path, sequence: u64, advisories: &[(String, String, String, Severity)]) {
        write_database(&folder.join("db"), sequence, advisories);
    }
}

/// Puts a database in use: package, vulnerability, fixed version, severity.
pub(crate) fn write_database(
    folder: &Path,
    sequence: u64,
    advisories: &[(String, String, String, Severity)],
) {
    let advisory = |(package, id, fixed, severity): &(String, String, String, Severity)| Advisory {
        feed: "debian".to_owned(),
        realm: Realm::distro("deb", "debian", "12"),
        package: package.clone(),
        name_kind: NameKind::Source,
        channel: None,
        architectures: Vec::new(),
        module: None,
        vulnerability: id.clone(),
        advisory_ids: Vec::new(),
        ranges: vec![Range { introduced: None, end: End::Fixed(fixed.clone()) }],
        versions: Vec::new(),
        status: Status::Fixed,
        severity: Some(*severity),
        note: None,
    };
    let output =
        FeedOutput { advisories: advisories.iter().map(advisory).collect(), ..FeedOutput::default() };
    let scores = FeedOutput {
        epss: advisories.iter().map(|it| (it.1.clone(), score(sequence))).collect(),
        ..FeedOutput::default()
    };
    let feeds = vec![(FeedMeta::named("debian"), output), (FeedMeta::named("epss"), scores)];
    let bytes = build(&BuildInput { sequence, built: now(), feeds }).unwrap();
    Snapshot::open(&bytes).unwrap();
    std::fs::create_dir_all(folder.join("snapshots")).unwrap();
    std::fs::write(folder.join(format!("snapshots/{sequence:08}.snapshot")), bytes).unwrap();
    std::fs::write(folder.join("current"), format!("{sequence}\n")).unwrap();
}

/// The EPSS score of all vulnerabilities in a database: another one each day.
fn score(sequence: u64) -> Epss {
    let sequence = u32::try_from(sequence).unwrap();
    Epss {
        score_millionths: 1_000 * sequence,
        percentile_millionths: None,
        model: None,
        date: Some(Timestamp(now().0 - 86_400 * (100 - i64::from(sequence)))),
    }
}

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

/// Debian 12 with one version of openssl.
pub(crate) fn debian(version: &str, more: &str) -> Image {
    Image::from_text(&format!(
        "//- layer FROM debian:12\n//- /etc/os-release\nID=debian\nVERSION_ID=\"12\"\n\
         //- /var/lib/dpkg/status\nPackage: openssl\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n{more}"
    ))
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}
