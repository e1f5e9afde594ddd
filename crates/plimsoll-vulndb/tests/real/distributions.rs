//! The trackers of distributions, OSV's zips, and what enriches them.

use plimsoll_core::{End, Severity, Status};
use plimsoll_vulndb::{FeedOutput, feeds};

use crate::damage;
use crate::mirror::{by_status, check, matches, mirror, parse, parse_file};

#[test]
fn the_debian_tracker_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "debian", [1, 37_651, 37_651, 0, 0]);
    assert_eq!(out.advisories.len(), 100_053);
    let row = |package: &str, id: &str, realm: &str| {
        out.advisories
            .iter()
            .find(|it| it.package == package && it.vulnerability == id && it.realm.0 == realm)
            .unwrap()
    };
    let xz = row("xz-utils", "CVE-2024-3094", "deb/debian:12");
    assert_eq!(xz.status, Status::NotAffected);
    let zlib = row("zlib", "CVE-2023-45853", "deb/debian:12");
    assert_eq!(zlib.status, Status::WillNotFix);
    let tar = row("tar", "CVE-2005-2541", "deb/debian:12");
    assert_eq!((tar.status, tar.severity), (Status::Affected, Some(Severity::Negligible)));
    let negligible = out.advisories.iter().filter(|it| it.severity == Some(Severity::Negligible)).count();
    assert_eq!(negligible, 9_808, "unimportant is never dropped");
    assert_eq!(by_status(&out)["end_of_life"], 388);
}

#[test]
fn alpine_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    // `CVE-46838`, four times.
    let out = check(&mirror, "alpine", [41, 85_277, 85_273, 4, 0]);
    let realms: std::collections::BTreeSet<_> = out.advisories.iter().map(|it| &it.realm).collect();
    assert_eq!(realms.len(), 21, "v3.2 to v3.21, and edge");
    let curl = out.advisories.iter().find(|it| {
        it.package == "curl" && it.vulnerability == "CVE-2021-22897" && it.realm.0 == "apk/alpine:v3.18"
    });
    assert_eq!(curl.unwrap().status, Status::NotAffected);
}

#[test]
fn wolfi_and_chainguard_are_read_where_they_are() {
    let Some(mirror) = mirror() else { return };
    check(&mirror, "wolfi", [1, 31_931, 31_931, 0, 0]);
    check(&mirror, "chainguard", [0, 0, 0, 0, 0]);
    let chainguard = feeds::by_id("chainguard").unwrap();
    let mut out = FeedOutput::default();
    parse_file(chainguard, "security.json", &mirror.join("chainguard/security.excerpt.json"), &mut out);
    assert!(out.advisories.len() > 10);
}

#[test]
fn the_ubuntu_tracker_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    // Left out are CVEs that were rejected, and those that name no release.
    let out = check(&mirror, "ubuntu-tracker", [1, 6_975, 6_885, 0, 90]);
    assert_eq!(by_status(&out).len(), 7, "every status occurs");
    let glibc: Vec<_> = out
        .advisories
        .iter()
        .filter(|it| it.vulnerability == "CVE-2023-4911" && it.package == "glibc")
        .map(|it| format!("{} {} {}", it.realm, it.channel.as_deref().unwrap_or("-"), it.status.name()))
        .collect();
    assert!(glibc.contains(&"deb/ubuntu:22.04 - fixed".to_owned()), "{glibc:#?}");
    assert!(glibc.contains(&"deb/ubuntu:16.04 esm-infra not_affected".to_owned()), "{glibc:#?}");
    assert!(glibc.contains(&"deb/ubuntu:16.04 - end_of_life".to_owned()), "{glibc:#?}");

    // The original text of half a year earlier has vectors and priorities by package.
    let mut out = FeedOutput::default();
    let older = mirror.join("ubuntu/ubuntu-cve-tracker-2024-02-16.subset.tar.zst");
    parse_file(feeds::by_id("ubuntu-tracker").unwrap(), "tracker", &older, &mut out);
    assert_eq!(out.records_read, 6_695);
    assert!(out.records.iter().filter(|it| !it.cvss.is_empty()).count() > 3_000);
}

#[test]
fn the_osv_records_of_ubuntu_are_read() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "ubuntu-osv", [1, 3, 1, 0, 2]);
    assert!(!out.advisories.is_empty());
    let feed = feeds::by_id("ubuntu-osv").unwrap();
    let mut out = FeedOutput::default();
    for folder in matches(&mirror.join("ubuntu/osv/cve"), "2*") {
        for file in matches(&folder, "UBUNTU-*.json") {
            parse_file(feed, "osv-all", &file, &mut out);
        }
    }
    assert_eq!((out.records_read, out.records_stored, out.out_of_scope), (14, 9, 5));
    let wayland: Vec<_> = out
        .advisories
        .iter()
        .filter(|it| it.vulnerability == "CVE-2021-3782" && it.realm.0 == "deb/ubuntu:16.04")
        .map(|it| (it.channel.as_deref(), it.status))
        .collect();
    assert_eq!(wayland, [(None, Status::Affected), (Some("esm-infra"), Status::Fixed)]);
}

#[test]
fn every_ecosystem_of_osv_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    // ALBA and ALEA without a CVE say nothing of vulnerabilities.
    check(&mirror, "osv-almalinux", [1, 4_530, 4_480, 0, 50]);
    check(&mirror, "osv-rocky", [1, 1_491, 1_491, 0, 0]);
    check(&mirror, "osv-go", [1, 4_291, 4_274, 0, 17]);
    // 258 unmaintained, 202 unsound and 6 notices are kept as such; 13 were withdrawn.
    check(&mirror, "osv-crates.io", [1, 1_206, 1_193, 0, 13]);
    check(&mirror, "osv-pypi", [1, 6_863, 6_862, 0, 1]);
    let npm = check(&mirror, "osv-npm", [1, 4_092, 4_092, 0, 0]);
    check(&mirror, "osv-maven", [1, 5_309, 5_309, 0, 0]);
    check(&mirror, "osv-nuget", [1, 704, 704, 0, 0]);
    check(&mirror, "osv-rubygems", [1, 912, 912, 0, 0]);
    check(&mirror, "osv-packagist", [1, 525, 525, 0, 0]);
    check(&mirror, "osv-hex", [1, 32, 32, 0, 0]);
    check(&mirror, "osv-pub", [1, 12, 12, 0, 0]);
    check(&mirror, "osv-swift", [1, 38, 38, 0, 0]);
    check(&mirror, "osv-bitnami", [1, 860, 860, 0, 0]);
    let malware = npm.advisories.iter().filter(|it| it.vulnerability.starts_with("MAL-"));
    assert!(malware.clone().all(|it| it.severity == Some(Severity::Critical)));
    assert_eq!(malware.map(|it| &it.vulnerability).collect::<std::collections::BTreeSet<_>>().len(), 300);
    let lodash =
        npm.advisories.iter().find(|it| it.package == "lodash" && it.vulnerability == "CVE-2020-8203");
    let lodash = lodash.unwrap();
    assert!(
        lodash.ranges.iter().any(|it| matches!(&it.end, End::Fixed(fixed) if fixed.starts_with("4.17.")))
    );
}

#[test]
fn zips_of_distributions_are_read_as_records_of_ones_own() {
    let Some(mirror) = mirror() else { return };
    for (ecosystem, records, realm) in [
        ("Debian", 1_846, "deb/debian:12"),
        ("Alpine", 120, "apk/alpine:v3.18"),
        ("Red Hat", 1_384, "rpm/redhat:9"),
        ("SUSE", 421, "rpm/opensuse-leap:15.5"),
    ] {
        let mut out = FeedOutput::default();
        let file = mirror.join("osv").join(ecosystem).join("all.zip");
        parse_file(feeds::by_id("osv-local").unwrap(), "all.zip", &file, &mut out);
        assert_eq!(out.records_read, records, "{ecosystem}");
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        assert!(out.advisories.iter().any(|it| it.realm.0 == realm), "{ecosystem}");
        assert_eq!(out.records_quarantined, 0, "{ecosystem}: {:#?}", out.quarantined.first());
    }
}

#[test]
fn enrichment_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let kev = check(&mirror, "cisa-kev", [1, 1_404, 1_404, 0, 0]);
    assert_eq!(kev.kev.len(), 1_404);
    let log4j = &kev.kev.iter().find(|(id, _)| id == "CVE-2021-44228").unwrap().1;
    assert!(log4j.ransomware);

    let (epss, parts) = parse(&mirror, "epss");
    assert_eq!((parts, epss.records_read), (2, 72_272 + 1_556));
    assert_eq!(epss.records_quarantined, 0);
    let newest = epss.epss.iter().filter(|(_, it)| it.model.as_deref() == Some("v2026.06.15")).count();
    assert_eq!(newest, 1_556);
    assert_eq!(epss.epss.len() as u64, epss.records_stored);

    let (eol, parts) = parse(&mirror, "endoflife");
    assert_eq!((parts, eol.records_stored, eol.out_of_scope, eol.records_quarantined), (26, 15, 11, 0));
    let find = |distro: &str, release: &str| {
        let row = eol.end_of_life.iter().find(|it| it.distro_id == distro && it.release == release).unwrap();
        let day = |it: Option<plimsoll_core::Timestamp>| it.map(plimsoll_core::Timestamp::date_text);
        (day(row.ends).unwrap_or_default(), day(row.extended_ends).unwrap_or_default())
    };
    assert_eq!(find("debian", "12"), ("2026-07-11".to_owned(), "2028-06-30".to_owned()));
    assert_eq!(find("alpine", "3.20").0, "2026-04-01");
    assert_eq!(find("ubuntu", "16.04"), ("2021-04-02".to_owned(), "2026-04-02".to_owned()));
    assert_eq!(find("amzn", "2").0, "2026-06-30");
    assert_eq!(find("opensuse-leap", "15.5").0.get(..3), Some("202"));
    let mut out = FeedOutput::default();
    let excerpt = mirror.join("endoflife/api-v1-products-full.excerpt.json");
    parse_file(feeds::by_id("endoflife").unwrap(), "products", &excerpt, &mut out);
    assert_eq!((out.records_read, out.records_stored, out.out_of_scope), (2, 1, 1));
}

#[test]
fn no_damage_to_a_feed_makes_it_panic() {
    let Some(mirror) = mirror() else { return };
    let samples = [
        ("debian", "debian/tracker/real-records-2025-02.json"),
        ("debian", "debian/tracker/excerpt-389ds-wordpress.json"),
        ("alpine", "alpine/secdb/v3.5/community.json"),
        ("ubuntu-osv", "ubuntu/osv-all.excerpt.tar.xz"),
        ("ubuntu-osv", "ubuntu/osv/cve/2021/UBUNTU-CVE-2021-3782.json"),
        ("osv-pub", "osv/Pub/all.zip"),
        ("osv-local", "osv/Hex/all.zip"),
        ("cisa-kev", "kev/previous/known_exploited_vulnerabilities-2025.01.24.json.gz"),
        ("epss", "epss/format-history/epss_scores-2025.excerpt.csv"),
        ("endoflife", "endoflife/products/debian.md"),
        ("endoflife", "endoflife/api-v1-products-full.excerpt.json"),
        ("wolfi", "wolfi/security.excerpt.json"),
    ];
    damage::check(&mirror, 60, &samples);
}
