//! Which extractors want a path: one compiled matcher for the patterns of all of them.
//!
//! Knows no extractor; a pattern's owner is a number.

use std::collections::HashMap;

use plimsoll_core::{ImagePath, Pattern};

/// A set of extractors by their index; at most 128.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub struct ExtractorSet(pub u128);

const EXTRACTORS_MAX: usize = 128;

impl ExtractorSet {
    /// The set of one extractor. Indices of 128 and above are a bug of the table.
    pub fn one(index: usize) -> ExtractorSet {
        assert!(index < EXTRACTORS_MAX, "the table of extractors has more rows than a set can hold");
        ExtractorSet(1 << index)
    }

    /// Whether nobody is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Both sets together.
    #[must_use]
    pub fn with(self, other: ExtractorSet) -> ExtractorSet {
        ExtractorSet(self.0 | other.0)
    }

    /// Whether the extractor of this index is in it.
    pub fn has(self, index: usize) -> bool {
        index < EXTRACTORS_MAX && self.0 & (1 << index) != 0
    }

    /// The indices, ascending.
    pub fn indices(self) -> impl Iterator<Item = usize> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let index = usize::try_from(left.trailing_zeros()).ok().filter(|_| left != 0)?;
            left &= left - 1;
            Some(index)
        })
    }
}

/// The end of a name, and who wants names that end so.
type Ending = (Box<[u8]>, ExtractorSet);

/// Answers for any path which extractors want it, with a handful of hash look-ups.
#[derive(Clone, Debug, Default)]
pub struct Matcher {
    paths: HashMap<Box<[u8]>, ExtractorSet>,
    directories: HashMap<Box<[u8]>, Vec<Ending>>,
    names: HashMap<Box<[u8]>, ExtractorSet>,
    endings: Endings<ExtractorSet>,
    /// By the end of the directory's own name.
    any_directories: Endings<Vec<Ending>>,
}

/// Values by the end of a name.
#[derive(Clone, Debug, Default)]
struct Endings<T> {
    values: HashMap<Box<[u8]>, T>,
    /// The distinct lengths of the keys, ascending.
    lengths: Vec<usize>,
}

impl<T: Default> Endings<T> {
    fn entry(&mut self, ending: &[u8]) -> &mut T {
        if !self.lengths.contains(&ending.len()) {
            self.lengths.push(ending.len());
            self.lengths.sort_unstable();
        }
        self.values.entry(ending.into()).or_default()
    }

    /// The values of all ends that `name` has.
    fn of(&self, name: &[u8]) -> impl Iterator<Item = &T> {
        let ends = self.lengths.iter().map_while(|length| name.len().checked_sub(*length));
        ends.filter_map(|at| self.values.get(&name[at..]))
    }
}

impl Matcher {
    /// Compiles `patterns`, each with the extractor it belongs to.
    pub fn new<'a>(patterns: impl IntoIterator<Item = (usize, &'a Pattern)>) -> Matcher {
        let mut matcher = Matcher::default();
        for (index, pattern) in patterns {
            let set = ExtractorSet::one(index);
            match pattern {
                Pattern::Path(path) => matcher.want_path(&ImagePath::new(path), set),
                Pattern::In(directory, ending) => {
                    matcher.want_directory(&ImagePath::new(directory), ending.as_bytes(), set)
                }
                Pattern::Name(name) => add(&mut matcher.names, name.as_bytes(), set),
                Pattern::Ending(ending) => {
                    let entry = matcher.endings.entry(ending.as_bytes());
                    *entry = entry.with(set);
                }
                Pattern::InAny(directory, ending) => {
                    let endings = matcher.any_directories.entry(directory.as_bytes());
                    endings.push((ending.as_bytes().into(), set));
                }
            }
        }
        matcher
    }

    /// Adds exactly this path.
    pub fn want_path(&mut self, path: &ImagePath, set: ExtractorSet) {
        add(&mut self.paths, path.as_bytes(), set);
    }

    /// Adds every file directly in this directory whose name ends so.
    pub fn want_directory(&mut self, directory: &ImagePath, ending: &[u8], set: ExtractorSet) {
        self.directories.entry(directory.as_bytes().into()).or_default().push((ending.into(), set));
    }

    /// Whether nothing is wanted at all.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
            && self.directories.is_empty()
            && self.names.is_empty()
            && self.endings.values.is_empty()
            && self.any_directories.values.is_empty()
    }

    /// Who wants this path.
    pub fn wanted(&self, path: &ImagePath) -> ExtractorSet {
        let bytes = path.as_bytes();
        let cut = bytes.iter().rposition(|byte| *byte == b'/');
        let (directory, name) = match cut {
            Some(at) => (&bytes[..at], &bytes[at + 1..]),
            None => (&bytes[..0], bytes),
        };
        let mut set = self.paths.get(bytes).copied().unwrap_or_default();
        if let Some(endings) = self.directories.get(directory) {
            for (ending, more) in endings {
                if name.ends_with(ending) {
                    set = set.with(*more);
                }
            }
        }
        if let Some(more) = self.names.get(name) {
            set = set.with(*more);
        }
        for more in self.endings.of(name) {
            set = set.with(*more);
        }
        for (ending, more) in self.any_directories.of(last_name(directory)).flatten() {
            if name.ends_with(ending) {
                set = set.with(*more);
            }
        }
        set
    }
}

/// What follows the last slash.
fn last_name(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(path, |at| &path[at + 1..])
}

fn add(map: &mut HashMap<Box<[u8]>, ExtractorSet>, key: &[u8], set: ExtractorSet) {
    let entry = map.entry(key.into()).or_default();
    *entry = entry.with(set);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_pattern_is_found() {
        let patterns = [
            (0, Pattern::Path("/etc/os-release")),
            (1, Pattern::In("var/lib/dpkg/status.d", "")),
            (2, Pattern::Name("package.json")),
            (3, Pattern::Ending(".jar")),
            (4, Pattern::Path("etc/os-release")),
            (100, Pattern::InAny(".dist-info", "METADATA")),
            (101, Pattern::InAny("conda-meta", ".json")),
        ];
        let matcher = Matcher::new(patterns.iter().map(|(index, pattern)| (*index, pattern)));
        let wanted = |path| matcher.wanted(&ImagePath::new(path)).indices().collect::<Vec<_>>();
        assert_eq!(wanted("etc/os-release"), [0, 4]);
        assert_eq!(wanted("var/lib/dpkg/status.d/base"), [1]);
        assert_eq!(wanted("var/lib/dpkg/status.d/x/y"), [0; 0]);
        assert_eq!(wanted("app/node_modules/x/package.json"), [2]);
        assert_eq!(wanted("package.json"), [2]);
        assert_eq!(wanted("a/b.jar"), [3]);
        assert_eq!(wanted("a/b.jar.txt"), [0; 0]);
        assert_eq!(wanted("usr/lib/x-1.dist-info/METADATA"), [100]);
        assert_eq!(wanted("usr/lib/x-1.dist-info/deeper/METADATA"), [0; 0]);
        assert_eq!(wanted("conda-meta/x.json"), [101]);
        assert_eq!(wanted("METADATA"), [0; 0]);
    }
}
