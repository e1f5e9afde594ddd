//! A database on its way to others: as one file through an air gap, or as an artifact of a
//! registry.
//!
//! What travels is what was read of each feed (its shard), and a recipe that says which shards make
//! which snapshot. Whoever gets it checks the signature of the recipe and the digest of everything
//! that it names, builds the snapshot, and compares that. Feeds that may not be given to others
//! never enter.

mod archive;
mod export;
mod form;
mod import;
mod plan;
mod registry;
mod unpack;

use std::io;
use std::path::PathBuf;

use plimsoll_core::{Digest, Timestamp};

use super::sign::SignatureError;
use super::store::DatabaseError;

pub use archive::{ArchiveSource, write_archive};
pub use export::{Bundle, ExportOptions, export};
pub use form::{BundleFeed, BundleRecipe, Piece};
pub use import::{ImportOptions, ImportSummary, Trust, import};
pub use registry::{Published, RegistrySource, publish};

/// Where a bundle is read from.
pub trait BundleSource {
    /// Its name, for people.
    fn name(&self) -> String;

    /// The manifest.
    ///
    /// # Errors
    /// Where there is none, or one too large.
    fn manifest(&self) -> Result<Vec<u8>, BundleError>;

    /// A blob of this digest and size, which the caller has found bearable; verified.
    ///
    /// # Errors
    /// Where it is not there, or is another.
    fn blob(&self, digest: &Digest, size_bytes: u64) -> Result<Vec<u8>, BundleError>;
}

/// One thing that happens while a bundle is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BundleEvent {
    /// What comes out at the other end is built here, since something stays behind.
    Building,
    /// So much of what has to be packed is packed.
    Packing {
        /// Bytes that are packed.
        done_bytes: u64,
        /// Bytes that will be.
        of_bytes: u64,
    },
    /// So much of what is not there yet was sent.
    Sending {
        /// Bytes that were sent.
        done_bytes: u64,
        /// Bytes that will be.
        of_bytes: u64,
    },
}

/// Why a bundle could not be made or taken.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// A feed is not known.
    #[error("there is no feed `{0}` here; `plimsoll db status` lists those that this Plimsoll knows")]
    UnknownFeed(String),
    /// Nothing may be exported.
    #[error("of the feeds that were asked for, none is there that may be given to others")]
    Nothing,
    /// What the older snapshot was built from is not kept.
    #[error(
        "what snapshot {0} was built from is not kept, so it cannot be passed on, and what changed since cannot be told"
    )]
    NoRecipe(u64),
    /// It is no bundle, or damaged.
    #[error("{name} is not a database of Plimsoll's, or damaged: {why}")]
    Malformed {
        /// Of what.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// There is no signature.
    #[error("{0} is not signed")]
    NotSigned(String),
    /// The signature is not good.
    #[error("{name}: {source}")]
    Signature {
        /// Of what.
        name: String,
        /// What is wrong.
        source: SignatureError,
    },
    /// What is there is newer.
    #[error("{name} is of {theirs}, and what is here of the feed `{feed}` is of {ours}")]
    Older {
        /// The bundle.
        name: String,
        /// The feed.
        feed: String,
        /// When the bundle was built.
        theirs: Timestamp,
        /// When our data were accepted.
        ours: Timestamp,
    },
    /// It holds only what changed since a database that is not here.
    #[error(
        "{name} holds of the feed `{feed}` only what changed since another database than the one here; a whole one is needed"
    )]
    NoBase {
        /// The bundle.
        name: String,
        /// The feed.
        feed: String,
    },
    /// Another snapshot came out.
    #[error("from {name} the snapshot {built} comes out, and its recipe says {said}")]
    OtherSnapshot {
        /// The bundle.
        name: String,
        /// What came out.
        built: String,
        /// What the recipe says.
        said: String,
    },
    /// The snapshot could not be built.
    #[error("the snapshot could not be built: {0}")]
    Build(String),
    /// The database could not be read or written.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The registry did not do its part.
    #[error("{}", .0.with_causes())]
    Registry(#[from] plimsoll_registry::Error),
    /// A file could not be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

fn sha256(bytes: &[u8]) -> Digest {
    use sha2::{Digest as _, Sha256};
    Digest::sha256(Sha256::digest(bytes).into())
}
