//! Scans: their states, their results, and workers that die.

use super::*;

const APP: (&str, &str) = ("team", "app");

impl Fixture {
    async fn image(&self, place: (&str, &str)) -> ArtifactId {
        self.push(place, "1", "image", &["layer"]).await.artifact
    }

    async fn scan(&self, name: &str, artifact: ArtifactId) -> Result<ScanId, Error> {
        let access = self.access::<Scan>(name).await;
        self.store.request_scan(&access, artifact, Priority::Asked, NOW).await
    }

    async fn state(&self, name: &str, artifact: ArtifactId) -> ScanState {
        self.store.scan_state(&self.access(name).await, artifact).await.unwrap()
    }

    async fn work(&self, now: Timestamp) -> Option<Lease> {
        let access = self.authoriser.system();
        self.store.claim(&access, "worker", Timestamp(now.0 + 10), now).await.unwrap()
    }

    async fn complete(&self, lease: &Lease, critical: u64) -> Beat {
        let counts = Counts { critical, ..Counts::default() };
        let result = NewResult {
            inventory: (&digest("inventory"), b"{}"),
            form: "form",
            units: &[],
            new_units: &[],
            snapshot: Some(&digest("snapshot")),
            report: &digest(&format!("report {critical}")),
            counts,
            incomplete: false,
            support_ends: None,
            log: "all is\0 well",
        };
        let waiting = self.store.complete_scan(lease, &result, later(7)).await.unwrap();
        waiting.map_or(Beat::Lost, |_| Beat::GoOn)
    }
}

#[test]
fn a_scan_goes_from_state_to_state() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.image(APP).await;
        assert_eq!(t.state("team", artifact).await, ScanState::NotScanned);
        t.scan("team", artifact).await.unwrap();
        assert_eq!(t.state("team", artifact).await, ScanState::Queued);
        let error = t.scan("team", artifact).await.unwrap_err();
        assert!(matches!(error, Error::InUse { what: Noun::Scan, .. }));
        let lease = t.work(NOW).await.unwrap();
        t.store.heartbeat(&lease, "layers", 40, later(20)).await.unwrap();
        let scanning = ScanState::Scanning { phase: "layers".to_owned(), progress_percent: 40 };
        assert_eq!(t.state("team", artifact).await, scanning);
        assert_eq!(t.complete(&lease, 3).await, Beat::GoOn);
        assert_eq!(t.state("team", artifact).await, ScanState::Complete);
        let read = t.access::<Read>("team").await;
        let result = t.store.result(&read, artifact).await.unwrap().unwrap();
        assert_eq!((result.counts.critical, result.report), (3, digest("report 3")));
        assert_eq!(result.inventory_digest, digest("inventory"));
        assert_eq!(t.store.inventory(&read, artifact).await.unwrap().unwrap(), b"{}");
    });
}

#[test]
fn a_result_stays_while_the_next_scan_runs_and_fails() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.image(APP).await;
        t.scan("team", artifact).await.unwrap();
        t.complete(&t.work(NOW).await.unwrap(), 3).await;
        t.scan("team", artifact).await.unwrap();
        let read = t.access::<Read>("team").await;
        assert_eq!(t.store.result(&read, artifact).await.unwrap().unwrap().counts.critical, 3);
        for attempt in 0..3 {
            let lease = t.work(later(attempt * 100)).await.unwrap();
            t.store.fail(&lease, "no answer", later(attempt * 100)).await.unwrap();
        }
        assert_eq!(t.state("team", artifact).await, ScanState::Failed);
        t.store.delete_old_jobs(&t.authoriser.system(), later(9_999)).await.unwrap();
        let scans = t.store.scans(&read, artifact, None, 10).await.unwrap();
        assert_eq!((scans[0].state.clone(), scans[0].log.as_deref()), (ScanState::Failed, Some("no answer")));
        assert_eq!((scans[1].state.clone(), scans[1].asked_by.as_str()), (ScanState::Complete, "system"));
        assert_eq!(t.store.scans(&read, artifact, Some(scans[0].id), 10).await.unwrap(), scans[1..]);
        assert_eq!(t.store.result(&read, artifact).await.unwrap().unwrap().counts.critical, 3);
    });
}

#[test]
fn a_worker_that_has_lost_its_scan_keeps_nothing() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.image(APP).await;
        t.scan("team", artifact).await.unwrap();
        let lost = t.work(NOW).await.unwrap();
        let taken = t.work(later(11)).await.unwrap();
        assert_eq!(t.complete(&lost, 1).await, Beat::Lost);
        let read = t.access::<Read>("team").await;
        assert_eq!(t.store.result(&read, artifact).await.unwrap(), None);
        assert_eq!(t.complete(&taken, 2).await, Beat::GoOn);
        assert_eq!(t.store.result(&read, artifact).await.unwrap().unwrap().counts.critical, 2);
    });
}

#[test]
fn one_job_scans_a_manifest_for_all_that_have_it() {
    on_both(async |t| {
        for name in ["team", "other"] {
            t.namespace(name, &settings()).await;
        }
        let (mine, yours) = (t.image(APP).await, t.image(("other", "app")).await);
        t.scan("team", mine).await.unwrap();
        t.scan("other", yours).await.unwrap();
        let lease = t.work(NOW).await.unwrap();
        assert!(t.work(NOW).await.is_none());
        let scan = t.access::<Scan>("team").await;
        assert!(t.store.stop_scan(&scan, mine, NOW).await.unwrap());
        assert!(!t.store.stop_scan(&scan, mine, NOW).await.unwrap());
        assert_eq!(t.complete(&lease, 1).await, Beat::GoOn);
        assert_eq!(t.state("team", mine).await, ScanState::Stopped);
        assert_eq!(t.state("other", yours).await, ScanState::Complete);
        let read = t.access::<Read>("team").await;
        let error = t.store.inventory(&read, yours).await.unwrap_err();
        assert!(matches!(error, Error::Unknown { .. }));
    });
}

#[test]
fn a_stopped_scan_can_be_asked_for_again_at_once() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.image(APP).await;
        t.scan("team", artifact).await.unwrap();
        let lease = t.work(NOW).await.unwrap();
        let scan = t.access::<Scan>("team").await;
        assert!(t.store.stop_scan(&scan, artifact, NOW).await.unwrap());
        t.scan("team", artifact).await.unwrap();
        assert_eq!(t.complete(&lease, 1).await, Beat::Lost);
        assert_eq!(t.state("team", artifact).await, ScanState::Queued);
    });
}

#[test]
fn what_a_worker_finds_to_be_no_image_says_so() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.image(APP).await;
        t.scan("team", artifact).await.unwrap();
        let lease = t.work(NOW).await.unwrap();
        assert_eq!(t.store.complete_unsupported(&lease, "a chart", later(1)).await.unwrap(), Beat::GoOn);
        assert_eq!(t.state("team", artifact).await, ScanState::NotSupported);
        assert_eq!(t.store.complete_unsupported(&lease, "a chart", later(1)).await.unwrap(), Beat::Lost);
    });
}

#[test]
fn what_cannot_be_scanned_says_so_and_may_be_tried_again() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.image(APP).await;
        let scan = t.access::<Scan>("team").await;
        t.store.mark_unsupported(&scan, artifact, NOW).await.unwrap();
        assert_eq!(t.state("team", artifact).await.name(), "not_supported");
        t.scan("team", artifact).await.unwrap();
        assert_eq!(t.state("team", artifact).await.name(), "queued");
    });
}
