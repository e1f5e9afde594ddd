//! Backups of a data directory, made while a server has it, and the way back.
//!
//! A backup is a tar archive: what it is, the database, the key of tokens, the blobs, and at last a
//! word that it is whole. Uploads that are not done, the vulnerability database and the facts of layers
//! are not in it: they are made again. Nothing is restored into a directory that has something, and no
//! path is made of a name that stands in an archive.

mod restore;
#[cfg(test)]
mod tests;
mod write;

pub use restore::{Restored, restore};
pub use write::{Saved, backup};

use std::io;

use serde::{Deserialize, Serialize};

/// The first entry: what the archive is.
const ABOUT: &str = "plimsoll-backup.json";
const DATABASE: &str = "plimsoll.db";
const KEY: &str = "token.key";
const BLOBS: &str = "blobs/";
/// The last entry.
const WHOLE: &str = "whole";

/// The form of archives that is written and read here.
const FORM: u32 = 1;

/// What the first entry says.
#[derive(Debug, Serialize, Deserialize)]
struct About {
    form: u32,
    program: String,
    made_at: String,
}

/// Why there is no backup, or no way back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file.
    #[error("{what}: {source}")]
    File {
        /// Which, and what was to be done with it.
        what: String,
        /// Why it was not.
        source: io::Error,
    },
    /// The database.
    #[error("the database: {0}")]
    Store(#[from] plimsoll_store::Error),
    /// There is nothing to save.
    #[error("{0} has no database of SQLite")]
    Nothing(String),
    /// The server is deleting files, for too long.
    #[error("the server is collecting what it does not need; try again")]
    Busy,
    /// There is something already.
    #[error("{0} is not empty")]
    Full(String),
    /// The archive is none of ours, broken off, or changed.
    #[error("the backup cannot be used: {0}")]
    Archive(String),
}

fn failed(what: impl Into<String>) -> impl FnOnce(io::Error) -> BackupError {
    let what = what.into();
    move |source| BackupError::File { what, source }
}
