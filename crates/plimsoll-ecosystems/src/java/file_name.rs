//! What the name of an archive says: `guava-27.0-jre.jar` is `guava` in version `27.0-jre`.
//!
//! Maven names files so, but nothing keeps a person from another name: what is read here is
//! how an archive is listed, never what advisories are looked up by.

/// Artifact and version by a file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileName<'a> {
    /// The artifact: all of the name before the version.
    pub(super) artifact: &'a str,
    /// The version, or nothing.
    pub(super) version: &'a str,
}

/// Reads a file's name without its ending. A version that the manifest knows tells where
/// artifact and version part.
pub(super) fn read<'a>(stem: &'a str, known_version: &str) -> FileName<'a> {
    let known = stem.strip_suffix(known_version).and_then(|rest| rest.strip_suffix('-'));
    if let Some(artifact) = known.filter(|artifact| !artifact.is_empty() && !known_version.is_empty()) {
        return FileName { artifact, version: &stem[artifact.len() + 1..] };
    }
    match version_start(stem) {
        Some(at) => FileName { artifact: &stem[..at], version: &stem[at + 1..] },
        None => FileName { artifact: stem, version: "" },
    }
}

/// The hyphen before the version: the last one before a number with a point (`log4j-1.2-api-2.19.0`),
/// else the first before a digit (`cup-11b-20160615`).
fn version_start(stem: &str) -> Option<usize> {
    let mut first = None;
    let mut dotted = None;
    let mut before_dotted = None;
    let mut at = 0;
    for token in stem.split('-') {
        if at > 0 && token.starts_with(|letter: char| letter.is_ascii_digit()) {
            first = first.or(Some(at - 1));
            if is_snapshot_time(token) {
                // `1.0-20220101.120000-3`: the time belongs to the version before it.
                before_dotted = before_dotted.or(dotted);
            } else if token.contains('.') {
                dotted = Some(at - 1);
            }
        }
        at += token.len() + 1;
    }
    before_dotted.or(dotted).or(first)
}

/// The middle of a snapshot's version: eight digits of a day, six of a time.
fn is_snapshot_time(token: &str) -> bool {
    let is_digits =
        |text: &str, count: usize| text.len() == count && text.bytes().all(|it| it.is_ascii_digit());
    token.split_once('.').is_some_and(|(day, time)| is_digits(day, 8) && is_digits(time, 6))
}

/// Whether a version by file name can be one: `3.x`, as Debian names links, cannot.
pub(super) fn is_real(version: &str) -> bool {
    !version.is_empty() && !version.split(['.', '-']).any(|part| part.eq_ignore_ascii_case("x"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stem: &str, known_version: &str, artifact: &str, version: &str) {
        assert_eq!(read(stem, known_version), FileName { artifact, version }, "{stem}");
    }

    #[test]
    fn the_version_begins_at_a_digit() {
        check("guava-27.0-jre", "", "guava", "27.0-jre");
        check("zstd-jni-1.3.8-5", "", "zstd-jni", "1.3.8-5");
        check("netty-all-4.1.58.Final", "", "netty-all", "4.1.58.Final");
        check("jbcrypt-0.3m", "", "jbcrypt", "0.3m");
        check("cup-runtime-11b-20160615", "", "cup-runtime", "11b-20160615");
        check("x-1.0-20220101.120000-3", "", "x", "1.0-20220101.120000-3");
    }

    #[test]
    fn numbers_may_belong_to_the_artifact() {
        check("log4j-1.2-api-2.19.0", "", "log4j-1.2-api", "2.19.0");
        check("log4j-1.2-1.2.17", "", "log4j-1.2", "1.2.17");
        check("a-1.0-2", "1.0-2", "a", "1.0-2");
        check("a-1.0-2", "2", "a-1.0", "2");
    }

    #[test]
    fn a_name_may_have_no_version() {
        check("app", "1.0", "app", "");
        check("-1.0", "", "", "1.0");
        check("", "", "", "");
        check("-", "", "-", "");
    }

    #[test]
    fn placeholders_are_no_versions() {
        assert!(is_real("1.2.17"));
        assert!(!is_real("3.x"));
        assert!(!is_real(""));
    }
}
