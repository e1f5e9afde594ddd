//! The table of feeds, in the order of the manual, and what they share.
//!
//! One file is one feed (or one family of feeds of the same format); none of them fetches, opens
//! or remembers anything.

mod alma_errata;
mod alpine;
mod alpine_rejections;
mod apollo;
mod arch;
mod azure_linux;
mod cve_list;
mod debian;
mod debian_announcements;
mod echo;
mod endoflife;
mod epss;
mod friendsofphp;
mod kev;
mod kubernetes;
mod maven_index;
mod needed;
mod nodejs;
mod nvd;
mod oracle;
mod osv;
mod osv_trees;
mod oval;
mod photon;
mod redhat_repositories;
mod redhat_vex;
mod rubysec;
mod rustsec;
mod shared;
mod suse;
mod ubuntu_osv;
mod ubuntu_tracker;
mod ubuntu_vex;
mod updateinfo;

use crate::{Feed, FeedOutput, Part};

pub use needed::missing_feeds;
pub use nvd::names as nvd_names;
pub use shared::{
    ChangeList, ChangedDocument, PageHead, RepositoryFile, mirror_list, read_change_list, read_page,
    repository_file,
};

/// Every feed that Plimsoll reads.
pub static FEEDS: &[&dyn Feed] = &[
    &debian::DEBIAN,
    &debian::EXTENDED,
    &debian_announcements::DebianAnnouncements,
    &alpine::ALPINE,
    &alpine_rejections::AlpineRejections,
    &ubuntu_tracker::UbuntuTracker,
    &ubuntu_osv::UbuntuOsv,
    &ubuntu_vex::UbuntuVex,
    &redhat_vex::VEX,
    &redhat_vex::LEGACY,
    &redhat_repositories::RedHatRepositories,
    &alpine::WOLFI,
    &alpine::CHAINGUARD,
    &osv::ALMALINUX,
    &osv::ROCKY_LINUX,
    &oracle::Oracle,
    &suse::Suse,
    &azure_linux::AZURE_LINUX,
    &azure_linux::MARINER,
    &photon::Photon,
    &alpine::MINIMOS,
    &alpine::SECUREOS,
    &echo::Echo,
    &osv::OPENEULER,
    &alma_errata::AlmaErrata,
    &apollo::Apollo,
    &arch::Arch,
    &updateinfo::AMAZON,
    &updateinfo::FEDORA,
    &updateinfo::ROCKY,
    &updateinfo::BOTTLEROCKET,
    &osv::GO,
    &osv::CRATES_IO,
    &osv::PYPI,
    &osv::NPM,
    &osv::MAVEN,
    &osv::NUGET,
    &osv::RUBYGEMS,
    &osv::PACKAGIST,
    &osv::HEX,
    &osv::PUB,
    &osv::SWIFT,
    &osv::BITNAMI,
    &osv::HACKAGE,
    &osv::CRAN,
    &osv::BIOCONDUCTOR,
    &osv::JULIA,
    &osv_trees::GHSA,
    &osv_trees::GO_VULNDB,
    &osv_trees::PYPA,
    &rustsec::RustSec,
    &rubysec::RubySec,
    &friendsofphp::FriendsOfPhp,
    &nodejs::NodeCore,
    &kubernetes::Kubernetes,
    &osv::LOCAL,
    &kev::Kev,
    &epss::Epss,
    &endoflife::EndOfLife,
    &nvd::Nvd,
    &nvd::Overrides,
    &cve_list::CveList,
    &maven_index::MavenIndex,
];

/// The feed with this id.
pub fn by_id(id: &str) -> Option<&'static dyn Feed> {
    FEEDS.iter().copied().find(|feed| feed.id() == id)
}

/// Gives bytes to every feed, for fuzz targets: nothing may panic, and the counts must agree.
pub fn parse_with_every_feed(bytes: &[u8]) {
    for feed in FEEDS {
        let part = Part { name: "fuzz", file_name: "fuzz-2024-05-31", bytes };
        let mut out = FeedOutput::default();
        // What cannot be read as a whole is an expected answer.
        let _ = feed.parse(&part, &mut out);
        let accounted = out.records_stored + out.records_quarantined + out.out_of_scope;
        assert_eq!(out.records_read, accounted, "{}: records that nobody accounts for", feed.id());
    }
}

#[cfg(test)]
mod manual;
#[cfg(test)]
mod tests;
