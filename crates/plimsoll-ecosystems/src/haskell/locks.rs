//! `haskell/stack-lock` and `haskell/cabal-freeze`: the packages that Stack and Cabal locked.
//!
//! Stack's lock file has only the packages beyond its snapshot; the snapshot's own are named
//! by no file of the project. Cabal's freeze file has all; those that come with GHC are
//! `installed` there, without a version.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::lenient::{Maybe, Text};
use crate::listing::{Listing, text};

/// Reads `stack.yaml.lock`.
pub struct StackLock;

/// Reads `cabal.project.freeze`.
pub struct CabalFreeze;

#[derive(Deserialize)]
struct Lock {
    packages: Option<Vec<Maybe<Entry>>>,
}

#[derive(Deserialize)]
struct Entry {
    completed: Completed,
}

/// Of Hackage, or of an archive or repository whose package Stack looked into.
#[derive(Deserialize)]
struct Completed {
    #[serde(default)]
    hackage: Text,
    #[serde(default)]
    name: Text,
    #[serde(default)]
    version: Text,
}

impl Extractor for StackLock {
    fn id(&self) -> &'static str {
        "haskell/stack-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("stack.yaml.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("hackage", Evidence::LockFile, &input, out);
        match serde_saphyr::from_str::<Lock>(&text(&input)) {
            Ok(lock) => {
                for entry in lock.packages.unwrap_or_default() {
                    match entry.get().map(|entry| entry.completed) {
                        Some(Completed { hackage, .. }) if !hackage.0.is_empty() => {
                            match of_hackage(&hackage.0) {
                                Some((name, version)) => listing.add(name, version),
                                None => listing.unreadable(&hackage.0),
                            }
                        }
                        Some(Completed { name, version, .. }) => listing.add(&name.0, &version.0),
                        None => listing.problem("an entry is no package"),
                    }
                }
            }
            Err(error) => listing.broken("this lock file of Stack", &error),
        }
        listing.finish();
    }
}

/// `("HTTP", "4000.3.16")` of `HTTP-4000.3.16@sha256:6042,5947`.
fn of_hackage(text: &str) -> Option<(&str, &str)> {
    let text = text.split('@').next()?;
    let (name, version) = text.rsplit_once('-')?;
    (!name.is_empty() && is_version(version)).then_some((name, version))
}

fn is_version(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit())
}

impl Extractor for CabalFreeze {
    fn id(&self) -> &'static str {
        "haskell/cabal-freeze"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("cabal.project.freeze")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let text = text(&input);
        let mut listing = Listing::new("hackage", Evidence::LockFile, &input, out);
        for line in text.lines() {
            let entry = line.trim().strip_prefix("constraints:").unwrap_or(line).trim();
            let Some(entry) = entry.strip_prefix("any.") else { continue };
            match entry.trim_end_matches(',').split_once(' ') {
                Some((name, "installed")) => listing.add(name, ""),
                Some((name, version)) => match version.trim().strip_prefix("==").map(str::trim) {
                    Some(version) if is_version(version) => listing.add(name, version),
                    _ => listing.unreadable(entry),
                },
                None => listing.unreadable(entry),
            }
        }
        listing.finish();
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::lang_agreement::extract_data;
    use crate::listing::tests::check;

    #[test]
    fn stacks_packages_are_those_that_it_completed() {
        check(
            "app/stack.yaml.lock",
            "packages:\n- completed:\n    hackage: configurator-pg-0.2.6@sha256:cd9b,2849\n    pantry-tree:\n      size: 2463\n  original:\n    hackage: configurator-pg-0.2.6@sha256:cd9b,2849\n- completed:\n    name: wai\n    version: '3.2'\n    git: https://example.org/w\n- x\nsnapshots: []\n",
            expect![[r#"
                hackage configurator-pg 0.2.6 (lock_file)
                hackage wai 3.2 (lock_file)
                ! an entry is no package
            "#]],
        );
    }

    #[test]
    fn cabals_constraints_are_exact() {
        check(
            "app/cabal.project.freeze",
            "active-repositories: hackage.haskell.org:merge\nconstraints: any.Cabal ==3.2.1.0,\n             any.array installed,\n             tls +compat -hans,\n             any.odd >1\nindex-state: x\n",
            expect![[r#"
                hackage Cabal 3.2.1.0 (lock_file)
                hackage array  (lock_file)
                ! this entry cannot be read: `odd >1`
            "#]],
        );
    }

    #[test]
    fn real_lock_files_are_read_whole() {
        for (file, path, expected) in [
            ("syft/haskell/stack.yaml.lock", "app/stack.yaml.lock", 10),
            ("syft/haskell/cabal.project.freeze", "app/cabal.project.freeze", 13),
        ] {
            let Some(out) = extract_data(file, path) else { return };
            assert_eq!((out.packages.len(), out.problems), (expected, Vec::new()), "{file}");
        }
    }
}
