//! The release of Go in what a toolchain calls itself.
//!
//! `go1.22.3-vendor1`, `go1.21.5 X:boringcrypto` and `go1.14.4 (Red Hat 1.14.4-1)` are judged as
//! the release they are made from (rule 61); experiments and the vendor's own patches are not
//! part of any advisory's versions, and are left out here.

/// `1.22.3` of `go1.22.3-vendor1`; `None` of a development version, which is between releases.
pub(super) fn release(version: &str) -> Option<&str> {
    let text = version.strip_prefix("go")?;
    let digits = |text: &str| text.len() - text.trim_start_matches(|it: char| it.is_ascii_digit()).len();
    let mut end = match digits(text) {
        0 => return None,
        major => major,
    };
    while let Some(rest) = text.get(end..).and_then(|rest| rest.strip_prefix('.')) {
        match digits(rest) {
            0 => break,
            number => end += 1 + number,
        }
    }
    for word in ["rc", "beta"] {
        let number = text.get(end..).and_then(|rest| rest.strip_prefix(word)).map_or(0, digits);
        if number > 0 {
            end += word.len() + number;
        }
    }
    text.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(version: &str, expected: Option<&str>) {
        assert_eq!(release(version), expected, "{version}");
    }

    #[test]
    fn a_release_is_without_its_vendor_and_experiments() {
        check("go1.26.8", Some("1.26.8"));
        check("go1.22.1 X:loopvar", Some("1.22.1"));
        check("go1.22.3-vendor1", Some("1.22.3"));
        check("go1.14.4 (Red Hat 1.14.4-1.el8)", Some("1.14.4"));
        check("go1.21rc2", Some("1.21rc2"));
        check("go1.9", Some("1.9"));
        check("go1.21.5+auto", Some("1.21.5"));
    }

    #[test]
    fn a_development_version_is_no_release() {
        check("devel go1.23-5a05b5b Tue Mar 5", None);
        check("devel +7d6d4b1", None);
        check("go", None);
        check("", None);
    }
}
