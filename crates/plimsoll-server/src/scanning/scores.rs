//! EPSS over time: after a new database the scores of what images here have are written down.
//!
//! Nothing hangs on it: what cannot be written down now is with the next database.

use std::sync::Arc;

use plimsoll_core::Timestamp;
use plimsoll_engine::db::OpenSnapshot;
use plimsoll_engine::judge;
use plimsoll_store::{EpssScore, Scan};

use super::{Scanning, now};

/// How many vulnerabilities are looked at at a time.
const PAGE: u32 = 2_000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Scanning {
    /// Writes down what the database in use says.
    pub(super) async fn note_scores(&self) {
        if let Err(error) = self.try_to_note_scores().await {
            self.complain("EPSS scores could not be written down", &*error);
        }
    }

    async fn try_to_note_scores(&self) -> Result<(), Failure> {
        let system = self.store.authoriser().system::<Scan>();
        let mut after: Option<String> = None;
        while !self.is_stopping() {
            let ids = self.store.vulnerabilities_here(&system, after.as_deref(), PAGE).await?;
            let Some(last) = ids.last() else { break };
            after = Some(last.clone());
            let Some(open) = self.snapshots.hold().await.clone() else { break };
            let scores = tokio::task::spawn_blocking(move || scores(&ids, &open)).await?;
            self.store.note_epss(&system, &scores, now()).await?;
        }
        Ok(())
    }
}

/// What a database says of these; a score without a day is of the day on which the database was built.
fn scores(ids: &[String], open: &Arc<OpenSnapshot>) -> Vec<(String, EpssScore)> {
    let score = |id: &String| {
        let known = judge::vulnerability(id, &open.snapshot).ok()??;
        let epss = known.epss?;
        let day = epss.date.unwrap_or(Timestamp(open.info.built.0));
        Some((id.clone(), EpssScore { day, score_millionths: epss.score_millionths }))
    };
    ids.iter().filter_map(score).collect()
}
