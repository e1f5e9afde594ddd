//! Databases of real installations, and larger ones made by other programs, out of the shared
//! test data; without it these tests say loudly that they were skipped.
#![expect(clippy::disallowed_methods, reason = "the databases are files outside the repository")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plimsoll_core::{Package, Problem};

use super::super::header::Header;
use super::super::{manifest, read_database};
use super::hostile::check_mutations;

/// Mutations of each database; few, since the readers are not optimised in tests.
const MUTATIONS: u64 = 40;

/// The folder of shared rpm databases, or a loud word that it is not there.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("PLIMSOLL_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = root.join("data/rpmdb");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no rpm databases at {}; set PLIMSOLL_SHARED", folder.display());
        return None;
    }
    Some(folder)
}

/// A database file with its log.
struct Files {
    name: &'static str,
    content: Vec<u8>,
    wal: Option<Vec<u8>>,
}

impl Files {
    fn read_from(folder: &Path) -> Files {
        let names = ["Packages", "Packages.db", "rpmdb.sqlite"];
        let name = names.into_iter().find(|name| folder.join(name).is_file());
        let name = name.unwrap_or_else(|| panic!("no database in {}", folder.display()));
        let content = fs::read(folder.join(name)).unwrap();
        Files { name, content, wal: fs::read(folder.join("rpmdb.sqlite-wal")).ok() }
    }

    fn packages(&self) -> (Vec<Package>, Vec<Problem>) {
        read_database(self.name, &self.content, self.wal.as_deref())
    }
}

fn folders(kind: &str) -> Vec<PathBuf> {
    let Some(shared) = shared() else { return Vec::new() };
    let entries = fs::read_dir(shared.join(kind)).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<_> = entries.filter(|path| path.join("expected.tsv").is_file()).collect();
    folders.sort();
    assert!(!folders.is_empty());
    folders
}

/// The columns of `expected.tsv` that are ours: version, name, architecture, source rpm,
/// licence, vendor and module.
fn line_of(package: &Package) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let Package { name, version, .. } = package;
    let (architecture, source_rpm) = (text(&package.architecture), text(&package.source_rpm));
    let (license, vendor, module) = (text(&package.license), text(&package.vendor), text(&package.module));
    format!("{name}\t{version}\t{architecture}\t{source_rpm}\t{license}\t{vendor}\t{module}")
}

fn expected_lines(folder: &Path) -> Vec<String> {
    let table = fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let rows = rows.map(|line| line.split('\t').collect::<Vec<_>>());
    let mut lines: Vec<String> = rows
        .filter(|row| row[1] != "gpg-pubkey")
        .map(|row| {
            let epoch =
                if row[0].is_empty() || row[0] == "0" { String::new() } else { format!("{}:", row[0]) };
            let at = |column: usize| row.get(column).copied().unwrap_or_default();
            let (name, version, release) = (row[1], row[2], row[3]);
            let (arch, source, license, vendor, module) = (at(4), at(5), at(7), at(8), at(9));
            format!("{name}\t{epoch}{version}-{release}\t{arch}\t{source}\t{license}\t{vendor}\t{module}")
        })
        .collect();
    lines.sort();
    lines
}

#[track_caller]
fn check(folder: &Path) {
    let (packages, problems) = Files::read_from(folder).packages();
    let mut actual: Vec<String> = packages.iter().map(line_of).collect();
    actual.sort();
    let expected = expected_lines(folder);
    let differing = actual.iter().zip(&expected).find(|(actual, expected)| actual != expected);
    assert_eq!(differing, None, "{}", folder.display());
    assert_eq!(actual.len(), expected.len(), "{}", folder.display());
    let is_damaged = folder.ends_with("empty-sqlite");
    assert_eq!(problems.is_empty(), !is_damaged, "{}: {problems:?}", folder.display());
}

#[test]
fn every_real_database_gives_what_rpm_lists() {
    folders("real").iter().for_each(|folder| check(folder));
}

#[test]
fn every_built_database_gives_what_rpm_lists() {
    folders("built").iter().for_each(|folder| check(folder));
}

#[test]
fn sources_are_split_from_the_names_of_real_source_rpms() {
    for folder in folders("built").iter().chain(&folders("real")) {
        let (packages, _) = Files::read_from(folder).packages();
        for package in packages.iter().filter(|package| package.source_rpm.is_some()) {
            let source = package.source.as_ref().unwrap_or_else(|| panic!("{package:?}"));
            let version = source.version.as_deref().unwrap_or_default();
            let version = version.split_once(':').map_or(version, |(_, rest)| rest);
            let file_name = package.source_rpm.as_deref().unwrap_or_default();
            assert_eq!(format!("{}-{version}.src.rpm", source.name), file_name);
        }
    }
}

#[test]
fn mutations_of_built_databases_give_no_panic_and_end_soon() {
    for folder in folders("built") {
        let files = Files::read_from(&folder);
        let begin = Instant::now();
        check_mutations(files.name, &files.content, files.wal.as_deref(), MUTATIONS);
        let taken = begin.elapsed();
        assert!(taken < Duration::from_secs(60), "{}: {taken:?}", folder.display());
    }
}

#[test]
fn single_headers_are_read() {
    let Some(shared) = shared() else { return };
    for (file, expected) in [
        ("blob.bin", "publicsuffix-list-dafsa 20210518-2.fc35"),
        ("package.header", "crypto-policies 20210213-1.git5c710c0.fc34"),
    ] {
        let blob = fs::read(shared.join("real/header-blob").join(file)).unwrap();
        let (package, errors) = Header::parse(&blob).and_then(|header| header.package()).unwrap();
        assert_eq!(errors, []);
        assert_eq!(format!("{} {}", package.name, package.version), expected);
    }
}

#[test]
fn the_list_of_a_real_distroless_image_is_read() {
    let Some(shared) = shared() else { return };
    let (packages, unreadable) = manifest::read(&fs::read(shared.join("syft/container-manifest-2")).unwrap());
    let lines: Vec<String> = packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
    assert_eq!(
        lines,
        [
            "mariner-release 2.0-12.cm2",
            "filesystem 1.1-9.cm2",
            "glibc 2.35-2.cm2",
            "openssl-libs 1.1.1k-15.cm2",
            "vim 2:9.0-1.cm2"
        ]
    );
    assert!(unreadable.is_empty(), "{unreadable:?}");
}
