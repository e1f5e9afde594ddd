//! How long the gate takes with 100,000 artifacts: to load what stands, to decide about a pull, to
//! judge a namespace again after its policy was edited.
//!
//! `cargo bench -p plimsoll-server --bench gate [-- ARTIFACTS]`; takes a minute to fill the store.
#![expect(clippy::disallowed_methods, reason = "measures")]
#![expect(clippy::print_stdout, reason = "says what it measured")]

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use plimsoll_core::{Digest, Severity, Timestamp};
use plimsoll_policy::{Policy, ScanSummary, SummaryFinding};
use plimsoll_server::gate::{Gate, GateOptions, PullRequest};
use plimsoll_store::{
    Answer, Artifact, ArtifactId, ManifestReference, NamespaceId, NamespaceName, NamespaceSettings,
    NewManifest, NewVerdict, Options, Push, RefusalForm, RepositoryName, Scan, StorageKey, Store, UploadId,
};

const NOW: Timestamp = Timestamp(1_790_000_000);
const DECISIONS: usize = 200_000;

fn main() {
    // `--bench` is cargo's own argument.
    let count = std::env::args().skip(1).find_map(|it| it.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("a runtime starts").block_on(measure(count));
}

async fn measure(count: u32) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let address = format!("sqlite:{}", folder.path().join("store.db").display());
    let options = Options { connections_max: 4, patience: Duration::from_secs(30) };
    let store = Store::open(&address, &options, NOW).await.expect("the store opens");
    let started = Instant::now();
    let (namespace, artifacts) = fill(&store, count).await;
    println!("{count} artifacts made in {:?}", started.elapsed());

    let gate = gate(&store);
    let before = resident_kilobytes();
    let started = Instant::now();
    gate.load().await.expect("the gate loads");
    let taken = resident_kilobytes().saturating_sub(before);
    println!("{} answers loaded in {:?}, {taken} kB", gate.answers(), started.elapsed());

    // The first pull of each reads its reasons or judges it; the second comes from memory.
    let repository = RepositoryName::parse("app").expect("a name");
    for round in ["first", "next"] {
        let mut times = Vec::with_capacity(DECISIONS);
        for place in 0..DECISIONS {
            let artifact = &artifacts[place * 7919 % artifacts.len()];
            let reference = ManifestReference::Digest(artifact.digest);
            let pull = PullRequest {
                namespace,
                repository: &repository,
                reference: &reference,
                artifact,
                account: Some("ben"),
                reached: None,
            };
            let started = Instant::now();
            std::hint::black_box(gate.decide(&pull, NOW).await.expect("the gate decides"));
            times.push(started.elapsed());
        }
        times.sort_unstable();
        let at = |share: usize| times[times.len() * share / 1000];
        println!("{round} decisions: median {:?}, p99 {:?}, p99.9 {:?}", at(500), at(990), at(999));
    }
}

/// Artifacts with standing verdicts, every tenth of them denied.
async fn fill(store: &Store, count: u32) -> (NamespaceId, Vec<Artifact>) {
    let name = NamespaceName::parse("team").expect("a name");
    let settings = NamespaceSettings {
        public: false,
        auto_scan: true,
        policy: Some(r#"{"severity":"high","unscanned":"deny"}"#.to_owned()),
        refusal: RefusalForm::Denied,
        quota_bytes: None,
        engine: "plimsoll".to_owned(),
    };
    let system = store.authoriser().system();
    let namespace = store.create_namespace(&system, &name, &settings, NOW).await.expect("a namespace");
    let (repository, push) = (
        RepositoryName::parse("app").expect("a name"),
        store.authoriser().system::<Push>().within(namespace),
    );
    let layer = digest(u32::MAX);
    let (id, key) = (UploadId::parse("u").expect("an id"), StorageKey::parse("k").expect("a key"));
    store.begin_upload(&push, &repository, &id, &key, NOW).await.expect("an upload");
    store.finish_upload(&push, &repository, &id, (&layer, 1), NOW).await.expect("a blob");
    let mut artifacts = Vec::new();
    for number in 0..count {
        let manifest = manifest(number, layer);
        let put = store.put_manifest(&push, &repository, None, &manifest, NOW).await.expect("a manifest");
        artifacts.push(artifact(put.artifact, &manifest));
    }
    // As a first process would have left them; it is asked what the rules' digest is.
    let gate = gate(store);
    gate.judge(artifacts[0].id, NOW).await.expect("a verdict");
    let scan = store.authoriser().system::<Scan>();
    let first = &store.standing_verdicts(&scan, None, 1).await.expect("verdicts")[0];
    let reasons =
        r#"[{"rule":"max-severity","outcome":"deny","what":"3 vulnerabilities are high or worse"}]"#;
    for page in artifacts.chunks(1000) {
        let verdict = |it: &Artifact| NewVerdict {
            answer: if it.id.number() % 10 == 0 { Answer::Deny } else { Answer::Allow },
            reasons: if it.id.number() % 10 == 0 { reasons } else { "[]" },
            policy: &first.policy,
            report: None,
            lowered: None,
            holds_until: None,
            is_silent: false,
        };
        let page: Vec<_> = page.iter().map(|it| (it.id, verdict(it))).collect();
        store.record_verdicts(&scan, &page, NOW).await.expect("verdicts are kept");
    }
    judging(count);
    (namespace, artifacts)
}

/// What a policy takes for one image with 200 findings.
fn judging(count: u32) {
    let finding = |number: u32| SummaryFinding {
        id: format!("CVE-2026-{number}"),
        aliases: vec![format!("OTHER-{number}")],
        severity: if number.is_multiple_of(20) { Severity::High } else { Severity::Low },
        is_fixable: true,
        fix_seen: None,
        fixed_version: Some("2".to_owned()),
        is_exploited: false,
        epss_millionths: Some(number),
        package: format!("package-{}", number % 40),
        version: "1".to_owned(),
        purl: format!("pkg:x/package-{}@1", number % 40),
        path: "db".to_owned(),
    };
    let summary = ScanSummary { findings: (0..200).map(finding).collect(), ..ScanSummary::default() };
    let bytes = summary.to_bytes();
    let policy = Policy { severity: Some(Severity::High), ..Policy::usual() };
    let rounds = count.min(2000);
    let started = Instant::now();
    for _ in 0..rounds {
        let summary = ScanSummary::from_bytes(&bytes).expect("it was written");
        let case = plimsoll_policy::Case {
            known: plimsoll_policy::Known::Scanned(&summary),
            place: plimsoll_policy::Place::default(),
            first_seen: &BTreeMap::new(),
            pulled_at: None,
            database_built: Some(NOW),
        };
        let exceptions = plimsoll_policy::Exceptions::default();
        std::hint::black_box(plimsoll_policy::evaluate(&policy, &exceptions, &case, NOW));
    }
    println!("a summary of {} bytes read and judged in {:?}", bytes.len(), started.elapsed() / rounds);
}

fn gate(store: &Store) -> Gate {
    let options = GateOptions {
        policy: Policy::off(),
        external_url: None,
        summarise: None,
        log: |text| println!("{text}"),
    };
    let gate = Gate::new(store.clone(), options, None);
    gate.database_changed(Some(NOW));
    gate
}

fn digest(number: u32) -> Digest {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Digest::sha256(bytes)
}

fn manifest(number: u32, layer: Digest) -> NewManifest {
    NewManifest {
        digest: digest(number),
        media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
        artifact_type: None,
        content: br#"{"config":{"mediaType":"application/vnd.oci.image.config.v1+json"},"layers":[]}"#
            .to_vec(),
        subject: None,
        config: None,
        blobs: vec![layer],
        children: Vec::new(),
        annotations: BTreeMap::new(),
    }
}

fn artifact(id: ArtifactId, manifest: &NewManifest) -> Artifact {
    Artifact {
        id,
        digest: manifest.digest,
        media_type: manifest.media_type.clone(),
        artifact_type: None,
        size_bytes: 1,
        subject: None,
        config: None,
        annotations: BTreeMap::new(),
        pushed_at: NOW,
        pulled_at: None,
        elsewhere_bytes: 0,
    }
}

fn resident_kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"));
    line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
