//! From the facts of layers to the inventory of an image: which files a container would see,
//! what they say is installed, and which layer brought each package.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use plimsoll_core::{
    Distro, Extractor, ImagePath, InstalledPackage, Inventory, Limits, Observations, Origin, Package,
    Pattern, Problem, ProblemKind,
};
use plimsoll_image::Matcher;
use plimsoll_image::squash::{Node, Unresolved, View};

use crate::facts::{FileFacts, Section};
use crate::layers::KnownLayer;
use crate::owned::is_ownership;

/// A file of a layer that must be read after all, since links lead to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// Exactly this file of the layer.
    File {
        /// The layer's index.
        layer: usize,
        /// Its name in the archive.
        path: ImagePath,
        /// The extractor's index.
        extractor: usize,
    },
    /// A file whose own name nobody wants, for a link that leads to it and has a wanted one.
    Linked {
        /// The index of the file's layer.
        layer: usize,
        /// Its name in the archive.
        path: ImagePath,
        /// The link, under whose name it is read.
        link: ImagePath,
        /// The extractor's index.
        extractor: usize,
    },
    /// Every file of this directory, in whatever layer.
    Directory {
        /// Where links lead to.
        path: ImagePath,
        /// The ending that names must have.
        ending: &'static str,
        /// The extractor's index.
        extractor: usize,
    },
    /// A file and a companion that lie in different layers.
    Together {
        /// The file, as (layer, path).
        main: (usize, ImagePath),
        /// The companion's own path, and where it lies.
        companion: (ImagePath, usize, ImagePath),
        /// The extractor's index.
        extractor: usize,
    },
}

/// Facts of a file that were learned when its layer was read a second time.
pub struct Extra {
    /// The index of the file's layer.
    pub layer: usize,
    /// The extractor's index.
    pub extractor: usize,
    /// Whether the facts' path is that of a link, and not of the file.
    pub linked: bool,
    /// What was seen.
    pub facts: FileFacts,
}

/// What is known of package worlds besides extractors.
pub struct Knowledge {
    /// The distribution, from what all files that name one say.
    pub merge_distro: fn(&[(&ImagePath, &Distro)]) -> Option<Distro>,
    /// A package's purl.
    pub purl: fn(&Package, Option<&Distro>) -> String,
}

/// The layers of one image laid over one another.
pub struct Squash<'a> {
    layers: &'a [Arc<KnownLayer>],
    extractors: &'a [&'static dyn Extractor],
    view: View<'a>,
    /// Facts by extractor and (layer, real path).
    facts: Vec<HashMap<(usize, ImagePath), &'a Observations>>,
    with: Vec<HashMap<(usize, ImagePath), &'a [ImagePath]>>,
    /// Files that were read with a companion of whatever layer, by extractor, layer and path.
    together: HashMap<(usize, usize, ImagePath), &'a [ImagePath]>,
    /// Facts of files under the names of links, by extractor and link, with the file's layer.
    linked: BTreeMap<(usize, ImagePath), (usize, &'a Observations)>,
    problems: Vec<Problem>,
}

impl<'a> Squash<'a> {
    /// Lays the layers over one another. `extra` are facts that were learned by reading layers
    /// a second time.
    pub fn new(
        layers: &'a [Arc<KnownLayer>],
        extra: &'a [Extra],
        extractors: &'a [&'static dyn Extractor],
        limits: &Limits,
    ) -> Squash<'a> {
        let mut view = View::new(layers.iter().map(|layer| &layer.facts.index).collect(), limits);
        let mut facts = vec![HashMap::new(); extractors.len()];
        let mut with = vec![HashMap::new(); extractors.len()];
        for (at, layer) in layers.iter().enumerate() {
            for (index, extractor) in extractors.iter().enumerate() {
                let files =
                    layer.facts.section(*extractor).map_or(&[][..], |section: &Section| &section.files);
                if is_ownership(extractor.id()) {
                    continue;
                }
                for file in files {
                    let place = view.place(at, &file.path);
                    facts[index].insert((at, place.clone()), &file.observations);
                    with[index].insert((at, place), &file.companions[..]);
                }
            }
        }
        let mut linked = BTreeMap::new();
        let mut together = HashMap::new();
        for Extra { layer, extractor, linked: by_link, facts: file } in extra {
            if *by_link {
                linked.insert((*extractor, file.path.clone()), (*layer, &file.observations));
                continue;
            }
            facts[*extractor].insert((*layer, file.path.clone()), &file.observations);
            together.insert((*extractor, *layer, file.path.clone()), &file.companions[..]);
        }
        Squash { layers, extractors, view, facts, with, together, linked, problems: Vec::new() }
    }

    /// What must still be read before the inventory is right.
    pub fn missing(&mut self) -> BTreeSet<Missing> {
        let mut missing = BTreeSet::new();
        let top = self.view.layers();
        for (index, extractor) in self.extractors.iter().enumerate() {
            if is_ownership(extractor.id()) {
                continue;
            }
            if !extractor.companion_patterns().is_empty() {
                for (layer, path) in self.facts[index].keys() {
                    if self.view.node(path, top) == Node::Regular(*layer) {
                        self.missing_companions(index, path, &(*layer, path.clone()), &mut missing);
                    }
                }
            }
            for pattern in extractor.wants() {
                match pattern {
                    Pattern::Path(path) => self.missing_path(index, &ImagePath::new(path), &mut missing),
                    Pattern::In(directory, ending) => {
                        let directory = ImagePath::new(directory);
                        match self.view.resolve(&directory, top, true) {
                            Ok(path) if path != directory => {
                                missing.insert(Missing::Directory { path, ending, extractor: index });
                            }
                            Ok(_) => (),
                            Err(error) => self.problem(*extractor, &directory, &unresolved(&error)),
                        }
                    }
                    Pattern::Name(_) | Pattern::Ending(_) | Pattern::InAny(..) => (),
                }
            }
        }
        self.missing_links(&mut missing);
        missing
    }

    /// Links whose names are wanted and that lead to files whose own names are not: nobody kept
    /// those files while they streamed past. pnpm links all packages from a store so.
    fn missing_links(&mut self, missing: &mut BTreeSet<Missing>) {
        let layers = self.layers;
        let matcher = Matcher::new(self.extractors.iter().enumerate().flat_map(|(index, extractor)| {
            let by_name = |it: &&Pattern| !matches!(it, Pattern::Path(_)) && !is_ownership(extractor.id());
            extractor.wants().iter().filter(by_name).map(move |pattern| (index, pattern))
        }));
        for (link, _) in layers.iter().flat_map(|layer| &layer.facts.index.links) {
            let wanted = matcher.wanted(link);
            let wanted: Vec<usize> =
                wanted.indices().filter(|it| self.extractors[*it].is_place(link)).collect();
            if wanted.is_empty() {
                continue;
            }
            match self.view.file(link, self.view.layers()) {
                Ok(Some((layer, path))) if path != *link => {
                    for extractor in wanted.into_iter().filter(|it| self.lacks(*it, layer, &path, link)) {
                        let (path, link) = (path.clone(), link.clone());
                        missing.insert(Missing::Linked { layer, path, link, extractor });
                    }
                }
                // It is no link any more, or what it leads to is no file, for a container either.
                Ok(_) => (),
                Err(error) => {
                    for extractor in wanted {
                        self.problem(self.extractors[extractor], link, &unresolved(&error));
                    }
                }
            }
        }
    }

    /// Whether nothing is known of a file, under its own name or the link's. Facts that say nothing
    /// are none: under another name the same bytes may say more.
    fn lacks(&self, extractor: usize, layer: usize, path: &ImagePath, link: &ImagePath) -> bool {
        let seen = self.facts[extractor].get(&(layer, path.clone()));
        seen.is_none_or(|seen| seen.is_empty() && seen.unnamed.is_empty())
            && !self.linked.contains_key(&(extractor, link.clone()))
            && self.layers[layer].facts.section(self.extractors[extractor]).is_some()
    }

    fn missing_path(&mut self, index: usize, path: &ImagePath, missing: &mut BTreeSet<Missing>) {
        let extractor = self.extractors[index];
        let top = self.view.layers();
        match self.view.file(path, top) {
            Err(error) => self.problem(extractor, path, &unresolved(&error)),
            Ok(None) => {
                let what = match self.view.node(path, top) {
                    Node::Link(..) => "it is a link that leads to no file of the image",
                    Node::Directory(_) => "it is a directory and not a file",
                    Node::Special(_) => "it is a device, FIFO or socket and not a file",
                    Node::Regular(_) | Node::Absent => return,
                };
                self.problem(extractor, path, what);
            }
            Ok(Some((layer, at))) => {
                if !self.facts[index].contains_key(&(layer, at.clone()))
                    && self.layers[layer].facts.section(extractor).is_some()
                {
                    missing.insert(Missing::File { layer, path: at.clone(), extractor: index });
                }
                self.missing_companions(index, path, &(layer, at), missing);
            }
        }
    }

    /// Companions of `path` that lie elsewhere than the file itself.
    fn missing_companions(
        &self,
        index: usize,
        path: &ImagePath,
        main: &(usize, ImagePath),
        missing: &mut BTreeSet<Missing>,
    ) {
        for companion in self.extractors[index].companions(path) {
            let Ok(Some((other, place))) = self.view.file(&companion, self.view.layers()) else {
                continue;
            };
            let has = |it: &&[ImagePath]| it.contains(&companion);
            let at_once = other == main.0 && self.with[index].get(main).is_some_and(has);
            let later = self.together.get(&(index, main.0, main.1.clone())).is_some_and(has);
            if !at_once && !later {
                let companion = (companion, other, place);
                missing.insert(Missing::Together { main: main.clone(), companion, extractor: index });
            }
        }
    }

    fn problem(&mut self, extractor: &dyn Extractor, path: &ImagePath, what: &str) {
        let problem =
            Problem::new(ProblemKind::Malformed, format!("the file cannot be read: {what}")).at(path);
        let problem = if extractor.finds_packages() { problem } else { problem.harmless() };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// The inventory, without the layers as the report shows them; and the view that it was made from.
    pub fn inventory(self, knowledge: &Knowledge, limits: &Limits) -> (Inventory, View<'a>) {
        let live = self.live_files();
        let mut problems: Vec<Problem> =
            self.layers.iter().flat_map(|layer| layer.problems.clone()).collect();
        problems.extend(self.problems.iter().cloned());
        let mut distros = Vec::new();
        let mut unnamed = Vec::new();
        for ((_, path), (layer, seen)) in &live {
            distros.extend(seen.distro.as_ref().map(|distro| (path, distro)));
            let layer = self.layers[*layer].diff_id;
            problems.extend(seen.problems.iter().map(|problem| problem.clone().in_layer(layer)));
            unnamed.extend(seen.unnamed.iter().map(|archive| (path.clone(), archive.clone())));
        }
        let distro = (knowledge.merge_distro)(&distros);
        let mut packages = Vec::new();
        for ((extractor, path), (layer, seen)) in &live {
            let origins = self.origins(*extractor, path, *layer, seen);
            for (package, layer) in seen.packages.iter().zip(origins) {
                packages.push(InstalledPackage {
                    purl: package.purl.clone().unwrap_or_else(|| (knowledge.purl)(package, distro.as_ref())),
                    package: package.clone(),
                    origin: Origin {
                        path: path.clone(),
                        layer: Some(layer),
                        extractor: self.extractors[*extractor].id().to_owned(),
                    },
                    owner: None,
                });
            }
        }
        packages.sort_by(|a, b| (&a.purl, &a.origin.path).cmp(&(&b.purl, &b.origin.path)));
        packages.dedup_by(|a, b| a.package == b.package && a.origin.path == b.origin.path);
        if packages.len() > limits.packages {
            let what = format!(
                "the image has {} packages, more than {}; the rest was left out",
                packages.len(),
                limits.packages
            );
            problems.push(Problem::new(ProblemKind::Limit, what));
            packages.truncate(limits.packages);
        }
        bound_problems(&mut problems, limits);
        let layers = Vec::new();
        (Inventory { distro, platform: None, layers, packages, unnamed, problems }, self.view)
    }

    /// The files that a container sees, by extractor and path, with their layer.
    fn live_files(&self) -> BTreeMap<(usize, ImagePath), (usize, &'a Observations)> {
        let top = self.view.layers();
        let mut live = self.linked.clone();
        for (index, extractor) in self.extractors.iter().enumerate() {
            for ((layer, path), seen) in &self.facts[index] {
                if self.view.node(path, top) == Node::Regular(*layer) {
                    live.insert((index, path.clone()), (*layer, *seen));
                }
            }
            // A hard link shows a file that may be gone under its own name.
            for pattern in extractor.wants() {
                if let Pattern::Path(path) = pattern
                    && let Ok(Some((layer, at))) = self.view.file(&ImagePath::new(path), top)
                    && let Some(seen) = self.facts[index].get(&(layer, at.clone()))
                {
                    live.insert((index, at), (layer, *seen));
                }
            }
        }
        live
    }

    /// The layer that brought in each package seen in a file: the oldest of the file's versions
    /// that show the package without a gap (rule 67).
    fn origins(&self, extractor: usize, path: &ImagePath, layer: usize, seen: &Observations) -> Vec<usize> {
        let mut origins = vec![layer; seen.packages.len()];
        if seen.packages.is_empty() {
            return origins;
        }
        let mut open: Vec<usize> = (0..seen.packages.len()).collect();
        for (older, at) in self.view.versions(path).into_iter().skip(1) {
            let Some(seen_then) = self.facts[extractor].get(&(older, at)) else {
                break;
            };
            let then: HashSet<_> = seen_then.packages.iter().map(identity).collect();
            open.retain(|index| {
                let there = then.contains(&identity(&seen.packages[*index]));
                if there {
                    origins[*index] = older;
                }
                there
            });
            if open.is_empty() {
                break;
            }
        }
        origins
    }
}

fn identity(package: &Package) -> (&str, &str, &str, Option<&str>) {
    (&package.kind, &package.name, &package.version, package.architecture.as_deref())
}

fn unresolved(error: &Unresolved) -> String {
    match error {
        Unresolved::TooManyLinks => "links lead in a circle, or there are too many of them".to_owned(),
    }
}

fn bound_problems(problems: &mut Vec<Problem>, limits: &Limits) {
    if problems.len() > limits.problems {
        // Those that hide something first: they must not be the ones that are left out.
        problems.sort_by_key(|problem| !problem.hides_findings);
        let more = problems.len() - limits.problems;
        let hides = problems[limits.problems..].iter().any(|problem| problem.hides_findings);
        problems.truncate(limits.problems);
        let summary = Problem::new(ProblemKind::Limit, format!("{more} more problems were left out"));
        problems.push(if hides { summary } else { summary.harmless() });
    }
}
