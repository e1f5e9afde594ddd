//! The table of feeds, in the order of the manual, and what they share.
//!
//! One file is one feed (or one family of feeds of the same format); none of them fetches, opens
//! or remembers anything.

mod alma_errata;
mod alpine;
mod apollo;
mod arch;
mod debian;
mod echo;
mod endoflife;
mod epss;
mod kev;
mod osv;
mod shared;
mod ubuntu_osv;
mod ubuntu_tracker;
mod updateinfo;

use crate::{Feed, FeedOutput, Part};

pub use shared::{RepositoryFile, mirror_list, repository_file};

/// Every feed that Plimsoll reads.
pub static FEEDS: &[&dyn Feed] = &[
    &debian::Debian,
    &alpine::ALPINE,
    &ubuntu_tracker::UbuntuTracker,
    &ubuntu_osv::UbuntuOsv,
    &alpine::WOLFI,
    &alpine::CHAINGUARD,
    &osv::ALMALINUX,
    &osv::ROCKY_LINUX,
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
    &osv::LOCAL,
    &kev::Kev,
    &epss::Epss,
    &endoflife::EndOfLife,
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
mod tests;
