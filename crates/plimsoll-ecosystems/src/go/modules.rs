//! The text of a program's build information: which modules it is made of.
//!
//! Lines of `path`, `mod`, `dep`, `=>` and `build` with fields between tabs
//! (`runtime/debug.BuildInfo.String`). A replaced module is the one that replaces it (rule 62);
//! one replaced by a folder keeps its name and the version it was asked for, because a local
//! copy of what is vulnerable is so too until somebody says otherwise.

use std::collections::{BTreeSet, HashMap};

use plimsoll_core::{Evidence, LinkedFunctions, Package};

use super::functions::Functions;
use super::{linker_flags, package};
use crate::notes::{Notes, excerpt};

/// Bytes around the text in a program.
pub(super) const MARK_BYTES: usize = 16;

/// Before the text (`cmd/go/internal/modload`, `infoStart`).
pub(super) const START_MARK: [u8; MARK_BYTES] =
    [0x30, 0x77, 0xaf, 0x0c, 0x92, 0x74, 0x08, 0x02, 0x41, 0xe1, 0xc1, 0x07, 0xe6, 0xd6, 0x18, 0xe6];

/// Behind the text (`infoEnd`).
pub(super) const END_MARK: [u8; MARK_BYTES] =
    [0xf9, 0x32, 0x43, 0x31, 0x86, 0x18, 0x20, 0x72, 0x00, 0x82, 0x42, 0x10, 0x41, 0x16, 0xd8, 0xf2];

/// Names and versions already noted, and the functions of the program that is read.
pub(super) struct Seen<'f> {
    noted: BTreeSet<(String, String)>,
    functions: Option<&'f Functions>,
}

impl<'f> Seen<'f> {
    pub(super) fn new(functions: Option<&'f Functions>) -> Seen<'f> {
        Seen { noted: BTreeSet::new(), functions }
    }

    /// True the first time.
    pub(super) fn insert(&mut self, name: &str, version: &str) -> bool {
        self.noted.insert((name.to_owned(), version.to_owned()))
    }

    pub(super) fn len(&self) -> usize {
        self.noted.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.noted.is_empty()
    }

    /// The functions of these modules and of the standard library, where they are known.
    pub(super) fn functions(&self, modules: &[&str], program: &str) -> Option<Linked> {
        self.functions?.by_module(modules, program)
    }
}

type Linked = HashMap<String, LinkedFunctions>;

/// A module and its version, as far as they are written.
#[derive(Clone, Copy)]
struct Module<'a> {
    path: &'a str,
    version: &'a str,
    /// Another module is in its place, whose functions bear the name of the one replaced, so that
    /// advisories about either would be compared with the wrong names.
    is_replacement: bool,
}

/// Whether this is such a text.
pub(super) fn is_text(text: &[u8]) -> bool {
    [&b"path\t"[..], b"mod\t", b"dep\t", b"build\t"].iter().any(|start| text.starts_with(start))
}

/// Notes the modules in the text between the marks.
pub(super) fn read(text: &[u8], seen: &mut Seen<'_>, notes: &mut Notes<'_>) {
    let Ok(text) = std::str::from_utf8(text) else {
        return notes.problem(format!("the build information is not UTF-8: `{}`", excerpt(text)));
    };
    let mut main = None;
    let mut program = "";
    let mut flags = None;
    let mut modules: Vec<Module<'_>> = Vec::new();
    let mut in_main = false;
    for line in text.lines() {
        let (word, rest) = line.split_once('\t').unwrap_or((line, ""));
        match word {
            "path" => program = rest,
            "mod" => {
                main = module(rest, notes);
                in_main = true;
            }
            "dep" => {
                modules.extend(module(rest, notes));
                in_main = false;
            }
            "=>" => {
                let place = if in_main { main.as_mut() } else { modules.last_mut() };
                if let (Some(place), Some(replacement)) = (place, module(rest, notes)) {
                    *place = replaced(*place, replacement);
                }
            }
            "build" => flags = rest.strip_prefix("-ldflags=").map(unquoted).or(flags),
            _ => (),
        }
    }
    let paths: Vec<&str> = main.iter().chain(&modules).map(|it| it.path).collect();
    let linked = seen.functions(&paths, program);
    if let Some(main) = main {
        let version = main_version(main, flags.as_deref());
        note(main, &version, linked.as_ref(), seen, notes);
    }
    for module in modules {
        note(module, stated(module.version), linked.as_ref(), seen, notes);
    }
}

fn module<'a>(fields: &'a str, notes: &mut Notes<'_>) -> Option<Module<'a>> {
    let mut fields = fields.split('\t');
    let module =
        Module { path: fields.next()?, version: fields.next().unwrap_or_default(), is_replacement: false };
    if module.path.is_empty() {
        notes.problem("a module of the build information has no name".to_owned());
        return None;
    }
    Some(module)
}

fn replaced<'a>(module: Module<'a>, replacement: Module<'a>) -> Module<'a> {
    if super::go_mod::is_folder(replacement.path) {
        return module;
    }
    Module { is_replacement: replacement.path != module.path, ..replacement }
}

/// A version that somebody states; `(devel)` is none.
fn stated(version: &str) -> &str {
    if version == "(devel)" { "" } else { version }
}

/// The main module's version: its tag, or else what the build wrote into the program. The name of a
/// commit is none: most programs have never had a tag, and then every fix that was ever published
/// would be later (rule 60).
fn main_version(main: Module<'_>, flags: Option<&str>) -> String {
    let version = stated(main.version);
    if !version.is_empty() && !is_pseudo(version) {
        return version.to_owned();
    }
    let written = flags.and_then(|flags| linker_flags::version(flags, main.path));
    written.unwrap_or_default()
}

/// Whether a version names a commit: `v0.0.0-20210121094942-22b2f8951d46`.
fn is_pseudo(version: &str) -> bool {
    let version = version.split('+').next().unwrap_or_default();
    let mut parts = version.rsplit('-');
    let (commit, time) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let time = time.rsplit('.').next().unwrap_or_default();
    commit.len() == 12
        && commit.bytes().all(|it| it.is_ascii_hexdigit())
        && time.len() == 14
        && time.bytes().all(|it| it.is_ascii_digit())
}

fn note(
    module: Module<'_>,
    version: &str,
    linked: Option<&Linked>,
    seen: &mut Seen<'_>,
    notes: &mut Notes<'_>,
) {
    if seen.insert(module.path, version) {
        let known = linked.filter(|_| !module.is_replacement);
        let functions = known.and_then(|it| it.get(module.path)).cloned();
        notes.package(Package { functions, ..package(module.path, version, Evidence::Installed) });
    }
}

/// A value in Go's double quotes, without them; only quotes and backslashes are escaped in flags.
fn unquoted(value: &str) -> String {
    match value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        Some(inside) => inside.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => value.trim_matches('`').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};
    use plimsoll_core::{ImagePath, Observations};

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(text: &str, expected: Expect) {
        let (path, mut out) = (ImagePath::new("app"), Observations::default());
        let mut notes = Notes::new(&path, &mut out);
        read(text.as_bytes(), &mut Seen::new(None), &mut notes);
        notes.finish();
        let mut actual = String::new();
        for package in &out.packages {
            let line = format!("{} {}", package.name, package.version);
            writeln!(actual, "{}", line.trim_end()).unwrap();
        }
        for problem in &out.problems {
            writeln!(actual, "! {}", problem.what).unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_replaced_module_is_the_one_that_replaces_it() {
        check(
            "path\texample.org/a\nmod\texample.org/a\tv1.2.3\th1:x=\n\
             dep\texample.org/b\tv1.0.0\n=>\texample.org/fork\tv1.0.1\th1:y=\n\
             dep\texample.org/c\tv0.1.0\n=>\t./c\t(devel)\t\ndep\texample.org/d\t(devel)\n",
            expect![[r#"
                example.org/a v1.2.3
                example.org/fork v1.0.1
                example.org/c v0.1.0
                example.org/d
            "#]],
        );
    }

    #[test]
    fn the_main_module_is_named_by_its_tag_or_by_the_linker() {
        check(
            "mod\ta.b/c\t(devel)\nbuild\t-ldflags=\"-w -X main.version=v1.0.0\"\n",
            expect![[r#"
            a.b/c v1.0.0
        "#]],
        );
        check(
            "mod\ta.b/c\tv0.0.0-20210121094942-22b2f8951d46+dirty\nbuild\t-ldflags=\"-X \\\"main.version=2.0.0\\\"\"\n",
            expect![[r#"
                a.b/c v2.0.0
            "#]],
        );
        check(
            "mod\ta.b/c\tv1.0.1-0.20210121094942-22b2f8951d46\n",
            expect![[r#"
            a.b/c
        "#]],
        );
        check(
            "mod\ta.b/c\t(devel)\nbuild\t-ldflags=-w\n",
            expect![[r#"
            a.b/c
        "#]],
        );
    }

    #[test]
    fn a_module_without_a_name_is_a_problem() {
        check(
            "mod\t\tv1\n=>\tx\tv2\ndep\n=>\n",
            expect![[r#"
            ! a module of the build information has no name
            ! a module of the build information has no name
            ! a module of the build information has no name
        "#]],
        );
    }
}
