//! One scan from the job to the result.

use std::collections::{BTreeSet, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use plimsoll_core::{Digest, ImageReport, Reference, Report, Severity, SubjectKind, Support, Timestamp};
use plimsoll_engine::ScanError;
use plimsoll_engine::judge::{Answers, judge};
use plimsoll_engine::progress::Progress;
use plimsoll_engine::scan::{Scan, ScanOptions, scan, scan_held};
use plimsoll_engine::units::{Unit, judge_units, units_of};
use plimsoll_engine::{record, units};
use plimsoll_registry::Location;
use plimsoll_store::{
    ArtifactId, Beat, Counts, Error, JobId, Lease, NewResult, NewUnit, StoredManifest, UnitFinding,
};
use tokio::task::JoinError;

use super::held::Held;
use super::log::{Log, shown};
use super::progress::Meter;
use super::rejudge::report_of;
use super::snapshot::Current;
use super::{Going, News, Scanning, after, now};
use crate::blobs::Hash;

/// Where the layers of an image are.
enum Place {
    /// In the blobs of this registry.
    Here(StoredManifest),
    /// In a registry of others, and how that is asked.
    Elsewhere(Reference, Box<plimsoll_registry::Options>),
}

/// Why a scan did not come to an end of its own.
enum Ended {
    /// It is done, and kept.
    Kept,
    /// Somebody stopped it, or it went to another worker: whatever it was, nobody waits for it.
    Lost,
    /// The server stops; it is to be done after the next start.
    Interrupted,
    /// It cannot be done, however often it is tried.
    Hopeless(String),
    /// It may succeed the next time.
    Failed(String),
}

impl Scanning {
    /// Scans what a job names, and keeps what became of it.
    pub(super) async fn carry_out(self: &Arc<Self>, lease: Lease) {
        let cancelled = Arc::new(AtomicBool::new(false));
        let job = lease.job;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(job, Arc::clone(&cancelled));
        let mut log = Log::default();
        self.listener.going(job, Going::On("starting", 0)).await;
        let ended = self.scan(&lease, &cancelled, &mut log).await;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
        let noted = match &ended {
            Ended::Kept | Ended::Lost => Ok(Beat::GoOn),
            Ended::Interrupted => self.store.put_back(&lease).await,
            Ended::Hopeless(why) => {
                log.line(now(), why);
                self.store.give_up(&lease, &log.finish(), now()).await
            }
            Ended::Failed(why) => {
                log.line(now(), why);
                self.store.fail(&lease, &log.finish(), now()).await
            }
        };
        match (noted, ended) {
            // Its lease ends, and somebody else takes it.
            (Err(error), _) => self.complain("the end of a scan could not be noted", &error),
            (Ok(Beat::GoOn), Ended::Hopeless(why) | Ended::Failed(why)) => self.tell_failed(job, &why).await,
            (Ok(_), _) => (),
        }
    }

    /// Tells that a scan has failed, unless it is tried again.
    async fn tell_failed(&self, job: JobId, why: &str) {
        let system = self.store.authoriser().system();
        match self.store.job_failed(&system, job).await {
            Ok(true) => self.listener.going(job, Going::Failed(&shown(why))).await,
            Ok(false) => (),
            Err(error) => self.complain("it could not be found out whether a scan has failed", &error),
        }
    }

    async fn scan(self: &Arc<Self>, lease: &Lease, cancelled: &Arc<AtomicBool>, log: &mut Log) -> Ended {
        let began = Instant::now();
        log.line(now(), &format!("scan of {}, attempt {}", lease.key, lease.attempt));
        let Ok(digest) = lease.key.parse::<Digest>() else {
            return Ended::Hopeless("the job names no manifest".to_owned());
        };
        let system = self.store.authoriser().system();
        let manifest = match self.store.stored_manifest(&system, &digest).await {
            Ok(manifest) => manifest,
            Err(Error::Unknown { .. }) => return Ended::Hopeless("the manifest was deleted".to_owned()),
            Err(error) => return Ended::Failed(format!("the manifest cannot be had: {error}")),
        };
        let place = match self.place(manifest).await {
            Ok(place) => place,
            Err(error) => return Ended::Failed(format!("where the image lies cannot be had: {error}")),
        };
        if let Place::Elsewhere(reference, _) = &place {
            log.line(now(), &format!("it lies in another registry: {reference}"));
        }
        let meter = Arc::new(Meter::default());
        let scanning = self.read(place, Arc::clone(&meter), Arc::clone(cancelled));
        let read = match self.while_beating(lease, &meter, cancelled, scanning).await {
            Ok(Ok(scan)) => scan,
            Ok(Err(error)) => return self.why_not(error),
            Err(Some(panic)) => {
                return Ended::Hopeless(format!("the scan failed; please report this ({panic})"));
            }
            Err(None) => return Ended::Lost,
        };
        log.line(now(), &format!("layers read after {} ms", began.elapsed().as_millis()));
        if read.subject.kind == SubjectKind::NotSupported {
            read.problems.iter().for_each(|problem| log.line(now(), &problem.what));
            let noted = self.store.complete_unsupported(lease, &std::mem::take(log).finish(), now()).await;
            self.listener.going(lease.job, Going::NotSupported).await;
            return noted.map_or_else(|error| Ended::Failed(error.to_string()), |_| Ended::Kept);
        }
        match self.keep(lease, read, log, began).await {
            Ok(ended) => ended,
            Err(error) => Ended::Failed(format!("the result could not be kept: {error}")),
        }
    }

    /// Where the layers of a manifest are.
    async fn place(&self, manifest: StoredManifest) -> Result<Place, Error> {
        if !manifest.blobs.is_empty() {
            return Ok(Place::Here(manifest));
        }
        let system = self.store.authoriser().system();
        Ok(match self.store.elsewhere(&system, &manifest.digest).await? {
            None => Place::Here(manifest),
            Some(found) => {
                let reference = Reference {
                    registry: found.login.settings.host.clone(),
                    repository: found.repository.to_string(),
                    tag: None,
                    digest: Some(manifest.digest),
                };
                Place::Elsewhere(reference, Box::new(self.options.reach.options(&found.login)))
            }
        })
    }

    /// Reads the layers on a thread of its own.
    fn read(
        &self,
        place: Place,
        meter: Arc<Meter>,
        cancelled: Arc<AtomicBool>,
    ) -> tokio::task::JoinHandle<Result<Scan, ScanError>> {
        let (facts, limits) = (self.facts.clone(), self.options.limits.clone());
        let runtime = tokio::runtime::Handle::current();
        let blobs = Arc::clone(&self.blobs);
        tokio::task::spawn_blocking(move || {
            let listener = |progress: Progress| meter.hear(&progress);
            let options = |source, verify_layers| ScanOptions {
                source,
                limits,
                cache: facts,
                listener: &listener,
                cancelled: &cancelled,
                verify_layers,
            };
            match place {
                Place::Here(manifest) => {
                    let (digest, media_type) = (manifest.digest, manifest.media_type.clone());
                    let holding = Arc::new(Held::new(manifest, blobs, runtime));
                    // The registry has verified them all when they came.
                    let options = options(plimsoll_registry::Options::from_environment(), false);
                    scan_held("", holding, (&digest, &media_type), &options)
                }
                Place::Elsewhere(reference, source) => {
                    scan("", &Location::Registry(reference), &options(*source, true))
                }
            }
        })
    }

    /// Waits for the reading, and gives a sign of life now and then. `None` where the job was lost
    /// meanwhile.
    async fn while_beating(
        &self,
        lease: &Lease,
        meter: &Meter,
        cancelled: &AtomicBool,
        mut reading: tokio::task::JoinHandle<Result<Scan, ScanError>>,
    ) -> Result<Result<Scan, ScanError>, Option<JoinError>> {
        let mut lost = false;
        loop {
            tokio::select! {
                ended = &mut reading => {
                    return if lost { Err(None) } else { ended.map_err(Some) };
                }
                () = tokio::time::sleep(self.options.heartbeat) => (),
            }
            let (phase, percent) = meter.state();
            match self.store.heartbeat(lease, phase, percent, after(now(), self.options.lease)).await {
                Ok(Beat::GoOn) => self.listener.going(lease.job, Going::On(phase, percent)).await,
                Ok(Beat::Lost) => {
                    lost = true;
                    cancelled.store(true, Ordering::Relaxed);
                }
                // The lease lasts for many heartbeats.
                Err(error) => self.complain("a scan could not give a sign of life", &error),
            }
        }
    }

    fn why_not(&self, error: ScanError) -> Ended {
        let text = match &error {
            ScanError::Source(source) => source.with_causes(),
            other => other.to_string(),
        };
        match error {
            ScanError::Cancelled if self.is_stopping() => Ended::Interrupted,
            ScanError::Cancelled => Ended::Lost,
            // A disk, a registry of others or a login may work again.
            ScanError::Source(source)
                if matches!(
                    source.kind(),
                    plimsoll_registry::ErrorKind::Io
                        | plimsoll_registry::ErrorKind::Unreachable
                        | plimsoll_registry::ErrorKind::Unauthorized
                ) =>
            {
                Ended::Failed(text)
            }
            // A damaged image is as damaged the next time; a disk may work again.
            ScanError::Layer { source: plimsoll_image::pipeline::LayerError::Read(_), .. }
            | ScanError::Directory { .. } => Ended::Failed(text),
            ScanError::Source(_) | ScanError::Layer { .. } => Ended::Hopeless(text),
        }
    }

    /// Judges what was read and keeps it.
    async fn keep(
        self: &Arc<Self>,
        lease: &Lease,
        scan: Scan,
        log: &mut Log,
        began: Instant,
    ) -> Result<Ended, Error> {
        let record = record::encode(&scan);
        let digest = Hash::of(plimsoll_core::Algorithm::Sha256, &record);
        let units: Vec<Unit> = scan.images.iter().flat_map(|image| units_of(&image.inventory)).collect();
        let keys: Vec<&str> = units.iter().map(|it| it.key.as_str()).collect();
        let system = self.store.authoriser().system();
        let current = self.snapshots.hold().await;
        let known: HashSet<String> = self.store.known_units(&system, &keys).await?.into_iter().collect();
        let new: Vec<Unit> = units.iter().filter(|it| !known.contains(&it.key)).cloned().collect();
        let snapshot = current.clone();
        let judged = tokio::task::spawn_blocking(move || judge_all(scan, new, &snapshot)).await;
        let Ok((report, new)) = judged else {
            return Ok(Ended::Hopeless("judging the image failed; please report this".to_owned()));
        };
        note_problems(&report, log);
        log.line(now(), &format!("{}; {} ms in all", in_words(&report), began.elapsed().as_millis()));
        let new: Vec<NewUnit<'_>> =
            new.iter().map(|(unit, content, found)| new_unit(unit, content, found)).collect();
        let snapshot = current.as_ref().map(|open| open.info.digest);
        let stands_for = report_of(&digest, current.as_deref());
        self.listener.before(&stands_for, &report).await;
        let result = NewResult {
            inventory: (&digest, &record),
            form: record::form(),
            units: &keys,
            new_units: &new,
            snapshot: snapshot.as_ref(),
            report: &stands_for,
            counts: counts(&report),
            incomplete: !report.is_complete(),
            support_ends: support_ends(&report),
            log: &std::mem::take(log).finish(),
        };
        let artifacts = self.store.complete_scan(lease, &result, now()).await?;
        drop(current);
        let Some(artifacts) = artifacts else { return Ok(Ended::Lost) };
        self.tell(&artifacts, Some(&report)).await;
        Ok(Ended::Kept)
    }

    /// Tells whoever wants to hear it.
    pub(super) async fn tell(&self, artifacts: &[ArtifactId], report: Option<&Report>) {
        self.listener.hear(News { artifacts, report }).await;
    }
}

/// A unit with its content as the store takes it, and what is found of it.
type JudgedUnit = (Unit, String, Vec<UnitFinding>);

/// The report, and what is found of those packages that are new here.
fn judge_all(scan: Scan, new: Vec<Unit>, current: &Current) -> (Report, Vec<JudgedUnit>) {
    let answers = current.as_ref().map(|open| Answers {
        snapshot: &open.snapshot,
        info: &open.info,
        informational: false,
        texts: false,
    });
    let contents: Vec<&[u8]> = new.iter().map(|it| it.content.as_slice()).collect();
    let of_units = || match current {
        Some(open) => judge_units(&contents, open),
        None => vec![Some(Vec::new()); contents.len()],
    };
    // The image as a whole says what a vendor says of it by its digest, and what could not be judged;
    // its packages by themselves are what is kept in step with the database.
    let (report, found) = std::thread::scope(|scope| {
        let found = scope.spawn(of_units);
        let report = judge(scan, answers.as_ref(), now());
        (report, found.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    let new = new
        .into_iter()
        .zip(found)
        .map(|(unit, found)| {
            let content = super::rejudge::as_text(&unit.content);
            (unit, content, found.unwrap_or_default().into_iter().map(stored).collect())
        })
        .collect();
    (report, new)
}

/// A finding as the store keeps it.
pub(super) fn stored(found: units::UnitFinding) -> UnitFinding {
    UnitFinding {
        vulnerability: found.id,
        severity: found.severity,
        class: found.class.name().to_owned(),
        counts: found.counts,
        fixable: found.fixable,
        fixed_version: found.fixed_version,
        fix_seen_at: found.fix_seen,
        exploited: found.exploited,
    }
}

fn new_unit<'a>(unit: &'a Unit, content: &'a str, findings: &'a [UnitFinding]) -> NewUnit<'a> {
    NewUnit {
        key: &unit.key,
        kind: &unit.kind,
        name: &unit.name,
        version: &unit.version,
        purl: &unit.purl,
        content,
        findings,
    }
}

/// The findings of a report, counted as the store keeps them.
pub(super) fn counts(report: &Report) -> Counts {
    let summary = report.summary();
    let of = |severity: Severity| {
        let place = Severity::ALL.iter().position(|it| *it == severity);
        place.and_then(|place| summary.vulnerabilities.get(place)).map_or(0, |count| *count as u64)
    };
    Counts {
        critical: of(Severity::Critical),
        high: of(Severity::High),
        medium: of(Severity::Medium),
        low: of(Severity::Low),
        other: of(Severity::Negligible) + of(Severity::Unknown),
        fixable: summary.fixable as u64,
    }
}

/// When the first distribution of a report stops getting updates; 0 where one has, and nobody knows when.
fn support_ends(report: &Report) -> Option<Timestamp> {
    let ends = |image: &ImageReport| match image.support {
        Support::Ended => Some(image.support_ends.unwrap_or(Timestamp(0))),
        Support::Supported => image.support_ends,
        // Extended updates end at a time that the report does not say.
        Support::ExtendedOnly | Support::Unknown => None,
    };
    report.images.iter().filter_map(ends).min()
}

/// What could not be read, each thing once.
fn note_problems(report: &Report, log: &mut Log) {
    let of_images = report.images.iter().flat_map(|image| &image.problems);
    let mut said = BTreeSet::new();
    for problem in report.problems.iter().chain(of_images) {
        let weight = if problem.hides_findings { "incomplete" } else { "note" };
        let line = format!("{weight}: {problem}");
        if said.insert(line.clone()) {
            log.line(now(), &line);
        }
    }
}

fn in_words(report: &Report) -> String {
    let packages: usize = report.images.iter().map(|image| image.packages.len()).sum();
    let summary = report.summary();
    let database =
        report.snapshot.as_ref().map_or("no database".to_owned(), |it| format!("database {}", it.sequence));
    format!(
        "{packages} packages, {} vulnerabilities, {} of them fixable, by {database}",
        summary.total(),
        summary.fixable
    )
}
