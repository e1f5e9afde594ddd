//! Sessions, tokens, users, robots, grants, and the audit log.

use super::*;

/// The cookie and the value for changes of a session that was begun.
async fn session(test: &TestApi, who: &str) -> (String, String) {
    let reply = test.post("", "/session", json!({ "name": who, "password": "secret" })).await;
    let cookie = reply.header("set-cookie").split(';').next().unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(reply.header("set-cookie").contains(part), "{part}");
    }
    (cookie, reply.ok(201)["csrf_token"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_session_reads_alone_and_changes_with_its_value() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    let (cookie, csrf) = session(&test, "anna").await;
    let cookie = format!("cookie: a=b; {cookie}");
    assert_eq!(test.call("", "GET /account", &cookie, None).await.ok(200)["name"], "anna");
    let line = "DELETE /namespaces/team/repositories/app";
    test.call("", line, &cookie, None).await.is(403, "csrf");
    test.call("", line, &format!("{cookie}\nx-csrf-token: {}", "0".repeat(64)), None).await.is(403, "csrf");
    let both = format!("{cookie}\nx-csrf-token: {csrf}");
    test.call("", line, &both, None).await.ok(204);
    // A page that was loaded anew finds the value again; a token has none.
    let again = test.call("", "GET /session", &cookie, None).await.ok(200);
    assert_eq!((again["csrf_token"].as_str().unwrap(), &again["account"]["name"]), (&*csrf, &json!("anna")));
    test.get("anna", "/session").await.is(404, "not-found");
    test.call("", "GET /session", "", None).await.is(401, "unauthenticated");
    test.call("", "DELETE /session", &both, None).await.ok(204);
    test.call("", "GET /account", &cookie, None).await.is(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_is_wrong_everywhere() {
    let test = TestApi::start().await;
    test.post("", "/session", json!({ "name": "anna", "password": "wrong" }))
        .await
        .is(401, "unauthenticated");
    for authorization in ["Bearer x", "Bearer", "Basic !", "Basic YW5uYTp3cm9uZw==", "Digest x", "x"] {
        let header = format!("authorization: {authorization}");
        for line in ["GET /account", "GET /namespaces/open", "GET /openapi.json"] {
            let reply = test.call("", line, &header, None).await;
            reply.is(401, "unauthenticated");
            assert!(reply.header("www-authenticate").starts_with("Bearer"));
        }
    }
}

#[tokio::test]
async fn a_token_is_told_once_listed_without_itself_and_ended() {
    let test = TestApi::start().await;
    let body = json!({ "name": "ci", "permissions": ["read", "scan"], "expires_at": "2126-01-01T00:00:00Z" });
    let made = test.post("anna", "/tokens", body).await.ok(201);
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("plim_"));
    let list = test.get("anna", "/tokens").await;
    assert!(!list.body.contains(token));
    assert_eq!(list.items("prefix"), [made["prefix"].as_str().unwrap()]);
    let bearer = format!("authorization: Bearer {token}");
    assert_eq!(test.call("", "GET /account", &bearer, None).await.ok(200)["by_token"], true);
    for bad in [
        json!({ "name": "", "permissions": ["read"] }),
        json!({ "name": "x", "permissions": [] }),
        json!({ "name": "x", "permissions": ["all"] }),
        json!({ "name": "x", "permissions": ["read"], "namespace": "other" }),
        json!({ "name": "x", "permissions": ["read"], "expires_at": "2001-01-01T00:00:00Z" }),
    ] {
        test.post("anna", "/tokens", bad).await.is(400, "invalid-request");
    }
    let line = format!("DELETE /tokens/{}", made["id"]);
    test.call("ben", &line, "", None).await.is(404, "not-found");
    test.call("anna", &line, "", None).await.ok(204);
    test.call("", "GET /account", &bearer, None).await.is(401, "unauthenticated");
}

#[tokio::test]
async fn users_are_made_changed_and_deleted() {
    let test = TestApi::start().await;
    test.post("root", "/users", json!({ "name": "dora", "password": "secret" })).await.ok(201);
    test.post("root", "/users", json!({ "name": "dora" })).await.is(409, "exists");
    test.post("root", "/users", json!({ "name": "a/b" })).await.is(400, "invalid-request");
    assert_eq!(
        test.get("root", "/users").await.items("name"),
        ["anna", "ben", "carl", "dora", "root", "vera"]
    );
    let line = "PATCH /users/dora";
    let disabled = test.call("root", line, "", Some(json!({ "disabled": true }))).await.ok(200);
    assert_eq!(disabled["disabled"], true);
    test.get("dora", "/account").await.is(401, "unauthenticated");
    test.call("root", line, "", Some(json!({ "disabled": false }))).await.ok(200);
    let problem = test.call("root", line, "", Some(json!({ "password": "x" }))).await;
    assert_eq!(problem.is(400, "invalid-request")["pointer"], "/password");
    test.call("root", "DELETE /users/dora", "", None).await.ok(204);
    test.get("root", "/users/dora").await.is(404, "not-found");
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_one_so_far() {
    let test = TestApi::start().await;
    let line = "PUT /account/password";
    let body = |old: &str| Some(json!({ "old": old, "new": "another secret" }));
    test.call("anna", line, "", body("wrong")).await.is(400, "invalid-request");
    test.call("anna", line, "", body("secret")).await.ok(204);
    test.get("anna", "/account").await.is(401, "unauthenticated");
}

#[tokio::test]
async fn a_robot_may_what_was_granted_to_it() {
    let test = TestApi::start().await;
    test.post("ben", "/namespaces/other/robots", json!({ "name": "ci" })).await.ok(201);
    let tokens = "/namespaces/other/robots/ci/tokens";
    let body = json!({ "name": "t", "permissions": ["read", "scan"] });
    let made = test.post("ben", tokens, body).await.ok(201);
    let bearer = format!("authorization: Bearer {}", made["token"].as_str().unwrap());
    test.call("", "GET /namespaces/other", &bearer, None).await.is(404, "not-found");
    let grant = "/namespaces/other/grants/robot/ci/viewer";
    test.call("ben", &format!("PUT {grant}"), "", None).await.ok(204);
    test.call("", "GET /namespaces/other", &bearer, None).await.ok(200);
    assert_eq!(test.get("ben", "/namespaces/other/grants").await.items("name"), ["ci", "ben"]);
    // A robot of one namespace is nobody in another.
    test.call("root", "PUT /namespaces/team/grants/robot/ci/viewer", "", None).await.is(404, "not-found");
    test.call("ben", &format!("DELETE {grant}"), "", None).await.ok(204);
    test.call("ben", &format!("DELETE {grant}"), "", None).await.is(404, "not-found");
    test.call("ben", &format!("DELETE {tokens}/{}", made["id"]), "", None).await.ok(204);
    test.call("", "GET /account", &bearer, None).await.is(401, "unauthenticated");
    test.call("ben", "DELETE /namespaces/other/robots/ci", "", None).await.ok(204);
    test.call("ben", "PUT /namespaces/other/grants/user/carl/administrator", "", None)
        .await
        .is(400, "invalid-request");
}

#[tokio::test]
async fn every_change_and_every_refused_one_is_in_the_log() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    test.call("vera", "DELETE /namespaces/team/repositories/app", "", None).await.is(403, "forbidden");
    test.call("anna", "DELETE /namespaces/team/repositories/app", "", None).await.ok(204);
    test.post("root", "/users", json!({ "name": "dora", "password": "secret password" })).await.ok(201);
    let all = test.get("root", "/audit").await;
    assert_eq!(all.items("action"), ["createUser", "deleteRepository", "deleteRepository"]);
    assert!(!all.body.contains("secret"));
    let lines = all.ok(200)["items"].clone();
    assert_eq!((&lines[1]["allowed"], &lines[2]["allowed"]), (&json!(true), &json!(false)));
    assert_eq!((&lines[2]["actor"], &lines[2]["namespace"]), (&json!("user/vera"), &json!("team")));
    let here = test.get("root", "/namespaces/team/audit?limit=1").await;
    assert_eq!(here.items("actor"), ["user/anna"]);
    let next = here.ok(200)["next"].as_str().unwrap().to_owned();
    let path = format!("/namespaces/team/audit?limit=1&cursor={next}");
    assert_eq!(test.get("root", &path).await.items("actor"), ["user/vera"]);
}
