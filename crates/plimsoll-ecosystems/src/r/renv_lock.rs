//! `r/renv-lock`: the R packages that renv locked.

use std::collections::BTreeMap;

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::lenient::{Maybe, Text};
use crate::listing::Listing;

/// Reads `renv.lock`.
pub struct RenvLock;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Lock {
    packages: BTreeMap<String, Maybe<Entry>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    #[serde(default)]
    package: Text,
    #[serde(default)]
    version: Text,
}

impl Extractor for RenvLock {
    fn id(&self) -> &'static str {
        "r/renv-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("renv.lock")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut listing = Listing::new("cran", Evidence::LockFile, &input, out);
        match serde_json::from_slice::<Lock>(input.content) {
            Ok(lock) => {
                for (key, entry) in lock.packages {
                    match entry.get() {
                        Some(entry) if !entry.package.0.is_empty() => {
                            listing.add(&entry.package.0, &entry.version.0);
                        }
                        Some(entry) => listing.add(&key, &entry.version.0),
                        None => listing.unreadable(&key),
                    }
                }
            }
            Err(error) => listing.broken("this lock file of renv", &error),
        }
        listing.finish();
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::listing::tests::{check_survives, seen};

    #[test]
    fn packages_are_listed_and_broken_entries_told() {
        let lock = br#"{"R": {"Version": "4.3.1"}, "Packages": {"R6": {"Package": "R6", "Version": "2.5.1"}, "x": {"Version": "1"}, "y": 2}}"#;
        expect![[r#"
            cran R6 2.5.1 (lock_file)
            cran x 1 (lock_file)
            ! this entry cannot be read: `y`
        "#]]
        .assert_eq(&seen("app/renv.lock", lock));
        check_survives("app/renv.lock", lock);
    }
}
