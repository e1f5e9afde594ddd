//! From products, repositories and packages to channels.

use std::collections::BTreeSet;

use plimsoll_core::Distro;

/// The longer supports, as SUSE names them in products and repositories, in lower case; the longest
/// name first where one begins with another.
///
/// Source: the products of SUSE's OVAL files.
const SUPPORTS: &[&str] = &["ltss-extended-security", "ltss", "espos", "bcl", "teradata"];

/// Extended security begins where long-term support ends, and needs it.
const NEEDS: &[(&str, &str)] = &[("ltss-extended-security", "ltss")];

/// The channels that an image has besides the ordinary one, given its packages' names.
///
/// The package with a product's release is what SUSE's own advisories ask for: `sles-ltss-release`.
pub fn open_channels<'p>(distro: &Distro, packages: impl Iterator<Item = &'p str>) -> BTreeSet<&'static str> {
    if distro.id != "sles" {
        return BTreeSet::new();
    }
    let of_packages = packages.filter_map(of_release_package);
    let of_repositories = distro.repositories.iter().filter_map(|it| support_in(it));
    let mut open: BTreeSet<&'static str> = of_packages.chain(of_repositories).collect();
    for (channel, needed) in NEEDS {
        if open.contains(channel) {
            open.insert(needed);
        }
    }
    open
}

/// `ltss` of `sles-ltss-release`.
fn of_release_package(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let product = lower.strip_prefix("sles-")?.strip_suffix("-release")?;
    SUPPORTS.iter().find(|it| **it == product).copied()
}

/// The longer support that a name has in it, as whole words: `SLE-Product-SLES15-SP3-LTSS-Updates`,
/// `15-SP3-LTSS`, `cpe:/o:suse:sles-ltss:15:sp3`.
pub(super) fn support_in(name: &str) -> Option<&'static str> {
    let words: Vec<String> = name
        .split(|it: char| !it.is_ascii_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let has = |support: &&&str| {
        let wanted: Vec<&str> = support.split('-').collect();
        words.windows(wanted.len()).any(|it| it == wanted)
    };
    SUPPORTS.iter().find(has).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(id: &str, repositories: &[&str], packages: &[&str]) -> String {
        let distro = Distro {
            id: id.to_owned(),
            version_id: "15.3".to_owned(),
            repositories: repositories.iter().map(|&it| it.to_owned()).collect(),
            ..Distro::default()
        };
        Vec::from_iter(open_channels(&distro, packages.iter().copied())).join(" ")
    }

    #[test]
    fn the_package_of_a_longer_support_opens_its_channel() {
        assert_eq!(open("sles", &[], &["bash", "sles-release", "sles-ltss-release"]), "ltss");
        assert_eq!(
            open("sles", &[], &["SLES-LTSS-Extended-Security-release"]),
            "ltss ltss-extended-security"
        );
        assert_eq!(open("sles", &[], &["sles-release", "sles-ltss-release-tools"]), "");
        assert_eq!(open("opensuse-leap", &[], &["sles-ltss-release"]), "", "another distribution");
    }

    #[test]
    fn products_and_repositories_that_say_so_open_it_too() {
        assert_eq!(open("sles", &["cpe:/o:suse:sles-ltss:15:sp3"], &[]), "ltss");
        assert_eq!(open("sles", &["SLE-Product-SLES15-SP3-LTSS-Updates"], &[]), "ltss");
        assert_eq!(open("sles", &["15-SP3-LTSS"], &[]), "ltss");
        assert_eq!(open("sles", &["SLES12-SP3-BCL-Pool", "SLES12-SP3-ESPOS-Pool"], &[]), "bcl espos");
        for ordinary in ["cpe:/o:suse:sles:15:sp3", "SLE-Product-SLES15-SP3-Updates", "my-ltssish", ""] {
            assert_eq!(open("sles", &[ordinary], &[]), "", "{ordinary}");
        }
    }
}
