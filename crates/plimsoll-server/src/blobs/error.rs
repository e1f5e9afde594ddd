//! What can go wrong with a blob or an upload, by whose fault it is.

use std::io;

use plimsoll_core::Digest;

/// Why a store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// There is no such upload, or it is over.
    #[error("there is no such upload")]
    UploadUnknown,
    /// The file of a blob is gone.
    #[error("the file {0} of a blob is gone")]
    Gone(super::BlobKey),
    /// A chunk does not continue the upload.
    #[error("the upload has {offset} bytes and goes on behind them")]
    Offset {
        /// Where it goes on.
        offset: u64,
    },
    /// More than the registry takes.
    #[error("a blob may have {size_bytes_max} bytes")]
    TooLarge {
        /// The bound.
        size_bytes_max: u64,
    },
    /// The content is not what the client said.
    #[error("the content has the digest {actual}")]
    Digest {
        /// What it is.
        actual: Digest,
    },
    /// The client broke off.
    #[error("the content broke off")]
    Interrupted(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The storage is full.
    #[error("no space is left where blobs lie")]
    Full(#[source] io::Error),
    /// The storage failed.
    #[error("cannot {what}")]
    Storage {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

impl BlobError {
    /// An error of the storage, a full disk told apart.
    pub fn storage(what: &'static str, source: io::Error) -> BlobError {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BlobError::Full(source),
            _ => BlobError::Storage { what, source },
        }
    }
}
