//! What a scan tells while it runs, for progress displays and servers.

use plimsoll_core::Platform;

/// One thing that happened; may come from several threads at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// An image was found, with so many layers and, where known, so many stored bytes to read.
    Image {
        /// Its platform.
        platform: Option<Platform>,
        /// Its layers.
        layers: usize,
        /// Stored bytes of the layers whose facts are not known yet.
        to_read_bytes: u64,
    },
    /// So many stored bytes more were read.
    Read(u64),
    /// A layer is done.
    Layer {
        /// Whether its facts were known before.
        known: bool,
    },
    /// All layers of an image are done; packages are being matched.
    Matching,
}

/// Who listens.
pub type Listener<'a> = &'a (dyn Fn(Progress) + Sync);
