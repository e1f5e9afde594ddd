//! Blobs coming and going.

use axum::body::{Body, Bytes};
use futures_util::stream;

use super::*;

#[tokio::test]
async fn a_blob_in_one_request_is_there_for_those_who_may() {
    let registry = TestRegistry::start().await;
    let digest = registry.blob("team/app", b"hello").await;
    let line = format!("GET /v2/team/app/blobs/{digest}");
    let answer = registry.call("ben", &line, "", "").await;
    assert_eq!(answer.line(&["content-length", "docker-content-digest"]), format!("200 5 {digest}"));
    assert_eq!(answer.body, "hello");
    let answer = registry.anna(&format!("HEAD /v2/team/app/blobs/{digest}")).await;
    assert_eq!(answer.line(&["content-length"]), "200 5");
    assert_eq!(answer.body, "");
    // Another repository of the same namespace does not have it, nor has another namespace.
    for repository in ["team/other", "open/app"] {
        registry.anna(&format!("GET /v2/{repository}/blobs/{digest}")).await.is(404, "BLOB_UNKNOWN");
    }
    registry.call("carl", &line, "", "").await.is(403, "DENIED");
    registry.call("", &line, "", "").await.is(401, "UNAUTHORIZED");
}

#[tokio::test]
async fn parts_of_a_blob_are_given_out() {
    let registry = TestRegistry::start().await;
    let digest = registry.blob("team/app", b"0123456789").await;
    let line = format!("GET /v2/team/app/blobs/{digest}");
    let answer = registry.call("anna", &line, "range: bytes=2-4", "").await;
    assert_eq!(answer.line(&["content-range", "content-length"]), "206 bytes 2-4/10 3");
    assert_eq!(answer.body, "234");
    let answer = registry.call("anna", &line, "range: bytes=20-", "").await;
    assert_eq!(answer.line(&["content-range"]), "416 bytes */10");
    let answer = registry.call("anna", &line, "range: bytes=2-4\nif-range: \"other\"", "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "0123456789"));
}

#[tokio::test]
async fn an_upload_in_chunks_says_where_it_is_and_goes_on_there() {
    let registry = TestRegistry::start().await;
    let begun = registry.anna("POST /v2/team/a/b/c/blobs/uploads/").await;
    assert_eq!(begun.line(&["range", "content-length"]), "202 0-0 0");
    let place = begun.header("location").to_owned();
    assert!(place.ends_with(begun.header("docker-upload-uuid")), "{place}");
    let patch = format!("PATCH {place}");
    let answer = registry.call("anna", &patch, "content-range: 0-2\ncontent-length: 3", "abc").await;
    assert_eq!(answer.line(&["range", "location"]), format!("202 0-2 {place}"));
    let answer = registry.call("anna", &patch, "content-range: 0-2\ncontent-length: 3", "abc").await;
    answer.is(416, "BLOB_UPLOAD_INVALID");
    assert_eq!(answer.line(&["range", "location"]), format!("416 0-2 {place}"));
    registry
        .call("anna", &patch, "content-range: 3-9\ncontent-length: 3", "def")
        .await
        .is(400, "SIZE_INVALID");
    let answer = registry.anna(&format!("GET {place}")).await;
    assert_eq!(answer.line(&["range"]), "204 0-2");
    // Without a range it is a stream.
    assert_eq!(registry.call("anna", &patch, "", "de").await.header("range"), "0-4");
    let digest = sha256(b"abcdef");
    let answer =
        registry.call("anna", &format!("PUT {place}?digest={digest}"), "content-range: 5-5", "f").await;
    let expected = format!("201 /v2/team/a/b/c/blobs/{digest} {digest}");
    assert_eq!(answer.line(&["location", "docker-content-digest"]), expected);
    registry.anna(&format!("GET {place}")).await.is(404, "BLOB_UPLOAD_UNKNOWN");
    assert_eq!(registry.files(), 1);
}

#[tokio::test]
async fn what_is_not_what_it_says_leaves_nothing() {
    let registry = TestRegistry::start().await;
    let other = sha256(b"other");
    let line = format!("POST /v2/team/app/blobs/uploads/?digest={other}");
    registry.call("anna", &line, "", "content").await.is(400, "DIGEST_INVALID");
    let place = registry.anna("POST /v2/team/app/blobs/uploads/").await.header("location").to_owned();
    let put = format!("PUT {place}?digest={other}");
    registry.call("anna", &put, "", "content").await.is(400, "DIGEST_INVALID");
    registry.call("anna", &put, "", "content").await.is(404, "BLOB_UPLOAD_UNKNOWN");
    registry.anna("POST /v2/team/app/blobs/uploads/?digest=sha256:abc").await.is(400, "DIGEST_INVALID");
    registry.anna(&format!("GET /v2/team/app/blobs/{other}")).await.is(404, "BLOB_UNKNOWN");
    settled(&registry, 0).await;
}

#[tokio::test]
async fn a_push_in_one_request_that_breaks_off_leaves_nothing() {
    let registry = TestRegistry::start().await;
    let pieces = stream::iter([Ok(Bytes::from("abc")), Err(std::io::Error::other("reset"))]);
    let line = format!("POST /v2/team/app/blobs/uploads/?digest={}", sha256(b"abcdef"));
    registry.call("anna", &line, "", Body::from_stream(pieces)).await.is(400, "BLOB_UPLOAD_INVALID");
    settled(&registry, 0).await;
}

#[tokio::test]
async fn a_chunk_that_breaks_off_can_be_continued() {
    let registry = TestRegistry::start().await;
    let place = registry.anna("POST /v2/team/app/blobs/uploads/").await.header("location").to_owned();
    let pieces = stream::iter([Ok(Bytes::from("abc")), Err(std::io::Error::other("reset"))]);
    let broken = registry.call("anna", &format!("PATCH {place}"), "", Body::from_stream(pieces)).await;
    broken.is(400, "BLOB_UPLOAD_INVALID");
    assert_eq!(registry.anna(&format!("GET {place}")).await.header("range"), "0-2");
    let put = format!("PUT {place}?digest={}", sha256(b"abcdef"));
    assert_eq!(registry.call("anna", &put, "content-range: 3-5", "def").await.status, 201);
}

#[tokio::test]
async fn a_cancelled_upload_is_over() {
    let registry = TestRegistry::start().await;
    let place = registry.anna("POST /v2/team/app/blobs/uploads/").await.header("location").to_owned();
    // Nobody goes on with it elsewhere, or without leave.
    let elsewhere = place.replace("team/app", "team/other");
    registry.anna(&format!("GET {elsewhere}")).await.is(404, "BLOB_UPLOAD_UNKNOWN");
    registry.call("ben", &format!("PATCH {place}"), "", "x").await.is(403, "DENIED");
    assert_eq!(registry.anna(&format!("DELETE {place}")).await.status, 204);
    registry.anna(&format!("DELETE {place}")).await.is(404, "BLOB_UPLOAD_UNKNOWN");
    assert_eq!(registry.files(), 0);
}

#[tokio::test]
async fn a_blob_is_mounted_only_by_those_who_may_pull_it() {
    let registry = TestRegistry::start().await;
    let digest = registry.blob("team/app", b"hello").await;
    let line = format!("POST /v2/team/other/blobs/uploads/?mount={digest}&from=team/app");
    let answer = registry.anna(&line).await;
    assert_eq!(answer.line(&["location"]), format!("201 /v2/team/other/blobs/{digest}"));
    assert_eq!(registry.anna(&format!("GET /v2/team/other/blobs/{digest}")).await.body, "hello");
    // What cannot be mounted is uploaded instead.
    for from in ["team/nothing", "nowhere/app", ".."] {
        let line = format!("POST /v2/team/third/blobs/uploads/?from={from}&mount={digest}");
        assert_eq!(registry.anna(&line).await.status, 202, "{from}");
    }
    // A token for the one repository says nothing of the other.
    let scopes = "scope=repository:open/app:pull,push";
    let answer = registry.anna(&format!("GET /v2/token?{scopes}")).await;
    let bearer = format!("authorization: Bearer {}", answer.json()["token"].as_str().unwrap());
    let line = format!("POST /v2/open/app/blobs/uploads/?from=team/app&mount={digest}");
    assert_eq!(registry.call("", &line, &bearer, "").await.status, 202);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_pushes_of_one_blob_one_file_stays() {
    let registry = TestRegistry::start().await;
    let content = vec![5; 500_000];
    let pushes = (0..8).map(|number| {
        let (registry, content) = (&registry, &content);
        async move { registry.blob(&format!("team/app{}", number % 3), content).await }
    });
    futures_util::future::join_all(pushes).await;
    assert_eq!(registry.files(), 1);
}

#[tokio::test]
async fn a_full_namespace_takes_no_more_and_keeps_nothing_of_it() {
    let registry = TestRegistry::start().await;
    registry.blob("open/app", &[1; 90_000]).await;
    let content = vec![2; 20_000];
    let line = format!("POST /v2/open/app/blobs/uploads/?digest={}", sha256(&content));
    registry.call("anna", &line, "", content).await.is(403, "DENIED");
    settled(&registry, 1).await;
}

#[tokio::test]
async fn a_deleted_blob_is_gone_from_its_repository() {
    let registry = TestRegistry::start().await;
    let digest = registry.blob("team/app", b"hello").await;
    let line = format!("DELETE /v2/team/app/blobs/{digest}");
    registry.call("ben", &line, "", "").await.is(403, "DENIED");
    assert_eq!(registry.anna(&line).await.status, 202);
    registry.anna(&line).await.is(404, "BLOB_UNKNOWN");
    assert_eq!(registry.anna(&format!("HEAD /v2/team/app/blobs/{digest}")).await.status, 404);
}

/// What is cleared up behind an answer takes a moment.
async fn settled(registry: &TestRegistry, expected: usize) {
    for _ in 0..200 {
        if registry.files() == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(registry.files(), expected);
}
