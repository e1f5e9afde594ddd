//! What to do next: the smallest set of upgrades that clears every finding that has a fix.
//!
//! A plan is data, with no choice left to whoever carries it out. Commands are the ecosystems'
//! knowledge and are asked for; nothing is run.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{Ecosystem, Finding, FindingClass, InstalledPackage, PackageRef, Severity};

use crate::assess::Target;

/// Upgrade these packages, which are built from one source, to this version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedy {
    /// The source package's name, or the package's own where there is no such thing.
    pub name: String,
    /// The installed packages to upgrade.
    pub packages: Vec<PackageRef>,
    /// The version that is installed: the source's, where there is one.
    pub from: String,
    /// The version that clears every finding counted here; of the same name as `from`.
    pub to: String,
    /// The channel it needs, `None` for the ordinary one.
    pub channel: Option<String>,
    /// The vulnerabilities that it clears, in order.
    pub clears: Vec<String>,
    /// The findings that it clears, which are more where several packages have one vulnerability.
    pub findings: usize,
    /// The worst severity among them.
    pub worst: Severity,
    /// The layer that brought the packages in, as an index into the image's layers.
    pub layer: Option<usize>,
    /// Whether that layer is the base image's.
    pub place: Place,
    /// A command for a Dockerfile that does it, where the ecosystem has one.
    pub command: Option<String>,
    /// What to change where the packages belong to an application's own build, in a sentence.
    pub hint: Option<String>,
}

/// Whose layer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The image's own: change its Dockerfile.
    Own,
    /// The base image's: take a newer base image, or upgrade on top of it.
    Base,
    /// Not known.
    Unknown,
}

/// The command that upgrades packages of a purl type, by their names, to a version: of the packages
/// themselves if the last argument is true, else of their source.
pub type Command<'a> = dyn Fn(&str, &[&str], &str, bool) -> Option<String> + 'a;

/// The sentence for a package of a purl type, by its name, and the version to have.
pub type Hint<'a> = dyn Fn(&str, &str, &str) -> Option<String> + 'a;

/// What the planner is handed.
#[derive(Clone, Copy)]
pub struct Planning<'a> {
    /// The row of the ecosystems' table for a purl type.
    pub ecosystem: &'a dyn Fn(&str) -> Option<&'static dyn Ecosystem>,
    /// How many of the lowest layers are the base image's, where that is known.
    pub base_layers: Option<usize>,
    /// Writes commands.
    pub command: &'a Command<'a>,
    /// Writes sentences for what there is no command for.
    pub hint: &'a Hint<'a>,
}

/// Plans upgrades for all findings that have a fix, those that clear the worst first. Findings in
/// kernel headers are left out: upgrading what does not run clears nothing.
pub fn plan<'a>(
    packages: &'a [InstalledPackage],
    findings: impl IntoIterator<Item = &'a Finding>,
    planning: &Planning<'_>,
) -> Vec<Remedy> {
    let mut drafts: BTreeMap<Key<'_>, Draft<'_>> = BTreeMap::new();
    for finding in findings {
        if let Some((key, fixed, ecosystem)) = fixable(finding, packages, planning) {
            drafts.entry(key).or_default().add(finding, fixed, ecosystem);
        }
    }
    let mut remedies: Vec<Remedy> =
        drafts.into_iter().map(|(key, draft)| remedy(&key, draft, packages, planning)).collect();
    remedies.sort_by(|left, right| {
        (right.worst, right.clears.len())
            .cmp(&(left.worst, left.clears.len()))
            .then(left.name.cmp(&right.name))
    });
    remedies
}

/// What one upgrade is about.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    kind: &'a str,
    name: String,
    from: &'a str,
    /// Whether versions are those of the packages themselves, not of their source.
    own_version: bool,
    channel: Option<&'a str>,
    layer: Option<usize>,
}

#[derive(Default)]
struct Draft<'a> {
    to: Option<&'a str>,
    packages: BTreeSet<PackageRef>,
    clears: BTreeSet<&'a str>,
    findings: usize,
    worst: Option<Severity>,
}

impl<'a> Draft<'a> {
    fn add(&mut self, finding: &'a Finding, fixed: &'a str, ecosystem: &dyn Ecosystem) {
        self.to = match self.to {
            Some(known) if ecosystem.compare(known, fixed) != Ok(Ordering::Less) => Some(known),
            _ => Some(fixed),
        };
        self.packages.insert(finding.package);
        self.clears.insert(&finding.id);
        self.findings += 1;
        self.worst = self.worst.max(Some(finding.severity.severity));
    }
}

fn fixable<'a>(
    finding: &'a Finding,
    packages: &'a [InstalledPackage],
    planning: &Planning<'_>,
) -> Option<(Key<'a>, &'a str, &'static dyn Ecosystem)> {
    if finding.class == FindingClass::KernelHeaders {
        return None;
    }
    let fixed = finding.fixed_version.as_deref()?;
    let installed = packages.get(finding.package.0)?;
    let ecosystem = (planning.ecosystem)(&installed.package.kind)?;
    let source = Target::source(&installed.package, ecosystem);
    let binary = Target::binary(&installed.package, ecosystem);
    let own_version = finding.why.advisory_package != source.name
        || (source.name == binary.name && source.version == binary.version);
    let target = if own_version { binary } else { source };
    let key = Key {
        kind: &installed.package.kind,
        name: target.name.into_owned(),
        from: target.version,
        own_version,
        channel: finding.fix_channel.as_deref(),
        layer: installed.origin.layer,
    };
    Some((key, fixed, ecosystem))
}

fn remedy(key: &Key<'_>, draft: Draft<'_>, packages: &[InstalledPackage], planning: &Planning<'_>) -> Remedy {
    let to = draft.to.unwrap_or_default();
    let mut names: Vec<&str> = draft
        .packages
        .iter()
        .filter_map(|it| packages.get(it.0))
        .map(|it| it.package.name.as_str())
        .collect();
    names.sort_unstable();
    names.dedup();
    let command = (planning.command)(key.kind, &names, to, key.own_version);
    let has_hint = command.is_none() && key.own_version;
    Remedy {
        name: key.name.clone(),
        packages: draft.packages.into_iter().collect(),
        from: key.from.to_owned(),
        to: to.to_owned(),
        channel: key.channel.map(str::to_owned),
        clears: draft.clears.into_iter().map(str::to_owned).collect(),
        findings: draft.findings,
        worst: draft.worst.unwrap_or(Severity::Unknown),
        layer: key.layer,
        place: match (key.layer, planning.base_layers) {
            (Some(layer), Some(base)) if layer < base => Place::Base,
            (Some(_), Some(_)) => Place::Own,
            _ => Place::Unknown,
        },
        command,
        hint: has_hint.then(|| (planning.hint)(key.kind, &key.name, to)).flatten(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::parse::Case;
    use crate::spec::show;

    #[test]
    fn one_upgrade_for_each_source_to_the_latest_fix_that_is_needed() {
        let mut case = Case::default();
        let advisories = [
            "CVE-1-1 deb/debian:12 openssl fixed 3.0.10-1 severity low",
            "CVE-1-2 deb/debian:12 openssl fixed 3.0.9-2 severity high",
            "CVE-1-3 deb/debian:12 openssl affected severity critical",
            "CVE-1-4 deb/debian:12 linux fixed 6.1.2 severity critical",
            "CVE-1-5 deb/debian:12 foo affected",
            "CVE-1-5 deb/debian:12 foo fixed 1.0+esm1 channel esm",
            "CVE-1-6 lang a fixed 10.0.0",
            "CVE-1-7 lang a fixed 9.0.0",
        ];
        let inventory = [
            "deb/debian:12 libssl3 3.0.9-1+b1 source openssl (3.0.9-1)",
            "deb/debian:12 openssl 3.0.9-1+b1 source openssl (3.0.9-1)",
            "deb/debian:12 linux-libc-dev 6.1.1 source linux headers",
            "deb/debian:12 foo 1.0",
            "lang a 1.0.0",
        ];
        case.block("advisory", &advisories).unwrap();
        case.block("inventory", &inventory).unwrap();
        let command = |kind: &str, names: &[&str], version: &str, exact: bool| {
            (kind == "deb").then(|| format!("install {} {version} {exact}", names.join(" ")))
        };
        let hint = |kind: &str, name: &str, version: &str| {
            (kind != "deb" || name == "foo").then(|| format!("change {kind} {name} {version}"))
        };
        let planning =
            Planning { ecosystem: &show::ecosystem, base_layers: Some(1), command: &command, hint: &hint };
        let plan = show::with(&case, |snapshot, context| {
            let matches = crate::match_inventory(&case.inventory, snapshot, context);
            plan(&case.inventory.packages, &matches.findings, &planning)
        });
        let lines: Vec<String> = plan
            .iter()
            .map(|it| {
                format!(
                    "{} {} -> {} clears {} ({} findings, {}) {:?} {:?} {}",
                    it.name,
                    it.from,
                    it.to,
                    it.clears.join(","),
                    it.findings,
                    it.worst,
                    it.channel,
                    it.place,
                    it.command.as_deref().or(it.hint.as_deref()).unwrap_or("-")
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                "openssl 3.0.9-1 -> 3.0.10-1 clears CVE-1-1,CVE-1-2 (4 findings, high) None Base \
                 install libssl3 openssl 3.0.10-1 false",
                "a 1.0.0 -> 10.0.0 clears CVE-1-6,CVE-1-7 (2 findings, unknown) None Base change lang a 10.0.0",
                "foo 1.0 -> 1.0+esm1 clears CVE-1-5 (1 findings, unknown) Some(\"esm\") Base \
                 install foo 1.0+esm1 true",
            ]
        );
    }
}
