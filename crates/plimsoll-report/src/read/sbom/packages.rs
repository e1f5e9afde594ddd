//! From package URLs to packages, and from packages to an inventory.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{
    Distro, ImagePath, InstalledPackage, Inventory, Origin, Problem, ProblemKind, Purl, SourcePackage,
};

use super::vocabulary;

/// The most packages that are taken of one document.
const PACKAGES_MAX: usize = 200_000;

/// How many names a problem tells.
const NAMED_MAX: usize = 5;

/// What a document says of one package besides its package URL.
#[derive(Default)]
pub(super) struct Said {
    /// Its name and version, for problems.
    pub name: String,
    pub version: String,
    pub purl: Option<String>,
    pub license: Option<String>,
    /// Where the package lies.
    pub path: Option<String>,
    /// The source package, where the document has a word of its own for it.
    pub source: Option<SourcePackage>,
}

/// Collects the packages of one document.
pub(super) struct Packages {
    extractor: &'static str,
    found: Vec<(Purl, InstalledPackage)>,
    seen: BTreeSet<(String, String)>,
    unreadable: BTreeMap<&'static str, (usize, Vec<String>)>,
    left_out: usize,
    pub problems: Vec<Problem>,
}

impl Packages {
    pub fn new(extractor: &'static str) -> Packages {
        Packages {
            extractor,
            found: Vec::new(),
            seen: BTreeSet::new(),
            unreadable: BTreeMap::new(),
            left_out: 0,
            problems: Vec::new(),
        }
    }

    /// Takes a package, or notes why it cannot be.
    pub fn take(&mut self, said: Said) {
        let Some(text) = said.purl.as_deref().filter(|it| !it.trim().is_empty()) else {
            return self.unreadable("have no package URL", &said.name);
        };
        let Some(purl) = Purl::parse(text.trim()) else {
            return self.unreadable("have a package URL that cannot be read", text);
        };
        if is_no_package(&purl) {
            return;
        }
        let path = said.path.as_deref().map_or_else(ImagePath::root, path);
        let text = purl.to_string();
        if !self.seen.insert((text.clone(), path.to_string())) {
            return;
        }
        if self.found.len() >= PACKAGES_MAX {
            self.left_out += 1;
            return;
        }
        let mut package = vocabulary::package(&purl);
        if package.version.is_empty() {
            package.version = said.version;
        }
        package.license = super::super::filled(said.license);
        package.source = said.source.or(package.source);
        package.purl = Some(text.clone());
        let origin = Origin { path, layer: None, extractor: self.extractor.to_owned() };
        self.found.push((purl, InstalledPackage { package, purl: text, origin, owner: None }));
    }

    pub fn unreadable(&mut self, why: &'static str, name: &str) {
        let (count, names) = self.unreadable.entry(why).or_default();
        *count += 1;
        if names.len() < NAMED_MAX {
            names.push(name.to_owned());
        }
    }

    /// The inventory; `said` is the distribution that the document names.
    pub fn finish(mut self, said: Option<Distro>) -> Inventory {
        for (why, (count, names)) in &self.unreadable {
            let dots = if names.len() < *count { ", …" } else { "" };
            let what = format!("{count} entries ({}{dots}) {why}, and are not compared", names.join(", "));
            self.problems.push(Problem::new(ProblemKind::NotCovered, what));
        }
        if self.left_out > 0 {
            let what = format!("only {PACKAGES_MAX} packages are read, {} are left out", self.left_out);
            self.problems.push(Problem::new(ProblemKind::Limit, what));
        }
        let distro = said.or_else(|| vocabulary::of_purls(self.found.iter().map(|(purl, _)| purl)));
        let mut packages: Vec<InstalledPackage> = self.found.into_iter().map(|(_, it)| it).collect();
        packages
            .sort_by(|left, right| (&left.purl, &left.origin.path).cmp(&(&right.purl, &right.origin.path)));
        Inventory { distro, packages, problems: self.problems, ..Inventory::default() }
    }
}

/// Containers and operating systems have package URLs, too, and are none.
fn is_no_package(purl: &Purl) -> bool {
    matches!(&*purl.kind, "oci" | "docker")
}

fn path(text: &str) -> ImagePath {
    ImagePath::root().join(text.trim_start_matches('/').as_bytes())
}
