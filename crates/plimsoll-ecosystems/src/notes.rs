//! How extractors that read many records from one file write them down, within bounds.
//!
//! A hostile file of two bytes a record would otherwise become gigabytes of messages. What is
//! beyond a bound is not silent: one problem says that it was reached.

use plimsoll_core::{Escaped, ImagePath, Observations, Package, Problem, ProblemKind, UnnamedArchive};

/// Packages of one file; the largest honest one known has some 7,000.
pub(crate) const PACKAGES_MAX: usize = 200_000;

/// Messages about one file, before they are only counted.
const PROBLEMS_MAX: usize = 100;

/// The observations of one file.
pub(crate) struct Notes<'a> {
    path: &'a ImagePath,
    out: &'a mut Observations,
    packages: usize,
    packages_left_out: usize,
    problems: usize,
    problems_left_out: usize,
    left_out_hides_findings: bool,
}

impl<'a> Notes<'a> {
    /// Notes about the file at `path`; call [`Notes::finish`] at its end.
    pub(crate) fn new(path: &'a ImagePath, out: &'a mut Observations) -> Notes<'a> {
        Notes {
            path,
            out,
            packages: 0,
            packages_left_out: 0,
            problems: 0,
            problems_left_out: 0,
            left_out_hides_findings: false,
        }
    }

    /// Notes a package.
    pub(crate) fn package(&mut self, package: Package) {
        if self.packages < PACKAGES_MAX {
            self.packages += 1;
            self.out.package(package);
        } else {
            self.packages_left_out += 1;
        }
    }

    /// Notes something that could not be read, so that packages may be missing.
    pub(crate) fn problem(&mut self, what: String) {
        self.note(Problem::new(ProblemKind::Malformed, what));
    }

    /// Notes something odd that cannot hide a finding.
    pub(crate) fn oddity(&mut self, what: String) {
        self.note(Problem::new(ProblemKind::Malformed, what).harmless());
    }

    /// Notes a problem of any kind.
    pub(crate) fn note(&mut self, problem: Problem) {
        if self.problems < PROBLEMS_MAX {
            self.problems += 1;
            self.out.problems.push(problem.at(self.path));
        } else {
            self.problems_left_out += 1;
            self.left_out_hides_findings |= problem.hides_findings;
        }
    }

    /// Notes an archive that nobody names, and the problem that says so. One whose problem is only
    /// counted stays unknown, whoever knows it.
    pub(crate) fn unnamed(&mut self, mut archive: UnnamedArchive) {
        if self.problems < PROBLEMS_MAX {
            archive.problem = archive.problem.at(self.path);
            self.out.unnamed.push(archive.clone());
        }
        self.note(archive.problem);
    }

    /// Says what was left out.
    pub(crate) fn finish(self) {
        if self.packages_left_out > 0 {
            let what = format!(
                "only the first {PACKAGES_MAX} packages were read, {} were not",
                self.packages_left_out
            );
            self.out.problems.push(Problem::new(ProblemKind::Limit, what).at(self.path));
        }
        if self.problems_left_out > 0 {
            let what = format!("{} more like the {PROBLEMS_MAX} before", self.problems_left_out);
            let mut problem = Problem::new(ProblemKind::Malformed, what).at(self.path);
            problem.hides_findings = self.left_out_hides_findings;
            self.out.problems.push(problem);
        }
    }
}

/// Each of an image's repositories once, in order; more than `count_max` are a problem, as what the
/// others say is lost.
pub(crate) fn keep_some(
    repositories: &mut Vec<String>,
    count_max: usize,
    path: &ImagePath,
    out: &mut Observations,
) {
    repositories.sort_unstable();
    repositories.dedup();
    if repositories.len() > count_max {
        let what = format!("only {count_max} of {} repositories are heeded", repositories.len());
        out.problems.push(Problem::new(ProblemKind::Limit, what).at(path));
        repositories.truncate(count_max);
    }
}

/// A piece of the file for a message: at most sixty characters, escaped.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(240)]);
    let mut text: String = start.chars().take(60).collect();
    if text.len() < start.len() || bytes.len() > 240 {
        text.push('…');
    }
    Escaped(&text).to_string()
}

/// The lines of a file, each with whether it ends as a line should.
pub(crate) fn lines(content: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    content.split_inclusive(|byte| *byte == b'\n').map(|line| match line.strip_suffix(b"\n") {
        Some(line) => (line.strip_suffix(b"\r").unwrap_or(line), true),
        None => (line, false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_problems_are_counted() {
        let (path, mut out) = (ImagePath::new("x"), Observations::default());
        let mut notes = Notes::new(&path, &mut out);
        for _ in 0..PROBLEMS_MAX + 6 {
            notes.oddity("odd".into());
        }
        notes.problem("bad".into());
        notes.finish();
        assert_eq!(out.problems.len(), PROBLEMS_MAX + 1);
        let last = out.problems.last().unwrap();
        assert_eq!(last.what, "7 more like the 100 before");
        assert!(last.hides_findings);
    }

    #[test]
    fn excerpts_are_short_and_harmless() {
        assert_eq!(excerpt(b"a\x1b[2J"), "a\\u{1b}[2J");
        assert_eq!(excerpt("é".repeat(1000).as_bytes()), format!("{}…", "é".repeat(60)));
        assert_eq!(excerpt(b"\xff"), "\u{fffd}");
    }
}
