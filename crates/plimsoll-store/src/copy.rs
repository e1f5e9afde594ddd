//! Copies of an SQLite database for backups, made while others write to it.
//!
//! Opens the database for reading only and never migrates it: whoever makes a backup may be a later
//! program than the one that serves.

use std::path::Path;
use std::time::Duration;

use plimsoll_core::Digest;
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::database::{Database, sql};
use crate::{Blob, Error, StorageKey, migrate};

/// A writer holds its lock for milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(path).read_only(true).busy_timeout(PATIENCE)
}

/// Writes a whole and consistent copy of a database to a file that is not there yet.
pub async fn copy_sqlite(path: &Path, into: &Path) -> Result<(), Error> {
    let into = into.to_str().ok_or(Error::Invalid { what: "a path that is no text" })?;
    let mut connection = options(path).connect().await?;
    sqlx::query("VACUUM INTO $1").bind(into).execute(&mut connection).await?;
    sqlx::Connection::close(connection).await?;
    Ok(())
}

/// All blobs that a copy of a database names.
pub async fn blobs_of_copy(path: &Path) -> Result<Vec<Blob>, Error> {
    // One connection does for both roles: nothing is written.
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options(path)).await?;
    let database = Database::sqlite(pool.clone(), pool);
    let blobs = read_blobs(&database).await;
    database.close().await;
    blobs
}

async fn read_blobs(database: &Database) -> Result<Vec<Blob>, Error> {
    let mut session = database.read().await?;
    let newest = sql("SELECT COALESCE(MAX(version), 0) FROM schema_versions");
    let found: i64 = session.one(newest, |row| row.get(0)).await?;
    let known = i64::try_from(migrate::SQLITE.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Error::Newer { found, known });
    }
    let all = sql("SELECT digest, size_bytes, storage_key, created_at FROM blobs ORDER BY storage_key");
    let read = |row: &crate::database::Row| {
        Ok(Blob {
            digest: row.get::<Digest>(0)?,
            size_bytes: row.get(1)?,
            storage_key: row.get::<StorageKey>(2)?,
            created_at: row.get(3)?,
        })
    };
    session.all(all, read).await
}
