//! How the extractors of language ecosystems write down what one file lists.
//!
//! On top of [`Notes`]: one kind, one sort of evidence, no package twice, and one way to say
//! that a file of ours is broken. Knows no format.

use std::borrow::Cow;
use std::collections::HashSet;

use plimsoll_core::{Evidence, ImagePath, Input, Observations, Package, Problem};

use crate::notes::{Notes, excerpt};

/// The packages of one file.
pub(crate) struct Listing<'a> {
    kind: &'static str,
    evidence: Evidence,
    notes: Notes<'a>,
    /// All so far, without their licences.
    seen: HashSet<Package>,
}

impl<'a> Listing<'a> {
    /// A list of packages of this kind; call [`Listing::finish`] at its end.
    pub(crate) fn new(
        kind: &'static str,
        evidence: Evidence,
        input: &Input<'a>,
        out: &'a mut Observations,
    ) -> Listing<'a> {
        Listing::at(kind, evidence, input.path, out)
    }

    /// The same, of a file that was read in flight.
    pub(crate) fn at(
        kind: &'static str,
        evidence: Evidence,
        path: &'a ImagePath,
        out: &'a mut Observations,
    ) -> Listing<'a> {
        Listing { kind, evidence, notes: Notes::new(path, out), seen: HashSet::new() }
    }

    /// Notes a package; the version is empty where the file says none.
    pub(crate) fn add(&mut self, name: &str, version: &str) {
        self.add_licensed(name, version, None);
    }

    /// Notes a package and its licence.
    pub(crate) fn add_licensed(&mut self, name: &str, version: &str, license: Option<String>) {
        self.add_package(Package {
            name: name.trim().to_owned(),
            version: version.trim().to_owned(),
            license: license.filter(|license| !license.trim().is_empty()),
            ..Package::default()
        });
    }

    /// Notes a package of which more is known; kind and evidence are those of the list.
    pub(crate) fn add_package(&mut self, package: Package) {
        if package.name.is_empty() {
            return self.problem("a package has no name");
        }
        let mut package = Package { evidence: self.evidence, ..package };
        if package.kind.is_empty() {
            self.kind.clone_into(&mut package.kind);
        }
        if self.seen.insert(Package { license: None, ..package.clone() }) {
            self.notes.package(package);
        }
    }

    /// Notes something that could not be read, so that packages may be missing.
    pub(crate) fn problem(&mut self, what: impl Into<String>) {
        self.notes.problem(what.into());
    }

    /// Notes something odd that cannot hide a finding.
    pub(crate) fn oddity(&mut self, what: impl Into<String>) {
        self.notes.oddity(what.into());
    }

    /// Notes a problem of any kind.
    pub(crate) fn note(&mut self, problem: Problem) {
        self.notes.note(problem);
    }

    /// Notes that this entry is not as the format says.
    pub(crate) fn unreadable(&mut self, entry: &str) {
        self.problem(format!("this entry cannot be read: `{}`", excerpt(entry.as_bytes())));
    }

    /// Notes that the file is not as its format says.
    pub(crate) fn broken(&mut self, what: &str, why: &dyn std::fmt::Display) {
        // Some parsers add lines that show the place in the file.
        let why = why.to_string();
        let why = why.lines().next().unwrap_or_default();
        self.problem(format!("{what} cannot be read: {}", excerpt(why.as_bytes())));
    }

    /// Says what was left out.
    pub(crate) fn finish(self) {
        self.notes.finish();
    }
}

/// The file as text: without a byte order mark, and with what is not UTF-8 replaced.
pub(crate) fn text<'a>(input: &Input<'a>) -> Cow<'a, str> {
    String::from_utf8_lossy(input.content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(input.content))
}

/// A component of a path, counted from its end: 0 is the file's name.
pub(crate) fn component(path: &ImagePath, from_end: usize) -> &[u8] {
    path.as_bytes().rsplit(|byte| *byte == b'/').nth(from_end).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use std::fmt::Write;

    use expect_test::Expect;

    /// What is seen in a file, and that no damage to it makes an extractor panic.
    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    pub(crate) fn check(path: &str, content: &str, expected: Expect) {
        expected.assert_eq(&seen(path, content.as_bytes()));
        check_survives(path, content.as_bytes());
    }

    /// What all extractors together see in a file, a line a package: kind, name, version,
    /// then what else is known; `!` before problems and `~` before oddities.
    pub(crate) fn seen(path: &str, content: &[u8]) -> String {
        let out = crate::lang_agreement::extract(path, content);
        let mut text = String::new();
        for package in &out.packages {
            write!(text, "{} {} {}", package.kind, package.name, package.version).unwrap();
            if let Some(license) = &package.license {
                write!(text, " under {license}").unwrap();
            }
            if let Some(purl) = &package.purl {
                write!(text, " as {purl}").unwrap();
            }
            writeln!(text, " ({})", package.evidence.name()).unwrap();
        }
        for problem in &out.problems {
            writeln!(text, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what).unwrap();
        }
        text
    }

    /// Feeds broken forms of a sound file to the extractors: every beginning, and the whole with
    /// each of some bytes replaced. Nothing must panic.
    pub(crate) fn check_survives(path: &str, content: &[u8]) {
        for end in 0..content.len().min(300) {
            seen(path, &content[..end]);
        }
        for at in (0..content.len().min(400)).step_by(5) {
            for byte in [0, b'"', b'{', b'(', 0xff] {
                let mut broken = content.to_vec();
                broken[at] = byte;
                seen(path, &broken);
            }
        }
    }

    #[test]
    fn a_package_counts_once_for_a_file() {
        let lock = b"GEM\n  specs:\n    a (1.0)\n    a (1.0-java)\n    a (1.0-x86_64-linux)\n";
        assert_eq!(seen("Gemfile.lock", lock), "gem a 1.0 (lock_file)\n");
    }
}
