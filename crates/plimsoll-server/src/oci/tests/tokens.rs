//! Signing in, as docker and podman do it.

use super::*;

impl TestRegistry {
    async fn token(&self, who: &str, query: &str) -> String {
        let answer = self.call(who, &format!("GET /v2/token?service=plimsoll&{query}"), "", "").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    async fn bearing(&self, token: &str, line: &str) -> Answer {
        self.call("", line, &format!("authorization: Bearer {token}"), "").await
    }
}

#[tokio::test]
async fn a_client_is_told_where_tokens_are_and_for_what() {
    let registry = TestRegistry::start().await;
    let base = registry.call("", "GET /v2/", "", "").await;
    base.is(401, "UNAUTHORIZED");
    let realm = r#"Bearer realm="http://registry.test/v2/token",service="plimsoll""#;
    assert_eq!(base.header("www-authenticate"), realm);
    assert_eq!(base.header("docker-distribution-api-version"), "registry/2.0");
    let pull = registry.call("", "GET /v2/team/app/manifests/v1", "", "").await;
    assert_eq!(pull.header("www-authenticate"), format!(r#"{realm},scope="repository:team/app:pull""#));
    let push = registry.call("", "POST /v2/team/app/blobs/uploads/", "", "").await;
    assert_eq!(push.header("www-authenticate"), format!(r#"{realm},scope="repository:team/app:pull,push""#));
    assert_eq!(registry.anna("GET /v2/").await.status, 200);
}

#[tokio::test]
async fn a_token_opens_what_it_was_asked_for_and_nothing_else() {
    let registry = TestRegistry::start().await;
    registry.image("team/app", "v1", "layer", "").await;
    let token = registry.token("ben", "scope=repository:team/app:pull,push").await;
    assert_eq!(registry.bearing(&token, "GET /v2/").await.status, 200);
    assert_eq!(registry.bearing(&token, "GET /v2/team/app/manifests/v1").await.status, 200);
    // He asked for push and may not: to ask again would not help.
    registry.bearing(&token, "POST /v2/team/app/blobs/uploads/").await.is(403, "DENIED");
    let other = registry.bearing(&token, "GET /v2/team/other/manifests/v1").await;
    other.is(401, "UNAUTHORIZED");
    assert!(other.header("www-authenticate").ends_with(r#"error="insufficient_scope""#));
    let token = registry.token("anna", "scope=repository:team/app:pull,push").await;
    assert_eq!(registry.bearing(&token, "POST /v2/team/app/blobs/uploads/").await.status, 202);
}

#[tokio::test]
async fn without_an_account_public_namespaces_can_be_pulled_from_and_nothing_else() {
    let registry = TestRegistry::start().await;
    registry.image("open/app", "v1", "layer", "").await;
    registry.image("team/app", "v1", "layer", "").await;
    let scopes = "scope=repository:open/app:pull,push&scope=repository:team/app:pull";
    let token = registry.token("", scopes).await;
    assert_eq!(registry.bearing(&token, "GET /v2/open/app/manifests/v1").await.status, 200);
    registry.bearing(&token, "POST /v2/open/app/blobs/uploads/").await.is(401, "UNAUTHORIZED");
    registry.bearing(&token, "GET /v2/team/app/manifests/v1").await.is(401, "UNAUTHORIZED");
    assert_eq!(registry.call("", "GET /v2/open/app/manifests/v1", "", "").await.status, 200);
}

#[tokio::test]
async fn an_offline_token_gets_others_and_opens_nothing_itself() {
    let registry = TestRegistry::start().await;
    let query = "GET /v2/token?service=plimsoll&offline_token=true&client_id=docker";
    let answer = registry.call("anna", query, "", "").await;
    let offline = answer.json()["refresh_token"].as_str().unwrap().to_owned();
    registry.bearing(&offline, "GET /v2/").await.is(401, "UNAUTHORIZED");
    let form = format!(
        "grant_type=refresh_token&service=plimsoll&scope=repository%3Ateam%2Fapp%3Apush&refresh_token={offline}"
    );
    let answer =
        registry.call("", "POST /v2/token", "content-type: application/x-www-form-urlencoded", form).await;
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(registry.bearing(&token, "POST /v2/team/app/blobs/uploads/").await.status, 202);
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    registry.call("", "POST /v2/token", "", form).await.is(401, "UNAUTHORIZED");
    // Somebody who has not signed in gets none.
    let answer = registry.call("", query, "", "").await;
    assert_eq!(answer.json()["refresh_token"], serde_json::Value::Null);
}

#[tokio::test]
async fn what_is_wrong_is_refused_everywhere() {
    let registry = TestRegistry::start().await;
    registry.image("open/app", "v1", "layer", "").await;
    let wrong = STANDARD.encode("anna:wrong");
    let basic = format!("Basic {wrong}");
    for authorization in [basic.as_str(), "Basic !", "Bearer x", "Bearer", "Digest x", "x"] {
        let header = format!("authorization: {authorization}");
        for line in ["GET /v2/", "GET /v2/open/app/manifests/v1"] {
            registry.call("", line, &header, "").await.is(401, "UNAUTHORIZED");
        }
        registry.call("", "GET /v2/token", &header, "").await.is(401, "UNAUTHORIZED");
    }
    let form = "grant_type=password&username=anna&password=wrong";
    registry.call("", "POST /v2/token", "", form).await.is(401, "UNAUTHORIZED");
    let form = "grant_type=password&username=anna&password=secret&access_type=offline";
    let answer = registry.call("", "POST /v2/token", "", form).await;
    assert!(answer.json()["refresh_token"].is_string(), "{}", answer.body);
    registry.call("", "PUT /v2/token", "", "").await.is(405, "UNSUPPORTED");
}
