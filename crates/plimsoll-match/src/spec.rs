//! Runs the specifications in `spec/match/*.md` at the repository's root: every ```` ```matches ````
//! block must be what its advisories and inventory come to. Their language is described in
//! `spec/match/README.md`.

pub(crate) mod parse;
pub(crate) mod show;

use std::path::{Path, PathBuf};

use plimsoll_testkit::spec::{rules_named, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec")
}

#[test]
fn the_specifications_hold() {
    let ran = run::<parse::Case>(&root().join("match"));
    assert!(ran.results >= 80, "only {} cases were found: have the specifications moved?", ran.results);
}

#[test]
fn every_rule_of_the_design_has_a_heading() {
    let named = rules_named(&root());
    let missing: Vec<u32> = (1..=68).filter(|rule| !named.contains(rule)).collect();
    assert!(missing.is_empty(), "no heading ends in `(rule N)` for {missing:?}");
}
