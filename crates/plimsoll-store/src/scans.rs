//! Scans of artifacts, and what they found.
//!
//! A scan has no state of its own while its job is on its way: it is where the job is, so that
//! no crash can leave the two in disagreement. Two artifacts with the same manifest share one job.
//! A result stays until the next one replaces it.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Row, Session, Transaction, sql};
use crate::jobs::{self, JobState};
use crate::listed;
use crate::units::{self, NewUnit};
use crate::{
    Access, ArtifactId, Beat, Error, InventoryId, JobId, Lease, NewJob, Noun, Priority, Read, Scan, ScanId,
    Store, WhileRunning,
};

/// Where the scanning of an artifact stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanState {
    /// Nobody has asked for it yet.
    NotScanned,
    /// It is nothing that can be scanned.
    NotSupported,
    /// It waits for a worker.
    Queued,
    /// A worker reads it.
    Scanning {
        /// What it does right now.
        phase: String,
        /// How far it is, by bytes.
        progress_percent: u8,
    },
    /// It was tried as often as it may.
    Failed,
    /// There is a result.
    Complete,
    /// Somebody stopped it.
    Stopped,
}

impl ScanState {
    /// The word for it.
    pub fn name(&self) -> &'static str {
        match self {
            ScanState::NotScanned => "not_scanned",
            ScanState::NotSupported => "not_supported",
            ScanState::Queued => "queued",
            ScanState::Scanning { .. } => "scanning",
            ScanState::Failed => "failed",
            ScanState::Complete => "complete",
            ScanState::Stopped => "stopped",
        }
    }

    /// Where an index is, by the word that stands beside it for its images.
    pub(crate) fn of_images(word: &str) -> Result<ScanState, Error> {
        Ok(match word {
            "not_scanned" => ScanState::NotScanned,
            "not_supported" => ScanState::NotSupported,
            "queued" => ScanState::Queued,
            "scanning" => ScanState::Scanning { phase: "images".to_owned(), progress_percent: 0 },
            "failed" => ScanState::Failed,
            "complete" => ScanState::Complete,
            "stopped" => ScanState::Stopped,
            _ => return Err(Error::Corrupt { what: "the state of an index" }),
        })
    }

    /// Whether a worker has it or will have it.
    pub fn is_on_its_way(&self) -> bool {
        matches!(self, ScanState::Queued | ScanState::Scanning { .. })
    }
}

/// A scan of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactScan {
    /// Its number.
    pub id: ScanId,
    /// Where it stands.
    pub state: ScanState,
    /// What was written down on the way.
    pub log: Option<String>,
    /// Who asked for it.
    pub asked_by: String,
    /// When.
    pub asked_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// How many findings of each severity, and how many of all have a fix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Critical.
    pub critical: u64,
    /// High.
    pub high: u64,
    /// Medium.
    pub medium: u64,
    /// Low.
    pub low: u64,
    /// Negligible, none, and unknown.
    pub other: u64,
    /// Those with a fix, of any severity.
    pub fixable: u64,
}

/// What a worker found.
#[derive(Clone, Debug)]
pub struct NewResult<'a> {
    /// The digest of the inventory, and its bytes.
    pub inventory: (&'a Digest, &'a [u8]),
    /// What made the inventory; see [`Store::due_scans`].
    pub form: &'a str,
    /// The keys of all its packages, each once.
    pub units: &'a [&'a str],
    /// Those of its packages that were not known yet.
    pub new_units: &'a [NewUnit<'a>],
    /// The database it was matched with; none where there was none.
    pub snapshot: Option<&'a Digest>,
    /// What stands for the report: another one for other findings.
    pub report: &'a Digest,
    /// The findings, counted.
    pub counts: Counts,
    /// Whether something could not be read.
    pub incomplete: bool,
    /// Until when the distribution in it gets updates, if that is known.
    pub support_ends: Option<Timestamp>,
    /// What was written down on the way, bounded and without secrets.
    pub log: &'a str,
}

/// The newest result of an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanResult {
    /// The inventory; a report is what it comes to at the newest database.
    pub inventory: InventoryId,
    /// The digest of the inventory's bytes.
    pub inventory_digest: Digest,
    /// What stands for the report: another one for other findings.
    pub report: Digest,
    /// The findings, counted.
    pub counts: Counts,
    /// Whether something could not be read.
    pub incomplete: bool,
    /// When.
    pub scanned_at: Timestamp,
}

/// The kind of the jobs of this file.
pub const SCAN_JOB: &str = "scan";

/// How often a scan is tried.
const ATTEMPTS_MAX: u32 = 3;

const SELECT: &str = "SELECT s.id, s.outcome, j.state, j.phase, j.progress_percent, COALESCE(s.log, j.error),
        s.asked_by, s.asked_at, COALESCE(s.ended_at, j.ended_at)
    FROM scans AS s LEFT JOIN jobs AS j ON j.id = s.job_id WHERE s.artifact_id = $1 AND s.id < $2
    ORDER BY s.id DESC LIMIT $3";

fn scan(row: &Row) -> Result<ArtifactScan, Error> {
    let (outcome, job): (Option<String>, Option<String>) = (row.get(1)?, row.get(2)?);
    let percent: Option<i64> = row.get(4)?;
    Ok(ArtifactScan {
        id: row.get(0)?,
        state: state_of(outcome.as_deref(), job.as_deref(), row.get(3)?, percent.unwrap_or_default())?,
        log: row.get(5)?,
        asked_by: row.get(6)?,
        asked_at: row.get(7)?,
        ended_at: row.get(8)?,
    })
}

/// Where a scan stands, by its outcome or else by its job.
pub(crate) fn state_of(
    outcome: Option<&str>,
    job: Option<&str>,
    phase: Option<String>,
    percent: i64,
) -> Result<ScanState, Error> {
    let corrupt = || Error::Corrupt { what: "the state of a scan" };
    Ok(match outcome {
        Some("complete") => ScanState::Complete,
        Some("failed") => ScanState::Failed,
        Some("stopped") => ScanState::Stopped,
        Some("not_supported") => ScanState::NotSupported,
        Some(_) => return Err(corrupt()),
        None => match job.and_then(JobState::parse) {
            Some(JobState::Waiting | JobState::Queued) => ScanState::Queued,
            Some(JobState::Running) => ScanState::Scanning {
                phase: phase.unwrap_or_default(),
                progress_percent: u8::try_from(percent).unwrap_or(100),
            },
            Some(JobState::Failed) => ScanState::Failed,
            Some(JobState::Stopped) => ScanState::Stopped,
            Some(JobState::Done) | None => return Err(corrupt()),
        },
    })
}

pub(crate) async fn newest(
    session: &mut Session,
    artifact: ArtifactId,
) -> Result<Option<ArtifactScan>, Error> {
    session.optional(sql(SELECT).bind(artifact).bind(i64::MAX).bind(1_i64), scan).await
}

/// The digest of an artifact, if it is in this namespace.
async fn digest_in<P>(
    session: &mut Session,
    access: &Access<P>,
    artifact: ArtifactId,
) -> Result<Digest, Error> {
    let statement = sql("SELECT a.digest FROM artifacts AS a
        JOIN repositories AS r ON r.id = a.repository_id WHERE a.id = $1 AND r.namespace_id = $2")
    .bind(artifact)
    .bind(access.namespace());
    let found = session.optional(statement, |row| row.get(0)).await?;
    found.ok_or_else(|| Error::unknown(Noun::Manifest, artifact))
}

impl Store {
    /// Asks for a scan of an artifact. While one is on its way there is no other.
    pub async fn request_scan(
        &self,
        access: &Access<Scan>,
        artifact: ArtifactId,
        priority: Priority,
        now: Timestamp,
    ) -> Result<ScanId, Error> {
        let mut transaction = self.database.write().await?;
        lock(&mut transaction, artifact).await?;
        let digest = digest_in(&mut transaction, access, artifact).await?.to_string();
        if newest(&mut transaction, artifact).await?.is_some_and(|it| it.state.is_on_its_way()) {
            return Err(Error::InUse { what: Noun::Scan, name: digest });
        }
        let job = NewJob {
            kind: SCAN_JOB,
            key: &digest,
            namespace: Some(access.namespace()),
            priority,
            payload: &artifact.to_string(),
            attempts_max: ATTEMPTS_MAX,
            while_running: WhileRunning::Join,
        };
        let job = jobs::put(&mut transaction, &job, now).await?;
        let insert = sql("INSERT INTO scans (artifact_id, job_id, asked_by, asked_at)
            VALUES ($1, $2, $3, $4) RETURNING id")
        .bind(artifact)
        .bind(job)
        .bind(access.actor())
        .bind(now);
        let id = transaction.one(insert, |row| row.get(0)).await?;
        listed::scans_changed(&mut transaction, &[artifact]).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Notes that an artifact is nothing that can be scanned.
    pub async fn mark_unsupported(
        &self,
        access: &Access<Scan>,
        artifact: ArtifactId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        digest_in(&mut transaction, access, artifact).await?;
        let insert = sql("INSERT INTO scans (artifact_id, outcome, asked_by, asked_at, ended_at)
            VALUES ($1, 'not_supported', $2, $3, $3)")
        .bind(artifact)
        .bind(access.actor())
        .bind(now);
        transaction.execute(insert).await?;
        listed::scans_changed(&mut transaction, &[artifact]).await?;
        transaction.commit().await
    }

    /// Stops the scan of an artifact. Its job goes on only if another artifact needs it as well.
    pub async fn stop_scan(
        &self,
        access: &Access<Scan>,
        artifact: ArtifactId,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let mut transaction = self.database.write().await?;
        lock(&mut transaction, artifact).await?;
        digest_in(&mut transaction, access, artifact).await?;
        let Some(scan) = newest(&mut transaction, artifact).await?.filter(|it| it.state.is_on_its_way())
        else {
            return Ok(false);
        };
        let stop = sql("UPDATE scans SET outcome = 'stopped', ended_at = $2 WHERE id = $1 RETURNING job_id");
        let job: JobId = transaction.one(stop.bind(scan.id).bind(now), |row| row.get(0)).await?;
        let others = sql("SELECT COUNT(*) FROM scans WHERE job_id = $1 AND outcome IS NULL").bind(job);
        if transaction.one(others, |row| row.get::<i64>(0)).await? == 0 {
            jobs::stop(&mut transaction, job, now).await?;
        }
        listed::scans_changed(&mut transaction, &[artifact]).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Where the scanning of an artifact stands.
    pub async fn scan_state(&self, access: &Access<Read>, artifact: ArtifactId) -> Result<ScanState, Error> {
        let mut session = self.database.read().await?;
        digest_in(&mut session, access, artifact).await?;
        Ok(newest(&mut session, artifact).await?.map_or(ScanState::NotScanned, |it| it.state))
    }

    /// The scans of an artifact, newest first, before one of them.
    pub async fn scans(
        &self,
        access: &Access<Read>,
        artifact: ArtifactId,
        before: Option<ScanId>,
        limit: u32,
    ) -> Result<Vec<ArtifactScan>, Error> {
        let mut session = self.database.read().await?;
        digest_in(&mut session, access, artifact).await?;
        let before = before.map_or(i64::MAX, ScanId::number);
        session.all(sql(SELECT).bind(artifact).bind(before).bind(i64::from(limit)), scan).await
    }

    /// Keeps what a worker found, for all artifacts that wait for it, and says which these are. A
    /// worker that has lost its job gets none, and nothing is kept.
    pub async fn complete_scan(
        &self,
        lease: &Lease,
        result: &NewResult<'_>,
        now: Timestamp,
    ) -> Result<Option<Vec<ArtifactId>>, Error> {
        let mut transaction = self.database.write().await?;
        if jobs::finish(&mut transaction, lease, now).await? == Beat::Lost {
            return Ok(None);
        }
        let inventory = keep_inventory(&mut transaction, result, now).await?;
        let waiting = sql("UPDATE scans SET outcome = 'complete', ended_at = $2, log = $3
            WHERE job_id = $1 AND outcome IS NULL RETURNING id, artifact_id")
        .bind(lease.job)
        .bind(now)
        .bind(result.log.replace('\0', "\u{fffd}"));
        let waiting: Vec<(ScanId, ArtifactId)> =
            transaction.all(waiting, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        for (scan, artifact) in &waiting {
            keep_result(&mut transaction, (*scan, *artifact, inventory), result, now).await?;
        }
        let artifacts: Vec<ArtifactId> = waiting.into_iter().map(|(_, artifact)| artifact).collect();
        listed::scans_changed(&mut transaction, &artifacts).await?;
        transaction.commit().await?;
        Ok(Some(artifacts))
    }

    /// The newest result of an artifact.
    pub async fn result(
        &self,
        access: &Access<Read>,
        artifact: ArtifactId,
    ) -> Result<Option<ScanResult>, Error> {
        let mut session = self.database.read().await?;
        digest_in(&mut session, access, artifact).await?;
        let statement = sql("SELECT s.inventory_id, i.digest, s.critical, s.high, s.medium, s.low, s.other,
                s.fixable, s.incomplete, s.scanned_at, s.report_digest
            FROM results AS s JOIN inventories AS i ON i.id = s.inventory_id WHERE s.artifact_id = $1")
        .bind(artifact);
        let read = |row: &Row| {
            Ok(ScanResult {
                inventory: row.get(0)?,
                inventory_digest: row.get(1)?,
                counts: Counts {
                    critical: row.get(2)?,
                    high: row.get(3)?,
                    medium: row.get(4)?,
                    low: row.get(5)?,
                    other: row.get(6)?,
                    fixable: row.get(7)?,
                },
                incomplete: row.get(8)?,
                scanned_at: row.get(9)?,
                report: row.get(10)?,
            })
        };
        session.optional(statement, read).await
    }

    /// The bytes of the inventory behind the newest result of an artifact. Inventories are found by
    /// what one may read, never by their digest: the same one may be of images of others.
    pub async fn inventory(
        &self,
        access: &Access<Read>,
        artifact: ArtifactId,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut session = self.database.read().await?;
        digest_in(&mut session, access, artifact).await?;
        let statement = sql("SELECT i.content FROM results AS s
            JOIN inventories AS i ON i.id = s.inventory_id WHERE s.artifact_id = $1");
        session.optional(statement.bind(artifact), |row| row.get(0)).await
    }

    /// Notes that a manifest turned out to be nothing that can be scanned, for all artifacts that
    /// wait for it. A worker that has lost its job is told so, and nothing is kept.
    pub async fn complete_unsupported(
        &self,
        lease: &Lease,
        log: &str,
        now: Timestamp,
    ) -> Result<Beat, Error> {
        let mut transaction = self.database.write().await?;
        if jobs::finish(&mut transaction, lease, now).await? == Beat::Lost {
            return Ok(Beat::Lost);
        }
        let waiting = sql("UPDATE scans SET outcome = 'not_supported', ended_at = $2, log = $3
            WHERE job_id = $1 AND outcome IS NULL RETURNING artifact_id")
        .bind(lease.job)
        .bind(now)
        .bind(log.replace('\0', "\u{fffd}"));
        let waiting: Vec<ArtifactId> = transaction.all(waiting, |row| row.get(0)).await?;
        listed::scans_changed(&mut transaction, &waiting).await?;
        transaction.commit().await?;
        Ok(Beat::GoOn)
    }
}

/// Two requests for one artifact go one after the other.
async fn lock(transaction: &mut Transaction, artifact: ArtifactId) -> Result<(), Error> {
    let statement = sql("UPDATE artifacts SET digest = digest WHERE id = $1").bind(artifact);
    match transaction.execute(statement).await? {
        0 => Err(Error::unknown(Noun::Manifest, artifact)),
        _ => Ok(()),
    }
}

async fn keep_inventory(
    transaction: &mut Transaction,
    result: &NewResult<'_>,
    now: Timestamp,
) -> Result<InventoryId, Error> {
    units::insert(transaction, result.new_units, now).await?;
    let ids = units::ids(transaction, result.units).await?;
    let (digest, content) = result.inventory;
    let known = sql("SELECT id FROM inventories WHERE digest = $1").bind(digest);
    if let Some(id) = transaction.optional(known, |row| row.get(0)).await? {
        return Ok(id);
    }
    let insert = sql("INSERT INTO inventories (digest, content, form, units, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING id")
    .bind(digest)
    .bind(content)
    .bind(result.form)
    .bind(units::pack(&ids).as_slice())
    .bind(now);
    let inventory = transaction.one(insert, |row| row.get(0)).await?;
    units::link(transaction, inventory, &ids).await?;
    Ok(inventory)
}

async fn keep_result(
    transaction: &mut Transaction,
    (scan, artifact, inventory): (ScanId, ArtifactId, InventoryId),
    result: &NewResult<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let counts = result.counts;
    let statement = sql("INSERT INTO results (artifact_id, scan_id, inventory_id, snapshot_digest, critical,
            high, medium, low, other, fixable, incomplete, scanned_at, report_digest, support_ends)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
        ON CONFLICT (artifact_id) DO UPDATE SET scan_id = excluded.scan_id,
            inventory_id = excluded.inventory_id, snapshot_digest = excluded.snapshot_digest,
            critical = excluded.critical, high = excluded.high, medium = excluded.medium,
            low = excluded.low, other = excluded.other, fixable = excluded.fixable,
            incomplete = excluded.incomplete, scanned_at = excluded.scanned_at,
            report_digest = excluded.report_digest, support_ends = excluded.support_ends")
    .bind(artifact)
    .bind(scan)
    .bind(inventory)
    .bind(result.snapshot)
    .bind(counts.critical)
    .bind(counts.high)
    .bind(counts.medium)
    .bind(counts.low)
    .bind(counts.other)
    .bind(counts.fixable)
    .bind(result.incomplete)
    .bind(now)
    .bind(result.report)
    .bind(result.support_ends);
    transaction.execute(statement).await?;
    listed::result_changed(transaction, artifact).await
}
