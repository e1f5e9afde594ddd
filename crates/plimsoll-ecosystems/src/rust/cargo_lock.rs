//! `rust/cargo-lock`: Cargo.lock in all its versions.
//!
//! It does not say which crates are for development only, so all count.

use std::collections::BTreeSet;

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use super::package;
use crate::notes::Notes;

/// Reads Cargo.lock.
pub struct CargoLock;

impl Extractor for CargoLock {
    fn id(&self) -> &'static str {
        "rust/cargo-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("Cargo.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut notes = Notes::new(input.path, out);
        match toml::from_slice::<LockFile>(input.content) {
            Ok(file) => read(file, &mut notes),
            Err(error) => notes.problem(format!("the lock file could not be read: {}", error.message())),
        }
        notes.finish();
    }
}

#[derive(Deserialize)]
struct LockFile {
    /// The program itself, until 2017.
    root: Option<Locked>,
    #[serde(default)]
    package: Vec<Locked>,
}

#[derive(Deserialize)]
struct Locked {
    name: Option<String>,
    version: Option<String>,
}

fn read(file: LockFile, notes: &mut Notes<'_>) {
    let mut seen = BTreeSet::new();
    for locked in file.root.into_iter().chain(file.package) {
        match (locked.name, locked.version) {
            (Some(name), Some(version)) if !name.is_empty() => {
                if seen.insert((name.clone(), version.clone())) {
                    notes.package(package(name, version, Evidence::LockFile));
                }
            }
            _ => notes.problem("a package of the lock file has no name or no version".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};
    use plimsoll_core::ImagePath;

    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        let (path, mut out) = (ImagePath::new("app/Cargo.lock"), Observations::default());
        CargoLock.extract(Input { path: &path, content: content.as_bytes(), others: &() }, &mut out);
        let mut actual = String::new();
        for package in &out.packages {
            writeln!(actual, "{} {}", package.name, package.version).unwrap();
        }
        for problem in &out.problems {
            writeln!(actual, "! {}", problem.what).unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn every_version_of_the_format_lists_packages() {
        check(
            "version = 4\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"b\"]\n\
             [[package]]\nname = \"b\"\nversion = \"0.2.0\"\nsource = \"registry+https://x.example\"\n\
             [[package]]\nname = \"b\"\nversion = \"0.2.0\"\nsource = \"git+https://x.example\"\n",
            expect![[r#"
                a 1.0.0
                b 0.2.0
            "#]],
        );
        check(
            "[root]\nname = \"a\"\nversion = \"1.0.0\"\n[[package]]\nname = \"b\"\nversion = \"0.2.0\"\n[metadata]\n\"checksum b\" = \"1\"\n",
            expect![[r#"
                a 1.0.0
                b 0.2.0
            "#]],
        );
        check("# empty\n", expect![""]);
    }

    #[test]
    fn a_broken_file_is_a_problem() {
        check(
            "[[package]]\nname = \"a\"\nversion =\n",
            expect![[r#"
            ! the lock file could not be read: string values must be quoted, expected literal string
        "#]],
        );
        check(
            "[[package]]\nname = \"a\"\n",
            expect![[r#"
            ! a package of the lock file has no name or no version
        "#]],
        );
    }
}
