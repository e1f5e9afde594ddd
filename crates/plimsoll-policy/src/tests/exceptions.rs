//! Where exceptions hold, and lists of ids as people paste them.

use super::*;

fn summary() -> ScanSummary {
    let mut report = report(vec![finding("CVE-2024-1", Severity::High, true, FindingClass::Vulnerability)]);
    let package = &mut report.images[0].packages[0];
    package.package.name = "libfoo".into();
    package.purl = "pkg:x/vendor/libfoo@1?arch=amd64".into();
    package.origin.path = ImagePath::new("opt/app/lib/foo.jar");
    ScanSummary::of(&report)
}

/// Whether an exception holds for the finding, in `team/web` with the tags `1.2` and `latest`.
#[track_caller]
fn holds(change: impl Fn(&mut Exception), expected: bool) {
    let mut exception = Exception::of("CVE-2024-*");
    change(&mut exception);
    let summary = summary();
    let tags = ["1.2".to_owned(), "latest".to_owned()];
    let case = Case {
        known: Known::Scanned(&summary),
        place: Place { repository: Some("web/shop"), tags: &tags },
        first_seen: &BTreeMap::new(),
        pulled_at: None,
        database_built: Some(Timestamp(0)),
    };
    let policy = Policy { severity: Some(Severity::High), ..Policy::usual() };
    let judgement = evaluate(&policy, &Exceptions::new(vec![exception.clone()]), &case, Timestamp(0));
    assert_eq!(judgement.verdict.outcome == Outcome::Allow, expected, "{exception:?}");
    assert_eq!(judgement.used.len(), usize::from(expected));
}

#[test]
fn an_exception_holds_where_all_of_its_conditions_do() {
    holds(|_| (), true);
    for (package, expected) in [
        ("pkg:x/vendor/libfoo", true),
        ("pkg:x/vendor/libfoo@1", true),
        ("pkg:x/vendor/libfoo@2", false),
        ("pkg:x/vendor/libfoo?arch=amd64", true),
        ("pkg:x/vendor/libfoo?arch=arm64", false),
        ("pkg:x/libfoo", false),
        ("pkg:y/vendor/libfoo", false),
        ("pkg:", false),
        ("libfoo", true),
        ("lib*", true),
        ("libbar", false),
    ] {
        holds(|it| it.package = Some(package.to_owned()), expected);
    }
    for (glob, expected) in [("web/shop", true), ("web/*", true), ("web", false), ("**", true)] {
        holds(|it| it.repository = Some(glob.to_owned()), expected);
    }
    for (glob, expected) in [("latest", true), ("1.*", true), ("2.*", false)] {
        holds(|it| it.tags = Some(glob.to_owned()), expected);
    }
    for (glob, expected) in [("opt/app/**", true), ("opt/*", false), ("**/*.jar", true), ("usr/**", false)] {
        holds(|it| it.paths = Some(glob.to_owned()), expected);
    }
    holds(
        |it| {
            it.tags = Some("latest".to_owned());
            it.repository = Some("api".to_owned());
        },
        false,
    );
}

#[test]
fn where_there_is_no_place_only_exceptions_for_every_place_hold() {
    let report = report(vec![finding("CVE-1", Severity::High, true, FindingClass::Vulnerability)]);
    let somewhere = Exception { repository: Some("**".into()), ..Exception::of("CVE-1") };
    let verdict = evaluate_report(&policy(Severity::High), vec![somewhere], &report, Timestamp(0));
    assert_eq!(verdict.outcome, Outcome::Deny);
}

#[test]
fn what_is_wrong_with_an_exception_is_said() {
    let fault = |change: fn(&mut Exception)| {
        let mut exception = Exception::of("CVE-2024-1");
        change(&mut exception);
        exception.fault().unwrap_or_default()
    };
    assert_eq!(fault(|_| ()), "");
    assert_eq!(fault(|it| it.id = "GHSA-aaaa-*".into()), "");
    assert!(fault(|it| it.id = String::new()).starts_with("an id has 1 to"));
    assert!(fault(|it| it.id = "CVE 2024".into()).contains("is no id"));
    assert!(fault(|it| it.id = "*".into()).contains("a policy that is off"));
    assert_eq!(
        fault(|it| {
            it.id = "*".into();
            it.package = Some("linux-*".into());
        }),
        ""
    );
    assert!(fault(|it| it.package = Some("pkg:".into())).contains("is no package URL"));
    assert!(fault(|it| it.tags = Some(String::new())).contains("leave it out"));
}

#[test]
fn a_list_is_pasted_as_people_have_it() {
    let ids =
        pasted_ids("CVE-2024-1, CVE-2024-2;cve-2024-1\n\n  GHSA-aaaa-bbbb-cccc ,,CVE-2023-*\r\n").unwrap();
    assert_eq!(ids, ["CVE-2024-1", "CVE-2024-2", "GHSA-aaaa-bbbb-cccc", "CVE-2023-*"]);
    assert_eq!(pasted_ids(" ,\n").unwrap(), Vec::<String>::new());
    let error = pasted_ids("CVE-2024-1,\nCVE-2024-2 <script>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 2: `<script>` is no id; write CVE-2024-12345, another database's id, or a glob"
    );
    let many: String = (0..10_001).map(|it| format!("CVE-1-{it},")).collect();
    assert!(pasted_ids(&many).unwrap_err().what.starts_with("more than 10000 ids"));
}

#[test]
fn many_exceptions_answer_for_many_findings() {
    let findings = (0..2000)
        .map(|it| finding(&format!("CVE-2024-{it}"), Severity::High, true, FindingClass::Vulnerability));
    let report = report(findings.collect());
    let exceptions = (0..10_000).map(|it| Exception::of(&format!("CVE-2024-{it}"))).collect();
    let verdict = evaluate_report(&policy(Severity::High), exceptions, &report, Timestamp(0));
    assert_eq!(verdict.outcome, Outcome::Warn);
}
