//! Databases of real distributions, against the lists that their own tools made of them.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use plimsoll_core::{Distro, Extractor, ImagePath, Input, Observations};
use plimsoll_ecosystems::{apk, coverage, distro, dpkg, merge_distro};

use crate::shared;

fn extract(extractor: &dyn Extractor, path: &str, content: &[u8]) -> Observations {
    let (path, mut out) = (ImagePath::new(path), Observations::default());
    extractor.extract(Input { path: &path, content, others: &() }, &mut out);
    out
}

#[test]
fn dpkg_status_has_what_dpkg_query_lists() {
    let Some(data) = shared::data("dpkg status") else { return };
    let dpkg_data = data.join("dpkg");
    let rootfs = ["debian-sid-riscv64", "ubuntu-14.04-armhf", "ubuntu-20.04-armhf"].map(|name| {
        let folder = dpkg_data.join("rootfs").join(name);
        (folder.join("var/lib/dpkg/status"), folder.join("expected.tsv"))
    });
    let claircore = ["debian-only", "postgresql", "texlive"].map(|name| {
        let folder = dpkg_data.join("claircore");
        (folder.join(format!("{name}.status")), folder.join(format!("{name}.expected.tsv")))
    });
    for (status, expected) in rootfs.iter().chain(&claircore) {
        let out = extract(&dpkg::DpkgStatus, "var/lib/dpkg/status", &shared::bytes(status));
        assert_eq!(out.problems, [], "{}", status.display());
        let actual: BTreeSet<String> = out
            .packages
            .iter()
            .map(|package| {
                let source = package.source.as_ref();
                let source_name = source.map_or(&package.name, |source| &source.name);
                let source_version =
                    source.and_then(|source| source.version.as_ref()).unwrap_or(&package.version);
                let architecture = package.architecture.as_deref().unwrap_or_default();
                format!(
                    "{}\t{}\t{architecture}\tinstalled\t{source_name}\t{source_version}",
                    package.name, package.version
                )
            })
            .collect();
        let table = shared::text(expected);
        let expected: BTreeSet<String> = table
            .lines()
            .filter(|line| line.split('\t').nth(3) == Some("installed"))
            .map(str::to_owned)
            .collect();
        assert_eq!(actual, expected, "{}", status.display());
        eprintln!("{}: {} packages", status.display(), actual.len());
    }
}

#[test]
fn vcpkg_s_status_is_no_dpkg_database_and_says_so() {
    let Some(data) = shared::data("vcpkg status") else { return };
    let out = extract(
        &dpkg::DpkgStatus,
        "var/lib/dpkg/status",
        &shared::bytes(&data.join("dpkg/claircore/vcpkg.status")),
    );
    assert!(out.problems.iter().any(|problem| problem.hides_findings));
    assert!(out.packages.iter().any(|package| package.name == "zlib"));
}

/// Some files of a `.tar.gz`, by their names without `./`.
fn files_of(archive: &Path, names: &[&str]) -> Vec<(String, Vec<u8>)> {
    let bytes = shared::bytes(archive);
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(&bytes[..]));
    let mut found = Vec::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let name = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_owned();
        if names.contains(&&*name) {
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("its content");
            found.push((name, content));
        }
    }
    found
}

#[test]
fn apk_databases_have_what_awk_finds_in_them() {
    let Some(data) = shared::data("apk databases") else { return };
    let images = data.join("images/alpine");
    let mut count = 0;
    for list in shared::files(&images.join("expected")) {
        let stem = list.file_stem().expect("a name").to_string_lossy().into_owned();
        let archive = images.join(format!("{stem}.tar.gz"));
        for (_, content) in files_of(&archive, &["lib/apk/db/installed"]) {
            let out = extract(&apk::ApkInstalled, "lib/apk/db/installed", &content);
            assert_eq!(out.problems, [], "{stem}");
            let actual: BTreeSet<(String, String)> =
                out.packages.iter().map(|package| (package.name.clone(), package.version.clone())).collect();
            let table = shared::text(&list);
            let expected: BTreeSet<(String, String)> = table
                .lines()
                .filter_map(|line| line.split_once('\t'))
                .map(|(name, rest)| (name.to_owned(), rest.split('\t').next().unwrap_or_default().to_owned()))
                .collect();
            assert_eq!(actual, expected, "{stem}");
            let files = extract(&apk::ApkFiles, "lib/apk/db/installed", &content);
            assert_eq!(files.problems, [], "{stem}");
            assert_eq!(files.owned.len(), out.packages.len(), "{stem}");
            assert!(files.owned.iter().flat_map(|owned| owned.paths.iter().flatten()).count() > 20, "{stem}");
            count += 1;
        }
    }
    assert!(count >= 16, "only {count} images");
}

#[test]
fn alpine_images_have_the_realm_of_their_repositories() {
    let Some(data) = shared::data("alpine images") else { return };
    for (version, realm) in [
        ("3.6.5", "apk/alpine:v3.6"),
        ("3.9.6", "apk/alpine:v3.9"),
        ("3.20.3", "apk/alpine:v3.20"),
        ("20240923", "apk/alpine:edge"),
    ] {
        let archive = data.join(format!("images/alpine/alpine-minirootfs-{version}-x86_64.tar.gz"));
        let names = ["etc/os-release", "usr/lib/os-release", "etc/alpine-release", "etc/apk/repositories"];
        let seen: Vec<(ImagePath, Distro)> = files_of(&archive, &names)
            .iter()
            .filter_map(|(name, content)| {
                Some((ImagePath::new(name), extract(&distro::OS_DISTRO, name, content).distro?))
            })
            .collect();
        let seen: Vec<_> = seen.iter().map(|(path, distro)| (path, distro)).collect();
        let merged = merge_distro(&seen).expect("it is Alpine");
        assert_eq!(plimsoll_ecosystems::realms(&merged)[0].0, realm);
        assert!(merged.repository_release.is_some());
    }
}

/// The files of a folder that is like an image's root, merged.
fn distro_of(root: &Path) -> String {
    let seen: Vec<(ImagePath, Distro)> = shared::files(root)
        .iter()
        .filter_map(|file| {
            let name = file.strip_prefix(root).expect("below the root").to_string_lossy().into_owned();
            let path = ImagePath::new(&name);
            if !distro::OS_DISTRO.wants().contains_path(&path) {
                return None;
            }
            Some((path, extract(&distro::OS_DISTRO, &name, &shared::bytes(file)).distro?))
        })
        .collect();
    let seen: Vec<_> = seen.iter().map(|(path, distro)| (path, distro)).collect();
    merge_distro(&seen).map_or_else(|| "nothing".to_owned(), |distro| describe(&distro))
}

fn describe(distro: &Distro) -> String {
    let realm = match coverage(distro) {
        distro::Coverage::Covered { realms, .. } => realms[0].0.clone(),
        distro::Coverage::NotCovered(_) => "-".to_owned(),
    };
    format!("{} {} {realm}", distro.id, distro.version_id)
}

trait ContainsPath {
    fn contains_path(&self, path: &ImagePath) -> bool;
}

impl ContainsPath for &[plimsoll_core::Pattern] {
    fn contains_path(&self, path: &ImagePath) -> bool {
        self.iter().any(|pattern| match pattern {
            plimsoll_core::Pattern::Path(wanted) => wanted.as_bytes() == path.as_bytes(),
            _ => false,
        })
    }
}

#[test]
fn real_root_file_systems_are_recognised() {
    let Some(data) = shared::data("os-release") else { return };
    let os = data.join("os-release");
    for (folder, expected) in [
        ("os/almalinux/from-os-release", "almalinux 8.4 rpm/almalinux:8"),
        ("os/almalinux/from-redhat-release", "almalinux 8.10 rpm/almalinux:8"),
        ("os/alpine", "alpine 3.11.6 apk/alpine:v3.11"),
        ("os/amazon", "amzn 2 rpm/amazon:2"),
        ("os/arch", "arch  alpm/arch"),
        ("os/busybox", "nothing"),
        ("os/centos", "centos 8 rpm/redhat:8"),
        ("os/centos5", "centos 5.7 rpm/redhat:5"),
        ("os/centos6", "centos 6 rpm/redhat:6"),
        ("os/custom", "scientific 8 -"),
        ("os/debian/from-debian_version", "debian 10.8 deb/debian:10"),
        ("os/debian/from-os-release", "debian 8 deb/debian:8"),
        ("os/debian/with-point-release", "debian 13 deb/debian:13"),
        ("os/empty", "nothing"),
        ("os/fedora", "fedora 36 rpm/fedora:36"),
        ("os/mariner", "mariner 1.0 rpm/mariner:1.0"),
        ("os/opensuse-leap", "opensuse-leap 15.2 rpm/opensuse-leap:15.2"),
        ("os/oraclelinux", "ol 8.3 rpm/oracle:8"),
        ("os/photon", "photon 2.0 rpm/photon:2.0"),
        ("os/redhat/from-os-release", "rhel 7.3 rpm/redhat:7"),
        ("os/redhat/from-redhat-release", "rhel 8.10 rpm/redhat:8"),
        ("os/rockylinux/from-os-release", "rocky 8.4 rpm/rocky:8"),
        ("os/rockylinux/from-redhat-release", "rocky 8.10 rpm/rocky:8"),
        ("os/scientific/from-os-release", "scientific 7.5 -"),
        ("os/scientific/from-redhat-release", "scientific 7.9 -"),
        ("os/sles", "sles 15.2 rpm/sles:15.2"),
        ("os/ubuntu", "ubuntu 20.04 deb/ubuntu:20.04"),
        ("os/wolfi", "wolfi 20220914 apk/wolfi"),
        ("partial-fields/missing-id", "nothing"),
        ("partial-fields/missing-version", "nothing"),
        ("partial-fields/unknown-id", "my-awesome-distro 8 -"),
        ("claircore/alpine/edge", "alpine 3.19_alpha20230901 apk/alpine:edge"),
        ("claircore/debian/dist/7", "debian 7 deb/debian:7"),
        ("claircore/debian/distroless_dist/11", "debian 11 deb/debian:11"),
        ("claircore/rhel/releasefiles/hummingbird", "hummingbird 20251124 -"),
        ("claircore/rhel/releasefiles/oracle-6", "ol 6.10 rpm/oracle:6"),
        ("claircore/ubuntu/dist/10.04", "ubuntu 10.04 deb/ubuntu:10.04"),
        ("claircore/ubuntu/dist/12.04", "ubuntu 12.04 deb/ubuntu:12.04"),
    ] {
        assert_eq!(distro_of(&os.join(folder)), expected, "{folder}");
    }
}

#[test]
fn real_release_files_are_recognised() {
    let Some(data) = shared::data("release files") else { return };
    for (file, path, expected) in [
        ("unprintable", "etc/os-release", "debian 8 deb/debian:8"),
        ("bad-redhat-release", "etc/redhat-release", "centos 5 rpm/redhat:5"),
        ("bad-system-release-cpe", "etc/system-release-cpe", "nothing"),
        ("trivy/debian/debian_9/etc/debian_version", "etc/debian_version", "debian 9.8 deb/debian:9"),
        ("trivy/debian/debian_sid/etc/debian_version", "etc/debian_version", "debian  deb/debian:sid"),
        ("trivy/redhatbase/fedora_29/fedora-release", "etc/fedora-release", "fedora 29 rpm/fedora:29"),
        ("trivy/redhatbase/redhat_6/redhat-release", "etc/redhat-release", "nothing"),
        ("trivy/release/azurelinux-3.0", "etc/os-release", "azurelinux 3.0 rpm/azurelinux:3.0"),
        ("trivy/release/bottlerocket", "etc/os-release", "bottlerocket 1.34.0 -"),
        ("trivy/release/centos-stream", "etc/os-release", "centos 8 -"),
        ("trivy/release/fedora", "etc/os-release", "fedora 42 rpm/fedora:42"),
        ("trivy/release/no-id", "etc/os-release", "nothing"),
        ("trivy/release/no-version", "etc/os-release", "alpine  -"),
        ("trivy/release/opensuseleap-42.3", "etc/os-release", "opensuse 42.3 rpm/opensuse-leap:42.3"),
        (
            "trivy/release/opensusetumbleweed",
            "etc/os-release",
            "opensuse-tumbleweed 20220412 rpm/opensuse-tumbleweed",
        ),
        ("trivy/release/slemicro", "etc/os-release", "sle-micro 5.3 rpm/sle-micro:5.3"),
        ("trivy/ubuntu/lsb-release", "etc/lsb-release", "ubuntu 18.04 deb/ubuntu:18.04"),
    ] {
        let content = shared::bytes(&data.join("os-release").join(file));
        let out = extract(&distro::OS_DISTRO, path, &content);
        assert_eq!(out.distro.map_or_else(|| "nothing".to_owned(), |it| describe(&it)), expected, "{file}");
    }
}

#[test]
fn versions_of_real_packages_are_readable() {
    let Some(data) = shared::data("versions of packages") else { return };
    for status in shared::files(&data.join("dpkg/rootfs")).iter().filter(|file| file.ends_with("status")) {
        for package in extract(&dpkg::DpkgStatus, "var/lib/dpkg/status", &shared::bytes(status)).packages {
            let compared = plimsoll_ecosystems::versions::dpkg::compare(&package.version, "0");
            assert!(compared.is_ok(), "{} {}", package.name, package.version);
        }
    }
}
