//! Work to be done, as rows: put down once, taken by one worker at a time, never lost.
//!
//! A worker holds a lease and says that it lives; when it does not, the job goes to another one.
//! Each taking has a number (the fence), and whatever a worker says with an older number changes
//! nothing. Nothing here runs anything.

use plimsoll_core::Timestamp;

use crate::database::{Column, Row, Session, Transaction, Value, sql};
use crate::{Error, InstanceAccess, JobId, NamespaceId, Scan, Store, listed};

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JobState {
    /// To be tried again later.
    Waiting,
    /// To be taken.
    Queued,
    /// A worker has it.
    Running,
    /// It was done.
    Done,
    /// It was tried as often as it may.
    Failed,
    /// Somebody stopped it.
    Stopped,
}

const STATES: [(JobState, &str); 6] = [
    (JobState::Waiting, "waiting"),
    (JobState::Queued, "queued"),
    (JobState::Running, "running"),
    (JobState::Done, "done"),
    (JobState::Failed, "failed"),
    (JobState::Stopped, "stopped"),
];

impl JobState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        STATES.iter().find(|it| it.0 == self).map_or("", |it| it.1)
    }

    pub(crate) fn parse(name: &str) -> Option<JobState> {
        STATES.iter().find(|it| it.1 == name).map(|it| it.0)
    }
}

impl Column for JobState {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        JobState::parse(&row.get::<String>(index)?).ok_or(Error::Corrupt { what: "the state of a job" })
    }
}

/// What goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// What the reconciler finds due.
    Background,
    /// What was pushed.
    Pushed,
    /// What somebody asked for and waits for.
    Asked,
}

impl From<Priority> for Value {
    fn from(priority: Priority) -> Value {
        Value::from(priority as i64)
    }
}

/// What to do if the same is running already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhileRunning {
    /// Its result will do.
    Join,
    /// It began before what is now known; once more when it ends.
    Again,
}

/// A job to be put down.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// What is to be done.
    pub kind: &'a str,
    /// To what. Of one kind and key one job is on its way at a time.
    pub key: &'a str,
    /// The namespace that has to wait its turn for it.
    pub namespace: Option<NamespaceId>,
    /// What goes first.
    pub priority: Priority,
    /// What the worker needs to know.
    pub payload: &'a str,
    /// How often it is tried.
    pub attempts_max: u32,
    /// What to do if the same is running.
    pub while_running: WhileRunning,
}

/// A worker's hold on a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The job.
    pub job: JobId,
    /// Which taking of it.
    pub fence: i64,
    /// What is to be done.
    pub kind: String,
    /// To what.
    pub key: String,
    /// For which namespace.
    pub namespace: Option<NamespaceId>,
    /// What the worker needs to know.
    pub payload: String,
    /// The how manieth time, from 1.
    pub attempt: u32,
}

/// Whether a worker still has its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beat {
    /// It has.
    GoOn,
    /// Somebody stopped it, or it took so long that another worker has it.
    Lost,
}

/// The wait before the next try, in seconds: doubled each time, an hour at most.
fn back_off_seconds(attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    (5_i64 << doublings).min(3_600)
}

/// The place of a namespace's next job: behind its own, and not before what waits already. So a
/// namespace with ten thousand jobs and one with a single job take turns.
async fn turn(session: &mut Session, job: &NewJob<'_>) -> Result<i64, Error> {
    let first = sql("SELECT MIN(turn) FROM jobs WHERE state = 'queued' AND priority = $1");
    let first: Option<i64> = session.one(first.bind(job.priority), |row| row.get(0)).await?;
    let own = sql("SELECT MAX(turn) FROM jobs
        WHERE state = 'queued' AND priority = $1 AND COALESCE(namespace_id, 0) = $2");
    let own = own.bind(job.priority).bind(job.namespace.map_or(0, NamespaceId::number));
    let own: Option<i64> = session.one(own, |row| row.get(0)).await?;
    Ok(first.unwrap_or(0).max(own.map_or(0, |it| it + 1)))
}

const TAKE: &str = "UPDATE jobs
    SET state = 'running', fence = fence + 1, attempts = attempts + 1, worker = $2, lease_until = $3,
        started_at = $4, phase = NULL, progress_percent = 0
    WHERE id = $1 AND state = 'queued'
    RETURNING id, fence, kind, key, namespace_id, payload, attempts";

fn lease(row: &Row) -> Result<Lease, Error> {
    let namespace: Option<i64> = row.get(4)?;
    Ok(Lease {
        job: row.get(0)?,
        fence: row.get(1)?,
        kind: row.get(2)?,
        key: row.get(3)?,
        namespace: namespace.map(NamespaceId::from_number),
        payload: row.get(5)?,
        attempt: u32::try_from(row.get::<i64>(6)?).unwrap_or(u32::MAX),
    })
}

impl Store {
    /// Puts a job down, or joins the one of this kind and key that is on its way, which then is as
    /// urgent as this one.
    pub async fn enqueue(
        &self,
        _access: &InstanceAccess<Scan>,
        job: &NewJob<'_>,
        now: Timestamp,
    ) -> Result<JobId, Error> {
        let mut transaction = self.database.write().await?;
        let id = put(&mut transaction, job, now).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Takes the next job, first what is most urgent and of that by turns, until a time before
    /// which the worker says that it lives.
    pub async fn claim(
        &self,
        _access: &InstanceAccess<Scan>,
        worker: &str,
        lease_until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Lease>, Error> {
        let mut transaction = self.database.write().await?;
        recover(&mut transaction, now).await?;
        let next = match *transaction {
            Session::PostgresWrite(_) => {
                "SELECT id FROM jobs WHERE state = 'queued'
                ORDER BY priority DESC, turn, id LIMIT 1 FOR UPDATE SKIP LOCKED"
            }
            _ => "SELECT id FROM jobs WHERE state = 'queued' ORDER BY priority DESC, turn, id LIMIT 1",
        };
        let next: Option<JobId> = transaction.optional(sql(next), |row| row.get(0)).await?;
        let mut taken = None;
        if let Some(id) = next {
            let take = sql(TAKE).bind(id).bind(worker).bind(lease_until).bind(now);
            taken = transaction.optional(take, lease).await?;
            listed::job_changed(&mut transaction, id).await?;
        }
        transaction.commit().await?;
        Ok(taken)
    }

    /// Says that a worker lives, and how far it is.
    pub async fn heartbeat(
        &self,
        lease: &Lease,
        phase: &str,
        progress_percent: u8,
        lease_until: Timestamp,
    ) -> Result<Beat, Error> {
        let statement = sql("UPDATE jobs SET lease_until = $3, phase = $4, progress_percent = $5
            WHERE id = $1 AND fence = $2 AND state = 'running'")
        .bind(lease.job)
        .bind(lease.fence)
        .bind(lease_until)
        .bind(phase)
        .bind(i64::from(progress_percent.min(100)));
        let mut transaction = self.database.write().await?;
        let alive = transaction.execute(statement).await? > 0;
        transaction.commit().await?;
        Ok(if alive { Beat::GoOn } else { Beat::Lost })
    }

    /// Says that a job is done. A worker that has lost it is told so, and nothing changes.
    pub async fn complete(&self, lease: &Lease, now: Timestamp) -> Result<Beat, Error> {
        let mut transaction = self.database.write().await?;
        let beat = finish(&mut transaction, lease, now).await?;
        listed::job_changed(&mut transaction, lease.job).await?;
        transaction.commit().await?;
        Ok(beat)
    }

    /// Says that a job failed: it is tried again later, unless it was tried often enough.
    pub async fn fail(&self, lease: &Lease, error: &str, now: Timestamp) -> Result<Beat, Error> {
        let statement = sql("UPDATE jobs SET
                state = CASE WHEN again = 1 THEN 'queued' WHEN attempts < attempts_max THEN 'waiting'
                    ELSE 'failed' END,
                ended_at = CASE WHEN again = 0 AND attempts >= attempts_max THEN CAST($3 AS BIGINT) END,
                attempts = CASE WHEN again = 1 THEN 0 ELSE attempts END,
                again = 0, run_at = $4, error = $5, lease_until = NULL, worker = NULL
            WHERE id = $1 AND fence = $2 AND state = 'running'")
        .bind(lease.job)
        .bind(lease.fence)
        .bind(now)
        .bind(Timestamp(now.0 + back_off_seconds(i64::from(lease.attempt))))
        .bind(error.replace('\0', "\u{fffd}"));
        let mut transaction = self.database.write().await?;
        let ours = transaction.execute(statement).await? > 0;
        listed::job_changed(&mut transaction, lease.job).await?;
        transaction.commit().await?;
        Ok(if ours { Beat::GoOn } else { Beat::Lost })
    }

    /// Says that a job cannot be done, however often it is tried.
    pub async fn give_up(&self, lease: &Lease, error: &str, now: Timestamp) -> Result<Beat, Error> {
        let statement = sql("UPDATE jobs SET
                state = CASE WHEN again = 1 THEN 'queued' ELSE 'failed' END,
                ended_at = CASE WHEN again = 0 THEN CAST($3 AS BIGINT) END,
                attempts = CASE WHEN again = 1 THEN 0 ELSE attempts END,
                again = 0, error = $4, lease_until = NULL, worker = NULL
            WHERE id = $1 AND fence = $2 AND state = 'running'")
        .bind(lease.job)
        .bind(lease.fence)
        .bind(now)
        .bind(error.replace('\0', "\u{fffd}"));
        let mut transaction = self.database.write().await?;
        let ours = transaction.execute(statement).await? > 0;
        listed::job_changed(&mut transaction, lease.job).await?;
        transaction.commit().await?;
        Ok(if ours { Beat::GoOn } else { Beat::Lost })
    }

    /// Puts a job back that was begun and not ended, as if nobody had taken it: its worker has to go.
    pub async fn put_back(&self, lease: &Lease) -> Result<Beat, Error> {
        let statement = sql("UPDATE jobs SET state = 'queued', attempts = attempts - 1, lease_until = NULL,
                worker = NULL
            WHERE id = $1 AND fence = $2 AND state = 'running'")
        .bind(lease.job)
        .bind(lease.fence);
        let mut transaction = self.database.write().await?;
        let ours = transaction.execute(statement).await? > 0;
        listed::job_changed(&mut transaction, lease.job).await?;
        transaction.commit().await?;
        Ok(if ours { Beat::GoOn } else { Beat::Lost })
    }

    /// Ends the leases of all jobs that run, so that they are taken anew at once. Only for who knows that
    /// nobody works on one any more: the only process there is, when it starts.
    pub async fn end_leases(&self, _access: &InstanceAccess<Scan>) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        transaction.execute(sql("UPDATE jobs SET lease_until = 0 WHERE state = 'running'")).await?;
        transaction.commit().await
    }

    /// Stops a job that is on its way, and no later one of the same key. Its worker learns it at
    /// its next heartbeat. Says whether there was something to stop.
    pub async fn stop_job(
        &self,
        _access: &InstanceAccess<Scan>,
        id: JobId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let mut transaction = self.database.write().await?;
        let stopped = stop(&mut transaction, id, now).await?;
        listed::job_changed(&mut transaction, id).await?;
        transaction.commit().await?;
        Ok(stopped)
    }

    /// Whether a job is being done.
    pub async fn job_runs(&self, _access: &InstanceAccess<Scan>, id: JobId) -> Result<bool, Error> {
        let statement = sql("SELECT 1 FROM jobs WHERE id = $1 AND state = 'running'").bind(id);
        Ok(self.database.read().await?.optional(statement, |_| Ok(())).await?.is_some())
    }

    /// How many jobs there are of each kind and state.
    pub async fn job_counts(
        &self,
        _access: &InstanceAccess<Scan>,
    ) -> Result<Vec<(String, JobState, u64)>, Error> {
        let statement = sql("SELECT kind, state, COUNT(*) FROM jobs GROUP BY kind, state
            ORDER BY kind, state");
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.database.read().await?.all(statement, read).await
    }

    /// Deletes the rows of jobs that ended before a time; says how many.
    pub async fn delete_old_jobs(
        &self,
        _access: &InstanceAccess<Scan>,
        before: Timestamp,
    ) -> Result<u64, Error> {
        let mut transaction = self.database.write().await?;
        // A scan without an outcome is where its job is; from now on it says so itself.
        let outcomes = sql("UPDATE scans SET
                outcome = (SELECT j.state FROM jobs AS j WHERE j.id = scans.job_id),
                log = (SELECT j.error FROM jobs AS j WHERE j.id = scans.job_id),
                ended_at = (SELECT j.ended_at FROM jobs AS j WHERE j.id = scans.job_id)
            WHERE outcome IS NULL AND job_id IN (SELECT id FROM jobs WHERE ended_at < $1)");
        transaction.execute(outcomes.bind(before)).await?;
        let count = transaction.execute(sql("DELETE FROM jobs WHERE ended_at < $1").bind(before)).await?;
        transaction.commit().await?;
        Ok(count)
    }
}

/// Puts a job down inside of a transaction that changes something else as well.
pub(crate) async fn put(
    transaction: &mut Transaction,
    job: &NewJob<'_>,
    now: Timestamp,
) -> Result<JobId, Error> {
    let turn = turn(transaction, job).await?;
    let statement = sql("INSERT INTO jobs
            (kind, key, namespace_id, priority, turn, payload, state, attempts_max, created_at, run_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'queued', $7, $8, $8)
        ON CONFLICT (kind, key) WHERE state IN ('waiting', 'queued', 'running') DO UPDATE SET
            state = CASE WHEN jobs.state = 'waiting' THEN 'queued' ELSE jobs.state END,
            turn = CASE WHEN jobs.priority < excluded.priority THEN excluded.turn ELSE jobs.turn END,
            priority = CASE WHEN jobs.priority < excluded.priority
                THEN excluded.priority ELSE jobs.priority END,
            payload = CASE WHEN jobs.state = 'running' AND $9 = 0
                THEN jobs.payload ELSE excluded.payload END,
            again = CASE WHEN jobs.state = 'running' AND $9 = 1 THEN 1 ELSE jobs.again END
        RETURNING id")
    .bind(job.kind)
    .bind(job.key)
    .bind(job.namespace.map(NamespaceId::number))
    .bind(job.priority)
    .bind(turn)
    .bind(job.payload)
    .bind(i64::from(job.attempts_max.max(1)))
    .bind(now)
    .bind(job.while_running == WhileRunning::Again);
    transaction.one(statement, |row| row.get(0)).await
}

/// Ends a job inside of the transaction that keeps its result, so that a worker that has lost it
/// keeps none.
pub(crate) async fn finish(
    transaction: &mut Transaction,
    lease: &Lease,
    now: Timestamp,
) -> Result<Beat, Error> {
    let statement = sql("UPDATE jobs SET
            state = CASE WHEN again = 1 THEN 'queued' ELSE 'done' END,
            ended_at = CASE WHEN again = 0 THEN CAST($3 AS BIGINT) END,
            attempts = CASE WHEN again = 1 THEN 0 ELSE attempts END,
            again = 0, error = NULL, progress_percent = 100, lease_until = NULL, worker = NULL
        WHERE id = $1 AND fence = $2 AND state = 'running'")
    .bind(lease.job)
    .bind(lease.fence)
    .bind(now);
    Ok(if transaction.execute(statement).await? > 0 { Beat::GoOn } else { Beat::Lost })
}

/// Stops a job that is on its way; says whether it was.
pub(crate) async fn stop(transaction: &mut Transaction, id: JobId, now: Timestamp) -> Result<bool, Error> {
    let statement = sql("UPDATE jobs
        SET state = 'stopped', ended_at = $2, lease_until = NULL, worker = NULL, again = 0
        WHERE id = $1 AND state IN ('waiting', 'queued', 'running')")
    .bind(id)
    .bind(now);
    Ok(transaction.execute(statement).await? > 0)
}

/// Brings back what waited long enough, and what its worker has left without a word.
async fn recover(transaction: &mut Transaction, now: Timestamp) -> Result<(), Error> {
    let waited = sql("UPDATE jobs SET state = 'queued' WHERE state = 'waiting' AND run_at <= $1");
    transaction.execute(waited.bind(now)).await?;
    let left = sql("UPDATE jobs SET
            state = CASE WHEN attempts < attempts_max THEN 'queued' ELSE 'failed' END,
            ended_at = CASE WHEN attempts >= attempts_max THEN CAST($1 AS BIGINT) END,
            error = 'its worker was not heard of any more', lease_until = NULL, worker = NULL
        WHERE state = 'running' AND lease_until < $1 RETURNING id");
    let left: Vec<JobId> = transaction.all(left.bind(now), |row| row.get(0)).await?;
    for job in left {
        listed::job_changed(transaction, job).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour() {
        let waits: Vec<_> = [0, 1, 2, 3, 10, 11, i64::MAX].map(back_off_seconds).into();
        assert_eq!(waits, [5, 5, 10, 20, 2_560, 3_600, 3_600]);
    }
}
