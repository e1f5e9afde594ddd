//! Feeds of distributions' repositories and errata over real data: the mirror in
//! `../shared/data/feeds`, whose READMEs give the counts.
//!
//! Skipped, loudly, where that folder is absent. Writes nothing.

#![expect(clippy::disallowed_methods, reason = "reads the shared data, which is no part of the project")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped is said loudly")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plimsoll_core::{Advisory, End, Severity, Status};
use plimsoll_vulndb::{Feed, FeedOutput, Part, Source, feeds};

/// The mirror, if it is there.
fn mirror() -> Option<PathBuf> {
    let shared = std::env::var_os("PLIMSOLL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let mirror = shared.join("data/feeds");
    if mirror.is_dir() {
        return Some(mirror);
    }
    eprintln!("SKIPPED: {} is absent; feeds were not tested over real data", mirror.display());
    None
}

/// The files of a source: the first of its mirror paths that exists, `*` within a component.
fn files(mirror: &Path, source: &Source) -> Vec<PathBuf> {
    for path in &source.mirror {
        let mut found = vec![mirror.to_owned()];
        for component in path.split('/') {
            found = found.iter().flat_map(|folder| matches(folder, component)).collect();
        }
        found.retain(|it| it.is_file());
        found.sort();
        if source.newest_only {
            found = found.pop().into_iter().collect();
        }
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn matches(folder: &Path, component: &str) -> Vec<PathBuf> {
    let Some((start, end)) = component.split_once('*') else {
        return vec![folder.join(component)];
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let fits =
        |it: &String| it.len() >= start.len() + end.len() && it.starts_with(start) && it.ends_with(end);
    names.filter(fits).map(|it| folder.join(it)).collect()
}

/// Everything of one feed, and how many parts it had.
fn parse(mirror: &Path, id: &str) -> (FeedOutput, usize) {
    let feed = feeds::by_id(id).unwrap();
    let mut out = FeedOutput::default();
    let mut parts = 0;
    for source in feed.sources() {
        for file in files(mirror, &source) {
            parse_file(feed, &source.name, &file, &mut out);
            parts += 1;
        }
    }
    (out, parts)
}

fn parse_file(feed: &dyn Feed, name: &str, file: &Path, out: &mut FeedOutput) {
    let bytes = std::fs::read(file).unwrap();
    let file_name = file.file_name().unwrap().to_str().unwrap();
    let part = Part { name, file_name, bytes: &bytes };
    feed.parse(&part, out).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
}

/// Parses a feed and compares `parts`, `read`, `stored`, `quarantined`, `out of scope`.
fn check(mirror: &Path, id: &str, expected: [u64; 5]) -> FeedOutput {
    let (out, parts) = parse(mirror, id);
    let found =
        [parts as u64, out.records_read, out.records_stored, out.records_quarantined, out.out_of_scope];
    assert_eq!(
        found,
        expected,
        "{id}; quarantined: {:#?}",
        out.quarantined.iter().take(20).collect::<Vec<_>>()
    );
    assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope, "{id}");
    assert!(out.advisories.iter().all(|it| it.feed == id && !it.package.is_empty()), "{id}");
    out
}

/// The fixed versions, channels and modules of one vulnerability in one package.
fn rows<'a>(out: &'a FeedOutput, realm: &str, package: &str, id: &str) -> Vec<&'a Advisory> {
    let is_meant = |it: &&Advisory| it.realm.0 == realm && it.package == package && it.vulnerability == id;
    out.advisories.iter().filter(is_meant).collect()
}

fn fixed(row: &Advisory) -> &str {
    match row.ranges.as_slice() {
        [range] => match &range.end {
            End::Fixed(fixed) => fixed,
            _ => "",
        },
        _ => "",
    }
}

#[test]
fn amazon_is_read_whole() {
    let Some(mirror) = mirror() else { return };
    // 1,618 of release 2, 173 of its topics, 816 of 2023 and 38 patches of running kernels.
    let out = check(&mirror, "amazon", [14, 2_645, 2_645, 0, 0]);
    let openssl = rows(&out, "rpm/amazon:2023", "openssl", "CVE-2022-4304");
    assert_eq!(openssl.iter().map(|it| fixed(it)).collect::<Vec<_>>(), ["1:3.0.5-1.amzn2023.0.6"]);
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
    assert_eq!(xz.iter().map(|it| fixed(it)).collect::<Vec<_>>(), ["5.2.5-8.el9_0"]);
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
    assert_eq!(delve.iter().map(|it| fixed(it)).collect::<Vec<_>>(), ["1.25.2-1.el10_1"]);
    let sig = out.advisories.iter().filter(|it| it.channel.as_deref() == Some("sig:cloud"));
    let announcements: BTreeSet<&str> = sig.flat_map(|it| &it.advisory_ids).map(String::as_str).collect();
    assert!(announcements.iter().all(|it| it.starts_with("RXSA-")) && !announcements.is_empty());
    let modular = out.advisories.iter().filter(|it| fixed(it).contains(".module+"));
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
    assert_eq!((fixed(rsync[0]), rsync[0].severity), ("3.4.0-1", Some(Severity::Critical)));
    eprintln!("arch: {} rows", out.advisories.len());
}

#[test]
fn distributions_of_the_shape_of_others_are_read() {
    let Some(mirror) = mirror() else { return };
    let out = check(&mirror, "minimos", [1, MINIMOS, MINIMOS, 0, 0]);
    assert_eq!(rows(&out, "apk/minimos", "coreutils", "CVE-2016-2781")[0].status, Status::NotAffected);
    let out = check(&mirror, "echo", [1, 25, 25, 0, 0]);
    assert_eq!(rows(&out, "deb/echo", "python", "CVE-2009-2940")[0].status, Status::Affected);
    assert_eq!(fixed(rows(&out, "deb/echo", "nginx", "CVE-2021-3618")[0]), "1.21.0");
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
        ("2.82-5.oe1", &["OESA-2021-1001".to_owned()][..])
    );
    let out = check(&mirror, "secureos", [1, 34, 34, 0, 0]);
    assert_eq!(rows(&out, "apk/secureos", "rqlite-9.3-client", "CVE-2022-4203")[0].status, Status::Affected);
}

/// Ids in the excerpt of MinimOS.
const MINIMOS: u64 = 59;

/// A small generator (xorshift): the same damage every time.
struct Damage(u64);

impl Damage {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (below.max(1) as u64)).unwrap()
    }
}

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
    for (id, path) in samples {
        let whole = std::fs::read(mirror.join(path)).unwrap();
        let feed = feeds::by_id(id).unwrap();
        let mut damage = Damage(0x9E37_79B9_7F4A_7C15);
        for round in 0..60 {
            let mut bytes = whole.clone();
            if round % 3 == 0 {
                bytes.truncate(damage.next(bytes.len()));
            } else {
                for _ in 0..=round % 7 {
                    let place = damage.next(bytes.len());
                    bytes[place] = u8::try_from(damage.next(256)).unwrap();
                }
            }
            let mut out = FeedOutput::default();
            // An error is a good answer, a panic none.
            let _ = feed.parse(&Part { name: "x", file_name: "x", bytes: &bytes }, &mut out);
            let accounted = out.records_stored + out.records_quarantined + out.out_of_scope;
            assert_eq!(out.records_read, accounted, "{id} {path} {round}");
        }
    }
}
