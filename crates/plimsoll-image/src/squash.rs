//! Lays the layers of an image over one another and answers what a container would see at a
//! path, and what it would have seen before any of the layers on top.
//!
//! Follows links inside the image only, a bounded number of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::rc::Rc;

use plimsoll_core::{ImagePath, Limits};

use crate::index::{Filter, Here, LayerIndex, Link};

/// The merged view of layers, base first.
pub struct View<'a> {
    layers: Vec<&'a LayerIndex>,
    filters: Vec<Filter>,
    symlinks_max: usize,
    /// In which layers a directory, or one above it, hides the layers below; by the directory's
    /// keyed hash, since all the names above a deep one are as long as its depth squared.
    hiding: RefCell<HashMap<u64, LayerSet>>,
    key: RandomState,
    /// No layer; what most directories share.
    nowhere: LayerSet,
    /// What directories mean when so many of the first layers are there: files of one directory
    /// are asked for by the thousand.
    directories: RefCell<Vec<HashMap<ImagePath, ImagePath>>>,
    /// Files that a layer has under a name that leads through a symbolic link, by the path they
    /// really have.
    placed: HashMap<ImagePath, Vec<usize>>,
}

/// A set of layers, by index; images have at most a few hundred.
type LayerSet = Rc<Vec<bool>>;

/// What a container sees at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node<'a> {
    /// A regular file of this layer.
    Regular(usize),
    /// A link of this layer.
    Link(usize, &'a Link),
    /// A directory of this layer.
    Directory(usize),
    /// A device, FIFO or socket of this layer.
    Special(usize),
    /// Nothing, or a directory that has no entry of its own.
    Absent,
}

/// Why a path leads nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// Links lead in a circle, or there are more of them than Plimsoll follows.
    TooManyLinks,
}

impl<'a> View<'a> {
    /// The view of these layers.
    pub fn new(layers: Vec<&'a LayerIndex>, limits: &Limits) -> View<'a> {
        let directories = RefCell::new(vec![HashMap::new(); layers.len() + 1]);
        let filters = layers.iter().map(|layer| Filter::of(layer)).collect();
        let nowhere = Rc::new(vec![false; layers.len()]);
        View {
            layers,
            filters,
            symlinks_max: limits.symlinks,
            hiding: RefCell::default(),
            key: RandomState::new(),
            nowhere,
            directories,
            placed: HashMap::new(),
        }
    }

    /// Notes that `layer` has a regular file whose name is `name`, and says where it really lies.
    ///
    /// A layer may write `lib/x` although a lower one made `lib` a link to `usr/lib`; container
    /// engines then write through the link.
    pub fn place(&mut self, layer: usize, name: &ImagePath) -> ImagePath {
        match self.resolve(name, layer + 1, false) {
            Ok(path) if path != *name => {
                self.placed.entry(path.clone()).or_default().push(layer);
                path
            }
            // A circle of links above a file that exists: where it lies is where it says.
            _ => name.clone(),
        }
    }

    /// How many layers there are.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// What is at exactly this path when the first `count` layers are there. Links above the
    /// path are not followed; see [`View::resolve`].
    pub fn node(&self, path: &ImagePath, count: usize) -> Node<'a> {
        let hiding = parent(path.as_bytes()).map(|directory| self.hiding(directory));
        let placed = if self.placed.is_empty() { None } else { self.placed.get(path) };
        for layer in (0..count.min(self.layers.len())).rev() {
            match self.here(layer, path) {
                Here::Regular => return Node::Regular(layer),
                Here::Link(link) => return Node::Link(layer, link),
                Here::Directory => return Node::Directory(layer),
                Here::Special => return Node::Special(layer),
                Here::Removed => return Node::Absent,
                Here::Nothing if placed.is_some_and(|layers| layers.contains(&layer)) => {
                    return Node::Regular(layer);
                }
                Here::Nothing => (),
            }
            if hiding.as_ref().is_some_and(|hiding| hiding[layer]) {
                return Node::Absent;
            }
        }
        Node::Absent
    }

    fn here(&self, layer: usize, path: &ImagePath) -> Here<'a> {
        let index = self.layers[layer];
        let hash = index.key.hash(path.as_bytes());
        if self.filters[layer].may_hold(hash) { index.here_hashed(path, hash) } else { Here::Nothing }
    }

    fn hides(&self, layer: usize, directory: &ImagePath) -> bool {
        let index = self.layers[layer];
        if directory.is_root() {
            return index.is_opaque(directory);
        }
        index.is_opaque(directory)
            || matches!(
                self.here(layer, directory),
                Here::Removed | Here::Regular | Here::Special | Here::Link(_)
            )
            || (!index.whiteouts.is_empty() && index.whiteouts.binary_search(directory).is_ok())
    }

    /// In which layers `directory` or one above it hides what lies below in lower layers: it
    /// was removed, is opaque, or is no directory there.
    fn hiding(&self, directory: &[u8]) -> LayerSet {
        let mut known = self.hiding.borrow_mut();
        // Up to the nearest that is known, and down again; without recursion, so that a deep path
        // costs no stack.
        let mut unknown = Vec::new();
        let mut set = Rc::clone(&self.nowhere);
        let mut next = Some(directory);
        while let Some(directory) = next {
            let hash = self.key.hash_one(directory);
            if let Some(it) = known.get(&hash) {
                set = Rc::clone(it);
                break;
            }
            unknown.push((hash, directory));
            next = parent(directory);
        }
        for (hash, directory) in unknown.into_iter().rev() {
            set = self.hiding_with(&set, &ImagePath::root().join(directory));
            known.insert(hash, Rc::clone(&set));
        }
        set
    }

    /// The same, where it is known of the directory above: its own set if nothing is added.
    fn hiding_with(&self, above: &LayerSet, directory: &ImagePath) -> LayerSet {
        let mut set = Rc::clone(above);
        for layer in (0..self.layers.len()).filter(|layer| !above[*layer]) {
            if self.hides(layer, directory) {
                Rc::make_mut(&mut set)[layer] = true;
            }
        }
        set
    }

    /// The path that `path` means when the first `count` layers are there: every symbolic link
    /// on the way followed, and the last component too if `follow_last`.
    pub fn resolve(
        &self,
        path: &ImagePath,
        count: usize,
        follow_last: bool,
    ) -> Result<ImagePath, Unresolved> {
        let Some(directory) = path.parent().filter(|it| !it.is_root()) else {
            return self.walk(ImagePath::root(), path.as_bytes(), count, follow_last);
        };
        let name = path.as_bytes().get(directory.as_bytes().len() + 1..).unwrap_or_default();
        let directory = self.directory(directory, count)?;
        if follow_last { self.walk(directory, name, count, true) } else { Ok(directory.join(name)) }
    }

    /// The path that a directory means, remembered.
    fn directory(&self, directory: ImagePath, count: usize) -> Result<ImagePath, Unresolved> {
        let count = count.min(self.layers.len());
        let known = self.directories.borrow().get(count).and_then(|it| it.get(&directory).cloned());
        if let Some(known) = known {
            return Ok(known);
        }
        let path = self.walk(ImagePath::root(), directory.as_bytes(), count, true)?;
        if let Some(known) = self.directories.borrow_mut().get_mut(count) {
            known.insert(directory, path.clone());
        }
        Ok(path)
    }

    /// Goes from a directory that is no link along `path`, following links.
    fn walk(
        &self,
        from: ImagePath,
        path: &[u8],
        count: usize,
        follow_last: bool,
    ) -> Result<ImagePath, Unresolved> {
        let mut followed = 0;
        let mut done = from;
        let mut rest: Vec<Box<[u8]>> = components(path);
        while let Some(part) = rest.pop() {
            let here = done.join(&part);
            if &*part == b".." || (rest.is_empty() && !follow_last) {
                done = here;
                continue;
            }
            match self.node(&here, count) {
                Node::Link(_, link) if !link.hard => {
                    followed += 1;
                    if followed > self.symlinks_max || rest.len() > 4096 {
                        return Err(Unresolved::TooManyLinks);
                    }
                    if link.target.starts_with(b"/") {
                        done = ImagePath::root();
                    }
                    rest.extend(components(&link.target));
                }
                _ => done = here,
            }
        }
        Ok(done)
    }

    /// The regular file that `path` means when the first `count` layers are there, as its layer
    /// and its path in it: symbolic and hard links followed. `Ok(None)` where there is no file.
    pub fn file(&self, path: &ImagePath, count: usize) -> Result<Option<(usize, ImagePath)>, Unresolved> {
        let mut path = self.resolve(path, count, true)?;
        let mut count = count;
        for _ in 0..self.symlinks_max {
            match self.node(&path, count) {
                Node::Regular(layer) => return Ok(Some((layer, path))),
                Node::Link(layer, link) if link.hard => {
                    // A hard link names a file that was there when the link was made: of its own
                    // layer or of one below.
                    let Ok(target) = ImagePath::from_entry_name(&link.target) else {
                        return Ok(None);
                    };
                    count = layer + 1;
                    path = self.resolve(&target, count, false)?;
                }
                _ => return Ok(None),
            }
        }
        Err(Unresolved::TooManyLinks)
    }

    /// The versions of the file that `path` means, newest first, as (layer, path in the layer).
    /// Ends where the file was first added, or added again after it had been gone.
    pub fn versions(&self, path: &ImagePath) -> Vec<(usize, ImagePath)> {
        let mut versions = Vec::new();
        let mut count = self.layers.len();
        while let Ok(Some((layer, at))) = self.file(path, count) {
            versions.push((layer, at));
            // Through a hard link the file may be older than the link that shows it.
            count = layer.min(count.saturating_sub(1));
        }
        versions
    }
}

/// The directory of a path; `None` for the root.
fn parent(path: &[u8]) -> Option<&[u8]> {
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    (!path.is_empty()).then(|| &path[..end])
}

/// The components, last first.
fn components(path: &[u8]) -> Vec<Box<[u8]>> {
    let parts = path.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    let mut parts: Vec<Box<[u8]>> = parts.map(Into::into).collect();
    parts.reverse();
    parts
}
