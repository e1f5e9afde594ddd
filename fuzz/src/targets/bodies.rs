//! What is sent to the interface: bodies for policies, pasted exceptions, selectors, webhooks, namespaces and
//! tokens, through all of it down to a store.
//!
//! The first byte says to which route, the rest is the body. Asks no name server: a webhook whose host is a
//! name is not sent.

use std::cell::RefCell;
use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use plimsoll_core::{Digest, Timestamp};
use plimsoll_server::api::{Api, ApiOptions, ApiParts, RateLimit};
use plimsoll_server::app::{App, Clock};
use plimsoll_server::settings::{Layers, Secret, read};
use plimsoll_store::{
    NamespaceName, NamespaceSettings, NewManifest, RefusalForm, RepositoryName, Store, TagName,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// Where a body goes. `team` is there, with one image and one webhook.
const ROUTES: &[&str] = &[
    "PUT /namespaces/team/policy",
    "POST /namespaces/team/policy/preview",
    "POST /namespaces/team/exceptions",
    "POST /exceptions",
    "POST /namespaces/team/scans",
    "POST /namespaces/team/webhooks",
    "PUT /namespaces/team/webhooks/1",
    "POST /webhooks",
    "POST /namespaces",
    "PUT /namespaces/team",
    "POST /tokens",
    "POST /namespaces/team/robots",
];

/// What is stored by one input stays for the next ones; so often it is begun anew.
const RUNS_MAX: usize = 3_000;

/// `admin:correct horse`.
const LOGIN: &str = "Basic YWRtaW46Y29ycmVjdCBob3JzZQ==";

struct Server {
    runtime: Runtime,
    router: Router,
    runs: usize,
    _folder: TempDir,
}

thread_local! {
    static SERVER: RefCell<Option<Server>> = const { RefCell::new(None) };
}

/// Runs the target.
pub fn run(input: &[u8]) {
    let Some((first, body)) = input.split_first() else { return };
    let route = ROUTES[usize::from(first.wrapping_sub(b'a')) % ROUTES.len()];
    if route.contains("webhooks") && asks_for_a_name(body) {
        return;
    }
    SERVER.with_borrow_mut(|kept| {
        let is_old = kept.as_ref().is_none_or(|it| it.runs >= RUNS_MAX);
        if is_old {
            *kept = Some(Server::start());
        }
        let server = kept.as_mut().expect("it was made above");
        server.runs += 1;
        server.send(route, body);
    });
}

/// Whether the server would ask for the address of a name.
fn asks_for_a_name(body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let url = body["url"].as_str().and_then(|it| url::Url::parse(it).ok());
    url.is_some_and(|it| matches!(it.host(), Some(url::Host::Domain(_))))
}

impl Server {
    fn start() -> Server {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        let router = runtime.block_on(router(&folder));
        let server = Server { runtime, router, runs: 0, _folder: folder };
        server.send("POST /namespaces/team/webhooks", br#"{"name":"a","url":"https://1.1.1.1/hook"}"#);
        server
    }

    /// Sends a body; whatever it is, the answer is one that a client can read.
    fn send(&self, route: &str, body: &[u8]) {
        let (method, path) = route.split_once(' ').expect("rows have two words");
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", LOGIN)
            .header("content-type", "application/json")
            .body(Body::from(body.to_vec()))
            .expect("rows are addresses");
        let answer = self.runtime.block_on(async {
            let (parts, body) =
                self.router.clone().oneshot(request).await.expect("it always answers").into_parts();
            let body = to_bytes(body, usize::MAX).await.expect("answers are in memory");
            (parts, body)
        });
        let (parts, text) = (answer.0, String::from_utf8_lossy(&answer.1).into_owned());
        let status = parts.status;
        assert!(status.as_u16() < 500, "{route}: {status} {text}");
        assert_ne!(status.as_u16(), 401, "{route}: {text}");
        if !status.is_success() {
            let problem: Value = serde_json::from_str(&text).expect("a refusal is JSON");
            assert!(problem["type"].is_string() && problem["detail"].is_string(), "{route}: {text}");
        }
    }
}

/// The interface of a server in this folder, without limits and without workers.
async fn router(folder: &TempDir) -> Router {
    let flags = vec![
        ("update_feeds", "false".to_owned()),
        ("data_dir", folder.path().join("data").display().to_string()),
    ];
    let configured = read(&Layers { file: None, environment: &|_| None, flags }).expect("settings of ours");
    let mut settings = configured.settings;
    settings.admin_password = Some(Secret::new("correct horse"));
    let app = App::start(settings, Clock::system()).await.expect("a server starts").app;
    fill(&app.store).await;
    let unlimited = RateLimit { burst: u32::MAX, per_second: u32::MAX };
    let options = ApiOptions {
        version: "0.0.0".to_owned(),
        is_https: false,
        rate_limit: unlimited,
        rate_limit_anonymous: unlimited,
        session_seconds: 3600,
        providers: Vec::new(),
        log: |text| eprintln!("{text}"),
    };
    let parts = ApiParts {
        store: app.store.clone(),
        sign_in: app.accounts.clone(),
        reports: None,
        database: None,
        judge: Some(app.gate.clone()),
        scans: None,
        webhooks: Some(app.webhooks.clone()),
        registries: None,
        live: app.live.clone(),
        options,
    };
    Api::new(parts).router()
}

/// The namespace `team` with an image, which selectors fit.
async fn fill(store: &Store) {
    let now = Timestamp(1_790_000_000);
    let settings = NamespaceSettings {
        public: false,
        auto_scan: true,
        policy: None,
        refusal: RefusalForm::Denied,
        quota_bytes: None,
        engine: "plimsoll".to_owned(),
    };
    let manifest = NewManifest {
        digest: Digest::sha256([7; 32]),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        artifact_type: None,
        content: b"{}".to_vec(),
        subject: None,
        config: None,
        blobs: Vec::new(),
        children: Vec::new(),
        annotations: BTreeMap::new(),
    };
    let authoriser = store.authoriser();
    let (team, app) = (NamespaceName::parse("team"), RepositoryName::parse("app"));
    let (team, app, tag) =
        (team.expect("a name"), app.expect("a name"), TagName::parse("v1").expect("a tag"));
    store.create_namespace(&authoriser.system(), &team, &settings, now).await.expect("it is new");
    let access = authoriser.system_in(&team).await.expect("it is there");
    store.put_manifest(&access, &app, Some(&tag), &manifest, now).await.expect("it names nothing");
}
