//! Which release of Red Hat's distribution a product is for.

use plimsoll_core::{CpeProduct, Realm};

/// Products whose version is that of the distribution. Those of others are their own, and their
/// edition (`el8`) says the release.
const RELEASES: &[&str] = &[
    "enterprise_linux",
    "enterprise_linux_aus",
    "enterprise_linux_e4s",
    "enterprise_linux_els",
    "enterprise_linux_eus",
    "enterprise_linux_tus",
    "rhel_aus",
    "rhel_e4s",
    "rhel_els",
    "rhel_eus",
    "rhel_eus_long_life",
    "rhel_extras",
    "rhel_extras_rt",
    "rhel_mission_critical",
    "rhel_productivity",
    "rhel_supplementary",
    "rhel_tus",
];

/// The realm of packages of whole images.
pub(super) const IMAGES: &str = "oci/redhat";

/// Packages of products that are for no release in particular.
const ANY_RELEASE: &str = "rpm/redhat";

/// The realm of a product's packages. What the product does not say, a version that was built
/// for a release (`1.0-2.el8_10`) may.
pub(super) fn realm(channel: &str, version: Option<&str>) -> Realm {
    let release = CpeProduct::read(channel).and_then(|it| release_of(it).or_else(|| edition(it.edition)));
    match release.or_else(|| version.and_then(built_for)) {
        Some(release) => Realm::distro("rpm", "redhat", release),
        None => Realm(ANY_RELEASE.to_owned()),
    }
}

/// Whether a product is the distribution itself or one of its extended supports.
pub(super) fn is_distribution(channel: &str) -> bool {
    CpeProduct::read(channel).is_some_and(|it| release_of(it).is_some())
}

fn release_of(product: CpeProduct<'_>) -> Option<&str> {
    RELEASES.contains(&product.product).then(|| number(product.version)).flatten()
}

/// `8` of `el8`.
fn edition(text: &str) -> Option<&str> {
    text.strip_prefix("el").and_then(number)
}

/// `8` of `1.0-2.el8_10` or `4.18.0-1.module+el8.6.0+1`.
fn built_for(version: &str) -> Option<&str> {
    version.rsplit(['.', '+', '_']).find_map(edition)
}

/// The number in front, of one or two digits.
fn number(text: &str) -> Option<&str> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    (1..=2).contains(&end).then(|| text.get(..end)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_for_a_release() {
        for (channel, version, expected) in [
            ("enterprise_linux:9::appstream", None, "rpm/redhat:9"),
            ("enterprise_linux:10.1", None, "rpm/redhat:10"),
            ("rhel_eus:9.4::baseos", None, "rpm/redhat:9"),
            ("rhel_els:7", None, "rpm/redhat:7"),
            ("rhel_software_collections:3::el7", None, "rpm/redhat:7"),
            ("openshift:4.13::el8", None, "rpm/redhat:8"),
            ("openshift:4", Some("1.2-3.el8_10"), "rpm/redhat:8"),
            ("openshift:4", Some("1.2-3.module+el9.2.0+7+ab"), "rpm/redhat:9"),
            ("openshift:4", None, "rpm/redhat"),
            ("satellite:6", Some("1.0-1"), "rpm/redhat"),
        ] {
            assert_eq!(realm(channel, version).0, expected, "{channel} {version:?}");
        }
    }
}
