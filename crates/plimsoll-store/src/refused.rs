//! Refused pulls: who was refused which image, when, how often and why.
//!
//! Those of one day by one account and of one image are one row, so that a cluster that tries again and
//! again does not fill a disk. The audit log has its own lines.

use plimsoll_core::{Digest, Timestamp};

use crate::audit::keepable;
use crate::database::{Row, Statement, sql};
use crate::visible::visible;
use crate::{Access, Error, InstanceAccess, NamespaceId, Read, Scan, Store, Visible};

/// Pulls that were refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRefused {
    /// Where.
    pub namespace: NamespaceId,
    /// Who pulled; none for somebody who has not signed in.
    pub account: Option<String>,
    /// From which repository.
    pub repository: String,
    /// Which image.
    pub digest: Digest,
    /// What they were told.
    pub why: String,
    /// How often since the last time that it was noted.
    pub count: u64,
}

/// Refused pulls of one image by one account on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its number, for the next page.
    pub number: i64,
    /// The namespace's name.
    pub namespace: String,
    /// Who pulled; none for somebody who has not signed in.
    pub account: Option<String>,
    /// From which repository.
    pub repository: String,
    /// Which image.
    pub digest: Digest,
    /// What they were told the last time.
    pub why: String,
    /// How often.
    pub count: u64,
    /// When the first time.
    pub first_at: Timestamp,
    /// When the last time.
    pub last_at: Timestamp,
}

fn refused(row: &Row) -> Result<Refused, Error> {
    let account: String = row.get(2)?;
    Ok(Refused {
        number: row.get(0)?,
        namespace: row.get(1)?,
        account: Some(account).filter(|it| !it.is_empty()),
        repository: row.get(3)?,
        digest: row.get(4)?,
        why: row.get(5)?,
        count: row.get(6)?,
        first_at: row.get(7)?,
        last_at: row.get(8)?,
    })
}

const DAY_SECONDS: i64 = 86_400;

fn day(time: Timestamp) -> i64 {
    time.0.div_euclid(DAY_SECONDS)
}

impl Store {
    /// Notes refused pulls. Those of a namespace that is gone are left out.
    pub async fn note_refused(&self, pulls: &[NewRefused], now: Timestamp) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        for pull in pulls {
            let statement = sql("INSERT INTO refused_pulls
                    (namespace_id, day, account, repository, digest, why, count, first_at, last_at)
                SELECT n.id, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT),
                    CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($8 AS BIGINT), CAST($8 AS BIGINT)
                FROM namespaces AS n WHERE n.id = $1
                ON CONFLICT (namespace_id, day, account, repository, digest) DO UPDATE SET
                    why = excluded.why, count = refused_pulls.count + excluded.count,
                    last_at = excluded.last_at")
            .bind(pull.namespace)
            .bind(day(now))
            .bind(keepable(pull.account.as_deref().unwrap_or_default()))
            .bind(pull.repository.as_str())
            .bind(&pull.digest)
            .bind(keepable(&pull.why))
            .bind(pull.count)
            .bind(now);
            transaction.execute(statement).await?;
        }
        transaction.commit().await
    }

    /// Forgets those of the days before a time.
    pub async fn forget_refused(
        &self,
        _access: &InstanceAccess<Scan>,
        before: Timestamp,
    ) -> Result<u64, Error> {
        let mut transaction = self.database.write().await?;
        let delete = sql("DELETE FROM refused_pulls WHERE day < $1").bind(day(before));
        let gone = transaction.execute(delete).await?;
        transaction.commit().await?;
        Ok(gone)
    }

    /// Refused pulls of a namespace since the day of a time, newest first, before one of them.
    pub async fn refused_pulls(
        &self,
        access: &Access<Read>,
        since: Timestamp,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Refused>, Error> {
        let statement = sql("SELECT p.id, n.name, p.account, p.repository, p.digest, p.why, p.count,
                p.first_at, p.last_at
            FROM refused_pulls AS p JOIN namespaces AS n ON n.id = p.namespace_id
            WHERE p.namespace_id = $1 AND p.day >= $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4")
        .bind(access.namespace());
        self.refused_page(statement, since, before, limit).await
    }

    /// The same of all namespaces that somebody may read.
    pub async fn visible_refused_pulls(
        &self,
        visible: &Visible,
        since: Timestamp,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Refused>, Error> {
        let statement = sql(visible!(
            "SELECT p.id, n.name, p.account, p.repository, p.digest, p.why, p.count, p.first_at, p.last_at
            FROM refused_pulls AS p JOIN namespaces AS n ON n.id = p.namespace_id
            WHERE p.day >= $4 AND p.id < $5 AND",
            "ORDER BY p.id DESC LIMIT $6"
        ));
        self.refused_page(visible.bind(statement), since, before, limit).await
    }

    async fn refused_page(
        &self,
        statement: Statement,
        since: Timestamp,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Refused>, Error> {
        let statement = statement.bind(day(since)).bind(before.unwrap_or(i64::MAX)).bind(i64::from(limit));
        self.database.read().await?.all(statement, refused).await
    }

    /// How many pulls of a namespace were refused since the day of a time, and of how many images.
    pub async fn refused_count(&self, access: &Access<Read>, since: Timestamp) -> Result<(u64, u64), Error> {
        let statement = sql("SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT), COUNT(DISTINCT digest)
            FROM refused_pulls WHERE namespace_id = $1 AND day >= $2")
        .bind(access.namespace())
        .bind(day(since));
        self.database.read().await?.one(statement, |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    /// The same of all namespaces that somebody may read.
    pub async fn visible_refused_count(
        &self,
        visible: &Visible,
        since: Timestamp,
    ) -> Result<(u64, u64), Error> {
        let statement = sql(visible!(
            "SELECT CAST(COALESCE(SUM(p.count), 0) AS BIGINT), COUNT(DISTINCT p.digest)
            FROM refused_pulls AS p JOIN namespaces AS n ON n.id = p.namespace_id WHERE p.day >= $4 AND",
            ""
        ));
        let statement = visible.bind(statement).bind(day(since));
        self.database.read().await?.one(statement, |row| Ok((row.get(0)?, row.get(1)?))).await
    }
}
