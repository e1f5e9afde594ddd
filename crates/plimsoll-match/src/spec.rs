//! Runs the specifications in `spec/match/*.md` at the repository's root: every ```` ```matches ````
//! block must be what its advisories and inventory come to. Their language is described in
//! `spec/match/README.md`.
//!
//! `UPDATE_SPEC=1` writes down what came out instead of failing; read the difference before you
//! believe it.

pub(crate) mod parse;
pub(crate) mod show;

use std::fmt::Write as _;
use std::path::PathBuf;

#[test]
fn the_specifications_hold() {
    let mut failures = String::new();
    let mut cases = 0;
    for path in specifications() {
        let text = read(&path);
        let (rewritten, seen) = run(&text, &path, &mut failures);
        cases += seen;
        if rewritten != text && update() {
            write_down(&path, &rewritten);
        }
    }
    assert!(cases >= 30, "only {cases} cases were found: have the specifications moved?");
    assert!(failures.is_empty() || update(), "{failures}");
}

#[test]
fn every_rule_of_the_design_has_a_heading() {
    let texts: String = specifications().iter().map(read).collect();
    for rule in (1..=18).chain(49..=56).chain([65, 66]) {
        let named = texts.lines().filter(|line| line.starts_with("## ")).any(|line| {
            line.rsplit_once("(rule").is_some_and(|(_, rules)| {
                rules.split(|c: char| !c.is_ascii_digit()).any(|it| it == rule.to_string())
            })
        });
        assert!(named, "no heading ends in `(rule {rule})`");
    }
}

/// Runs all cases of one file; gives it back with what came out in place of what was expected.
fn run(text: &str, path: &std::path::Path, failures: &mut String) -> (String, usize) {
    let mut rewritten = String::new();
    let mut cases = 0;
    let mut heading = "";
    let mut case = parse::Case::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        rewritten.push_str(line);
        rewritten.push('\n');
        if let Some(title) = line.strip_prefix("## ") {
            heading = title;
            case = parse::Case::default();
        }
        let Some(kind) = line.strip_prefix("```").filter(|it| !it.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let body = match kind {
            "matches" => {
                cases += 1;
                let actual = show::matches(&case);
                if squeezed(&actual) != squeezed(&body.join("\n")) {
                    let (path, expected) = (path.display(), body.join("\n"));
                    let _ = write!(failures, "\n{path}: {heading}\nexpected:\n{expected}\nactual:\n{actual}");
                }
                actual
            }
            _ => {
                case.block(kind, &body)
                    .unwrap_or_else(|error| panic!("{}: {heading}: {error}", path.display()));
                body.iter().fold(String::new(), |text, line| text + line + "\n")
            }
        };
        rewritten.push_str(&body);
        rewritten.push_str("```\n");
    }
    (rewritten, cases)
}

/// Runs of blanks count as one, so that columns can be aligned.
fn squeezed(text: &str) -> Vec<String> {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(line).filter(|line| !line.is_empty()).collect()
}

#[expect(clippy::disallowed_methods, reason = "a test reads the specifications of the repository")]
fn specifications() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/match");
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "md"))
        .filter(|path| path.file_name().is_some_and(|it| it != "README.md"))
        .collect();
    paths.sort();
    paths
}

#[expect(clippy::disallowed_methods, reason = "a test reads the specifications of the repository")]
fn read(path: &PathBuf) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "the one who runs the test asked for it")]
fn update() -> bool {
    std::env::var_os("UPDATE_SPEC").is_some()
}

#[expect(clippy::disallowed_methods, reason = "the one who runs the test asked for it")]
fn write_down(path: &PathBuf, text: &str) {
    std::fs::write(path, text).unwrap();
}
