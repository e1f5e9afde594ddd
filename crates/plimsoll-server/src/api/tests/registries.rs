//! Registries of others, on a whole server: who may, what is refused, and where a password does not go.

use plimsoll_core::Severity;

use super::served::Served;
use super::*;
use crate::scanning::tests::debian;

fn set(more: &Value) -> Value {
    let mut set = json!({ "name": "harbor", "host": "127.0.0.1:9", "username": "bob", "password": "geheim" });
    set.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    set
}

#[tokio::test]
async fn a_password_goes_nowhere_it_was_not_meant_for() {
    let served = Served::start().await;
    served.post("anna", "/registries", set(&json!({}))).await.is(403, "forbidden");
    let made = served.post("admin", "/registries", set(&json!({}))).await.ok(201);
    let one = format!("/registries/{}", made["id"]);
    assert!(!made.to_string().contains("geheim"));
    let change = async |more: Value| {
        let mut body = set(&more);
        body.as_object_mut().unwrap().remove("password");
        served.call("admin", &format!("PUT {one}"), Some(body)).await
    };
    for elsewhere in [json!({"host": "127.0.0.1:10"}), json!({"username": "eve"}), json!({"insecure": true})]
    {
        change(elsewhere).await.is(400, "invalid-request");
    }
    assert_eq!(change(json!({"name": "other"})).await.ok(200)["name"], "other");
    for bad in
        [json!({"host": "https://x.example"}), json!({"host": "169.254.169.254"}), json!({"name": " "})]
    {
        served.post("admin", "/registries", set(&bad)).await.is(400, "invalid-request");
    }
    let nobody = json!({ "name": "x", "host": "x.example", "password": "geheim" });
    served.post("admin", "/registries", nobody).await.is(400, "invalid-request");
    // Nobody listens there.
    let checked = served.call("admin", &format!("POST {one}/check"), None).await.ok(200);
    assert!(checked["problem"].as_str().unwrap().contains("cannot be reached"), "{checked}");
    let listed = served.get("admin", "/registries").await.ok(200);
    assert_eq!(listed["items"][0]["problem"], checked["problem"]);
    assert!(!listed.to_string().contains("geheim"));
    let repositories = served.get("admin", &format!("{one}/repositories")).await.ok(200);
    assert!(repositories["problem"].is_string() && repositories["items"] == json!([]));
    assert_eq!(served.call("admin", &format!("DELETE {one}"), None).await.status, 204);
    served.call("admin", &format!("POST {one}/check"), None).await.is(404, "not-found");
    served.stop().await;
}

#[tokio::test]
async fn a_namespace_with_images_of_its_own_keeps_them() {
    let served = Served::start().await;
    served.database(1, &[("openssl", "CVE-2026-1", "3.0.20", Severity::High)]);
    served.push("team/app", "v1", &debian("3.0.15-1", "")).await;
    let made = served.post("admin", "/registries", set(&json!({}))).await.ok(201);
    let source = json!({ "registry": made["id"], "repositories": ["library/*"] });
    let put = async |namespace: &str| {
        let line = format!("PUT /namespaces/{namespace}/source");
        served.call("admin", &line, Some(source.clone())).await
    };
    put("team").await.is(409, "in-use");
    served.get("admin", "/namespaces/team/source").await.is(404, "not-found");
    served.post("admin", "/namespaces", json!({ "name": "far" })).await.ok(201);
    served.call("anna", "PUT /namespaces/far/source", Some(source.clone())).await.is(403, "forbidden");
    let set = put("far").await.ok(200);
    assert_eq!((&set["tags"], &set["every_minutes"]), (&json!(["*"]), &json!(15)));
    assert_eq!(served.get("admin", "/namespaces/far").await.ok(200)["source_host"], "127.0.0.1:9");
    for listed in ["", "/tags/v1", &format!("/artifacts/sha256:{}", "a".repeat(64))] {
        let line = format!("DELETE /namespaces/far/repositories/app{listed}");
        let refused = served.call("admin", &line, None).await.is(409, "in-use");
        assert!(refused["detail"].as_str().unwrap().contains("delete it there"), "{refused}");
    }
    let looking = tokio::spawn(Arc::clone(&served.server.app.registries).run());
    let failed = served.until("/namespaces/far/source", |it| it["problem"].is_string()).await;
    looking.abort();
    assert!(!failed.to_string().contains("geheim"), "{failed}");
    assert_eq!(served.call("admin", "POST /namespaces/far/source/sync", None).await.status, 204);
    let one = format!("DELETE /registries/{}", made["id"]);
    served.call("admin", &one, None).await.is(409, "in-use");
    assert_eq!(served.call("admin", "DELETE /namespaces/far/source", None).await.status, 204);
    assert_eq!(served.call("admin", &one, None).await.status, 204);
    served.stop().await;
}
