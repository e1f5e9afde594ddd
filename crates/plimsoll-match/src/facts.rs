//! What is known of a vulnerability, where one advisory is about several.
//!
//! An advisory that names two CVEs is a vulnerability of its own, and what is known of those (that
//! they are exploited, how likely that is) the snapshot keeps with them. It is as bad as its worst.
//! Decides nothing else, and reads no texts.

use plimsoll_core::Vulnerability;
use plimsoll_vulndb::Snapshot;
use plimsoll_vulndb::snapshot::SnapshotError;

/// The ids that exploitation is recorded under.
const CVE_PREFIX: &str = "CVE-";

/// The most CVEs of one advisory that are looked up; the announcements with most have some hundred.
const CVES_MAX: usize = 1000;

/// What is known of the vulnerability with this id, its own or any alias.
pub fn vulnerability<B: AsRef<[u8]>>(
    id: &str,
    snapshot: &Snapshot<B>,
) -> Result<Option<Vulnerability>, SnapshotError> {
    let Some(mut found) = snapshot.vulnerability(id)? else { return Ok(None) };
    if found.id.starts_with(CVE_PREFIX) {
        return Ok(Some(found));
    }
    let several: Vec<String> =
        found.aliases.iter().filter(|alias| alias.starts_with(CVE_PREFIX)).take(CVES_MAX).cloned().collect();
    for cve in several {
        let Some(one) = snapshot.vulnerability(&cve)? else { continue };
        let score = |it: &Vulnerability| it.epss.as_ref().map(|epss| epss.score_millionths);
        if score(&one) > score(&found) {
            found.epss = one.epss;
        }
        let ransomware = |it: Option<&plimsoll_core::Kev>| it.is_some_and(|kev| kev.ransomware);
        if found.kev.is_none() || ransomware(one.kev.as_ref()) && !ransomware(found.kev.as_ref()) {
            found.kev = one.kev;
        }
    }
    Ok(Some(found))
}
