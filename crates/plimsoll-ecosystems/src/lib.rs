//! What Plimsoll knows of package worlds: where their databases lie in an image, how those
//! are read, how versions are ordered, which distribution an image is, what a purl looks like.
//!
//! Two tables, [`ECOSYSTEMS`] and [`distro::DISTROS`], and functions of bytes. Pure: no file is
//! opened, no process started, no clock asked; nothing here knows of registries, archives or
//! advisory databases.
#![forbid(unsafe_code)]

pub mod alpm;
pub mod apk;
pub mod binary;
pub mod bitnami;
pub mod channel;
pub mod cocoapods;
pub mod conan;
pub mod conda;
pub mod dart;
pub mod distro;
pub mod dotnet;
pub mod dpkg;
pub mod evidence;
pub mod generic;
pub mod go;
pub mod haskell;
pub mod hex;
pub mod java;
pub mod javascript;
mod json_fields;
pub mod julia;
pub mod kernel;
#[cfg(test)]
mod lang_agreement;
mod lenient;
mod listing;
mod locks;
pub mod lua;
#[cfg(test)]
mod manual;
pub mod nix;
mod notes;
pub mod perl;
pub mod php;
mod purl;
pub mod purl_text;
pub mod python;
pub mod r;
pub mod redhat;
pub mod rpm;
pub mod ruby;
pub mod rust;
pub mod sbom;
#[cfg(test)]
mod spec;
pub mod suse;
pub mod swift;
pub mod third_party;
pub mod upgrade;
pub mod versions;
pub mod wordpress;
mod yaml;
mod zip_member;

use std::borrow::Cow;
use std::fmt::Write;

use plimsoll_core::{Ecosystem, Extractor};

pub use distro::{
    Coverage, DISTROS, DistroRow, EndOfLifeName, coverage, end_of_life_name, merge_distro, realms,
};
pub use purl::purl_of;

/// Every ecosystem Plimsoll knows, in the order of the manual.
pub static ECOSYSTEMS: &[&dyn Ecosystem] = &[
    &dpkg::DEB,
    &apk::APK,
    &alpm::ALPM,
    &rpm::RPM,
    &python::PYPI,
    &javascript::NPM,
    &java::MAVEN,
    &go::GOLANG,
    &rust::CARGO,
    &ruby::GEM,
    &php::COMPOSER,
    &dotnet::NUGET,
    &hex::HEX,
    &dart::PUB,
    &swift::SWIFT,
    &cocoapods::COCOAPODS,
    &conan::CONAN,
    &r::CRAN,
    &perl::CPAN,
    &lua::LUAROCKS,
    &haskell::HACKAGE,
    &julia::JULIA,
    &conda::CONDA,
    &bitnami::BITNAMI,
    &wordpress::WORDPRESS,
    &nix::NIX,
    &generic::GENERIC,
];

/// The extractors that belong to no ecosystem.
static OTHER_EXTRACTORS: &[&dyn Extractor] = &[
    &distro::OS_DISTRO,
    &redhat::RedHatBuildInfo,
    &redhat::DnfHistory,
    &suse::SuseProducts,
    &sbom::SbomDocument,
];

/// The name in lower case, for registries whose names know no case.
fn lower_case(name: &str) -> Cow<'_, str> {
    if name.contains(char::is_uppercase) { Cow::Owned(name.to_lowercase()) } else { Cow::Borrowed(name) }
}

/// The ecosystem of a purl type.
pub fn by_purl_type(purl_type: &str) -> Option<&'static dyn Ecosystem> {
    ECOSYSTEMS.iter().find(|ecosystem| ecosystem.purl_type() == purl_type).copied()
}

/// The ecosystem that somebody means by `name`: a purl type, one of an ecosystem's other names
/// (OSV's among them, also with a release: `Debian:12`), or a distribution. In any case.
pub fn by_any_name(name: &str) -> Option<&'static dyn Ecosystem> {
    let name = name.split(':').next().unwrap_or_default().trim();
    let is_named =
        |ecosystem: &dyn Ecosystem| ecosystem.aliases().iter().any(|alias| alias.eq_ignore_ascii_case(name));
    let ecosystem = ECOSYSTEMS
        .iter()
        .find(|ecosystem| ecosystem.purl_type().eq_ignore_ascii_case(name) || is_named(**ecosystem))
        .copied();
    ecosystem.or_else(|| {
        let is_meant = |known: &&str| known.eq_ignore_ascii_case(name);
        let row = DISTROS
            .iter()
            .find(|row| is_meant(&row.id) || is_meant(&row.name) || row.aliases.iter().any(is_meant))?;
        by_purl_type(row.purl_type)
    })
}

/// Whether packages of this purl type belong to an operating system, so that its vendor's
/// advisories speak of them and not a language's registry.
pub fn is_operating_system(purl_type: &str) -> bool {
    DISTROS.iter().any(|row| row.purl_type == purl_type)
}

/// All extractors, in a fixed order.
pub fn extractors() -> impl Iterator<Item = &'static dyn Extractor> {
    ECOSYSTEMS.iter().flat_map(|ecosystem| ecosystem.extractors()).chain(OTHER_EXTRACTORS).copied()
}

/// A text that changes whenever a table here may give other results: the ids and versions of
/// all rows. What is kept of a scan is kept under its digest.
pub fn table_digest_input() -> String {
    let mut text = String::new();
    for ecosystem in ECOSYSTEMS {
        let _ = writeln!(text, "ecosystem {}", ecosystem.purl_type());
    }
    for extractor in extractors() {
        let _ = writeln!(text, "extractor {} {}", extractor.id(), extractor.version());
    }
    for row in DISTROS {
        let _ = writeln!(text, "distro {} {}", row.id, row.purl_type);
    }
    text
}
