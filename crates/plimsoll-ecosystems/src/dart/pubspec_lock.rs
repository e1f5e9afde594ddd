//! `dart/pubspec-lock`: the packages that Dart's or Flutter's pub locked.
//!
//! `direct dev` does not mean that only development needs a package (it may be needed by
//! another one besides), so that nothing is left out. Packages of an SDK all have the version
//! `0.0.0`, which says nothing and so is none.

use std::collections::BTreeMap;

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::lenient::{Maybe, Text};
use crate::listing::{Listing, text};

/// Reads `pubspec.lock`.
pub struct PubspecLock;

#[derive(Deserialize)]
struct Lock {
    /// In a lock file without packages there is nothing behind the key.
    packages: Option<BTreeMap<String, Maybe<Entry>>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    source: Text,
    #[serde(default)]
    version: Text,
}

impl Extractor for PubspecLock {
    fn id(&self) -> &'static str {
        "dart/pubspec-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("pubspec.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("pub", Evidence::LockFile, &input, out);
        match serde_saphyr::from_str::<Lock>(&text(&input)) {
            Ok(lock) => {
                for (name, entry) in lock.packages.unwrap_or_default() {
                    match entry.get() {
                        Some(Entry { source, version }) if source.0 == "sdk" && version.0 == "0.0.0" => {
                            listing.add(&name, "");
                        }
                        Some(Entry { version, .. }) => listing.add(&name, &version.0),
                        None => listing.unreadable(&name),
                    }
                }
            }
            Err(error) => listing.broken("this lock file of pub", &error),
        }
        listing.finish();
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::{Deviation, Format, check as check_data};
    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("app/pubspec.lock", content.as_bytes()));
        check_survives("app/pubspec.lock", content.as_bytes());
    }

    #[test]
    fn packages_have_versions_but_those_of_an_sdk() {
        check(
            "packages:\n  crypto:\n    dependency: \"direct main\"\n    description:\n      name: crypto\n    source: hosted\n    version: \"3.0.2\"\n  flutter:\n    dependency: \"direct main\"\n    description: flutter\n    source: sdk\n    version: \"0.0.0\"\nsdks:\n  dart: \">=2\"\n",
            expect![[r#"
                pub crypto 3.0.2 (lock_file)
                pub flutter  (lock_file)
            "#]],
        );
        check("packages:\nsdks:\n  dart: \"1\"\n", expect![""]);
    }

    #[test]
    fn packages_are_those_that_others_expect() {
        check_data(&[Format {
            kind: "pub",
            files: "dependency/parser/dart/",
            ending: ".lock",
            path: "app/pubspec.lock",
            cases: 2,
            agreed: 4,
            deviations: &[Deviation {
                file: "happy.lock",
                missing: 1,
                extra: 1,
                why: "0.0.0 is what pub writes for any package of an SDK; the lowest allowed SDK is no version either",
            }],
        }]);
    }
}
