//! What gates are made of: a policy as a person wrote it, a pasted list of exceptions, conditions with
//! globs, and the summary of a scan as it is kept; then the verdict that comes of all.

use std::collections::BTreeMap;

use plimsoll_core::{Outcome, Severity, Timestamp};
use plimsoll_policy::{
    Case, Exception, Exceptions, Known, Place, Policy, ScanSummary, SummaryFinding, evaluate, pasted_ids,
};

const NOW: Timestamp = Timestamp(1_793_491_200);

/// Runs the target.
pub fn run(input: &[u8]) {
    let parts = super::parts(input, 4);
    let text = |at: usize| String::from_utf8_lossy(parts.get(at).copied().unwrap_or_default()).into_owned();
    let policy = policy(&text(0));
    let exceptions = exceptions(&text(1), &text(2));
    let summary = summary(parts.get(3).copied().unwrap_or_default());
    judge(&policy, &exceptions, &summary);
}

/// What was read can be written, and read as the same.
fn policy(text: &str) -> Policy {
    let read = Policy::from_json(text).or_else(|error| {
        drop(error.to_string());
        Policy::from_toml(text)
    });
    let Ok(policy) = read else { return Policy::usual() };
    assert_eq!(Policy::from_json(&policy.to_json()).as_ref(), Ok(&policy));
    policy
}

fn exceptions(pasted: &str, conditions: &str) -> Exceptions {
    let ids = pasted_ids(pasted).unwrap_or_default();
    let mut lines = conditions.lines().map(str::to_owned);
    let mut next = || lines.next().filter(|it| !it.is_empty());
    let (package, repository, tags, paths) = (next(), next(), next(), next());
    let of = |id: &String| Exception {
        package: package.clone(),
        repository: repository.clone(),
        tags: tags.clone(),
        paths: paths.clone(),
        ends: Some(Timestamp(NOW.0 + 1)),
        ..Exception::of(id)
    };
    let all = ids.iter().take(50).map(of).filter(|it| it.fault().is_none()).collect();
    Exceptions::new(all)
}

/// What was kept, or else something to judge.
fn summary(bytes: &[u8]) -> ScanSummary {
    if let Some(kept) = ScanSummary::from_bytes(bytes) {
        assert_eq!(ScanSummary::from_bytes(&kept.to_bytes()).as_ref(), Some(&kept));
        return kept;
    }
    let finding = SummaryFinding {
        id: "CVE-2024-0001".to_owned(),
        aliases: vec!["GHSA-aaaa-bbbb-cccc".to_owned()],
        severity: Severity::Critical,
        is_fixable: true,
        fix_seen: None,
        fixed_version: Some("2".to_owned()),
        is_exploited: false,
        epss_millionths: None,
        package: "a".to_owned(),
        version: "1".to_owned(),
        purl: "pkg:npm/a@1".to_owned(),
        path: "srv/package.json".to_owned(),
    };
    ScanSummary { findings: vec![finding], ..ScanSummary::default() }
}

fn judge(policy: &Policy, exceptions: &Exceptions, summary: &ScanSummary) {
    let (first_seen, tags) = (BTreeMap::new(), ["1.0".to_owned()]);
    for known in [Known::Scanned(summary), Known::NotScanned, Known::NotSupported] {
        let place = Place { repository: Some("team/app"), tags: &tags };
        let case = Case { known, place, first_seen: &first_seen, pulled_at: None, database_built: Some(NOW) };
        let judged = evaluate(policy, exceptions, &case, NOW);
        let outcome = judged.verdict.outcome;
        assert!(outcome == Outcome::Allow || !judged.verdict.reasons.is_empty(), "a verdict without a reason");
        assert_eq!(judged, evaluate(policy, exceptions, &case, NOW));
    }
}
