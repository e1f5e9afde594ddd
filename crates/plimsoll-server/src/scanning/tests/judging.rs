//! A new database: everything is judged anew without a layer being read.

use plimsoll_store::EventKind;

use super::*;

impl Server {
    async fn high_and_critical(&self, artifact: ArtifactId) -> (u64, u64) {
        let result = self.store.result(&self.read("team").await, artifact).await.unwrap().unwrap();
        (result.counts.high, result.counts.critical)
    }

    /// Waits until the scores that are written down of a vulnerability are these.
    async fn wait_for_scores(&self, id: &str, expected: &[u32]) {
        let (begun, system) = (Instant::now(), self.store.authoriser().system());
        loop {
            let scores = self.store.epss_scores(&system, id).await.unwrap();
            let scores: Vec<u32> = scores.iter().map(|it| it.score_millionths).collect();
            if scores == expected {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{scores:?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn wait_for_counts(&self, artifact: ArtifactId, expected: (u64, u64)) {
        let begun = Instant::now();
        while self.high_and_critical(artifact).await != expected {
            assert!(begun.elapsed() < PATIENCE, "{:?}", self.high_and_critical(artifact).await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_database_changes_results_and_tells_what_changed() {
    let folder = folder();
    Server::database(folder.path(), 1, &[("CVE-2024-0001", "3.0.11-1", Severity::High)]);
    let server = Server::start(folder.path()).await;
    let old = server.push("team/app", "old", &debian("3.0.9-1", "")).await;
    let new = server.push("team/app", "new", &debian("3.0.12-1", "")).await;
    for artifact in [old, new] {
        assert_eq!(server.ended("team", artifact).await, ScanState::Complete);
    }
    assert_eq!((server.high_and_critical(old).await, server.high_and_critical(new).await), ((1, 0), (0, 0)));
    // No layer can be read any more.
    std::fs::remove_dir_all(folder.path().join("facts")).unwrap();
    std::fs::remove_dir_all(folder.path().join("blobs")).unwrap();
    let second =
        [("CVE-2024-0001", "3.0.11-1", Severity::Critical), ("CVE-2024-0002", "3.0.13-1", Severity::High)];
    Server::database(folder.path(), 2, &second);
    server.wait_for_counts(old, (1, 1)).await;
    server.wait_for_counts(new, (1, 0)).await;
    let system = server.store.authoriser().system();
    let mut told: Vec<_> = server
        .store
        .events(&system, None, 10)
        .await
        .unwrap()
        .into_iter()
        .map(|it| (it.kind, it.vulnerability, it.purl.contains("3.0.9")))
        .collect();
    told.sort();
    let expected = [
        (EventKind::Appeared, "CVE-2024-0002".to_owned(), false),
        (EventKind::Appeared, "CVE-2024-0002".to_owned(), true),
        (EventKind::SeverityChanged, "CVE-2024-0001".to_owned(), true),
    ];
    assert_eq!(told, expected);
    let report = server.scanning.report(&server.read("team").await, old).await.unwrap().unwrap();
    assert_eq!(report.snapshot.as_ref().unwrap().sequence, 2);
    assert_eq!(report.findings().count(), 2);
    Server::database(folder.path(), 3, &second);
    server.wait_for_scores("CVE-2024-0002", &[2_000, 3_000]).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn images_that_came_before_the_first_database_are_judged_by_it() {
    let folder = folder();
    let server = Server::start(folder.path()).await;
    let artifact = server.push("team/app", "1", &debian("3.0.9-1", "")).await;
    assert_eq!(server.ended("team", artifact).await, ScanState::Complete);
    let result = server.store.result(&server.read("team").await, artifact).await.unwrap().unwrap();
    assert!(result.incomplete, "nothing was judged");
    Server::database(folder.path(), 1, &[("CVE-2024-0001", "3.0.11-1", Severity::High)]);
    server.wait_for_counts(artifact, (1, 0)).await;
    let begun = Instant::now();
    while server.store.result(&server.read("team").await, artifact).await.unwrap().unwrap().incomplete {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_exchanged_while_the_server_was_down_is_taken_up() {
    let folder = folder();
    Server::database(folder.path(), 1, &[]);
    let server = Server::start(folder.path()).await;
    let artifact = server.push("team/app", "1", &debian("3.0.9-1", "")).await;
    assert_eq!(server.ended("team", artifact).await, ScanState::Complete);
    server.stop().await;
    Server::database(folder.path(), 2, &[("CVE-2024-0001", "3.0.11-1", Severity::High)]);
    let server = Server::start(folder.path()).await;
    server.wait_for_counts(artifact, (1, 0)).await;
    server.stop().await;
}
