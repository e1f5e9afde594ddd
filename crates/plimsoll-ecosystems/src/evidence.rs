//! Which of several witnesses of a package counts: what is installed beats what a lock file lists,
//! what a document claims and what a program looks like.
//!
//! Decides by the packages of one image alone; what it leaves out is always said.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_core::{Evidence, ImagePath, InstalledPackage, Problem, ProblemKind};

/// The kind of programs: known by their content, or by a file that came with them.
pub const PROGRAMS: &str = "generic";

/// Which packages stay, in their order, and what is to be said of the others.
///
/// - An archive known by its name alone that belongs to an operating system's package is that package.
///   Of a program ([`PROGRAMS`]) that depends on what the package's vendor says, and is decided where
///   advisories are known.
/// - What a document or a note says is known already where the same name and version is installed.
/// - A lock file that came with an operating system's package locks how that was developed.
/// - Any other lock file's entry is superseded where the same version of it is installed anywhere (another
///   version elsewhere says nothing of this project), or where anything of its kind is installed below the lock file's directory: then that project was
///   installed there, and what it lists beyond that was left out when it was.
pub fn settle(packages: &[InstalledPackage]) -> (Vec<bool>, Vec<Problem>) {
    let installed = Installed::of(packages);
    let mut superseded: BTreeMap<(&ImagePath, &str), usize> = BTreeMap::new();
    let mut keep = Vec::with_capacity(packages.len());
    for it in packages {
        let stays = match it.package.evidence {
            Evidence::Installed => true,
            Evidence::Binary => !installed.has(it) && (it.owner.is_none() || it.package.kind == PROGRAMS),
            Evidence::Sbom => !installed.has(it),
            Evidence::LockFile => match superseded_by(it, &installed) {
                None => true,
                Some(why) => {
                    *superseded.entry((&it.origin.path, why)).or_default() += 1;
                    false
                }
            },
        };
        keep.push(stays);
    }
    let notes = superseded.into_iter().map(|((path, why), count)| {
        let (packages, are) = if count == 1 { ("package", "is") } else { ("packages", "are") };
        let what = format!("{count} {packages} of this lock file {are} left out: {why}");
        Problem::new(ProblemKind::NotCovered, what).at(path).harmless()
    });
    (keep, notes.collect())
}

/// Why a lock file's entry does not count, if so.
fn superseded_by(it: &InstalledPackage, installed: &Installed<'_>) -> Option<&'static str> {
    if it.owner.is_some() {
        return Some("it came with a package of the operating system, which did not install from it");
    }
    installed.supersedes(it).then_some("what is installed is known without it")
}

/// What is installed, in the forms in which it is asked for.
struct Installed<'a> {
    names: HashMap<(&'a str, Cow<'a, str>), HashSet<&'a str>>,
    /// The directories above installed packages, by kind.
    directories: HashSet<(&'a str, &'a [u8])>,
}

impl<'a> Installed<'a> {
    fn of(packages: &'a [InstalledPackage]) -> Installed<'a> {
        let mut installed = Installed { names: HashMap::new(), directories: HashSet::new() };
        for it in packages.iter().filter(|it| it.package.evidence == Evidence::Installed) {
            let package = &it.package;
            installed.names.entry((&package.kind, name(it))).or_default().insert(&package.version);
            let path = it.origin.path.as_bytes();
            for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/').take(DEPTH_MAX) {
                installed.directories.insert((&package.kind, &path[..at]));
            }
        }
        installed
    }

    fn has(&self, it: &InstalledPackage) -> bool {
        let versions = self.names.get(&(it.package.kind.as_str(), name(it)));
        versions.is_some_and(|versions| versions.contains(it.package.version.as_str()))
    }

    fn supersedes(&self, it: &InstalledPackage) -> bool {
        let kind = it.package.kind.as_str();
        let path = it.origin.path.as_bytes();
        let below = path.iter().rposition(|byte| *byte == b'/').map(|at| &path[..at]);
        self.has(it) || below.is_some_and(|directory| self.directories.contains(&(kind, directory)))
    }
}

/// Directories of one path that are looked at; honest paths have far fewer.
const DEPTH_MAX: usize = 128;

fn name(it: &InstalledPackage) -> Cow<'_, str> {
    match crate::by_purl_type(&it.package.kind) {
        Some(ecosystem) => ecosystem.normalize(&it.package.name),
        None => Cow::Borrowed(&it.package.name),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::{Origin, Package, PackageRef};

    use super::*;

    fn package(evidence: Evidence, path: &str, name: &str, version: &str) -> InstalledPackage {
        InstalledPackage {
            package: Package {
                kind: "npm".to_owned(),
                name: name.to_owned(),
                version: version.to_owned(),
                evidence,
                ..Package::default()
            },
            purl: String::new(),
            origin: Origin { path: ImagePath::new(path), layer: Some(0), extractor: "x".to_owned() },
            owner: None,
        }
    }

    #[track_caller]
    fn check(packages: &[InstalledPackage], expected: &[bool], notes: usize) {
        let (keep, problems) = settle(packages);
        assert_eq!(keep, expected);
        assert_eq!(problems.len(), notes);
        assert!(problems.iter().all(|it| !it.hides_findings));
    }

    #[test]
    fn a_lock_file_counts_where_nothing_is_installed() {
        check(
            &[
                package(Evidence::Installed, "app/node_modules/a/package.json", "a", "1"),
                package(Evidence::LockFile, "app/package-lock.json", "dev", "1"),
                package(Evidence::LockFile, "other/package-lock.json", "b", "1"),
                package(Evidence::LockFile, "other/package-lock.json", "a", "2"),
                package(Evidence::LockFile, "other/package-lock.json", "a", "1"),
            ],
            &[true, false, true, true, false],
            2,
        );
    }

    #[test]
    fn a_document_adds_only_what_nobody_knew() {
        check(
            &[
                package(Evidence::Installed, "x/package.json", "a", "1"),
                package(Evidence::Sbom, "usr/share/bom.json", "a", "1"),
                package(Evidence::Sbom, "usr/share/bom.json", "a", "2"),
            ],
            &[true, false, true],
            0,
        );
    }

    #[test]
    fn an_archive_of_a_package_is_that_package_and_a_program_may_be() {
        let owned = |it: InstalledPackage| InstalledPackage { owner: Some(PackageRef(0)), ..it };
        let jar = || package(Evidence::Binary, "usr/share/java/a-1.jar", "a", "1");
        check(&[package(Evidence::Installed, "db", "z", "1"), owned(jar()), jar()], &[true, false, true], 0);
        for evidence in [Evidence::Binary, Evidence::Installed] {
            let mut program = package(evidence, "usr/bin/bash", "bash", "5.2");
            PROGRAMS.clone_into(&mut program.package.kind);
            check(&[package(Evidence::Installed, "db", "z", "1"), owned(program)], &[true, true], 0);
        }
    }
}
