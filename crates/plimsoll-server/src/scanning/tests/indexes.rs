//! Indexes: their images are scanned, and they are where these are.

use plimsoll_core::Algorithm;

use super::*;
use crate::blobs::Hash;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_is_scanned_by_scanning_its_images_and_shows_each() {
    let folder = folder();
    Server::database(folder.path(), 1, &[("CVE-2024-0001", "3.0.11-1", Severity::High)]);
    let server = Server::start(folder.path()).await;
    let old = debian("3.0.9-1", "");
    let new = debian("3.0.12-1", "");
    let mut manifests = Vec::new();
    for (image, architecture) in [(&old, "amd64"), (&new, "arm64")] {
        let manifest = image.manifest();
        server.push("quiet/app", &manifest.digest.to_string(), image).await;
        manifests.push(format!(
            r#"{{"mediaType":"{OCI}","digest":"{}","size":{},"platform":{{"os":"linux","architecture":"{architecture}"}}}}"#,
            manifest.digest,
            manifest.bytes.len()
        ));
    }
    let index = "application/vnd.oci.image.index.v1+json";
    let content =
        format!(r#"{{"schemaVersion":2,"mediaType":"{index}","manifests":[{}]}}"#, manifests.join(","));
    let artifact = server.manifest("quiet/app", "1", index, content.as_bytes()).await;
    assert_eq!(server.state("quiet", artifact).await, ScanState::NotScanned);
    let access = server.may_scan("quiet").await;
    let priority = plimsoll_store::Priority::Asked;
    let requested = server.scanning.request(&access, artifact, priority).await.unwrap();
    assert_eq!(requested, Requested::Images(2));
    assert_eq!(server.ended("quiet", artifact).await, ScanState::Complete);
    let read = server.read("quiet").await;
    let index = server.scanning.index_state(&read, artifact).await.unwrap().unwrap();
    let counts: Vec<_> = index
        .images
        .iter()
        .map(|it| (it.platform.as_deref().unwrap(), it.result.as_ref().unwrap().counts.high))
        .collect();
    assert_eq!(counts, [("linux/amd64", 1), ("linux/arm64", 0)]);
    assert!(!index.limited);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_of_more_than_a_thousand_images_is_given_out_as_it_came_and_shows_each() {
    let folder = folder();
    let server = Server::start(folder.path()).await;
    let image = debian("3.0.9-1", "");
    server.push("quiet/app", "first", &image).await;
    let mut manifests = Vec::new();
    for number in 0..1_001 {
        let mut manifest: serde_json::Value = serde_json::from_slice(&image.manifest().bytes).unwrap();
        manifest["annotations"] = serde_json::json!({ "number": number.to_string() });
        let content = manifest.to_string().into_bytes();
        let digest = Hash::of(Algorithm::Sha256, &content);
        let path = format!("/v2/quiet/app/manifests/{digest}");
        assert_eq!(server.send("PUT", &path, OCI, content.clone()).await, 201);
        manifests.push(
            serde_json::json!({ "mediaType": OCI, "digest": digest.to_string(), "size": content.len() }),
        );
    }
    let index = "application/vnd.oci.image.index.v1+json";
    let content = serde_json::json!({ "schemaVersion": 2, "mediaType": index, "manifests": manifests });
    let content = content.to_string();
    let artifact = server.manifest("quiet/app", "all", index, content.as_bytes()).await;
    let read = server.read("quiet").await;
    let digest = Hash::of(Algorithm::Sha256, content.as_bytes());
    let kept = server.store.stored_manifest(&server.store.authoriser().system(), &digest).await.unwrap();
    assert!(kept.content == content.as_bytes());
    let found = server.scanning.index_state(&read, artifact).await.unwrap().unwrap();
    assert_eq!((found.images.len(), found.state), (1_001, ScanState::NotScanned));
    server.stop().await;
}
