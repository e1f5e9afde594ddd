//! Scans over all artifacts: what waits, what runs, what failed and why, and how many end in a minute.
//!
//! Only reads.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Row, Statement, sql};
use crate::scans::state_of;
use crate::visible::visible;
use crate::{Access, Error, Read, ScanId, ScanState, Store, Visible};

/// A scan, and of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedScan {
    /// Its number.
    pub id: ScanId,
    /// The namespace's name.
    pub namespace: String,
    /// The repository's name.
    pub repository: String,
    /// Which artifact.
    pub digest: Digest,
    /// Where it stands.
    pub state: ScanState,
    /// The last line that was written down, where it failed.
    pub why: Option<String>,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// When a worker took it the last time.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u64,
    /// When it is tried again, if it waits for that.
    pub again_at: Option<Timestamp>,
}

/// Which scans are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScanFilter<'a> {
    /// In this state, by its word.
    pub state: Option<&'a str>,
    /// Only the newest of each artifact.
    pub is_newest: bool,
    /// Behind this one.
    pub before: Option<ScanId>,
}

/// How scanning goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanFigures {
    /// Jobs that wait for a worker, or to be tried again.
    pub queued: u64,
    /// Jobs that run.
    pub scanning: u64,
    /// The minutes in which some ended, in minutes since 1970: how many ended well, and how many failed.
    pub minutes: Vec<(i64, u64, u64)>,
    /// How long the jobs of that time took together, from worker to end, and how many these are.
    pub taken_seconds: (u64, u64),
}

/// The reason of a failed scan stands in its last line.
fn last_line(log: Option<&str>) -> Option<String> {
    log.and_then(|it| it.lines().rfind(|it| !it.trim().is_empty())).map(str::to_owned)
}

fn listed(row: &Row) -> Result<ListedScan, Error> {
    let (outcome, job): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
    let percent: Option<i64> = row.get(7)?;
    let state = state_of(outcome.as_deref(), job.as_deref(), row.get(6)?, percent.unwrap_or_default())?;
    let log: Option<String> = row.get(8)?;
    let again_at: Option<Timestamp> = row.get(14)?;
    Ok(ListedScan {
        id: row.get(0)?,
        namespace: row.get(1)?,
        repository: row.get(2)?,
        digest: row.get(3)?,
        why: last_line(log.as_deref()).filter(|_| matches!(state, ScanState::Failed | ScanState::Queued)),
        state,
        asked_by: row.get(9)?,
        asked_at: row.get(10)?,
        started_at: row.get(11)?,
        ended_at: row.get(12)?,
        attempts: row.get::<Option<i64>>(13)?.unwrap_or_default().unsigned_abs(),
        again_at,
    })
}

/// Everything that [`listed`] reads. Behind the scope's parameters, of which there are four, stand the
/// last scan of the page before, the outcomes and states of jobs that are wanted, and the limit.
macro_rules! scans {
    ($scope:expr) => {
        concat!(
            "SELECT s.id, n.name, r.name, a.digest, s.outcome, j.state, j.phase, j.progress_percent,
                COALESCE(s.log, j.error), s.asked_by, s.asked_at, j.started_at,
                COALESCE(s.ended_at, j.ended_at), j.attempts,
                CASE WHEN j.state = 'waiting' THEN j.run_at END
            FROM scans AS s JOIN artifacts AS a ON a.id = s.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id JOIN namespaces AS n ON n.id = r.namespace_id
            LEFT JOIN jobs AS j ON j.id = s.job_id
            WHERE ",
            $scope,
            " AND s.id < $5
                AND ($6 = '' OR $6 = COALESCE(s.outcome, CASE
                    WHEN j.state = 'running' THEN 'scanning'
                    WHEN j.state IN ('waiting', 'queued') THEN 'queued' ELSE j.state END))
                AND ($7 = 0 OR NOT EXISTS (
                    SELECT 1 FROM scans AS m WHERE m.artifact_id = s.artifact_id AND m.id > s.id))
            ORDER BY s.id DESC LIMIT $8"
        )
    };
}

/// The same of those that have not ended: an index has them.
macro_rules! open_scans {
    ($scope:expr) => {
        scans!(concat!("s.outcome IS NULL AND ", $scope))
    };
}

/// The same of those that ended in a rare way: few, and an index has them.
macro_rules! rare_scans {
    ($scope:expr) => {
        scans!(concat!("(s.outcome IS NULL OR s.outcome = $6) AND ", $scope))
    };
}

macro_rules! seen {
    () => {
        visible!("($4 = 0 AND", ")")
    };
}

macro_rules! one {
    () => {
        "$1 = $1 AND $2 = $2 AND $3 = $3 AND a.namespace_id = $4"
    };
}

impl Store {
    /// Scans of a namespace, newest first.
    pub async fn scans_in(
        &self,
        access: &Access<Read>,
        filter: ScanFilter<'_>,
        limit: u32,
    ) -> Result<Vec<ListedScan>, Error> {
        let text = match filter.state {
            Some("queued" | "scanning") => open_scans!(one!()),
            Some("failed" | "stopped") => rare_scans!(one!()),
            _ => scans!(one!()),
        };
        let statement = Visible::everything().bind(sql(text)).bind(access.namespace());
        self.listed_scans(statement, filter, limit).await
    }

    /// Scans of all namespaces that somebody may read, newest first.
    pub async fn visible_scans(
        &self,
        visible: &Visible,
        filter: ScanFilter<'_>,
        limit: u32,
    ) -> Result<Vec<ListedScan>, Error> {
        let text = match filter.state {
            Some("queued" | "scanning") => open_scans!(seen!()),
            Some("failed" | "stopped") => rare_scans!(seen!()),
            _ => scans!(seen!()),
        };
        self.listed_scans(visible.bind(sql(text)).bind(0_i64), filter, limit).await
    }

    async fn listed_scans(
        &self,
        statement: Statement,
        filter: ScanFilter<'_>,
        limit: u32,
    ) -> Result<Vec<ListedScan>, Error> {
        let statement = statement
            .bind(filter.before.map_or(i64::MAX, ScanId::number))
            .bind(filter.state.unwrap_or_default())
            .bind(filter.is_newest)
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, listed).await
    }

    /// How the scans of a namespace go, with the minutes since a time.
    pub async fn scan_figures(&self, access: &Access<Read>, since: Timestamp) -> Result<ScanFigures, Error> {
        self.figures(&Visible::everything(), access.namespace().number(), since).await
    }

    /// The same of all namespaces that somebody may read.
    pub async fn visible_scan_figures(
        &self,
        visible: &Visible,
        since: Timestamp,
    ) -> Result<ScanFigures, Error> {
        self.figures(visible, 0, since).await
    }

    async fn figures(
        &self,
        visible: &Visible,
        namespace: i64,
        since: Timestamp,
    ) -> Result<ScanFigures, Error> {
        let mut session = self.database.read().await?;
        let now = sql(visible!(
            "SELECT COUNT(CASE WHEN j.state <> 'running' THEN 1 END),
                COUNT(CASE WHEN j.state = 'running' THEN 1 END)
            FROM jobs AS j WHERE j.kind = 'scan' AND j.state IN ('waiting', 'queued', 'running')
                AND ($4 = 0 OR j.namespace_id = $4) AND j.namespace_id IN (
                    SELECT n.id FROM namespaces AS n WHERE",
            ")"
        ));
        let now = visible.bind(now).bind(namespace);
        let (queued, scanning) = session.one(now, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let ended = sql(visible!(
            "SELECT j.ended_at / 60, COUNT(CASE WHEN j.state = 'done' THEN 1 END),
                COUNT(CASE WHEN j.state = 'failed' THEN 1 END),
                CAST(COALESCE(SUM(j.ended_at - j.started_at), 0) AS BIGINT), COUNT(j.started_at)
            FROM jobs AS j WHERE j.kind = 'scan' AND j.ended_at >= $5 AND j.state IN ('done', 'failed')
                AND ($4 = 0 OR j.namespace_id = $4) AND j.namespace_id IN (
                    SELECT n.id FROM namespaces AS n WHERE",
            ") GROUP BY j.ended_at / 60 ORDER BY 1"
        ));
        let ended = visible.bind(ended).bind(namespace).bind(since);
        let read = |row: &Row| {
            Ok(((row.get(0)?, row.get(1)?, row.get(2)?), (row.get::<u64>(3)?, row.get::<u64>(4)?)))
        };
        let rows = session.all(ended, read).await?;
        let taken = rows.iter().fold((0, 0), |sum: (u64, u64), (_, it)| (sum.0 + it.0, sum.1 + it.1));
        let minutes = rows.into_iter().map(|it| it.0).collect();
        Ok(ScanFigures { queued, scanning, minutes, taken_seconds: taken })
    }
}
