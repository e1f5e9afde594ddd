//! What depends on time: grace, the age of a fix, sparing, staleness, and until when a verdict holds.

use super::*;

const DAY: i64 = 86_400;
const NOW: Timestamp = Timestamp(1000 * DAY);

fn days(days: i64) -> Timestamp {
    Timestamp(NOW.0 + days * DAY)
}

/// A summary with one critical finding that has a fix.
fn summary() -> ScanSummary {
    ScanSummary::of(&report(vec![finding("CVE-1", Severity::Critical, true, FindingClass::Vulnerability)]))
}

struct Scene {
    policy: Policy,
    summary: ScanSummary,
    first_seen: Option<Timestamp>,
    pulled_at: Option<Timestamp>,
    built: Option<Timestamp>,
}

fn scene() -> Scene {
    Scene {
        policy: Policy { severity: Some(Severity::High), ..Policy::usual() },
        summary: summary(),
        first_seen: None,
        pulled_at: None,
        built: Some(NOW),
    }
}

impl Scene {
    fn judge(&self, now: Timestamp) -> Judgement {
        let first_seen = self.first_seen.map(|it| ("CVE-1".to_owned(), it)).into_iter().collect();
        let case = Case {
            known: Known::Scanned(&self.summary),
            place: Place::default(),
            first_seen: &first_seen,
            pulled_at: self.pulled_at,
            database_built: self.built,
        };
        evaluate(&self.policy, &Exceptions::default(), &case, now)
    }

    /// The outcome, and from when on it may be another one, in days.
    #[track_caller]
    fn check(&self, now: Timestamp, outcome: Outcome, until_days: Option<i64>) -> Judgement {
        let judgement = self.judge(now);
        let until = judgement.until.map(|it| (it.0 - NOW.0) / DAY);
        assert_eq!(
            (judgement.verdict.outcome, until),
            (outcome, until_days),
            "{:?}",
            judgement.verdict.reasons
        );
        judgement
    }
}

#[test]
fn a_finding_counts_when_its_grace_is_over() {
    let mut scene = scene();
    scene.built = Some(days(1000));
    scene.policy.stale_database = Outcome::Allow;
    scene.policy.grace_days.insert(Severity::Critical, 14);
    scene.first_seen = Some(days(-4));
    let judgement = scene.check(NOW, Outcome::Warn, Some(10));
    let said = judgement.verdict.reasons[0].to_string();
    assert_eq!(
        said,
        "1 vulnerability does not count yet, CVE-1 from 1972-10-07 on: the policy gives critical ones a grace of 14 days \
         (max-severity)"
    );
    scene.check(days(10), Outcome::Deny, None);
    // Nobody knows since when: it has no grace.
    scene.first_seen = None;
    scene.check(NOW, Outcome::Deny, None);
    // The grace of another severity is none for this one.
    scene.first_seen = Some(days(-4));
    scene.policy.grace_days = [(Severity::High, 14)].into();
    scene.check(NOW, Outcome::Deny, None);
}

#[test]
fn a_fix_that_is_new_gives_time_and_one_that_is_missing_too() {
    let mut scene = scene();
    scene.policy.stale_database = Outcome::Allow;
    scene.policy.fix_age_days = Some(7);
    scene.check(NOW, Outcome::Deny, None);
    scene.summary.findings[0].fix_seen = Some(days(-3));
    let said = scene.check(NOW, Outcome::Warn, Some(4)).verdict.reasons[0].what.clone();
    assert!(said.ends_with(" on: the policy waits until a fix has been known for 7 days"), "{said}");
    // What ends last is named.
    scene.policy.grace_days.insert(Severity::Critical, 1);
    scene.first_seen = Some(days(4));
    let said = scene.check(NOW, Outcome::Warn, Some(5)).verdict.reasons[0].what.clone();
    assert!(said.ends_with(" from 1972-10-02 on: the policy gives critical ones a grace of 1 day"), "{said}");
    scene.first_seen = None;
    let judgement = scene.check(days(4), Outcome::Deny, None);
    let said = judgement.verdict.reasons[0].what.clone();
    assert!(said.starts_with("1 vulnerability with a fix for 7 days or longer is high or worse"), "{said}");
    scene.summary.findings[0].is_fixable = false;
    scene.check(NOW, Outcome::Allow, None);
}

#[test]
fn what_is_known_to_be_exploited_has_no_grace() {
    let mut scene = scene();
    scene.policy.grace_days.insert(Severity::Critical, 14);
    scene.policy.known_exploited = Outcome::Deny;
    scene.first_seen = Some(NOW);
    scene.summary.findings[0].is_exploited = true;
    scene.summary.findings[0].is_fixable = false;
    scene.check(NOW, Outcome::Deny, Some(7));
}

#[test]
fn what_is_likely_to_be_exploited_is_denied_from_a_level_on() {
    let mut scene = scene();
    scene.policy.severity = None;
    scene.policy.epss = Some(EpssLevel { at_least_millionths: 100_000, outcome: Outcome::Deny });
    scene.check(NOW, Outcome::Allow, Some(7));
    scene.summary.findings[0].epss_millionths = Some(99_999);
    scene.check(NOW, Outcome::Allow, Some(7));
    scene.summary.findings[0].epss_millionths = Some(123_456);
    let judgement = scene.check(NOW, Outcome::Deny, Some(7));
    assert_eq!(
        judgement.verdict.reasons[0].what,
        "CVE-1 is exploited within 30 days with a probability of 12.34 %, and 10 % are too much"
    );
    scene.policy.grace_days.insert(Severity::Critical, 3);
    scene.first_seen = Some(NOW);
    let reason = scene.check(NOW, Outcome::Warn, Some(3)).verdict.reasons[0].to_string();
    assert_eq!(
        reason,
        "1 vulnerability does not count yet, CVE-1 from 1972-09-30 on: the policy gives critical ones a grace of 3 days \
         (likely-exploited)"
    );
}

#[test]
fn what_is_in_use_is_spared_for_some_days_after_each_pull() {
    let mut scene = scene();
    scene.policy.stale_database = Outcome::Allow;
    scene.policy.spare_pulled_days = Some(30);
    scene.check(NOW, Outcome::Deny, None);
    scene.pulled_at = Some(days(-10));
    let judgement = scene.check(NOW, Outcome::Warn, Some(20));
    assert_eq!(judgement.lowered, Some(Lowered::Spared));
    // Why it would have been denied is still said, and as what.
    assert_eq!(judgement.verdict.reasons[0].outcome, Outcome::Deny);
    scene.check(days(20), Outcome::Deny, None);
}

#[test]
fn a_policy_that_is_tried_out_denies_nothing_and_says_what_it_would() {
    let mut scene = scene();
    scene.policy.dry_run = true;
    let judgement = scene.check(NOW, Outcome::Warn, Some(7));
    assert_eq!(judgement.lowered, Some(Lowered::DryRun));
    assert_eq!(judgement.verdict.reasons[0].outcome, Outcome::Deny);
    scene.policy.mode = Mode::Warn;
    assert_eq!(scene.check(NOW, Outcome::Warn, Some(7)).lowered, None);
    scene.policy.mode = Mode::Off;
    assert_eq!(scene.check(NOW, Outcome::Allow, None).verdict.reasons, []);
}

#[test]
fn a_database_grows_old_and_one_of_unknown_age_is() {
    let mut scene = scene();
    scene.summary.findings.clear();
    scene.policy.stale_database = Outcome::Deny;
    scene.check(NOW, Outcome::Allow, Some(7));
    let judgement = scene.check(days(7), Outcome::Deny, None);
    assert_eq!(
        judgement.verdict.reasons[0].to_string(),
        "the database is of 1972-09-27, and may be 7 days old at most (stale-database)"
    );
    scene.built = None;
    scene.check(NOW, Outcome::Deny, None);
    scene.policy.stale_database = Outcome::Allow;
    scene.check(NOW, Outcome::Allow, None);
}

#[test]
fn a_distribution_ends_on_its_day_though_nobody_scans_again() {
    let mut report = report(Vec::new());
    report.created = NOW;
    report.images[0].support_ends = Some(days(5));
    let mut scene = Scene { summary: ScanSummary::of(&report), ..scene() };
    scene.policy.stale_database = Outcome::Allow;
    scene.check(NOW, Outcome::Allow, Some(5));
    let judgement = scene.check(days(5), Outcome::Warn, None);
    assert_eq!(judgement.verdict.reasons[0].what, "someos 1 gets no more updates since 1972-10-02");
}

#[test]
fn what_nobody_has_scanned_and_what_nobody_can_are_two_things() {
    let policy = Policy { unsupported: Outcome::Warn, ..Policy::usual() };
    let judge = |known| {
        let case = Case {
            known,
            place: Place::default(),
            first_seen: &BTreeMap::new(),
            pulled_at: None,
            database_built: None,
        };
        let verdict = evaluate(&policy, &Exceptions::default(), &case, NOW).verdict;
        verdict.reasons.iter().map(|it| format!("{} {it}", it.outcome)).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(judge(Known::NotScanned), "deny the image has not been scanned (unscanned)");
    let expected = "deny the image's scan failed, so that nobody knows what is in it (unscanned)";
    assert_eq!(judge(Known::ScanFailed), expected);
    let expected = "warn it is no image, and nobody knows what is in it (unsupported)";
    assert_eq!(judge(Known::NotSupported), expected);
}

#[test]
fn a_summary_is_read_as_it_was_written() {
    let mut report = report(vec![
        finding("CVE-1", Severity::Critical, true, FindingClass::Vulnerability),
        finding("CVE-2", Severity::Unknown, false, FindingClass::Malware),
    ]);
    report.images[0].support = Support::Ended;
    report.problems.push(Problem::new(ProblemKind::Limit, "x"));
    report.images[0].findings[0].epss =
        Some(Epss { score_millionths: 5, percentile_millionths: None, model: None, date: None });
    let summary = ScanSummary::of(&report);
    assert_eq!((summary.findings.len(), summary.incomplete), (2, true));
    assert_eq!(ScanSummary::from_bytes(&summary.to_bytes()), Some(summary.clone()));
    let text = String::from_utf8(summary.to_bytes()).unwrap();
    for bad in [
        String::new(),
        text.replace("\"version\":1", "\"version\":2"),
        text.replace("\"p\":0", "\"p\":9"),
        text.replace("\"s\":0", "\"s\":9"),
    ] {
        assert_eq!(ScanSummary::from_bytes(bad.as_bytes()), None, "{bad}");
    }
}
