//! Each format in small.

use std::fmt::Write;

use super::*;

#[track_caller]
fn check(source: &str, document: &str, expected: &str) {
    let read = read(source, document.as_bytes()).expect("it can be read");
    let mut actual = String::new();
    for rule in &read.rules {
        write!(actual, "{} {}", rule.source, rule.vulnerability.as_deref().unwrap_or("*")).expect("memory");
        let mut say = |label: &str, text: Option<String>| {
            if let Some(text) = text {
                write!(actual, " {label}={text}").expect("memory");
            }
        };
        say("package", rule.package.as_ref().map(|it| format!("{it:?}")));
        say("source", rule.source_package.as_ref().map(|it| format!("{it:?}")));
        say("version", rule.version.clone());
        say("kind", rule.kind.clone());
        say("purl", rule.purls.first().map(ToString::to_string));
        say("path", rule.paths.first().map(|it| format!("{it:?}")));
        say("fix", rule.fix_state.map(|it| format!("{it:?}")));
        say("vex", rule.vex_status.map(|it| it.name().to_owned()));
        say("because", rule.reason.clone());
        say("until", rule.until.map(plimsoll_core::Timestamp::date_text));
        actual.push('\n');
    }
    for problem in &read.problems {
        assert!(!problem.hides_findings);
        writeln!(actual, "! {}", problem.what).expect("memory");
    }
    assert_eq!(actual, expected);
}

#[test]
fn lines_with_comments_and_dates() {
    check(
        ".trivyignore",
        "# Accept the risk\nCVE-2018-14618\n\n# no impact\nCVE-2019-14697 exp:2023-01-01\n\nCVE-1 # inline\nCVE-2 exp:soon\nCVE-3 what\n",
        ".trivyignore:2 CVE-2018-14618 because=Accept the risk\n\
         .trivyignore:5 CVE-2019-14697 because=no impact until=2023-01-01\n\
         .trivyignore:7 CVE-1\n\
         ! .trivyignore:8: `exp:soon` is not `exp:` and a date; the line is not used\n\
         ! .trivyignore:9: `what` is not `exp:` and a date; the line is not used\n",
    );
}

#[test]
fn the_yaml_of_trivy() {
    check(
        ".trivyignore.yaml",
        "vulnerabilities:\n  - id: CVE-1\n    paths: [\"usr/lib/**\"]\n    statement: not loaded\n  - id: CVE-2\n    purls: [\"pkg:deb/debian/openssl@3\"]\n    expired_at: 2027-01-02\n  - id: CVE-3\n    purls: [openssl]\n  - statement: all of them\nsecrets:\n  - id: aws\n",
        ".trivyignore.yaml#1 CVE-1 path=Glob(\"usr/lib/**\") because=not loaded\n\
         .trivyignore.yaml#2 CVE-2 purl=pkg:deb/debian/openssl@3 until=2027-01-02\n\
         ! .trivyignore.yaml#3: `openssl` is no package URL; the entry is not used\n\
         ! .trivyignore.yaml#4: it has no `id`; the entry is not used\n",
    );
}

#[test]
fn the_rules_of_grype() {
    check(
        "x/.grype.yaml",
        "check-for-app-update: false\nignore:\n  - vulnerability: CVE-1\n    fix-state: wont-fix\n    package:\n      name: libcurl\n      version: 1.5.1\n      type: npm\n      location: \"/usr/lib/**\"\n  - package:\n      name: linux-.*\n      upstream-name: linux\n  - vex-status: under_investigation\n    reason: later\n  - package:\n      name: a|b\n  - {}\n  - package: {type: spaceship}\n  - vulnerability: CVE-9\n    namespace: nvd\n",
        "x/.grype.yaml#1 CVE-1 package=Exact(\"libcurl\") version=1.5.1 kind=npm path=Glob(\"usr/lib/**\") fix=WillNotFix\n\
         x/.grype.yaml#2 * package=Glob(\"linux-**\") source=Exact(\"linux\")\n\
         x/.grype.yaml#3 * vex=under_investigation because=later\n\
         ! x/.grype.yaml#4: the expression `a|b` is not read; the rule is not used\n\
         ! x/.grype.yaml#5: a rule without any condition is not used\n\
         ! x/.grype.yaml#6: the package type `spaceship` is unknown; the rule is not used\n\
         ! x/.grype.yaml#7: `namespace` is about Grype's own database; the rule is not used\n",
    );
}

#[test]
fn a_rule_with_a_condition_that_nobody_knows_is_not_used() {
    check(
        "x.yaml",
        "vulnerabilities:\n  - id: CVE-1\n    path: [usr]\n  - id: CVE-2\n    Statement: x\n  - id: CVE-3\n",
        "x.yaml#3 CVE-3\n\
         ! x.yaml#1: `path` is unknown; the entry is not used\n\
         ! x.yaml#2: `Statement` is unknown; the entry is not used\n",
    );
    check(
        ".grype.yaml",
        "ignore:\n  - vulnerability: CVE-1\n    fix_state: fixed\n  - vulnerability: CVE-2\n    package:\n      names: x\n  - vulnerability: CVE-3\n    include-aliases: true\n    package:\n      version: 1.5\n",
        ".grype.yaml#3 CVE-3 version=1.5\n\
         ! .grype.yaml#1: `fix_state` is unknown; the rule is not used\n\
         ! .grype.yaml#2: `names` is unknown; the rule is not used\n",
    );
}

#[test]
fn what_is_no_ignore_file_is_an_error() {
    for text in ["a: b", "[1, 2", "vulnerabilities: 7", "&a [*a, *a]"] {
        assert!(read("x.yaml", text.as_bytes()).is_err(), "{text}");
    }
    assert!(read(".trivyignore", b"\xff").is_err());
}
