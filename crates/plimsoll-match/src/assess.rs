//! The rows that name a package, each with what it comes to for the installed version.
//!
//! Nothing is decided here: which row has the last word is the business of [`crate::ruling`].

use std::borrow::Cow;

use plimsoll_core::{Ecosystem, Evidence, NameKind, Package};
use plimsoll_vulndb::Snapshot;
use plimsoll_vulndb::snapshot::{EndRef, Row, SnapshotError};

use crate::context::Judges;
use crate::range::{Held, holds};

/// A name and the version that goes with it: of the source package, or of the binary (rules 1, 2).
#[derive(Clone, Debug)]
pub(crate) struct Target<'p> {
    /// Which rows mean it; `None` where source and binary have one name and one version.
    pub kind: Option<NameKind>,
    pub name: Cow<'p, str>,
    pub version: &'p str,
}

impl<'p> Target<'p> {
    /// The source package; where the database names none, or no version of it, it is as the binary.
    pub fn source(package: &'p Package, ecosystem: &dyn Ecosystem) -> Target<'p> {
        let (name, version) = match &package.source {
            Some(source) => (source.name.as_str(), source.version.as_deref()),
            None => (package.name.as_str(), None),
        };
        Target {
            kind: Some(NameKind::Source),
            name: ecosystem.normalize(name),
            version: version.unwrap_or(&package.version),
        }
    }

    /// Whether a row under the target's name means it.
    pub fn is_meant_by(&self, kind: NameKind) -> bool {
        self.kind.is_none_or(|own| own == kind)
    }

    /// The package itself.
    pub fn binary(package: &'p Package, ecosystem: &dyn Ecosystem) -> Target<'p> {
        Target {
            kind: Some(NameKind::Binary),
            name: ecosystem.normalize(&package.name),
            version: &package.version,
        }
    }
}

/// A row, and what it comes to.
#[derive(Clone)]
pub(crate) struct Assessed<'a> {
    pub row: Row<'a>,
    /// The realm that it is filed under.
    pub realm: &'a str,
    pub standing: Standing<'a>,
}

/// Whether a row speaks of this build of the package at all, and if so whether it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Standing<'a> {
    /// It speaks of other architectures (rule 54).
    OtherArchitecture,
    /// It speaks of another module stream, or of packages in or outside one (rules 26 to 28).
    OtherModule,
    /// It speaks of some versions, and the package is one of which none is expected (rule 60).
    SomeVersions,
    /// It speaks of this build.
    Here(Held<'a>),
}

/// The names of the realms to look in.
pub(crate) fn realms<'a>(judges: Judges<'a>, package: &'a Package) -> impl Iterator<Item = &'a str> {
    let (vendor, registry) = match judges {
        Judges::Vendor(realms) => (realms, None),
        Judges::Registry => (&[][..], Some(package.kind.as_str())),
        Judges::Nobody(_) | Judges::Unspoken(_) => (&[][..], None),
    };
    vendor.iter().map(|realm| realm.0.as_str()).chain(registry)
}

/// Every row of `realm` that is filed under the target's name, in the order of vulnerabilities.
pub(crate) fn assess<'a, 't, B: AsRef<[u8]>>(
    snapshot: &'a Snapshot<B>,
    realm: &'a str,
    target: &'t Target<'_>,
    package: &'t Package,
    ecosystem: &'t dyn Ecosystem,
) -> impl Iterator<Item = Result<Assessed<'a>, SnapshotError>> + use<'a, 't, B> {
    let rows = snapshot.rows(realm, &target.name);
    rows.filter(|row| row.as_ref().map_or(true, |row| target.is_meant_by(row.name_kind))).map(move |row| {
        let row = row?;
        let standing = standing(&row, target, package, ecosystem);
        Ok(Assessed { row, realm, standing })
    })
}

fn standing<'a>(
    row: &Row<'a>,
    target: &Target<'_>,
    package: &Package,
    ecosystem: &dyn Ecosystem,
) -> Standing<'a> {
    if !speaks_of_architecture(row, package.architecture.as_deref()) {
        return Standing::OtherArchitecture;
    }
    if !speaks_of_module(row.module, package.module.as_deref()) {
        return Standing::OtherModule;
    }
    let module_build = build_of_module(row, package.module.as_deref());
    let version = module_build.as_deref().unwrap_or(target.version);
    match holds(version, row.ranges(), row.versions(), ecosystem) {
        Held::Unknown(..) if version.is_empty() && lacks_version(package, ecosystem) => {
            Standing::SomeVersions
        }
        held => Standing::Here(held),
    }
}

/// Whether a package has no version, and nobody expects one: a Go program's own module (rule 60),
/// and what a lock file names without one, since what was built of that lies elsewhere.
pub(crate) fn lacks_version(package: &Package, ecosystem: &dyn Ecosystem) -> bool {
    package.version.is_empty() && (package.evidence == Evidence::LockFile || ecosystem.own_has_no_version())
}

/// A row without architectures speaks of all; a package without one, or built for all, is spoken
/// of by every row (rule 54).
fn speaks_of_architecture(row: &Row<'_>, architecture: Option<&str>) -> bool {
    let Some(architecture) = architecture.filter(|it| !matches!(*it, "" | "all" | "noarch" | "any")) else {
        return true;
    };
    let mut limited = false;
    for listed in row.architectures() {
        if listed == architecture {
            return true;
        }
        limited = true;
    }
    !limited
}

/// Name and stream must be the same; a stream's packages and the others never speak of one
/// another (rules 25 to 28). `installed` has version and context besides, `httpd:2.4:8030…:ab12`.
/// `*` stands in rows of vendors that do not say of which stream: they speak of all.
fn speaks_of_module(advisory: Option<&str>, installed: Option<&str>) -> bool {
    match (advisory, installed) {
        (None, None) => true,
        (Some("*"), Some(_)) => true,
        (Some(advisory), Some(installed)) => stream(advisory) == stream(installed),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

/// Some rows say the build of the module in which it is fixed, `3.9-8100020240826142629.d47b87a4`,
/// in the place of a package's version. Then the module's build is compared, which an installed
/// package's label has.
fn build_of_module(row: &Row<'_>, installed: Option<&str>) -> Option<String> {
    let mut parts = installed?.split(':');
    let (_, stream, build, context) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let EndRef::Fixed(fixed) = row.ranges().next()?.end else { return None };
    let release = fixed.strip_prefix(stream)?.strip_prefix('-')?;
    let digits = release.bytes().take_while(u8::is_ascii_digit).count();
    (row.module.is_some() && MODULE_BUILD_DIGITS_MIN <= digits).then(|| format!("{stream}-{build}.{context}"))
}

/// A module's build has the platform and the time in one number, of 19 digits.
const MODULE_BUILD_DIGITS_MIN: usize = 15;

fn stream(label: &str) -> (&str, Option<&str>) {
    let mut parts = label.split(':');
    (parts.next().unwrap_or_default(), parts.next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_speaks_of_itself_only() {
        for (advisory, installed, expected) in [
            (Some("httpd:2.4"), Some("httpd:2.4:8030020201124152102:229f0a1c"), true),
            (Some("httpd:2.4"), Some("httpd:2.6"), false),
            (Some("httpd:2.4"), None, false),
            (None, Some("httpd:2.4"), false),
            (None, None, true),
            (Some("*"), Some("httpd:2.4"), true),
            (Some("*"), None, false),
        ] {
            assert_eq!(speaks_of_module(advisory, installed), expected, "{advisory:?} {installed:?}");
        }
    }
}
