//! Rows of announcements of fixed rpm packages: what updateinfo and vendors' lists of errata have
//! in common.
//!
//! Knows no format. Names fixes only; a package that none names has no data.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Severity, Status};

use super::rpm::{ANY_STREAM, is_modular};
use crate::FeedOutput;

/// Rows of one announcement, which has one for each CVE and package; kernels have 20,000.
const ROWS_MAX: usize = 1_000_000;

/// One build of a package, in all the architectures for which it was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::feeds) struct Build {
    pub(in crate::feeds) realm: Realm,
    pub(in crate::feeds) channel: Option<String>,
    /// `name:stream`, where the announcement says it.
    pub(in crate::feeds) module: Option<String>,
    pub(in crate::feeds) name: String,
    pub(in crate::feeds) version: String,
}

/// An announcement under construction.
pub(in crate::feeds) struct Announcement<'a> {
    feed: &'a str,
    id: &'a str,
    builds: BTreeMap<Build, BTreeSet<String>>,
}

impl<'a> Announcement<'a> {
    pub(in crate::feeds) fn new(feed: &'a str, id: &'a str) -> Announcement<'a> {
        Announcement { feed, id, builds: BTreeMap::new() }
    }

    /// Adds a build for one architecture. One that shows to be of a module of which the
    /// announcement does not name the stream is one of any stream.
    pub(in crate::feeds) fn add(&mut self, mut build: Build, architecture: &str) {
        if build.module.is_none() && is_modular(&build.version) {
            build.module = Some(ANY_STREAM.to_owned());
        }
        let architectures = self.builds.entry(build).or_default();
        if !architectures.contains(architecture) {
            architectures.insert(architecture.to_owned());
        }
    }

    pub(in crate::feeds) fn is_empty(&self) -> bool {
        self.builds.is_empty()
    }

    /// Puts a row for each vulnerability and build into the output; where no vulnerability has an
    /// id, the announcement's own is it. An error says why there are none.
    pub(in crate::feeds) fn finish(
        self,
        cves: &[String],
        severity: Option<Severity>,
        out: &mut FeedOutput,
    ) -> Result<(), String> {
        let own = [self.id.to_owned()];
        let vulnerabilities = if cves.is_empty() { own.as_slice() } else { cves };
        if self.builds.len().saturating_mul(vulnerabilities.len()) > ROWS_MAX {
            return Err(format!("{} CVEs times {} packages", vulnerabilities.len(), self.builds.len()));
        }
        for (build, architectures) in &self.builds {
            let row = self.row(build, architectures, severity);
            for vulnerability in vulnerabilities {
                let vulnerability = vulnerability.clone();
                let advisory_ids = if cves.is_empty() { Vec::new() } else { vec![self.id.to_owned()] };
                out.advisories.push(Advisory { vulnerability, advisory_ids, ..row.clone() });
            }
        }
        Ok(())
    }

    fn row(&self, build: &Build, architectures: &BTreeSet<String>, severity: Option<Severity>) -> Advisory {
        let for_all = architectures.iter().any(|it| matches!(it.as_str(), "noarch" | "all" | ""));
        Advisory {
            feed: self.feed.to_owned(),
            realm: build.realm.clone(),
            package: build.name.clone(),
            name_kind: NameKind::Binary,
            channel: build.channel.clone(),
            architectures: if for_all { Vec::new() } else { architectures.iter().cloned().collect() },
            module: build.module.clone(),
            vulnerability: String::new(),
            advisory_ids: Vec::new(),
            ranges: vec![Range { introduced: None, end: End::Fixed(build.version.clone()) }],
            versions: Vec::new(),
            status: Status::Fixed,
            severity,
            note: None,
        }
    }
}

/// A vendor's severity; its `None` stands in announcements that are no fixes.
pub(in crate::feeds) fn vendor_severity(word: &str) -> Option<Severity> {
    let read: Option<Severity> = word.parse().ok();
    read.filter(|it| !matches!(it, Severity::Unknown | Severity::Negligible))
}
