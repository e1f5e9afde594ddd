//! The packages of one image, each with where it came from.

use crate::{Digest, Distro, ImagePath, Package, PackageRef, Platform, Problem, UnnamedArchive};

/// One layer of an image, as the report shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerInfo {
    /// The digest of the uncompressed layer: as the scan computed it (or found it computed before)
    /// where it is `verified`, otherwise as the image claims.
    pub diff_id: Digest,
    /// Whether the layer's bytes were hashed. Those of a local Docker archive are not unless
    /// somebody asks: nothing but the archive itself says what they should be.
    pub verified: bool,
    /// The digest under which a registry holds it, if it has one.
    pub digest: Option<Digest>,
    /// Its size as stored, in bytes.
    pub size_bytes: Option<u64>,
    /// The instruction that made it, from the image's history.
    pub instruction: Option<String>,
    /// Whether it is one of the base image's, as far as the history tells; `None` where it does not.
    pub from_base: Option<bool>,
    /// The instructions behind it that made no layer (`ENV`, `USER`, `CMD`), up to the next layer; of the first
    /// layer those before it as well.
    pub settings: Vec<String>,
}

/// Where a package came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file that shows the package.
    pub path: ImagePath,
    /// The layer that brought in this version, as an index into the image's layers; `None`
    /// for a directory that is no image.
    pub layer: Option<usize>,
    /// The extractor that found it, `os/dpkg`.
    pub extractor: String,
}

/// A package of the squashed image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledPackage {
    /// What it is.
    pub package: Package,
    /// Its package URL.
    pub purl: String,
    /// Where it came from.
    pub origin: Origin,
    /// The operating system's package that its file belongs to, where it is not itself one.
    pub owner: Option<PackageRef>,
}

/// Everything installed in one image: what the matcher works on.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Inventory {
    /// The distribution, if one was recognised.
    pub distro: Option<Distro>,
    /// The platform that the configuration names.
    pub platform: Option<Platform>,
    /// The layers, base first.
    pub layers: Vec<LayerInfo>,
    /// The packages, ordered by purl and path.
    pub packages: Vec<InstalledPackage>,
    /// Archives that nobody names, each with the file that holds it.
    pub unnamed: Vec<(ImagePath, UnnamedArchive)>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}
