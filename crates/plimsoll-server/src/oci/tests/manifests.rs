//! Manifests and tags.

use super::*;

#[tokio::test]
async fn a_manifest_is_given_out_as_it_came_by_tag_and_by_digest() {
    let registry = TestRegistry::start().await;
    let digest = registry.image("team/app", "v1", "layer", "").await;
    let by_tag = registry.anna("GET /v2/team/app/manifests/v1").await;
    assert_eq!(by_tag.line(&["docker-content-digest", "content-type"]), format!("200 {digest} {OCI}"));
    assert_eq!(sha256(by_tag.body.as_bytes()), digest);
    let by_digest = registry.anna(&format!("GET /v2/team/app/manifests/{digest}")).await;
    assert_eq!(by_digest.body, by_tag.body);
    let head = registry.anna("HEAD /v2/team/app/manifests/v1").await;
    assert_eq!(head.line(&["content-length"]), format!("200 {}", by_tag.body.len()));
    assert_eq!(head.body, "");
    registry.anna("GET /v2/team/app/manifests/v2").await.is(404, "MANIFEST_UNKNOWN");
    assert_eq!(registry.anna("HEAD /v2/team/app/manifests/v2").await.status, 404);
    let other = sha256(b"other");
    registry.anna(&format!("GET /v2/team/app/manifests/{other}")).await.is(404, "MANIFEST_UNKNOWN");
    assert_eq!(registry.anna("GET /v2/team/none/manifests/v1").await.status, 404);
}

#[tokio::test]
async fn a_manifest_whose_parts_are_missing_is_refused() {
    let registry = TestRegistry::start().await;
    let manifest = format!(r#"{{"config":{{"digest":"{}"}},"layers":[]}}"#, sha256(b"never pushed"));
    let answer = registry.manifest("team/app", "v1", manifest).await;
    answer.is(400, "MANIFEST_BLOB_UNKNOWN");
    assert!(answer.body.contains(&sha256(b"never pushed").to_string()), "{}", answer.body);
    assert_eq!(registry.anna("GET /v2/team/app/manifests/v1").await.status, 404);
}

#[tokio::test]
async fn a_manifest_under_the_digest_of_another_is_refused() {
    let registry = TestRegistry::start().await;
    registry.image("team/app", "v1", "layer", "").await;
    let manifest = registry.anna("GET /v2/team/app/manifests/v1").await.body;
    let other = sha256(b"other").to_string();
    registry.manifest("team/app", &other, manifest.clone()).await.is(400, "DIGEST_INVALID");
    let right = Hash::of(Algorithm::Sha512, manifest.as_bytes()).to_string();
    let answer = registry.manifest("team/app", &right, manifest).await;
    assert_eq!(answer.line(&["docker-content-digest"]), format!("201 {right}"));
}

#[tokio::test]
async fn what_is_no_manifest_is_refused() {
    let registry = TestRegistry::start().await;
    for content in ["", "[]", "{}", "{\"layers\":", &"[".repeat(100_000)] {
        registry.manifest("team/app", "v1", content.to_owned()).await.is(400, "MANIFEST_INVALID");
    }
    let large = "x".repeat(5_000_000);
    registry.manifest("team/app", "v1", large).await.is(413, "SIZE_INVALID");
    registry.manifest("team/app", ".bad", "{}".to_owned()).await.is(400, "MANIFEST_INVALID");
    // Nothing can have that name: whoever asks for it is told so.
    registry.anna("GET /v2/team/app/manifests/.bad").await.is(404, "MANIFEST_UNKNOWN");
    assert_eq!(registry.anna("HEAD /v2/team/app/manifests/.bad").await.status, 404);
    registry.manifest("team/App", "v1", "{}".to_owned()).await.is(400, "NAME_INVALID");
    registry.manifest("app", "v1", "{}".to_owned()).await.is(400, "NAME_INVALID");
}

#[tokio::test]
async fn deleting_a_tag_keeps_the_manifest_and_deleting_the_manifest_takes_its_tags() {
    let registry = TestRegistry::start().await;
    let digest = registry.image("team/app", "v1", "layer", "").await;
    registry.image("team/app", "v2", "layer", "").await;
    assert_eq!(registry.anna("DELETE /v2/team/app/manifests/v1").await.status, 202);
    registry.anna("GET /v2/team/app/manifests/v1").await.is(404, "MANIFEST_UNKNOWN");
    assert_eq!(registry.anna("GET /v2/team/app/manifests/v2").await.status, 200);
    let blob = format!("DELETE /v2/team/app/blobs/{}", sha256(b"layer"));
    registry.anna(&blob).await.is(405, "UNSUPPORTED");
    let line = format!("DELETE /v2/team/app/manifests/{digest}");
    registry.call("ben", &line, "", "").await.is(403, "DENIED");
    assert_eq!(registry.anna(&line).await.status, 202);
    registry.anna("GET /v2/team/app/manifests/v2").await.is(404, "MANIFEST_UNKNOWN");
    registry.anna(&line).await.is(404, "MANIFEST_UNKNOWN");
}

#[tokio::test]
async fn addresses_and_methods_that_are_not_there_are_said_so() {
    let registry = TestRegistry::start().await;
    registry.anna("GET /v2/team/app").await.is(404, "UNSUPPORTED");
    registry.anna("POST /v2/team/app/manifests/v1").await.is(405, "UNSUPPORTED");
    registry.anna("PUT /v2/team/app/tags/list").await.is(405, "UNSUPPORTED");
    registry.anna("GET /v2/team/app/blobs/sha256:abc").await.is(400, "DIGEST_INVALID");
}
