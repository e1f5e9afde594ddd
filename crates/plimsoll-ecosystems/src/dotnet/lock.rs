//! `dotnet/lock`: `packages.lock.json` and `packages.config`.
//!
//! Sources: NuGet's documentation, "Locking dependencies" and "packages.config reference". A
//! project's own file (`*.csproj`) says what was asked for and not what came, and is not read.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Extractor, Input, Observations, Pattern};
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use serde::Deserialize;

use super::package;
use crate::notes::{Notes, excerpt};

/// Reads `packages.lock.json` and `packages.config`.
pub struct DotnetLock;

impl Extractor for DotnetLock {
    fn id(&self) -> &'static str {
        "dotnet/lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("packages.lock.json"), Pattern::Name("packages.config")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut notes = Notes::new(input.path, out);
        let content = super::without_mark(input.content);
        let packages = match input.path.file_name() {
            _ if super::is_too_large(content, &mut notes) => Packages::new(),
            b"packages.config" => read_config(content, &mut notes),
            _ => read_lock(content, &mut notes),
        };
        for (name, version) in packages {
            notes.package(package(&name, &version));
        }
        notes.finish();
    }
}

/// Names and versions, each once.
type Packages = BTreeSet<(String, String)>;

#[derive(Deserialize)]
struct Lock {
    dependencies: Option<BTreeMap<String, BTreeMap<String, Locked>>>,
}

#[derive(Deserialize)]
struct Locked {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    resolved: String,
}

fn read_lock(content: &[u8], notes: &mut Notes<'_>) -> Packages {
    let mut packages = Packages::new();
    let lock = match serde_json::from_slice::<Lock>(content) {
        Ok(lock) => lock,
        Err(error) => {
            notes.problem(format!("the lock file cannot be read: {error}"));
            return packages;
        }
    };
    // Without any frameworks it is another program's file of the name.
    for (name, locked) in lock.dependencies.unwrap_or_default().into_values().flatten() {
        // Other projects of the same solution: their packages are listed beside them.
        if locked.kind.eq_ignore_ascii_case("project") {
            continue;
        }
        if locked.resolved.is_empty() {
            notes.problem(format!("package `{}` has no version", excerpt(name.as_bytes())));
        }
        packages.insert((name, locked.resolved));
    }
    packages
}

fn read_config(content: &[u8], notes: &mut Notes<'_>) -> Packages {
    let mut packages = Packages::new();
    let Ok(text) = std::str::from_utf8(content) else {
        notes.problem("it is not UTF-8".to_owned());
        return packages;
    };
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut depth, mut is_ours) = (0_u64, false);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) if depth == 0 || !is_ours => return packages,
            Ok(Event::Eof) => {
                notes.problem("it breaks off".to_owned());
                return packages;
            }
            Ok(Event::Start(start)) => {
                is_ours |= depth == 0 && start.local_name().into_inner() == "packages";
                note_element(&start, is_ours && depth == 1, &mut packages, notes);
                depth += 1;
            }
            Ok(Event::Empty(start)) => note_element(&start, is_ours && depth == 1, &mut packages, notes),
            Ok(Event::End(_)) => depth = depth.saturating_sub(1),
            Ok(_) => (),
            Err(error) => {
                notes.problem(format!("it cannot be read whole: {error}"));
                return packages;
            }
        }
    }
}

fn note_element(start: &BytesStart<'_>, is_in_list: bool, packages: &mut Packages, notes: &mut Notes<'_>) {
    if !is_in_list || start.local_name().into_inner() != "package" {
        return;
    }
    let attribute = |name: &str| {
        let found = start.try_get_attribute(name).ok().flatten()?;
        found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.trim().to_owned())
    };
    if attribute("developmentDependency").is_some_and(|it| it.eq_ignore_ascii_case("true")) {
        return;
    }
    match (attribute("id"), attribute("version")) {
        (Some(name), Some(version)) if !name.is_empty() && !version.is_empty() => {
            packages.insert((name, version));
        }
        (name, _) => {
            let name = name.unwrap_or_default();
            notes.problem(format!("package `{}` has no name or no version", excerpt(name.as_bytes())));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::java::testing::observe;

    #[track_caller]
    fn check(path: &str, content: &str, expected: &str) {
        assert_eq!(observe(&DotnetLock, path, content.as_bytes()), expected);
    }

    #[test]
    fn packages_of_all_frameworks_are_read_once() {
        check(
            "packages.lock.json",
            r#"{"version": 1, "dependencies": {
                "net6.0": {"A": {"type": "Direct", "requested": "[1, )", "resolved": "1.0.0"},
                           "P": {"type": "Project", "dependencies": {"A": "1"}}},
                "net8.0": {"A": {"type": "Direct", "resolved": "1.0.0"}, "B": {"type": "Transitive", "resolved": "2"}}}}"#,
            "A 1.0.0 lock_file\nB 2 lock_file\n",
        );
    }

    #[test]
    fn a_broken_lock_file_is_a_problem() {
        check(
            "packages.lock.json",
            "[",
            "! the lock file cannot be read: EOF while parsing a list at line 1 column 1\n",
        );
        check(
            "packages.lock.json",
            r#"{"dependencies": {"net6.0": {"A": {"type": "Direct"}}}}"#,
            "A  lock_file\n! package `A` has no version\n",
        );
        check("packages.lock.json", "{}", "");
    }

    #[test]
    fn tools_of_development_are_left_out() {
        check(
            "packages.config",
            "\u{feff}<?xml version=\"1.0\"?><packages><package id=\"A&amp;B\" version=\"1\"/>
             <package id='Tool' version='2' developmentDependency='true' /><package id='C' version='3'></package></packages>",
            "A&B 1 lock_file\nC 3 lock_file\n",
        );
    }

    #[test]
    fn a_list_that_is_too_large_is_a_problem() {
        check(
            "packages.lock.json",
            &" ".repeat(super::super::LIST_BYTES_MAX + 1),
            "! it has more than 16777216 bytes and was not read\n",
        );
    }

    #[test]
    fn a_broken_list_gives_what_stands_before() {
        check(
            "packages.config",
            "<packages><package id='A' version='1'/>",
            "A 1 lock_file\n! it breaks off\n",
        );
        check(
            "packages.config",
            "<packages><package id='A'/></packages>",
            "! package `A` has no name or no version\n",
        );
        check("packages.config", "<configuration><package/></configuration>", "");
    }
}
