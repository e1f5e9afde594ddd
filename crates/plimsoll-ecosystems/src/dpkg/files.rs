//! `os/dpkg-files`: which files belong to which package.
//!
//! From dpkg's `info/*.list`, and from distroless images' `status.d/*.md5sums`. A list with a
//! line that cannot be read says nothing at all (rule 5): ownership is then unknown, which
//! keeps findings; the packages themselves are not touched.

use plimsoll_core::{
    Extractor, Files, ImagePath, Input, Observations, OwnedFiles, Pattern, Problem, ProblemKind,
};

use super::stanza::stanzas;
use crate::notes::{excerpt, lines};

/// Reads the lists of files.
pub struct DpkgFiles;

/// Files of one package; the largest package of Debian 12 has some 90,000.
const FILES_MAX: usize = 1_000_000;

impl Extractor for DpkgFiles {
    fn id(&self) -> &'static str {
        "os/dpkg-files"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::In("var/lib/dpkg/info", ".list"), Pattern::In("var/lib/dpkg/status.d", ".md5sums")]
    }

    /// The stanza beside a `.md5sums`: old distroless images shorten the name of both files
    /// (`libssl1` for `libssl1.1`), so that only the stanza knows the package's.
    fn companions(&self, path: &ImagePath) -> Vec<ImagePath> {
        stanza_beside(path).into_iter().collect()
    }

    fn companion_patterns(&self) -> &'static [Pattern] {
        &[Pattern::In("var/lib/dpkg/status.d", "")]
    }

    fn finds_packages(&self) -> bool {
        false
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let name = input.path.file_name();
        let (stem, paths) = if let Some(stem) = name.strip_suffix(b".list") {
            (stem, read_lines(input.content, listed))
        } else if let Some(stem) = name.strip_suffix(b".md5sums") {
            (stem, read_lines(input.content, summed))
        } else {
            return;
        };
        let Some((package, architecture)) = owner(stem, input) else {
            return out.oddity(input.path, "the name of a list of files is not UTF-8");
        };
        let paths = paths.map_err(|why| out.problems.push(why.problem(input.path, &package))).ok();
        out.owned.push(OwnedFiles { package, architecture, paths });
    }
}

/// Why a list could not be read.
enum Unread<'a> {
    Line(&'a [u8]),
    TooMany,
}

impl Unread<'_> {
    fn problem(&self, path: &ImagePath, package: &str) -> Problem {
        let package = excerpt(package.as_bytes());
        let problem = match self {
            Unread::Line(line) => Problem::new(
                ProblemKind::Malformed,
                format!(
                    "which files package `{package}` owns is unknown: `{}` is no such line",
                    excerpt(line)
                ),
            ),
            Unread::TooMany => Problem::new(
                ProblemKind::Limit,
                format!("which files package `{package}` owns is unknown: there are more than {FILES_MAX}"),
            ),
        };
        problem.at(path).harmless()
    }
}

fn read_lines<'a>(
    content: &'a [u8],
    read: impl Fn(&'a [u8]) -> Option<ImagePath>,
) -> Result<Vec<ImagePath>, Unread<'a>> {
    let mut paths = Vec::new();
    for (line, _) in lines(content).filter(|(line, _)| !line.is_empty()) {
        let path = read(line).ok_or(Unread::Line(line))?;
        if paths.len() == FILES_MAX {
            return Err(Unread::TooMany);
        }
        if !path.is_root() {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// A line of a `.list`: an absolute path.
fn listed(line: &[u8]) -> Option<ImagePath> {
    line.starts_with(b"/").then(|| ImagePath::from_entry_name(line).ok())?
}

/// A line of a `.md5sums`: 32 hexadecimal digits, two blanks, a path from the root.
fn summed(line: &[u8]) -> Option<ImagePath> {
    let (sum, rest) = line.split_at_checked(32)?;
    let path = rest.strip_prefix(b"  ").or_else(|| rest.strip_prefix(b" *"))?;
    if !sum.iter().all(u8::is_ascii_hexdigit) || path.is_empty() {
        return None;
    }
    ImagePath::from_entry_name(path).ok()
}

/// The package, and its architecture if the list's name has one: `libc6:amd64`.
fn owner(stem: &[u8], input: Input<'_>) -> Option<(String, Option<String>)> {
    let named = stanza_beside(input.path).and_then(|path| package_in(input.others, &path));
    let name = named.or_else(|| String::from_utf8(stem.to_vec()).ok())?;
    Some(match name.split_once(':') {
        Some((package, architecture)) => (package.to_owned(), Some(architecture.to_owned())),
        None => (name, None),
    })
}

fn stanza_beside(path: &ImagePath) -> Option<ImagePath> {
    let stem = path.file_name().strip_suffix(b".md5sums")?;
    let directory = path.parent()?;
    (directory.file_name() == b"status.d").then(|| directory.join(stem))
}

fn package_in(others: &dyn Files, path: &ImagePath) -> Option<String> {
    let stanza = stanzas(others.get(path)?).next()?;
    let name = std::str::from_utf8(stanza.package?).ok()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};

    use super::*;

    struct One(ImagePath, &'static [u8]);

    impl Files for One {
        fn get(&self, path: &ImagePath) -> Option<&[u8]> {
            (*path == self.0).then_some(self.1)
        }
    }

    /// The only place that knows how the extractor is called.
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(path: &str, content: &[u8], others: &dyn Files, expected: Expect) {
        let (path, mut out) = (ImagePath::new(path), Observations::default());
        DpkgFiles.extract(Input { path: &path, content, others }, &mut out);
        let mut actual = String::new();
        for owned in &out.owned {
            writeln!(actual, "{} {:?}: {:?}", owned.package, owned.architecture, owned.paths).unwrap();
        }
        for problem in &out.problems {
            writeln!(actual, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what).unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_list_names_package_and_architecture() {
        check(
            "var/lib/dpkg/info/libc6:amd64.list",
            b"/.\n/lib\n/lib/x.so\n",
            &(),
            expect![[r#"
                libc6 Some("amd64"): Some([/lib, /lib/x.so])
            "#]],
        );
        check("var/lib/dpkg/info/empty.list", b"", &(), expect![["empty None: Some([])\n"]]);
    }

    #[test]
    fn a_malformed_line_makes_ownership_unknown() {
        check(
            "var/lib/dpkg/status.d/a.md5sums",
            b"00112233445566778899aabbccddeeff  usr/lib/a\nnot a sum\n",
            &(),
            expect![[r#"
                a None: None
                ~ which files package `a` owns is unknown: `not a sum` is no such line
            "#]],
        );
        for line in [&b"relative\n"[..], b"/../../x\n", b"/a\0b\n"] {
            let (path, mut out) = (ImagePath::new("var/lib/dpkg/info/a.list"), Observations::default());
            DpkgFiles.extract(Input { path: &path, content: line, others: &() }, &mut out);
            assert_eq!(out.owned[0].paths, None);
        }
    }

    #[test]
    fn the_stanza_beside_the_sums_knows_the_name() {
        let path = "var/lib/dpkg/status.d/libssl1.md5sums";
        let stanza =
            One(ImagePath::new("var/lib/dpkg/status.d/libssl1"), b"Package: libssl1.1\nVersion: 1\n");
        assert_eq!(DpkgFiles.companions(&ImagePath::new(path)), std::slice::from_ref(&stanza.0));
        check(
            path,
            b"00112233445566778899aabbccddeeff  usr/lib/libssl.so.1.1",
            &stanza,
            expect![[r#"
                libssl1.1 None: Some([/usr/lib/libssl.so.1.1])
            "#]],
        );
        check("var/lib/dpkg/status.d/libssl1.md5sums", b"", &(), expect![["libssl1 None: Some([])\n"]]);
    }
}
