//! What is new, gone and changed between two reports.
//!
//! A finding is the same in both where id, type and name of the package agree, whatever the
//! version: a package that was upgraded and still has it has nothing new. A package of several
//! versions is one, with all of them.

mod write;

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Finding, InstalledPackage, Report, Severity};

use crate::union::NO_PACKAGE;

/// The difference of two reports.
pub struct Diff<'a> {
    from: &'a Report,
    to: &'a Report,
    /// Packages that are in the second only.
    added: Vec<Versions<'a>>,
    /// Packages that are in the first only.
    removed: Vec<Versions<'a>>,
    /// Packages in both, with other versions.
    changed: Vec<(Versions<'a>, Versions<'a>)>,
    new: Vec<Found<'a>>,
    fixed: Vec<Found<'a>>,
    differing: Vec<Differing<'a>>,
    unchanged: usize,
}

/// A package of one report, with every version in which it is there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Versions<'a> {
    kind: &'a str,
    name: &'a str,
    versions: BTreeSet<&'a str>,
}

/// A finding, of several alike the worst.
#[derive(Clone, Copy)]
struct Found<'a> {
    finding: &'a Finding,
    installed: &'a InstalledPackage,
}

/// A finding in both reports that is not the same in both.
struct Differing<'a> {
    from: Found<'a>,
    to: Found<'a>,
    /// In words: `severity low, was high`.
    what: Vec<String>,
}

/// Id, purl type and name.
type Key<'a> = (&'a str, &'a str, &'a str);

impl<'a> Diff<'a> {
    /// Compares two reports.
    pub fn of(from: &'a Report, to: &'a Report) -> Diff<'a> {
        let mut diff = Diff {
            from,
            to,
            added: Vec::new(),
            removed: Vec::new(),
            changed: Vec::new(),
            new: Vec::new(),
            fixed: Vec::new(),
            differing: Vec::new(),
            unchanged: 0,
        };
        diff.compare_packages();
        diff.compare_findings();
        diff
    }

    /// How many findings count and are of this severity or worse, and were not before: there is
    /// no difference for a gate between what is new, what rose and what is suppressed no longer.
    pub fn new_at_least(&self, level: Severity) -> usize {
        let reaches = |it: &Found<'_>| it.finding.counts() && it.finding.severity.severity >= level;
        let new = self.new.iter().filter(|it| reaches(it)).count();
        new + self.differing.iter().filter(|it| reaches(&it.to) && !reaches(&it.from)).count()
    }

    fn compare_packages(&mut self) {
        let (before, mut after) = (packages(self.from), packages(self.to));
        for (key, old) in before {
            match after.remove(&key) {
                None => self.removed.push(old),
                Some(new) if new.versions != old.versions => self.changed.push((old, new)),
                Some(_) => (),
            }
        }
        self.added.extend(after.into_values());
    }

    fn compare_findings(&mut self) {
        let (before, mut after) = (findings(self.from), findings(self.to));
        for (key, old) in before {
            match after.remove(&key) {
                None => self.fixed.push(old),
                Some(new) => {
                    let what = differences(old.finding, new.finding);
                    if what.is_empty() {
                        self.unchanged += 1;
                    } else {
                        self.differing.push(Differing { from: old, to: new, what });
                    }
                }
            }
        }
        self.new.extend(after.into_values());
        let worst_first =
            |it: &Found<'_>| (std::cmp::Reverse(it.finding.severity.severity), it.finding.id.clone());
        self.new.sort_by_cached_key(worst_first);
        self.fixed.sort_by_cached_key(worst_first);
        self.differing.sort_by_cached_key(|it| worst_first(&it.to));
    }
}

fn packages(report: &Report) -> BTreeMap<(&str, &str), Versions<'_>> {
    let mut packages: BTreeMap<(&str, &str), Versions<'_>> = BTreeMap::new();
    for it in report.images.iter().flat_map(|image| &image.packages) {
        let (kind, name) = (it.package.kind.as_str(), it.package.name.as_str());
        let entry =
            packages.entry((kind, name)).or_insert(Versions { kind, name, versions: BTreeSet::new() });
        entry.versions.insert(&it.package.version);
    }
    packages
}

fn findings(report: &Report) -> BTreeMap<Key<'_>, Found<'_>> {
    let mut findings: BTreeMap<Key<'_>, Found<'_>> = BTreeMap::new();
    for (finding, installed) in report.findings() {
        let installed = installed.unwrap_or(&NO_PACKAGE);
        let key = (finding.id.as_str(), installed.package.kind.as_str(), installed.package.name.as_str());
        let found = Found { finding, installed };
        let rank = |it: &Found<'_>| (it.finding.counts(), it.finding.severity.severity);
        findings
            .entry(key)
            .and_modify(|it| {
                if rank(&found) > rank(it) {
                    *it = found
                }
            })
            .or_insert(found);
    }
    findings
}

fn differences(from: &Finding, to: &Finding) -> Vec<String> {
    let mut what = Vec::new();
    if from.severity.severity != to.severity.severity {
        what.push(format!("severity {}, was {}", to.severity.severity, from.severity.severity));
    }
    if from.class != to.class {
        let words = |finding: &Finding| finding.class.name().replace('_', " ");
        what.push(format!("{}, was {}", words(to), words(from)));
    }
    if from.status != to.status {
        let words = |finding: &Finding| finding.status.name().replace('_', " ");
        what.push(format!("{}, was {}", words(to), words(from)));
    }
    if from.fixed_version != to.fixed_version {
        let version = |it: &Finding| it.fixed_version.clone().unwrap_or_else(|| "nothing".to_owned());
        what.push(format!("fixed by {}, was {}", version(to), version(from)));
    }
    match (&from.suppressed, &to.suppressed) {
        (None, Some(_)) => what.push("now suppressed".to_owned()),
        (Some(_), None) => what.push("no longer suppressed".to_owned()),
        _ => (),
    }
    if from.kev.is_none() && to.kev.is_some() {
        what.push("now known to be exploited".to_owned());
    }
    what
}

#[cfg(test)]
mod tests {
    use plimsoll_core::Suppression;

    use super::*;
    use crate::golden;

    /// The second report: a package more, one less, one upgraded; findings likewise.
    fn both() -> (Report, Report) {
        let from = golden::everything();
        let mut to = from.clone();
        let image = &mut to.images[0];
        image.packages[0].package.version = "1.0.11".to_owned();
        image.packages[5].package.name = "cleaner".to_owned();
        image.findings.retain(|it| it.id != "CVE-2024-0003");
        image.findings.push(golden::finding("CVE-2024-0012", Severity::High, 1));
        for finding in &mut image.findings {
            if finding.id == "CVE-2024-0002" {
                finding.severity.severity = Severity::Low;
                finding.suppressed = Some(Suppression {
                    source: "x".into(),
                    kind: plimsoll_core::SuppressionKind::Exception,
                    status: "ignored".into(),
                    justification: None,
                    text: None,
                    author: None,
                    until: None,
                });
            }
        }
        (from, to)
    }

    #[test]
    fn what_is_new_gone_and_changed_is_said() {
        let (from, to) = both();
        let diff = Diff::of(&from, &to);
        let mut text = Vec::new();
        diff.write_table(&golden::style(100), &mut text).unwrap();
        expect_test::expect_file!["../testdata/diff.txt"].assert_eq(&String::from_utf8_lossy(&text));
        let mut text = Vec::new();
        diff.write_json(&mut text).unwrap();
        expect_test::expect_file!["../testdata/diff.json"].assert_eq(&String::from_utf8_lossy(&text));
        assert_eq!((diff.new_at_least(Severity::High), diff.new_at_least(Severity::Critical)), (1, 0));
        assert!(text.is_ascii());
    }

    #[test]
    fn what_rose_or_is_suppressed_no_longer_is_new_to_a_gate() {
        let with = |finding: Finding| {
            let mut report = golden::clean();
            report.images[0].findings = vec![finding];
            report
        };
        let low = with(golden::finding("CVE-2024-0001", Severity::Low, 0));
        let high = with(golden::finding("CVE-2024-0001", Severity::High, 0));
        let mut silent = high.clone();
        silent.images[0].findings[0].suppressed =
            golden::everything().images[0].findings.iter().find_map(|it| it.suppressed.clone());
        let mut headers = high.clone();
        headers.images[0].findings[0].class = plimsoll_core::FindingClass::KernelHeaders;
        for (from, to, expected) in [
            (&low, &high, 1),
            (&silent, &high, 1),
            (&headers, &high, 1),
            (&high, &high, 0),
            (&high, &low, 0),
            (&high, &silent, 0),
        ] {
            assert_eq!(Diff::of(from, to).new_at_least(Severity::High), expected);
        }
    }

    #[test]
    fn a_new_finding_whose_package_is_not_there_is_new() {
        let from = golden::clean();
        let mut to = from.clone();
        to.images[0].findings = vec![golden::finding("CVE-2024-0001", Severity::High, 1000)];
        assert_eq!(Diff::of(&from, &to).new_at_least(Severity::High), 1);
    }

    #[test]
    fn a_report_does_not_differ_from_itself() {
        let report = golden::index();
        let diff = Diff::of(&report, &report);
        assert_eq!(diff.new.len() + diff.fixed.len() + diff.differing.len(), 0);
        assert_eq!(diff.added.len() + diff.removed.len() + diff.changed.len(), 0);
    }
}
