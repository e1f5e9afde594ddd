//! Identities that are the same whenever the report is: document numbers and fingerprints.
//!
//! Formats ask for random numbers where a number that follows from the content serves better:
//! the same scan gives the same file to the byte. Nothing here asks a clock or for randomness.

use plimsoll_core::Report;
use sha2::{Digest as _, Sha256};

/// A number for the document of this kind about this report, `xxxxxxxx-xxxx-8xxx-…`.
///
/// The version is 8, RFC 9562's for numbers of one's own making: it is the SHA-256 of what
/// identifies the report.
pub(crate) fn document(kind: &str, report: &Report, tool_version: &str) -> String {
    let subject = &report.subject;
    let mut parts = vec![
        kind.to_owned(),
        tool_version.to_owned(),
        subject.name.clone(),
        subject.digest.map(|it| it.to_string()).unwrap_or_default(),
        report.created.to_string(),
    ];
    for image in &report.images {
        let digests = &image.digests;
        let snapshot = digests.snapshot.map(|it| it.to_string()).unwrap_or_default();
        parts.extend([digests.inventory.to_string(), snapshot]);
        parts.extend([digests.vex.to_string(), digests.matcher.to_string()]);
    }
    uuid(&parts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The number that follows from these texts.
pub(crate) fn uuid(parts: &[&str]) -> String {
    let hex = fingerprint(parts);
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-8{}-8{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}

/// 64 hexadecimal digits that follow from these texts; nobody can make two lists share them.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // With its length in front, so that no text can run over into the next.
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    plimsoll_core::Digest::sha256(hasher.finalize().into()).hex()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[test]
    fn a_number_is_a_uuid_and_follows_from_the_report() {
        let number = |report: &Report| document("x", report, "1");
        let first = number(&golden::everything());
        assert_eq!(first, number(&golden::everything()));
        assert_ne!(first, number(&golden::index()));
        let lengths: Vec<usize> = first.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }

    #[test]
    fn texts_do_not_run_together() {
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }
}
