//! The server around its parts, without a socket.

mod proxies;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tower::ServiceExt;

use super::*;
use crate::settings::{Layers, Secret, read};

/// A server with one administrator, `admin` with `correct horse`.
pub(crate) struct TestServer {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) app: Arc<App>,
}

impl TestServer {
    pub(crate) async fn start() -> TestServer {
        TestServer::start_with(&[], Clock::system()).await
    }

    pub(crate) async fn start_with(flags: &[(&'static str, &str)], clock: Clock) -> TestServer {
        let folder = tempfile::tempdir().unwrap();
        let mut flags: Vec<_> = flags.iter().map(|it| (it.0, it.1.to_owned())).collect();
        flags.push(("update_feeds", "false".to_owned()));
        flags.push(("data_dir", folder.path().join("data").display().to_string()));
        let configured = read(&Layers { file: None, environment: &|_| None, flags }).unwrap();
        let settings = Settings { admin_password: Some(Secret::new("correct horse")), ..configured.settings };
        let app = App::start(settings, clock).await.unwrap().app;
        TestServer { folder, app }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> (u16, Response<()>, String) {
        answered(router(&self.app), request).await
    }

    /// As the administrator.
    pub(crate) async fn call(&self, line: &str, body: impl Into<Body>) -> (u16, Response<()>, String) {
        let (method, path) = line.split_once(' ').unwrap();
        let basic = format!("Basic {}", STANDARD.encode("admin:correct horse"));
        let request = Request::builder().method(method).uri(path).header("host", "registry.test");
        self.send(request.header("authorization", basic).body(body.into()).unwrap()).await
    }
}

async fn answered(router: Router, request: Request<Body>) -> (u16, Response<()>, String) {
    let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
    let body = axum::body::to_bytes(body, 10_000_000).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    (parts.status.as_u16(), Response::from_parts(parts, ()), body)
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own() {
    let server = TestServer::start().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (status, parts, _) = server.call("GET /v2/", "").await;
        assert_eq!(status, 200);
        ids.push(parts.headers()["x-request-id"].to_str().unwrap().to_owned());
    }
    assert_ne!(ids[0], ids[1]);
}

#[tokio::test]
async fn a_panic_is_an_answer_with_an_id() {
    let server = TestServer::start().await;
    async fn broken() -> &'static str {
        panic!("a mistake of ours")
    }
    let router = Router::new().route("/broken", axum::routing::get(broken));
    let around = axum::middleware::from_fn_with_state(server.app.clone(), request::around);
    let request = Request::builder().uri("/broken").body(Body::empty()).unwrap();
    let (status, parts, body) = answered(router.layer(around), request).await;
    assert_eq!(status, 500);
    assert!(parts.headers().contains_key("x-request-id"));
    assert!(!body.contains("mistake"), "{body}");
}

#[tokio::test]
async fn what_is_not_there_is_not_ready() {
    let server = TestServer::start().await;
    assert_eq!(server.call("GET /readyz", "").await.0, 200);
    std::fs::remove_dir_all(server.folder.path().join("data/blobs")).unwrap();
    let (status, _, body) = server.call("GET /readyz", "").await;
    assert_eq!(status, 503);
    assert!(body.contains("\"blobs\":\"cannot be reached\""), "{body}");
    server.app.shutdown.request();
    let (_, _, body) = server.call("GET /readyz", "").await;
    assert!(body.contains("ending"), "{body}");
}

#[tokio::test]
async fn a_challenge_names_the_address_by_which_the_client_came() {
    for (flags, expected) in [
        (vec![], "http://registry.test/v2/token"),
        (vec![("external_url", "https://registry.example/")], "https://registry.example/v2/token"),
        (vec![("tls_certificate", "c"), ("tls_key", "k")], "https://registry.test/v2/token"),
    ] {
        let server = TestServer::start_with(&flags, Clock::system()).await;
        let request = Request::builder().uri("/v2/").header("host", "registry.test");
        let (status, parts, _) = server.send(request.body(Body::empty()).unwrap()).await;
        let challenge = parts.headers()["www-authenticate"].to_str().unwrap();
        assert_eq!(status, 401);
        assert!(challenge.contains(&format!("realm=\"{expected}\"")), "{challenge}");
    }
}

#[tokio::test]
async fn who_guesses_is_told_how_long_to_wait() {
    let clock = Clock::of(|| plimsoll_core::Timestamp(1_790_000_000));
    let server = TestServer::start_with(&[], clock).await;
    let mut last = (0, Response::new(()), String::new());
    for number in 0..12 {
        let basic = format!("Basic {}", STANDARD.encode(format!("admin:wrong {number}")));
        let request = Request::builder().uri("/v2/").header("authorization", basic);
        last = server.send(request.body(Body::empty()).unwrap()).await;
    }
    let (status, parts, body) = last;
    assert_eq!(status, 429, "{body}");
    assert!(parts.headers().contains_key("retry-after"));
    assert!(body.contains("TOOMANYREQUESTS"), "{body}");
}

#[test]
fn a_directory_is_locked_and_its_key_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b");
    let first = DataDirectory::open(&path, true).unwrap();
    let key = first.key("token.key").unwrap();
    assert!(matches!(DataDirectory::open(&path, true), Err(StartError::InUse { .. })));
    assert!(DataDirectory::open(&path, false).is_ok());
    drop(first);
    let second = DataDirectory::open(&path, true).unwrap();
    assert_eq!(second.key("token.key").unwrap(), key);
    assert_ne!(second.key("other.key").unwrap(), key);
    std::fs::write(path.join("token.key"), "short").unwrap();
    assert!(second.key("token.key").is_err());
}

#[test]
fn a_page_of_metrics_is_as_prometheus_reads_it() {
    let mut text = MetricsText::default();
    text.gauge("a", "Some.", 1);
    text.begin("b", "counter", "Others.");
    text.line("b", "kind=\"x\"", 0.5);
    assert_eq!(
        text.as_str(),
        "# HELP a Some.\n# TYPE a gauge\na 1\n# HELP b Others.\n# TYPE b counter\nb{kind=\"x\"} 0.5\n"
    );
}

#[tokio::test]
async fn two_processes_cannot_have_one_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let flags = vec![
        ("data_dir", folder.path().join("data").display().to_string()),
        ("database", format!("sqlite:{}", folder.path().join("shared.db").display())),
    ];
    let configured = read(&Layers { file: None, environment: &|_| None, flags }).unwrap();
    let started = App::start(configured.settings, Clock::system()).await;
    assert!(matches!(started, Err(StartError::SharedSqlite)));
}
