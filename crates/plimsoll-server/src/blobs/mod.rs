//! Blobs as files, and the uploads that become them.
//!
//! [`BlobStore`] is all that the registry knows of storage; a directory is the one that is there.
//! A blob lies under a key of its own, made up when its upload began and never used twice; which
//! digest lies under which key stands in the database. So a blob that is being deleted and the
//! same one that is just being pushed are two files, and neither takes the other away.
//!
//! A store knows nothing of repositories and of who may read what. It never holds a blob in
//! memory, and never makes a path of anything but checked hexadecimal digits.

mod directory;
mod error;
mod hash;
mod key;
mod read;
#[cfg(test)]
mod tests;
mod upload;

use std::time::SystemTime;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use plimsoll_core::Digest;

pub use directory::Directory;
pub use error::BlobError;
pub use hash::Hash;
pub use key::{BlobKey, BlobKeyError};

/// Bytes on their way in, as a request's body gives them.
pub type Incoming = BoxStream<'static, Result<Bytes, Box<dyn std::error::Error + Send + Sync>>>;

/// Bytes on their way out.
pub type Outgoing = BoxStream<'static, std::io::Result<Bytes>>;

/// A future that a store gives back.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, BlobError>>;

/// Where blobs lie.
///
/// An upload is a growing file with an id; `finish` turns it into a blob if its digest is the one
/// that was said, and removes it if not. What was acknowledged by `finish` survives a crash.
pub trait BlobStore: Send + Sync + 'static {
    /// A part of a blob that is there, in pieces of bounded size.
    fn read(&self, blob: BlobKey, first: u64, length: u64) -> Answer<'_, Outgoing>;

    /// The file of a blob, or of an upload that grows, for those who read it on a thread of their
    /// own; `None` where it is in no file. May wait for the disk.
    fn file(&self, key: BlobKey) -> std::io::Result<Option<std::fs::File>>;

    /// Forgets a blob or an upload; it is no error if there is none.
    fn delete(&self, blob: BlobKey) -> Answer<'_, ()>;

    /// Begins an upload.
    fn begin(&self) -> Answer<'_, BlobKey>;

    /// How many bytes of an upload have arrived.
    fn offset(&self, upload: BlobKey) -> Answer<'_, u64>;

    /// Appends to an upload what `content` has; gives back how much it has then.
    ///
    /// If the content breaks off, what came is kept, so that the client can go on from there.
    fn append(&self, upload: BlobKey, at: Place, content: Incoming) -> Answer<'_, u64>;

    /// Ends an upload: checks its digest, keeps it as a blob under its key. Gives back its size.
    /// Saying it again of what is a blob already checks it again.
    fn finish(&self, upload: BlobKey, digest: Digest) -> Answer<'_, u64>;

    /// Ends an upload and keeps nothing of it.
    fn cancel(&self, upload: BlobKey) -> Answer<'_, ()>;

    /// Removes the uploads to which nothing was added since `before`; gives back how many.
    fn sweep(&self, before: SystemTime) -> Answer<'_, usize>;
}

/// Where an appended chunk must begin, and where it must end at the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The offset that the upload must have, if the client said one.
    pub offset: Option<u64>,
    /// The most bytes that the upload may have afterwards.
    pub size_bytes_max: u64,
}
