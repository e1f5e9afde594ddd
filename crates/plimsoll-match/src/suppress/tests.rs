//! Statements and rules against one small image.

use plimsoll_core::*;

use plimsoll_core::Package;

use super::*;

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn subject() -> Subject {
    Subject {
        name: "registry.example/team/app:1.2".into(),
        kind: SubjectKind::Image,
        digest: DIGEST.parse().ok(),
        media_type: None,
    }
}

/// One finding, CVE-1 alias GHSA-1, in the package `libz` built from `zlib`.
fn image() -> ImageReport {
    let digest = Digest::sha256([0; 32]);
    let package = InstalledPackage {
        package: Package {
            kind: "deb".into(),
            name: "libz".into(),
            version: "1:1.2-1".into(),
            source: Some(SourcePackage { name: "zlib".into(), version: None }),
            ..Package::default()
        },
        purl: "pkg:deb/debian/libz@1:1.2-1?arch=amd64&distro=debian-12".into(),
        origin: Origin { path: ImagePath::new("var/lib/dpkg/status"), layer: None, extractor: "x".into() },
        owner: None,
    };
    let finding = Finding {
        id: "CVE-1".into(),
        aliases: vec!["GHSA-1".into()],
        class: FindingClass::Vulnerability,
        package: PackageRef(0),
        severity: Rating { source: "x".into(), severity: Severity::High },
        ratings: Vec::new(),
        cvss: Vec::new(),
        epss: None,
        kev: None,
        status: Status::WillNotFix,
        fixed_version: None,
        fix_seen: None,
        fix_channel: None,
        note: None,
        summary: None,
        cwes: Vec::new(),
        description: None,
        references: Vec::new(),
        published: None,
        why: Why {
            advisory_package: "zlib".into(),
            realm: "r".into(),
            feed: "f".into(),
            comparison: "c".into(),
            certain: true,
        },
        reachable: Reachable::Unknown,
        suppressed: None,
    };
    ImageReport {
        platform: Some(Platform::new("linux", "amd64")),
        digest: DIGEST.parse().ok(),
        config_digest: None,
        distro: Some(Distro {
            id: "debian".into(),
            version_id: "12".into(),
            codename: Some("bookworm".into()),
            cpe: Some("cpe:/o:debian:debian_linux:12".into()),
            ..Distro::default()
        }),
        support: Support::Supported,
        support_ends: None,
        layers: Vec::new(),
        packages: vec![package],
        findings: vec![finding],
        problems: Vec::new(),
        digests: ReportDigests { inventory: digest, snapshot: None, vex: digest, matcher: digest },
    }
}

fn name(text: &str) -> VexIdentifier {
    match Purl::parse(text) {
        Some(purl) => VexIdentifier::Purl(purl),
        None => VexIdentifier::Name(text.to_owned()),
    }
}

/// `product` or `product > component`.
fn statement(id: &str, product: &str, status: VexStatus) -> VexStatement {
    let (whole, part) = match product.split_once(" > ") {
        Some((whole, part)) => (whole, Some(part)),
        None => (product, None),
    };
    let components = part.into_iter().map(|part| vec![name(part)]).collect();
    VexStatement {
        source: "doc".into(),
        vulnerabilities: vec![id.into()],
        products: vec![VexProduct { identifiers: vec![name(whole)], components }],
        status,
        justification: Some("component_not_present".into()),
        text: None,
        author: Some("A".into()),
        time: None,
    }
}

fn is_suppressed(statements: &[VexStatement]) -> bool {
    let mut image = image();
    apply_vex(&mut image, &subject(), statements);
    image.findings[0].suppressed.is_some()
}

#[test]
fn a_statement_holds_for_the_package_the_image_or_a_part_of_the_image() {
    let part_of_digest =
        format!("pkg:oci/app@{DIGEST}?repository_url=registry.example/team/app > pkg:deb/debian/libz");
    for product in [
        "pkg:deb/debian/libz",
        "pkg:deb/debian/libz@1:1.2-1",
        "pkg:deb/debian/libz@1:1.2-1?distro=bookworm",
        "pkg:deb/debian/libz?os_name=debian&os_version=12&os_distro=bookworm",
        "pkg:deb/debian/zlib@1:1.2-1?arch=source",
        "pkg:oci/app",
        "pkg:oci/team%2Fapp",
        "pkg:docker/team/app@1.2?repository_url=registry.example",
        "pkg:oci/app?repository_url=https://registry.example/team/app",
        "registry.example/team/app:1.2",
        "cpe:/o:debian:debian_linux:12 > pkg:deb/debian/libz",
        &part_of_digest,
    ] {
        assert!(is_suppressed(&[statement("CVE-1", product, VexStatus::NotAffected)]), "{product}");
        assert!(is_suppressed(&[statement("ghsa-1", product, VexStatus::Fixed)]), "{product}");
        assert!(!is_suppressed(&[statement("CVE-2", product, VexStatus::NotAffected)]), "{product}");
        assert!(!is_suppressed(&[statement("CVE-1", product, VexStatus::Affected)]), "{product}");
    }
}

#[test]
fn a_statement_about_something_else_does_not_hold() {
    for product in [
        "pkg:deb/debian/libz@1:1.3-1",
        "pkg:deb/ubuntu/libz",
        "pkg:deb/debian/zlib",
        "pkg:deb/debian/libz?distro=debian-11",
        "pkg:deb/debian/libz?arch=arm64",
        "pkg:oci/other",
        "pkg:oci/pp",
        "pkg:oci/app@sha256:bbbb",
        "pkg:docker/team/app@1.3?repository_url=registry.example",
        "pkg:docker/team/app@1.2",
        "pkg:oci/app?repository_url=docker.io/team/app",
        "pkg:oci/app?repository_url=registry.example/app",
        "pkg:oci/app?repository_url=elsewhere.example/team/app",
        "pkg:oci/app?arch=arm64",
        "pkg:oci/app > pkg:deb/debian/curl",
        "pkg:oci/other > pkg:deb/debian/libz",
        "pkg:golang/tool > pkg:deb/debian/libz",
        "cpe:/o:debian:debian_linux:11 > pkg:deb/debian/libz",
    ] {
        assert!(!is_suppressed(&[statement("CVE-1", product, VexStatus::NotAffected)]), "{product}");
    }
}

#[test]
fn a_statement_about_an_image_of_one_registry_says_nothing_of_others() {
    let debian = "pkg:oci/debian?repository_url=docker.io/library/debian";
    for (scanned, product, expected) in [
        ("debian:12", debian, true),
        ("index.docker.io/library/debian:12", debian, true),
        ("quay.io/me/debian:12", debian, false),
        ("quay.io/library/debian:12", debian, false),
        ("me/debian:12", debian, false),
        ("debian:12", "pkg:docker/debian@12", true),
        ("debian:12", "pkg:docker/library/debian@12", true),
        ("quay.io/library/debian:12", "pkg:docker/library/debian@12", false),
        ("quay.io/me/debian:12", "pkg:docker/me/debian@12?repository_url=quay.io", true),
        ("quay.io/me/debian:12", "pkg:docker/me/debian@12?repository_url=https://quay.io/me/debian", true),
        ("quay.io/me/debian:12", "pkg:oci/debian", true),
        ("localhost:5000/app", "pkg:oci/app?repository_url=localhost:5000/app", true),
        ("localhost:5000/app", "pkg:oci/app?repository_url=localhost:6000/app", false),
    ] {
        let mut image = image();
        let subject = Subject { name: scanned.into(), ..subject() };
        apply_vex(&mut image, &subject, &[statement("CVE-1", product, VexStatus::NotAffected)]);
        assert_eq!(image.findings[0].suppressed.is_some(), expected, "{scanned} {product}");
    }
}

#[test]
fn a_statement_about_a_distribution_holds_for_its_release_and_not_the_next() {
    for (ours, theirs, expected) in [
        ("cpe:/o:suse:sles:15:sp6", "cpe:/o:suse:sles:15:sp6", true),
        ("cpe:/o:suse:sles:15:sp6", "cpe:/o:suse:sles:15:sp5", false),
        ("cpe:/o:suse:sles:15:sp6", "cpe:/o:suse:sles:15", true),
        ("cpe:/o:redhat:enterprise_linux:9::baseos", "cpe:/o:redhat:enterprise_linux:9", true),
        ("cpe:/o:redhat:enterprise_linux:9.4", "cpe:/o:redhat:enterprise_linux:9::baseos", true),
        ("cpe:/o:redhat:enterprise_linux:9.4", "cpe:/o:redhat:enterprise_linux:9.2", false),
        ("cpe:/o:redhat:enterprise_linux:9", "cpe:/o:redhat:enterprise_linux:90", false),
        ("cpe:/o:redhat:enterprise_linux:9", "cpe:/o:redhat:enterprise_linux", false),
    ] {
        let mut image = image();
        image.distro = Some(Distro { cpe: Some(ours.into()), ..Distro::default() });
        let product = format!("{theirs} > pkg:deb/debian/libz");
        apply_vex(&mut image, &subject(), &[statement("CVE-1", &product, VexStatus::NotAffected)]);
        assert_eq!(image.findings[0].suppressed.is_some(), expected, "{ours} {theirs}");
    }
}

#[test]
fn the_latest_statement_holds_and_of_equal_ones_the_last() {
    let at = |seconds: Option<i64>, status| VexStatement {
        time: seconds.map(Timestamp),
        ..statement("CVE-1", "pkg:deb/debian/libz", status)
    };
    let (no, yes) = (VexStatus::NotAffected, VexStatus::Affected);
    assert!(is_suppressed(&[at(Some(2), no), at(Some(1), yes)]));
    assert!(!is_suppressed(&[at(Some(2), yes), at(Some(1), no)]));
    assert!(!is_suppressed(&[at(None, no), at(None, yes)]));
    assert!(!is_suppressed(&[at(Some(1), yes), at(None, no)]));
}

/// GHSA-1, which is about CVE-1 and CVE-2.
fn image_with_two() -> ImageReport {
    let mut image = image();
    image.findings[0].id = "GHSA-1".into();
    image.findings[0].aliases = vec!["CVE-1".into(), "CVE-2".into()];
    image
}

#[test]
fn of_an_advisory_about_two_vulnerabilities_both_must_be_denied_or_itself() {
    let of = |id: &str, status| statement(id, "pkg:deb/debian/libz", status);
    let (no, yes) = (VexStatus::NotAffected, VexStatus::Affected);
    for (statements, expected) in [
        (vec![of("CVE-1", no)], false),
        (vec![of("CVE-1", no), of("CVE-2", no)], true),
        (vec![of("CVE-1", yes), of("CVE-2", no)], false),
        (vec![of("GHSA-1", no)], true),
        (vec![of("GHSA-1", no), of("CVE-2", yes)], false),
    ] {
        let mut image = image_with_two();
        apply_vex(&mut image, &subject(), &statements);
        assert_eq!(image.findings[0].suppressed.is_some(), expected, "{statements:?}");
    }
}

#[test]
fn of_an_advisory_about_two_vulnerabilities_rules_must_name_both_or_itself() {
    let named = |id: &str| IgnoreRule { vulnerability: Some(id.into()), ..IgnoreRule::default() };
    let any = IgnoreRule { kind: Some("deb".into()), ..IgnoreRule::default() };
    for (rules, expected) in [
        (vec![named("CVE-1")], false),
        (vec![named("CVE-1"), named("cve-2")], true),
        (vec![named("ghsa-1")], true),
        (vec![named("CVE-1"), any], true),
    ] {
        let mut image = image_with_two();
        let used = apply_ignore_rules(&mut image, &subject(), &[], &rules, Timestamp(100));
        assert_eq!(image.findings[0].suppressed.is_some(), expected, "{rules:?}");
        assert_eq!(used.len(), rules.len());
    }
}

#[test]
fn what_is_suppressed_says_why_and_counts_no_more() {
    let mut image = image();
    apply_vex(&mut image, &subject(), &[statement("CVE-1", "pkg:oci/app", VexStatus::NotAffected)]);
    let suppressed = image.findings[0].suppressed.clone().expect("it is suppressed");
    assert_eq!((suppressed.status.as_str(), suppressed.author.as_deref()), ("not_affected", Some("A")));
    let summary = image.summary();
    assert_eq!((summary.findings, summary.total(), summary.suppressed), (0, 0, 1));
}

/// Whether the rule suppresses, and what is said of it.
#[track_caller]
fn check_rule(rule: IgnoreRule, statements: &[VexStatement], holds: bool, said: &[&str]) {
    let rules = [IgnoreRule { source: "f:1".into(), ..rule }];
    let mut image = image();
    let used = apply_ignore_rules(&mut image, &subject(), statements, &rules, Timestamp(100));
    assert_eq!(image.findings[0].suppressed.is_some(), holds, "{rules:?}");
    let problems = rule_problems(&rules, &used, Timestamp(100));
    assert!(problems.iter().all(|it| !it.hides_findings));
    assert_eq!(problems.iter().map(|it| it.what.as_str()).collect::<Vec<_>>(), said);
}

#[test]
fn all_conditions_of_a_rule_must_hold() {
    let rule = || IgnoreRule { vulnerability: Some("cve-1".into()), ..IgnoreRule::default() };
    let exact = |text: &str| Some(TextPattern::Exact(text.into()));
    let nothing = &["the exception cve-1 (f:1) matches nothing"][..];
    check_rule(rule(), &[], true, &[]);
    check_rule(IgnoreRule { package: exact("libz"), kind: Some("deb".into()), ..rule() }, &[], true, &[]);
    check_rule(IgnoreRule { source_package: exact("zlib"), ..rule() }, &[], true, &[]);
    check_rule(IgnoreRule { package: exact("zlib"), ..rule() }, &[], false, nothing);
    check_rule(IgnoreRule { version: Some("1:1.2-1".into()), ..rule() }, &[], true, &[]);
    check_rule(IgnoreRule { version: Some("2".into()), ..rule() }, &[], false, nothing);
    check_rule(IgnoreRule { fix_state: Some(FixState::WillNotFix), ..rule() }, &[], true, &[]);
    check_rule(IgnoreRule { fix_state: Some(FixState::NotFixed), ..rule() }, &[], false, nothing);
    let purls = Purl::parse("pkg:deb/debian/libz").into_iter().collect();
    check_rule(IgnoreRule { purls, ..rule() }, &[], true, &[]);
    let paths = vec![TextPattern::Glob("var/**".into())];
    check_rule(IgnoreRule { paths, ..rule() }, &[], true, &[]);
    let paths = vec![TextPattern::Glob("usr/**".into())];
    check_rule(IgnoreRule { paths, ..rule() }, &[], false, nothing);
}

#[test]
fn rules_end_and_rules_without_conditions_never_hold() {
    let rule = |until| IgnoreRule {
        vulnerability: Some("CVE-1".into()),
        until: Some(Timestamp(until)),
        ..IgnoreRule::default()
    };
    check_rule(rule(101), &[], true, &[]);
    let ended = "the exception CVE-1 (f:1) ended on 1970-01-01, and does not hold any more";
    check_rule(rule(100), &[], false, &[ended]);
    check_rule(IgnoreRule::default(), &[], false, &["the exception for packages (f:1) matches nothing"]);
}

#[test]
fn a_rule_about_vex_asks_the_newest_statement() {
    let rule = || IgnoreRule { vex_status: Some(VexStatus::UnderInvestigation), ..IgnoreRule::default() };
    let statements = [statement("CVE-1", "pkg:oci/app", VexStatus::UnderInvestigation)];
    check_rule(rule(), &statements, true, &[]);
    check_rule(rule(), &[], false, &["the exception for packages (f:1) matches nothing"]);
}
