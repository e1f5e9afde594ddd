//! Scans: asked for, on their way, stopped; by selectors.

use plimsoll_store::{Lease, Scan};

use super::*;

const SCAN: &str = "/namespaces/team/repositories/app/artifacts/v1/scan";

impl TestApi {
    async fn claim(&self) -> Option<Lease> {
        let access = self.store.authoriser().system::<Scan>();
        let now = serve::now();
        self.store.claim(&access, "worker", Timestamp(now.0 + 100), now).await.unwrap()
    }
}

#[tokio::test]
async fn a_scan_is_asked_for_once_and_stopped() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    let asked = test.call("anna", &format!("POST {SCAN}"), "", None).await.ok(202);
    assert_eq!(asked["scans"], 1);
    test.call("anna", &format!("POST {SCAN}"), "", None).await.is(409, "scan-running");
    assert_eq!(test.get("vera", SCAN).await.ok(200)["state"], "queued");
    let lease = test.claim().await.unwrap();
    test.store.heartbeat(&lease, "layers", 40, serve::now()).await.unwrap();
    let status = test.get("vera", SCAN).await.ok(200);
    assert_eq!((&status["state"], &status["progress_percent"]), (&json!("scanning"), &json!(40)));
    let list = test.get("vera", "/namespaces/team/artifacts?state=scanning").await;
    assert_eq!(list.items("repository"), ["app"]);
    assert_eq!(test.call("anna", &format!("DELETE {SCAN}"), "", None).await.ok(200)["stopped"], 1);
    assert_eq!(test.call("anna", &format!("DELETE {SCAN}"), "", None).await.ok(200)["stopped"], 0);
    let scans = test.get("vera", &format!("{SCAN}s")).await.ok(200);
    assert_eq!(scans["items"][0]["state"], "stopped");
    assert_eq!(scans["items"][0]["asked_by"], "user/anna");
    let id = scans["items"][0]["id"].as_i64().unwrap();
    assert_eq!(test.get("vera", &format!("{SCAN}s/{id}/log")).await.status, 200);
    test.get("vera", &format!("{SCAN}s/{}/log", id + 1)).await.is(404, "not-found");
}

#[tokio::test]
async fn a_scan_that_failed_shows_its_log() {
    let test = TestApi::start().await;
    test.push(("team", "app"), "v1", "image").await;
    test.call("anna", &format!("POST {SCAN}"), "", None).await.ok(202);
    let mut now = serve::now();
    for _ in 0..3 {
        let access = test.store.authoriser().system::<Scan>();
        now = Timestamp(now.0 + 10_000);
        let lease = test.store.claim(&access, "worker", Timestamp(now.0 + 100), now).await.unwrap().unwrap();
        test.store.fail(&lease, "no answer", now).await.unwrap();
    }
    let scans = test.get("vera", &format!("{SCAN}s")).await.ok(200);
    assert_eq!(
        (&scans["items"][0]["state"], &scans["items"][0]["has_log"]),
        (&json!("failed"), &json!(true))
    );
    let log = test.get("vera", &format!("{SCAN}s/{}/log", scans["items"][0]["id"])).await;
    assert_eq!((log.status, log.body.as_str()), (200, "no answer"));
}

#[tokio::test]
async fn many_are_asked_for_by_a_selector_and_stopped_together() {
    let test = TestApi::start().await;
    for (repository, tag) in [("app", "v1"), ("app", "v2"), ("web", "latest")] {
        test.push(("team", repository), tag, tag).await;
    }
    let path = "/namespaces/team/scans";
    let dry = json!({ "tag": "v*", "dry_run": true });
    assert_eq!(test.post("anna", path, dry).await.ok(202)["selected"], 2);
    let asked = test.post("anna", path, json!({ "repository": "web" })).await.ok(202);
    assert_eq!(asked, json!({ "selected": 1, "requested": 1, "running": 0 }));
    let asked = test.call("anna", &format!("POST {path}"), "", None).await.ok(202);
    assert_eq!(asked, json!({ "selected": 3, "requested": 2, "running": 1 }));
    test.post("anna", path, json!({ "repository": "//" })).await.is(400, "invalid-request");
    assert_eq!(test.call("anna", &format!("DELETE {path}"), "", None).await.ok(200)["stopped"], 3);
    let queue = test.get("root", "/instance/queue").await.ok(200);
    assert_eq!(queue, json!([{ "kind": "scan", "state": "stopped", "count": 3 }]));
}
