//! Opening and closing the store.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_core::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::database::Database;
use crate::{Authoriser, Error, migrate};

/// Everything that outlives the process. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Store {
    pub(crate) database: Arc<Database>,
}

/// How the store uses its database.
#[derive(Clone, Debug)]
pub struct Options {
    /// Connections at a time: SQLite's readers, or all of PostgreSQL's.
    pub connections_max: u32,
    /// How long to wait for a connection, and on SQLite for another process' lock.
    pub patience: Duration,
}

impl Store {
    /// Opens `sqlite:PATH` (made if it is missing) or `postgres://…` and brings its schema up to
    /// date. A schema later than ours is refused.
    pub async fn open(address: &str, options: &Options, now: Timestamp) -> Result<Store, Error> {
        let database = match address.split_once(':') {
            Some(("sqlite", path)) => open_sqlite(path.trim_start_matches("//"), options, now).await?,
            Some(("postgres" | "postgresql", _)) => open_postgres(address, options, now).await?,
            // The rest may hold a password.
            other => {
                let scheme = other.map_or(address, |(scheme, _)| scheme).chars().take(32).collect();
                return Err(Error::Address { scheme });
            }
        };
        Ok(Store { database: Arc::new(database) })
    }

    /// What makes [`crate::Access`] values for this store.
    pub fn authoriser(&self) -> Authoriser {
        Authoriser { database: Arc::clone(&self.database) }
    }

    /// Waits for what is running and closes all connections.
    pub async fn close(&self) {
        self.database.close().await;
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), Error> {
        let mut session = self.database.read().await?;
        session.one(crate::database::sql("SELECT MAX(version) FROM schema_versions"), |_| Ok(())).await
    }
}

/// One writer, since SQLite has no more; readers do not wait for it (write-ahead log).
///
/// `NORMAL` never loses consistency. A power cut may take the last commits with it; a killed
/// process may not.
async fn open_sqlite(path: &str, options: &Options, now: Timestamp) -> Result<Database, Error> {
    let connect = SqliteConnectOptions::new()
        .filename(Path::new(path))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(options.patience)
        .statement_cache_capacity(256)
        .pragma("trusted_schema", "OFF")
        .pragma("temp_store", "MEMORY")
        // As PostgreSQL reads `LIKE`: tags have a case.
        .pragma("case_sensitive_like", "ON");
    let pool =
        || SqlitePoolOptions::new().acquire_timeout(options.patience).max_lifetime(None).idle_timeout(None);
    let writer = pool().max_connections(1).connect_with(connect.clone()).await?;
    let readers = pool()
        .max_connections(options.connections_max.max(1))
        .connect_lazy_with(connect.create_if_missing(false).pragma("query_only", "ON"));
    let database = Database::sqlite(writer, readers);
    migrate::migrate(&database, migrate::SQLITE, now).await?;
    Ok(database)
}

async fn open_postgres(address: &str, options: &Options, now: Timestamp) -> Result<Database, Error> {
    let connect: PgConnectOptions = address.parse()?;
    let pool = PgPoolOptions::new()
        .acquire_timeout(options.patience)
        .max_connections(options.connections_max.max(1))
        .connect_with(connect.application_name("plimsoll").statement_cache_capacity(256))
        .await?;
    let database = Database::Postgres(pool);
    migrate::migrate(&database, migrate::POSTGRES, now).await?;
    Ok(database)
}
