//! What one layer does to the file system, without the content of its files: enough to say
//! later which file of which layer is the one that a container would see.
//!
//! Links, whiteouts and opaque directories are kept by name. Of the many ordinary files only
//! keyed hashes are kept, eight bytes each; the key is secret, so that nobody can make two
//! names collide on purpose and hide one behind the other.

use std::hash::Hasher;

use plimsoll_core::ImagePath;

/// A symbolic or hard link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Whether it is a hard link, whose target is a path from the root of the image.
    pub hard: bool,
    /// Where it points, as written.
    pub target: Box<[u8]>,
}

/// The key of the hashes of one index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKey(pub [u8; 16]);

impl HashKey {
    /// The hash of a path under this key.
    pub fn hash(&self, path: &[u8]) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(&self.0);
        hasher.write(path);
        hasher.finish()
    }

    /// The hash of a fixed text. Stored with an index, it shows whether the hash function is
    /// still the one that made it (the standard library promises no particular one).
    pub fn probe(&self) -> u64 {
        self.hash(b"plimsoll layer index")
    }
}

/// The structure of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerIndex {
    /// The key of the hashes below.
    pub key: HashKey,
    /// Links by path, sorted.
    pub links: Vec<(ImagePath, Link)>,
    /// Paths that this layer removes from those below, sorted.
    pub whiteouts: Vec<ImagePath>,
    /// Directories whose content below is hidden, sorted.
    pub opaques: Vec<ImagePath>,
    /// Hashes of regular files, sorted.
    pub regular: Vec<u64>,
    /// Hashes of devices, FIFOs and the like, sorted.
    pub special: Vec<u64>,
    /// Hashes of directories that have an entry of their own, sorted.
    pub directories: Vec<u64>,
    /// Entries in the archive, headers of extensions not counted.
    pub entries: u64,
    /// Bytes of the archive, uncompressed.
    pub size_bytes: u64,
}

/// What a layer itself has at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here<'a> {
    /// A regular file.
    Regular,
    /// A link.
    Link(&'a Link),
    /// A directory with an entry of its own.
    Directory,
    /// A device, a FIFO or a socket.
    Special,
    /// A whiteout: what is below is gone.
    Removed,
    /// Nothing.
    Nothing,
}

impl LayerIndex {
    /// An index of a layer without entries.
    pub fn empty(key: HashKey) -> LayerIndex {
        LayerIndex {
            key,
            links: Vec::new(),
            whiteouts: Vec::new(),
            opaques: Vec::new(),
            regular: Vec::new(),
            special: Vec::new(),
            directories: Vec::new(),
            entries: 0,
            size_bytes: 0,
        }
    }

    /// What the layer's archive has at exactly this path.
    pub fn here(&self, path: &ImagePath) -> Here<'_> {
        self.here_hashed(path, self.key.hash(path.as_bytes()))
    }

    /// The same, for callers who have the path's hash.
    pub(crate) fn here_hashed(&self, path: &ImagePath, hash: u64) -> Here<'_> {
        if self.regular.binary_search(&hash).is_ok() {
            Here::Regular
        } else if let Some(link) = self.link(path) {
            Here::Link(link)
        } else if self.directories.binary_search(&hash).is_ok() {
            Here::Directory
        } else if self.special.binary_search(&hash).is_ok() {
            Here::Special
        } else if self.whiteouts.binary_search(path).is_ok() {
            Here::Removed
        } else {
            Here::Nothing
        }
    }

    /// The link at exactly this path.
    pub fn link(&self, path: &ImagePath) -> Option<&Link> {
        let at = self.links.binary_search_by(|(it, _)| it.cmp(path)).ok()?;
        Some(&self.links[at].1)
    }

    /// Whether this directory hides what lower layers have below it.
    pub fn is_opaque(&self, directory: &ImagePath) -> bool {
        !self.opaques.is_empty() && self.opaques.binary_search(directory).is_ok()
    }
}

/// Tells quickly of most paths that a layer has nothing there: one bit of eight is set for each
/// path that it has.
pub(crate) struct Filter {
    bits: Vec<u64>,
}

impl Filter {
    /// For everything that [`LayerIndex::here`] finds in this layer.
    pub(crate) fn of(index: &LayerIndex) -> Filter {
        let named = index.links.iter().map(|(path, _)| path).chain(&index.whiteouts);
        let named = named.map(|path| index.key.hash(path.as_bytes()));
        let hashes = [&index.regular, &index.directories, &index.special].into_iter().flatten();
        let count = index.regular.len()
            + index.directories.len()
            + index.special.len()
            + index.links.len()
            + index.whiteouts.len();
        let mut filter = Filter { bits: vec![0; (count / 8 + 1).next_power_of_two()] };
        for hash in hashes.copied().chain(named) {
            let (word, bit) = filter.place(hash);
            if let Some(word) = filter.bits.get_mut(word) {
                *word |= bit;
            }
        }
        filter
    }

    /// Whether the layer may have something at the path with this hash.
    pub(crate) fn may_hold(&self, hash: u64) -> bool {
        let (word, bit) = self.place(hash);
        self.bits.get(word).is_some_and(|it| it & bit != 0)
    }

    fn place(&self, hash: u64) -> (usize, u64) {
        let word = usize::try_from(hash >> 32).unwrap_or(0) & self.bits.len().saturating_sub(1);
        (word, 1 << (hash & 63))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_passes_everything_that_is_there_and_little_else() {
        let mut index = LayerIndex::empty(HashKey([1; 16]));
        let paths = |directory: &str| {
            (0..1000).map(|it| ImagePath::new(&format!("{directory}/{it}"))).collect::<Vec<_>>()
        };
        let target = || Link { hard: false, target: Box::default() };
        index.links = paths("usr/bin").into_iter().map(|path| (path, target())).collect();
        index.whiteouts = paths("etc");
        index.regular = paths("usr/lib").iter().map(|path| index.key.hash(path.as_bytes())).collect();
        let filter = Filter::of(&index);
        let passed = |directory: &str| {
            paths(directory).iter().filter(|path| filter.may_hold(index.key.hash(path.as_bytes()))).count()
        };
        assert_eq!([passed("usr/bin"), passed("etc"), passed("usr/lib")], [1000; 3]);
        assert!(passed("usr/share") < 200);
        assert!(!Filter::of(&LayerIndex::empty(HashKey([1; 16]))).may_hold(7));
    }
}
