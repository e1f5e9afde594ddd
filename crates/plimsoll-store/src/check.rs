//! Whether an SQLite database is whole: its pages, its references, and what it says twice.
//!
//! For tests that end a process at random moments, and for whoever doubts a disk. Only reads.

use std::path::Path;

use sqlx::sqlite::SqlitePoolOptions;

use crate::database::{Database, Row, Session, sql};
use crate::{Error, copy, listed};

/// What is wrong with a database, in words; nothing where all is well. Nobody may be writing to it.
pub async fn check_sqlite(path: &Path) -> Result<Vec<String>, Error> {
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(copy::options(path)).await?;
    let database = Database::sqlite(pool.clone(), pool);
    let faults = match database.read().await {
        Ok(mut session) => faults(&mut session).await,
        Err(error) => Err(error),
    };
    database.close().await;
    faults
}

async fn faults(session: &mut Session) -> Result<Vec<String>, Error> {
    let mut faults = session.all(sql("PRAGMA integrity_check(20)"), |row| row.get::<String>(0)).await?;
    faults.retain(|it| it != "ok");
    let references = sql("SELECT \"table\", COALESCE(rowid, 0) FROM pragma_foreign_key_check LIMIT 20");
    let read = |row: &Row| {
        let (table, row): (String, i64) = (row.get(0)?, row.get(1)?);
        Ok(format!("row {row} of {table} refers to a row that is not there"))
    };
    faults.extend(session.all(references, read).await?);
    let drifted = listed::drifted(session).await?;
    let drifted = drifted.iter().take(20).map(|it| format!("lists say of artifact {it} what is not so"));
    faults.extend(drifted);
    // An outcome or a job: a scan with neither is in no state at all.
    let lost = sql("SELECT s.id FROM scans AS s WHERE s.outcome IS NULL
            AND NOT EXISTS (SELECT 1 FROM jobs AS j WHERE j.id = s.job_id AND j.state <> 'done') LIMIT 20");
    let read = |row: &Row| row.get::<i64>(0).map(|it| format!("scan {it} has neither an outcome nor a job"));
    faults.extend(session.all(lost, read).await?);
    Ok(faults)
}
