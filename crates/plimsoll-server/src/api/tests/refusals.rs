//! Every route of the document refuses whom it should, and tells nobody what is not for them.

use super::*;

/// A route of the document, with an example for each parameter of its path.
struct Operation {
    line: String,
    scope: String,
    permission: String,
}

fn operations(namespace: &str) -> Vec<Operation> {
    let document: Value = serde_json::from_str(&Api::document()).unwrap();
    let digest = format!("sha256:{}", "a".repeat(64));
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let path = path
                .replace("{namespace}", namespace)
                .replace("{repository}", "app")
                .replace("{reference}", &digest)
                .replace("{kind}", "user")
                .replace("{feed}", "debian")
                .replace("{name}", "carl")
                .replace("{granted}", "viewer");
            let path: Vec<&str> =
                path.split('/').map(|it| if it.starts_with('{') { "1" } else { it }).collect();
            let needs = &operation["x-permission"];
            operations.push(Operation {
                line: format!("{} {}", method.to_uppercase(), path.join("/")),
                scope: needs["scope"].as_str().unwrap().to_owned(),
                permission: needs["permission"].as_str().unwrap_or_default().to_owned(),
            });
        }
    }
    assert!(operations.len() > 50);
    operations
}

impl TestApi {
    async fn try_as(&self, who: &str, operation: &Operation) -> Reply {
        let body = (!operation.line.starts_with("GET")).then(|| json!({}));
        self.call(who, &operation.line, "", body).await
    }
}

#[tokio::test]
async fn nobody_who_has_not_signed_in_gets_anything() {
    let test = TestApi::start().await;
    let mut open = Vec::new();
    for (here, missing) in operations("team").iter().zip(operations("missing")) {
        if here.scope == "nobody" {
            open.push(here.line.clone());
            continue;
        }
        let reply = test.try_as("", here).await;
        reply.is(401, "unauthenticated");
        assert_eq!(reply.body, test.try_as("", &missing).await.body, "{}", here.line);
    }
    // The list may only shrink.
    let expected = ["GET /docs", "GET /openapi.json", "DELETE /session", "POST /session", "GET /sign-in"];
    assert_eq!(open, expected);
}

#[tokio::test]
async fn somebody_without_the_permission_is_refused() {
    let test = TestApi::start().await;
    for operation in operations("team") {
        let reply = match (operation.scope.as_str(), operation.permission.as_str()) {
            ("nobody" | "somebody" | "themselves", _) => continue,
            ("instance", _) => test.try_as("ben", &operation).await,
            (_, "read") => {
                test.try_as("carl", &operation).await.is(404, "not-found");
                continue;
            }
            _ => test.try_as("vera", &operation).await,
        };
        reply.is(403, "forbidden");
    }
}

#[tokio::test]
async fn somebody_of_another_namespace_does_not_learn_whether_this_one_is_there() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    for (here, missing) in operations("team").iter().zip(operations("missing")) {
        if here.scope == "namespace" {
            let reply = test.try_as("ben", here).await;
            reply.is(404, "not-found");
            assert_eq!(reply.body, test.try_as("ben", &missing).await.body, "{}", here.line);
        }
    }
}

#[tokio::test]
async fn who_may_is_not_refused() {
    let test = TestApi::start().await;
    for operation in operations("team") {
        if operation.line.starts_with("DELETE /namespaces/team ") || operation.line.contains("/events/stream")
        {
            continue;
        }
        let reply = test.try_as("root", &operation).await;
        assert!(![401, 403, 500].contains(&reply.status), "{} {}", operation.line, reply.body);
    }
}

#[tokio::test]
async fn a_token_may_no_more_than_it_says() {
    let test = TestApi::start().await;
    let body = json!({ "name": "ci", "permissions": ["read"], "namespace": "team" });
    let made = test.post("anna", "/tokens", body).await.ok(201);
    let bearer = format!("authorization: Bearer {}", made["token"].as_str().unwrap());
    for operation in operations("team") {
        // The first token is this one, which may end itself.
        if operation.line.contains("/events/stream") || operation.line == "DELETE /tokens/1" {
            continue;
        }
        let body = (!operation.line.starts_with("GET")).then(|| json!({}));
        let reply = test.call("", &operation.line, &bearer, body).await;
        let refused = match operation.scope.as_str() {
            "themselves" | "instance" => true,
            "namespace" => operation.permission != "read",
            _ => false,
        };
        assert_eq!(reply.status == 403, refused, "{} {}", operation.line, reply.body);
    }
}

#[tokio::test]
async fn lists_over_all_namespaces_hold_what_one_may_read() {
    let test = TestApi::start().await;
    for place in ["team", "other", "open"] {
        test.push((place, "app"), "v1", place).await;
    }
    for (who, expected) in [
        ("root", &["open", "other", "team"][..]),
        ("anna", &["open", "team"]),
        ("ben", &["open", "other"]),
        ("carl", &["open"]),
    ] {
        assert_eq!(test.get(who, "/namespaces").await.items("name"), expected, "{who}");
        let mut seen = test.get(who, "/artifacts").await.items("namespace");
        seen.sort();
        assert_eq!(seen, expected, "{who}");
        let found = test.get(who, "/search?q=app").await.ok(200);
        assert_eq!(found["repositories"].as_array().unwrap().len(), expected.len(), "{who}");
    }
    let digest = Hash::of(Algorithm::Sha256, b"team").to_string();
    for (who, count) in [("anna", 1), ("ben", 0)] {
        let found = test.get(who, &format!("/search?q={}", &digest[7..20])).await.ok(200);
        assert_eq!(found["artifacts"].as_array().unwrap().len(), count, "{who}");
    }
}

#[tokio::test]
async fn everybody_reads_a_public_namespace_and_nobody_changes_it() {
    let test = TestApi::start().await;
    test.push(("open", "app"), "v1", "image").await;
    assert_eq!(test.get("", "/namespaces/open").await.ok(200)["public"], true);
    assert_eq!(test.get("", "/namespaces/open/artifacts").await.items("repository"), ["app"]);
    test.call("", "DELETE /namespaces/open/repositories/app", "", None).await.is(401, "unauthenticated");
    test.call("carl", "DELETE /namespaces/open/repositories/app", "", None).await.is(403, "forbidden");
}
