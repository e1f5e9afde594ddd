//! What the gate reads and notes.

use super::*;

const APP: (&str, &str) = ("team", "app");

async fn complete(t: &Fixture, artifact: ArtifactId, report: &Digest) {
    let (scan, system) = (t.access::<Scan>("team").await, t.authoriser.system::<Scan>());
    t.store.request_scan(&scan, artifact, Priority::Pushed, NOW).await.unwrap();
    let lease = t.store.claim(&system, "worker", later(60), NOW).await.unwrap().unwrap();
    let result = NewResult {
        inventory: (&digest("inventory"), b"i"),
        form: "form",
        units: &[],
        new_units: &[],
        report,
        snapshot: None,
        counts: Counts::default(),
        incomplete: false,
        support_ends: None,
        log: "",
    };
    t.store.complete_scan(&lease, &result, NOW).await.unwrap();
}

#[test]
fn an_artifact_is_judged_by_the_summary_of_its_newest_report() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.push(APP, "1", "image", &["layer"]).await.artifact;
        let system = t.authoriser.system::<Scan>();
        let found = t.store.judged(&system, artifact).await.unwrap().unwrap();
        assert_eq!((found.repository_name.as_str(), found.manifest.as_slice()), ("app", &b"image"[..]));
        assert_eq!((found.report, found.summary), (None, None));
        let report = digest("report");
        t.store.keep_summary(&system, &report, b"old", NOW).await.unwrap();
        t.store.keep_summary(&system, &report, b"summary", NOW).await.unwrap();
        t.store.keep_summary(&system, &digest("orphan"), b"x", NOW).await.unwrap();
        complete(t, artifact, &report).await;
        let found = t.store.judged(&system, artifact).await.unwrap().unwrap();
        assert_eq!((found.report, found.summary.as_deref()), (Some(report), Some(&b"summary"[..])));
        let scan = t.access::<Scan>("team").await;
        assert_eq!(t.store.judged_in(&scan, None, 10).await.unwrap(), [found]);
        assert_eq!(t.store.judged_in(&scan, Some(artifact), 10).await.unwrap(), []);
        assert_eq!(t.store.artifacts_of_report(&system, &report).await.unwrap(), [artifact]);
        assert_eq!(t.store.clean_summaries(&system, NOW).await.unwrap(), 0);
        assert_eq!(t.store.clean_summaries(&system, later(1)).await.unwrap(), 1);
        assert_eq!(t.store.judged(&system, ArtifactId::from_number(9999)).await.unwrap(), None);
    });
}

#[test]
fn when_a_vulnerability_was_first_seen_stays() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let artifact = t.push(APP, "1", "image", &["layer"]).await.artifact;
        let system = t.authoriser.system::<Scan>();
        let repository = t.store.judged(&system, artifact).await.unwrap().unwrap().repository;
        let note =
            async |ids: &[&str], at| t.store.note_seen(&system, repository, ids, later(at)).await.unwrap();
        assert_eq!(note(&["CVE-1"], 0).await, [("CVE-1".to_owned(), later(0))].into());
        let both = [("CVE-1".to_owned(), later(0)), ("CVE-2".to_owned(), later(1))].into();
        assert_eq!(note(&["CVE-2", "CVE-1"], 1).await, both);
        assert_eq!(note(&["CVE-2"], 2).await, both);
        assert_eq!(t.store.first_seen(&system, repository).await.unwrap(), both);
    });
}

#[test]
fn an_image_has_the_tags_of_the_index_it_is_in() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let image = t.push(APP, "amd64", "image", &["layer"]).await.artifact;
        let mut index = manifest("index", &[]);
        index.children = vec![Child { digest: digest("image"), platform: None }];
        let index = t.try_put(APP, Some("many"), &index, NOW).await.unwrap().artifact;
        t.push(APP, "else", "other", &["layer"]).await;
        let system = t.authoriser.system::<Scan>();
        assert_eq!(t.store.tags_of(&system, image).await.unwrap(), ["amd64", "many"]);
        assert_eq!(t.store.tags_of(&system, index).await.unwrap(), ["many"]);
        let scan = t.access::<Scan>("team").await;
        let app = repository("app");
        assert_eq!(t.store.tagged_by(&scan, &app, &by_tag("many")).await.unwrap(), [image, index]);
        let by_digest = ManifestReference::Digest(digest("image"));
        assert_eq!(t.store.tagged_by(&scan, &app, &by_digest).await.unwrap(), [image]);
        assert_eq!(t.store.tagged_by(&scan, &app, &by_tag("none")).await.unwrap(), []);
    });
}

#[test]
fn pulls_of_the_last_days_are_added_up() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let first = t.push(APP, "1", "image", &["layer"]).await.artifact;
        let second = t.push(APP, "2", "other", &["layer"]).await.artifact;
        let day = 86_400;
        let pulls = [(first, later(0)), (first, later(day)), (first, later(day)), (second, later(-9 * day))];
        t.store.record_pulls(&pulls).await.unwrap();
        let read = t.access::<Read>("team").await;
        let since = async |at, after| t.store.pulls_since(&read, later(at), after, 10).await.unwrap();
        assert_eq!(since(0, None).await, [(first, 3)]);
        assert_eq!(since(day, None).await, [(first, 2)]);
        assert_eq!(since(-9 * day, None).await, [(first, 3), (second, 1)]);
        assert_eq!(since(-9 * day, Some(first)).await, [(second, 1)]);
    });
}

#[test]
fn refused_pulls_are_in_the_audit_log() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let namespace = t.access::<Read>("team").await.namespace();
        let pull = |account: Option<&str>| RefusedPull {
            account: account.map(str::to_owned),
            namespace,
            target: "team/app:1".to_owned(),
            detail: "x\0".repeat(5000),
        };
        t.store.audit_refused_pulls(&[pull(Some("ben")), pull(None)], NOW).await.unwrap();
        let log = t.store.audit_log(&t.authoriser.system(), &AuditFilter::default(), None, 10).await.unwrap();
        let lines: Vec<_> =
            log.iter().map(|it| (it.actor.as_str(), it.action.as_str(), it.allowed)).collect();
        assert_eq!(lines, [("anonymous", "pull", false), ("ben", "pull", false)]);
    });
}

#[test]
fn scores_are_written_down_where_they_change() {
    on_both(async |t| {
        let system = t.authoriser.system::<Scan>();
        let score = |days: i64, score_millionths| EpssScore {
            day: Timestamp(NOW.0.div_euclid(86_400) * 86_400 + days * 86_400),
            score_millionths,
        };
        let note = async |all: &[(&str, EpssScore)], now| {
            let all: Vec<_> = all.iter().map(|(id, it)| ((*id).to_owned(), *it)).collect();
            t.store.note_epss(&system, &all, now).await.unwrap()
        };
        assert_eq!(note(&[("CVE-1", score(0, 100)), ("CVE-2", score(0, 5))], NOW).await, 2);
        assert_eq!(note(&[("CVE-1", score(1, 100)), ("CVE-2", score(1, 6))], later(86_400)).await, 1);
        // The same day again, with another model.
        assert_eq!(note(&[("CVE-2", score(1, 7))], later(86_400)).await, 1);
        let found = t.store.epss_scores(&system, "CVE-2").await.unwrap();
        assert_eq!(found, [score(0, 5), score(1, 7)]);
        assert_eq!(t.store.epss_scores(&system, "CVE-1").await.unwrap(), [score(0, 100)]);
        note(&[("CVE-1", score(900, 1))], later(900 * 86_400)).await;
        assert_eq!(t.store.epss_scores(&system, "CVE-1").await.unwrap(), [score(900, 1)]);
        assert_eq!(t.store.epss_scores(&system, "CVE-2").await.unwrap(), []);
    });
}
