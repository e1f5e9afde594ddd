//! `os/apk-files`: which files belong to which package, from the same database as `os/apk`.
//!
//! Apart from that extractor because it is needed only where language packages are looked for.

use plimsoll_core::{Extractor, ImagePath, Input, Observations, OwnedFiles, Pattern, Problem, ProblemKind};

use super::field;
use crate::notes::{excerpt, lines};

/// Reads the `F:` (folder) and `R:` (file) lines of apk's database.
pub struct ApkFiles;

/// Packages of one database, as many as `os/apk` reads.
const PACKAGES_MAX: usize = crate::notes::PACKAGES_MAX;

/// Bytes of all paths of one database. A folder's name counts for each of its files, so that a
/// hostile database could name more than it holds; honest ones of 5,000 packages have some 30 MB.
const PATHS_BYTES_MAX: usize = 256 << 20;

/// What each path costs besides its bytes.
const PATH_COST_BYTES: usize = 32;

/// Bytes of one path (Linux's `PATH_MAX`).
const PATH_BYTES_MAX: usize = 4096;

impl Extractor for ApkFiles {
    fn id(&self) -> &'static str {
        "os/apk-files"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        super::DATABASES
    }

    fn finds_packages(&self) -> bool {
        false
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut entries = Entries { unread: 0, bytes_left: PATHS_BYTES_MAX, entry: Entry::default() };
        for (line, _) in lines(input.content) {
            if line.is_empty() {
                entries.end(out);
            } else {
                entries.take(line);
            }
        }
        entries.end(out);
        if entries.unread > 0 {
            let what = format!("which files {} packages own could not be read", entries.unread);
            out.problems.push(Problem::new(ProblemKind::Malformed, what).at(input.path).harmless());
        }
        if entries.bytes_left == 0 {
            let what = format!(
                "the database names more files than {PATHS_BYTES_MAX} bytes hold, or more packages than \
                 {PACKAGES_MAX}; who owns the rest is unknown"
            );
            out.problems.push(Problem::new(ProblemKind::Limit, what).at(input.path).harmless());
        }
    }
}

struct Entries<'a> {
    /// Packages whose list could not be read.
    unread: usize,
    bytes_left: usize,
    entry: Entry<'a>,
}

/// One package.
#[derive(Default)]
struct Entry<'a> {
    name: Option<&'a [u8]>,
    folder: &'a [u8],
    paths: Vec<ImagePath>,
    unread: bool,
}

impl<'a> Entries<'a> {
    fn take(&mut self, line: &'a [u8]) {
        match field(line) {
            Some((b'P', name)) if self.entry.name.is_none() => self.entry.name = Some(name),
            Some((b'F', folder)) => self.entry.folder = folder,
            Some((b'R', file)) if !self.entry.unread => match self.path(file) {
                Some(path) => self.entry.paths.push(path),
                None => {
                    self.entry.unread = true;
                    self.entry.paths = Vec::new();
                }
            },
            _ => (),
        }
    }

    fn path(&mut self, file: &[u8]) -> Option<ImagePath> {
        let length = self.entry.folder.len().checked_add(file.len())?.checked_add(1)?;
        if length > PATH_BYTES_MAX || file.is_empty() {
            return None;
        }
        let Some(left) = self.bytes_left.checked_sub(length + PATH_COST_BYTES) else {
            self.bytes_left = 0;
            return None;
        };
        self.bytes_left = left;
        ImagePath::from_entry_name(&[self.entry.folder, file].join(&b'/')).ok()
    }

    fn end(&mut self, out: &mut Observations) {
        let entry = std::mem::take(&mut self.entry);
        let Some(name) = entry.name.filter(|name| !name.is_empty()) else { return };
        self.unread += usize::from(entry.unread);
        if out.owned.len() >= PACKAGES_MAX {
            self.bytes_left = 0;
            return;
        }
        out.owned.push(OwnedFiles {
            package: match std::str::from_utf8(name) {
                Ok(name) => name.to_owned(),
                Err(_) => excerpt(name),
            },
            architecture: None,
            paths: (!entry.unread).then_some(entry.paths),
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};

    use super::*;

    /// The only place that knows how the extractor is called.
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &[u8], expected: Expect) {
        let (path, mut out) = (ImagePath::new("lib/apk/db/installed"), Observations::default());
        ApkFiles.extract(Input { path: &path, content, others: &() }, &mut out);
        let mut actual = String::new();
        for owned in &out.owned {
            writeln!(actual, "{}: {:?}", owned.package, owned.paths).unwrap();
        }
        for problem in &out.problems {
            writeln!(actual, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what).unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn files_lie_in_the_folder_named_before() {
        check(
            b"P:musl\nV:1\nF:\nR:root\nF:lib\nM:0:0:755\nR:ld-musl-x86_64.so.1\na:0:0:755\nZ:Q1=\nF:etc\n\nP:none\nV:1\n\n",
            expect![[r#"
                musl: Some([/root, /lib/ld-musl-x86_64.so.1])
                none: Some([])
            "#]],
        );
    }

    #[test]
    fn a_path_that_cannot_be_makes_ownership_unknown() {
        check(
            b"P:a\nF:usr\nR:x\nR:../../y\nR:z\n\nP:b\nF:usr\nR:ok\n",
            expect![[r#"
                a: None
                b: Some([/usr/ok])
                ~ which files 1 packages own could not be read
            "#]],
        );
    }
}
