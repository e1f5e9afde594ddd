//! The feeds made of OVAL.

use std::collections::BTreeSet;
use std::path::Path;

use plimsoll_core::{Advisory, End, NameKind, Severity, Status};
use plimsoll_vulndb::{FeedOutput, feeds};

use crate::mirror::{self, mirror, parse_file};

fn read(id: &str, name: &str, file: &Path, out: &mut FeedOutput) {
    parse_file(feeds::by_id(id).unwrap(), name, file, out);
}

/// Everything of a feed, whose `parts`, `read`, `stored`, `quarantined`, `out of scope` and `rows`
/// must be these.
#[track_caller]
fn check(mirror: &Path, id: &str, expected: [u64; 6]) -> FeedOutput {
    let [counts @ .., rows] = expected;
    let out = mirror::check(mirror, id, counts);
    assert_eq!(out.advisories.len() as u64, rows, "{id}");
    out
}

/// Rows of one CVE and package, as `realm channel status range architectures`.
fn rows(out: &FeedOutput, vulnerability: &str, package: &str) -> Vec<String> {
    let is_meant = |it: &&Advisory| it.vulnerability == vulnerability && it.package == package;
    let shown = |it: &Advisory| {
        let ranges = it.ranges.iter().map(|range| {
            let introduced = range.introduced.as_deref().map(|it| format!(">={it} ")).unwrap_or_default();
            match &range.end {
                End::Fixed(end) => format!("{introduced}<{end}"),
                End::LastAffected(end) => format!("{introduced}<={end}"),
                other => format!("{introduced}{other:?}"),
            }
        });
        let ranges: Vec<String> = ranges.collect();
        let channel = it.channel.as_deref().unwrap_or("-");
        let architectures = it.architectures.join(",");
        format!("{} {channel} {} {} {architectures}", it.realm, it.status.name(), ranges.join(" or "))
    };
    let found: BTreeSet<String> = out.advisories.iter().filter(is_meant).map(shown).collect();
    found.into_iter().collect()
}

#[test]
fn oracle_is_read() {
    let Some(mirror) = mirror() else { return };
    check(&mirror, "oracle", [1, 2, 2, 0, 0, 18]);
    let mut out = FeedOutput::default();
    for file in ["elsa-per-arch-excerpt.xml", "elsa-ksplice-excerpt.xml", "elsa-excerpt.xml"] {
        read("oracle", "elsa-all", &mirror.join("oracle").join(file), &mut out);
    }
    assert_eq!(out.quarantined, []);
    assert_eq!(
        rows(&out, "CVE-2022-24903", "rsyslog"),
        [
            "rpm/oracle:7 - fixed <8.24.0-57.0.1.el7_9.3 i686,x86_64",
            "rpm/oracle:7 - fixed <8.24.0-57.0.4.el7_9.3 aarch64"
        ],
        "rule 41"
    );
    assert_eq!(
        rows(&out, "CVE-2021-3449", "openssl"),
        ["rpm/oracle:8 ksplice1 fixed <2:1.1.1g-15.ksplice1.el8_3 "],
        "rule 42"
    );
    assert_eq!(
        rows(&out, "CVE-2018-7566", "kernel-uek"),
        ["rpm/oracle:6 uek-2.6.39 fixed <2.6.39-400.302.2.el6uek "],
        "a line of the kernel"
    );
}

#[test]
fn azure_linux_and_mariner_are_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "azure-linux", [1, 1_222, 1_222, 0, 0, 1_222]);
    assert!(out.advisories.iter().all(|it| it.name_kind == NameKind::Source));
    assert_eq!(rows(&out, "CVE-2024-47191", "oath-toolkit"), ["rpm/azurelinux:3.0 - fixed <2.6.7-3.azl3 "]);
    let out = check(&mirror, "mariner", [2, 2_257, 2_257, 0, 0, 2_257]);
    assert_eq!(
        rows(&out, "CVE-2023-29404", "golang"),
        ["rpm/mariner:2.0 - fixed >=1.19.0.cm2 <1.20.7-1.cm2 "]
    );
    assert_eq!(
        rows(&out, "CVE-2023-0687", "glibc"),
        ["rpm/mariner:1.0 - not_affected  ", "rpm/mariner:2.0 - not_affected  "]
    );
    assert_eq!(
        rows(&out, "CVE-2022-3736", "bind"),
        ["rpm/mariner:1.0 - fixed <9.16.37-1.cm1 ", "rpm/mariner:2.0 - affected <=9.16.33-1.cm2 "]
    );
}

#[test]
fn suse_is_read() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "suse", [5, 8, 8, 0, 0, 164]);
    assert_eq!(
        rows(&out, "CVE-2010-2322", "fastjar"),
        ["rpm/opensuse-leap:15.2 - fixed <0.98-lp152.4.3.1 i586,x86_64"]
    );
    assert_eq!(rows(&out, "CVE-2001-1267", "tar"), ["rpm/opensuse-tumbleweed - fixed <1.34-2.2 "]);
    assert_eq!(
        rows(&out, "CVE-2009-0316", "vim-small")[4],
        "rpm/sle-micro:5.4 - fixed <9.0.1234-150000.5.34.1 aarch64,ppc64le,s390x,x86_64"
    );
    assert_eq!(rows(&out, "CVE-1999-0077", "kernel-default")[0], "rpm/sle-micro:5.0 - not_affected  ");

    // An older file, shortened by those who test with it: some of its tests are missing.
    let mut out = FeedOutput::default();
    let file = mirror.join("suse/oval/suse.linux.enterprise.server.15.excerpt.xml");
    read("suse", "suse.linux.enterprise.server.15-affected", &file, &mut out);
    assert_eq!(
        (out.records_read, out.records_stored, out.records_quarantined, out.out_of_scope),
        (4, 3, 1, 0)
    );
    assert_eq!(
        rows(&out, "CVE-2021-29154", "kernel-default"),
        [
            "rpm/sles:15 - affected <4.12.14-150.72.1 aarch64,ppc64le,s390x,x86_64",
            "rpm/sles:15 ltss fixed <4.12.14-150.72.1 aarch64,ppc64le,s390x,x86_64",
            "rpm/sles:15.1 - affected <4.12.14-197.89.2 aarch64,ppc64le,s390x,x86_64",
            "rpm/sles:15.1 bcl fixed <4.12.14-197.89.2 aarch64,ppc64le,s390x,x86_64",
            "rpm/sles:15.1 ltss fixed <4.12.14-197.89.2 aarch64,ppc64le,s390x,x86_64",
        ]
    );
}

#[test]
fn photon_is_read() {
    let Some(mirror) = mirror() else { return };
    // `UNK-1`, three times, and `Re`.
    let out = check(&mirror, "photon", [6, 249, 245, 4, 0, 2_513]);
    assert_eq!(rows(&out, "CVE-2025-9086", "curl"), ["rpm/photon:4.0 - fixed <8.16.0-1.ph4 "]);
    assert_eq!(rows(&out, "CVE-2023-44487", "httpd"), ["rpm/photon:4.0 - not_affected  "]);
    assert_eq!(rows(&out, "CVE-2024-4603", "openssl"), ["rpm/photon:5.0 - under_investigation  "]);
    assert_eq!(rows(&out, "CVE-2019-16168", "sqlite-libs"), ["rpm/photon:3.0 - fixed <3.27.2-5.ph3 "]);
    let sqlite = out.advisories.iter().find(|it| it.vulnerability == "CVE-2019-16168").unwrap();
    assert_eq!((sqlite.severity, sqlite.status), (Some(Severity::High), Status::Fixed));
    assert_eq!(sqlite.advisory_ids, ["PHSA-2020:00001"]);
}
