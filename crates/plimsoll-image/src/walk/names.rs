//! What the last entry of each name is: in an archive, as on disk, the later takes the place of
//! the earlier.
//!
//! Keeps hashes only. What lay below a directory that something else took the place of stays
//! here; nobody comes to it any more, since paths lead through what is in its place.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasherDefault, Hasher};

use plimsoll_core::ImagePath;

use crate::index::HashKey;

/// What is at a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Regular,
    Link,
    Special,
    /// A device that stands for the absence of a file.
    Removed,
    Directory,
    /// A directory without an entry of its own, which engines make for what lies in it.
    Implied,
}

/// The names of one layer.
pub(super) struct Names {
    key: HashKey,
    kinds: HashMap<u64, Kind, BuildHasherDefault<Hashed>>,
    /// The directory that was implied last: archives list one directory after the other.
    directory: Vec<u8>,
}

impl Names {
    pub(super) fn new(key: HashKey) -> Names {
        Names { key, kinds: HashMap::default(), directory: Vec::new() }
    }

    /// How many names there are.
    pub(super) fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Notes an entry, and says in whose place it comes.
    pub(super) fn put(&mut self, path: &ImagePath, kind: Kind) -> Option<Kind> {
        self.imply_parents(path);
        self.kinds.insert(self.key.hash(path.as_bytes()), kind)
    }

    /// Notes the directories above, up to one that is known: those above it are known as well.
    fn imply_parents(&mut self, path: &ImagePath) {
        let Some(mut directory) = parent(path.as_bytes()).filter(|it| *it != self.directory) else {
            return;
        };
        self.directory.clear();
        self.directory.extend_from_slice(directory);
        while let Entry::Vacant(place) = self.kinds.entry(self.key.hash(directory)) {
            place.insert(Kind::Implied);
            match parent(directory) {
                Some(above) => directory = above,
                None => return,
            }
        }
    }

    /// The hashes of everything that is of one kind, sorted.
    pub(super) fn hashes(&self, kind: Kind) -> Vec<u64> {
        let mut hashes: Vec<u64> =
            self.kinds.iter().filter(|(_, it)| **it == kind).map(|(hash, _)| *hash).collect();
        hashes.sort_unstable();
        hashes.shrink_to_fit();
        hashes
    }
}

/// The directory that a path lies in; `None` where that is the root.
fn parent(path: &[u8]) -> Option<&[u8]> {
    path.iter().rposition(|byte| *byte == b'/').map(|end| &path[..end])
}

/// Takes hashes as they are: they are keyed already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes of 64 bits are kept");
    }
    fn finish(&self) -> u64 {
        self.0
    }
}
