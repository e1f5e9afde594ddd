//! Feeds of distributions' repositories and errata.

use std::collections::BTreeSet;

use plimsoll_core::{Advisory, End, Severity, Status};
use plimsoll_vulndb::{FeedOutput, feeds};

use crate::damage;
use crate::mirror::{check, fixed, mirror, parse, parse_file};

/// The fixed versions, channels and modules of one vulnerability in one package.
fn rows<'a>(out: &'a FeedOutput, realm: &str, package: &str, id: &str) -> Vec<&'a Advisory> {
    let is_meant = |it: &&Advisory| it.realm.0 == realm && it.package == package && it.vulnerability == id;
    out.advisories.iter().filter(is_meant).collect()
}

#[test]
fn amazon_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    // 1,618 of release 2, 173 of its topics, 816 of 2023 and 38 patches of running kernels.
    let out = check(&mirror, "amazon", [14, 2_645, 2_645, 0, 0]);
    let openssl = rows(&out, "rpm/amazon:2023", "openssl", "CVE-2022-4304");
    assert_eq!(openssl.iter().filter_map(|it| fixed(it)).collect::<Vec<_>>(), ["1:3.0.5-1.amzn2023.0.6"]);
    assert_eq!(openssl[0].advisory_ids, ["ALAS2023-2023-101"]);
    assert_eq!(openssl[0].severity, Some(Severity::High));
    let channels: BTreeSet<&str> = out.advisories.iter().filter_map(|it| it.channel.as_deref()).collect();
    assert_eq!(channels.len(), 12, "{channels:?}");
    let docker = rows(&out, "rpm/amazon:2", "docker", "CVE-2021-21284");
    assert_eq!(docker.iter().filter_map(|it| it.channel.as_deref()).next(), Some("extras:docker"));
    let realms: BTreeSet<&str> = out.advisories.iter().map(|it| it.realm.0.as_str()).collect();
    assert_eq!(realms, BTreeSet::from(["rpm/amazon:2", "rpm/amazon:2023"]));
    eprintln!("amazon: {} rows", out.advisories.len());
}

#[test]
fn the_vendors_own_files_of_amazon_are_read_as_the_reassembled_ones() {
    let Some(mirror) = mirror() else { return };
    let amazon = feeds::by_id("amazon").unwrap();
    for (file, realm, channel) in [
        ("updateinfo_1.excerpt.xml.gz", "rpm/amazon:1", None),
        ("updateinfo_2.excerpt.xml.gz", "rpm/amazon:2", None),
        ("updateinfo_2_kernel-5.15.excerpt.xml.gz", "rpm/amazon:2", Some("extras:kernel-5.15")),
        ("updateinfo_2022.excerpt.xml.gz", "rpm/amazon:2022", None),
        ("updateinfo_2023.excerpt.xml.gz", "rpm/amazon:2023", None),
        (
            "updateinfo_2023_kernel-livepatch.excerpt.xml.gz",
            "rpm/amazon:2023",
            Some("extras:kernel-livepatch"),
        ),
        ("updateinfo_2023_nvidia.excerpt.xml.gz", "rpm/amazon:2023", Some("extras:nvidia")),
    ] {
        let mut out = FeedOutput::default();
        parse_file(amazon, "core", &mirror.join("amazon/fixtures").join(file), &mut out);
        assert!(!out.advisories.is_empty() && out.quarantined.is_empty(), "{file} {:?}", out.quarantined);
        let is_home = |it: &Advisory| it.realm.0 == realm && it.channel.as_deref() == channel;
        assert!(out.advisories.iter().all(is_home), "{file} {:?}", out.advisories[0]);
    }
}

#[test]
fn repositories_name_their_updates() {
    let Some(mirror) = mirror() else { return };
    let read = |path: &str| std::fs::read(mirror.join(path)).unwrap();
    for (path, expected) in [
        ("amazon/fixtures/repomd.xml", "repodata/updateinfo.xml.gz"),
        (
            "rocky/updateinfo/9/BaseOS/x86_64/os/repodata/repomd.xml",
            "repodata/aaaa587b7c2316f0b357a284fc32836ceee13fe54e277cc841b30ecefb7cbb42a-updateinfo.xml.gz",
        ),
        (
            "fedora/linux/updates/43/Everything/x86_64/repodata/repomd.xml",
            "repodata/74f58a91baa4a290e7ab058c6298b46ef49fc5ee990ede14d181340e5d22fca9-updateinfo.xml.zst",
        ),
    ] {
        let file = feeds::repository_file(&read(path), "updateinfo").unwrap().unwrap();
        // The digest in the excerpt of Rocky's has one digit too many.
        assert_eq!((file.path.as_str(), file.sha256.is_some()), (expected, !path.starts_with("rocky/")));
    }
    let list = feeds::mirror_list(&read("amazon/fixtures/mirrors_linux2023.txt")).unwrap();
    assert!(list.starts_with("https://cdn.amazonlinux.com/al2023/core/guids/") && list.ends_with("/x86_64"));
    let list = feeds::mirror_list(&read("amazon/fixtures/mirrors_linux1.txt")).unwrap();
    assert!(list.starts_with("https://packages.us-west-2.amazonaws.com/2018.03/"));
}

#[test]
fn fedora_rocky_and_bottlerocket_updates_are_read() {
    let Some(mirror) = mirror() else { return };
    // The only update of the excerpt fixes bugs.
    check(&mirror, "fedora", [1, 1, 0, 0, 1]);
    let rocky = check(&mirror, "rocky-updateinfo", [2, 3, 2, 0, 1]);
    let xz = rows(&rocky, "rpm/rocky:9", "xz", "CVE-2022-1271");
    assert_eq!(xz.iter().filter_map(|it| fixed(it)).collect::<Vec<_>>(), ["5.2.5-8.el9_0"]);
    let mariadb = rows(&rocky, "rpm/rocky:9", "mariadb", "CVE-2022-47015");
    assert_eq!(mariadb[0].module.as_deref(), Some("*"));
    let bottlerocket = check(&mirror, "bottlerocket", [1, 1, 1, 0, 0]);
    assert_eq!(rows(&bottlerocket, "rpm/bottlerocket", "kernel", "CVE-2020-10711").len(), 1);
}

#[test]
fn the_errata_of_almalinux_name_the_streams_of_modules() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "almalinux-errata", [1, 465, 465, 0, 0]);
    let php = out.advisories.iter().find(|it| it.package == "php" && it.advisory_ids == ["ALSA-2024:0387"]);
    assert_eq!(php.unwrap().module.as_deref(), Some("php:8.1"));
    assert!(out.advisories.iter().all(|it| it.realm.0 == "rpm/almalinux:9"));
    assert_eq!(out.advisories.iter().filter(|it| it.module.as_deref() == Some("*")).count(), 0);
    eprintln!("almalinux-errata: {} rows", out.advisories.len());

    let mut out = FeedOutput::default();
    let full = mirror.join("alma/errata.full.excerpt.json");
    parse_file(feeds::by_id("almalinux-errata").unwrap(), "full", &full, &mut out);
    assert_eq!(out.records_quarantined, 0, "{:?}", out.quarantined);
    assert!(out.out_of_scope >= 1 && out.advisories.iter().any(|it| it.realm.0 == "rpm/almalinux:8"));
}

#[test]
fn rocky_is_read_from_apollo_and_from_the_records_before_it() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "rocky", [3, 1_493, 1_492, 0, 1]);
    let delve = rows(&out, "rpm/rocky:10", "delve", "CVE-2025-58183");
    assert_eq!(delve.iter().filter_map(|it| fixed(it)).collect::<Vec<_>>(), ["1.25.2-1.el10_1"]);
    let sig = out.advisories.iter().filter(|it| it.channel.as_deref() == Some("sig:cloud"));
    let announcements: BTreeSet<&str> = sig.flat_map(|it| &it.advisory_ids).map(String::as_str).collect();
    assert!(announcements.iter().all(|it| it.starts_with("RXSA-")) && !announcements.is_empty());
    let modular = out.advisories.iter().filter(|it| fixed(it).is_some_and(|it| it.contains(".module+")));
    assert!(modular.clone().all(|it| it.module.is_some()) && modular.count() > 1_000);
    eprintln!("rocky: {} rows", out.advisories.len());
}

#[test]
fn modular_rows_of_osv_are_for_packages_of_modules() {
    let Some(mirror) = mirror() else { return };
    for id in ["osv-rocky", "osv-almalinux"] {
        let (out, _) = parse(&mirror, id);
        let modular = |it: &Advisory| {
            it.ranges.iter().any(|it| matches!(&it.end, End::Fixed(fixed) if fixed.contains(".module")))
        };
        assert!(out.advisories.iter().all(|it| modular(it) == (it.module.as_deref() == Some("*"))), "{id}");
        assert!(out.advisories.iter().any(modular), "{id}");
        assert!(!out.advisories.iter().any(|it| it.vulnerability.starts_with("ALBA-")));
    }
}

#[test]
fn arch_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "arch", [1, 2_507, 2_507, 0, 0]);
    let status = |status: Status| {
        let ids =
            out.advisories.iter().filter(|it| it.status == status).map(|it| it.advisory_ids[0].as_str());
        ids.collect::<BTreeSet<_>>().len()
    };
    let found =
        [Status::Fixed, Status::NotAffected, Status::Affected, Status::UnderInvestigation].map(status);
    assert_eq!(found, [2_214, 195, 83, 15]);
    let rsync = rows(&out, "alpm/arch", "rsync", "CVE-2024-12084");
    assert_eq!((fixed(rsync[0]), rsync[0].severity), (Some("3.4.0-1"), Some(Severity::Critical)));
    eprintln!("arch: {} rows", out.advisories.len());
}

#[test]
fn distributions_of_the_shape_of_others_are_read() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "minimos", [1, MINIMOS, MINIMOS, 0, 0]);
    assert_eq!(rows(&out, "apk/minimos", "coreutils", "CVE-2016-2781")[0].status, Status::NotAffected);
    let out = check(&mirror, "echo", [1, 25, 25, 0, 0]);
    assert_eq!(rows(&out, "deb/echo", "python", "CVE-2009-2940")[0].status, Status::Affected);
    assert_eq!(fixed(rows(&out, "deb/echo", "nginx", "CVE-2021-3618")[0]), Some("1.21.0"));
}

#[test]
fn open_euler_and_secure_os_are_read() {
    let Some(mirror) = mirror() else { return };
    let mut out = FeedOutput::default();
    let sample = mirror.join("other-distros/openeuler-OESA-2021-1001.osv.json");
    parse_file(feeds::by_id("osv-openeuler").unwrap(), "all.zip", &sample, &mut out);
    let dnsmasq = rows(&out, "rpm/openeuler:20.03-LTS-SP1", "dnsmasq", "CVE-2020-25687");
    assert_eq!(
        (fixed(dnsmasq[0]), dnsmasq[0].advisory_ids.as_slice()),
        (Some("2.82-5.oe1"), &["OESA-2021-1001".to_owned()][..])
    );
    let out = check(&mirror, "secureos", [1, 34, 34, 0, 0]);
    assert_eq!(rows(&out, "apk/secureos", "rqlite-9.3-client", "CVE-2022-4203")[0].status, Status::Affected);
}

/// Ids in the excerpt of MinimOS.
const MINIMOS: u64 = 59;

#[test]
fn no_damage_to_a_feed_makes_it_panic() {
    let Some(mirror) = mirror() else { return };
    let samples = [
        ("amazon", "amazon/amzn2/extras/nginx1/updateinfo.xml.gz"),
        ("amazon", "amazon/fixtures/amazon_linux_2_updateinfo.excerpt.xml"),
        ("fedora", "other-distros/bottlerocket-updateinfo.excerpt.xml.gz"),
        ("almalinux-errata", "alma/errata.full.excerpt.json"),
        ("rocky", "rocky/errata-api-page2.json"),
        ("echo", "other-distros/echo-data.excerpt.json"),
        ("minimos", "other-distros/minimos-security.excerpt.json"),
        ("osv-openeuler", "other-distros/openeuler-OESA-2021-1001.osv.json"),
    ];
    damage::check(&mirror, 60, &samples);
}
