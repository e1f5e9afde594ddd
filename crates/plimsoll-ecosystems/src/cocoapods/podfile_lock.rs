//! `cocoapods/podfile-lock`: the pods that CocoaPods locked.
//!
//! A subspec (`AppCenter/Analytics`) is a part of its pod and has its version; the pod is what
//! has a name in the registry, and so is listed once. The file is YAML of a fixed form, read
//! line by line.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};

use crate::listing::{Listing, text};

/// Reads `Podfile.lock`.
pub struct PodfileLock;

impl Extractor for PodfileLock {
    fn id(&self) -> &'static str {
        "cocoapods/podfile-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("Podfile.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let text = text(&input);
        let mut listing = Listing::new("cocoapods", Evidence::LockFile, &input, out);
        let mut section = None;
        for line in text.lines().map(str::trim_end) {
            if !line.is_empty() && !line.starts_with([' ', '#']) {
                section = line.split_once(':').map(|(name, _)| name).or(section);
            } else if let Some(entry) = line.strip_prefix("  - ").filter(|_| section == Some("PODS")) {
                match pod(entry) {
                    Some((name, version)) => listing.add(name, version),
                    None => listing.unreadable(entry),
                }
            }
        }
        if section.is_none() && !text.trim().is_empty() {
            listing.problem("this lock file of CocoaPods has no section");
        }
        listing.finish();
    }
}

/// `("AppCenter", "4.2.0")` of `"AppCenter/Analytics (4.2.0)":`.
fn pod(entry: &str) -> Option<(&str, &str)> {
    let entry = entry.strip_suffix(':').unwrap_or(entry).trim_matches(['"', '\'']);
    let (name, version) = entry.split_once(" (")?;
    let version = version.strip_suffix(')')?;
    let name = name.split('/').next()?;
    (!name.is_empty() && version.starts_with(|first: char| first.is_ascii_digit())).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::{Deviation, Format, check as check_data};
    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("app/Podfile.lock", content.as_bytes()));
        check_survives("app/Podfile.lock", content.as_bytes());
    }

    #[test]
    fn a_pod_is_listed_once_whatever_its_subspecs() {
        check(
            "PODS:\n  - AppCenter (4.2.0):\n    - AppCenter/Analytics (= 4.2.0)\n  - AppCenter/Analytics (4.2.0)\n  - \"NSData+zlib/x (1.0)\":\n    - y\n\nDEPENDENCIES:\n  - AppCenter (= 4)\n\nCOCOAPODS: 1.11.2\n",
            expect![[r#"
                cocoapods AppCenter 4.2.0 (lock_file)
                cocoapods NSData+zlib 1.0 (lock_file)
            "#]],
        );
        check(
            "PODS:\n  - AppCenter = 4.2.0\n",
            expect![[r#"
            ! this entry cannot be read: `AppCenter = 4.2.0`
        "#]],
        );
        check(
            "nonsense",
            expect![[r#"
            ! this lock file of CocoaPods has no section
        "#]],
        );
    }

    #[test]
    fn pods_are_those_that_others_expect() {
        check_data(&[Format {
            kind: "cocoapods",
            files: "dependency/parser/swift/cocoapods/",
            ending: ".lock",
            path: "app/Podfile.lock",
            cases: 1,
            agreed: 2,
            deviations: &[Deviation {
                file: "happy.lock",
                missing: 3,
                extra: 0,
                why: "subspecs are parts of a pod that is listed, and no packages of the registry",
            }],
        }]);
    }
}
