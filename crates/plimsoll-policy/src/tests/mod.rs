//! Policies against small reports.

mod documents;
mod exceptions;
mod manual;
mod times;

use plimsoll_core::*;

use super::*;

fn finding(id: &str, severity: Severity, fixed: bool, class: FindingClass) -> Finding {
    Finding {
        id: id.into(),
        aliases: vec![format!("ALIAS-{id}")],
        class,
        package: PackageRef(0),
        severity: Rating { source: "vendor".into(), severity },
        ratings: Vec::new(),
        cvss: Vec::new(),
        epss: None,
        kev: None,
        status: Status::Affected,
        fix_seen: None,
        fixed_version: fixed.then(|| "2".to_owned()),
        fix_channel: None,
        note: None,
        summary: None,
        cwes: Vec::new(),
        description: None,
        references: Vec::new(),
        published: None,
        why: Why {
            advisory_package: "p".into(),
            realm: "x".into(),
            feed: "f".into(),
            comparison: "1 < 2".into(),
            certain: true,
        },
        reachable: Reachable::Unknown,
        suppressed: None,
    }
}

fn report(findings: Vec<Finding>) -> Report {
    let digest = Digest::sha256([0; 32]);
    let package = InstalledPackage {
        package: Package { name: "p".into(), version: "1".into(), ..Package::default() },
        purl: "pkg:x/p@1".into(),
        origin: Origin { path: ImagePath::new("db"), layer: None, extractor: "x".into() },
        owner: None,
    };
    let image = ImageReport {
        platform: None,
        digest: None,
        config_digest: None,
        distro: Some(Distro { id: "someos".into(), version_id: "1".into(), ..Distro::default() }),
        support: Support::Supported,
        support_ends: None,
        layers: Vec::new(),
        packages: vec![package],
        findings,
        problems: Vec::new(),
        digests: ReportDigests { inventory: digest, snapshot: None, vex: digest, matcher: digest },
    };
    Report {
        subject: Subject { name: "x".into(), kind: SubjectKind::Image, digest: None, media_type: None },
        created: Timestamp(0),
        snapshot: None,
        images: vec![image],
        problems: Vec::new(),
    }
}

#[track_caller]
fn check(policy: &Policy, report: &Report, expected: &[&str]) {
    check_with(&[], policy, report, expected);
}

#[track_caller]
fn check_with(exceptions: &[Exception], policy: &Policy, report: &Report, expected: &[&str]) {
    let verdict = evaluate_report(policy, exceptions.to_vec(), report, Timestamp(100));
    let actual: Vec<String> = verdict
        .reasons
        .iter()
        .map(|reason| format!("{:?} {}: {}", reason.outcome, reason.rule, reason.what))
        .collect();
    assert_eq!(actual, expected);
}

fn policy(level: Severity) -> Policy {
    Policy::of_command_line(Some(level), false)
}

#[test]
fn the_level_itself_is_denied_and_less_is_not() {
    let report = report(vec![
        finding("CVE-1", Severity::Medium, false, FindingClass::Vulnerability),
        finding("CVE-2", Severity::High, false, FindingClass::Vulnerability),
    ]);
    check(&policy(Severity::Critical), &report, &[]);
    let one = "Deny max-severity: 1 vulnerability is high or worse, CVE-2 (high) the worst of them";
    check(&policy(Severity::High), &report, &[one]);
    let both = "Deny max-severity: 2 vulnerabilities are medium or worse, CVE-2 (high) the worst of them";
    check(&policy(Severity::Medium), &report, &[both]);
}

#[test]
fn what_nobody_has_rated_yet_is_warned_of() {
    let report = report(vec![
        finding("CVE-1", Severity::Unknown, false, FindingClass::Vulnerability),
        finding("CVE-2", Severity::Unknown, false, FindingClass::Vulnerability),
        finding("CVE-2", Severity::Medium, false, FindingClass::Vulnerability),
    ]);
    check(&policy(Severity::High), &report, &["Warn max-severity: 1 vulnerability has no severity yet"]);
    let all = "Deny max-severity: 2 vulnerabilities are unknown or worse, CVE-2 (medium) the worst of them";
    check(&policy(Severity::Unknown), &report, &[all]);
    check(&Policy { only_fixable: true, ..policy(Severity::High) }, &report, &[]);
}

#[test]
fn what_cannot_be_fixed_and_kernel_headers_can_be_spared() {
    let report = report(vec![
        finding("CVE-1", Severity::High, false, FindingClass::Vulnerability),
        finding("CVE-2", Severity::High, true, FindingClass::KernelHeaders),
    ]);
    check(&Policy { only_fixable: true, ..policy(Severity::High) }, &report, &[]);
}

#[test]
fn exceptions_hold_until_they_end() {
    let report = report(vec![finding("CVE-1", Severity::High, true, FindingClass::Vulnerability)]);
    #[track_caller]
    fn with(exception: Exception, report: &Report, expected: &[&str]) {
        check_with(&[exception], &policy(Severity::High), report, expected);
    }
    with(Exception::of("cve-1"), &report, &[]);
    with(Exception::of("ALIAS-CVE-1"), &report, &[]);
    with(Exception::of("CVE-?"), &report, &[]);
    with(Exception::of("*-cve-*"), &report, &[]);
    let denied = "Deny max-severity: 1 vulnerability is high or worse, CVE-1 (high) the worst of them";
    let ended = Exception { ends: Some(Timestamp(99)), ..Exception::of("CVE-1") };
    with(ended, &report, &[denied, "Warn unused-exception: the exception for CVE-1 ended on 1970-01-01"]);
    let other = "Warn unused-exception: the exception for CVE-9 matches nothing";
    with(Exception::of("CVE-9"), &report, &[denied, other]);
}

#[test]
fn of_an_advisory_about_two_vulnerabilities_both_must_be_excepted() {
    let mut both = finding("GHSA-1", Severity::High, true, FindingClass::Vulnerability);
    both.aliases = vec!["CVE-1".into(), "CVE-2".into()];
    let report = report(vec![both]);
    let with = |ids: &[&str], expected: &[&str]| {
        let exceptions: Vec<Exception> = ids.iter().map(|id| Exception::of(id)).collect();
        check_with(&exceptions, &policy(Severity::High), &report, expected);
    };
    let denied = "Deny max-severity: 1 vulnerability is high or worse, GHSA-1 (high) the worst of them";
    with(&["CVE-1"], &[denied]);
    with(&["CVE-1", "CVE-2"], &[]);
    with(&["GHSA-1"], &[]);
}

#[test]
fn an_incomplete_answer_and_an_ended_distribution_are_reasons() {
    let mut report = report(Vec::new());
    report.images[0].support = Support::Ended;
    report.problems.push(Problem::new(ProblemKind::Limit, "x"));
    check(
        &policy(Severity::Low),
        &report,
        &[
            "Deny incomplete: the image could not be scanned completely",
            "Warn end-of-life: someos 1 gets no more updates",
        ],
    );
}

#[test]
fn a_finding_whose_package_is_not_there_counts() {
    let mut lost = finding("CVE-1", Severity::High, false, FindingClass::Vulnerability);
    lost.package = PackageRef(7);
    let denied = "Deny max-severity: 1 vulnerability is high or worse, CVE-1 (high) the worst of them";
    check(&policy(Severity::High), &report(vec![lost]), &[denied]);
}

#[test]
fn rules_have_names_of_their_own() {
    let mut names: Vec<&str> = RULES.iter().map(|rule| rule.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn a_fix_out_of_reach_is_none_and_malware_needs_none() {
    let mut unreachable = finding("CVE-1", Severity::Critical, true, FindingClass::Vulnerability);
    unreachable.fix_channel = Some("esm".into());
    assert_eq!(report(vec![unreachable.clone()]).summary().fixable, 0);
    let fixable = Policy::of_command_line(Some(Severity::Low), true);
    let evaluate = |report: Report| evaluate_report(&fixable, Vec::new(), &report, Timestamp(0)).outcome;
    assert_eq!(evaluate(report(vec![unreachable])), Outcome::Allow);
    let malware = finding("MAL-1", Severity::Critical, false, FindingClass::Malware);
    assert_eq!(report(vec![malware.clone()]).summary().fixable, 1);
    assert_eq!(evaluate(report(vec![malware])), Outcome::Deny);
}

#[test]
fn what_is_known_to_be_exploited_is_warned_of_unless_excepted() {
    let mut exploited = finding("CVE-1", Severity::Low, true, FindingClass::Vulnerability);
    exploited.kev = Some(Kev { added: None, due: None, ransomware: false });
    let policy = Policy::of_command_line(None, false);
    let report = report(vec![exploited]);
    let verdict = evaluate_report(&policy, Vec::new(), &report, Timestamp(0));
    assert_eq!(verdict.outcome, Outcome::Warn);
    assert_eq!(verdict.reasons[0].to_string(), "CVE-1 is known to be exploited (known-exploited)");
    let excepted = evaluate_report(&policy, vec![Exception::of("CVE-1")], &report, Timestamp(0));
    assert_eq!(excepted.outcome, Outcome::Allow);
}

#[test]
fn what_is_suppressed_counts_for_no_rule() {
    let mut suppressed = finding("CVE-1", Severity::Critical, true, FindingClass::Vulnerability);
    suppressed.kev = Some(Kev { added: None, due: None, ransomware: false });
    suppressed.suppressed = Some(Suppression {
        source: "vex.json".into(),
        kind: SuppressionKind::Vex,
        status: "not_affected".into(),
        justification: None,
        text: None,
        author: None,
        until: None,
    });
    check(&policy(Severity::Low), &report(vec![suppressed]), &[]);
}
