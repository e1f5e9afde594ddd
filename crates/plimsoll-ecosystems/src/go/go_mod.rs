//! `go/go-mod`: go.mod, and of go.sum what it lacks.
//!
//! Since Go 1.17 go.mod lists every module that is needed to build. Before, it lists only what
//! the module asks for itself; then go.sum tells the others, with versions that were looked at
//! but not chosen: the last of each module counts, as versions are ordered. Modules replaced by
//! a folder are left to the go.mod in that folder.

use std::collections::BTreeMap;

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Pattern};

use super::{STANDARD_LIBRARY, package};
use crate::notes::{Notes, excerpt};
use crate::versions;

/// Reads go.mod.
pub struct GoMod;

impl Extractor for GoMod {
    fn id(&self) -> &'static str {
        "go/go-mod"
    }

    fn version(&self) -> u32 {
        2
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("go.mod")]
    }

    fn companions(&self, path: &ImagePath) -> Vec<ImagePath> {
        path.parent().map(|folder| folder.join(b"go.sum")).into_iter().collect()
    }

    fn companion_patterns(&self) -> &'static [Pattern] {
        &[Pattern::Name("go.sum")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut notes = Notes::new(input.path, out);
        match std::str::from_utf8(input.content) {
            Ok(text) => {
                let others = self.companions(input.path);
                let sums = others.first().and_then(|path| input.others.get(path));
                read(text, sums, &mut notes);
            }
            Err(_) => notes.problem("the file is not UTF-8".to_owned()),
        }
        notes.finish();
    }
}

/// Whether a replacement is a folder and not a module (Go Modules Reference, "replace").
pub(super) fn is_folder(path: &str) -> bool {
    path.starts_with("./")
        || path.starts_with("../")
        || path.starts_with('/')
        || path == "."
        || path == ".."
        || path.as_bytes().get(1) == Some(&b':')
}

/// What go.mod says.
#[derive(Default)]
struct Manifest<'a> {
    module: Option<&'a str>,
    language: Option<&'a str>,
    toolchain: Option<&'a str>,
    requires: BTreeMap<&'a str, &'a str>,
    replaces: Vec<Replace<'a>>,
}

struct Replace<'a> {
    path: &'a str,
    version: Option<&'a str>,
    by: &'a str,
    by_version: Option<&'a str>,
}

fn read(text: &str, sums: Option<&[u8]>, notes: &mut Notes<'_>) {
    let manifest = parse(text, notes);
    let mut modules: BTreeMap<&str, &str> = BTreeMap::new();
    if manifest.is_incomplete()
        && let Some(Ok(sums)) = sums.map(std::str::from_utf8)
    {
        modules = newest(sums);
    }
    modules.extend(manifest.requires.iter());
    if let Some(module) = manifest.module {
        modules.remove(module);
        notes.package(package(module, "", Evidence::LockFile));
    }
    let mut chosen: Vec<(&str, &str)> =
        modules.into_iter().filter_map(|(path, version)| manifest.chosen(path, version)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    for (path, version) in chosen {
        notes.package(package(path, version, Evidence::LockFile));
    }
    let toolchain = manifest.toolchain.and_then(|it| super::release::release(it));
    // Go 1.21 and later build with no older release than the `go` line's.
    let toolchain = toolchain.or(manifest.language.filter(|it| it.split('.').count() == 3));
    if let Some(version) = toolchain {
        notes.package(package(STANDARD_LIBRARY, version, Evidence::LockFile));
    }
}

impl<'a> Manifest<'a> {
    /// Whether modules that others need may be missing: before Go 1.17.
    fn is_incomplete(&self) -> bool {
        let Some(language) = self.language else { return true };
        let mut numbers = language.split('.').map(|it| it.parse::<u32>().unwrap_or(u32::MAX));
        let release = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        release < (1, 17)
    }

    /// The module that stands for `path`, if it is one.
    fn chosen(&self, path: &'a str, version: &'a str) -> Option<(&'a str, &'a str)> {
        let of_path = self.replaces.iter().filter(|replace| replace.path == path);
        let fits = of_path.filter(|it| it.version.is_none_or(|it| it == version));
        // One of a version goes before one of all versions.
        match fits.max_by_key(|it| it.version.is_some()) {
            None => Some((path, version)),
            Some(replace) if is_folder(replace.by) => None,
            Some(replace) => Some((replace.by, replace.by_version.unwrap_or_default())),
        }
    }
}

fn parse<'a>(text: &'a str, notes: &mut Notes<'_>) -> Manifest<'a> {
    let mut manifest = Manifest::default();
    let mut group: Option<&str> = None;
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        // No word has a bracket in it, so that none need stand before one: `require(`.
        let (line, opens) = match line.trim_end().strip_suffix('(') {
            Some(start) if group.is_none() => (start, true),
            _ => (line, false),
        };
        let mut words = line.split_whitespace();
        let Some(first) = words.clone().next() else { continue };
        let verb = match group {
            Some(_) if first == ")" => {
                group = None;
                continue;
            }
            Some(verb) => verb,
            None => {
                words.next();
                first
            }
        };
        let words: Vec<&str> = words.take(8).map(|word| word.trim_matches(['"', '`'])).collect();
        if opens && words.is_empty() {
            group = Some(verb);
            continue;
        }
        if opens || !statement(&mut manifest, verb, &words) {
            notes.problem(format!("a line of go.mod could not be read: `{}`", excerpt(line.as_bytes())));
        }
    }
    manifest
}

/// Reads one statement; false where it is not as it should be.
fn statement<'a>(manifest: &mut Manifest<'a>, verb: &str, words: &[&'a str]) -> bool {
    match (verb, words) {
        ("module", [path]) => manifest.module = Some(path),
        ("go", [version]) => manifest.language = Some(version),
        ("toolchain", [version]) => manifest.toolchain = Some(version),
        ("require", [path, version, ..]) => {
            manifest.requires.insert(path, version);
        }
        ("replace", [path, rest @ ..]) => {
            let (version, by) = match rest {
                ["=>", by @ ..] => (None, by),
                [version, "=>", by @ ..] => (Some(*version), by),
                _ => return false,
            };
            let [by, by_version @ ..] = by else { return false };
            let by_version = by_version.first().copied();
            manifest.replaces.push(Replace { path, version, by, by_version });
        }
        ("exclude" | "retract" | "godebug" | "tool" | "ignore", _) => (),
        // What is not as it should be, and what is to come: it may name modules.
        _ => return false,
    }
    true
}

/// The last version of each module in a go.sum; a version whose go.mod alone was read says
/// nothing.
fn newest(sums: &str) -> BTreeMap<&str, &str> {
    let mut newest: BTreeMap<&str, &str> = BTreeMap::new();
    for line in sums.lines() {
        let mut words = line.split_whitespace();
        let (Some(path), Some(version)) = (words.next(), words.next()) else { continue };
        if version.ends_with("/go.mod") {
            continue;
        }
        let known = newest.entry(path).or_insert(version);
        if versions::go::compare(known, version) == Ok(std::cmp::Ordering::Less) {
            *known = version;
        }
    }
    newest
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(text: &str, sums: Option<&str>, expected: Expect) {
        let (path, mut out) = (ImagePath::new("src/go.mod"), Observations::default());
        let mut notes = Notes::new(&path, &mut out);
        read(text, sums.map(str::as_bytes), &mut notes);
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
    fn what_is_required_is_there_and_what_is_replaced_is_not() {
        check(
            "module \"a.b/c\"\ngo 1.22.5\n\nrequire x.y/one v1.0.0 // indirect\nrequire (\n\tx.y/two v2.0.0+incompatible\n\
             \tx.y/three v3.0.0\n\tx.y/four v0.1.0\n)\nreplace x.y/two => x.y/fork v2.1.0\n\
             replace (\n\tx.y/three v3.0.0 => ../three\n\tx.y/four v0.0.9 => x.y/no v1.0.0\n)\n\
             exclude x.y/one v0.9.0\ntool x.y/one/cmd\n",
            Some("x.y/old v1.0.0 h1:=\n"),
            expect![[r#"
                a.b/c
                x.y/fork v2.1.0
                x.y/four v0.1.0
                x.y/one v1.0.0
                stdlib 1.22.5
            "#]],
        );
    }

    #[test]
    fn the_toolchain_is_the_standard_library() {
        check(
            "module m\ngo 1.21\ntoolchain go1.22.3\n",
            None,
            expect![[r#"
            m
            stdlib 1.22.3
        "#]],
        );
    }

    #[test]
    fn go_sum_tells_what_an_old_go_mod_lacks() {
        check(
            "module m\ngo 1.16\nrequire a.b/c v1.2.0\n",
            Some("a.b/c v1.3.0 h1:=\na.b/d v1.0.0 h1:=\na.b/e v1.0.0/go.mod h1:=\n\nodd\n"),
            expect![[r#"
                m
                a.b/c v1.2.0
                a.b/d v1.0.0
            "#]],
        );
    }

    #[test]
    fn a_group_needs_no_blank_before_its_bracket() {
        check(
            "module m\ngo 1.20\nrequire(\n\ta.b/c v1.0.0\n)\nexclude( // none\n)\nrequire a.b/d v1.1.0\n",
            None,
            expect![[r#"
                m
                a.b/c v1.0.0
                a.b/d v1.1.0
            "#]],
        );
    }

    #[test]
    fn a_directive_that_nobody_knows_is_a_problem() {
        check(
            "module m\ngo 1.20\nrequires a.b/c v1.0.0\nretract [v1.0.0, v1.1.0]\nrequire a.b/d v1 (\n",
            None,
            expect![[r#"
                m
                ! a line of go.mod could not be read: `requires a.b/c v1.0.0`
                ! a line of go.mod could not be read: `require a.b/d v1 `
            "#]],
        );
    }

    #[test]
    fn a_broken_line_is_a_problem_and_the_others_count() {
        check(
            "module m\ngo 1.20\nrequire a.b/c\nreplace x y\nrequire (\n)\nrequire a.b/d v1\n",
            None,
            expect![[r#"
            m
            a.b/d v1
            ! a line of go.mod could not be read: `require a.b/c`
            ! a line of go.mod could not be read: `replace x y`
        "#]],
        );
    }
}
