//! What the console reads, on a whole server: overviews, refused pulls, scans, plans, histories, pull
//! checks, the database.

use plimsoll_core::Severity;

use super::served::Served;
use super::*;
use crate::scanning::tests::debian;

const APP: &str = "/namespaces/team/repositories/app/artifacts/v1";

/// A server with one image that has two vulnerabilities, one of which has a fix.
async fn started() -> (Served, String) {
    let served = Served::start().await;
    served.database(1, &[("openssl", "CVE-2026-1", "3.0.20", Severity::High)]);
    served.until("/database", |it| it["present"] == true).await;
    let digest = served.push("team/app", "v1", &debian("3.0.15-1", "")).await;
    served.scanned("team/app", "v1").await;
    (served, digest)
}

#[tokio::test]
async fn an_overview_says_how_things_stand_for_whoever_asks() {
    let (served, digest) = started().await;
    crate::keeping::count_changed(&served.server.app).await.unwrap();
    for path in ["/overview", "/namespaces/team/overview"] {
        let found = served.get("vera", path).await.ok(200);
        assert_eq!((&found["artifacts"], &found["coverage"]["complete"]), (&json!(1), &json!(1)), "{path}");
        assert_eq!((&found["vulnerabilities"]["high"], &found["fixable"]), (&json!(1), &json!(1)));
        assert_eq!((&found["fixable_share"], &found["artifacts_by_worst"]["high"]), (&json!(1.0), &json!(1)));
        assert_eq!(found["worst"][0]["digest"], digest);
        assert_eq!(found["trend"][0]["vulnerabilities"]["high"], 1);
        assert_eq!(found["database"]["present"], true);
        assert!(found["counted_at"].is_string());
        assert_eq!(
            (&found["namespaces_uncounted"], &found["newly_affected_is_cut"]),
            (&json!(0), &json!(false))
        );
    }
    let other = served.get("ben", "/overview").await.ok(200);
    assert_eq!((&other["artifacts"], &other["worst"]), (&json!(0), &json!([])));
    served.get("ben", "/namespaces/team/overview").await.is(404, "not-found");
    served.get("vera", "/overview?days=0").await.is(400, "invalid-request");
    served.stop().await;
}

#[tokio::test]
async fn what_a_new_database_finds_is_newly_affected_and_stands_in_the_history() {
    let (served, _) = started().await;
    let rows = [
        ("openssl", "CVE-2026-1", "3.0.20", Severity::High),
        ("openssl", "CVE-2026-2", "3.0.21", Severity::Critical),
    ];
    served.database(2, &rows);
    let newly = |it: &Value| it["newly_affected"][0]["vulnerability"] == "CVE-2026-2";
    let found = served.until("/namespaces/team/overview", newly).await;
    let new = &found["newly_affected"][0];
    assert_eq!((&new["severity"], &new["artifacts"]), (&json!("critical"), &json!(1)));
    assert_eq!(served.get("ben", "/overview").await.ok(200)["newly_affected"], json!([]));
    let history = served.get("vera", &format!("{APP}/history")).await;
    let what = history.items("what");
    assert!(what.contains(&"scan".to_owned()) && what.last().unwrap() == "pushed", "{what:?}");
    let body = history.ok(200);
    assert_eq!(body["is_cut"], false);
    let items = body["items"].as_array().unwrap();
    let database = items.iter().find(|it| it["what"] == "database").unwrap();
    assert_eq!(database["database"]["appeared"], 1);
    assert_eq!(database["database"]["changes"][0]["vulnerability"], "CVE-2026-2");
    let differences = served.get("vera", "/database/compare?from=1&to=2").await.ok(200);
    assert_eq!((&differences["added"], &differences["removed"]), (&json!(1), &json!(0)));
    assert_eq!(differences["items"][0]["vulnerability"], "CVE-2026-2");
    served.get("vera", "/database/compare?from=1&to=77").await.is(404, "not-found");
    let snapshots = served.get("vera", "/database/snapshots").await.ok(200);
    let current: Vec<&Value> =
        snapshots["items"].as_array().unwrap().iter().map(|it| &it["current"]).collect();
    assert_eq!(current, [&json!(true), &json!(false)]);
    served.stop().await;
}

#[tokio::test]
async fn a_fix_plan_is_tried_by_the_matcher() {
    let (served, _) = started().await;
    let plan = served.get("vera", &format!("{APP}/plan")).await.ok(200);
    assert_eq!((&plan["before"]["high"], &plan["after"]["total"]), (&json!(1), &json!(0)), "{plan}");
    let step = &plan["steps"][0];
    assert_eq!((&step["name"], &step["to"]), (&json!("openssl"), &json!("3.0.20")));
    assert_eq!((&step["clears"], &step["not_cleared"]), (&json!(["CVE-2026-1"]), &json!([])));
    assert_eq!((&plan["left"], &plan["introduced"]), (&json!([]), &json!([])));
    served.get("ben", &format!("{APP}/plan")).await.is(404, "not-found");
    served.stop().await;
}

#[tokio::test]
async fn two_artifacts_are_compared_as_far_as_both_may_be_read() {
    let (served, _) = started().await;
    served.push("team/app", "v2", &debian("3.0.20-1", "")).await;
    served.scanned("team/app", "v2").await;
    served.push("other/app", "v1", &debian("3.0.20-1", "")).await;
    for with in ["v2", "team/app:v2", "registry.test/team/app:v2"] {
        let found = served.get("vera", &format!("{APP}/compare?with={with}")).await.ok(200);
        assert_eq!(found["findings"]["gone"][0]["id"], "CVE-2026-1", "{found}");
    }
    for with in ["other/app:v1", "team/app:v9", "missing/app:v1"] {
        served.get("vera", &format!("{APP}/compare?with={with}")).await.is(404, "not-found");
    }
    served.get("vera", &format!("{APP}/compare")).await.is(400, "invalid-request");
    served.stop().await;
}

#[tokio::test]
async fn a_pull_check_answers_in_sentences_and_a_refused_pull_is_listed() {
    let (served, digest) = started().await;
    let check = served.get("vera", "/pull-check?image=registry.test/team/app:v1").await.ok(200);
    assert_eq!((&check["answer"], &check["may_pull"]), (&json!("allow"), &json!(true)), "{check}");
    served.block_from_high().await;
    let check = served.get("vera", "/pull-check?image=team/app:v1").await.ok(200);
    assert_eq!((&check["answer"], &check["digest"]), (&json!("deny"), &json!(digest)), "{check}");
    assert_eq!(check["reasons"][0]["findings"][0]["vulnerability"], "CVE-2026-1");
    let advice = check["what_to_do"].as_array().unwrap();
    assert!(advice[0].as_str().unwrap().starts_with("Upgrade openssl to 3.0.20"), "{advice:?}");
    let hidden = served.get("ben", "/pull-check?image=team/app:v1").await.ok(200);
    let missing = served.get("ben", "/pull-check?image=nothing/app:v1").await.ok(200);
    assert_eq!((&hidden["exists"], &hidden["may_read"]), (&Value::Null, &json!(false)));
    assert_eq!(hidden["sentence"].as_str().unwrap().replace("team", "nothing"), missing["sentence"]);
    served.get("vera", "/pull-check?image=app").await.is(400, "invalid-request");
    served.get("vera", "/pull-check").await.is(400, "invalid-request");

    let refused = served.registry("GET /v2/team/app/manifests/v1", "", Vec::new()).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    // No address was set, so that it is the one by which the client came; that is told to nobody else.
    let page = format!("see http://registry.test/namespaces/team/repositories/app/artifacts/{digest}");
    assert!(refused.body.contains(&page), "{}", refused.body);
    served.registry("GET /v2/team/app/manifests/v1", "", Vec::new()).await;
    let now = served.server.app.clock.now();
    served.server.app.gate.tidy(now).await.unwrap();
    for path in ["/refused-pulls", "/namespaces/team/refused-pulls"] {
        for (who, account) in [("anna", json!("user/admin")), ("vera", Value::Null)] {
            let found = served.get(who, path).await.ok(200);
            let pull = &found["items"][0];
            assert_eq!((&pull["account"], &pull["count"]), (&account, &json!(2)), "{found}");
            assert_eq!(pull["account_hidden"], account.is_null());
            assert_eq!((&pull["repository"], &pull["digest"]), (&json!("app"), &json!(digest)));
            assert!(!found.to_string().contains("registry.test"), "{found}");
        }
    }
    assert_eq!(served.get("ben", "/refused-pulls").await.ok(200)["items"], json!([]));
    let overview = served.get("vera", "/overview").await.ok(200);
    assert_eq!(overview["refused_pulls"]["pulls"], 2);
    served.stop().await;
}

#[tokio::test]
async fn who_is_warned_is_told_so_in_a_header() {
    let (served, _) = started().await;
    let policy = json!({ "policy": { "mode": "warn", "severity": "high" } });
    served.call("admin", "PUT /namespaces/team/policy", Some(policy)).await.ok(200);
    let pulled = served.registry("GET /v2/team/app/manifests/v1", "", Vec::new()).await;
    assert_eq!(pulled.status, 200);
    let warning = pulled.header("warning");
    assert!(warning.starts_with("299 - \"team/app may be pulled, but: "), "{warning}");
    assert!(warning.contains("CVE-2026-1"), "{warning}");
    served.stop().await;
}

#[tokio::test]
async fn scans_are_listed_with_figures_and_what_failed_is_tried_again() {
    let (served, digest) = started().await;
    served
        .registry(
            "PUT /v2/team/app/manifests/broken",
            "application/vnd.oci.image.manifest.v1+json",
            broken(&served, "team/app").await,
        )
        .await;
    let failed = |it: &Value| it["items"].as_array().is_some_and(|it| !it.is_empty());
    let found = served.until("/scans?state=failed", failed).await;
    let scan = &found["items"][0];
    assert_eq!((&scan["repository"], &scan["state"]), (&json!("app"), &json!("failed")));
    assert!(scan["why"].as_str().is_some_and(|it| !it.is_empty()), "{scan}");
    let done = served.get("vera", "/namespaces/team/scans?state=complete&newest=true").await;
    assert_eq!(done.items("digest"), [digest]);
    assert_eq!(served.get("ben", "/scans").await.ok(200)["items"], json!([]));
    let figures = served.get("vera", "/scans/figures").await.ok(200);
    assert_eq!(figures["minutes"].as_array().unwrap().len(), 60);
    assert_eq!((&figures["completed"], &figures["failed"]), (&json!(1), &json!(1)), "{figures}");
    assert_eq!(served.get("ben", "/scans/figures").await.ok(200)["completed"], 0);
    assert_eq!(served.post("admin", "/scans/retry", json!({})).await.ok(202)["requested"], 1);
    served.until("/scans?state=failed&newest=true", failed).await;
    let again = served.post("anna", "/namespaces/team/scans", json!({ "failed": true })).await.ok(202);
    assert_eq!(again["requested"], 1);
    let both = json!({ "failed": true, "never_scanned": true });
    served.post("anna", "/namespaces/team/scans", both).await.is(400, "invalid-request");
    served.stop().await;
}

/// A manifest whose layer is no archive.
async fn broken(served: &Served, repository: &str) -> Vec<u8> {
    let (layer, config) =
        (b"no archive at all".to_vec(), b"{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}".to_vec());
    let mut described = Vec::new();
    for (bytes, media_type) in [
        (&config, "application/vnd.oci.image.config.v1+json"),
        (&layer, "application/vnd.oci.image.layer.v1.tar+gzip"),
    ] {
        let digest = Hash::of(Algorithm::Sha256, bytes).to_string();
        let line = format!("POST /v2/{repository}/blobs/uploads/?digest={digest}");
        let reply = served.registry(&line, "application/octet-stream", bytes.clone()).await;
        assert_eq!(reply.status, 201, "{}", reply.body);
        described.push(json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() }));
    }
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": described[0],
        "layers": [described[1]],
    });
    manifest.to_string().into_bytes()
}

#[tokio::test]
async fn the_database_says_what_it_holds_and_takes_no_bundle_that_is_none() {
    let (served, _) = started().await;
    let status = served.get("vera", "/database").await.ok(200);
    assert_eq!((&status["sequence"], &status["scheduled"]), (&json!(1), &json!(false)));
    let debian = status["feeds"].as_array().unwrap().iter().find(|it| it["name"] == "debian").unwrap();
    assert_eq!((&debian["health"], &debian["every_hours"]), (&json!("never"), &json!(1)));
    let known = served.get("vera", "/vulnerabilities/CVE-2026-1/packages").await.ok(200);
    let package = &known["items"][0];
    assert_eq!((&package["package"], &package["fixed_versions"]), (&json!("openssl"), &json!(["3.0.20"])));
    assert_eq!(package["ranges"], json!(["< 3.0.20"]));
    assert_eq!(served.get("vera", "/database/feeds/debian/quarantined").await.ok(200)["items"], json!([]));
    served.get("vera", "/database/feeds/nothing/quarantined").await.is(404, "not-found");

    let import = |query: &'static str| {
        let request = Served::request("admin", &format!("POST /api/v1/database/import{query}"));
        served.send(request.body(Body::from("no bundle")).unwrap())
    };
    Reply::of(import("").await).await.is(400, "invalid-request");
    Reply::of(import("?key=nonsense").await).await.is(400, "invalid-request");
    Reply::of(import("?unsigned=true").await).await.is(400, "invalid-request");
    let folder = served.server.app.data.path().join("db");
    let left = std::fs::read_dir(folder)
        .unwrap()
        .filter(|it| it.as_ref().unwrap().file_name().to_string_lossy().starts_with("received"));
    assert_eq!(left.count(), 0);
    served.post("anna", "/database/import?unsigned=true", json!({})).await.is(403, "forbidden");
    served.stop().await;
}

#[tokio::test]
async fn a_webhook_for_every_namespace_is_made_tried_and_deleted() {
    let (served, _) = started().await;
    let set = json!({ "name": "all", "url": "https://1.1.1.1/hook", "kinds": ["scan.failed"] });
    let made = served.post("admin", "/webhooks", set.clone()).await;
    let id = made.ok(201)["id"].as_i64().unwrap();
    served.post("anna", "/webhooks", set).await.is(403, "forbidden");
    assert_eq!(served.get("admin", "/webhooks").await.ok(200)["items"][0]["id"], id);
    assert_eq!(served.call("admin", &format!("POST /webhooks/{id}/ping"), None).await.status, 204);
    let sent = served.get("admin", &format!("/webhooks/{id}/deliveries")).await;
    assert_eq!(sent.items("kind"), ["ping"]);
    let delivery = &sent.ok(200)["items"][0]["id"];
    assert_eq!(served.call("admin", &format!("POST /deliveries/{delivery}/again"), None).await.status, 204);
    served.call("admin", &format!("POST /webhooks/{}/ping", id + 1), None).await.is(404, "not-found");
    served.get("admin", &format!("/namespaces/team/webhooks/{id}/deliveries")).await.is(404, "not-found");
    assert_eq!(served.call("admin", &format!("DELETE /webhooks/{id}"), None).await.status, 204);
    served.get("admin", &format!("/webhooks/{id}/deliveries")).await.is(404, "not-found");
    assert_eq!(served.get("admin", "/webhooks").await.ok(200)["items"], json!([]));
    let ways = served.get("", "/sign-in").await.ok(200);
    assert_eq!(ways, json!({ "password": true, "providers": [] }));
    served.stop().await;
}
