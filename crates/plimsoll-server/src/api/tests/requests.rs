//! What holds for every request: problems, repeated requests, rate limits.

use super::*;

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let test = TestApi::start().await;
    test.get("root", "/nothing").await.is(404, "not-found");
    test.get("root", "/").await.is(404, "not-found");
    let refused = test.call("root", "POST /database", "", None).await;
    refused.is(405, "method-not-allowed");
    assert!(refused.header("allow").contains("GET"), "{:?}", refused.headers);
    test.get("root", "/namespaces/%ff").await.is(404, "not-found");
    test.get("root", "/database").await.is(501, "not-available");
}

#[tokio::test]
async fn a_body_has_to_be_json_and_has_an_end() {
    let test = TestApi::start().await;
    let send = async |content_type: &str, body: String| {
        let request = Request::post("/api/v1/namespaces")
            .header("authorization", format!("Basic {}", STANDARD.encode("root:secret")))
            .header("content-type", content_type);
        Reply::of(test.send(request.body(Body::from(body)).unwrap()).await).await
    };
    send("text/plain", "{}".to_owned()).await.is(415, "unsupported-media-type");
    send("application/json", "{".to_owned()).await.is(400, "invalid-request");
    send("application/json", "[".repeat(100_000)).await.is(400, "invalid-request");
    send("application/json", " ".repeat(2_000_000)).await.is(413, "too-large");
    send("application/json; charset=utf-8", r#"{"name":"new"}"#.to_owned()).await.ok(201);
}

#[tokio::test]
async fn a_request_with_a_key_is_done_once() {
    let test = TestApi::start().await;
    let key = "idempotency-key: 7f3a";
    let send = |who, name: &str| {
        let body = Some(json!({ "name": name }));
        test.call(who, "POST /namespaces", key, body)
    };
    let first = send("root", "new").await;
    first.ok(201);
    let again = send("root", "new").await;
    assert_eq!((again.ok(201), again.header("idempotent-replayed")), (first.ok(201), "true"));
    assert_eq!(again.header("location"), first.header("location"));
    send("root", "newer").await.is(422, "idempotency-key-reused");
    let without = test.post("root", "/namespaces", json!({ "name": "new" })).await;
    without.is(409, "exists");
    let bad = format!("idempotency-key: {}", "k".repeat(200));
    test.call("root", "POST /namespaces", &bad, Some(json!({ "name": "x" })))
        .await
        .is(400, "invalid-request");
    // A secret is told once, whatever the key says.
    let token =
        || test.call("anna", "POST /tokens", key, Some(json!({ "name": "t", "permissions": ["read"] })));
    assert_ne!(token().await.ok(201)["token"], token().await.ok(201)["token"]);
}

#[tokio::test]
async fn who_asks_too_often_waits() {
    let test = TestApi::with_limit(RateLimit { burst: 3, per_second: 1 }).await;
    for left in ["2", "1", "0"] {
        let reply = test.get("anna", "/account").await;
        assert_eq!((reply.status, reply.header("ratelimit-remaining")), (200, left));
        assert_eq!(reply.header("ratelimit-limit"), "3");
    }
    let refused = test.get("anna", "/account").await;
    refused.is(429, "too-many-requests");
    assert_eq!(refused.header("retry-after"), "1");
    // Another account has a bucket of its own; so have they who are wrong.
    test.get("ben", "/account").await.ok(200);
    for _ in 0..3 {
        test.call("", "GET /account", "authorization: Bearer x", None).await.is(401, "unauthenticated");
    }
    test.call("", "GET /account", "authorization: Bearer x", None).await.is(429, "too-many-requests");
}
