//! What is in namespaces, counted: for overviews, and how it was on the days before.
//!
//! Counting goes over all artifacts of a namespace, so it is done when something has changed, and not
//! when somebody asks. What speaks of others and what has images of its own is not counted: neither is
//! ever scanned.

use plimsoll_core::Timestamp;

use crate::database::{Row, Statement, sql};
use crate::visible::visible;
use crate::{Access, Counts, Error, InstanceAccess, NamespaceId, Read, Scan, Store, Visible};

/// What is in a namespace, or in several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// When it was counted; of several namespaces the longest ago. None where nothing was.
    pub counted_at: Option<Timestamp>,
    /// Repositories.
    pub repositories: u64,
    /// What can be scanned or could be: images, and what is like them.
    pub artifacts: u64,
    /// In which state they are.
    pub coverage: Coverage,
    /// Those that are denied.
    pub denied: u64,
    /// Those that are answered with a warning.
    pub warned: u64,
    /// Vulnerabilities, each once for each artifact that has it.
    pub counts: Counts,
    /// Artifacts by the worst that is in them; `fixable` is not counted so.
    pub worst: Counts,
}

/// How much is known of artifacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Nobody has asked for a scan.
    pub not_scanned: u64,
    /// Nothing that can be scanned.
    pub not_supported: u64,
    /// Waiting for a worker.
    pub queued: u64,
    /// Being read.
    pub scanning: u64,
    /// Tried as often as it may.
    pub failed: u64,
    /// Stopped by somebody.
    pub stopped: u64,
    /// Scanned.
    pub complete: u64,
    /// With a result that may lack something.
    pub incomplete: u64,
    /// Whose distribution gets no more updates.
    pub end_of_life: u64,
}

/// What was counted on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayTotals {
    /// The day, in days since 1970.
    pub day: i64,
    /// What was counted.
    pub totals: Totals,
}

const DAY_SECONDS: i64 = 86_400;

/// The columns that are summed, in the order of [`totals`].
macro_rules! summed {
    ($before:literal, $behind:literal) => {
        concat!(
            $before,
            " MIN(t.counted_at), CAST(COALESCE(SUM(t.repositories), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.artifacts), 0) AS BIGINT), CAST(COALESCE(SUM(t.not_scanned), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.not_supported), 0) AS BIGINT), CAST(COALESCE(SUM(t.queued), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.scanning), 0) AS BIGINT), CAST(COALESCE(SUM(t.failed), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.stopped), 0) AS BIGINT), CAST(COALESCE(SUM(t.complete), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.incomplete), 0) AS BIGINT), CAST(COALESCE(SUM(t.end_of_life), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.denied), 0) AS BIGINT), CAST(COALESCE(SUM(t.warned), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.critical), 0) AS BIGINT), CAST(COALESCE(SUM(t.high), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.medium), 0) AS BIGINT), CAST(COALESCE(SUM(t.low), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.other), 0) AS BIGINT), CAST(COALESCE(SUM(t.fixable), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.worst_critical), 0) AS BIGINT), CAST(COALESCE(SUM(t.worst_high), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.worst_medium), 0) AS BIGINT), CAST(COALESCE(SUM(t.worst_low), 0) AS BIGINT),
            CAST(COALESCE(SUM(t.worst_other), 0) AS BIGINT) ",
            $behind
        )
    };
}

/// The same over the namespaces that are visible.
macro_rules! summed_visible {
    ($before:literal, $behind:literal) => {
        concat!(
            summed!($before, ""),
            visible!(
                "FROM totals AS t WHERE t.namespace_id IN (SELECT n.id FROM namespaces AS n WHERE",
                ") "
            ),
            $behind
        )
    };
}

fn totals(row: &Row, first: usize) -> Result<Totals, Error> {
    let number = |index: usize| row.get::<u64>(first + index);
    Ok(Totals {
        counted_at: row.get(first)?,
        repositories: number(1)?,
        artifacts: number(2)?,
        coverage: Coverage {
            not_scanned: number(3)?,
            not_supported: number(4)?,
            queued: number(5)?,
            scanning: number(6)?,
            failed: number(7)?,
            stopped: number(8)?,
            complete: number(9)?,
            incomplete: number(10)?,
            end_of_life: number(11)?,
        },
        denied: number(12)?,
        warned: number(13)?,
        counts: Counts {
            critical: number(14)?,
            high: number(15)?,
            medium: number(16)?,
            low: number(17)?,
            other: number(18)?,
            fixable: number(19)?,
        },
        worst: Counts {
            critical: number(20)?,
            high: number(21)?,
            medium: number(22)?,
            low: number(23)?,
            other: number(24)?,
            fixable: 0,
        },
    })
}

/// Counts one namespace, in the order of [`totals`]. Its parameters are the namespace and the time.
const COUNT: &str = "SELECT CAST($2 AS BIGINT),
        (SELECT COUNT(*) FROM repositories AS r WHERE r.namespace_id = $1), COUNT(*),
        COUNT(CASE WHEN a.state = 'not_scanned' THEN 1 END),
        COUNT(CASE WHEN a.state = 'not_supported' THEN 1 END),
        COUNT(CASE WHEN a.state = 'queued' THEN 1 END),
        COUNT(CASE WHEN a.state = 'scanning' THEN 1 END),
        COUNT(CASE WHEN a.state = 'failed' THEN 1 END),
        COUNT(CASE WHEN a.state = 'stopped' THEN 1 END),
        COUNT(CASE WHEN a.state = 'complete' THEN 1 END),
        COUNT(CASE WHEN x.incomplete = 1 THEN 1 END),
        COUNT(CASE WHEN x.support_ends <= $2 THEN 1 END),
        COUNT(CASE WHEN a.verdict = 'deny' THEN 1 END),
        COUNT(CASE WHEN a.verdict = 'warn' THEN 1 END),
        CAST(COALESCE(SUM(x.critical), 0) AS BIGINT), CAST(COALESCE(SUM(x.high), 0) AS BIGINT),
        CAST(COALESCE(SUM(x.medium), 0) AS BIGINT), CAST(COALESCE(SUM(x.low), 0) AS BIGINT),
        CAST(COALESCE(SUM(x.other), 0) AS BIGINT), CAST(COALESCE(SUM(x.fixable), 0) AS BIGINT),
        COUNT(CASE WHEN x.critical > 0 THEN 1 END),
        COUNT(CASE WHEN x.critical = 0 AND x.high > 0 THEN 1 END),
        COUNT(CASE WHEN x.critical + x.high = 0 AND x.medium > 0 THEN 1 END),
        COUNT(CASE WHEN x.critical + x.high + x.medium = 0 AND x.low > 0 THEN 1 END),
        COUNT(CASE WHEN x.critical + x.high + x.medium + x.low = 0 AND x.other > 0 THEN 1 END)
    FROM artifacts AS a LEFT JOIN results AS x ON x.artifact_id = a.id
    WHERE a.namespace_id = $1 AND a.is_referrer = 0 AND a.is_index = 0";

/// Keeps what was counted as that of a day. A namespace that has gone meanwhile has no row.
const KEEP: &str = "INSERT INTO totals (namespace_id, day, counted_at, repositories, artifacts, not_scanned,
        not_supported, queued, scanning, failed, stopped, complete, incomplete, end_of_life, denied, warned,
        critical, high, medium, low, other, fixable, worst_critical, worst_high, worst_medium, worst_low,
        worst_other)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
        $22, $23, $24, $25, $26, $27)
    ON CONFLICT (namespace_id, day) DO UPDATE SET counted_at = excluded.counted_at,
        repositories = excluded.repositories, artifacts = excluded.artifacts,
        not_scanned = excluded.not_scanned, not_supported = excluded.not_supported,
        queued = excluded.queued, scanning = excluded.scanning, failed = excluded.failed,
        stopped = excluded.stopped, complete = excluded.complete, incomplete = excluded.incomplete,
        end_of_life = excluded.end_of_life, denied = excluded.denied, warned = excluded.warned,
        critical = excluded.critical, high = excluded.high, medium = excluded.medium, low = excluded.low,
        other = excluded.other, fixable = excluded.fixable, worst_critical = excluded.worst_critical,
        worst_high = excluded.worst_high, worst_medium = excluded.worst_medium,
        worst_low = excluded.worst_low, worst_other = excluded.worst_other";

fn kept(namespace: NamespaceId, now: Timestamp, totals: &Totals) -> Statement {
    let Totals { repositories, artifacts, coverage, denied, warned, counts, worst, counted_at: _ } = totals;
    let numbers = [
        *repositories,
        *artifacts,
        coverage.not_scanned,
        coverage.not_supported,
        coverage.queued,
        coverage.scanning,
        coverage.failed,
        coverage.stopped,
        coverage.complete,
        coverage.incomplete,
        coverage.end_of_life,
        *denied,
        *warned,
        counts.critical,
        counts.high,
        counts.medium,
        counts.low,
        counts.other,
        counts.fixable,
        worst.critical,
        worst.high,
        worst.medium,
        worst.low,
        worst.other,
    ];
    let statement = sql(KEEP).bind(namespace).bind(days(now)).bind(now);
    numbers.into_iter().fold(statement, Statement::bind)
}

fn days(time: Timestamp) -> i64 {
    time.0.div_euclid(DAY_SECONDS)
}

impl Store {
    /// Counts what is in a namespace, and keeps it as that of this day. Nobody who writes waits while it
    /// is counted.
    pub async fn count(
        &self,
        _access: &InstanceAccess<Scan>,
        namespace: NamespaceId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = sql(COUNT).bind(namespace).bind(now);
        let counted = self.database.read().await?.one(statement, |row| totals(row, 0)).await?;
        let mut transaction = self.database.write().await?;
        let there = sql("SELECT 1 FROM namespaces WHERE id = $1").bind(namespace);
        if transaction.optional(there, |_| Ok(())).await?.is_some() {
            transaction.execute(kept(namespace, now, &counted)).await?;
        }
        transaction.commit().await
    }

    /// The namespaces that were not counted since a time.
    pub async fn uncounted(
        &self,
        _access: &InstanceAccess<Scan>,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<NamespaceId>, Error> {
        let statement = sql("SELECT n.id FROM namespaces AS n WHERE NOT EXISTS (
                SELECT 1 FROM totals AS t WHERE t.namespace_id = n.id AND t.counted_at >= $1)
            ORDER BY n.id LIMIT $2");
        let statement = statement.bind(since).bind(i64::from(limit));
        self.database.read().await?.all(statement, |row| row.get(0)).await
    }

    /// The namespaces that somebody may read and that were never counted.
    pub async fn visible_uncounted(&self, visible: &Visible) -> Result<Vec<NamespaceId>, Error> {
        let statement = sql(visible!(
            "SELECT n.id FROM namespaces AS n WHERE
                NOT EXISTS (SELECT 1 FROM totals AS t WHERE t.namespace_id = n.id) AND",
            "ORDER BY n.id"
        ));
        self.database.read().await?.all(visible.bind(statement), |row| row.get(0)).await
    }

    /// Forgets what was counted on the days before one.
    pub async fn forget_totals(
        &self,
        _access: &InstanceAccess<Scan>,
        before: Timestamp,
    ) -> Result<u64, Error> {
        // The newest row of a namespace is from this day or the one before, whatever has changed.
        let mut transaction = self.database.write().await?;
        let gone = transaction.execute(sql("DELETE FROM totals WHERE day < $1").bind(days(before))).await?;
        transaction.commit().await?;
        Ok(gone)
    }

    /// What is in a namespace, as it was counted last.
    pub async fn totals(&self, access: &Access<Read>) -> Result<Totals, Error> {
        let statement = sql(summed!(
            "SELECT",
            "FROM totals AS t WHERE t.namespace_id = $1
                AND t.day = (SELECT MAX(m.day) FROM totals AS m WHERE m.namespace_id = $1)"
        ));
        let statement = statement.bind(access.namespace());
        self.database.read().await?.one(statement, |row| totals(row, 0)).await
    }

    /// What is in all namespaces that somebody may read.
    pub async fn visible_totals(&self, visible: &Visible) -> Result<Totals, Error> {
        let statement = sql(summed_visible!(
            "SELECT",
            "AND t.day = (SELECT MAX(m.day) FROM totals AS m WHERE m.namespace_id = t.namespace_id)"
        ));
        self.database.read().await?.one(visible.bind(statement), |row| totals(row, 0)).await
    }

    /// What was in a namespace on the days since a time, oldest first. A day on which nothing was
    /// counted is missing.
    pub async fn totals_by_day(
        &self,
        access: &Access<Read>,
        since: Timestamp,
    ) -> Result<Vec<DayTotals>, Error> {
        let statement = sql(summed!(
            "SELECT t.day,",
            "FROM totals AS t WHERE t.namespace_id = $1 AND t.day >= $2 GROUP BY t.day ORDER BY t.day"
        ));
        self.days(statement.bind(access.namespace()).bind(days(since))).await
    }

    /// The same of all namespaces that somebody may read.
    pub async fn visible_totals_by_day(
        &self,
        visible: &Visible,
        since: Timestamp,
    ) -> Result<Vec<DayTotals>, Error> {
        let statement =
            sql(summed_visible!("SELECT t.day,", "AND t.day >= $4 GROUP BY t.day ORDER BY t.day"));
        self.days(visible.bind(statement).bind(days(since))).await
    }

    async fn days(&self, statement: Statement) -> Result<Vec<DayTotals>, Error> {
        let read = |row: &Row| Ok(DayTotals { day: row.get(0)?, totals: totals(row, 1)? });
        self.database.read().await?.all(statement, read).await
    }
}
