//! Namespaces: made, changed under a precondition, deleted; lists in pages.

use super::*;

#[tokio::test]
async fn a_namespace_is_made_changed_and_deleted() {
    let test = TestApi::start().await;
    let made = test.post("root", "/namespaces", json!({ "name": "new", "quota_bytes": 10 })).await;
    assert_eq!(made.header("location"), "/api/v1/namespaces/new");
    assert_eq!(made.ok(201)["auto_scan"], true);
    test.post("root", "/namespaces", json!({ "name": "new" })).await.is(409, "exists");
    test.post("root", "/namespaces", json!({ "name": "New" })).await.is(400, "invalid-request");
    let problem = test.post("root", "/namespaces", json!({ "nam": "x" })).await.is(400, "invalid-request");
    assert!(problem["detail"].as_str().unwrap().contains("nam"));
    let settings = json!({ "public": true, "auto_scan": false, "refusal": "harbor", "quota_bytes": null });
    let changed = test.call("root", "PUT /namespaces/new", "", Some(settings)).await.ok(200);
    assert_eq!((&changed["public"], &changed["refusal"]), (&json!(true), &json!("harbor")));
    test.push(("new", "app"), "v1", "image").await;
    test.call("root", "DELETE /namespaces/new", "", None).await.is(409, "in-use");
    test.call("root", "DELETE /namespaces/new/repositories/app", "", None).await.ok(204);
    test.call("root", "DELETE /namespaces/new", "", None).await.ok(204);
    test.get("root", "/namespaces/new").await.is(404, "not-found");
}

#[tokio::test]
async fn a_namespace_names_the_engine_that_judges_it() {
    let test = TestApi::start().await;
    let engines = test.get("ben", "/engines").await.ok(200);
    assert_eq!(engines.as_array().map(Vec::len), Some(1));
    assert_eq!((&engines[0]["id"], &engines[0]["usable"]), (&json!("plimsoll"), &json!(false)));
    assert_eq!(engines[0]["trouble"], "this instance does not scan");
    test.get("", "/engines").await.is(401, "unauthenticated");
    assert_eq!(
        test.post("root", "/namespaces", json!({ "name": "new" })).await.ok(201)["engine"],
        "plimsoll"
    );
    let unknown = json!({ "name": "newer", "engine": "clair" });
    let problem = test.post("root", "/namespaces", unknown).await.is(400, "invalid-request");
    assert_eq!(problem["detail"], "there is no engine `clair`; known are plimsoll");
    assert_eq!(problem["pointer"], "/engine");
    let settings = |engine: Value| {
        let settings = json!({ "public": true, "auto_scan": true, "refusal": "denied", "quota_bytes": null,
            "engine": engine });
        Some(settings)
    };
    let put = "PUT /namespaces/new";
    test.call("root", put, "", settings(json!("clair"))).await.is(400, "invalid-request");
    for engine in [json!("plimsoll"), Value::Null] {
        let changed = test.call("root", put, "", settings(engine)).await.ok(200);
        assert_eq!(changed["engine"], "plimsoll");
    }
}

#[tokio::test]
async fn nobody_overwrites_a_change_that_they_have_not_seen() {
    let test = TestApi::start().await;
    let tag = test.get("anna", "/namespaces/team").await.header("etag").to_owned();
    let again = test.call("anna", "GET /namespaces/team", &format!("if-none-match: {tag}"), None).await;
    assert_eq!((again.status, again.body.as_str(), again.header("etag")), (304, "", tag.as_str()));
    let settings =
        |public| json!({ "public": public, "auto_scan": true, "refusal": "denied", "quota_bytes": null });
    let matching = format!("if-match: {tag}");
    let put = "PUT /namespaces/team";
    test.call("anna", put, &matching, Some(settings(true))).await.ok(200);
    test.call("anna", put, &matching, Some(settings(false))).await.is(412, "precondition-failed");
    assert_eq!(test.get("anna", "/namespaces/team").await.ok(200)["public"], true);
}

#[tokio::test]
async fn a_list_is_read_page_by_page() {
    let test = TestApi::start().await;
    for number in 0..5 {
        test.push(("team", &format!("app-{number}")), "v1", "image").await;
    }
    let first = test.get("anna", "/namespaces/team/repositories?limit=2&q=APP").await;
    assert_eq!(first.items("name"), ["app-0", "app-1"]);
    let next = first.ok(200)["next"].as_str().unwrap().to_owned();
    let link = first.header("link");
    assert!(link.starts_with("</api/v1/namespaces/team/repositories?limit=2&q=APP&cursor="), "{link}");
    assert!(link.contains(&next));
    let path = link.trim_start_matches("</api/v1").split('>').next().unwrap().to_owned();
    let second = test.get("anna", &path).await;
    assert_eq!(second.items("name"), ["app-2", "app-3"]);
    let next = second.ok(200)["next"].as_str().unwrap().to_owned();
    let third = test.get("anna", &format!("/namespaces/team/repositories?limit=2&cursor={next}")).await;
    assert_eq!(third.items("name"), ["app-4"]);
    assert_eq!((&third.ok(200)["next"], third.header("link")), (&Value::Null, ""));
    let foreign = format!("/namespaces/team/repositories/app-0/tags?cursor={next}");
    test.get("anna", &foreign).await.is(400, "invalid-request");
    for bad in ["limit=0", "limit=501", "limit=x", "limit=", "cursor=x", "sort=name", "limit=1&limit=2"] {
        let path = format!("/namespaces/team/repositories?{bad}");
        test.get("anna", &path).await.is(400, "invalid-request");
    }
}

#[tokio::test]
async fn a_namespace_is_summed_up() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    test.push(("team", "app"), "v2", "other").await;
    let summary = test.get("vera", "/namespaces/team/summary").await.ok(200);
    assert_eq!((&summary["repositories"], &summary["artifacts"]), (&json!(1), &json!(2)));
}
