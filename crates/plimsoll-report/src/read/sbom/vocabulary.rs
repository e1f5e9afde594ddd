//! The words that documents have for ecosystems and distributions, as ours: the package that a
//! package URL names, and the distribution that a document is about.

use std::collections::BTreeMap;

use plimsoll_core::{Distro, Evidence, Package, Purl, SourcePackage};

/// The distribution by the name and version that a document's own component gives.
pub(super) fn of_words(name: &str, version: &str) -> Option<Distro> {
    let id = os_release_id(name)?;
    let version = release(&id, version);
    Some(Distro { id, version_id: version, ..Distro::default() })
}

/// The distribution that most package URLs of operating systems' packages name.
pub(super) fn of_purls<'a>(purls: impl Iterator<Item = &'a Purl>) -> Option<Distro> {
    let mut votes: BTreeMap<(String, String), usize> = BTreeMap::new();
    for purl in purls.filter(|purl| matches!(&*purl.kind, "deb" | "apk" | "rpm" | "alpm")) {
        let namespace = purl.namespace.as_deref().unwrap_or_default();
        let (name, version) = match purl.qualifier("distro") {
            Some(qualifier) => split(namespace, qualifier),
            None => (namespace.to_owned(), String::new()),
        };
        if !name.is_empty() {
            *votes.entry((name, version)).or_default() += 1;
        }
    }
    // With as many votes a release is more than none.
    let best = votes.into_iter().max_by_key(|((_, version), count)| (*count, !version.is_empty()))?;
    let (name, version) = best.0;
    let is_codename = version.starts_with(|it: char| it.is_ascii_alphabetic()) && version != "edge";
    let mut distro = of_words(&name, if is_codename { "" } else { &version })?;
    if is_codename {
        distro.version_id = codename_release(&version).unwrap_or_default().to_owned();
        distro.codename = Some(version);
    }
    Some(distro)
}

/// `debian-12`, `opensuse-leap-15.4`, a bare `3.16.0`, or a bare codename.
fn split(namespace: &str, qualifier: &str) -> (String, String) {
    match qualifier.rsplit_once('-') {
        Some((id, version)) if version.starts_with(|it: char| it.is_ascii_digit()) || version == "edge" => {
            (id.to_owned(), version.to_owned())
        }
        _ if os_release_id(qualifier).is_some_and(|it| KNOWN.contains(&it.as_str())) => {
            (qualifier.to_owned(), String::new())
        }
        _ => (namespace.to_owned(), qualifier.to_owned()),
    }
}

/// Rolling distributions, which are named without a release.
const KNOWN: &[&str] = &["wolfi", "chainguard", "arch", "opensuse-tumbleweed"];

/// The `ID` of os-release for the names that documents use.
fn os_release_id(name: &str) -> Option<String> {
    let name = name.trim().to_ascii_lowercase();
    let id = match name.as_str() {
        "" | "none" => return None,
        "redhat" | "red hat enterprise linux" | "red hat enterprise linux server" | "red hat" => "rhel",
        "debian gnu/linux" => "debian",
        "alpine linux" => "alpine",
        "rocky linux" => "rocky",
        "oracle" | "oracle linux" => "ol",
        "amazon" | "amazon linux" => "amzn",
        "alma" => "almalinux",
        "suse" | "suse linux enterprise server" => "sles",
        "opensuse" | "opensuse.leap" => "opensuse-leap",
        "opensuse.tumbleweed" => "opensuse-tumbleweed",
        "cbl-mariner" => "mariner",
        "azurelinux" | "azure linux" => "azurelinux",
        other => return Some(other.replace(' ', "-")),
    };
    Some(id.to_owned())
}

/// The release as `VERSION_ID` has it: Debian's and Ubuntu's without the
/// point release, no name behind it.
fn release(id: &str, version: &str) -> String {
    let version = version.split_whitespace().next().unwrap_or_default();
    match id {
        "debian" if version.starts_with(|it: char| it.is_ascii_digit()) => {
            version.split('.').next().unwrap_or_default().to_owned()
        }
        "ubuntu" => version.split('.').take(2).collect::<Vec<_>>().join("."),
        _ => version.to_owned(),
    }
}

/// Debian's and Ubuntu's releases that are still met, for documents that give the codename alone.
fn codename_release(codename: &str) -> Option<&'static str> {
    Some(match codename {
        "stretch" => "9",
        "buster" => "10",
        "bullseye" => "11",
        "bookworm" => "12",
        "trixie" => "13",
        "trusty" => "14.04",
        "xenial" => "16.04",
        "bionic" => "18.04",
        "focal" => "20.04",
        "jammy" => "22.04",
        "noble" => "24.04",
        _ => return None,
    })
}

/// The package that a package URL names, with the names as the ecosystems write them.
pub(super) fn package(purl: &Purl) -> Package {
    let version = purl.version.clone().unwrap_or_default();
    let mut package = Package {
        kind: purl.kind.clone(),
        name: name(purl),
        version,
        architecture: purl.qualifier("arch").map(str::to_owned),
        evidence: Evidence::Sbom,
        ..Package::default()
    };
    let epoch = purl.qualifier("epoch").filter(|it| !it.is_empty() && *it != "0");
    if let Some(epoch) = epoch.filter(|_| purl.kind == "rpm" && !package.version.contains(':')) {
        package.version = format!("{epoch}:{}", package.version);
    }
    if let Some(upstream) = purl.qualifier("upstream") {
        match upstream.strip_suffix(".src.rpm") {
            Some(stem) if purl.kind == "rpm" => {
                package.source_rpm = Some(upstream.to_owned());
                package.source = rpm_source(stem);
            }
            _ => package.source = source(upstream),
        }
    }
    package.module = purl.qualifier("rpmmod").or(purl.qualifier("modularitylabel")).map(str::to_owned);
    package
}

/// `group:artifact` of Maven, a path for those with one; the namespace of an operating system's
/// package says only whose it is.
fn name(purl: &Purl) -> String {
    match (&*purl.kind, purl.namespace.as_deref().filter(|it| !it.is_empty())) {
        ("deb" | "apk" | "rpm" | "alpm" | "bitnami", _) | (_, None) => purl.name.clone(),
        ("maven", Some(group)) => format!("{group}:{}", purl.name),
        (_, Some(namespace)) => format!("{namespace}/{}", purl.name),
    }
}

/// `glibc@2.31-13` or `openssl`.
fn source(upstream: &str) -> Option<SourcePackage> {
    let (name, version) = match upstream.split_once('@') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (upstream, None),
    };
    (!name.is_empty()).then(|| SourcePackage { name: name.to_owned(), version })
}

/// `openssl-1.1.1k-6.el8`: the name ends before the last two hyphens.
fn rpm_source(stem: &str) -> Option<SourcePackage> {
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    Some(SourcePackage { name: name.to_owned(), version: Some(format!("{version}-{release}")) })
}

/// Whether a package URL is of an operating system's package with a source package.
pub(super) fn names_system_package(purl: &str) -> bool {
    ["pkg:deb/", "pkg:apk/", "pkg:rpm/"].iter().any(|kind| purl.starts_with(kind))
}
