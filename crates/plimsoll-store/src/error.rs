//! Why the store did not do what it was asked for.
//!
//! The cause is in `source()` and never in the text.

use std::fmt;

use plimsoll_core::Digest;

/// What the store keeps, by the names that a user knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noun {
    /// A namespace.
    Namespace,
    /// A repository inside of a namespace.
    Repository,
    /// A blob that this repository has.
    Blob,
    /// A manifest that this repository has.
    Manifest,
    /// A tag.
    Tag,
    /// An upload that was begun.
    Upload,
    /// A user.
    User,
    /// A robot.
    Robot,
    /// A token.
    Token,
    /// A scan.
    Scan,
    /// An exception.
    Exception,
    /// A webhook.
    Webhook,
    /// A delivery of a webhook.
    Delivery,
    /// A registry of others.
    Registry,
    /// Where a namespace's images lie, if not here.
    Source,
}

impl fmt::Display for Noun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Noun::Namespace => "namespace",
            Noun::Repository => "repository",
            Noun::Blob => "blob",
            Noun::Manifest => "manifest",
            Noun::Tag => "tag",
            Noun::Upload => "upload",
            Noun::User => "user",
            Noun::Robot => "robot",
            Noun::Token => "token",
            Noun::Scan => "scan",
            Noun::Exception => "exception",
            Noun::Webhook => "webhook",
            Noun::Delivery => "delivery",
            Noun::Registry => "registry",
            Noun::Source => "source",
        })
    }
}

/// Why the store did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such thing, or not here.
    #[error("there is no {what} `{name}`")]
    Unknown {
        /// What was looked for.
        what: Noun,
        /// How it was called.
        name: String,
    },
    /// There is one already.
    #[error("there is already a {what} `{name}`")]
    Exists {
        /// What was to be made.
        what: Noun,
        /// How it was called.
        name: String,
    },
    /// Something else needs it, or it still holds something.
    #[error("the {what} `{name}` is in use")]
    InUse {
        /// What was to be deleted.
        what: Noun,
        /// How it is called.
        name: String,
    },
    /// A manifest names something that its repository does not have.
    #[error("the manifest names a {what} that the repository does not have: {digest}")]
    Missing {
        /// A blob or a manifest.
        what: Noun,
        /// The first that is missing.
        digest: Digest,
    },
    /// The namespace would hold more than it may.
    #[error(
        "the namespace holds {used_bytes} of at most {quota_bytes} bytes, and {wanted_bytes} more were wanted"
    )]
    Quota {
        /// What it holds now.
        used_bytes: u64,
        /// What it may hold.
        quota_bytes: u64,
        /// What was to be added.
        wanted_bytes: u64,
    },
    /// An upload goes on at another place than its client thinks.
    #[error("the upload goes on at byte {expected_bytes}")]
    Offset {
        /// Where it goes on.
        expected_bytes: u64,
    },
    /// The caller may not; also where it may not know whether there is such a thing.
    #[error("not allowed")]
    Denied,
    /// Nobody would be left who may administer the instance.
    #[error("this is the last administrator")]
    LastAdministrator,
    /// A value that cannot be stored.
    #[error("{what} cannot be stored")]
    Invalid {
        /// What it was.
        what: &'static str,
    },
    /// The address of the database is of no kind that we know.
    #[error("`{scheme}` is no kind of database; write `sqlite:PATH` or `postgres://…`")]
    Address {
        /// What stands before the colon.
        scheme: String,
    },
    /// The database was written by a later version of this program.
    #[error("the database has schema {found}, this program knows up to {known}: use a newer program")]
    Newer {
        /// The database's schema.
        found: i64,
        /// The newest that we know.
        known: i64,
    },
    /// Somebody else changes the same; trying again helps.
    #[error("the database is busy; try again")]
    Busy(#[source] sqlx::Error),
    /// The disk or the database's quota is full.
    #[error("the database has no more room")]
    Full(#[source] sqlx::Error),
    /// What lies in the database is not what we wrote.
    #[error("the database holds {what} that cannot be read")]
    Corrupt {
        /// What it should be.
        what: &'static str,
    },
    /// The database did not do it.
    #[error("the database did not answer as it should")]
    Database(#[source] sqlx::Error),
}

impl Error {
    /// Whether two transactions were in each other's way, and this one gave way: done again at once it will
    /// most likely succeed.
    pub fn gave_way(&self) -> bool {
        let Error::Busy(sqlx::Error::Database(error)) = self else { return false };
        matches!(error.code().as_deref(), Some("517" | "40001" | "40P01"))
    }

    pub(crate) fn unknown(what: Noun, name: impl fmt::Display) -> Error {
        Error::Unknown { what, name: name.to_string() }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Error {
        let code = match &error {
            sqlx::Error::PoolTimedOut => return Error::Busy(error),
            sqlx::Error::Database(database) => database.code().unwrap_or_default().into_owned(),
            _ => return Error::Database(error),
        };
        match code.as_str() {
            // SQLite: busy, locked, busy by a snapshot, a row that another one needs. PostgreSQL:
            // serialisation, deadlock, the same.
            "5" | "6" | "517" | "787" | "40001" | "40P01" | "23503" => Error::Busy(error),
            // SQLite: full, and an error of writing. PostgreSQL: disk full.
            "13" | "778" | "53100" => Error::Full(error),
            _ => Error::Database(error),
        }
    }
}
