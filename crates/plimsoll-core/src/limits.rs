//! How much of everything Plimsoll is willing to read.
//!
//! Each limit that is hit becomes a `Problem` in the report; none is silent.

/// The bounds of one scan. The caller knows the defaults; see [`Limits::standard`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Entries of one layer's archive.
    pub layer_entries: u64,
    /// Bytes of one path or link target, all extensions included.
    pub path_bytes: usize,
    /// Bytes of one extended (pax or GNU long name) header.
    pub extended_header_bytes: u64,
    /// Bytes of one layer when inflated.
    pub layer_bytes: u64,
    /// Bytes of all layers of an image when inflated.
    pub image_bytes: u64,
    /// How many times larger than the compressed a layer may become, once beyond
    /// [`Limits::ratio_from_bytes`].
    pub ratio: u64,
    /// Inflated bytes before the ratio is looked at; small layers of zeros are honest.
    pub ratio_from_bytes: u64,
    /// Layers of one image.
    pub layers: usize,
    /// Bytes of one file that an extractor wants whole.
    pub wanted_file_bytes: u64,
    /// Bytes of all wanted files that one layer may hold in memory at a time.
    pub wanted_layer_bytes: u64,
    /// Bytes of a manifest or an index.
    pub manifest_bytes: u64,
    /// Bytes of an image configuration.
    pub config_bytes: u64,
    /// Indexes within indexes.
    pub index_depth: usize,
    /// Entries of all indexes together.
    pub index_entries: usize,
    /// Symbolic links followed for one path.
    pub symlinks: usize,
    /// Packages of one image.
    pub packages: usize,
    /// Problems kept for one image; the rest is counted.
    pub problems: usize,
    /// Seconds for the whole scan.
    pub seconds: u64,
}

impl Limits {
    /// Generous for honest images (the largest seen in the field have some 10 million entries
    /// in all and 60 GiB), tight enough that a hostile one cannot take the machine.
    pub fn standard() -> Limits {
        const MIB: u64 = 1 << 20;
        const GIB: u64 = 1 << 30;
        Limits {
            layer_entries: 5_000_000,
            // Linux takes no longer path (PATH_MAX).
            path_bytes: 4096,
            extended_header_bytes: MIB,
            layer_bytes: 32 * GIB,
            image_bytes: 64 * GIB,
            ratio: 200,
            ratio_from_bytes: GIB,
            layers: 512,
            wanted_file_bytes: 512 * MIB,
            wanted_layer_bytes: 768 * MIB,
            manifest_bytes: 4 * MIB,
            config_bytes: 8 * MIB,
            index_depth: 8,
            index_entries: 1_000,
            symlinks: 40,
            packages: 200_000,
            problems: 1_000,
            seconds: 3_600,
        }
    }
}
