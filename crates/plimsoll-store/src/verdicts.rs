//! Verdicts: whether an artifact may be pulled, why, and what was said before.
//!
//! Only changes are written, so that the history reads as one. The newest holds, also while a scan
//! runs: nothing here ever takes one away.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Column, Row, Session, Transaction, Value, sql};
use crate::{Access, ArtifactId, Error, InstanceAccess, Scan, Sees, Store, listed};

/// What is answered to somebody who pulls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The image.
    Allow,
    /// The image, and it is noted that it should not have been.
    Warn,
    /// The reasons.
    Deny,
}

impl Answer {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Answer::Allow => "allow",
            Answer::Warn => "warn",
            Answer::Deny => "deny",
        }
    }
}

impl Column for Answer {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        match row.get::<String>(index)?.as_str() {
            "allow" => Ok(Answer::Allow),
            "warn" => Ok(Answer::Warn),
            "deny" => Ok(Answer::Deny),
            _ => Err(Error::Corrupt { what: "a verdict" }),
        }
    }
}

impl From<Answer> for Value {
    fn from(answer: Answer) -> Value {
        Value::from(answer.name())
    }
}

/// A verdict to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVerdict<'a> {
    /// What is answered.
    pub answer: Answer,
    /// Every reason, as JSON.
    pub reasons: &'a str,
    /// The policy by which.
    pub policy: &'a Digest,
    /// The report over which; none for an image without one.
    pub report: Option<&'a Digest>,
    /// Why less came of it than of its reasons, as a word.
    pub lowered: Option<&'a str>,
    /// From when on it may be another one.
    pub holds_until: Option<Timestamp>,
    /// Nothing was asked, so that it is kept only where something was answered before.
    pub is_silent: bool,
}

/// What became of a verdict that was to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recorded {
    /// It says something else than the one before, and holds now.
    Changed,
    /// It says the same.
    Same,
    /// The artifact has gone, or has another report by now: it was never kept.
    Overtaken,
}

/// A verdict that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredVerdict {
    /// Its number, for the next page.
    pub number: i64,
    /// What is answered.
    pub answer: Answer,
    /// Every reason, as JSON.
    pub reasons: String,
    /// The policy by which.
    pub policy: Digest,
    /// The report over which.
    pub report: Option<Digest>,
    /// Since when.
    pub decided_at: Timestamp,
    /// Why less came of it than of its reasons, as a word.
    pub lowered: Option<String>,
    /// From when on it may be another one.
    pub holds_until: Option<Timestamp>,
}

/// A verdict that holds, as the gate keeps it in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingAnswer {
    /// On which artifact.
    pub artifact: ArtifactId,
    /// Its number; later verdicts have larger ones.
    pub number: i64,
    /// What is answered.
    pub answer: Answer,
    /// The policy by which.
    pub policy: Digest,
    /// From when on it may be another one.
    pub holds_until: Option<Timestamp>,
}

fn standing(row: &Row) -> Result<StandingAnswer, Error> {
    Ok(StandingAnswer {
        artifact: row.get(0)?,
        number: row.get(1)?,
        answer: row.get(2)?,
        policy: row.get(3)?,
        holds_until: row.get(4)?,
    })
}

fn verdict(row: &Row) -> Result<StoredVerdict, Error> {
    Ok(StoredVerdict {
        number: row.get(0)?,
        answer: row.get(1)?,
        reasons: row.get(2)?,
        policy: row.get(3)?,
        report: row.get(4)?,
        decided_at: row.get(5)?,
        lowered: row.get(6)?,
        holds_until: row.get(7)?,
    })
}

async fn newest(session: &mut Session, artifact: ArtifactId) -> Result<Option<StoredVerdict>, Error> {
    let statement = sql("SELECT id, answer, reasons, policy_digest, report_digest, decided_at, lowered,
            holds_until
        FROM verdicts WHERE artifact_id = $1 ORDER BY id DESC LIMIT 1");
    session.optional(statement.bind(artifact), verdict).await
}

impl Store {
    /// Keeps a verdict if it says something else than the one that holds.
    pub async fn record_verdict(
        &self,
        access: &InstanceAccess<Scan>,
        artifact: ArtifactId,
        new: &NewVerdict<'_>,
        now: Timestamp,
    ) -> Result<Recorded, Error> {
        let recorded = self.record_verdicts(access, &[(artifact, new.clone())], now).await?;
        Ok(recorded.first().copied().unwrap_or(Recorded::Overtaken))
    }

    /// The same for many, in their order.
    pub async fn record_verdicts(
        &self,
        _access: &InstanceAccess<Scan>,
        verdicts: &[(ArtifactId, NewVerdict<'_>)],
        now: Timestamp,
    ) -> Result<Vec<Recorded>, Error> {
        let mut recorded = Vec::new();
        let mut transaction = self.database.write().await?;
        for (artifact, new) in verdicts {
            recorded.push(record(&mut transaction, *artifact, new, now).await?);
        }
        transaction.commit().await?;
        Ok(recorded)
    }

    /// The verdicts on an artifact of this namespace, newest first, before one of them; the first
    /// of all is the one that holds.
    pub async fn verdicts<P: Sees>(
        &self,
        access: &Access<P>,
        artifact: ArtifactId,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<StoredVerdict>, Error> {
        let statement = sql(
            "SELECT v.id, v.answer, v.reasons, v.policy_digest, v.report_digest, v.decided_at, v.lowered,
                v.holds_until
            FROM verdicts AS v JOIN artifacts AS a ON a.id = v.artifact_id
            JOIN repositories AS r ON r.id = a.repository_id
            WHERE v.artifact_id = $1 AND r.namespace_id = $2 AND v.id < $3 ORDER BY v.id DESC LIMIT $4",
        )
        .bind(artifact)
        .bind(access.namespace())
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, verdict).await
    }

    /// Every verdict that holds, by artifact behind one of them: what the gate loads into memory
    /// when it starts.
    pub async fn standing_verdicts(
        &self,
        _access: &InstanceAccess<Scan>,
        after: Option<ArtifactId>,
        limit: u32,
    ) -> Result<Vec<StandingAnswer>, Error> {
        let statement = sql("SELECT a.id, v.id, v.answer, v.policy_digest, v.holds_until
            FROM artifacts AS a JOIN verdicts AS v ON v.id = (
                SELECT MAX(n.id) FROM verdicts AS n WHERE n.artifact_id = a.id)
            WHERE a.id > $1 ORDER BY a.id LIMIT $2")
        .bind(after.map_or(0, ArtifactId::number))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, standing).await
    }

    /// The verdicts behind a number, in their order: what other processes decided meanwhile.
    pub async fn verdicts_since(
        &self,
        _access: &InstanceAccess<Scan>,
        number: i64,
        limit: u32,
    ) -> Result<Vec<StandingAnswer>, Error> {
        let statement = sql("SELECT artifact_id, id, answer, policy_digest, holds_until
            FROM verdicts WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(number)
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, standing).await
    }
}

/// Keeps a verdict that says something else; one that only holds for another time changes no
/// history.
async fn record(
    transaction: &mut Transaction,
    artifact: ArtifactId,
    new: &NewVerdict<'_>,
    now: Timestamp,
) -> Result<Recorded, Error> {
    let lock = sql("UPDATE artifacts SET digest = digest WHERE id = $1").bind(artifact);
    if transaction.execute(lock).await? == 0 {
        return Ok(Recorded::Overtaken);
    }
    let report = sql("SELECT report_digest FROM results WHERE artifact_id = $1").bind(artifact);
    let report: Option<Digest> = transaction.optional(report, |row| row.get(0)).await?;
    if report.as_ref() != new.report {
        return Ok(Recorded::Overtaken);
    }
    let same = |old: &StoredVerdict| {
        old.answer == new.answer
            && old.reasons == new.reasons
            && old.policy == *new.policy
            && old.report.as_ref() == new.report
            && old.lowered.as_deref() == new.lowered
    };
    let old = newest(transaction, artifact).await?;
    if old.is_none() && new.is_silent {
        return Ok(Recorded::Same);
    }
    if let Some(old) = old.filter(same) {
        if old.holds_until != new.holds_until {
            let until = sql("UPDATE verdicts SET holds_until = $2 WHERE id = $1");
            transaction.execute(until.bind(old.number).bind(new.holds_until)).await?;
        }
        return Ok(Recorded::Same);
    }
    let insert = sql("INSERT INTO verdicts
            (artifact_id, answer, reasons, policy_digest, report_digest, decided_at, lowered, holds_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
    .bind(artifact)
    .bind(new.answer)
    .bind(new.reasons)
    .bind(new.policy)
    .bind(new.report)
    .bind(now)
    .bind(new.lowered)
    .bind(new.holds_until);
    transaction.execute(insert).await?;
    listed::verdict_changed(transaction, artifact).await?;
    Ok(Recorded::Changed)
}
