//! `swift/package-resolved`: the packages that the Swift package manager resolved.
//!
//! Versions 1, 2 and 3 of the file. A package's name is where it is had from, without scheme
//! and `.git`, as purls and advisories have it; one that is pinned to a branch or a revision
//! has no version.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::lenient::{Maybe, Text};
use crate::listing::Listing;

/// Reads `Package.resolved`.
pub struct PackageResolved;

/// All three versions: `pins` lie in `object` in the first.
#[derive(Deserialize)]
struct Resolved {
    pins: Option<Vec<Maybe<Pin>>>,
    object: Option<Pins>,
    version: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Pins {
    pins: Option<Vec<Maybe<Pin>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pin {
    #[serde(default)]
    identity: Text,
    #[serde(default)]
    package: Text,
    #[serde(default)]
    location: Text,
    #[serde(default, rename = "repositoryURL")]
    repository_url: Text,
    state: Option<State>,
}

#[derive(Deserialize)]
struct State {
    #[serde(default)]
    version: Text,
}

impl Extractor for PackageResolved {
    fn id(&self) -> &'static str {
        "swift/package-resolved"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("Package.resolved")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("swift", Evidence::LockFile, &input, out);
        match serde_json::from_slice::<Resolved>(input.content) {
            Ok(Resolved { pins: None, object: None, version: Some(_) }) => {
                listing.problem("this file of the Swift package manager has no pins");
            }
            Ok(Resolved { pins, object, .. }) => {
                let pins = pins.or(object.and_then(|object| object.pins)).unwrap_or_default();
                for pin in pins {
                    match pin.get() {
                        Some(pin) => pin.list(&mut listing),
                        None => listing.problem("an entry is no pinned package"),
                    }
                }
            }
            Err(error) => listing.broken("this file of the Swift package manager", &error),
        }
        listing.finish();
    }
}

impl Pin {
    fn list(self, listing: &mut Listing<'_>) {
        let texts = [&self.location, &self.repository_url, &self.identity, &self.package];
        let name = texts.into_iter().find(|text| !text.0.is_empty());
        let version = self.state.map(|state| state.version.0).unwrap_or_default();
        listing.add(&name.map(|name| name_of(&name.0)).unwrap_or_default(), &version);
    }
}

/// `github.com/apple/swift-nio` of `https://github.com/apple/swift-nio.git` and of
/// `git@github.com:apple/swift-nio.git`.
fn name_of(location: &str) -> String {
    let (is_ssh, location) = match location.split_once("://") {
        Some((_, rest)) => (false, rest),
        None => (location.starts_with("git@"), location),
    };
    let location = location.strip_prefix("git@").unwrap_or(location).trim_end_matches('/');
    let location = location.strip_suffix(".git").unwrap_or(location);
    if is_ssh { location.replacen(':', "/", 1) } else { location.to_owned() }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::{Deviation, Format, check as check_data};
    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("app/Package.resolved", content.as_bytes()));
        check_survives("app/Package.resolved", content.as_bytes());
    }

    #[test]
    fn all_versions_of_the_file_are_read() {
        check(
            r#"{"object": {"pins": [{"package": "Nimble", "repositoryURL": "git@github.com:Quick/Nimble.git",
               "state": {"branch": null, "revision": "c9", "version": "9.2.1"}}]}, "version": 1}"#,
            expect![[r#"
                swift github.com/Quick/Nimble 9.2.1 (lock_file)
            "#]],
        );
        check(
            r#"{"pins": [
               {"identity": "nio", "location": "https://github.com/apple/swift-nio.git/", "state": {"version": "2.0.0"}},
               {"identity": "mmio", "location": "https://github.com/apple/mmio", "state": {"branch": "main"}},
               {"identity": "mona.list", "kind": "registry", "location": "", "state": {"version": "1.0"}}, 3],
               "version": 3}"#,
            expect![[r#"
                swift github.com/apple/swift-nio 2.0.0 (lock_file)
                swift github.com/apple/mmio  (lock_file)
                swift mona.list 1.0 (lock_file)
                ! an entry is no pinned package
            "#]],
        );
        check("{}", expect![""]);
        check(
            "{\"version\": 2}",
            expect![[r#"
            ! this file of the Swift package manager has no pins
        "#]],
        );
    }

    #[test]
    fn packages_are_those_that_others_expect() {
        check_data(&[
            Format {
                kind: "swift",
                files: "dependency/parser/swift/swift/",
                ending: "Package.resolved",
                path: "app/Package.resolved",
                cases: 2,
                agreed: 7,
                deviations: &[Deviation {
                    file: "happy-v2-Package.resolved",
                    missing: 1,
                    extra: 1,
                    why: "a branch's name is no version",
                }],
            },
            Format {
                kind: "swift",
                files: "fanal/analyzer/language/swift/swift/",
                ending: "Package.resolved",
                path: "app/Package.resolved",
                cases: 1,
                agreed: 3,
                deviations: &[],
            },
        ]);
    }
}
