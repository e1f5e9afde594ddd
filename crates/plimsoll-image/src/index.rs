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
        if let Some(link) = self.link(path) {
            return Here::Link(link);
        }
        let hash = self.key.hash(path.as_bytes());
        if self.regular.binary_search(&hash).is_ok() {
            Here::Regular
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
