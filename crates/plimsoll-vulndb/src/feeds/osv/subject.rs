//! What a record is about: a vulnerability, or an announcement of several.
//!
//! Told by ids and never by texts, but for the severity that announcements begin with.

use plimsoll_core::Severity;

use super::record::{OsvRecord, cves};
use crate::feeds::shared::is_cve;

/// Which vulnerabilities a record speaks of, and by which announcement.
pub(in crate::feeds) struct Subject {
    /// Each gets its own rows.
    pub(in crate::feeds) vulnerabilities: Vec<String>,
    pub(in crate::feeds) advisory_ids: Vec<String>,
    /// An announcement (ALSA, USN …) of what has other names, not a name of the thing itself.
    pub(in crate::feeds) is_announcement: bool,
}

/// Prefixes of announcements of distributions: about any number of CVEs, which some name as
/// `related` only.
const ANNOUNCEMENTS: &[&str] = &[
    "ALSA-",
    "ALBA-",
    "ALEA-",
    "RLSA-",
    "RLBA-",
    "RLEA-",
    "RXSA-",
    "RHSA-",
    "RHBA-",
    "RHEA-",
    "SUSE-",
    "openSUSE-",
    "DSA-",
    "DLA-",
    "DTSA-",
    "USN-",
    "LSN-",
    "MGASA-",
    "OESA-",
    "ELSA-",
];

/// Prefixes of announcements that fix bugs or add features: without a CVE they say nothing of
/// vulnerabilities.
const NO_SECURITY: &[&str] = &["ALBA-", "ALEA-", "RLBA-", "RLEA-", "RHBA-", "RHEA-"];

/// Prefixes in front of a distribution's view of one CVE.
const VIEWS: &[&str] = &["UBUNTU-", "DEBIAN-", "ALPINE-"];

impl Subject {
    /// Whether it is an announcement of something else.
    pub(super) fn is_no_vulnerability(&self) -> bool {
        let is_other = |id: &String| NO_SECURITY.iter().any(|prefix| id.starts_with(prefix));
        !self.vulnerabilities.is_empty() && self.vulnerabilities.iter().all(is_other)
    }

    pub(in crate::feeds) fn of(record: &OsvRecord) -> Subject {
        let id = &record.record.id;
        let own = || vec![id.clone()];
        if ANNOUNCEMENTS.iter().any(|it| id.starts_with(it)) {
            let named = record.record.aliases.iter().chain(&record.upstream).chain(&record.related);
            let cves = cves(named);
            let vulnerabilities = if cves.is_empty() { own() } else { cves };
            return Subject { vulnerabilities, advisory_ids: own(), is_announcement: true };
        }
        let viewed = VIEWS.iter().find_map(|it| id.strip_prefix(it)).filter(|it| is_cve(it));
        let named = cves(record.record.aliases.iter().chain(&record.upstream));
        let canonical = match (viewed, named.as_slice()) {
            _ if is_cve(id) => id.clone(),
            (Some(cve), _) => cve.to_owned(),
            (None, [cve]) => cve.clone(),
            // An advisory of two CVEs is neither of them.
            _ => id.clone(),
        };
        let advisory_ids = if canonical == *id { Vec::new() } else { own() };
        Subject { vulnerabilities: vec![canonical], advisory_ids, is_announcement: false }
    }
}

/// What the publisher of the packages says itself: malware is critical, and announcements of
/// rebuilds of RHEL begin with `Important: `.
pub(super) fn own_severity(record: &OsvRecord) -> Option<Severity> {
    let id = &record.record.id;
    if id.starts_with("MAL-") {
        return Some(Severity::Critical);
    }
    if !ANNOUNCEMENTS.iter().any(|it| id.starts_with(it)) {
        return None;
    }
    let (word, _) = record.record.summary.as_deref()?.split_once(':')?;
    word.parse().ok()
}
