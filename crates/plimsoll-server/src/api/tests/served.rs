//! The interface of a whole server: images come in by its registry, are scanned and judged.

use std::time::Instant;

use futures_util::StreamExt;
use plimsoll_core::Severity;
use plimsoll_testkit::Image;

use super::*;
use crate::app::tests::TestServer;
use crate::app::{Clock, router};
use crate::scanning::tests::{debian, write_database};

/// A server that scans, with the private namespaces `team` and `other`. Everybody's password is
/// `correct horse`: anna maintains `team`, vera views it, ben administers `other`.
pub(super) struct Served {
    pub(super) server: TestServer,
    running: Option<crate::scanning::Running>,
    gate: tokio::task::JoinHandle<()>,
}

const PASSWORD: &str = "correct horse";
/// How long something may take that happens by itself, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

impl Served {
    pub(super) async fn start() -> Served {
        let server = TestServer::start_with(&[], Clock::system()).await;
        let gate = tokio::spawn(Arc::clone(&server.app.gate).run());
        let running = Some(server.app.scanning.start());
        let served = Served { server, running, gate };
        for name in ["team", "other"] {
            served.post("admin", "/namespaces", json!({ "name": name, "auto_scan": true })).await.ok(201);
        }
        for (name, place, role) in
            [("anna", "team", "maintainer"), ("vera", "team", "viewer"), ("ben", "other", "namespace-admin")]
        {
            served.post("admin", "/users", json!({ "name": name, "password": PASSWORD })).await.ok(201);
            let grant = format!("PUT /namespaces/{place}/grants/user/{name}/{role}");
            let reply = served.call("admin", &grant, None).await;
            assert!(reply.status < 300, "{}", reply.body);
        }
        served
    }

    pub(super) async fn stop(mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
        self.gate.abort();
    }

    pub(super) fn request(who: &str, line: &str) -> axum::http::request::Builder {
        let (method, path) = line.split_once(' ').unwrap();
        let basic = STANDARD.encode(format!("{who}:{PASSWORD}"));
        let request = Request::builder().method(method).uri(path).header("host", "registry.test");
        if who.is_empty() { request } else { request.header("authorization", format!("Basic {basic}")) }
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Response<Body> {
        router(&self.server.app).oneshot(request).await.unwrap()
    }

    pub(super) async fn call(&self, who: &str, line: &str, body: Option<Value>) -> Reply {
        let line = line.replacen(" /", " /api/v1/", 1);
        let request = Served::request(who, &line).header("content-type", "application/json");
        let body = body.map_or_else(Body::empty, |it| Body::from(it.to_string()));
        Reply::of(self.send(request.body(body).unwrap()).await).await
    }

    pub(super) async fn get(&self, who: &str, path: &str) -> Reply {
        self.call(who, &format!("GET {path}"), None).await
    }

    pub(super) async fn post(&self, who: &str, path: &str, body: Value) -> Reply {
        self.call(who, &format!("POST {path}"), Some(body)).await
    }

    /// Something of the registry, as the administrator.
    pub(super) async fn registry(&self, line: &str, content_type: &str, body: Vec<u8>) -> Reply {
        let request = Served::request("admin", line).header("content-type", content_type);
        Reply::of(self.send(request.body(Body::from(body)).unwrap()).await).await
    }

    /// Pushes an image by the registry; gives its digest.
    pub(super) async fn push(&self, repository: &str, tag: &str, image: &Image) -> String {
        let blobs = image.layers.iter().map(|it| &it.stored).chain([&image.config]);
        for blob in blobs {
            let line = format!("POST /v2/{repository}/blobs/uploads/?digest={}", blob.digest);
            let reply = self.registry(&line, "application/octet-stream", blob.bytes.clone()).await;
            assert_eq!(reply.status, 201, "{}", reply.body);
        }
        let manifest = image.manifest();
        let line = format!("PUT /v2/{repository}/manifests/{tag}");
        let reply = self.registry(&line, "application/vnd.oci.image.manifest.v1+json", manifest.bytes).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        manifest.digest.to_string()
    }

    /// Puts a database in use, by which versions of packages of Debian 12 before these are affected.
    pub(super) fn database(&self, sequence: u64, advisories: &[(&str, &str, &str, Severity)]) {
        let rows: Vec<_> = advisories
            .iter()
            .map(|(package, id, fixed, severity)| {
                ((*package).to_owned(), (*id).to_owned(), (*fixed).to_owned(), *severity)
            })
            .collect();
        write_database(&self.server.app.data.path().join("db"), sequence, &rows);
        self.server.app.scanning.look();
    }

    /// Waits until an answer is as it should be.
    pub(super) async fn until(&self, path: &str, is_there: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let reply = self.get("admin", path).await;
            if reply.status == 200 {
                let found = reply.ok(200);
                if is_there(&found) {
                    return found;
                }
            }
            assert!(begun.elapsed() < PATIENCE, "{path}: {}", reply.body);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for the end of a scan.
    pub(super) async fn scanned(&self, repository: &str, reference: &str) -> Value {
        let (namespace, name) = repository.split_once('/').unwrap();
        let path = format!("/namespaces/{namespace}/repositories/{name}/artifacts/{reference}");
        self.until(&path, |it| it["artifact"]["scan"]["state"] == "complete").await
    }

    /// From now on `team` denies what is high or worse.
    pub(super) async fn block_from_high(&self) {
        let policy = json!({ "policy": { "severity": "high" } });
        self.call("admin", "PUT /namespaces/team/policy", Some(policy)).await.ok(200);
    }

    /// Listens as somebody.
    pub(super) async fn listen(&self, who: &str) -> Hearing {
        let request = Served::request(who, "GET /api/v1/events/stream");
        let response = self.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), 200);
        let mut hearing = Hearing { stream: response.into_body().into_data_stream(), heard: Vec::new() };
        assert!(hearing.next().await.contains("event: hello"));
        hearing
    }
}

/// A stream of events, and what was heard on it and not yet asked for: of what happens at once
/// (an image is there, its scan begins) either may be told first.
pub(super) struct Hearing {
    stream: axum::body::BodyDataStream,
    heard: Vec<String>,
}

impl Hearing {
    async fn next(&mut self) -> String {
        let next = self.stream.next().await.expect("the stream ended").unwrap();
        String::from_utf8(next.to_vec()).unwrap()
    }

    /// The first event of a kind of which something is so, which nobody asked for before.
    pub(super) async fn until(&mut self, kind: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let wanted = |event: &String| {
            let data = event.strip_prefix(&format!("event: {kind}\ndata: "))?;
            let data: Value = serde_json::from_str(data.trim()).unwrap();
            is_it(&data).then_some(data)
        };
        if let Some((at, data)) = self.heard.iter().enumerate().find_map(|(at, it)| Some((at, wanted(it)?))) {
            self.heard.remove(at);
            return data;
        }
        let deadline = Instant::now() + PATIENCE;
        while let Ok(event) = tokio::time::timeout_at(deadline.into(), self.next()).await {
            match wanted(&event) {
                Some(data) => return data,
                None => self.heard.push(event),
            }
        }
        panic!("no such {kind} was heard, but {:#?}", self.heard);
    }

    /// That nothing of a kind was heard, or is for a while.
    pub(super) async fn hears_none(&mut self, kind: &str) {
        while let Ok(event) = tokio::time::timeout(Duration::from_millis(300), self.next()).await {
            self.heard.push(event);
        }
        let kind = format!("event: {kind}\n");
        assert!(!self.heard.iter().any(|it| it.starts_with(&kind)), "{:#?}", self.heard);
    }
}

#[tokio::test]
async fn members_of_a_namespace_hear_of_its_scans_and_nobody_else_does() {
    let served = Served::start().await;
    let (mut vera, mut ben) = (served.listen("vera").await, served.listen("ben").await);
    served.database(1, &[("openssl", "CVE-2026-1", "3.0.20", Severity::High)]);
    ben.until("database", |_| true).await;
    let digest = served.push("team/app", "v1", &debian("3.0.15-1", "")).await;
    let pushed = vera.until("artifact", |_| true).await;
    assert_eq!(pushed, json!({ "namespace": "team", "repository": "app", "digest": digest }));
    let begun = vera.until("scan", |it| it["state"] == "scanning").await;
    assert_eq!((&begun["digest"], &begun["phase"]), (&json!(digest), &json!("starting")));
    let ended = vera.until("scan", |it| it["state"] == "complete").await;
    assert_eq!((&ended["repository"], &ended["digest"]), (&json!("app"), &json!(digest)));
    for kind in ["scan", "artifact", "verdict"] {
        ben.hears_none(kind).await;
    }
    served.stop().await;
}

#[tokio::test]
async fn a_changed_verdict_is_heard_with_its_reasons() {
    let served = Served::start().await;
    served.database(1, &[("openssl", "CVE-2026-1", "3.0.20", Severity::High)]);
    let digest = served.push("team/app", "v1", &debian("3.0.15-1", "")).await;
    served.scanned("team/app", "v1").await;
    let mut vera = served.listen("vera").await;
    served.block_from_high().await;
    let verdict = vera.until("verdict", |_| true).await;
    assert_eq!((&verdict["digest"], &verdict["verdict"]), (&json!(digest), &json!("deny")));
    assert!(verdict["reasons"][0].as_str().is_some(), "{verdict}");
    served.stop().await;
}

#[tokio::test]
async fn an_image_whose_scan_failed_has_a_verdict_that_says_so() {
    let served = Served::start().await;
    served.block_from_high().await;
    let mut image = debian("3.0.15-1", "");
    image.config = plimsoll_testkit::Blob::new(b"no configuration".to_vec());
    let digest = served.push("team/app", "v1", &image).await;
    let path = format!("/namespaces/team/repositories/app/artifacts/{digest}");
    let failed = served
        .until(&path, |it| {
            it["artifact"]["scan"]["state"] == "failed" && !it["artifact"]["verdict"].is_null()
        })
        .await;
    assert_eq!(failed["artifact"]["verdict"]["answer"], "deny", "{failed}");
    let verdict = served.until(&format!("{path}/verdict"), |it| it.to_string().contains("scan failed")).await;
    assert!(verdict.to_string().contains("unscanned"), "{verdict}");
    served.stop().await;
}
