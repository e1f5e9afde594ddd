//! Reports: what an inventory comes to at the database that holds. They are made when somebody asks
//! and kept for a while; none is ever older than the database.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_core::{Digest, Report};
use plimsoll_engine::fix_plan::{FixPlan, fix_plan};
use plimsoll_engine::judge::{Answers, judge};
use plimsoll_engine::record;
use plimsoll_store::{Access, ArtifactId, Error, Read};

use super::{Scanning, now};

/// So many are kept: a page of findings and the next ones are of one report.
const KEPT_MAX: usize = 8;
/// A report with more findings is not kept.
const FINDINGS_MAX: usize = 20_000;

/// Why there is no report, though there should be one.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] Error),
    /// Making it failed, which is a mistake of ours.
    #[error("the report could not be made of what was found")]
    Failed(#[source] tokio::task::JoinError),
}

/// The inventory and the snapshot of a report.
type Key = (Digest, Option<Digest>);

/// The reports that were made last.
#[derive(Default)]
pub(super) struct Reports(Mutex<VecDeque<(Key, Arc<Report>)>>);

impl Reports {
    fn find(&self, key: &Key) -> Option<Arc<Report>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(it, _)| it == key)?;
        let found = kept.remove(at)?;
        let report = Arc::clone(&found.1);
        kept.push_back(found);
        Some(report)
    }

    fn keep(&self, key: Key, report: &Arc<Report>) {
        if report.images.iter().map(|image| image.findings.len()).sum::<usize>() > FINDINGS_MAX {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back((key, Arc::clone(report)));
        while kept.len() > KEPT_MAX {
            kept.pop_front();
        }
    }
}

impl Scanning {
    /// The report of an artifact by the database that holds; `None` where it has no result, or one
    /// that an earlier version made and that is being made anew. The subject of a report has no name
    /// (the same one may be of images of others); whoever shows it gives it one.
    pub async fn report(
        &self,
        access: &Access<Read>,
        artifact: ArtifactId,
    ) -> Result<Option<Arc<Report>>, ReportError> {
        let Some(result) = self.store.result(access, artifact).await? else {
            return Ok(None);
        };
        let current = self.snapshots.hold().await.clone();
        let key = (result.inventory_digest, current.as_ref().map(|open| open.info.digest));
        if let Some(report) = self.reports.find(&key) {
            return Ok(Some(report));
        }
        let Some(bytes) = self.store.inventory(access, artifact).await? else {
            return Ok(None);
        };
        let made = tokio::task::spawn_blocking(move || {
            let scan = record::decode(&bytes, "")?;
            let answers = current.as_ref().map(|open| Answers {
                snapshot: &open.snapshot,
                info: &open.info,
                informational: false,
                texts: true,
            });
            Some(Arc::new(judge(scan, answers.as_ref(), now())))
        });
        let report = made.await.map_err(ReportError::Failed)?;
        if let Some(report) = &report {
            self.reports.keep(key, report);
        }
        Ok(report)
    }

    /// The report of an image with what to change in it, tried by the database that holds.
    pub async fn plan(
        &self,
        access: &Access<Read>,
        artifact: ArtifactId,
    ) -> Result<Option<(Arc<Report>, FixPlan)>, ReportError> {
        let Some(report) = self.report(access, artifact).await? else { return Ok(None) };
        let current = self.snapshots.hold().await.clone();
        let made = tokio::task::spawn_blocking(move || {
            let answers = current.as_ref().map(|open| Answers {
                snapshot: &open.snapshot,
                info: &open.info,
                informational: false,
                texts: false,
            });
            let plan = fix_plan(report.images.first()?, answers.as_ref(), now())?;
            Some((report, plan))
        });
        made.await.map_err(ReportError::Failed)
    }
}
