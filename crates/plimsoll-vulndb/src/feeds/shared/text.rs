//! Ids, names, versions, dates and free text, checked before anything else sees them.
//!
//! Ids may become file names and parts of web addresses, so their letters are restricted here.

use plimsoll_core::Timestamp;

/// The longest id; the longest real ones (module builds of SUSE) have below 60 characters.
const ID_BYTES_MAX: usize = 128;
/// The longest package name; Go module paths reach about 200.
const NAME_BYTES_MAX: usize = 512;
/// The longest version.
const VERSION_BYTES_MAX: usize = 256;
/// The longest web address.
const REFERENCE_BYTES_MAX: usize = 2048;
/// The longest summary; it is shown on one line.
const SUMMARY_BYTES_MAX: usize = 512;
/// The longest description.
const DETAILS_BYTES_MAX: usize = 64 << 10;
/// The longest note.
const NOTE_BYTES_MAX: usize = 400;
/// Dates before this are the zero values of somebody's library (0001-01-01 occurs in OSV).
const YEAR_MIN: i64 = 1980;

/// Whether a text can be an id: letters, digits and `-._:+`, so that it is no path, and no `..`. (`CVE-2024/../../x-0001` is in a public test set.)
pub(in crate::feeds) fn valid_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:+".contains(&byte);
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(allowed)
        && text.starts_with(|it: char| it.is_ascii_alphanumeric())
        && !text.contains("..")
}

/// Whether a text is exactly a CVE id.
pub(in crate::feeds) fn is_cve(text: &str) -> bool {
    cve_length(text) == Some(text.len())
}

/// The CVE id at the start of a text, set right: `CVE_2019-2426` is meant as `CVE-2019-2426`, and
/// of `CVE-2017-17434-1` or `CVE-2021-35940.patch` the end is somebody's own.
pub(in crate::feeds) fn cve(text: &str) -> Option<String> {
    let upper = text.get(..4)?.to_ascii_uppercase();
    let text = match upper.as_str() {
        "CVE-" | "CVE_" => format!("CVE-{}", text.get(4..)?.replacen('_', "-", 1)),
        _ => return None,
    };
    let length = cve_length(&text)?;
    let rest = text.get(length..)?;
    if rest.starts_with(|it: char| it.is_ascii_alphanumeric()) {
        return None;
    }
    text.get(..length).map(str::to_owned)
}

/// How many bytes of `CVE-<4 digits>-<4 to 19 digits>` a text begins with.
fn cve_length(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("CVE-")?;
    let (year, number) = (rest.get(..4)?, rest.get(5..)?);
    let is_year = year.bytes().all(|byte| byte.is_ascii_digit());
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    (is_year && rest.as_bytes().get(4) == Some(&b'-') && (4..=19).contains(&digits)).then_some(9 + digits)
}

/// A package's name, if it can be one.
pub(in crate::feeds) fn package_name(text: &str) -> Option<&str> {
    let text = text.trim();
    (1..=NAME_BYTES_MAX).contains(&text.len()).then_some(text).filter(|it| is_word(it))
}

/// A version, if it can be one; whether it can be ordered is the matcher's question.
pub(in crate::feeds) fn version(text: &str) -> Option<&str> {
    let text = text.trim();
    (1..=VERSION_BYTES_MAX).contains(&text.len()).then_some(text).filter(|it| !it.contains(char::is_control))
}

fn is_word(text: &str) -> bool {
    !text.contains(|it: char| it.is_control() || it.is_whitespace())
}

/// A date, or a date and time, as feeds write them: RFC 3339, `2023-10-03 18:15:00 UTC`,
/// `2022-02-04T00:00:00+0000`. The zero values of libraries are no dates.
pub(in crate::feeds) fn date(text: &str) -> Option<Timestamp> {
    let text = text.trim().trim_end_matches("UTC").trim_end();
    let read = text.parse::<Timestamp>().or_else(|error| match (text.get(..10), text.as_bytes().get(10)) {
        (Some(day), Some(b'T' | b't' | b' ')) => day.parse(),
        _ => Err(error),
    });
    read.ok().filter(|time| time.date().0 >= YEAR_MIN)
}

/// A text that is exactly the id of a weakness, `CWE-79`.
pub(in crate::feeds) fn cwe(text: &str) -> Option<&str> {
    let text = text.trim();
    let number = text.strip_prefix("CWE-")?;
    let is_number = (1..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(text)
}

/// A web address, http and https only.
pub(in crate::feeds) fn reference(text: &str) -> Option<&str> {
    let text = text.trim();
    let scheme = text.split_once("://")?.0;
    let is_web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    (is_web && text.len() <= REFERENCE_BYTES_MAX && text.len() > scheme.len() + 3 && is_word(text))
        .then_some(text)
}

/// A text on one line; `None` where nothing is left.
pub(in crate::feeds) fn summary(text: &str) -> Option<String> {
    one_line(text, SUMMARY_BYTES_MAX)
}

/// A description with its lines, cut where it is longer than anybody reads.
pub(in crate::feeds) fn details(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| capped(text, DETAILS_BYTES_MAX).to_owned())
}

/// A vendor's note on one line.
pub(in crate::feeds) fn note(text: &str) -> Option<String> {
    one_line(text, NOTE_BYTES_MAX)
}

fn one_line(text: &str, length_bytes_max: usize) -> Option<String> {
    let mut line = String::new();
    for word in capped(text.trim_start(), length_bytes_max.saturating_mul(2)).split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line.truncate(capped(&line, length_bytes_max).len());
    (!line.is_empty()).then_some(line)
}

/// The start of a text, at most so many bytes, whole characters only.
pub(in crate::feeds) fn capped(text: &str, length_bytes_max: usize) -> &str {
    let mut end = length_bytes_max.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_be_paths() {
        for good in ["CVE-2024-3094", "RHSA-2024:1234", "TEMP-0841856-B18BAF", "openSUSE-SU-2024:0001-1"] {
            assert!(valid_id(good), "{good}");
        }
        for bad in ["", "CVE-2024/../../x-0001", "..", "a..b", "a b", "é", "-x", "C\0", &"a".repeat(200)] {
            assert!(!valid_id(bad), "{bad}");
        }
    }

    #[test]
    fn misspelt_cve_ids_are_set_right_and_others_refused() {
        for (text, expected) in [
            ("CVE-2024-3094", Some("CVE-2024-3094")),
            ("cve-2024-3094", Some("CVE-2024-3094")),
            ("CVE_2019-2426", Some("CVE-2019-2426")),
            ("CVE-2017-17434-1", Some("CVE-2017-17434")),
            ("CVE-2021-35940.patch", Some("CVE-2021-35940")),
            ("CVE-46838", None),
            ("CVE-????-?????", None),
            ("CVE-2024-123", None),
            ("CVE-2024-1234abc", None),
            ("CVE", None),
            ("XSA-1", None),
        ] {
            assert_eq!(cve(text).as_deref(), expected, "{text}");
        }
        assert!(is_cve("CVE-2024-123456"));
        assert!(!is_cve("CVE-2024-1234-1"));
    }

    #[test]
    fn dates_are_read_as_feeds_write_them() {
        for (text, expected) in [
            ("2023-10-03 18:15:00 UTC", Some("2023-10-03T18:15:00Z")),
            ("2022-02-04T00:00:00+0000", Some("2022-02-04T00:00:00Z")),
            ("2025-08-25T17:04:19.9796Z", Some("2025-08-25T17:04:19Z")),
            ("2002-08-31", Some("2002-08-31T00:00:00Z")),
            ("0001-01-01T00:00:00Z", None),
            ("unknown", None),
            ("2024-13-01", None),
        ] {
            assert_eq!(date(text).map(|it| it.to_string()).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn references_are_web_addresses_only() {
        assert_eq!(reference(" https://example.com/a "), Some("https://example.com/a"));
        for bad in ["javascript:alert(1)", "file:///etc/passwd", "https://", "http://a b", "ftp://x", ""] {
            assert_eq!(reference(bad), None, "{bad}");
        }
    }

    #[test]
    fn texts_are_cut_at_whole_characters() {
        assert_eq!(capped("aé", 2), "a");
        assert_eq!(summary("  a\n b\t c ").as_deref(), Some("a b c"));
        assert_eq!(summary(&"é".repeat(600)).map(|it| it.len()), Some(SUMMARY_BYTES_MAX));
        assert_eq!(note(" \n"), None);
    }
}
