//! Archives that say nothing of what they are, named by those who know their bytes (rule 63): the
//! snapshot's table of published files.
//!
//! What the table does not know stays as it was found, and so does everything where there is no
//! table. Names are never guessed.

use std::collections::{HashMap, HashSet};

use plimsoll_core::{
    Escaped, Evidence, ImagePath, InstalledPackage, Inventory, PackageRef, Problem, ProblemKind,
    UnnamedArchive,
};
use plimsoll_ecosystems as ecosystems;
use plimsoll_vulndb::Snapshot;

/// The kind of packages that archives are listed as.
const KIND: &str = "maven";
/// Names of one archive; the same bytes have rarely been published under more than two.
const NAMES_MAX: usize = 16;

/// Puts what the table says of archives in the place of what they are listed as.
pub fn resolve<B: AsRef<[u8]>>(inventory: &mut Inventory, snapshot: &Snapshot<B>) {
    if inventory.unnamed.is_empty() || !snapshot.knows_jars() {
        return;
    }
    let unnamed = std::mem::take(&mut inventory.unnamed);
    let mut damaged = None;
    let mut resolved = Resolved::default();
    let listed = Listed::of(inventory);
    for (path, archive) in &unnamed {
        let Some(package) = listed.package(path, archive) else { continue };
        match snapshot.jar(&archive.sha1) {
            Ok(names) if !names.is_empty() => {
                resolved.named(package, listed.problem(archive), archive, &names)
            }
            Ok(_) => {
                resolved.still_unknown.insert(package);
            }
            Err(error) => damaged = Some(Problem::new(ProblemKind::Database, error.to_string())),
        }
    }
    resolved.apply(inventory);
    inventory.problems.extend(damaged);
    inventory.unnamed = unnamed;
}

/// Where in an inventory archives and the problems about them stand.
struct Listed {
    packages: HashMap<(ImagePath, String, String), usize>,
    problems: HashMap<(Option<ImagePath>, String), usize>,
}

impl Listed {
    fn of(inventory: &Inventory) -> Listed {
        let is_archive =
            |it: &InstalledPackage| it.package.kind == KIND && it.package.evidence == Evidence::Binary;
        let packages = inventory.packages.iter().enumerate().filter(|(_, it)| is_archive(it));
        let problems = inventory.problems.iter().enumerate();
        Listed {
            packages: packages
                .map(|(at, it)| {
                    let (name, version) = (it.package.name.clone(), it.package.version.clone());
                    ((it.origin.path.clone(), name, version), at)
                })
                .collect(),
            problems: problems
                .filter(|(_, it)| it.kind == ProblemKind::NotCovered)
                .map(|(at, it)| ((it.path.clone(), it.what.clone()), at))
                .collect(),
        }
    }

    fn package(&self, path: &ImagePath, archive: &UnnamedArchive) -> Option<usize> {
        self.packages.get(&(path.clone(), archive.name.clone(), archive.version.clone())).copied()
    }

    fn problem(&self, archive: &UnnamedArchive) -> Option<usize> {
        self.problems.get(&(archive.problem.path.clone(), archive.problem.what.clone())).copied()
    }
}

/// What is to be changed, by the places of packages and problems.
#[derive(Default)]
struct Resolved {
    /// (package, its name and version).
    names: Vec<(usize, String, String)>,
    /// Packages that some other archive is listed as, too.
    still_unknown: HashSet<usize>,
    /// (problem, what is to be said instead).
    problems: Vec<(usize, String)>,
}

impl Resolved {
    fn named(&mut self, package: usize, problem: Option<usize>, archive: &UnnamedArchive, names: &[&str]) {
        let known = names.iter().take(NAMES_MAX).filter_map(|it| it.rsplit_once(':'));
        self.names.extend(known.map(|(name, version)| (package, name.to_owned(), version.to_owned())));
        let said: Vec<String> = names.iter().take(NAMES_MAX).map(|it| format!("`{}`", Escaped(it))).collect();
        let what = format!("`{}` was published as {}, by its SHA-1", archive.label, said.join(" and "));
        self.problems.extend(problem.map(|at| (at, what)));
    }

    fn apply(self, inventory: &mut Inventory) {
        for (at, what) in self.problems {
            let problem = &mut inventory.problems[at];
            problem.what = what;
            problem.hides_findings = false;
        }
        let gone: HashSet<usize> =
            self.names.iter().map(|it| it.0).filter(|it| !self.still_unknown.contains(it)).collect();
        let mut known: HashSet<(ImagePath, String, String)> = inventory
            .packages
            .iter()
            .filter(|it| it.package.kind == KIND)
            .map(|it| (it.origin.path.clone(), it.package.name.clone(), it.package.version.clone()))
            .collect();
        let mut packages: Vec<(Option<usize>, InstalledPackage)> = Vec::new();
        for (at, name, version) in self.names {
            let mut named = inventory.packages[at].clone();
            if known.insert((named.origin.path.clone(), name.clone(), version.clone())) {
                (named.package.name, named.package.version) = (name, version);
                named.purl = ecosystems::purl_of(&named.package, inventory.distro.as_ref()).to_string();
                packages.push((None, named));
            }
        }
        let old = std::mem::take(&mut inventory.packages).into_iter().enumerate();
        packages.extend(old.filter(|(at, _)| !gone.contains(at)).map(|(at, it)| (Some(at), it)));
        packages.sort_by(|(_, a), (_, b)| (&a.purl, &a.origin.path).cmp(&(&b.purl, &b.origin.path)));
        inventory.packages = renumbered(packages);
    }
}

/// The packages in their new order, their owners with them.
fn renumbered(packages: Vec<(Option<usize>, InstalledPackage)>) -> Vec<InstalledPackage> {
    let places: HashMap<usize, usize> =
        packages.iter().enumerate().filter_map(|(new, (old, _))| Some(((*old)?, new))).collect();
    let moved = |owner: PackageRef| places.get(&owner.0).copied().map(PackageRef);
    packages.into_iter().map(|(_, it)| InstalledPackage { owner: it.owner.and_then(moved), ..it }).collect()
}

#[cfg(test)]
mod tests;
