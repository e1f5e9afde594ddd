//! The package URL of an installed package.
//!
//! After the purl specification's type definitions; `upstream` is what Syft writes, so that
//! other programs that read our SBOMs find the source package.

use std::borrow::Cow;

use plimsoll_core::{Distro, Package, Purl};

/// The package URL of `package`, found in an image of `distro`.
///
/// For rpm the epoch is a qualifier; dpkg and apk keep theirs in the version. Names of
/// language packages are divided into namespace and name as their ecosystems do.
pub fn purl_of(package: &Package, distro: Option<&Distro>) -> Purl {
    if !matches!(&*package.kind, "deb" | "apk" | "rpm" | "alpm") {
        return language_purl(package);
    }
    let (epoch, version) = match package.version.split_once(':') {
        Some((epoch, version)) if package.kind == "rpm" => (epoch, version),
        _ => ("", &*package.version),
    };
    let mut qualifiers = Vec::new();
    let mut qualify = |key: &str, value: &str| {
        if !value.is_empty() {
            qualifiers.push((key.to_owned(), value.to_owned()));
        }
    };
    qualify("arch", package.architecture.as_deref().unwrap_or_default());
    qualify("distro", &distro.map(distro_qualifier).unwrap_or_default());
    qualify("epoch", epoch);
    qualify("upstream", &upstream(package).unwrap_or_default());
    Purl {
        kind: package.kind.clone(),
        namespace: distro.and_then(namespace),
        name: package.name.clone(),
        version: (!version.is_empty()).then(|| version.to_owned()),
        qualifiers,
    }
}

/// The vendor whose packages these are.
fn namespace(distro: &Distro) -> Option<String> {
    match crate::distro::row(distro) {
        Some(row) => Some(row.purl_namespace.to_owned()),
        None => (!distro.id.is_empty()).then(|| distro.id.clone()),
    }
}

/// `debian-12`, `alpine-3.18.4`; the codename stands in for a missing version.
fn distro_qualifier(distro: &Distro) -> String {
    let release = match (&*distro.version_id, &distro.codename) {
        ("", Some(codename)) => codename,
        (version, _) => version,
    };
    if release.is_empty() { distro.id.clone() } else { format!("{}-{release}", distro.id) }
}

/// `glibc@2.31-13` of a binary whose source has another version, `openssl` of one whose source
/// has another name, the source rpm's file name for rpm.
fn upstream(package: &Package) -> Option<String> {
    if let Some(file) = &package.source_rpm {
        return Some(file.clone());
    }
    let source = package.source.as_ref()?;
    match &source.version {
        Some(version) if *version != package.version => Some(format!("{}@{version}", source.name)),
        _ => (source.name != package.name).then(|| source.name.clone()),
    }
}

/// The name as the purl specification spells it for types whose registries know no case.
fn spelled(package: &Package) -> Cow<'_, str> {
    match &*package.kind {
        "pypi" => package.name.to_lowercase().replace('_', "-").into(),
        "composer" | "hex" | "pub" => package.name.to_lowercase().into(),
        _ => Cow::Borrowed(&package.name),
    }
}

fn language_purl(package: &Package) -> Purl {
    let full_name = spelled(package);
    let divided = match &*package.kind {
        "maven" => full_name.split_once(':'),
        "npm" | "golang" | "composer" | "swift" => full_name.rsplit_once('/'),
        _ => None,
    };
    let (namespace, name) = match divided {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, &*full_name),
    };
    Purl {
        kind: package.kind.clone(),
        namespace,
        name: name.to_owned(),
        version: (!package.version.is_empty()).then(|| package.version.clone()),
        qualifiers: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::SourcePackage;

    use super::*;

    fn distro(id: &str, version_id: &str) -> Distro {
        Distro { id: id.to_owned(), version_id: version_id.to_owned(), ..Distro::default() }
    }

    fn package(kind: &str, name: &str, version: &str, source: Option<(&str, Option<&str>)>) -> Package {
        Package {
            kind: kind.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            architecture: Some("amd64".to_owned()),
            source: source.map(|(name, version)| SourcePackage {
                name: name.to_owned(),
                version: version.map(str::to_owned),
            }),
            ..Package::default()
        }
    }

    #[track_caller]
    fn check(package: &Package, distro: Option<&Distro>, expected: &str) {
        assert_eq!(purl_of(package, distro).to_string(), expected);
    }

    #[test]
    fn deb_keeps_its_epoch_and_names_its_source_where_it_differs() {
        let debian = distro("debian", "12");
        check(
            &package("deb", "libstdc++6", "1:12.2.0-14", Some(("gcc-12", Some("12.2.0-14")))),
            Some(&debian),
            "pkg:deb/debian/libstdc%2B%2B6@1:12.2.0-14?arch=amd64&distro=debian-12&upstream=gcc-12%4012.2.0-14",
        );
        check(
            &package("deb", "libssl3", "3.0", Some(("openssl", None))),
            Some(&debian),
            "pkg:deb/debian/libssl3@3.0?arch=amd64&distro=debian-12&upstream=openssl",
        );
        check(
            &package("deb", "bash", "5", Some(("bash", Some("5")))),
            Some(&debian),
            "pkg:deb/debian/bash@5?arch=amd64&distro=debian-12",
        );
    }

    #[test]
    fn the_epoch_of_rpm_is_a_qualifier() {
        let mut package = package("rpm", "openssl", "1:1.1.1k-9.el8_7", None);
        package.source_rpm = Some("openssl-1.1.1k-9.el8_7.src.rpm".to_owned());
        check(
            &package,
            Some(&distro("rhel", "8.7")),
            "pkg:rpm/redhat/openssl@1.1.1k-9.el8_7?arch=amd64&distro=rhel-8.7&epoch=1&upstream=openssl-1.1.1k-9.el8_7.src.rpm",
        );
    }

    #[test]
    fn strangers_keep_their_own_name_and_nobody_is_made_up() {
        let package = package("apk", "musl", "1.2.5-r0", Some(("musl", None)));
        check(&package, Some(&distro("mine", "")), "pkg:apk/mine/musl@1.2.5-r0?arch=amd64&distro=mine");
        check(&package, None, "pkg:apk/musl@1.2.5-r0?arch=amd64");
        let sid = Distro { codename: Some("sid".into()), ..distro("debian", "") };
        check(&package, Some(&sid), "pkg:apk/debian/musl@1.2.5-r0?arch=amd64&distro=debian-sid");
    }

    #[test]
    fn names_of_languages_are_divided() {
        check(&package("npm", "@babel/core", "7", None), None, "pkg:npm/%40babel/core@7");
        check(&package("maven", "org.x:y", "1", None), None, "pkg:maven/org.x/y@1");
        check(&package("golang", "golang.org/x/net", "v1", None), None, "pkg:golang/golang.org/x/net@v1");
        check(&package("cargo", "serde", "", None), None, "pkg:cargo/serde");
        check(&package("pypi", "Django_Foo", "1", None), None, "pkg:pypi/django-foo@1");
    }
}
