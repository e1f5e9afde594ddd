//! CVSS vectors, and whose word a record is.
//!
//! A vector that cannot be read is never given a score.

use plimsoll_core::CvssVector;

use super::capped;

/// The longest vector worth looking at; a full v4 vector has below 300 characters.
const VECTOR_BYTES_MAX: usize = 512;

/// The metrics without which there is no base score.
const BASE_V2: &[&str] = &["AV", "AC", "Au", "C", "I", "A"];
const BASE_V3: &[&str] = &["AV", "AC", "PR", "UI", "S", "C", "I", "A"];
const BASE_V4: &[&str] = &["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

/// A vector with its score, or what is wrong with it. Brackets and parentheses around v2
/// vectors are dropped.
pub(in crate::feeds) fn cvss(vector: &str, source: &str) -> Result<CvssVector, String> {
    let vector = vector.trim().trim_start_matches(['(', '[']).trim_end_matches([')', ']']);
    if vector.len() > VECTOR_BYTES_MAX {
        return Err(format!("CVSS vector of {} bytes", vector.len()));
    }
    let wrong = |why: &dyn std::fmt::Display| format!("CVSS vector `{}`: {why}", capped(vector, 100));
    let vector = vector.strip_prefix("CVSS:2.0/").unwrap_or(vector);
    let parsed = vector.parse::<cvss::Cvss>().map_err(|error| wrong(&error))?;
    let (version, base) = match &parsed {
        cvss::Cvss::CvssV20(_) => ("2.0", BASE_V2),
        cvss::Cvss::CvssV30(_) => ("3.0", BASE_V3),
        cvss::Cvss::CvssV31(_) => ("3.1", BASE_V3),
        cvss::Cvss::CvssV40(_) => ("4.0", BASE_V4),
        _ => return Err(wrong(&"an unknown version")),
    };
    // The parser takes a missing metric for the harmless one.
    let has = |metric: &str| vector.split('/').any(|it| it.split(':').next() == Some(metric));
    if let Some(missing) = base.iter().find(|metric| !has(metric)) {
        return Err(wrong(&format!("the metric {missing} is missing")));
    }
    let tenths = (parsed.score() * 10.0).round();
    if !(0.0..=100.0).contains(&tenths) {
        return Err(wrong(&"no score from 0 to 10"));
    }
    Ok(CvssVector {
        source: source.to_owned(),
        vector: vector.to_owned(),
        version: version.to_owned(),
        // In range as just checked.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100, and whole")]
        score_tenths: tenths as u8,
    })
}

/// Whose record it is, told by its id; the feed's own id where that says nothing.
pub(in crate::feeds) fn source_of<'a>(id: &str, feed: &'a str) -> &'a str {
    const SOURCES: &[(&str, &str)] = &[
        ("GHSA-", "ghsa"),
        ("GO-", "go"),
        ("PYSEC-", "pypa"),
        ("RUSTSEC-", "rustsec"),
        ("MAL-", "malicious-packages"),
        ("BIT-", "bitnami"),
        ("ALSA-", "almalinux"),
        ("ALBA-", "almalinux"),
        ("ALEA-", "almalinux"),
        ("RLSA-", "rocky"),
        ("RXSA-", "rocky"),
        ("RHSA-", "redhat"),
        ("RHBA-", "redhat"),
        ("RHEA-", "redhat"),
        ("UBUNTU-", "ubuntu"),
        ("USN-", "ubuntu"),
        ("DEBIAN-", "debian"),
        ("DSA-", "debian"),
        ("DLA-", "debian"),
        ("ALPINE-", "alpine"),
        ("SUSE-", "suse"),
        ("openSUSE-", "suse"),
    ];
    SOURCES.iter().find(|(prefix, _)| id.starts_with(prefix)).map_or(feed, |(_, source)| source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_all_versions_get_the_scores_of_first() {
        for (vector, version, tenths) in [
            ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", 100),
            ("(AV:L/AC:M/Au:N/C:P/I:N/A:N)", "2.0", 19),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:L/A:N", "3.0", 72),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", 98),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", "3.1", 0),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", 93),
        ] {
            let read = cvss(vector, "nvd").unwrap();
            assert_eq!((read.version.as_str(), read.score_tenths), (version, tenths), "{vector}");
        }
    }

    #[test]
    fn a_vector_that_cannot_be_read_has_no_score() {
        for vector in ["", "7.5", "CVSS:3.1/AV:X", "CVSS:9.9/AV:N", "CVSS:3.1/AV:N", &"x/".repeat(400)] {
            assert!(cvss(vector, "nvd").is_err(), "{vector}");
        }
    }
}
