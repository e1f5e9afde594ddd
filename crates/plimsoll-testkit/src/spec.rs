//! Specifications in Markdown that run as tests.
//!
//! A case is everything under one `## ` heading. Its blocks of three backquotes are handed to a
//! [`Case`] one after the other: some say what is given, the others what must come of it. With
//! `UPDATE_SPEC` set, what came out is written down in place of what was expected; read the
//! difference before you believe it. Runs of blanks count as one, so that columns can be aligned.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// What a crate makes of the blocks of one case.
pub trait Case: Default {
    /// Takes a block, by the words behind its backquotes. Gives what came out where the block
    /// says what must, and `None` where it says what is given.
    fn take(&mut self, kind: &str, lines: &[&str]) -> Result<Option<String>, String>;
}

/// What was run.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ran {
    /// Blocks that said what must come out.
    pub results: usize,
    /// Blocks of kind `not-yet`: what a rule lacks.
    pub not_yet: Vec<String>,
}

/// Runs every specification of a folder; `README.md` is none.
///
/// # Panics
///
/// If a file cannot be read, a block is no block, or something else comes out than expected.
#[track_caller]
pub fn run<C: Case>(folder: &Path) -> Ran {
    let update = std::env::var_os("UPDATE_SPEC").is_some();
    let mut ran = Ran::default();
    let mut failures = String::new();
    for path in specifications(folder) {
        let text = read(&path);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let rewritten = run_text::<C>(&text, &name, &mut ran, &mut failures);
        if update && rewritten != text {
            fs::write(&path, rewritten).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        }
    }
    assert!(failures.is_empty() || update, "{failures}");
    for missing in &ran.not_yet {
        say(missing);
    }
    ran
}

#[expect(clippy::print_stderr, reason = "what the product lacks is said loudly")]
fn say(missing: &str) {
    eprintln!("NOT YET: {missing}");
}

/// The numbers of the rules that headings name, `## Title (rule 1, rule 2)`, in all folders below.
///
/// # Panics
///
/// If a file cannot be read.
pub fn rules_named(root: &Path) -> BTreeSet<u32> {
    let folders = entries(root).into_iter().filter(|it| it.is_dir());
    let texts = folders.flat_map(|it| specifications(&it)).map(|path| read(&path));
    texts.flat_map(|text| text.lines().flat_map(rules_of).collect::<Vec<_>>()).collect()
}

fn rules_of(line: &str) -> Vec<u32> {
    let heading = line.strip_prefix("## ").and_then(|title| title.rsplit_once("(rule"));
    let numbers = heading.map_or("", |(_, rules)| rules).split(|it: char| !it.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

/// Runs the cases of one file; gives it back with what came out in place of what was expected.
fn run_text<C: Case>(text: &str, name: &str, ran: &mut Ran, failures: &mut String) -> String {
    let mut rewritten = String::new();
    let mut heading = "";
    let mut case = C::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        rewritten.push_str(line);
        rewritten.push('\n');
        if let Some(title) = line.strip_prefix("## ") {
            heading = title;
            case = C::default();
        }
        let Some(kind) = line.strip_prefix("```").filter(|it| !it.is_empty()) else { continue };
        let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let mut outcome = None;
        if kind == "not-yet" {
            ran.not_yet.push(format!("{name}: {heading}: {}", body.join(" ")));
        } else {
            outcome =
                case.take(kind, &body).unwrap_or_else(|error| panic!("{name}: {heading}: {kind}: {error}"));
        }
        let expected = body.iter().fold(String::new(), |text, line| text + line + "\n");
        ran.results += usize::from(outcome.is_some());
        match outcome {
            Some(actual) if squeezed(&actual) != squeezed(&expected) => {
                let _ = write!(failures, "\n{name}: {heading}\nexpected:\n{expected}actual:\n{actual}");
                rewritten.push_str(&actual);
            }
            _ => rewritten.push_str(&expected),
        }
        rewritten.push_str("```\n");
    }
    rewritten
}

fn squeezed(text: &str) -> Vec<String> {
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(line).filter(|line| !line.is_empty()).collect()
}

fn specifications(folder: &Path) -> Vec<PathBuf> {
    let is_specification = |path: &PathBuf| {
        path.extension().is_some_and(|it| it == "md") && path.file_name().is_some_and(|it| it != "README.md")
    };
    entries(folder).into_iter().filter(is_specification).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts the lines that it was given.
    #[derive(Default)]
    struct Count(usize);

    impl Case for Count {
        fn take(&mut self, kind: &str, lines: &[&str]) -> Result<Option<String>, String> {
            match kind {
                "given" => {
                    self.0 += lines.len();
                    Ok(None)
                }
                "lines" => Ok(Some(format!("{}\n", self.0))),
                other => Err(format!("no block: {other}")),
            }
        }
    }

    const TEXT: &str = "# t\n## a (rule 1)\n```given\nx\ny\n```\n```lines\n2\n```\n\n\
                        ## b (rule 2, rule 33)\n```lines\n7\n```\n```not-yet\nIt cannot\nfly.\n```\n";

    #[test]
    fn a_case_ends_at_the_next_heading_and_what_came_out_replaces_what_was_expected() {
        let (mut ran, mut failures) = (Ran::default(), String::new());
        let rewritten = run_text::<Count>(TEXT, "t.md", &mut ran, &mut failures);
        assert_eq!(rewritten, TEXT.replace('7', "0"));
        assert_eq!(failures, "\nt.md: b (rule 2, rule 33)\nexpected:\n7\nactual:\n0\n");
        let not_yet = vec!["t.md: b (rule 2, rule 33): It cannot fly.".to_owned()];
        assert_eq!(ran, Ran { results: 2, not_yet });
    }

    #[test]
    fn headings_name_rules() {
        assert_eq!(TEXT.lines().flat_map(rules_of).collect::<Vec<_>>(), [1, 2, 33]);
        assert!(rules_of("## In version 2 (see rule)").is_empty());
    }
}
