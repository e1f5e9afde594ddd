//! What an extractor saw in one file.

use crate::{Distro, ImagePath, LinkedFunctions, Problem, ProblemKind};

/// The source package that a binary package was built from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourcePackage {
    /// Its name, under which many distributions file advisories.
    pub name: String,
    /// Its version where the database says one; `None` means that of the binary.
    pub version: Option<String>,
}

/// How it is known that a package is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Evidence {
    /// A package manager's own record of what it installed, or the package's files themselves.
    #[default]
    Installed,
    /// A lock file lists it; whether it was installed nobody can see.
    LockFile,
    /// A pattern in a program that belongs to no package, or to one of which its vendor says nothing.
    Binary,
    /// A document that somebody put into the image says so.
    Sbom,
}

impl Evidence {
    /// Every kind, in the order of the manual; facts are stored by the index.
    pub const ALL: [Evidence; 4] =
        [Evidence::Installed, Evidence::LockFile, Evidence::Binary, Evidence::Sbom];

    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            Evidence::Installed => "installed",
            Evidence::LockFile => "lock_file",
            Evidence::Binary => "binary",
            Evidence::Sbom => "sbom",
        }
    }
}

/// A package as the image's own database or metadata describes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Package {
    /// The purl type: `deb`, `apk`, `rpm`, `npm` …; one row of the ecosystems' table.
    pub kind: String,
    /// The name as the ecosystem writes it.
    pub name: String,
    /// The version as the ecosystem's tools print it; for rpm `[epoch:]version-release`. Empty
    /// where nobody says one; such a package is compared with what is said of every version.
    pub version: String,
    /// The architecture in the ecosystem's words.
    pub architecture: Option<String>,
    /// The source package, where the ecosystem has such a thing.
    pub source: Option<SourcePackage>,
    /// The file name of the source rpm.
    pub source_rpm: Option<String>,
    /// rpm's `Vendor`, dpkg's `Maintainer`: who built it.
    pub vendor: Option<String>,
    /// The module stream, `name:stream:version:context` (rpm's modularity label).
    pub module: Option<String>,
    /// The licence expression, as written in the database.
    pub license: Option<String>,
    /// How it is known that the package is there.
    pub evidence: Evidence,
    /// The package URL where the ecosystem's rules do not give it from name and version: of a
    /// document that states one, or of a program known by its content.
    pub purl: Option<String>,
    /// The functions of it that are linked into the program it was found in; `None` where that
    /// is not known.
    pub functions: Option<LinkedFunctions>,
}

/// The files that a package says are its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedFiles {
    /// The package's name.
    pub package: String,
    /// Its architecture where the list's name says it.
    pub architecture: Option<String>,
    /// The files; `None` where the list could not be read, which is not the same as none.
    pub paths: Option<Vec<ImagePath>>,
}

/// An archive that says nothing of what it is, but that a list of published files may know.
///
/// Who has such a list may put other packages in the place of the one that it is listed as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnnamedArchive {
    /// The SHA-1 of its bytes.
    pub sha1: [u8; 20],
    /// Where it is: `app.war!/WEB-INF/lib/a.jar`.
    pub label: String,
    /// The name of the package that it is listed as, from its own.
    pub name: String,
    /// That package's version; may be empty.
    pub version: String,
    /// The problem that says that nobody knows it.
    pub problem: Problem,
}

/// Everything an extractor has to say about one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Observations {
    /// Packages found.
    pub packages: Vec<Package>,
    /// The distribution, if the file names one.
    pub distro: Option<Distro>,
    /// Files owned by packages.
    pub owned: Vec<OwnedFiles>,
    /// Archives that nobody names; each is among the packages and the problems, too.
    pub unnamed: Vec<UnnamedArchive>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

impl Observations {
    /// Notes a package.
    pub fn package(&mut self, package: Package) {
        self.packages.push(package);
    }

    /// Notes that part of `path` could not be read, so that packages may be missing.
    pub fn problem(&mut self, path: &ImagePath, what: impl Into<String>) {
        self.problems.push(Problem::new(ProblemKind::Malformed, what).at(path));
    }

    /// Notes something odd about `path` that cannot hide a finding.
    pub fn oddity(&mut self, path: &ImagePath, what: impl Into<String>) {
        self.problems.push(Problem::new(ProblemKind::Malformed, what).at(path).harmless());
    }

    /// Notes that `path` holds something that Plimsoll does not read.
    pub fn unsupported(&mut self, path: &ImagePath, what: impl Into<String>) {
        self.problems.push(Problem::new(ProblemKind::Unsupported, what).at(path));
    }

    /// Whether nothing at all was seen.
    pub fn is_empty(&self) -> bool {
        self.packages.is_empty() && self.distro.is_none() && self.owned.is_empty() && self.problems.is_empty()
    }
}
