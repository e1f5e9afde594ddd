//! Oracle Linux: one OVAL file of all errata (ELSA), which names binary packages.
//!
//! Read from the comments of the criteria alone, which say everything; the tests behind them are
//! passed over. Says nothing of what has no fix.
//!
//! Channels: `ksplice1`, `ksplice2` … and `fips`, the flavours that a version itself names
//! (`2:1.1.1g-15.ksplice1.el8_3`, `10:3.6.16-4.0.1.el8_fips`). Their epochs are raised so that
//! they look newer than everything; a fix in one flavour is none in another (rule 42). `uek-5.4.17`,
//! `uek-4.14.35` … are the lines of the Unbreakable Enterprise Kernel, of which a release has several
//! under one name, each with fixes of its own.

mod fixes;

use std::collections::BTreeSet;

use plimsoll_core::{Advisory, Realm, Severity, Status};

use super::oval::{self, Definition, Leaf};
use super::shared::{cve, reference, summary, valid_id};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};
use fixes::{Fix, fixes};

/// The file has some 10 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;
/// Rows of one definition, which has one for each package and CVE; a kernel's has some thousand.
const ROWS_MAX: usize = 1_000_000;

/// The feed.
pub(super) struct Oracle;

impl Feed for Oracle {
    fn id(&self) -> &'static str {
        "oracle"
    }

    fn title(&self) -> &'static str {
        "Oracle Linux errata"
    }

    fn says(&self) -> &'static str {
        "Oracle Linux's errata (ELSA): fixed versions by binary package, architecture, module, \
         flavour (ksplice, FIPS) and line of the kernel (UEK)."
    }

    fn is_silent_on(&self) -> &'static str {
        "Whatever is not fixed."
    }

    fn version(&self) -> u32 {
        2
    }

    fn cadence_hours(&self) -> u32 {
        3
    }

    fn sources(&self) -> Vec<Source> {
        let mirror = ["oracle/com.oracle.elsa-all.xml.bz2", "oracle/com.oracle.elsa-all.excerpt.xml.bz2"];
        let url = "https://linux.oracle.com/security/oval/com.oracle.elsa-all.xml.bz2";
        vec![Source::file("elsa-all", url, &mirror, SIZE_BYTES_MAX)]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "none stated; copyright Oracle",
            attribution: "Oracle, https://linux.oracle.com/security/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let read = oval::read(part.bytes, false, &mut |definition, names| {
            out.records_read += 1;
            self.definition(definition, &|leaf| names.text(leaf.comment), out);
            Ok(())
        })?;
        if let Some(made) = read.made {
            out.saw_date(made);
        }
        Ok(())
    }
}

impl Oracle {
    fn definition<'n>(
        &self,
        definition: Definition,
        comment: &dyn Fn(Leaf) -> &'n str,
        out: &mut FeedOutput,
    ) {
        let Some(id) = announcement(&definition) else {
            return out.quarantine(definition.id, "it names no announcement");
        };
        if let Some(why) = definition.damage {
            return out.quarantine(id, why);
        }
        let fixes = fixes(&definition, &id, comment, out);
        let cves: BTreeSet<String> = definition
            .references
            .iter()
            .map(|it| it.id.as_str())
            .chain(definition.cves.iter().map(|it| it.text.as_str()))
            .filter_map(cve)
            .collect();
        let vulnerabilities = if cves.is_empty() { BTreeSet::from([id.clone()]) } else { cves };
        if fixes.found.is_empty() {
            return out.quarantine(id, "none of its criteria names a package of a release");
        }
        if fixes.found.len().saturating_mul(vulnerabilities.len()) > ROWS_MAX {
            return out.quarantine(id, format!("more than {ROWS_MAX} rows"));
        }
        out.records_stored += 1;
        let severity = definition.severity.parse::<Severity>().ok();
        for (fix, architectures) in &fixes.found {
            let row = self.row(*fix, architectures, &fixes.architectures);
            for vulnerability in &vulnerabilities {
                out.advisories.push(Advisory {
                    vulnerability: vulnerability.clone(),
                    advisory_ids: vec![id.clone()],
                    severity,
                    ..row.clone()
                });
            }
        }
        records(&definition, &id, out);
    }

    fn row(&self, fix: Fix<'_>, architectures: &BTreeSet<&str>, all: &BTreeSet<&str>) -> Advisory {
        let (release, package, fixed, module) = fix;
        // A fix for every architecture that the announcement knows is a fix for all.
        let is_for_all = architectures.is_empty() || (all.len() > 1 && architectures == all);
        let named = || architectures.iter().flat_map(|it| package_architectures(it));
        Advisory {
            channel: flavour(fixed).or_else(|| kernel_line(fixed)),
            module: module.map(str::to_owned),
            architectures: if is_for_all { Vec::new() } else { named().map(str::to_owned).collect() },
            ranges: vec![oval::before(fixed)],
            status: Status::Fixed,
            ..oval::advisory(self.id(), &Realm::distro("rpm", "oracle", release), package)
        }
    }
}

/// `ELSA-2022-4803`, as a reference or as the title's first word.
fn announcement(definition: &Definition) -> Option<String> {
    let named = definition.references.iter().find(|it| it.source.eq_ignore_ascii_case("elsa"));
    let id = match named {
        Some(named) => named.id.as_str(),
        None => definition.title.split([':', ' ']).next()?,
    };
    (id.starts_with("EL") && valid_id(id)).then(|| id.to_owned())
}

/// The flavour that a version is of.
///
/// Source: the releases that Oracle gives its packages, `…ksplice1.el8_3` and `…el8_fips`.
fn flavour(version: &str) -> Option<String> {
    let is_ksplice = |it: &&str| {
        let number = it.strip_prefix("ksplice").unwrap_or("x");
        number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let lower = version.to_ascii_lowercase();
    if let Some(ksplice) = lower.split(['.', '-', '_']).find(is_ksplice) {
        return Some(ksplice.to_owned());
    }
    lower.split(['.', '-', '_']).any(|it| it == "fips").then(|| "fips".to_owned())
}

/// The line of the Unbreakable Enterprise Kernel that a version is of: what stands before the release
/// of `5.4.17-2136.330.7.1.el8uek`.
fn kernel_line(version: &str) -> Option<String> {
    let version = version.split_once(':').map_or(version, |(_, version)| version);
    let (line, release) = version.rsplit_once('-')?;
    release.split('.').any(|part| part.ends_with("uek")).then(|| format!("uek-{line}"))
}

/// The architectures of packages on a machine of this one: 64-bit machines run 32-bit packages.
fn package_architectures(machine: &str) -> Vec<&str> {
    match machine {
        "x86_64" => vec!["i686", "x86_64"],
        "i386" => vec!["i386", "i486", "i586", "i686"],
        other => vec![other],
    }
}

/// The announcement under its own id, and what it says of single CVEs under theirs. Its text is
/// the package's log of changes, which describes no vulnerability.
fn records(definition: &Definition, id: &str, out: &mut FeedOutput) {
    let links = definition.references.iter().filter(|it| it.id == id);
    let title = definition.title.split_once(':').map_or(definition.title.as_str(), |(_, title)| title);
    if let Some(issued) = definition.issued {
        out.saw_date(issued);
    }
    out.records.push(Record {
        summary: summary(title),
        references: links.filter_map(|it| reference(&it.url)).map(str::to_owned).collect(),
        published: definition.issued,
        modified: definition.updated.or(definition.issued),
        id: id.to_owned(),
        ..Record::default()
    });
    for scored in &definition.cves {
        let Some(cve) = cve(&scored.text) else { continue };
        let vectors = oval::vectors(scored, "oracle", id, out);
        if !vectors.is_empty() {
            let references = reference(&scored.url).map(str::to_owned).into_iter().collect();
            out.records.push(Record { id: cve, references, cvss: vectors, ..Record::default() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A definition with these criteria, as `package version channel architectures module`.
    fn rows(criteria: &str) -> (Vec<String>, FeedOutput) {
        let xml = format!(
            r#"<oval_definitions><definitions><definition id="d"><metadata><title>ELSA-2024-0001: x (LOW)</title>
            <reference source="elsa" ref_id="ELSA-2024-0001"/><reference source="CVE" ref_id="CVE-2024-0001"/>
            <advisory><severity>LOW</severity><cve cvss3="7.5/CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N">CVE-2024-0001</cve>
            </advisory></metadata>{criteria}</definition></definitions></oval_definitions>"#
        );
        let mut out = FeedOutput::default();
        let part = Part { name: "elsa-all", file_name: "x.xml", bytes: xml.as_bytes() };
        Oracle.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        let rows = out.advisories.iter().map(|it| {
            let fixed = match &it.ranges[0].end {
                plimsoll_core::End::Fixed(fixed) => fixed.clone(),
                other => format!("{other:?}"),
            };
            let channel = it.channel.as_deref().unwrap_or("-");
            let module = it.module.as_deref().unwrap_or("-");
            format!("{} {} {fixed} {channel} {} {module}", it.realm, it.package, it.architectures.join(","))
        });
        (rows.collect(), out)
    }

    fn on(release: &str, rest: &str) -> String {
        format!(
            r#"<criteria operator="AND"><criterion comment="Oracle Linux {release} is installed"/>{rest}</criteria>"#
        )
    }

    fn arch(name: &str, fixed: &str) -> String {
        format!(
            r#"<criteria operator="AND"><criterion comment="Oracle Linux arch is {name}"/><criteria operator="OR">
            <criteria operator="AND"><criterion comment="rsyslog is earlier than {fixed}"/>
            <criterion comment="rsyslog is signed with the Oracle Linux 7 key"/></criteria></criteria></criteria>"#
        )
    }

    #[test]
    fn each_architecture_keeps_its_own_fix() {
        let both = format!(
            r#"<criteria operator="OR">{}{}</criteria>"#,
            arch("aarch64", "0:8.24.0-57.0.4.el7_9.3"),
            arch("x86_64", "0:8.24.0-57.0.1.el7_9.3")
        );
        let (rows, out) = rows(&on("7", &both));
        assert_eq!(
            rows,
            [
                "rpm/oracle:7 rsyslog 8.24.0-57.0.1.el7_9.3 - i686,x86_64 -",
                "rpm/oracle:7 rsyslog 8.24.0-57.0.4.el7_9.3 - aarch64 -"
            ]
        );
        assert_eq!(out.advisories[0].severity, Some(Severity::Low));
        assert_eq!(out.records[1].cvss[0].score_tenths, 75);
    }

    #[test]
    fn one_fix_for_every_architecture_speaks_of_none() {
        let both = format!(
            r#"<criteria operator="OR">{}{}</criteria>"#,
            arch("aarch64", "8.24.0-1.el7"),
            arch("x86_64", "8.24.0-1.el7")
        );
        assert_eq!(rows(&on("7", &both)).0, ["rpm/oracle:7 rsyslog 8.24.0-1.el7 -  -"]);
    }

    #[test]
    fn flavours_are_channels_and_modules_are_modules() {
        let criterion = |text: &str| format!(r#"<criterion comment="{text}"/>"#);
        let ksplice = criterion("glibc is earlier than 2:2.28-151.0.1.ksplice2.el8")
            + &criterion("glibc is ksplice-based");
        assert_eq!(
            rows(&on("8", &ksplice)).0,
            ["rpm/oracle:8 glibc 2:2.28-151.0.1.ksplice2.el8 ksplice2  -"]
        );
        let fips = criterion("gnutls is earlier than 10:3.6.16-4.0.1.el8_fips");
        assert_eq!(rows(&on("8", &fips)).0, ["rpm/oracle:8 gnutls 10:3.6.16-4.0.1.el8_fips fips  -"]);
        let module = criterion("Module nodejs:20 is enabled")
            + &criterion("nodejs is earlier than 1:20.1.0-1.module+el8");
        assert_eq!(rows(&on("8", &module)).0, ["rpm/oracle:8 nodejs 1:20.1.0-1.module+el8 -  nodejs:20"]);
    }

    #[test]
    fn lines_of_the_kernel_are_channels() {
        let fix = |fixed: &str| format!(r#"<criterion comment="kernel-uek is earlier than 0:{fixed}"/>"#);
        let both = format!(
            r#"<criteria operator="OR">{}{}</criteria>"#,
            fix("5.4.17-2136.330.7.1.el7uek"),
            fix("4.14.35-2047.536.5.el7uek")
        );
        assert_eq!(
            rows(&on("7", &both)).0,
            [
                "rpm/oracle:7 kernel-uek 4.14.35-2047.536.5.el7uek uek-4.14.35  -",
                "rpm/oracle:7 kernel-uek 5.4.17-2136.330.7.1.el7uek uek-5.4.17  -"
            ]
        );
        let kernel = fix("3.10.0-1160.119.1.0.3.el7");
        assert_eq!(rows(&on("7", &kernel)).0, ["rpm/oracle:7 kernel-uek 3.10.0-1160.119.1.0.3.el7 -  -"]);
    }

    #[test]
    fn what_is_not_understood_is_noted_and_limits_nothing() {
        let text = r#"<criterion comment="the moon is full"/><criterion comment="a is earlier than 1-1"/>"#;
        let (rows, out) = rows(&on("9", text));
        assert_eq!(rows, ["rpm/oracle:9 a 1-1 -  -"]);
        assert_eq!((out.quarantined.len(), out.records_quarantined), (1, 0));
    }

    #[test]
    fn a_definition_without_release_or_package_is_quarantined() {
        for criteria in ["", r#"<criteria><criterion comment="a is earlier than 1-1"/></criteria>"#] {
            let (rows, out) = rows(criteria);
            assert_eq!((rows.len(), out.records_quarantined), (0, 1), "{criteria}");
        }
    }
}
