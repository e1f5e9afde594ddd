//! A document while it is read: from package URLs to packages, and what could not be used.

use std::collections::{BTreeMap, HashSet};

use plimsoll_core::{
    Digest, Distro, Evidence, ImagePath, Package, Problem, ProblemKind, Purl, SourcePackage,
};

use super::document::{Document, Listed};
use crate::notes::{PACKAGES_MAX, excerpt};
use crate::purl_text::{distro_by_name, distro_of_purls, package_of};

/// How many names a problem tells.
const NAMED_MAX: usize = 5;

/// What a document says of one package besides its package URL.
#[derive(Clone, Default)]
pub(super) struct Said {
    /// For problems.
    pub name: String,
    /// Used where the package URL has none.
    pub version: String,
    /// The package URL; empty where there is none.
    pub purl: String,
    pub license: Option<String>,
    /// Where the package lies.
    pub path: Option<String>,
    /// The source package, where the document has a word of its own for it.
    pub source: Option<SourcePackage>,
}

/// A document while it is read.
#[derive(Default)]
pub(super) struct Draft {
    reader: &'static str,
    packages: Vec<Listed>,
    seen: HashSet<(String, Option<ImagePath>)>,
    unreadable: BTreeMap<&'static str, (usize, Vec<String>)>,
    excluded: usize,
    left_out: usize,
    distro: Option<Distro>,
    pub problems: Vec<Problem>,
    pub name: Option<String>,
    pub digest: Option<Digest>,
}

impl Draft {
    pub fn new(reader: &'static str) -> Draft {
        Draft { reader, ..Draft::default() }
    }

    /// Takes a package, or notes why it cannot be.
    pub fn take(&mut self, said: Said) {
        let text = said.purl.trim();
        if text.is_empty() {
            return self.unreadable("have no package URL", &said.name);
        }
        let Some(purl) = Purl::parse(text) else {
            return self.unreadable("have a package URL that cannot be read", text);
        };
        // Containers have package URLs, too, and are no packages.
        if matches!(&*purl.kind, "oci" | "docker") {
            return;
        }
        let path = said.path.map(|it| ImagePath::root().join(it.trim_start_matches('/').as_bytes()));
        let text = purl.to_string();
        if !self.seen.insert((text.clone(), path.clone())) {
            return;
        }
        if self.packages.len() >= PACKAGES_MAX {
            self.left_out += 1;
            return;
        }
        let mut package = package_of(&purl).unwrap_or_else(|| foreign(&purl));
        package.evidence = Evidence::Sbom;
        if package.version.is_empty() {
            package.version = said.version;
        }
        package.license = said.license.and_then(license);
        if crate::is_operating_system(&package.kind) {
            package.source = said.source.or(package.source);
        }
        self.packages.push(Listed { package, purl: text, path });
    }

    /// Notes an entry that cannot be used.
    pub fn unreadable(&mut self, why: &'static str, name: &str) {
        let (count, names) = self.unreadable.entry(why).or_default();
        *count += 1;
        if names.len() < NAMED_MAX {
            names.push(excerpt(name.as_bytes()));
        }
    }

    /// Notes an entry that the document itself excludes from the product.
    pub fn excluded(&mut self) {
        self.excluded += 1;
    }

    /// Notes the operating system, by its `ID` or one of the names that people have for it. The
    /// first one counts.
    pub fn system(&mut self, name: &str, version: &str) {
        if self.distro.is_none() {
            self.distro = distro_by_name(name, version);
        }
    }

    /// The same, where the document says more of it.
    pub fn distro(&mut self, distro: Distro) {
        self.distro.get_or_insert(distro);
    }

    pub fn finish(mut self, format: String) -> Document {
        for (why, (count, names)) in &self.unreadable {
            let dots = if names.len() < *count { ", …" } else { "" };
            let what = format!("{count} entries ({}{dots}) {why}, and are not compared", names.join(", "));
            self.problems.push(Problem::new(ProblemKind::NotCovered, what));
        }
        if self.left_out > 0 {
            let what = format!("only {PACKAGES_MAX} packages are read, {} are left out", self.left_out);
            self.problems.push(Problem::new(ProblemKind::Limit, what));
        }
        if self.excluded > 0 {
            let what = format!("{} entries are excluded from the product by the document", self.excluded);
            self.problems.push(Problem::new(ProblemKind::NotCovered, what).harmless());
        }
        let distro = self.distro.or_else(|| distro_of_purls(self.packages.iter().map(|it| &*it.purl)));
        Document {
            format,
            reader: self.reader,
            name: self.name.filter(|it| !it.trim().is_empty()),
            digest: self.digest,
            distro,
            packages: self.packages,
            problems: self.problems,
        }
    }
}

/// A package of a type that is no ecosystem here, as its package URL has it.
fn foreign(purl: &Purl) -> Package {
    let name = match &purl.namespace {
        Some(namespace) => format!("{namespace}/{}", purl.name),
        None => purl.name.clone(),
    };
    Package {
        kind: purl.kind.clone(),
        name,
        version: purl.version.clone().unwrap_or_default(),
        architecture: purl.qualifier("arch").map(str::to_owned),
        ..Package::default()
    }
}

/// A licence, unless it is nothing or one of SPDX's words for none.
pub(super) fn license(text: String) -> Option<String> {
    (!matches!(text.trim(), "" | "NOASSERTION" | "NONE")).then_some(text)
}

/// A version whose release and epoch stand apart, as Trivy writes those of source packages.
pub(super) fn version_of_parts(version: &str, release: &str, epoch: &str) -> Option<String> {
    let epoch = if matches!(epoch, "" | "0") { String::new() } else { format!("{epoch}:") };
    let release = if release.is_empty() { String::new() } else { format!("-{release}") };
    (!version.is_empty()).then(|| format!("{epoch}{version}{release}"))
}
