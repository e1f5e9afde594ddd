//! EPSS over time: how probable attacks were said to be, of the vulnerabilities that images here have.
//!
//! A score is written down when it is another one than the newest before it; so a line of them is short.

use plimsoll_core::Timestamp;
use serde_json::json;

use crate::database::{Row, over_list, sql};
use crate::units::lists;
use crate::{Error, InstanceAccess, Scan, Store};

/// A score, and from which day on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpssScore {
    /// The beginning of the day (UTC).
    pub day: Timestamp,
    /// The probability, in millionths.
    pub score_millionths: u32,
}

const DAY_SECONDS: i64 = 86_400;
/// How many days scores are kept.
const KEPT_DAYS: i64 = 730;

impl Store {
    /// The ids of vulnerabilities that images here have, behind one of them.
    pub async fn vulnerabilities_here(
        &self,
        _access: &InstanceAccess<Scan>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>, Error> {
        let statement = sql("SELECT DISTINCT vulnerability FROM unit_findings WHERE vulnerability > $1
            ORDER BY vulnerability LIMIT $2")
        .bind(after.unwrap_or_default())
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, |row| row.get(0)).await
    }

    /// Writes scores down that are other ones than the newest before them, and forgets very old ones.
    pub async fn note_epss(
        &self,
        _access: &InstanceAccess<Scan>,
        scores: &[(String, EpssScore)],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let mut transaction = self.database.write().await?;
        let mut noted = 0;
        let row = |it: &(String, EpssScore)| {
            json!([it.0, it.1.day.0.div_euclid(DAY_SECONDS), it.1.score_millionths])
        };
        for list in lists(scores, row) {
            let insert = over_list!(
                transaction,
                "INSERT INTO epss_scores (vulnerability, day, score_millionths)
                SELECT n.vulnerability, n.day, n.score FROM (
                    SELECT j.value ->> 0 AS vulnerability, CAST(j.value ->> 1 AS BIGINT) AS day,
                        CAST(j.value ->> 2 AS BIGINT) AS score FROM",
                ") AS n WHERE n.score <> COALESCE((SELECT e.score_millionths FROM epss_scores AS e
                    WHERE e.vulnerability = n.vulnerability AND e.day <= n.day
                    ORDER BY e.day DESC LIMIT 1), -1)
                ON CONFLICT (vulnerability, day) DO UPDATE SET score_millionths = excluded.score_millionths"
            );
            noted += transaction.execute(insert.bind(list)).await?;
        }
        let oldest = now.0.div_euclid(DAY_SECONDS) - KEPT_DAYS;
        transaction.execute(sql("DELETE FROM epss_scores WHERE day < $1").bind(oldest)).await?;
        transaction.commit().await?;
        Ok(noted)
    }

    /// The scores of a vulnerability, oldest first. Who may know that images here have it is for whoever
    /// asks to find out.
    pub async fn epss_scores(
        &self,
        _access: &InstanceAccess<Scan>,
        vulnerability: &str,
    ) -> Result<Vec<EpssScore>, Error> {
        let statement = sql("SELECT day, score_millionths FROM epss_scores WHERE vulnerability = $1
            ORDER BY day");
        let read = |row: &Row| {
            let (day, score): (i64, u64) = (row.get(0)?, row.get(1)?);
            Ok(EpssScore {
                day: Timestamp(day.saturating_mul(DAY_SECONDS)),
                score_millionths: u32::try_from(score).unwrap_or(1_000_000),
            })
        };
        self.database.read().await?.all(statement.bind(vulnerability), read).await
    }
}
