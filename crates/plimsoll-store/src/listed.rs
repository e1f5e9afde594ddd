//! What lists of artifacts are read by: columns of an artifact that repeat what other tables say of it.
//!
//! None of them is ever told what it should be. Each is made again of what it repeats, in the transaction
//! that changed that, so that it cannot drift; every test of the store ends by comparing them.

use serde_json::json;

use crate::database::{Session, Transaction, over_list, sql};
use crate::rank::rank;
use crate::units::lists;
use crate::{ArtifactId, Error, JobId, indexes};

/// Where the scanning of an artifact stands: its newest scan's outcome, or else where its job is.
macro_rules! state {
    () => {
        "COALESCE((SELECT COALESCE(s.outcome, CASE
                WHEN j.state = 'running' THEN 'scanning'
                WHEN j.state IN ('waiting', 'queued') THEN 'queued'
                ELSE j.state END)
            FROM scans AS s LEFT JOIN jobs AS j ON j.id = s.job_id
            WHERE s.artifact_id = artifacts.id ORDER BY s.id DESC LIMIT 1), 'not_scanned')"
    };
}

/// The bytes of an image's configuration and layers, each once, here or in the registry that has them.
macro_rules! size {
    () => {
        "COALESCE((SELECT CAST(SUM(b.size_bytes) AS BIGINT) FROM blobs AS b WHERE b.digest IN (
            SELECT l.digest FROM artifact_blobs AS l WHERE l.artifact_id = artifacts.id)), 0)
            + artifacts.elsewhere_bytes"
    };
}

/// Scans of artifacts began or ended.
pub(crate) async fn scans_changed(
    transaction: &mut Transaction,
    artifacts: &[ArtifactId],
) -> Result<(), Error> {
    for list in lists(artifacts, |it| json!([it.number()])) {
        let statement = over_list!(
            transaction,
            concat!(
                "UPDATE artifacts SET state = ",
                state!(),
                " WHERE is_index = 0 AND id IN (SELECT CAST(j.value ->> 0 AS BIGINT) FROM"
            ),
            ")"
        );
        transaction.execute(statement.bind(list)).await?;
    }
    indexes::images_changed(transaction, artifacts).await
}

/// The job of scans went on.
pub(crate) async fn job_changed(transaction: &mut Transaction, job: JobId) -> Result<(), Error> {
    let statement = sql("SELECT s.artifact_id FROM scans AS s WHERE s.job_id = $1 AND s.outcome IS NULL");
    let waiting: Vec<ArtifactId> = transaction.all(statement.bind(job), |row| row.get(0)).await?;
    scans_changed(transaction, &waiting).await
}

/// What an artifact is made of: it is new. Of an index it is what its images are made of.
pub(crate) async fn artifact_made(transaction: &mut Transaction, artifact: ArtifactId) -> Result<(), Error> {
    let statement = sql(concat!("UPDATE artifacts SET image_size_bytes = ", size!(), " WHERE id = $1"));
    transaction.execute(statement.bind(artifact)).await?;
    indexes::images_changed(transaction, &[artifact]).await
}

/// A tag was pointed at an artifact, or away from it.
pub(crate) async fn tag_changed(transaction: &mut Transaction, artifact: ArtifactId) -> Result<(), Error> {
    let statement = sql("UPDATE artifacts SET has_tag = CASE WHEN EXISTS (
            SELECT 1 FROM tags AS t WHERE t.artifact_id = artifacts.id) THEN 1 ELSE 0 END WHERE id = $1");
    transaction.execute(statement.bind(artifact)).await.map(drop)
}

/// The newest result of an artifact is another one. Its scan has changed as well, which is said afterwards.
pub(crate) async fn result_changed(transaction: &mut Transaction, artifact: ArtifactId) -> Result<(), Error> {
    let statement = sql(concat!(
        "UPDATE artifacts SET rank = ",
        rank!(),
        ", scanned_at = x.scanned_at, has_fix = CASE WHEN x.fixable > 0 THEN 1 ELSE 0 END
        FROM results AS x WHERE x.artifact_id = artifacts.id AND artifacts.id = $1"
    ));
    transaction.execute(statement.bind(artifact)).await.map(drop)
}

/// The newest results of all artifacts with these inventories were counted anew; the list is of arrays
/// that begin with an inventory's number.
pub(crate) async fn results_changed(transaction: &mut Transaction, list: &str) -> Result<(), Error> {
    // Most recounts change neither, and each row that is written is written into several indexes.
    let statement = over_list!(
        transaction,
        concat!(
            "UPDATE artifacts SET rank = n.rank, has_fix = n.has_fix
            FROM (SELECT x.artifact_id AS artifact_id, ",
            rank!(),
            " AS rank, CASE WHEN x.fixable > 0 THEN 1 ELSE 0 END AS has_fix FROM"
        ),
        "JOIN results AS x ON x.inventory_id = CAST(j.value ->> 0 AS BIGINT)) AS n
        WHERE artifacts.id = n.artifact_id AND (artifacts.rank <> n.rank OR artifacts.has_fix <> n.has_fix)
        RETURNING id"
    );
    let changed: Vec<ArtifactId> = transaction.all(statement.bind(list), |row| row.get(0)).await?;
    indexes::images_changed(transaction, &changed).await
}

/// Another verdict holds.
pub(crate) async fn verdict_changed(
    transaction: &mut Transaction,
    artifact: ArtifactId,
) -> Result<(), Error> {
    let statement = sql("UPDATE artifacts SET verdict = (SELECT v.answer FROM verdicts AS v
            WHERE v.artifact_id = artifacts.id ORDER BY v.id DESC LIMIT 1) WHERE id = $1");
    transaction.execute(statement.bind(artifact)).await.map(drop)
}

/// The artifacts of which a column says something else than what it repeats; none, unless this file has a
/// mistake.
pub(crate) async fn drifted(session: &mut Session) -> Result<Vec<ArtifactId>, Error> {
    let statement = sql(concat!(
        "SELECT artifacts.id FROM artifacts LEFT JOIN results AS x ON x.artifact_id = artifacts.id
        WHERE (artifacts.is_index = 0 AND (artifacts.state <> ",
        state!(),
        " OR artifacts.rank <> COALESCE(",
        rank!(),
        ", -1) OR artifacts.image_size_bytes <> ",
        size!(),
        " OR artifacts.has_fix <> CASE WHEN x.fixable > 0 THEN 1 ELSE 0 END
            OR COALESCE(artifacts.scanned_at, -1) <> COALESCE(x.scanned_at, -1)))
            OR COALESCE(artifacts.verdict, '') <> COALESCE((SELECT v.answer FROM verdicts AS v
                WHERE v.artifact_id = artifacts.id ORDER BY v.id DESC LIMIT 1), '')
            OR artifacts.has_tag <> CASE WHEN EXISTS (
                SELECT 1 FROM tags AS t WHERE t.artifact_id = artifacts.id) THEN 1 ELSE 0 END
            OR artifacts.is_referrer <> CASE WHEN artifacts.subject_digest IS NULL THEN 0 ELSE 1 END"
    ));
    let mut drifted: Vec<ArtifactId> = session.all(statement, |row| row.get(0)).await?;
    drifted.extend(indexes::drifted(session).await?);
    Ok(drifted)
}
