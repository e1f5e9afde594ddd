//! Packages out of package URLs that others wrote: in SBOMs, in lists, in advisories.
//!
//! The inverse of [`crate::purl_of`]. What a namespace or a qualifier means is each type's own
//! affair (purl-spec, type definitions; `upstream` after Syft).

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

use plimsoll_core::{Distro, Package, Purl, SourcePackage};

use crate::{DISTROS, DistroRow, by_purl_type};

/// The package that this purl names; `None` where it is no purl, or of a type that is no
/// ecosystem here (an image, a repository). Its evidence is the caller's to say.
pub fn package_of_purl(text: &str) -> Option<Package> {
    package_of(&Purl::parse(text)?)
}

/// The package that this purl names, if its type is an ecosystem here.
pub fn package_of(purl: &Purl) -> Option<Package> {
    if purl.kind == "otp" {
        return Some(package_of_erlang(purl));
    }
    by_purl_type(&purl.kind)?;
    let mut package = Package {
        kind: purl.kind.clone(),
        name: name_of(purl),
        version: version_of(purl),
        architecture: purl.qualifier("arch").map(str::to_owned),
        ..Package::default()
    };
    match &*purl.kind {
        "rpm" => {
            package.source_rpm =
                purl.qualifier("upstream").filter(|file| file.ends_with(".rpm")).map(str::to_owned);
            package.source = package.source_rpm.as_deref().and_then(source_of_rpm);
            package.module = purl.qualifier("rpmmod").map(str::to_owned);
        }
        "deb" | "apk" => package.source = purl.qualifier("upstream").map(source_of_upstream),
        _ => {
            let (stated, derived) = (purl.to_string(), crate::purl_of(&package, None).to_string());
            package.purl = (stated != derived).then_some(stated);
        }
    }
    Some(package)
}

/// A part of Erlang/OTP, under the name that `hex/application` gives it.
fn package_of_erlang(purl: &Purl) -> Package {
    Package {
        kind: "generic".to_owned(),
        name: format!("otp/{}", purl.name),
        version: version_of(purl),
        purl: Some(purl.to_string()),
        ..Package::default()
    }
}

/// The name as the ecosystem writes it.
fn name_of(purl: &Purl) -> String {
    let Some(namespace) = &purl.namespace else { return purl.name.clone() };
    match &*purl.kind {
        "maven" => format!("{namespace}:{}", purl.name),
        "npm" | "golang" | "composer" | "swift" | "generic" | "wordpress" => {
            format!("{namespace}/{}", purl.name)
        }
        // A vendor, a user, an author or an organisation, whose packages have names of their own.
        _ => purl.name.clone(),
    }
}

/// The version as the ecosystem's tools print it: of rpm (and of deb in the purls of some) the
/// epoch is a qualifier.
fn version_of(purl: &Purl) -> String {
    let version = purl.version.clone().unwrap_or_default();
    let epoch = purl.qualifier("epoch").filter(|epoch| *epoch != "0" && !version.contains(':'));
    match epoch {
        Some(epoch) if matches!(&*purl.kind, "rpm" | "deb") && !version.is_empty() => {
            format!("{epoch}:{version}")
        }
        _ => version,
    }
}

/// `glibc@2.31-13` or `openssl`.
fn source_of_upstream(upstream: &str) -> SourcePackage {
    match upstream.split_once('@') {
        Some((name, version)) => SourcePackage { name: name.to_owned(), version: Some(version.to_owned()) },
        None => SourcePackage { name: upstream.to_owned(), version: None },
    }
}

/// `openssl` and `1.1.1k-9.el8` of `openssl-1.1.1k-9.el8.src.rpm`.
fn source_of_rpm(file: &str) -> Option<SourcePackage> {
    let stem = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some(SourcePackage { name: name.to_owned(), version: Some(format!("{version}-{release}")) })
}

/// The distribution that most of these purls name, with the release that most of those name
/// that name one.
pub fn distro_of_purls<'a>(purls: impl IntoIterator<Item = &'a str>) -> Option<Distro> {
    let named: Vec<Distro> = purls.into_iter().filter_map(|purl| distro_of(&Purl::parse(purl)?)).collect();
    let id = most_common(named.iter().map(|it| &it.id))?;
    let releases = named.iter().filter(|it| it.id == *id).map(|it| (&it.version_id, &it.codename));
    let (version_id, codename) = most_common(releases.filter(|it| *it != (&String::new(), &None)))
        .map_or((String::new(), None), |(version_id, codename)| (version_id.clone(), codename.clone()));
    Some(Distro { id: id.clone(), version_id, codename, ..Distro::default() })
}

/// What there is most of; of equals the first.
fn most_common<T: Eq + Hash>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counts: HashMap<T, (usize, Reverse<usize>)> = HashMap::new();
    for (at, value) in values.enumerate() {
        counts.entry(value).or_insert((0, Reverse(at))).0 += 1;
    }
    counts.into_iter().max_by_key(|(_, rank)| *rank).map(|(value, _)| value)
}

/// The distribution that people call `name`: its `ID`, its name or another of its names, in any
/// case. One that is not known here keeps its name; nothing, or `none`, is none.
pub fn distro_by_name(name: &str, version: &str) -> Option<Distro> {
    let name = name.trim().to_lowercase();
    if matches!(&*name, "" | "none") {
        return None;
    }
    let plain = name.trim_end_matches(" gnu/linux").replace('.', "-");
    let is_it = |row: &&DistroRow, name: &str| {
        row.id == name || row.name.to_lowercase() == name || row.aliases.contains(&name)
    };
    let shorter = plain.trim_end_matches(" server");
    let row = [&*name, &*plain, shorter].iter().find_map(|name| DISTROS.iter().find(|row| is_it(row, name)));
    let id = row.map_or_else(|| name.replace(' ', "-"), |row| row.id.to_owned());
    // Behind the release some write its name.
    let version = version.split_whitespace().next().unwrap_or_default();
    Some(distro(&id, version, None))
}

/// The distribution that a purl names: `debian-12`, `3.16.0`, `bookworm`; where the qualifier
/// has no name, the namespace has it.
pub fn distro_of(purl: &Purl) -> Option<Distro> {
    if !crate::is_operating_system(&purl.kind) {
        return None;
    }
    let stated = purl.qualifier("distro").unwrap_or_default();
    let is_version = |text: &str| text.starts_with(|first: char| first.is_ascii_digit());
    if let Some((id, version)) = stated.rsplit_once('-')
        && is_version(version)
    {
        return Some(distro(&distro_id(id), version, None));
    }
    if DISTROS.iter().any(|row| row.id == stated) {
        return Some(distro(stated, "", None));
    }
    let id = distro_id(purl.namespace.as_deref()?);
    match stated {
        "" => Some(distro(&id, "", None)),
        version if is_version(version) => Some(distro(&id, version, None)),
        stated => match stated.split_once('-') {
            Some((stated_id, codename)) if stated_id == id => Some(distro(&id, "", Some(codename))),
            _ => Some(distro(&id, "", Some(stated))),
        },
    }
}

fn distro(id: &str, version_id: &str, codename: Option<&str>) -> Distro {
    Distro {
        id: id.to_owned(),
        version_id: version_id.to_owned(),
        codename: codename.map(str::to_owned),
        ..Distro::default()
    }
}

/// `rhel` of the namespace `redhat`.
fn distro_id(namespace: &str) -> String {
    let is_id = DISTROS.iter().any(|row| row.id == namespace);
    let row = DISTROS.iter().find(|row| !is_id && row.purl_namespace == namespace);
    row.map_or(namespace, |row| row.id).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Kind, name, version, then architecture, source, module and purl where there are any.
    #[track_caller]
    fn check(purl: &str, expected: &str) {
        let package = package_of_purl(purl).unwrap_or_else(|| panic!("{purl}"));
        let mut text = format!("{} {} {}", package.kind, package.name, package.version);
        let source = package.source.map(|it| format!("{}={}", it.name, it.version.unwrap_or_default()));
        let others = [
            ("on", package.architecture),
            ("from", source),
            ("by", package.source_rpm),
            ("of", package.module),
            ("as", package.purl),
        ];
        for (word, value) in others {
            if let Some(value) = value {
                text.push_str(&format!(" {word} {value}"));
            }
        }
        assert_eq!(text, expected);
    }

    #[test]
    fn system_packages_have_sources_and_epochs() {
        check(
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14",
            "deb libstdc++6 1:12.2.0-14 on amd64 from gcc-12=12.2.0-14",
        );
        check("pkg:deb/ubuntu/a@2-1?epoch=1", "deb a 1:2-1");
        check("pkg:apk/alpine/libssl3@3.1.4-r0?upstream=openssl", "apk libssl3 3.1.4-r0 from openssl=");
        check(
            "pkg:rpm/redhat/openssl@1.1.1k-9.el8_7?arch=x86_64&epoch=1&upstream=openssl-1.1.1k-9.el8_7.src.rpm",
            "rpm openssl 1:1.1.1k-9.el8_7 on x86_64 from openssl=1.1.1k-9.el8_7 by openssl-1.1.1k-9.el8_7.src.rpm",
        );
        check("pkg:rpm/redhat/nodejs@20-1?epoch=0&rpmmod=nodejs:20", "rpm nodejs 20-1 of nodejs:20");
    }

    #[test]
    fn names_are_put_together_as_the_ecosystem_does() {
        check("pkg:npm/%40babel/core@7.0.0", "npm @babel/core 7.0.0");
        check("pkg:maven/org.x/y@1", "maven org.x:y 1");
        check("pkg:golang/github.com/Masterminds/sprig@v2.0.0", "golang github.com/Masterminds/sprig v2.0.0");
        check("pkg:composer/pear/log@1.13.1", "composer pear/log 1.13.1");
        check("pkg:pypi/Django_X@1", "pypi django-x 1");
        check(
            "pkg:conan/user/zlib@1.2?channel=stable",
            "conan zlib 1.2 as pkg:conan/user/zlib@1.2?channel=stable",
        );
        check("pkg:cargo/serde", "cargo serde ");
        check("pkg:otp/ssl@11.0", "generic otp/ssl 11.0 as pkg:otp/ssl@11.0");
        check(
            "pkg:bitnami/postgresql@17.2.0-8?arch=arm64",
            "bitnami postgresql 17.2.0-8 on arm64 as pkg:bitnami/postgresql@17.2.0-8?arch=arm64",
        );
    }

    #[test]
    fn images_and_repositories_are_no_packages() {
        for purl in ["pkg:oci/debian@sha256:0a", "pkg:github/a/b@1", "pkg:docker/a", "nonsense", "pkg:deb/"] {
            assert_eq!(package_of_purl(purl), None, "{purl}");
        }
    }

    #[test]
    fn the_distribution_is_that_of_most() {
        let of = |purls: &[&str]| {
            let distro = distro_of_purls(purls.iter().copied())?;
            Some(format!("{} {} {:?}", distro.id, distro.version_id, distro.codename))
        };
        let deb = "pkg:deb/debian/a@1?distro=debian-12";
        assert_eq!(of(&[deb, "pkg:apk/alpine/b@1?distro=3.16.0", deb]).as_deref(), Some("debian 12 None"));
        assert_eq!(of(&["pkg:apk/alpine/b@1?distro=3.16.0", deb]).as_deref(), Some("alpine 3.16.0 None"));
        assert_eq!(
            of(&["pkg:deb/debian/b@1?distro=bookworm"]).as_deref(),
            Some("debian  Some(\"bookworm\")")
        );
        assert_eq!(of(&["pkg:rpm/redhat/b@1?distro=8.7"]).as_deref(), Some("rhel 8.7 None"));
        assert_eq!(
            of(&["pkg:rpm/opensuse/b@1?distro=opensuse-leap-15.5"]).as_deref(),
            Some("opensuse-leap 15.5 None")
        );
        assert_eq!(of(&["pkg:apk/wolfi/b@1?distro=wolfi"]).as_deref(), Some("wolfi  None"));
        assert_eq!(of(&["pkg:rpm/redhat/b@1?distro=redhat-8.6"]).as_deref(), Some("rhel 8.6 None"));
        assert_eq!(
            of(&["pkg:rpm/opensuse/b@1?distro=opensuse-tumbleweed"]).as_deref(),
            Some("opensuse-tumbleweed  None")
        );
        let bare = "pkg:deb/debian/b@1";
        assert_eq!(of(&["pkg:npm/b@1?distro=debian-12", bare]).as_deref(), Some("debian  None"));
        assert_eq!(of(&[bare, bare, deb]).as_deref(), Some("debian 12 None"), "a release is more than none");
        assert_eq!(of(&["pkg:npm/b@1?distro=debian-12"]), None);
    }

    #[test]
    fn a_distribution_is_known_by_the_names_that_people_have_for_it() {
        for (name, version, expected) in [
            ("Debian GNU/Linux", "12 (bookworm)", "debian 12"),
            ("redhat", "8.6", "rhel 8.6"),
            ("Red Hat Enterprise Linux Server", "7.9", "rhel 7.9"),
            ("opensuse.leap", "15.6", "opensuse-leap 15.6"),
            ("oracle", "9", "ol 9"),
            ("amazon", "2023", "amzn 2023"),
            ("SUSE Linux Enterprise Server", "15.5", "sles 15.5"),
            ("Some Linux", "1", "some-linux 1"),
        ] {
            let distro = distro_by_name(name, version).map(|it| format!("{} {}", it.id, it.version_id));
            assert_eq!(distro.as_deref(), Some(expected), "{name}");
        }
        assert_eq!(distro_by_name("none", ""), None);
    }
}
