//! `php/composer-installed` and `php/composer-lock`: what Composer installed, and what it locked.
//!
//! Composer writes `vendor/composer/installed.json` itself: a list (Composer 1), or an object
//! with one (Composer 2). Development packages are there only if they were installed, and so
//! count; of the lock file they do not.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::lenient::{Maybe, Text, Texts};
use crate::listing::{Listing, component};

/// Reads `composer/installed.json` in a vendor folder of any name.
pub struct ComposerInstalled;

/// Reads `composer.lock`.
pub struct ComposerLock;

/// `installed.json`.
#[derive(Deserialize)]
#[serde(untagged)]
enum Installed {
    Two { packages: Vec<Maybe<Entry>> },
    One(Vec<Maybe<Entry>>),
}

/// `composer.lock`, of which only the development packages may be missing.
#[derive(Deserialize)]
struct Lock {
    packages: Vec<Maybe<Entry>>,
}

/// One package.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Entry {
    name: Text,
    version: Text,
    license: Texts,
}

impl Extractor for ComposerInstalled {
    fn id(&self) -> &'static str {
        "php/composer-installed"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::InAny("composer", "installed.json")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if component(input.path, 0) != b"installed.json" || component(input.path, 1) != b"composer" {
            return;
        }
        let mut listing = Listing::new("composer", Evidence::Installed, &input, out);
        match serde_json::from_slice(input.content) {
            Ok(Installed::One(entries) | Installed::Two { packages: entries }) => list(entries, &mut listing),
            Err(error) => listing.broken("Composer's list of installed packages", &error),
        }
        listing.finish();
    }
}

impl Extractor for ComposerLock {
    fn id(&self) -> &'static str {
        "php/composer-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("composer.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("composer", Evidence::LockFile, &input, out);
        match serde_json::from_slice(input.content) {
            Ok(Lock { packages }) => list(packages, &mut listing),
            Err(error) => listing.broken("this lock file of Composer", &error),
        }
        listing.finish();
    }
}

fn list(entries: Vec<Maybe<Entry>>, listing: &mut Listing<'_>) {
    for entry in entries {
        match entry.get() {
            Some(Entry { name, version, license }) => {
                listing.add_licensed(&name.0, &version.0, license.any_of());
            }
            None => listing.problem("an entry is no package"),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::{Deviation, Format, check as check_data};
    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(path: &str, content: &str, expected: Expect) {
        expected.assert_eq(&seen(path, content.as_bytes()));
    }

    #[test]
    fn both_forms_of_the_installed_list_are_read() {
        let packages = r#"[{"name": "a/b", "version": "v1.0.2", "license": ["MIT", "BSD-3-Clause"], "x": {}},
            {"name": "c/d", "version": "dev-master", "license": []}, {"name": "e/f", "version": 1}, 3, {}]"#;
        let expected = expect![[r#"
            composer a/b v1.0.2 under MIT OR BSD-3-Clause (installed)
            composer c/d dev-master (installed)
            composer e/f 1 (installed)
            ! an entry is no package
            ! a package has no name
        "#]];
        expected.assert_eq(&seen("srv/vendor/composer/installed.json", packages.as_bytes()));
        let two = format!("{{\"packages\": {packages}, \"dev\": true, \"dev-package-names\": [\"e/f\"]}}");
        expected.assert_eq(&seen("srv/lib/composer/installed.json", two.as_bytes()));
        check_survives("composer/installed.json", two.as_bytes());
    }

    #[test]
    fn development_packages_of_a_lock_file_are_left_out() {
        check(
            "srv/composer.lock",
            r#"{"packages": [{"name": "a/b", "version": "1.0"}], "packages-dev": [{"name": "c/d", "version": "2"}]}"#,
            expect![[r#"
                composer a/b 1.0 (lock_file)
            "#]],
        );
    }

    #[test]
    fn only_composers_own_list_is_read_and_a_broken_one_is_a_problem() {
        check("a/installed.json", "[]", expect![""]);
        check("a/mycomposer/installed.json", "{", expect![""]);
        check(
            "a/composer/installed.json",
            "{",
            expect![[r#"
            ! Composer's list of installed packages cannot be read: EOF while parsing an object at line 1 column 1
        "#]],
        );
        check(
            "composer.lock",
            "{}",
            expect![[r#"
            ! this lock file of Composer cannot be read: missing field `packages` at line 1 column 2
        "#]],
        );
    }

    #[test]
    fn packages_are_those_that_others_expect() {
        check_data(&[
            Format {
                kind: "composer",
                files: "dependency/parser/php/composer/",
                ending: ".lock",
                path: "srv/composer.lock",
                cases: 1,
                agreed: 8,
                deviations: &[Deviation {
                    file: "composer_happy.lock",
                    missing: 2,
                    extra: 0,
                    why: "they are marked as development packages; the other's filter comes later",
                }],
            },
            Format {
                kind: "composer",
                files: "fanal/analyzer/language/php/composer/composer-vendor/",
                ending: "installed.json",
                path: "srv/vendor/composer/installed.json",
                cases: 1,
                agreed: 2,
                deviations: &[] as &[Deviation],
            },
        ]);
    }
}
