//! The epochs of source packages, which stand in no package's header: it names its source by a
//! file name (rule 24).
//!
//! A binary of its source's own version and release has its epoch as well; rpmbuild gives it
//! that unless the source says otherwise. The other binaries of the same source learn it from
//! there. Where no such binary is installed, or two of them differ, the version stays without.

use std::collections::HashMap;

use plimsoll_core::Package;

/// Puts the epochs that can be known into the versions of sources.
pub(super) fn tell(packages: &mut [Package]) {
    let mut known: HashMap<String, Option<String>> = HashMap::new();
    for package in packages.iter() {
        let (Some(file), Some(source)) = (&package.source_rpm, &package.source) else { continue };
        let without_epoch = package.version.split_once(':').map_or(&*package.version, |(_, rest)| rest);
        if source.version.as_deref() != Some(without_epoch) {
            continue;
        }
        let version = known.entry(file.clone()).or_insert_with(|| Some(package.version.clone()));
        if version.as_ref() != Some(&package.version) {
            *version = None;
        }
    }
    for package in packages {
        let version = package.source_rpm.as_ref().and_then(|file| known.get(file)?.clone());
        if let (Some(source), Some(version)) = (&mut package.source, version) {
            source.version = Some(version);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::header::source_package;
    use super::*;

    /// Name and version of each package, and what is known of its source's version.
    #[track_caller]
    fn check(packages: &[(&str, &str)], expected: &str) {
        let file = "perl-5.26-4.src.rpm";
        let package = |(name, version): &(&str, &str)| Package {
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            source: source_package(file),
            source_rpm: Some(file.to_owned()),
            ..Package::default()
        };
        let mut packages: Vec<Package> = packages.iter().map(package).collect();
        tell(&mut packages);
        let versions = packages.iter().filter_map(|it| it.source.as_ref()?.version.clone());
        assert_eq!(versions.collect::<Vec<_>>().join(" "), expected);
    }

    #[test]
    fn the_epoch_is_that_of_a_binary_of_the_same_version() {
        check(&[("perl-Errno", "1.28-4"), ("perl-libs", "4:5.26-4")], "4:5.26-4 4:5.26-4");
        check(&[("perl-Errno", "1:1.28-4")], "5.26-4");
        check(&[("perl-Errno", "1.28-4"), ("perl-libs", "5.26-4")], "5.26-4 5.26-4");
    }

    #[test]
    fn binaries_that_differ_say_nothing() {
        check(&[("a", "4:5.26-4"), ("b", "5.26-4"), ("c", "4:5.26-4")], "5.26-4 5.26-4 5.26-4");
    }
}
