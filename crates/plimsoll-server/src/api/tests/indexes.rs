//! Indexes on a whole server: they stand where their images stand, and a pull check looks into them.

use plimsoll_core::Severity;

use super::served::Served;
use super::*;
use crate::scanning::tests::debian;

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const ARTIFACTS: &str = "/namespaces/team/repositories/app/artifacts";

impl Served {
    /// Pushes an index of these manifests.
    async fn push_index(&self, tag: &str, manifests: &[(&str, &str)]) {
        let entry = |(digest, architecture): &(&str, &str)| {
            let platform = json!({ "os": "linux", "architecture": architecture });
            let media_type = "application/vnd.oci.image.manifest.v1+json";
            json!({ "mediaType": media_type, "digest": digest, "size": 1, "platform": platform })
        };
        let manifests: Vec<Value> = manifests.iter().map(entry).collect();
        let content = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests }).to_string();
        let line = format!("PUT /v2/team/app/manifests/{tag}");
        assert_eq!(self.registry(&line, INDEX, content.into_bytes()).await.status, 201);
    }

    async fn delete(&self, digest: &str) {
        self.call("admin", &format!("DELETE {ARTIFACTS}/{digest}"), None).await.ok(204);
    }
}

#[tokio::test]
async fn an_index_is_the_sum_of_its_images_wherever_it_is_shown() {
    let served = Served::start().await;
    served.database(1, &[("openssl", "CVE-2026-1", "3.0.20", Severity::High)]);
    served.until("/database", |it| it["present"] == true).await;
    let bad = served.push("team/app", "bad", &debian("3.0.15-1", "")).await;
    let good = served.push("team/app", "good", &debian("3.0.20-1", "")).await;
    let mut size_bytes = 0;
    for reference in ["bad", "good"] {
        let found = served.scanned("team/app", reference).await;
        assert_eq!(found["snapshot"]["sequence"], 1);
        assert_eq!((&found["engine"]["name"], &found["index_state"]), (&json!("plimsoll"), &Value::Null));
        let artifact = &found["artifact"];
        assert!(artifact["size_bytes"].as_u64() > artifact["manifest_size_bytes"].as_u64(), "{artifact}");
        size_bytes += artifact["size_bytes"].as_u64().unwrap();
    }
    served.push_index("all", &[(&bad, "amd64"), (&good, "arm64")]).await;
    let found = served.get("vera", &format!("{ARTIFACTS}/all")).await.ok(200);
    let artifact = &found["artifact"];
    assert_eq!(artifact["size_bytes"], size_bytes);
    assert_eq!(
        (&artifact["scan"]["state"], &artifact["scan"]["limited"]),
        (&json!("complete"), &json!(false))
    );
    assert_eq!((&artifact["summary"]["high"], &artifact["summary"]["complete"]), (&json!(1), &json!(true)));
    assert_eq!((&found["sum"], &found["index_state"]), (&artifact["summary"], &artifact["scan"]["state"]));
    assert_eq!((&found["scanned_images"], &found["scannable_images"]), (&json!(2), &json!(2)));
    assert_eq!((&found["snapshot"]["sequence"], &found["platforms_is_cut"]), (&json!(1), &json!(false)));
    let listed = served.get("vera", "/namespaces/team/artifacts?state=complete&tag=all").await.ok(200);
    assert_eq!(listed["items"][0]["summary"], artifact["summary"]);
    // Its images are counted, and it is not counted a second time.
    let summary = served.get("vera", "/namespaces/team/summary").await.ok(200);
    assert_eq!((&summary["artifacts"], &summary["high"]), (&json!(2), &json!(1)), "{summary}");
    served.delete(&good).await;
    let found = served.get("vera", &format!("{ARTIFACTS}/all")).await.ok(200);
    let artifact = &found["artifact"];
    assert_eq!(
        (&artifact["scan"]["state"], &artifact["scan"]["limited"]),
        (&json!("complete"), &json!(true))
    );
    assert_eq!((&artifact["summary"]["high"], &artifact["summary"]["complete"]), (&json!(1), &json!(false)));
    served.stop().await;
}

#[tokio::test]
async fn a_pull_check_of_an_index_says_which_of_its_images_are_denied_or_gone() {
    let served = Served::start().await;
    served.database(1, &[("openssl", "CVE-2026-1", "3.0.20", Severity::High)]);
    served.until("/database", |it| it["present"] == true).await;
    let bad = served.push("team/app", "bad", &debian("3.0.15-1", "")).await;
    let good = served.push("team/app", "good", &debian("3.0.20-1", "")).await;
    for reference in ["bad", "good"] {
        served.scanned("team/app", reference).await;
    }
    served.push_index("all", &[(&bad, "amd64"), (&good, "arm64")]).await;
    served.block_from_high().await;
    let check = served.get("vera", "/pull-check?image=team/app:all").await.ok(200);
    assert_eq!(check["sentence"], "team/app:all is an index of 2 images, of which 1 may not be pulled");
    assert_eq!((&check["answer"], &check["images_is_cut"]), (&json!("allow"), &json!(false)));
    let answers = [&check["images"][0]["answer"], &check["images"][1]["answer"]];
    assert_eq!(answers, [&json!("deny"), &json!("allow")]);
    served.delete(&good).await;
    let check = served.get("vera", "/pull-check?image=team/app:all").await.ok(200);
    assert_eq!(check["images"][1]["answer"], Value::Null);
    assert_eq!(check["images"][1]["reasons"], json!(["it is not here any more"]));
    served.stop().await;
}
