//! Artifacts, tags, and what lists of them can be asked for.

use super::*;

const REPOSITORY: &str = "/namespaces/team/repositories/deep%2Fapp";

#[tokio::test]
async fn an_artifact_is_found_by_tag_and_digest_also_in_a_deep_repository() {
    let test = TestApi::start().await;
    let digest = test.push(("team", "deep/app"), "v1", "image").await;
    for reference in ["v1", &digest.to_string()] {
        let found = test.get("vera", &format!("{REPOSITORY}/artifacts/{reference}")).await.ok(200);
        assert_eq!(found["artifact"]["digest"], digest.to_string());
        assert_eq!(found["artifact"]["repository"], "deep/app");
        assert_eq!(found["artifact"]["tags"], json!(["v1"]));
        assert_eq!(found["artifact"]["scan"]["state"], "not_scanned");
        assert_eq!(found["artifact"]["verdict"], Value::Null);
    }
    for missing in ["v2", &format!("sha256:{}", "0".repeat(64)), "sha256:x", "%2e%2e"] {
        test.get("vera", &format!("{REPOSITORY}/artifacts/{missing}")).await.is(404, "not-found");
    }
    test.get("vera", &format!("{REPOSITORY}/artifacts/v1/verdict")).await.is(404, "not-found");
    assert_eq!(test.get("vera", REPOSITORY).await.ok(200)["artifacts"], 1);
}

#[tokio::test]
async fn lists_are_filtered_and_sorted() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "one").await;
    let digest = test.push(("team", "app"), "v2", "two").await;
    test.push(("team", "web"), "latest", "three").await;
    for (query, expected) in [
        ("", &["web", "app", "app"][..]),
        ("?sort=oldest", &["app", "app", "web"]),
        ("?sort=severity", &["web", "app", "app"]),
        ("?sort=pulled", &["web", "app", "app"]),
        ("?q=we", &["web"]),
        ("?q=%25", &[]),
        ("?tag=v*", &["app", "app"]),
        ("?tag=v_", &[]),
        ("?state=complete", &[]),
        ("?state=not_scanned&tagged=true", &["web", "app", "app"]),
        ("?tagged=false", &[]),
        ("?severity=low", &[]),
        ("?verdict=deny", &[]),
        ("?fixable=false", &["web", "app", "app"]),
        ("?scanned_before=2026-01-01T00:00:00Z", &["web", "app", "app"]),
        ("?pulled_since=2026-01-01T00:00:00Z", &[]),
    ] {
        let path = format!("/namespaces/team/artifacts{query}");
        assert_eq!(test.get("vera", &path).await.items("repository"), expected, "{query}");
    }
    let by_digest = format!("/namespaces/team/artifacts?q={}", &digest.to_string()[..20]);
    assert_eq!(test.get("vera", &by_digest).await.items("digest"), [digest.to_string()]);
    for bad in ["state=done", "severity=none", "sort=size", "tagged=1", "pulled_since=yesterday"] {
        test.get("vera", &format!("/namespaces/team/artifacts?{bad}")).await.is(400, "invalid-request");
    }
    test.get("vera", "/namespaces/team/repositories/none/artifacts").await.is(404, "not-found");
}

#[tokio::test]
async fn every_order_is_read_page_by_page_without_a_gap() {
    let test = TestApi::start().await;
    for number in 0..5 {
        test.push(("team", "app"), &format!("v{number}"), &format!("image {number}")).await;
    }
    for sort in ["pushed", "oldest", "pulled", "severity"] {
        let mut seen = std::collections::BTreeSet::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/namespaces/team/artifacts?limit=2&sort={sort}{cursor}");
            let page = test.get("vera", &path).await;
            seen.extend(page.items("digest"));
            match page.ok(200)["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen.len(), 5, "{sort}");
    }
}

#[tokio::test]
async fn tags_have_a_history_and_artifacts_are_deleted_by_digest() {
    let test = TestApi::start().await;
    let first = test.push(("team", "deep/app"), "v1", "one").await;
    let second = test.push(("team", "deep/app"), "v1", "two").await;
    assert_eq!(test.get("vera", &format!("{REPOSITORY}/tags")).await.items("name"), ["v1"]);
    let history = format!("{REPOSITORY}/tags/v1/history");
    assert_eq!(test.get("vera", &history).await.items("digest"), [second.to_string(), first.to_string()]);
    test.get("vera", &format!("{REPOSITORY}/tags/v9/history")).await.is(404, "not-found");
    test.call("anna", &format!("DELETE {REPOSITORY}/tags/v1"), "", None).await.ok(204);
    test.call("anna", &format!("DELETE {REPOSITORY}/tags/v1"), "", None).await.is(404, "not-found");
    assert_eq!(test.get("vera", &history).await.items("digest")[0], "");
    test.call("anna", &format!("DELETE {REPOSITORY}/artifacts/v1"), "", None)
        .await
        .is(400, "invalid-request");
    test.call("anna", &format!("DELETE {REPOSITORY}/artifacts/{first}"), "", None).await.ok(204);
    test.get("vera", &format!("{REPOSITORY}/artifacts/{first}")).await.is(404, "not-found");
}

#[tokio::test]
async fn exceptions_are_made_by_a_pasted_list_and_end() {
    let test = TestApi::start().await;
    let path = "/namespaces/team/exceptions";
    let body =
        json!({ "vulnerabilities": ["CVE-2024-1, CVE-2024-2"], "reason": "not reachable", "tags": "v*" });
    let made = test.post("anna", path, body).await.ok(201);
    let everywhere = json!({ "vulnerabilities": ["GHSA-*"], "reason": "ours" });
    test.post("root", "/exceptions", everywhere).await.ok(201);
    assert_eq!(test.get("vera", path).await.items("vulnerability"), ["CVE-2024-1", "CVE-2024-2", "GHSA-*"]);
    assert_eq!(test.get("root", "/exceptions").await.items("author"), ["user/root"]);
    for bad in [
        json!({ "vulnerabilities": [], "reason": "x" }),
        json!({ "vulnerabilities": ["CVE-1"], "reason": " " }),
        json!({ "vulnerabilities": ["CVE-1"], "reason": "x", "expires_at": "2001-01-01T00:00:00Z" }),
    ] {
        test.post("anna", path, bad).await.is(400, "invalid-request");
    }
    let id = made["ids"][0].as_i64().unwrap();
    test.call("ben", &format!("DELETE /namespaces/other/exceptions/{id}"), "", None)
        .await
        .is(404, "not-found");
    test.call("anna", &format!("DELETE {path}/{id}"), "", None).await.ok(204);
    assert_eq!(test.get("vera", path).await.items("vulnerability"), ["CVE-2024-2", "GHSA-*"]);
}
