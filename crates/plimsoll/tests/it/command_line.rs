//! The command line itself: help, misuse, completions, the manual page, version orders.

use std::io::Write;
use std::process::Stdio;

use crate::sandbox::{Sandbox, finished};

#[test]
fn every_command_helps() {
    let sandbox = Sandbox::new();
    for command in [
        "scan",
        "explain",
        "sbom",
        "convert",
        "diff",
        "db",
        "cache",
        "login",
        "logout",
        "remote",
        "compare",
        "version",
        "completions",
        "man",
    ] {
        let ran = sandbox.run(&[command, "--help"]);
        assert_eq!(ran.status, 0);
        assert!(ran.out.contains("Usage: plimsoll"), "{command}");
    }
    assert!(sandbox.run(&["scan", "--help"]).out.contains("Examples:"));
}

#[test]
fn misuse_is_2_and_says_what_to_do() {
    let sandbox = Sandbox::new();
    let cases: [(&[&str], &str); 7] = [
        (&["scan"], "Usage"),
        (&["scan", "--fail-on", "awful", "x"], "critical, high"),
        (&["scan", "--format", "poem", "x"], "table, json"),
        (&["scan", "Upper/Case"], "lower case"),
        (&["scan", "--platform", "linux", "alpine"], "os/architecture"),
        (&["scan", "oci:/nonexistent/layout"], "/nonexistent/layout"),
        (&["compare", "--ecosystem", "cobol", "1", "2"], "deb, apk, alpm, rpm"),
    ];
    for (arguments, words) in cases {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
    }
}

#[test]
fn help_and_manual_of_compare_name_every_ecosystem() {
    let help = Sandbox::new().run(&["compare", "--help"]).out;
    let manual = include_str!("../../../../docs/matching.md");
    for ecosystem in plimsoll_ecosystems::ECOSYSTEMS {
        let purl_type = ecosystem.purl_type();
        assert!(help.contains(&format!("  {purl_type}")), "{purl_type}: {help}");
        assert!(manual.contains(&format!("`{purl_type}`")), "{purl_type}");
    }
}

#[test]
fn every_ecosystem_orders_versions() {
    let sandbox = Sandbox::new();
    for (ecosystem, left, sign, right) in [
        ("pypi", "1.0rc1", "<", "1.0"),
        ("npm", "1.0.0-alpha", "<", "1.0.0"),
        ("Maven", "1.0-SNAPSHOT", "<", "1.0"),
        ("Go", "v1.2.4-0.20210101000000-abcdefabcdef", "<", "v1.2.4"),
        ("crates.io", "1.0.0+1", "=", "1.0.0"),
        ("RubyGems", "1.0.a9", "<", "1.0.a10"),
        ("Packagist", "1.0", "=", "1.0.0"),
        ("NuGet", "1.0.0-BETA", "=", "1.0.0-beta"),
        ("hex", "1.0.0-rc.1", "<", "1.0.0"),
        ("pub", "1.0.0+1", "<", "1.0.0+2"),
        ("swift", "1.9.0", "<", "1.10.0"),
        ("cocoapods", "1.0.0-beta", "<", "1.0.0"),
        ("conan", "1.1.1", "<", "1.1.1w"),
        ("CRAN", "0.01.0", "=", "0.1-0"),
        ("cpan", "1.10", "<", "1.9"),
        ("luarocks", "1.0rc1", "<", "1.0"),
        ("Hackage", "1.0", "<", "1.0.0"),
        ("julia", "1.0.0+0", "<", "1.0.0+1"),
        ("conda", "1.0a1", "<", "1.0"),
        ("bitnami", "1.2.3", "<", "1.2.3-1"),
        ("wordpress", "6.5-RC1", "<", "6.5"),
        ("nix", "2.3pre1", "<", "2.3"),
        ("generic", "1.1.1", "<", "1.1.1w"),
    ] {
        let ran = sandbox.run(&["compare", "--ecosystem", ecosystem, left, right]);
        assert_eq!(ran.out, format!("{sign}\n"), "{ecosystem} {left} {right}");
    }
}

#[test]
fn versions_are_ordered_one_by_one_and_from_standard_input() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.run(&["compare", "--ecosystem", "deb", "1.0~rc1", "1.0"]).out, "<\n");
    assert_eq!(sandbox.run(&["compare", "-e", "rpm", "1.0^git1", "1.0"]).out, ">\n");
    assert_eq!(sandbox.run(&["compare", "-e", "alpine", "1-r1", "1-r01"]).out, "=\n");
    let unreadable = sandbox.run(&["compare", "-e", "apk", "not a version", "1"]);
    assert_eq!(unreadable.status, 3);
    assert!(unreadable.out.starts_with("? "), "{}", unreadable.out);
    let mut command = sandbox.command(&["compare", "--ecosystem", "deb", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"1 2\n2 1\n\n1:0 0:1\n").unwrap();
    assert_eq!(finished(child.wait_with_output().unwrap()).out, "<\n>\n>\n");
}

#[test]
fn completions_and_the_manual_page_are_written() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(sandbox.run(&["completions", shell]).out.contains("plimsoll"), "{shell}");
    }
    let page = sandbox.run(&["man"]).out;
    assert!(page.contains(".TH plimsoll") && page.contains("PLIMSOLL SCAN"), "{page}");
}

#[test]
fn the_version_names_what_results_depend_on() {
    let sandbox = Sandbox::new();
    let document: serde_json::Value = serde_json::from_str(&sandbox.run(&["version", "--json"]).out).unwrap();
    assert!(document["matcher"].as_str().unwrap().starts_with("sha256:"));
    assert!(document["extractors"]["os/dpkg"].as_u64().unwrap() > 0);
}

#[test]
fn passwords_never_reach_an_output() {
    let sandbox = Sandbox::new();
    let arguments = ["scan", "--username", "bob", "--password-stdin", "127.0.0.1:1/app"];
    let mut command = sandbox.command(&arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"s3cr3t-passw0rd\n").unwrap();
    let ran = finished(child.wait_with_output().unwrap());
    assert_eq!(ran.status, 3, "{}", ran.err);
    assert!(!ran.err.contains("s3cr3t") && !ran.out.contains("s3cr3t"));
}
