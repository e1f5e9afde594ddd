//! `nix/store`: the packages in a Nix store, by Nix's own database of it.
//!
//! A package's name and version are those of its folder (`HASH-NAME-VERSION[-OUTPUT]`), divided
//! as Nix does (`builtins.parseDrvName`: the version begins at the first hyphen that no letter
//! follows). Images without the database (those of `dockerTools`, unless it is asked for) have
//! store folders and no one file that each must have, so that nothing is found in them.

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Pattern, Problem, ProblemKind};

use super::database::Database;
use crate::listing::Listing;

/// Reads `nix/var/nix/db/db.sqlite`.
pub struct NixStore;

/// Outputs of a package besides the default one, which Nix puts behind its version.
const OUTPUTS: &[&str] = &[
    "-bin",
    "-data",
    "-debug",
    "-dev",
    "-devdoc",
    "-dist",
    "-doc",
    "-info",
    "-lib",
    "-libgcc",
    "-man",
    "-out",
    "-py",
    "-static",
    "-terminfo",
    "-tools",
];

/// Endings of what lies in the store and is no package: recipes, patches, archives, scripts.
const NO_PACKAGES: &[&str] = &[
    ".bz2", ".crate", ".diff", ".drv", ".gem", ".gz", ".json", ".lock", ".nix", ".patch", ".sh", ".tgz",
    ".whl", ".xz", ".zip",
];

impl Extractor for NixStore {
    fn id(&self) -> &'static str {
        "nix/store"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Path("nix/var/nix/db/db.sqlite")]
    }

    fn companions(&self, path: &ImagePath) -> Vec<ImagePath> {
        vec![write_ahead_log(path)]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if input.others.get(&write_ahead_log(input.path)).is_some_and(|log| !log.is_empty()) {
            let what = "the Nix database has a write-ahead log, which is not read";
            out.problems.push(Problem::new(ProblemKind::Unsupported, what).at(input.path));
        }
        let mut listing = Listing::new("nix", Evidence::Installed, &input, out);
        match Database::open(input.content) {
            Some(database) => {
                let mut unversioned = 0_usize;
                let is_whole = database.texts_of("ValidPaths", &mut |path| match package(path) {
                    Some((name, "")) if !name.is_empty() => unversioned += 1,
                    Some((name, version)) => listing.add(name, version),
                    None => (),
                });
                if !is_whole {
                    listing.problem("the Nix database is damaged: not all of its store paths can be read");
                }
                if unversioned > 0 {
                    listing.oddity(format!("{unversioned} store paths have no version in their names"));
                }
            }
            None => listing.problem("the Nix database is no SQLite database"),
        }
        listing.finish();
    }
}

fn write_ahead_log(path: &ImagePath) -> ImagePath {
    let name = [path.file_name(), b"-wal"].concat();
    path.parent().unwrap_or_default().join(&name)
}

/// Name and version of `/nix/store/HASH-glibc-2.34-210-bin`; nothing of what is no package.
fn package(path: &str) -> Option<(&str, &str)> {
    let (_, folder) = path.rsplit_once('/')?;
    let (_, full) = folder.split_once('-')?;
    if NO_PACKAGES.iter().any(|ending| full.ends_with(ending)) {
        return None;
    }
    let full = OUTPUTS.iter().find_map(|output| full.strip_suffix(output)).unwrap_or(full);
    let begins = full.match_indices('-').map(|(at, _)| at).find(|at| {
        let next = full.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_some_and(|next| !next.is_alphabetic())
    });
    match begins {
        Some(at) => Some((full.get(..at)?, full.get(at + 1..)?)),
        None => Some((full, "")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::database::tests::database;
    use super::package;
    use crate::listing::tests::{check_survives, seen};

    #[test]
    fn names_are_divided_as_nix_does() {
        for (full, expected) in [
            ("glibc-2.34-210-bin", Some(("glibc", "2.34-210"))),
            ("python3.11-requests-2.31.0", Some(("python3.11-requests", "2.31.0"))),
            ("nix-0.12pre12876", Some(("nix", "0.12pre12876"))),
            ("stdenv-linux", Some(("stdenv-linux", ""))),
            ("glibc-2.34-210.drv", None),
            ("fix-1.2.patch", None),
        ] {
            assert_eq!(package(&format!("/nix/store/h0cnbmfcn93xm5dg2x27ixhag1cwndga-{full}")), expected);
        }
    }

    #[test]
    fn packages_of_the_store_are_listed_once() {
        let content = database(&[
            "/nix/store/h0cn-glibc-2.34-210-bin",
            "/nix/store/5av3-glibc-2.34-210",
            "/nix/store/5av3-glibc-2.34-210.drv",
            "/nix/store/1111-stdenv-linux",
        ]);
        let path = "nix/var/nix/db/db.sqlite";
        assert_eq!(
            seen(path, &content),
            "nix glibc 2.34-210 (installed)\n~ 1 store paths have no version in their names\n"
        );
        check_survives(path, &content);
        assert_eq!(seen(path, b"x"), "! the Nix database is no SQLite database\n");
        let cut = &content[..600];
        assert_eq!(
            seen(path, cut),
            "! the Nix database is damaged: not all of its store paths can be read\n"
        );
    }
}
