//! What a document says of products besides their status: severity, why there is no fix, which
//! announcement has one, and why they are not affected.

use std::collections::HashMap;

use plimsoll_core::{Severity, Status};

use super::super::shared::valid_id;
use super::document::{Text, Vulnerability};
use super::record::severity;

/// What is said of products besides their status.
pub(super) struct Said<'a> {
    pub(super) severities: HashMap<&'a str, Severity>,
    /// Why there is no fix.
    pub(super) without_fix: HashMap<&'a str, Status>,
    announcements: HashMap<&'a str, Vec<&'a str>>,
    pub(super) flags: HashMap<&'a str, &'a str>,
}

impl<'a> Said<'a> {
    pub(super) fn of(vulnerability: &'a Vulnerability<'_>) -> Said<'a> {
        let mut said = Said {
            severities: HashMap::new(),
            without_fix: HashMap::new(),
            announcements: HashMap::new(),
            flags: HashMap::new(),
        };
        for threat in vulnerability.threats.iter().filter(|it| it.category.as_str() == "impact") {
            let word = threat.details.as_ref().and_then(|it| severity(it.as_str()));
            said.severities.extend(threat.product_ids.iter().filter_map(|id| Some((id.as_str(), word?))));
        }
        for remedy in &vulnerability.remediations {
            let details = remedy.details.as_ref().map(Text::as_str).unwrap_or_default();
            let ids = remedy.product_ids.iter().map(Text::as_str);
            match (remedy.category.as_str(), without_fix(details)) {
                ("vendor_fix", _) => {
                    let url = remedy.url.as_ref().map(Text::as_str);
                    let Some(name) = url.and_then(announcement) else { continue };
                    ids.for_each(|id| said.announcements.entry(id).or_default().push(name));
                }
                ("no_fix_planned" | "none_available", status) => {
                    said.without_fix.extend(ids.map(|id| (id, status)));
                }
                _ => (),
            }
        }
        for flag in &vulnerability.flags {
            said.flags.extend(flag.product_ids.iter().map(|id| (id.as_str(), flag.label.as_str())));
        }
        said
    }

    pub(super) fn announcements(&self, id: &str) -> Vec<&'a str> {
        let mut names = self.announcements.get(id).cloned().unwrap_or_default();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// The words of Red Hat's five states without a fix.
fn without_fix(details: &str) -> Status {
    match details.trim().to_ascii_lowercase().as_str() {
        "will not fix" => Status::WillNotFix,
        "out of support scope" => Status::EndOfLife,
        "fix deferred" => Status::FixDeferred,
        "under investigation" => Status::UnderInvestigation,
        _ => Status::Affected,
    }
}

/// `RHSA-2024:6915` of `https://access.redhat.com/errata/RHSA-2024:6915`.
fn announcement(url: &str) -> Option<&str> {
    let (before, name) = url.trim_end_matches('/').rsplit_once('/')?;
    (before.ends_with("/errata") && valid_id(name)).then_some(name)
}
