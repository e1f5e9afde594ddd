//! Red Hat's feeds.

use std::path::{Path, PathBuf};

use plimsoll_core::{Advisory, NameKind, Severity, Status};
use plimsoll_vulndb::feeds::{self, read_change_list};
use plimsoll_vulndb::{FeedOutput, ListForm};

use crate::mirror::{by_status, fixed, mirror, parse_file};

/// Red Hat's folder of the mirror, if it is there.
fn redhat() -> Option<PathBuf> {
    let folder = mirror()?.join("redhat");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: {} is absent; Red Hat's feeds were not tested over real data", folder.display());
    None
}

/// The files of a folder and of the folders in it whose names end so.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
        if entry.is_dir() {
            found.extend(files(&entry, ending));
        } else if entry.to_str().unwrap().ends_with(ending) {
            found.push(entry);
        }
    }
    found.sort();
    found
}

/// Parses files and compares `read`, `stored`, `quarantined`, `out of scope`.
fn check(id: &str, files: &[PathBuf], expected: [u64; 4]) -> FeedOutput {
    let feed = feeds::by_id(id).unwrap();
    let mut out = FeedOutput::default();
    for file in files {
        parse_file(feed, file.file_name().unwrap().to_str().unwrap(), file, &mut out);
    }
    let found = [out.records_read, out.records_stored, out.records_quarantined, out.out_of_scope];
    assert_eq!(found, expected, "{id}; {:#?}", out.quarantined.iter().take(20).collect::<Vec<_>>());
    eprintln!("{id}: {found:?}, {} rows, {:?}", out.advisories.len(), by_status(&out));
    for it in &out.quarantined {
        eprintln!("  quarantined {}: {}", it.record, it.why);
    }
    out
}

/// The rows about a package of a realm, those of one channel.
fn rows<'a>(out: &'a FeedOutput, id: &str, realm: &str, package: &str, channel: &str) -> Vec<&'a Advisory> {
    let wanted = |it: &&Advisory| {
        it.vulnerability == id
            && it.realm.0 == realm
            && it.package == package
            && it.channel.as_deref() == Some(channel)
    };
    out.advisories.iter().filter(wanted).collect()
}

#[test]
fn the_older_documents_are_read_whole() {
    let Some(mirror) = redhat() else { return };
    let files = files(&mirror.join("csaf-vex-v2"), ".json.gz");
    let out = check("redhat-vex-legacy", &files, [14, 14, 0, 0]);
    let record = out.records.iter().find(|it| it.id == "CVE-2024-0727").unwrap();
    assert_eq!(record.ratings[0].severity, Severity::Low);
    assert_eq!(record.cvss[0].score_tenths, 55);

    let baseos = "enterprise_linux:9::baseos";
    let libs = rows(&out, "CVE-2024-0727", "rpm/redhat:9", "openssl-libs", baseos);
    assert_eq!(libs.len(), 1);
    assert_eq!(fixed(libs[0]), Some("1:3.0.7-27.el9"), "the epoch is the purl's");
    assert_eq!(libs[0].architectures, ["aarch64", "i686", "ppc64le", "s390x", "x86_64"]);
    assert_eq!(libs[0].advisory_ids, ["RHSA-2024:2447"]);

    let source = rows(&out, "CVE-2024-0727", "rpm/redhat:9", "openssl", baseos);
    assert!(source.iter().any(|it| it.name_kind == NameKind::Source && it.architectures.is_empty()));

    let old = rows(&out, "CVE-2024-0727", "rpm/redhat:6", "openssl", "enterprise_linux:6");
    assert!(old.iter().all(|it| it.status == Status::EndOfLife));
    assert!(old.iter().any(|it| it.name_kind == NameKind::Source), "unfixed ones are found by source");

    let provider = rows(&out, "CVE-2024-0727", "rpm/redhat:9", "openssl-fips-provider", baseos);
    assert!(provider.iter().all(|it| it.status == Status::NotAffected && !it.versions.is_empty()));
}

#[test]
fn modules_and_extended_support_keep_apart() {
    let Some(mirror) = redhat() else { return };
    let files = files(&mirror.join("csaf-vex-v2/2025"), "cve-2025-40907.json.gz");
    let out = check("redhat-vex-legacy", &files, [1, 1, 0, 0]);
    let aus = rows(&out, "CVE-2025-40907", "rpm/redhat:8", "perl-FCGI", "rhel_aus:8.6::appstream");
    assert!(!aus.is_empty() && aus.iter().all(|it| it.module.as_deref() == Some("perl-FCGI:0.78")));
    let els = rows(&out, "CVE-2025-40907", "rpm/redhat:7", "perl-FCGI", "rhel_els:7");
    assert!(els.iter().all(|it| it.module.is_none() && fixed(it).is_some_and(|it| it.contains(".el7_9"))));
    let realms: std::collections::BTreeSet<&str> =
        out.advisories.iter().map(|it| it.realm.0.as_str()).collect();
    assert!(realms.contains("rpm/redhat:10"), "{realms:?}");
}

#[test]
fn images_are_rows_of_a_realm_of_their_own() {
    let Some(mirror) = redhat() else { return };
    let files = files(&mirror.join("csaf-vex-v2/2022"), ".json.gz");
    let out = check("redhat-vex-legacy", &files, [1, 1, 0, 0]);
    let images: Vec<&Advisory> = out.advisories.iter().filter(|it| it.realm.0 == "oci/redhat").collect();
    let of_digests: Vec<_> = images.iter().filter(|it| it.package.starts_with("sha256:")).collect();
    assert!(!of_digests.is_empty());
    assert!(of_digests.iter().all(|it| it.status == Status::NotAffected && it.versions.is_empty()));
    let sso = "registry.redhat.io/rh-sso-7/sso76-openshift-rhel8";
    assert!(of_digests.iter().any(|it| it.note.as_deref().is_some_and(|it| it.starts_with(sso))));
}

#[test]
fn the_new_documents_are_read_whole() {
    let Some(mirror) = redhat() else { return };
    let files = files(&mirror.join("csaf-vex-feed-2026"), ".json.gz");
    let out = check("redhat-vex", &files, [6, 6, 0, 0]);
    let rows = |package, channel| rows(&out, "CVE-2024-6923", "rpm/redhat:8", package, channel);
    let python = rows("python3", "enterprise_linux:8::baseos");
    let kinds: Vec<NameKind> = python.iter().map(|it| it.name_kind).collect();
    assert_eq!(kinds, [NameKind::Source, NameKind::Binary], "nothing says which of them it is");
    assert!(python.iter().all(|it| fixed(it) == Some("3.6.8-67.el8_10")));
    let module = rows("python39", "enterprise_linux:8::appstream");
    assert!(module.iter().all(|it| it.module.as_deref() == Some("python39:3.9")), "{module:?}");
}

#[test]
fn archives_hold_the_same_documents() {
    let Some(mirror) = redhat() else { return };
    let files = files(&mirror.join("csaf-vex-v2"), ".tar.zst");
    check("redhat-vex-legacy", &files, [10, 10, 0, 0]);
}

#[test]
fn lists_of_changes_are_read() {
    let Some(mirror) = redhat() else { return };
    let mut counts = Vec::new();
    for name in ["changes.csv", "changes-2024-08.csv", "deletions.csv", "deletions-2024-08.csv"] {
        let list = read_change_list(
            ListForm::RedHat,
            &std::fs::read_to_string(mirror.join("csaf-vex-v2").join(name)).unwrap(),
        );
        assert_eq!(list.unreadable, [] as [usize; 0], "{name}");
        counts.push(list.documents.len());
    }
    assert_eq!(counts, [3, 3, 2, 3]);
}

#[test]
fn every_repository_has_its_products() {
    let Some(mirror) = redhat() else { return };
    let out =
        check("redhat-repositories", &[mirror.join("repository-to-cpe.json.gz")], [10_106, 10_106, 0, 0]);
    let channels = |id: &str| &out.repository_channels.iter().find(|(it, _)| it == id).unwrap().1;
    assert_eq!(channels("ubi-9-baseos-rpms"), &["enterprise_linux:9::baseos"]);
    assert_eq!(
        channels("rhel-9-for-x86_64-supplementary-eus-rpms__9_DOT_2"),
        &["rhel_eus:9.2::supplementary"]
    );
    assert_eq!(
        channels("rhel-10-for-x86_64-baseos-rpms"),
        &["enterprise_linux:10.0::baseos", "enterprise_linux:10.1::baseos"]
    );
}
