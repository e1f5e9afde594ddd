//! GitHub's snapshot against a golden document.

use expect_test::expect_file;
use serde_json::Value;

use super::GitHub;
use crate::golden::{self, rendered, rendered_value};
use crate::{Commit, Format, Style};

#[test]
fn the_golden_report_is_written_so() {
    expect_file!["../../testdata/everything.github.json"]
        .assert_eq(&rendered(&GitHub, &golden::everything()));
}

#[test]
fn the_commit_is_the_callers() {
    let commit =
        Commit { sha: "ab".repeat(20), reference: "refs/heads/main".to_owned(), ..Commit::default() };
    let style = Style { commit: Some(commit), ..golden::style(80) };
    let mut out = Vec::new();
    GitHub.render(&golden::clean(), &style, &mut out).unwrap();
    let snapshot: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!((snapshot["sha"].as_str().unwrap().len(), &snapshot["ref"]), (40, &"refs/heads/main".into()));
}

#[test]
fn every_image_of_an_index_is_a_manifest() {
    let snapshot = rendered_value(&GitHub, &golden::index());
    assert_eq!(snapshot["manifests"].as_object().unwrap().len(), 2);
    assert_eq!(snapshot["metadata"]["complete"], false);
}
