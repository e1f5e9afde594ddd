//! The database that everything is judged by, swapped as a whole.
//!
//! Who judges holds it until the result is kept: a new one waits for that, so that no result of the
//! old one appears after everything was judged by the new one.

use std::sync::Arc;

use plimsoll_engine::db::{Database, DatabaseError, OpenSnapshot};
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// A snapshot, or none.
pub(super) type Current = Option<Arc<OpenSnapshot>>;

/// The database and the snapshot of it that holds.
pub(super) struct Snapshots {
    database: Database,
    current: Arc<RwLock<Current>>,
    /// One is exchanged at a time.
    pub(super) exchange: tokio::sync::Mutex<()>,
}

impl Snapshots {
    pub(super) fn new(database: Database) -> Snapshots {
        Snapshots { database, current: Arc::default(), exchange: tokio::sync::Mutex::default() }
    }

    pub(super) fn database(&self) -> &Database {
        &self.database
    }

    /// The snapshot that holds, for as long as this is kept.
    pub(super) async fn hold(&self) -> OwnedRwLockReadGuard<Current> {
        Arc::clone(&self.current).read_owned().await
    }

    /// Leave to put another one in its place.
    pub(super) async fn replace(&self) -> OwnedRwLockWriteGuard<Current> {
        Arc::clone(&self.current).write_owned().await
    }

    /// The snapshot that the database has in use now, if it is not the one that holds; `None` also where
    /// there is none.
    pub(super) async fn newest_if_other(&self) -> Result<Current, DatabaseError> {
        let database = self.database.clone();
        let held = self.hold().await.as_ref().map(|open| open.info.sequence);
        let opened = tokio::task::spawn_blocking(move || match database.current()? {
            None => Ok(None),
            sequence if sequence == held => Ok(None),
            Some(sequence) => database.open_sequence(sequence).map(|open| Some(Arc::new(open))),
        });
        let path = self.database.directory().to_owned();
        opened
            .await
            .unwrap_or_else(|error| Err(DatabaseError::Io { path, source: std::io::Error::other(error) }))
    }
}
