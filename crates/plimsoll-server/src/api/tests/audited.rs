//! Every change and every refused one is in the audit log, by the name of its route.

use super::*;
use crate::api::route::{Needs, Route};
use crate::api::table;
use crate::app::Clock;
use crate::app::tests::TestServer;

/// A path of the table with an example for each parameter.
fn example(path: &str) -> String {
    let path = path
        .replace("{namespace}", "team")
        .replace("{repository}", "app")
        .replace("{reference}", "v1")
        .replace("{kind}", "user")
        .replace("{name}", "carl")
        .replace("{granted}", "viewer");
    let parts: Vec<&str> = path.split('/').map(|it| if it.starts_with('{') { "1" } else { it }).collect();
    parts.join("/")
}

/// Whatever is added to the table, it is noted: this needs no example of a body.
#[tokio::test]
async fn every_route_that_changes_something_notes_whom_it_refused() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    let body = json!({ "name": "ci", "permissions": ["read"], "namespace": "team" });
    let made = test.post("vera", "/tokens", body).await.ok(201);
    let bearer = format!("authorization: Bearer {}", made["token"].as_str().unwrap());
    // A token may end itself, and is of no use then.
    for route in table::routes().filter(|it| it.is_change() && it.id != "deleteToken") {
        let line = format!("{} {}", route.verb.name().to_uppercase(), example(route.path));
        let reply = test.call("", &line, &bearer, Some(json!({}))).await;
        if reply.status != 403 {
            // Who may, may; the next test is about them.
            assert!(matches!(route.id, "signIn" | "signOut") || route.needs_read(), "{line}");
            continue;
        }
        let log = test.get("root", "/audit?limit=1").await.ok(200)["items"][0].clone();
        assert_eq!((log["action"].as_str(), log["allowed"].as_bool()), (Some(route.id), Some(false)));
        assert_eq!(log["actor"], "user/vera", "{line}");
    }
}

impl Route {
    fn needs_read(&self) -> bool {
        self.needs == Needs::Namespace(plimsoll_store::Permission::Read)
    }
}

/// Changes in an order in which each can be made, and what is sent.
const CHANGES: &[(&str, &str, &str)] = &[
    ("createNamespace", "POST /namespaces", r#"{"name":"team"}"#),
    (
        "changeNamespace",
        "PUT /namespaces/team",
        r#"{"public":false,"auto_scan":false,"refusal":"denied","quota_bytes":null}"#,
    ),
    ("changePolicy", "PUT /namespaces/team/policy", r#"{"policy":{"mode":"block","severity":"high"}}"#),
    ("deletePolicy", "DELETE /namespaces/team/policy", ""),
    ("createUser", "POST /users", r#"{"name":"carl","password":"correct horse"}"#),
    ("changeUser", "PATCH /users/carl", r#"{"disabled":false}"#),
    ("grant", "PUT /namespaces/team/grants/user/carl/viewer", ""),
    ("revoke", "DELETE /namespaces/team/grants/user/carl/viewer", ""),
    ("grantEverywhere", "PUT /grants/user/carl/viewer", ""),
    ("revokeEverywhere", "DELETE /grants/user/carl/viewer", ""),
    ("createRobot", "POST /namespaces/team/robots", r#"{"name":"ci"}"#),
    ("createRobotToken", "POST /namespaces/team/robots/ci/tokens", r#"{"name":"t","permissions":["pull"]}"#),
    ("deleteRobotToken", "DELETE /namespaces/team/robots/ci/tokens/1", ""),
    ("deleteRobot", "DELETE /namespaces/team/robots/ci", ""),
    ("createToken", "POST /tokens", r#"{"name":"t","permissions":["pull"]}"#),
    ("deleteToken", "DELETE /tokens/2", ""),
    ("signIn", "POST /session", r#"{"name":"carl","password":"correct horse"}"#),
    ("deleteUser", "DELETE /users/carl", ""),
    ("deleteNamespace", "DELETE /namespaces/team", ""),
];

#[tokio::test]
async fn a_change_is_noted_with_who_made_it() {
    let server = TestServer::start_with(&[], Clock::system()).await;
    for (id, line, body) in CHANGES {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        let basic = STANDARD.encode("admin:correct horse");
        let request = request.header("content-type", "application/json");
        // Who signs in has not done so yet.
        let request = match *id {
            "signIn" => request,
            _ => request.header("authorization", format!("Basic {basic}")),
        };
        let (status, _, answer) = server.send(request.body(Body::from(*body)).unwrap()).await;
        assert!((200..300).contains(&status), "{line}: {status} {answer}");
        let log = server
            .app
            .store
            .audit_log(
                &server.app.store.authoriser().system(),
                &plimsoll_store::AuditFilter::default(),
                None,
                1,
            )
            .await
            .unwrap();
        let who = if *id == "signIn" { "user/carl" } else { "user/admin" };
        assert_eq!((log[0].action.as_str(), log[0].actor.as_str(), log[0].allowed), (*id, who, true));
        assert!(!format!("{log:?}").contains("horse"));
    }
}

#[tokio::test]
async fn what_only_asks_is_not_noted() {
    let test = TestApi::start().await;
    let preview = "/namespaces/team/policy/preview";
    let body = json!({ "policy": { "mode": "off" }, "days": 1 });
    let before = test.get("root", "/audit?limit=1").await.ok(200)["items"].clone();
    for who in ["root", "vera", "ben"] {
        test.post(who, preview, body.clone()).await;
    }
    assert_eq!(test.get("root", "/audit?limit=1").await.ok(200)["items"], before);
}

#[tokio::test]
async fn wrong_passwords_are_noted_once_and_then_counted() {
    let clock = Clock::of(|| NOW);
    let server = TestServer::start_with(&[], clock).await;
    for number in 0..30 {
        let body = format!(r#"{{"name":"admin","password":"wrong horse {number}"}}"#);
        let request = Request::builder().method("POST").uri("/api/v1/session");
        let request = request.header("content-type", "application/json").body(Body::from(body)).unwrap();
        assert!([401, 429].contains(&server.send(request).await.0));
    }
    let access = server.app.store.authoriser().system();
    server.app.accounts.write_failures(false).await;
    let log =
        server.app.store.audit_log(&access, &plimsoll_store::AuditFilter::default(), None, 10).await.unwrap();
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!((log[0].action.as_str(), log[0].target.as_str(), log[0].allowed), ("signIn", "admin", false));
    server.app.accounts.write_failures(true).await;
    let log =
        server.app.store.audit_log(&access, &plimsoll_store::AuditFilter::default(), None, 10).await.unwrap();
    let detail = "failed 29 times more within the hour, 20 of them without a comparison";
    assert_eq!(log[0].detail.as_deref(), Some(detail));
    assert!(!format!("{log:?}").contains("horse"));
}
