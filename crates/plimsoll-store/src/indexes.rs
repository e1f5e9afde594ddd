//! An index is what its images are together: its state, its counts and its size are made of theirs.
//!
//! An index in an index counts as the images in it, and an image that is in several of them counts once.
//! What is kept beside an index for lists is made again here, in the transaction that changed an image.

use std::collections::HashMap;

use plimsoll_core::{Digest, Timestamp};
use serde_json::json;

use crate::database::{Row, Session, Transaction, over_list, sql};
use crate::rank::rank;
use crate::units::lists;
use crate::{ArtifactId, Counts, Error};

/// What the images of an index come to; [`Together`] has the words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Together {
    /// How many images it has that can be scanned, those that are gone as well.
    pub scannable: u64,
    /// How many of them have a result.
    pub scanned: u64,
    /// How many of them have one that is the word of their newest scan.
    pub complete: u64,
    /// How far they are, by bytes, where one of them is on its way.
    pub progress_percent: u8,
    /// Their findings, added.
    pub counts: Counts,
    /// Whether something in one of them could not be read.
    pub incomplete: bool,
    /// The snapshot that all of their results are by, if it is one.
    pub snapshot: Option<Digest>,
    /// When the one was scanned whose scan is the oldest.
    pub scanned_at: Option<Timestamp>,
    /// When a scan of one was asked for last.
    pub asked_at: Option<Timestamp>,
    /// When a scan of one ended last.
    pub ended_at: Option<Timestamp>,
}

impl Together {
    /// Whether an image lacks what a complete index says of all of them.
    pub fn is_limited(&self) -> bool {
        self.complete < self.scannable
    }
}

/// The indexes that begin it (pairs of the same number twice) with all that is in each. An artifact cannot
/// be in itself, since it is named by its digest.
macro_rules! inside {
    ($beginning:expr) => {
        concat!(
            "WITH RECURSIVE inside(root, id) AS (",
            $beginning,
            " UNION SELECT i.root, a.id FROM inside AS i
                JOIN artifacts AS p ON p.id = i.id AND p.is_index = 1
                JOIN artifact_children AS c ON c.parent_id = p.id
                JOIN artifacts AS a ON a.repository_id = p.repository_id AND a.digest = c.digest)"
        )
    };
}

/// What is added up of the images of each index.
macro_rules! added {
    () => {
        "SELECT i.root AS id,
            COUNT(CASE WHEN a.state = 'scanning' THEN 1 END) AS scanning,
            COUNT(CASE WHEN a.state = 'queued' THEN 1 END) AS queued,
            COUNT(CASE WHEN a.state = 'complete' THEN 1 END) AS complete,
            COUNT(CASE WHEN a.state = 'failed' THEN 1 END) AS failed,
            COUNT(CASE WHEN a.state = 'stopped' THEN 1 END) AS stopped,
            COUNT(CASE WHEN a.state = 'not_scanned' THEN 1 END) AS not_scanned,
            COUNT(x.artifact_id) AS results,
            CAST(COALESCE(SUM(x.critical), 0) AS BIGINT) AS critical,
            CAST(COALESCE(SUM(x.high), 0) AS BIGINT) AS high,
            CAST(COALESCE(SUM(x.medium), 0) AS BIGINT) AS medium,
            CAST(COALESCE(SUM(x.low), 0) AS BIGINT) AS low,
            CAST(COALESCE(SUM(x.other), 0) AS BIGINT) AS other,
            CAST(COALESCE(SUM(x.fixable), 0) AS BIGINT) AS fixable,
            MIN(x.scanned_at) AS scanned_at,
            CAST(COALESCE(SUM(a.image_size_bytes), 0) AS BIGINT) AS image_size_bytes"
    };
}

/// Where they are added up.
macro_rules! images {
    () => {
        " FROM inside AS i LEFT JOIN artifacts AS a ON a.id = i.id AND a.is_index = 0
            LEFT JOIN results AS x ON x.artifact_id = a.id"
    };
}

/// What lists keep of each of some indexes. What is on its way is said first, then what there is, however
/// little: that a part is missing is said beside it.
macro_rules! kept {
    ($beginning:expr) => {
        concat!(
            "(SELECT x.id AS id,
                CASE WHEN x.scanning > 0 OR (x.queued > 0 AND x.complete > 0) THEN 'scanning'
                    WHEN x.queued > 0 THEN 'queued' WHEN x.complete > 0 THEN 'complete'
                    WHEN x.failed > 0 THEN 'failed' WHEN x.stopped > 0 THEN 'stopped'
                    WHEN x.not_scanned > 0 THEN 'not_scanned' ELSE 'not_supported' END AS state,
                CASE WHEN x.results = 0 THEN -1 ELSE ",
            rank!(),
            " END AS rank, CASE WHEN x.fixable > 0 THEN 1 ELSE 0 END AS has_fix, x.scanned_at AS scanned_at,
                x.image_size_bytes AS image_size_bytes
            FROM (",
            inside!($beginning),
            added!(),
            images!(),
            " GROUP BY i.root) AS x)"
        )
    };
}

/// Some indexes, by a list of arrays that begin with their numbers.
macro_rules! some {
    (sqlite) => {
        "SELECT a.id, a.id FROM json_each($1) AS j
            JOIN artifacts AS a ON a.id = CAST(j.value ->> 0 AS BIGINT) AND a.is_index = 1"
    };
    (postgres) => {
        "SELECT a.id, a.id FROM json_array_elements(CAST($1 AS JSON)) AS j(value)
            JOIN artifacts AS a ON a.id = CAST(j.value ->> 0 AS BIGINT) AND a.is_index = 1"
    };
}

/// Every index.
macro_rules! all {
    () => {
        "SELECT a.id, a.id FROM artifacts AS a WHERE a.is_index = 1"
    };
}

/// Makes again what is kept of some indexes.
macro_rules! make {
    ($kind:tt) => {
        concat!(
            "UPDATE artifacts SET state = n.state, rank = n.rank, has_fix = n.has_fix,
                scanned_at = n.scanned_at, image_size_bytes = n.image_size_bytes FROM ",
            kept!(some!($kind)),
            " AS n WHERE artifacts.id = n.id"
        )
    };
}

/// The snapshot that a result `x` is by: the newest one by which everything was judged, unless it was made
/// after that.
macro_rules! snapshot {
    () => {
        "(CASE WHEN x.snapshot_digest IS NOT NULL THEN COALESCE((SELECT u.snapshot_digest FROM judgements AS u
            WHERE u.id = (SELECT MAX(w.id) FROM judgements AS w) AND u.judged_at >= x.scanned_at),
            x.snapshot_digest) END)"
    };
}
pub(crate) use snapshot;

/// What lists show of some indexes, in the order of [`together`].
macro_rules! shown {
    ($kind:tt) => {
        concat!(
            inside!(some!($kind)),
            added!(),
            ", CAST(COALESCE(SUM(CASE WHEN a.state = 'scanning' THEN j2.progress_percent
                    WHEN a.state IN ('complete', 'failed', 'stopped') THEN 100 END), 0) AS BIGINT),
                MAX(x.incomplete), MAX(s.asked_at), MAX(COALESCE(s.ended_at, j2.ended_at)),
                (SELECT COUNT(DISTINCT c.digest) FROM artifact_children AS c
                    JOIN artifacts AS p ON p.id = c.parent_id
                    WHERE c.parent_id = i.root AND NOT EXISTS (SELECT 1 FROM artifacts AS g
                        WHERE g.repository_id = p.repository_id AND g.digest = c.digest)),
                COUNT(",
            snapshot!(),
            "), MIN(",
            snapshot!(),
            "), MAX(",
            snapshot!(),
            ")",
            images!(),
            " LEFT JOIN scans AS s ON s.id = (SELECT MAX(m.id) FROM scans AS m WHERE m.artifact_id = a.id)
            LEFT JOIN jobs AS j2 ON j2.id = s.job_id GROUP BY i.root"
        )
    };
}

fn together(row: &Row) -> Result<(ArtifactId, Together), Error> {
    let number = |index: usize| row.get::<u64>(index);
    let (scanning, queued, complete, failed) = (number(1)?, number(2)?, number(3)?, number(4)?);
    let (stopped, not_scanned, gone) = (number(5)?, number(6)?, number(20)?);
    let on_their_way = scanning + queued + complete + failed + stopped;
    let percent = number(16)? / on_their_way.max(1);
    let (scanned, judged): (u64, u64) = (number(7)?, number(21)?);
    let snapshots: (Option<Digest>, Option<Digest>) = (row.get(22)?, row.get(23)?);
    let found = Together {
        scannable: on_their_way + not_scanned + gone,
        scanned,
        complete,
        progress_percent: u8::try_from(percent).unwrap_or(100).min(100),
        counts: Counts {
            critical: number(8)?,
            high: number(9)?,
            medium: number(10)?,
            low: number(11)?,
            other: number(12)?,
            fixable: number(13)?,
        },
        incomplete: row.get::<Option<i64>>(17)?.unwrap_or_default() != 0,
        snapshot: snapshots.0.filter(|it| judged == scanned && Some(*it) == snapshots.1),
        scanned_at: row.get(14)?,
        asked_at: row.get(18)?,
        ended_at: row.get(19)?,
    };
    Ok((row.get(0)?, found))
}

/// What the images of indexes come to, by the numbers of these.
pub(crate) async fn of(
    session: &mut Session,
    indexes: &[ArtifactId],
) -> Result<HashMap<ArtifactId, Together>, Error> {
    let mut found = HashMap::with_capacity(indexes.len());
    for list in lists(indexes, |it| json!([it.number()])) {
        let statement = sql(if session.is_postgres() { shown!(postgres) } else { shown!(sqlite) });
        found.extend(session.all(statement.bind(list), together).await?);
    }
    Ok(found)
}

/// Something in these artifacts changed that indexes repeat, or they are indexes and new.
pub(crate) async fn images_changed(
    transaction: &mut Transaction,
    artifacts: &[ArtifactId],
) -> Result<(), Error> {
    let indexes = around(transaction, artifacts).await?;
    make_again(transaction, &indexes).await
}

/// The indexes that artifacts are in, at any depth, and those among themselves, by their numbers.
pub(crate) async fn around(
    session: &mut Session,
    artifacts: &[ArtifactId],
) -> Result<Vec<ArtifactId>, Error> {
    let mut found: Vec<ArtifactId> = Vec::new();
    for list in lists(artifacts, |it| json!([it.number()])) {
        let statement = over_list!(
            session,
            "WITH RECURSIVE around(id) AS (SELECT CAST(j.value ->> 0 AS BIGINT) FROM",
            " UNION SELECT p.id FROM around AS o JOIN artifacts AS a ON a.id = o.id
                JOIN artifact_children AS c ON c.digest = a.digest
                JOIN artifacts AS p ON p.id = c.parent_id AND p.repository_id = a.repository_id)
            SELECT a.id FROM around AS o JOIN artifacts AS a ON a.id = o.id WHERE a.is_index = 1"
        );
        found.extend(session.all(statement.bind(list), |row| row.get::<ArtifactId>(0)).await?);
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// Makes again what is kept of indexes; those that have gone meanwhile are left out.
pub(crate) async fn make_again(transaction: &mut Transaction, indexes: &[ArtifactId]) -> Result<(), Error> {
    for list in lists(indexes, |it| json!([it.number()])) {
        if transaction.is_postgres() {
            // Whoever changed another image of one is waited for, and then seen. All lock in one order.
            let lock = sql("SELECT a.id FROM artifacts AS a WHERE a.id IN (
                    SELECT CAST(j.value ->> 0 AS BIGINT) FROM json_array_elements(CAST($1 AS JSON)) AS j(value))
                ORDER BY a.id FOR UPDATE");
            transaction.all(lock.bind(list.as_str()), |_| Ok(())).await?;
        }
        let statement = sql(if transaction.is_postgres() { make!(postgres) } else { make!(sqlite) });
        transaction.execute(statement.bind(list)).await?;
    }
    Ok(())
}

/// The indexes of which something else is kept than their images come to; none, unless this file has a
/// mistake.
pub(crate) async fn drifted(session: &mut Session) -> Result<Vec<ArtifactId>, Error> {
    let statement = sql(concat!(
        "SELECT artifacts.id FROM artifacts LEFT JOIN ",
        kept!(all!()),
        " AS n ON n.id = artifacts.id WHERE artifacts.is_index = 1 AND (n.id IS NULL
            OR artifacts.state <> n.state OR artifacts.rank <> n.rank OR artifacts.has_fix <> n.has_fix
            OR COALESCE(artifacts.scanned_at, -1) <> COALESCE(n.scanned_at, -1)
            OR artifacts.image_size_bytes <> n.image_size_bytes)"
    ));
    session.all(statement, |row| row.get(0)).await
}
