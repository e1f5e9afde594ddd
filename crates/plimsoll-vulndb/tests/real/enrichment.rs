//! The feeds of scores, texts and corrections.

use plimsoll_core::{End, Status};
use plimsoll_vulndb::{FeedOutput, Record, feeds};

use crate::damage;
use crate::mirror::{check, compare, mirror, parse_file, row};

fn record<'a>(out: &'a FeedOutput, id: &str) -> &'a Record {
    out.records.iter().find(|it| it.id == id).unwrap()
}

fn scores(record: &Record) -> Vec<(&str, &str, u8)> {
    record.cvss.iter().map(|it| (it.source.as_str(), it.version.as_str(), it.score_tenths)).collect()
}

#[test]
fn the_nvd_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "nvd", [4, 158, 154, 0, 4]);
    let text = |id: &str| record(&out, id).details.as_deref().unwrap_or_default();
    assert!(
        text("CVE-2021-3002").starts_with("UPDATED BY MODIFIED FEED"),
        "the file of the last days counts"
    );
    let log4j = record(&out, "CVE-2021-44228");
    assert!(
        scores(log4j).contains(&("nvd", "3.1", 100)) && scores(log4j).contains(&("cisa-adp", "3.1", 100))
    );
    assert!(log4j.cwes.contains(&"CWE-502".to_owned()));
    let openssl = row(&out, "openssl", "CVE-2014-0224");
    assert!(openssl.ranges.iter().any(|it| it.end == End::Fixed("1.0.1h".to_owned())), "{openssl:#?}");
    assert!(out.advisories.iter().all(|it| it.realm.0 == "generic"));
}

#[test]
fn corrections_of_the_nvd_are_read_whole() {
    let Some(mirror) = mirror() else { return };
    // The others speak of products that are no programs of the table (Tomcat, Go, Traefik).
    let out = check(&mirror, "nvd-overrides", [1, 1_799, 1_455, 0, 344]);
    assert!(out.records.is_empty() && out.quarantined.is_empty());
    let windows =
        out.advisories.iter().filter(|it| it.note.as_deref().is_some_and(|it| it.contains("windows")));
    assert_eq!(windows.count(), 0, "what holds on Windows only is no row");
    let java = row(&out, "openjdk", "CVE-2019-2602");
    assert!(java.ranges.iter().any(|it| it.end == End::Fixed("1.8.0_211".to_owned())), "{java:#?}");
}

#[test]
fn the_cve_list_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    // Four of the sample's records are of another format (OSV).
    let out = check(&mirror, "cve-list", [1, 26, 22, 4, 0]);
    let xz = record(&out, "CVE-2024-3094");
    assert!(scores(xz).contains(&("cna", "3.1", 100)), "{:?}", scores(xz));
    assert_eq!(xz.summary.as_deref(), Some("Xz: malicious code in distributed source"));
    assert!(xz.cwes.contains(&"CWE-506".to_owned()));
    assert!(out.advisories.is_empty());
}

#[test]
fn announcements_of_debian_are_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "debian-announcements", [2, 8_940, 6_529, 0, 2_411]);
    // What is left out: releases before 6, whose packages nobody scans.
    assert!(out.quarantined.iter().all(|it| it.record.starts_with("release ")), "{:#?}", out.quarantined);
    let xorg = row(&out, "xorg-server", "CVE-2023-1393");
    assert_eq!(
        (xorg.realm.0.as_str(), xorg.advisory_ids.as_slice()),
        ("deb/debian:11", ["DSA-5380-1".to_owned()].as_slice())
    );
    assert_eq!(out.data_date.unwrap().date_text(), "2023-04-01");
}

#[test]
fn open_vex_documents_of_ubuntu_are_read() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "ubuntu-vex", [1, 2, 1, 0, 1]);
    let here = |channel: Option<&str>, number: &str| {
        out.advisories.iter().find(|it| {
            it.package == "curl"
                && it.vulnerability == "CVE-2025-0167"
                && it.channel.as_deref() == channel
                && it.realm.0 == format!("deb/ubuntu:{number}")
        })
    };
    assert_eq!(here(None, "22.04").unwrap().status, Status::Affected);
    assert_eq!(here(Some("esm-infra"), "16.04").unwrap().status, Status::NotAffected);
    let feed = feeds::by_id("ubuntu-vex").unwrap();
    let mut out = FeedOutput::default();
    for file in ["2016/CVE-2016-20013.json.gz", "2023/CVE-2023-38545.json.gz"] {
        parse_file(feed, "vex-all", &mirror.join("ubuntu/vex/cve").join(file), &mut out);
    }
    compare("ubuntu-vex", 2, &out, [2, 2, 2, 0, 0]);
    let glibc = row(&out, "glibc", "CVE-2016-20013");
    assert_eq!(glibc.status, Status::WillNotFix);
    assert!(glibc.note.as_deref().unwrap().starts_with("Actually addressing this"), "{glibc:#?}");
    let xenial = out
        .advisories
        .iter()
        .find(|it| it.package == "curl" && it.realm.0 == "deb/ubuntu:16.04" && it.channel.is_none());
    assert_eq!(xenial.unwrap().status, Status::EndOfLife);
}

#[test]
fn no_damage_to_a_feed_makes_it_panic() {
    let Some(mirror) = mirror() else { return };
    let samples = [
        ("nvd", "nvd/api-paging/1_item-0-3.json"),
        ("nvd", "nvd/api-paging/3_pages-0-3.json"),
        ("cve-list", "cve-list-v5/cves.sample.tar.zst"),
        ("ubuntu-vex", "ubuntu/vex-all.excerpt.tar.xz"),
        ("debian-announcements", "debian/security-tracker-git/data/DLA/list.gz"),
        ("debian-elts", "debian/tracker/excerpt-vulnerablecode.json"),
    ];
    damage::check(&mirror, 30, &samples);
}
