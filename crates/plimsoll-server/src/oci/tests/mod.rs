//! The registry as its clients see it: requests in, answers out, on a real store and real files.

mod clients;
mod gate;
mod lists;
mod manifests;
mod tokens;
mod uploads;

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use plimsoll_core::Algorithm;
use plimsoll_core::{Digest, Timestamp};
use plimsoll_store::{NamespaceName, NamespaceSettings, Options, RefusalForm, Store};
use tempfile::TempDir;
use tower::ServiceExt;

use super::{Account, Accounts, Actions, Asked, Registry, RegistryOptions, TokenKey};
use crate::accounts::Proof;
use crate::blobs::{Directory, Hash};

/// A registry with two namespaces, the private `team` and the public `open`; anna may do all in
/// both, ben may pull from `team`, and carl may do nothing.
struct TestRegistry {
    folder: TempDir,
    registry: Arc<Registry>,
}

struct Table;

impl Accounts for Table {
    fn sign_in<'a>(&'a self, proof: Proof<'a>) -> Asked<'a, Option<Account>> {
        let (name, secret) = (proof.name, proof.secret);
        let known = ["anna", "ben", "carl"].contains(&name) && secret == "secret";
        async move { Ok(known.then(|| Account(name.to_owned()))) }.boxed()
    }

    fn actions<'a>(
        &'a self,
        account: Option<&'a Account>,
        namespace: &'a NamespaceName,
    ) -> Asked<'a, Actions> {
        let actions = match (account.map(|it| it.0.as_str()), namespace.as_str()) {
            (Some("anna"), _) => Actions::ALL,
            (_, "open") | (Some("ben"), "team") => Actions::PULL,
            _ => Actions::NONE,
        };
        async move { Ok(actions) }.boxed()
    }
}

impl TestRegistry {
    async fn start() -> TestRegistry {
        TestRegistry::start_with(|it| it).await
    }

    async fn start_with(change: impl FnOnce(Registry) -> Registry) -> TestRegistry {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("plimsoll.db").display());
        let options = Options { connections_max: 4, patience: Duration::from_secs(20) };
        let store = Store::open(&address, &options, Timestamp(1)).await.unwrap();
        for (name, public) in [("team", false), ("open", true)] {
            let settings = NamespaceSettings {
                public,
                auto_scan: true,
                policy: None,
                refusal: RefusalForm::Denied,
                quota_bytes: (name == "open").then_some(100_000),
                engine: "plimsoll".to_owned(),
            };
            let name = NamespaceName::parse(name).unwrap();
            let access = store.authoriser().system();
            store.create_namespace(&access, &name, &settings, Timestamp(1)).await.unwrap();
        }
        let blobs = Arc::new(Directory::open(folder.path()).unwrap());
        let options = RegistryOptions {
            service: "plimsoll".to_owned(),
            external_url: None,
            https: false,
            blob_bytes_max: 1_000_000_000,
            namespaces_by_push: true,
            log: |cause| println!("{cause}"),
        };
        let key = TokenKey::new(&[7; 32]);
        let registry = change(Registry::new(store, blobs, Arc::new(Table), key, options));
        TestRegistry { folder, registry: Arc::new(registry) }
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        Answer::of(self.registry.router().oneshot(request).await.unwrap()).await
    }

    /// As somebody, `anna`; headers as lines.
    async fn call(&self, who: &str, line: &str, headers: &str, body: impl Into<Body>) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path).header("host", "registry.test");
        if !who.is_empty() {
            let basic = STANDARD.encode(format!("{who}:secret"));
            request = request.header("authorization", format!("Basic {basic}"));
        }
        for header in headers.lines() {
            let (name, value) = header.trim().split_once(": ").unwrap();
            request = request.header(name, value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    async fn anna(&self, line: &str) -> Answer {
        self.call("anna", line, "", "").await
    }

    /// Pushes a blob in one request.
    async fn blob(&self, repository: &str, content: &[u8]) -> Digest {
        let digest = sha256(content);
        let line = format!("POST /v2/{repository}/blobs/uploads/?digest={digest}");
        let answer = self.call("anna", &line, "", content.to_vec()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        digest
    }

    /// Pushes an image of one layer, perhaps with more in its manifest.
    async fn image(&self, repository: &str, tag: &str, layer: &str, more: &str) -> Digest {
        let config = self.blob(repository, b"{}").await;
        let layer = self.blob(repository, layer.as_bytes()).await;
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{OCI}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}","size":2}},"layers":[{{"mediaType":"x/layer","digest":"{layer}","size":1}}]{more}}}"#
        );
        let answer = self.manifest(repository, tag, manifest.clone()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        sha256(manifest.as_bytes())
    }

    async fn manifest(&self, repository: &str, reference: &str, content: String) -> Answer {
        let line = format!("PUT /v2/{repository}/manifests/{reference}");
        self.call("anna", &line, &format!("content-type: {OCI}"), content).await
    }

    /// How many files blobs and uploads take.
    fn files(&self) -> usize {
        fn count(folder: &std::path::Path) -> usize {
            let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
            entries.map(|it| if it.file_type().unwrap().is_dir() { count(&it.path()) } else { 1 }).sum()
        }
        count(&self.folder.path().join("blobs")) + count(&self.folder.path().join("uploads"))
    }
}

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

fn sha256(bytes: &[u8]) -> Digest {
    Hash::of(Algorithm::Sha256, bytes)
}

/// An answer, all of it.
struct Answer {
    status: u16,
    headers: axum::http::HeaderMap,
    body: String,
}

impl Answer {
    async fn of(response: Response<Body>) -> Answer {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// The status and some headers, in one line.
    fn line(&self, headers: &[&str]) -> String {
        let mut line = self.status.to_string();
        for name in headers {
            write!(line, " {}", self.header(name)).unwrap();
        }
        line
    }

    /// The status and the error's code.
    #[track_caller]
    fn is(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{}", self.body);
        assert!(self.body.contains(&format!("\"code\":\"{code}\"")), "{}", self.body);
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}
