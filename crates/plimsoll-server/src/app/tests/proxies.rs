//! Behind proxies: whose word on the client and on the address asked for counts, from one end of the server
//! to the other.

use std::net::SocketAddr;

use super::*;
use crate::app::request::Peer;

const TRUSTED: (&str, &str) = ("trusted_proxies", "10.0.0.0/8,::1");
const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "198.51.100.9";
const NOW: plimsoll_core::Timestamp = plimsoll_core::Timestamp(1_790_000_000);

/// A request from a peer, with these headers besides.
fn request(peer: &str, line: &str, headers: &[(&str, &str)]) -> axum::http::request::Builder {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path).header("host", "registry.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.extension(Peer(SocketAddr::new(peer.parse().unwrap(), 4711)))
}

fn basic(password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("admin:{password}")))
}

#[tokio::test]
async fn the_audit_log_has_the_client_that_a_trusted_proxy_names() {
    let server = TestServer::start_with(&[TRUSTED], Clock::system()).await;
    for (number, (peer, forwarded, expected)) in [
        (PROXY, "203.0.113.5, 192.0.2.7", "192.0.2.7"),
        (PROXY, "192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        (PROXY, "unknown", PROXY),
        (STRANGER, "192.0.2.7", STRANGER),
    ]
    .into_iter()
    .enumerate()
    {
        let proof = basic("correct horse");
        let said = [("x-forwarded-for", forwarded), ("authorization", proof.as_str())];
        // By the interface, and by the registry, which makes a namespace for a push.
        let made = request(peer, "POST /api/v1/namespaces", &said).header("content-type", "application/json");
        let body = format!(r#"{{"name":"team-{number}"}}"#);
        assert_eq!(server.send(made.body(Body::from(body)).unwrap()).await.0, 201);
        let push = format!("POST /v2/pushed-{number}/app/blobs/uploads/");
        assert_eq!(server.send(request(peer, &push, &said).body(Body::empty()).unwrap()).await.0, 202);
        let access = server.app.store.authoriser().system();
        let filter = plimsoll_store::AuditFilter { action: Some("createNamespace"), ..Default::default() };
        let log = server.app.store.audit_log(&access, &filter, None, 2).await.unwrap();
        let addresses: Vec<_> = log.iter().filter_map(|it| it.address.as_deref()).collect();
        assert_eq!(addresses, [expected; 2], "{peer} {forwarded}");
    }
}

#[tokio::test]
async fn who_guesses_waits_alone_behind_a_trusted_proxy() {
    let server = TestServer::start_with(&[TRUSTED], Clock::of(|| NOW)).await;
    let guess = async |peer: &str, forwarded: &str, number: u32| {
        let proof = basic(&format!("wrong {number}"));
        let said = [("x-forwarded-for", forwarded), ("authorization", proof.as_str())];
        server.send(request(peer, "GET /v2/", &said).body(Body::empty()).unwrap()).await.0
    };
    for number in 0..12 {
        guess(PROXY, "192.0.2.7", number).await;
    }
    assert_eq!(guess(PROXY, "192.0.2.7", 12).await, 429);
    assert_eq!(guess(PROXY, "192.0.2.8", 13).await, 401);
    // What the guesser writes in front of the proxy's word changes nothing.
    assert_eq!(guess(PROXY, "192.0.2.99, 192.0.2.7", 14).await, 429);
}

#[tokio::test]
async fn who_guesses_does_not_escape_by_naming_others() {
    let server = TestServer::start_with(&[TRUSTED], Clock::of(|| NOW)).await;
    let mut last = 0;
    for number in 0..12 {
        let (proof, forwarded) = (basic(&format!("wrong {number}")), format!("192.0.2.{number}"));
        let said = [("x-forwarded-for", forwarded.as_str()), ("authorization", proof.as_str())];
        last = server.send(request(STRANGER, "GET /v2/", &said).body(Body::empty()).unwrap()).await.0;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_token_is_to_be_had_where_a_trusted_proxy_was_asked() {
    let external = ("external_url", "https://plimsoll.example");
    let both = [("x-forwarded-proto", "https"), ("x-forwarded-host", "registry.example:8443")];
    for (flags, peer, said, expected) in [
        (vec![TRUSTED], PROXY, &both[..], "https://registry.example:8443"),
        (vec![TRUSTED], PROXY, &both[..1], "https://registry.test"),
        (vec![TRUSTED], PROXY, &both[1..], "http://registry.example:8443"),
        (vec![TRUSTED], PROXY, &[("x-forwarded-proto", "https, http")], "https://registry.test"),
        (vec![TRUSTED], PROXY, &[("x-forwarded-proto", "javascript")], "http://registry.test"),
        (vec![TRUSTED], PROXY, &[("x-forwarded-host", "evil\"/x")], "http://registry.test"),
        (vec![TRUSTED], STRANGER, &both[..], "http://registry.test"),
        (vec![], PROXY, &both[..], "http://registry.test"),
        (vec![TRUSTED, external], PROXY, &both[..], "https://plimsoll.example"),
        (vec![external], STRANGER, &both[..], "https://plimsoll.example"),
    ] {
        let server = TestServer::start_with(&flags, Clock::system()).await;
        let (status, parts, _) =
            server.send(request(peer, "GET /v2/", said).body(Body::empty()).unwrap()).await;
        let challenge = parts.headers()["www-authenticate"].to_str().unwrap();
        assert_eq!(status, 401);
        assert!(challenge.contains(&format!("realm=\"{expected}/v2/token\"")), "{said:?}: {challenge}");
    }
}

/// So that it leads back by the way the client came, whatever stands between.
#[tokio::test]
async fn a_location_names_neither_scheme_nor_host() {
    let server = TestServer::start_with(&[TRUSTED], Clock::system()).await;
    let proof = basic("correct horse");
    for peer in [PROXY, STRANGER] {
        let said = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "registry.example"),
            ("authorization", proof.as_str()),
        ];
        let begun = request(peer, "POST /v2/team/app/blobs/uploads/", &said);
        let (status, parts, _) = server.send(begun.body(Body::empty()).unwrap()).await;
        let place = parts.headers()["location"].to_str().unwrap();
        assert!(status == 202 && place.starts_with("/v2/team/app/blobs/uploads/"), "{status} {place}");
        let body = format!(r#"{{"name":"made-by-{}"}}"#, peer.replace('.', "-"));
        let made = request(peer, "POST /api/v1/namespaces", &said).header("content-type", "application/json");
        let (status, parts, _) = server.send(made.body(Body::from(body)).unwrap()).await;
        let place = parts.headers()["location"].to_str().unwrap();
        assert!(status == 201 && place.starts_with("/api/v1/namespaces/made-by-"), "{status} {place}");
    }
}
