//! Why a server does not start.

use std::io;

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The data directory or something in it.
    #[error("cannot {what} {place}: {source}")]
    Directory {
        /// What was to be done.
        what: &'static str,
        /// With what.
        place: String,
        /// Why it was not.
        source: io::Error,
    },
    /// Another process has it.
    #[error("{place} is in use by another process")]
    InUse {
        /// The directory.
        place: String,
    },
    /// An SQLite file somewhere else, where two processes could have it.
    #[error(
        "`database` names a PostgreSQL; SQLite lies in the data directory, which one process has at a time: leave `database` out, and set `data_dir`"
    )]
    SharedSqlite,
    /// The store.
    #[error("the database: {0}")]
    Store(#[from] plimsoll_store::Error),
    /// The blobs.
    #[error("the blobs: {0}")]
    Blobs(#[from] crate::blobs::BlobError),
    /// The first administrator.
    #[error("the first administrator: {0}")]
    Administrator(String),
    /// The certificate or its key.
    #[error("{0}")]
    Tls(String),
    /// The issuer at whom users sign in.
    #[error("signing in by an issuer: {0}")]
    Oidc(String),
    /// Webhooks.
    #[error("webhooks: {0}")]
    Webhooks(String),
    /// The address to listen on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// Why not.
        source: io::Error,
    },
}
