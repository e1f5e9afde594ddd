//! The command line itself: help, misuse, completions, the manual page, version orders.

use std::io::Write;
use std::process::Stdio;

use crate::sandbox::{Sandbox, finished};

#[test]
fn every_command_helps() {
    let sandbox = Sandbox::new();
    for command in ["scan", "explain", "db", "cache", "compare", "version", "completions", "man"] {
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
        (&["compare", "--ecosystem", "cobol", "1", "2"], "deb, apk, rpm"),
    ];
    for (arguments, words) in cases {
        let ran = sandbox.run(arguments);
        assert_eq!(ran.status, 2, "{arguments:?}: {}", ran.err);
        assert!(ran.err.contains(words), "{arguments:?}: {}", ran.err);
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
