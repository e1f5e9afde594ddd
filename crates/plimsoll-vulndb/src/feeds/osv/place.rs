//! OSV's names of ecosystems, and the realm that each stands for.
//!
//! Names that are not in the table have no realm: nothing is guessed.

use std::borrow::Cow;

use plimsoll_core::{NameKind, Realm};

use super::super::{debian, suse, ubuntu_osv};

/// Where the name of an affected package is at home.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::feeds) struct Place {
    pub(in crate::feeds) realm: Realm,
    pub(in crate::feeds) channel: Option<String>,
    pub(in crate::feeds) name_kind: NameKind,
}

/// What stands behind the colon of `Alpine:v3.18`.
#[derive(Clone, Copy)]
enum Suffix {
    /// Another registry of the same packages, or nothing.
    None,
    /// The release, as the distribution writes it.
    Release,
    /// The number or the codename of a release.
    Debian,
    /// `22.04:LTS`, `Pro:16.04:LTS`.
    Ubuntu,
    /// A CPE without its beginning: `enterprise_linux:9::appstream`.
    RedHat,
    /// A product of SUSE's, without the name of the ecosystem in front of it: `Leap 15.5`,
    /// `Linux Enterprise Module for Basesystem 15 SP6`.
    Suse,
}

use NameKind::{Binary, Source};

/// Source: ossf/osv-schema, `ecosystems.json` of 2026-07; which names are those of sources was
/// seen in the data, which does not always do as the schema says (AlmaLinux).
const ECOSYSTEMS: &[(&str, &str, NameKind, Suffix)] = &[
    ("npm", "npm", Binary, Suffix::None),
    ("PyPI", "pypi", Binary, Suffix::None),
    ("Maven", "maven", Binary, Suffix::None),
    ("Go", "golang", Binary, Suffix::None),
    // Modules of Go; the second spelling is that of the records' first publisher.
    ("Kubernetes", "golang", Binary, Suffix::None),
    ("kubernetes", "golang", Binary, Suffix::None),
    ("crates.io", "cargo", Binary, Suffix::None),
    ("RubyGems", "gem", Binary, Suffix::None),
    ("NuGet", "nuget", Binary, Suffix::None),
    ("Packagist", "composer", Binary, Suffix::None),
    ("Hex", "hex", Binary, Suffix::None),
    ("Pub", "pub", Binary, Suffix::None),
    ("SwiftURL", "swift", Binary, Suffix::None),
    ("Bitnami", "bitnami", Binary, Suffix::None),
    ("ConanCenter", "conan", Binary, Suffix::None),
    ("CRAN", "cran", Binary, Suffix::None),
    // An installed package of R does not say from which of its registries it came.
    ("Bioconductor", "cran", Binary, Suffix::None),
    ("Hackage", "hackage", Binary, Suffix::None),
    ("Julia", "julia", Binary, Suffix::None),
    ("opam", "opam", Binary, Suffix::None),
    ("GitHub Actions", "githubactions", Binary, Suffix::None),
    ("Debian", "deb/debian", Source, Suffix::Debian),
    ("Ubuntu", "deb/ubuntu", Source, Suffix::Ubuntu),
    ("Echo", "deb/echo", Source, Suffix::None),
    ("Alpine", "apk/alpine", Source, Suffix::Release),
    ("Alpaquita", "apk/alpaquita", Source, Suffix::Release),
    ("BellSoft Hardened Containers", "apk/bellsoft-hardened-containers", Source, Suffix::Release),
    ("Wolfi", "apk/wolfi", Source, Suffix::None),
    ("Chainguard", "apk/chainguard", Source, Suffix::None),
    ("CleanStart", "apk/cleanstart", Source, Suffix::None),
    ("MinimOS", "apk/minimos", Source, Suffix::None),
    ("AlmaLinux", "rpm/almalinux", Binary, Suffix::Release),
    ("Rocky Linux", "rpm/rocky", Source, Suffix::Release),
    ("Red Hat", "rpm/redhat", Binary, Suffix::RedHat),
    ("SUSE", "rpm/suse", Source, Suffix::Suse),
    ("openSUSE", "rpm/opensuse", Source, Suffix::Suse),
    ("openEuler", "rpm/openeuler", Source, Suffix::Release),
    ("Mageia", "rpm/mageia", Source, Suffix::Release),
    ("Photon OS", "rpm/photon", Source, Suffix::Release),
    ("Azure Linux", "rpm/azurelinux", Source, Suffix::Release),
];

/// The place that an ecosystem's name means, `Debian:12` or `npm`.
pub(in crate::feeds) fn place(ecosystem: &str) -> Option<Place> {
    let (name, suffix) = split(ecosystem);
    let (_, realm, name_kind, kind) = ECOSYSTEMS.iter().find(|(known, ..)| *known == name)?;
    let at = |release: &str| Realm(format!("{realm}:{release}"));
    let (realm, channel) = match kind {
        Suffix::None => (Realm((*realm).to_owned()), None),
        Suffix::Release => (at(word(suffix)?), None),
        Suffix::Debian => (at(debian::release(suffix)?), None),
        Suffix::Ubuntu => {
            let (release, channel) = ubuntu_osv::release_and_channel(suffix)?;
            (at(release), channel)
        }
        Suffix::RedHat => {
            let (product, rest) = suffix.split_once(':')?;
            let release = rest.split(':').next()?;
            let major = word(release.split('.').next()?)?;
            (at(major), Some(format!("{}:{rest}", word(product)?)))
        }
        Suffix::Suse => match suse::places(&format!("{name} {suffix}")).as_slice() {
            // Of longer support too: whoever does not pay for it is affected as well.
            [place] => (place.realm.clone(), None),
            // Products that no image is of, and those of several releases at once.
            _ => (at(word(suffix)?), None),
        },
    };
    Some(Place { realm, channel, name_kind: *name_kind })
}

/// The name in front of the first colon, and what stands behind it.
pub(in crate::feeds) fn split(ecosystem: &str) -> (&str, &str) {
    ecosystem.split_once(':').unwrap_or((ecosystem, ""))
}

/// A release may hold spaces (`Linux Enterprise Server 15 SP4`), but nothing that could end it.
fn word(text: &str) -> Option<&str> {
    let allowed = |it: char| it.is_ascii_alphanumeric() || " .-_+".contains(it);
    (!text.is_empty() && text.len() <= 100 && text.chars().all(allowed)).then_some(text)
}

/// The spelling under which a package is filed in its realm.
///
/// Sources: PEP 503; NuGet ids and Composer names know no case; Swift packages are addresses.
pub(in crate::feeds) fn normalize<'a>(realm: &Realm, name: &'a str) -> Cow<'a, str> {
    match realm.0.as_str() {
        "pypi" => normalize_pypi(name),
        "nuget" | "composer" if name.contains(|it: char| it.is_uppercase()) => name.to_lowercase().into(),
        "swift" => {
            let name = name.strip_prefix("https://").unwrap_or(name);
            name.strip_suffix(".git").unwrap_or(name).into()
        }
        _ => name.into(),
    }
}

/// PEP 503: lower case, and one `-` for any run of `-`, `_` and `.`.
fn normalize_pypi(name: &str) -> Cow<'_, str> {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        match letter {
            '-' | '_' | '.' if normal.ends_with('-') => {}
            '-' | '_' | '.' => normal.push('-'),
            other => normal.extend(other.to_lowercase()),
        }
    }
    if normal == name { name.into() } else { normal.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ecosystem: &str, expected: &str) {
        let found = place(ecosystem).map(|it| match it.channel {
            Some(channel) => format!("{} {channel}", it.realm),
            None => it.realm.to_string(),
        });
        assert_eq!(found.as_deref().unwrap_or("-"), expected, "{ecosystem}");
    }

    #[test]
    fn ecosystems_are_realms() {
        check("npm", "npm");
        check("crates.io", "cargo");
        check("Maven:https://repo.example/maven2", "maven");
        check("Alpine:v3.18", "apk/alpine:v3.18");
        check("Debian:12", "deb/debian:12");
        check("Debian:bookworm", "deb/debian:12");
        check("Debian:6.0", "deb/debian:6");
        check("Debian:3.1", "deb/debian:3.1");
        check("Ubuntu:22.04:LTS", "deb/ubuntu:22.04");
        check("Ubuntu:25.10", "deb/ubuntu:25.10");
        check("Ubuntu:Pro:16.04:LTS", "deb/ubuntu:16.04 esm");
        check("Wolfi", "apk/wolfi");
        check("AlmaLinux:9", "rpm/almalinux:9");
        check("Rocky Linux:8", "rpm/rocky:8");
        check("Red Hat:enterprise_linux:9::appstream", "rpm/redhat:9 enterprise_linux:9::appstream");
        check("Red Hat:rhel_eus:8.8::baseos", "rpm/redhat:8 rhel_eus:8.8::baseos");
        check("openSUSE:Leap 15.5", "rpm/opensuse-leap:15.5");
        check("openSUSE:Tumbleweed", "rpm/opensuse-tumbleweed");
        check("SUSE:Linux Enterprise Server 15 SP4", "rpm/sles:15.4");
        check("SUSE:Linux Enterprise Server 15 SP4-LTSS", "rpm/sles:15.4");
        check("SUSE:Linux Enterprise Module for Basesystem 15 SP6", "rpm/sles:15.6");
        check("SUSE:Manager Server 4.3", "rpm/suse:Manager Server 4.3");
    }

    #[test]
    fn what_is_not_in_the_table_has_no_realm() {
        for ecosystem in
            ["", "Debian", "Alpine", "Debian:", "Debian:zurg", "Alpine:v3/../x", "Linux", "Zurg:1"]
        {
            check(ecosystem, "-");
        }
    }

    #[test]
    fn names_are_filed_as_their_registries_do() {
        for (realm, name, expected) in [
            ("pypi", "Oslo._Utils", "oslo-utils"),
            ("pypi", "django", "django"),
            ("nuget", "Newtonsoft.Json", "newtonsoft.json"),
            ("composer", "Symfony/Http-Kernel", "symfony/http-kernel"),
            ("swift", "https://github.com/apple/swift-nio.git", "github.com/apple/swift-nio"),
            ("npm", "JSONStream", "JSONStream"),
        ] {
            assert_eq!(normalize(&Realm(realm.to_owned()), name), expected);
        }
    }
}
