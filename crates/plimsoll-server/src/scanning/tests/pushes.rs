//! A push is scanned with nobody asking, and its layers as they arrive.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pushed_image_is_scanned_and_its_result_kept() {
    let folder = folder();
    Server::database(folder.path(), 1, &[("CVE-2024-0001", "3.0.11-1", Severity::High)]);
    let server = Server::start(folder.path()).await;
    let artifact = server.push("team/app", "1", &debian("3.0.9-1", "")).await;
    assert_eq!(server.ended("team", artifact).await, ScanState::Complete);
    let read = server.read("team").await;
    let result = server.store.result(&read, artifact).await.unwrap().unwrap();
    assert_eq!((result.counts.high, result.counts.fixable, result.incomplete), (1, 1, false));
    let report = server.scanning.report(&read, artifact).await.unwrap().unwrap();
    let ids: Vec<&str> = report.findings().map(|(finding, _)| finding.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2024-0001"]);
    let log = server.log("team", artifact).await;
    assert!(log.contains("1 packages, 1 vulnerabilities, 1 of them fixable, by database 1"), "{log}");
    let public = server.store.authoriser().visible(&plimsoll_store::Caller::anonymous()).await.unwrap();
    let with = server.store.visible_with_vulnerability(&public, "CVE-2024-0001", None, 10).await.unwrap();
    assert_eq!(with.iter().map(|it| it.artifact).collect::<Vec<_>>(), [artifact]);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layers_are_known_before_their_manifest_comes() {
    let folder = folder();
    let server = Server::start(folder.path()).await;
    let image = debian("3.0.9-1", "//- layer RUN x\n//- /app/requirements.txt\nflask==1.0\n");
    for layer in &image.layers {
        server.blob("team/app", &layer.stored).await;
    }
    let facts = FactCache::in_directory(folder.path().join("facts"));
    let begun = Instant::now();
    for layer in &image.layers {
        while facts.layer_of(&layer.stored.digest.to_string()) != Some(layer.tar.digest) {
            assert!(begun.elapsed() < PATIENCE, "no facts came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_namespace_that_does_not_scan_by_itself_scans_when_asked() {
    let folder = folder();
    let server = Server::start(folder.path()).await;
    let artifact = server.push("quiet/app", "1", &debian("3.0.9-1", "")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.state("quiet", artifact).await, ScanState::NotScanned);
    let access = server.may_scan("quiet").await;
    let requested =
        server.scanning.request(&access, artifact, plimsoll_store::Priority::Asked).await.unwrap();
    assert!(matches!(requested, Requested::Scan(_)), "{requested:?}");
    assert_eq!(server.ended("quiet", artifact).await, ScanState::Complete);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_image_says_so() {
    let folder = folder();
    let server = Server::start(folder.path()).await;
    let blob = Blob::new(b"{}".to_vec());
    server.blob("team/chart", &blob).await;
    let digest = blob.digest;
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"{OCI}","config":{{"mediaType":"application/vnd.cncf.helm.config.v1+json","digest":"{digest}","size":2}},"layers":[{{"mediaType":"application/vnd.cncf.helm.chart.content.v1.tar+gzip","digest":"{digest}","size":2}}]}}"#
    );
    let artifact = server.manifest("team/chart", "1", OCI, manifest.as_bytes()).await;
    assert_eq!(server.ended("team", artifact).await, ScanState::NotSupported);
    let access = server.may_scan("team").await;
    let requested =
        server.scanning.request(&access, artifact, plimsoll_store::Priority::Asked).await.unwrap();
    assert!(matches!(requested, Requested::NotSupported(_)), "{requested:?}");
    server.stop().await;
}
