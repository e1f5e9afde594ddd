//! Which files belong to packages of the operating system: the part of a layer's facts that
//! answers "whose is this file?", and the answer on the merged tree.
//!
//! Paths are kept as keyed hashes: nobody lists them, and a list of 90,000 paths is slow to read.

use std::collections::HashMap;

use plimsoll_core::{ImagePath, InstalledPackage, PackageRef, Problem};
use plimsoll_image::index::{HashKey, LayerIndex};
use plimsoll_image::squash::{Node, View};

use crate::facts::{Section, read_path, read_problems, write_problems};
use plimsoll_vulndb::codec::{Reader, Writer};

/// The lists of owned files that one layer brings.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Owned {
    /// The lists.
    lists: Vec<List>,
    /// Hash of a path and the list that has it, sorted.
    entries: Vec<(u64, u32)>,
    /// What could not be read. Ownership that is not known keeps findings, so that these hide nothing.
    problems: Vec<Problem>,
}

/// One package's list.
#[derive(Clone, Debug, PartialEq)]
struct List {
    /// The file that it comes from; the list holds as long as this file is there.
    path: ImagePath,
    package: String,
    architecture: Option<String>,
}

impl Owned {
    /// Takes the lists out of what the extractors saw.
    pub fn take_from(sections: &mut [Section], key: &HashKey) -> Owned {
        let mut owned = Owned::default();
        for file in sections.iter_mut().flat_map(|section| &mut section.files) {
            for list in std::mem::take(&mut file.observations.owned) {
                let Some(paths) = list.paths else { continue };
                let Ok(number) = u32::try_from(owned.lists.len()) else { break };
                owned.lists.push(List {
                    path: file.path.clone(),
                    package: list.package,
                    architecture: list.architecture,
                });
                owned.entries.extend(paths.iter().map(|path| (key.hash(path.as_bytes()), number)));
            }
        }
        for section in sections.iter_mut().filter(|section| is_ownership(&section.extractor)) {
            for file in std::mem::take(&mut section.files) {
                owned.problems.extend(file.observations.problems.into_iter().map(Problem::harmless));
            }
        }
        owned.entries.sort_unstable();
        owned
    }

    /// Writes it down.
    pub fn write(&self, writer: &mut Writer) {
        writer.number(self.lists.len() as u64);
        for list in &self.lists {
            writer.bytes(list.path.as_bytes());
            writer.bytes(list.package.as_bytes());
            writer.optional(list.architecture.as_deref());
        }
        let hashes: Vec<u64> = self.entries.iter().map(|(hash, _)| *hash).collect();
        writer.hashes(&hashes);
        for (_, list) in &self.entries {
            writer.number(u64::from(*list));
        }
        write_problems(writer, &self.problems);
    }

    /// Reads what [`Owned::write`] wrote.
    pub fn read(reader: &mut Reader<'_>) -> Option<Owned> {
        let mut lists = Vec::new();
        for _ in 0..reader.count(3)? {
            let path = read_path(reader)?;
            lists.push(List { path, package: reader.text()?, architecture: reader.optional()? });
        }
        let hashes = reader.hashes()?;
        let mut entries = Vec::with_capacity(hashes.len());
        for hash in hashes {
            let list = u32::try_from(reader.number()?).ok()?;
            lists.get(list as usize)?;
            entries.push((hash, list));
        }
        Some(Owned { lists, entries, problems: read_problems(reader)? })
    }

    fn lists_with(&self, hash: u64) -> impl Iterator<Item = &List> {
        let start = self.entries.partition_point(|(it, _)| *it < hash);
        let same =
            self.entries.get(start..).unwrap_or_default().iter().take_while(move |(it, _)| *it == hash);
        same.filter_map(|(_, list)| self.lists.get(*list as usize))
    }
}

/// Whether an extractor only says which package owns which file.
pub fn is_ownership(extractor: &str) -> bool {
    extractor.ends_with("-files")
}

/// Answers whose a file is, on the merged tree of an image.
pub struct Owners<'a> {
    view: View<'a>,
    layers: Vec<(&'a LayerIndex, Owned)>,
    /// Links right below the root, such as `lib` to `usr/lib`: package managers may know a file by either name.
    root_links: Vec<(ImagePath, ImagePath)>,
    /// Packages of the operating system by name.
    packages: HashMap<String, Vec<(PackageRef, Option<String>)>>,
}

impl<'a> Owners<'a> {
    /// For these layers, and the packages that `is_system` picks out.
    pub fn new(
        view: View<'a>,
        layers: Vec<(&'a LayerIndex, Owned)>,
        packages: &[InstalledPackage],
        is_system: impl Fn(&InstalledPackage) -> bool,
    ) -> Owners<'a> {
        let mut by_name: HashMap<String, Vec<_>> = HashMap::new();
        for (index, installed) in packages.iter().enumerate().filter(|(_, it)| is_system(it)) {
            let package = &installed.package;
            let entry = by_name.entry(package.name.clone()).or_default();
            entry.push((PackageRef(index), package.architecture.clone()));
        }
        let root_links = root_links(&view, &layers);
        Owners { view, layers, root_links, packages: by_name }
    }

    /// What could not be read of who owns what.
    pub fn problems(&self) -> impl Iterator<Item = &Problem> {
        self.layers.iter().flat_map(|(_, owned)| &owned.problems)
    }

    /// The package that owns the file at `path`.
    ///
    /// A file that was there when its list was written, and that a later layer put another one in
    /// the place of, is nobody's. One that only a later layer has is: images whose files are dealt
    /// out to layers by size have their package database in any of them.
    pub fn of(&self, path: &ImagePath) -> Option<PackageRef> {
        let names = self.names(path);
        let top = self.view.layers();
        let (Node::Regular(layer) | Node::Link(layer, _)) = self.view.node(path, top) else {
            return None;
        };
        let versions: Vec<usize> = self.view.versions(path).into_iter().map(|(layer, _)| layer).collect();
        for (at, (index, owned)) in self.layers.iter().enumerate().rev() {
            if layer > at && versions.iter().any(|it| *it <= at) {
                continue;
            }
            for name in &names {
                for list in owned.lists_with(index.key.hash(name.as_bytes())) {
                    if self.view.node(&list.path, top) == Node::Regular(at)
                        && let Some(package) = self.package(list)
                    {
                        return Some(package);
                    }
                }
            }
        }
        None
    }

    fn package(&self, list: &List) -> Option<PackageRef> {
        let candidates = self.packages.get(&list.package)?;
        let fits = |architecture: &Option<String>| match (&list.architecture, architecture) {
            (Some(wanted), Some(is)) => wanted == is,
            _ => true,
        };
        candidates.iter().find(|(_, architecture)| fits(architecture)).map(|(package, _)| *package)
    }

    /// The names under which a package manager may know a file.
    fn names(&self, path: &ImagePath) -> Vec<ImagePath> {
        let mut names = vec![path.clone()];
        for (link, target) in &self.root_links {
            if path.is_within(target)
                && let Some(rest) = path.as_bytes().get(target.as_bytes().len() + 1..)
            {
                names.push(link.join(rest));
            }
        }
        names
    }
}

fn root_links(view: &View<'_>, layers: &[(&LayerIndex, Owned)]) -> Vec<(ImagePath, ImagePath)> {
    let mut names: Vec<&ImagePath> = layers
        .iter()
        .flat_map(|(index, _)| &index.links)
        .map(|(path, _)| path)
        .filter(|path| path.parent().is_some_and(|parent| parent.is_root()))
        .take(1_000)
        .collect();
    names.sort();
    names.dedup();
    let top = view.layers();
    let resolved =
        names.into_iter().filter_map(|link| Some((link.clone(), view.resolve(link, top, true).ok()?)));
    resolved.filter(|(link, target)| link != target && !target.is_root()).collect()
}

#[cfg(test)]
mod tests {
    use plimsoll_core::{Limits, Observations, Origin, OwnedFiles, Package};

    use super::*;
    use crate::facts::FileFacts;

    const KEY: HashKey = HashKey([3; 16]);

    fn owned(list_path: &str, package: &str, paths: &[&str]) -> Owned {
        let list = OwnedFiles {
            package: package.to_owned(),
            architecture: None,
            paths: Some(paths.iter().map(|path| ImagePath::new(path)).collect()),
        };
        let file = FileFacts {
            path: ImagePath::new(list_path),
            companions: Vec::new(),
            observations: Observations { owned: vec![list], ..Observations::default() },
        };
        let mut section = [Section { extractor: "os/dpkg-files".to_owned(), version: 1, files: vec![file] }];
        let owned = Owned::take_from(&mut section, &KEY);
        assert_eq!(section[0].files, []);
        owned
    }

    fn index(files: &[&str], links: &[(&str, &str)]) -> LayerIndex {
        let mut index = LayerIndex::empty(KEY);
        index.regular = files.iter().map(|path| KEY.hash(ImagePath::new(path).as_bytes())).collect();
        index.regular.sort_unstable();
        let link =
            |target: &str| plimsoll_image::index::Link { hard: false, target: target.as_bytes().into() };
        index.links = links.iter().map(|(path, target)| (ImagePath::new(path), link(target))).collect();
        index
    }

    fn package(name: &str) -> InstalledPackage {
        InstalledPackage {
            package: Package { kind: "deb".to_owned(), name: name.to_owned(), ..Package::default() },
            purl: String::new(),
            origin: Origin { path: ImagePath::root(), layer: Some(0), extractor: "os/dpkg".to_owned() },
            owner: None,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let owned = owned("i/x.list", "x", &["usr/bin/x", "usr/lib/x"]);
        let mut writer = Writer::default();
        owned.write(&mut writer);
        assert_eq!(Owned::read(&mut Reader(&writer.0)), Some(owned));
    }

    #[test]
    fn a_file_is_its_package_s_also_by_way_of_a_link_until_somebody_replaces_it() {
        let base = index(&["i/x.list", "usr/lib/p", "usr/lib/q"], &[("lib", "usr/lib")]);
        let above = index(&["usr/lib/q", "usr/lib/r"], &[]);
        let limits = Limits::standard();
        let view = View::new(vec![&base, &above], &limits);
        let layers = vec![
            (&base, owned("i/x.list", "x", &["lib/p", "usr/lib/q", "usr/lib/r"])),
            (&above, Owned::default()),
        ];
        let owners = Owners::new(view, layers, &[package("y"), package("x")], |_| true);
        assert_eq!(owners.of(&ImagePath::new("usr/lib/p")), Some(PackageRef(1)));
        assert_eq!(owners.of(&ImagePath::new("usr/lib/q")), None, "the layer above put another one there");
        assert_eq!(
            owners.of(&ImagePath::new("usr/lib/r")),
            Some(PackageRef(1)),
            "a file dealt out to a later layer"
        );
        assert_eq!(owners.of(&ImagePath::new("usr/lib/z")), None);
    }

    #[test]
    fn a_list_that_is_gone_owns_nothing() {
        let base = index(&["i/x.list", "usr/lib/p"], &[]);
        let mut above = index(&[], &[]);
        above.whiteouts.push(ImagePath::new("i/x.list"));
        let limits = Limits::standard();
        let view = View::new(vec![&base, &above], &limits);
        let layers = vec![(&base, owned("i/x.list", "x", &["usr/lib/p"])), (&above, Owned::default())];
        let owners = Owners::new(view, layers, &[package("x")], |_| true);
        assert_eq!(owners.of(&ImagePath::new("usr/lib/p")), None);
    }
}
