//! The gate over real stores: SQLite, and PostgreSQL where it is installed.

use std::collections::BTreeMap;
use std::time::Duration;

use plimsoll_core::{Algorithm, Outcome, Severity};
use plimsoll_policy::{Lowered, SummaryFinding};
use plimsoll_store::{
    Access, Answer, Child, Configure, Counts, NamespaceSettings, Needs, NewException, NewManifest, NewResult,
    Options, Priority, Push, RefusalForm, StorageKey, TagName, UploadId,
};

use super::*;
use crate::blobs::Hash;

/// Some day in 2026.
const NOW: Timestamp = Timestamp(1_790_000_000);
const DAY: i64 = 86_400;

fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

/// A summary with these findings, each with a fix.
pub(crate) fn summary(findings: &[(&str, Severity)]) -> ScanSummary {
    let finding = |(id, severity): &(&str, Severity)| SummaryFinding {
        id: (*id).to_owned(),
        aliases: Vec::new(),
        severity: *severity,
        is_fixable: true,
        fix_seen: None,
        fixed_version: Some("2".to_owned()),
        is_exploited: false,
        epss_millionths: None,
        package: "libfoo".to_owned(),
        version: "1".to_owned(),
        purl: "pkg:x/libfoo@1".to_owned(),
        path: "db".to_owned(),
    };
    ScanSummary { findings: findings.iter().map(finding).collect(), ..ScanSummary::default() }
}

pub(crate) fn options() -> GateOptions {
    GateOptions {
        policy: Policy::off(),
        external_url: Some("https://plimsoll.test/".to_owned()),
        summarise: None,
        log: |text| println!("{text}"),
    }
}

/// Scans an artifact, as a worker would.
pub(crate) async fn scan(
    store: &Store,
    gate: &Gate,
    namespace: NamespaceId,
    (artifact, summary): (ArtifactId, &ScanSummary),
    now: Timestamp,
) {
    let system = store.authoriser().system::<Scan>();
    let bytes = summary.to_bytes();
    let report = Hash::of(Algorithm::Sha256, &bytes);
    store.keep_summary(&system, &report, &bytes, now).await.unwrap();
    store.request_scan(&system.within(namespace), artifact, Priority::Asked, now).await.unwrap();
    let lease = store.claim(&system, "test", Timestamp(now.0 + 60), now).await.unwrap().unwrap();
    let result = NewResult {
        inventory: (&report, b"i"),
        form: "form",
        units: &[],
        new_units: &[],
        report: &report,
        snapshot: None,
        counts: Counts::default(),
        incomplete: false,
        support_ends: None,
        log: "",
    };
    store.complete_scan(&lease, &result, now).await.unwrap();
    gate.scanned(artifact, now).await.unwrap();
}

struct Fixture {
    store: Store,
    gate: Gate,
    namespace: NamespaceId,
    name: NamespaceName,
    repository: RepositoryName,
}

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";

/// Runs a test on both databases, with a gate over the namespace `team`.
#[expect(clippy::needless_pass_by_value, reason = "closures are given as they are written")]
fn on_both(policy: &str, test: impl AsyncFn(&Fixture)) {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("store.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for address in [Some(sqlite), plimsoll_testkit::postgres_database()].into_iter().flatten() {
        runtime.block_on(async {
            let options = Options { connections_max: 4, patience: Duration::from_secs(30) };
            let store = Store::open(&address, &options, NOW).await.unwrap();
            let fixture = Fixture::new(store.clone(), policy).await;
            test(&fixture).await;
            drop(fixture);
            store.close().await;
        });
    }
}

impl Fixture {
    async fn new(store: Store, policy: &str) -> Fixture {
        let name = NamespaceName::parse("team").unwrap();
        let access = store.authoriser().system();
        let namespace = store.create_namespace(&access, &name, &settings(policy), NOW).await.unwrap();
        let repository = RepositoryName::parse("app").unwrap();
        let gate = Gate::new(store.clone(), options(), None);
        gate.database_changed(Some(NOW));
        Fixture { store, gate, namespace, name, repository }
    }

    fn access<P: Needs>(&self) -> Access<P> {
        self.store.authoriser().system::<P>().within(self.namespace)
    }

    /// Pushes something and gives its number.
    async fn push(&self, tag: &str, media_type: &str, content: &str, children: &[Digest]) -> ArtifactId {
        let access = self.access::<Push>();
        let layer = Hash::of(Algorithm::Sha256, b"layer");
        let key = Hash::of(Algorithm::Sha256, format!("{tag}{content}").as_bytes()).hex();
        let (id, key) = (UploadId::parse(&key[..32]).unwrap(), StorageKey::parse(&key[..32]).unwrap());
        self.store.begin_upload(&access, &self.repository, &id, &key, NOW).await.unwrap();
        self.store.finish_upload(&access, &self.repository, &id, (&layer, 5), NOW).await.unwrap();
        let manifest = NewManifest {
            digest: Hash::of(Algorithm::Sha256, content.as_bytes()),
            media_type: media_type.to_owned(),
            artifact_type: None,
            content: content.as_bytes().to_vec(),
            subject: None,
            config: None,
            blobs: vec![layer],
            children: children.iter().map(|it| Child { digest: *it, platform: None }).collect(),
            annotations: BTreeMap::new(),
        };
        let tag = TagName::parse(tag).unwrap();
        let put = self.store.put_manifest(&access, &self.repository, Some(&tag), &manifest, NOW).await;
        put.unwrap().artifact
    }

    async fn image(&self, tag: &str) -> ArtifactId {
        self.push(tag, IMAGE, &image(tag), &[]).await
    }

    async fn scan(&self, artifact: ArtifactId, summary: &ScanSummary, now: Timestamp) {
        scan(&self.store, &self.gate, self.namespace, (artifact, summary), now).await;
    }

    /// The sentence with which a pull is refused; empty if it is not.
    async fn pull_by(&self, gate: &Gate, account: Option<&str>, tag: &str, now: Timestamp) -> String {
        let reference = ManifestReference::Tag(TagName::parse(tag).unwrap());
        let artifact =
            self.store.artifact(&self.access::<plimsoll_store::Pull>(), &self.repository, &reference).await;
        let pull = PullRequest {
            namespace: self.namespace,
            repository: &self.repository,
            reference: &reference,
            artifact: &artifact.unwrap(),
            account,
            reached: None,
        };
        match gate.decide(&pull, now).await.unwrap() {
            Decided::Refused(refused) => refused.sentence,
            Decided::Passes | Decided::Warned(_) => String::new(),
        }
    }

    async fn pull(&self, tag: &str, now: Timestamp) -> String {
        self.pull_by(&self.gate, None, tag, now).await
    }

    #[track_caller]
    fn passes(&self, sentence: &str) {
        assert_eq!(sentence, "");
    }

    async fn set(&self, policy: &str) {
        self.store.change_namespace(&self.access::<Configure>(), &settings(policy)).await.unwrap();
        self.gate.rules_changed(self.namespace);
    }

    /// The answers on an artifact, newest first.
    async fn history(&self, artifact: ArtifactId) -> Vec<Answer> {
        let access = self.access::<plimsoll_store::Pull>();
        let verdicts = self.store.verdicts(&access, artifact, None, 20).await.unwrap();
        verdicts.iter().map(|it| it.answer).collect()
    }

    async fn except(&self, change: impl Fn(&mut NewException<'_>)) {
        let mut new = NewException {
            vulnerability: "CVE-1",
            package: None,
            repository: None,
            tags: None,
            paths: None,
            reason: "not reachable",
            expires_at: None,
        };
        change(&mut new);
        self.store.create_exception(&self.access::<Configure>(), &new, NOW).await.unwrap();
        self.gate.rules_changed(self.namespace);
    }
}

fn settings(policy: &str) -> NamespaceSettings {
    NamespaceSettings {
        public: false,
        auto_scan: true,
        policy: (!policy.is_empty()).then(|| policy.to_owned()),
        refusal: RefusalForm::Denied,
        quota_bytes: None,
        engine: "plimsoll".to_owned(),
    }
}

/// An image whose manifest is another one for each name.
fn image(name: &str) -> String {
    format!(
        r#"{{"config":{{"mediaType":"application/vnd.oci.image.config.v1+json"}},"layers":[{{"mediaType":"x"}}],"annotations":{{"n":"{name}"}}}}"#
    )
}

const HIGH: &str = r#"{"severity":"high"}"#;

#[test]
fn a_bad_image_is_refused_with_the_worst_findings_and_the_address_of_its_page() {
    on_both(HIGH, async |t| {
        let bad = t.image("1").await;
        let findings = [("CVE-1", Severity::Critical), ("CVE-2", Severity::High), ("CVE-3", Severity::Low)];
        t.scan(bad, &summary(&findings), NOW).await;
        let digest = Hash::of(Algorithm::Sha256, image("1").as_bytes());
        let expected = format!(
            "team/app:1 may not be pulled by the policy of team: 2 vulnerabilities are high or worse, CVE-1 \
             (critical) the worst of them [CVE-1 (critical) in libfoo 1, fixed in 2; CVE-2 (high) in libfoo 1, \
             fixed in 2]; see https://plimsoll.test/namespaces/team/repositories/app/artifacts/{digest}"
        );
        assert_eq!(t.pull("1", NOW).await, expected);
        // Another process, which has only read that it is denied, says the same.
        let other = Gate::new(t.store.clone(), options(), None);
        other.database_changed(Some(NOW));
        assert!(other.load().await.unwrap() > 0);
        assert_eq!(other.answers(), 1);
        assert_eq!(t.pull_by(&other, None, "1", NOW).await, expected);
        let good = t.image("2").await;
        t.scan(good, &summary(&[("CVE-3", Severity::Low)]), NOW).await;
        t.passes(&t.pull("2", NOW).await);
    });
}

#[test]
fn what_nobody_has_scanned_is_refused_until_it_is_and_a_verdict_outlives_the_next_scan() {
    on_both(HIGH, async |t| {
        let artifact = t.image("1").await;
        assert!(t.pull("1", NOW).await.contains("the image has not been scanned"));
        t.scan(artifact, &summary(&[]), NOW).await;
        t.passes(&t.pull("1", NOW).await);
        // The next scan begins, and fails.
        t.store.request_scan(&t.access(), artifact, Priority::Asked, NOW).await.unwrap();
        t.passes(&t.pull("1", NOW).await);
        t.store.stop_scan(&t.access(), artifact, NOW).await.unwrap();
        t.gate.judge(artifact, NOW).await.unwrap();
        t.passes(&t.pull("1", NOW).await);
        assert_eq!(t.history(artifact).await, [Answer::Allow, Answer::Deny]);
    });
}

#[test]
fn an_edited_policy_holds_from_the_next_pull_on() {
    on_both("", async |t| {
        let artifact = t.image("1").await;
        t.scan(artifact, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        t.passes(&t.pull("1", NOW).await);
        assert_eq!(t.history(artifact).await, [], "nothing was asked");
        t.set(HIGH).await;
        assert!(t.pull("1", NOW).await.contains("1 vulnerability is high or worse"));
        t.set(r#"{"severity":"critical"}"#).await;
        t.passes(&t.pull("1", NOW).await);
        for (policy, outcome) in
            [(r#"{"severity":"high","mode":"warn"}"#, Answer::Warn), (HIGH, Answer::Deny)]
        {
            t.set(policy).await;
            t.gate.sweep(t.namespace, NOW).await.unwrap();
            assert_eq!(t.history(artifact).await[0], outcome);
        }
        t.set(r#"{"severity":"high","dry_run":true}"#).await;
        t.passes(&t.pull("1", NOW).await);
        let verdict = t.store.verdicts(&t.access::<plimsoll_store::Pull>(), artifact, None, 1).await.unwrap();
        assert_eq!((verdict[0].answer, verdict[0].lowered.as_deref()), (Answer::Warn, Some("dry_run")));
        // What nobody can read is no open gate.
        t.set(r#"{"severity":"hihg"}"#).await;
        let sentence = t.pull("1", NOW).await;
        assert!(sentence.contains("the policy of team cannot be read: line 1"), "{sentence}");
        t.set("").await;
        t.passes(&t.pull("1", NOW).await);
    });
}

#[test]
fn an_exception_holds_until_it_ends_and_where_it_says() {
    on_both(HIGH, async |t| {
        let artifact = t.image("1").await;
        t.scan(artifact, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        t.except(|it| it.repository = Some("other")).await;
        assert_ne!(t.pull("1", NOW).await, "");
        t.except(|it| it.tags = Some("prod-*")).await;
        assert_ne!(t.pull("1", NOW).await, "");
        // The same image under a tag that is excepted.
        t.push("prod-1", IMAGE, &image("1"), &[]).await;
        let tag = ManifestReference::Tag(TagName::parse("prod-1").unwrap());
        t.gate.tag_moved(t.namespace, &t.repository, &tag, NOW).await.unwrap();
        t.passes(&t.pull("prod-1", NOW).await);
        let tag = TagName::parse("prod-1").unwrap();
        t.store.delete_tag(&t.access(), &t.repository, &tag, NOW).await.unwrap();
        let digest = ManifestReference::Digest(Hash::of(Algorithm::Sha256, image("1").as_bytes()));
        t.gate.tag_moved(t.namespace, &t.repository, &digest, NOW).await.unwrap();
        assert_ne!(t.pull("1", NOW).await, "");
        t.except(|it| it.expires_at = Some(later(100))).await;
        t.passes(&t.pull("1", NOW).await);
        t.passes(&t.pull("1", later(99)).await);
        assert_ne!(t.pull("1", later(100)).await, "");
        t.gate.tidy(NOW).await.unwrap();
        let exceptions = t.store.exceptions(&t.access(), None, 10).await.unwrap();
        let matched: Vec<bool> = exceptions.iter().map(|it| it.matched_at.is_some()).collect();
        assert_eq!(matched, [false, true, true]);
    });
}

#[test]
fn a_verdict_that_falls_due_is_made_again_by_itself() {
    on_both(r#"{"severity":"high","grace_days":{"high":7}}"#, async |t| {
        let artifact = t.image("1").await;
        t.scan(artifact, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        t.passes(&t.pull("1", NOW).await);
        t.gate.tidy(later(7 * DAY - 1)).await.unwrap();
        assert_eq!(t.history(artifact).await, [Answer::Warn]);
        t.gate.tidy(later(7 * DAY)).await.unwrap();
        assert_eq!(t.history(artifact).await, [Answer::Deny, Answer::Warn]);
        // A new build of the image has the grace of the old one.
        let next = t.image("2").await;
        t.scan(next, &summary(&[("CVE-1", Severity::High)]), later(6 * DAY)).await;
        t.passes(&t.pull("2", later(6 * DAY)).await);
        assert_ne!(t.pull("2", later(7 * DAY)).await, "");
    });
}

#[test]
fn what_is_in_use_is_spared_and_what_is_new_is_not() {
    on_both(r#"{"severity":"high","spare_pulled_days":30}"#, async |t| {
        let artifact = t.image("1").await;
        t.scan(artifact, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        assert_ne!(t.pull("1", NOW).await, "");
        // It was pulled a moment before it was judged, and that is written only now.
        t.store.record_pulls(&[(artifact, later(-1))]).await.unwrap();
        t.passes(&t.pull("1", NOW).await);
        let verdict = t.gate.judge(artifact, NOW).await.unwrap().unwrap();
        assert_eq!(verdict.outcome, Outcome::Warn);
        assert_eq!(Lowered::Spared.name(), "spared");
        assert_ne!(t.pull("1", later(30 * DAY)).await, "");
    });
}

#[test]
fn an_old_database_refuses_where_it_should_and_a_new_one_mends_it() {
    on_both(r#"{"stale_database":"deny"}"#, async |t| {
        let artifact = t.image("1").await;
        t.scan(artifact, &summary(&[]), NOW).await;
        t.passes(&t.pull("1", later(7 * DAY - 1)).await);
        assert!(t.pull("1", later(7 * DAY)).await.contains("may be 7 days old at most"));
        t.gate.database_changed(Some(later(7 * DAY)));
        t.passes(&t.pull("1", later(7 * DAY)).await);
        t.gate.database_changed(None);
        assert!(t.pull("1", later(7 * DAY)).await.contains("nobody knows how old"));
    });
}

#[test]
fn an_index_passes_companions_pass_and_its_children_are_judged() {
    on_both(r#"{"severity":"high","unsupported":"deny"}"#, async |t| {
        let child = t.image("child").await;
        let digest = Hash::of(Algorithm::Sha256, image("child").as_bytes());
        t.push("many", "application/vnd.oci.image.index.v1+json", "{\"manifests\":[]}", &[digest]).await;
        t.scan(child, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        t.passes(&t.pull("many", NOW).await);
        assert_ne!(t.pull("child", NOW).await, "");
        let signature = r#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json"},"layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json"}]}"#;
        t.push("sha256-aa.sig", IMAGE, signature, &[]).await;
        t.passes(&t.pull("sha256-aa.sig", NOW).await);
        t.push("chart", IMAGE, r#"{"config":{"mediaType":"x/chart"},"layers":[]}"#, &[]).await;
        assert!(t.pull("chart", NOW).await.contains("it is no image"));
        // An exception for the tag of the index holds for its images.
        t.except(|it| it.tags = Some("many")).await;
        t.passes(&t.pull("child", NOW).await);
    });
}

#[test]
fn scanners_pass_and_refused_pulls_are_noted_once_in_an_hour() {
    on_both(r#"{"severity":"high","scanners":["robot/scanner"]}"#, async |t| {
        let artifact = t.image("1").await;
        t.scan(artifact, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        t.passes(&t.pull_by(&t.gate, Some("robot/scanner"), "1", NOW).await);
        for _ in 0..50 {
            assert_ne!(t.pull_by(&t.gate, Some("ben"), "1", NOW).await, "");
        }
        assert_ne!(t.pull("1", NOW).await, "");
        let lines = async || {
            let log = t
                .store
                .audit_log(&t.store.authoriser().system(), &plimsoll_store::AuditFilter::default(), None, 10)
                .await
                .unwrap();
            log.into_iter().filter(|it| it.action == "pull").collect::<Vec<_>>()
        };
        t.gate.tidy(NOW).await.unwrap();
        let found = lines().await;
        assert_eq!(found.len(), 2);
        assert!(found.iter().any(|it| it.actor == "ben" && it.target.starts_with("team/app@sha256:")));
        t.gate.tidy(later(3600)).await.unwrap();
        assert_eq!(lines().await[0].detail.as_deref(), Some("refused 49 times more within the hour"));
    });
}

#[test]
fn a_preview_says_what_would_have_become_of_pulls() {
    on_both("", async |t| {
        let (bad, good, unscanned) = (t.image("bad").await, t.image("good").await, t.image("new").await);
        t.scan(bad, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        t.scan(good, &summary(&[]), NOW).await;
        let pulls = [(bad, 3), (good, 5), (unscanned, 2)];
        for (artifact, count) in pulls {
            let pulls: Vec<_> = (0..count).map(|_| (artifact, later(-DAY))).collect();
            t.store.record_pulls(&pulls).await.unwrap();
        }
        let ask = async |policy: &str, days: i64| {
            let policy = Policy::from_json(policy).unwrap();
            t.gate.preview(t.namespace, &policy, later(-days * DAY), NOW).await.unwrap()
        };
        let preview = ask(r#"{"severity":"high","unscanned":"warn","dry_run":true}"#, 7).await;
        let shares = [preview.total, preview.denied, preview.warned].map(|it| (it.artifacts, it.pulls));
        assert_eq!(shares, [(3, 10), (1, 3), (1, 2)]);
        assert_eq!((preview.examples[0].pulls, preview.examples[0].repository.as_str()), (3, "app"));
        assert!(preview.examples[0].reasons[0].what.contains("high or worse"));
        let preview = ask(r#"{"severity":"high","spare_pulled_days":30}"#, 7).await;
        assert_eq!((preview.denied.artifacts, preview.spared.artifacts), (0, 2));
        assert_eq!(ask(HIGH, 0).await, Preview::default());
        assert_eq!(t.history(bad).await, [], "nothing is decided by asking");
        let _ = t.name;
    });
}

#[test]
fn what_was_decided_once_is_decided_again_from_memory() {
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("store.db").display());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let options = Options { connections_max: 4, patience: Duration::from_secs(30) };
        let store = Store::open(&sqlite, &options, NOW).await.unwrap();
        let t = Fixture::new(store, HIGH).await;
        let artifact = t.image("1").await;
        t.scan(artifact, &summary(&[("CVE-1", Severity::High)]), NOW).await;
        let reference = ManifestReference::Tag(TagName::parse("1").unwrap());
        let access = t.access::<plimsoll_store::Pull>();
        let artifact = t.store.artifact(&access, &t.repository, &reference).await.unwrap();
        let pull = PullRequest {
            namespace: t.namespace,
            repository: &t.repository,
            reference: &reference,
            artifact: &artifact,
            account: Some("ben"),
            reached: None,
        };
        assert!(matches!(t.gate.decide(&pull, NOW).await.unwrap(), Decided::Refused(_)));
        // How fast it is, `cargo xtask bench --only pulls` tells.
        t.store.close().await;
        assert!(matches!(t.gate.decide(&pull, NOW).await.unwrap(), Decided::Refused(_)));
    });
}
