//! Linux distributions as an image shows them.

use crate::Timestamp;

/// The distribution that an image says it is.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Distro {
    /// `ID` of os-release: `debian`, `alpine`, `rhel` …
    pub id: String,
    /// `VERSION_ID`, or what older files say in its place; empty for rolling releases.
    pub version_id: String,
    /// `VERSION_CODENAME`.
    pub codename: Option<String>,
    /// `PRETTY_NAME`, for people.
    pub pretty_name: Option<String>,
    /// `ID_LIKE`, in order.
    pub id_like: Vec<String>,
    /// `CPE_NAME`.
    pub cpe: Option<String>,
    /// The release under which advisories are filed where that is not `version_id`: what
    /// Alpine's repositories file points at, `v3.10` or `edge` (rule 53).
    pub repository_release: Option<String>,
    /// The repositories that packages come from, where the image says so, sorted: ids of content
    /// sets (`rhel-9-for-x86_64-baseos-rpms`), CPEs of products, and ids of repositories that dnf
    /// or zypper names (`dnf:ubi-9-baseos-rpms`, `SLE-Product-SLES15-SP3-LTSS-Updates`).
    pub repositories: Vec<String>,
}

/// What is known about a release's support, on the day of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// Still gets its ordinary updates.
    Supported,
    /// Ordinary updates have ended; only extended ones (LTS, ESM, ELTS) may come.
    ExtendedOnly,
    /// Nothing comes any more: no findings is no all-clear.
    Ended,
    /// Not in the table.
    Unknown,
}

impl Support {
    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Support::Supported => "supported",
            Support::ExtendedOnly => "extended_only",
            Support::Ended => "ended",
            Support::Unknown => "unknown",
        }
    }
}

/// When the support of one release of a distribution ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndOfLife {
    /// `ID` of os-release.
    pub distro_id: String,
    /// The release as endoflife.date names it: `12`, `3.18`, `22.04`.
    pub release: String,
    /// The end of ordinary updates, if a date is known.
    pub ends: Option<Timestamp>,
    /// The end of extended updates, if there are any and a date is known.
    pub extended_ends: Option<Timestamp>,
    /// The newest release's name at the time of the data, for advice.
    pub latest_release: Option<String>,
}

impl EndOfLife {
    /// The support on a given day.
    pub fn support(&self, now: Timestamp) -> Support {
        match (self.ends, self.extended_ends) {
            (Some(ends), _) if now < ends => Support::Supported,
            (_, Some(extended)) if now < extended => Support::ExtendedOnly,
            (Some(_), _) => Support::Ended,
            (None, _) => Support::Unknown,
        }
    }
}
