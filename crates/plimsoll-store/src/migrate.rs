//! Brings a database's schema up to date, one numbered script after the other.
//!
//! All of it happens in one transaction under a lock: two processes that start at the same time
//! do not migrate twice, and one that dies halfway leaves what was there. A schema later than
//! ours is refused and never touched.

use plimsoll_core::Timestamp;

use crate::Error;
use crate::database::{Database, Session, sql};

macro_rules! scripts {
    ($folder:literal) => {
        &[
            include_str!(concat!("../migrations/", $folder, "/0001_registry.sql")),
            include_str!(concat!("../migrations/", $folder, "/0002_accounts.sql")),
            include_str!(concat!("../migrations/", $folder, "/0003_jobs.sql")),
            include_str!(concat!("../migrations/", $folder, "/0004_scans.sql")),
            include_str!(concat!("../migrations/", $folder, "/0005_exceptions.sql")),
            include_str!(concat!("../migrations/", $folder, "/0006_index.sql")),
            include_str!(concat!("../migrations/", $folder, "/0010_gate.sql")),
            include_str!(concat!("../migrations/", $folder, "/0011_webhooks.sql")),
            include_str!(concat!("../migrations/", $folder, "/0040_lists.sql")),
            include_str!(concat!("../migrations/", $folder, "/0030_issuer.sql")),
            include_str!(concat!("../migrations/", $folder, "/0050_listed.sql")),
            include_str!(concat!("../migrations/", $folder, "/0060_overview.sql")),
            include_str!(concat!("../migrations/", $folder, "/0070_images.sql")),
            include_str!(concat!("../migrations/", $folder, "/0080_coverage.sql")),
            include_str!(concat!("../migrations/", $folder, "/0090_engine.sql")),
            include_str!(concat!("../migrations/", $folder, "/0100_registries.sql")),
            include_str!(concat!("../migrations/", $folder, "/0110_epss.sql")),
        ]
    };
}

/// The scripts, the first of which makes version 1.
pub(crate) const SQLITE: &[&str] = scripts!("sqlite");
/// The same for PostgreSQL; a test holds that both say the same.
pub(crate) const POSTGRES: &[&str] = scripts!("postgres");

/// A number of ours for PostgreSQL's advisory locks, which are shared by all of a database's users.
const LOCK: i64 = 0x706c_696d;

pub(crate) async fn migrate(
    database: &Database,
    scripts: &[&'static str],
    now: Timestamp,
) -> Result<(), Error> {
    let mut transaction = database.write().await?;
    if matches!(*transaction, Session::PostgresWrite(_)) {
        transaction.execute(sql("SELECT pg_advisory_xact_lock($1)").bind(LOCK)).await?;
    }
    transaction
        .script(
            "CREATE TABLE IF NOT EXISTS schema_versions (version BIGINT PRIMARY KEY, applied_at BIGINT NOT NULL)",
        )
        .await?;
    let newest = sql("SELECT COALESCE(MAX(version), 0) FROM schema_versions");
    let found: i64 = transaction.one(newest, |row| row.get(0)).await?;
    let known = i64::try_from(scripts.len()).unwrap_or(i64::MAX);
    if found > known {
        return Err(Error::Newer { found, known });
    }
    for (version, script) in (1..).zip(scripts).filter(|(version, _)| *version > found) {
        transaction.script(script).await?;
        let applied = sql("INSERT INTO schema_versions (version, applied_at) VALUES ($1, $2)");
        transaction.execute(applied.bind(version).bind(now)).await?;
    }
    transaction.commit().await
}
