//! What binds scanning and the gate: the gate hears of each result, and may ask for what a report
//! says. Neither knows the other beyond that.

use std::sync::{OnceLock, Weak};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use plimsoll_core::{Digest, Report, Timestamp};
use plimsoll_policy::ScanSummary;
use plimsoll_store::{ArtifactId, NamespaceId, Read};

use super::{Listener, News, Scanning, now};
use crate::gate::{Gate, Summarise};

impl Listener for Gate {
    fn before<'a>(&'a self, stands_for: &'a Digest, report: &'a Report) -> BoxFuture<'a, ()> {
        async move {
            // Where that fails the gate asks again.
            let _ = self.keep_summary(stands_for, report, now()).await;
        }
        .boxed()
    }

    fn database(&self, built: Option<Timestamp>) {
        self.database_changed(built);
    }

    fn hear<'a>(&'a self, news: News<'a>) -> BoxFuture<'a, ()> {
        async move {
            if news.report.is_none() {
                return self.found_anew(news.artifacts);
            }
            for artifact in news.artifacts {
                // The verdict before stands until another one is kept.
                if self.scan_ended(*artifact, now()).await.is_err() {
                    self.found_anew(&[*artifact]);
                }
            }
        }
        .boxed()
    }
}

/// What reports say, for the gate. It is made before scanning is, which is told later.
#[derive(Default)]
pub struct Summaries(OnceLock<Weak<Scanning>>);

impl Summaries {
    /// Says whom to ask; the first word holds.
    pub fn ask(&self, scanning: Weak<Scanning>) {
        let _ = self.0.set(scanning);
    }
}

impl Summarise for Summaries {
    fn summary(&self, namespace: NamespaceId, artifact: ArtifactId) -> BoxFuture<'_, Option<ScanSummary>> {
        async move {
            let scanning = self.0.get()?.upgrade()?;
            let access = scanning.store.authoriser().system::<Read>().within(namespace);
            match scanning.report(&access, artifact).await {
                Ok(report) => report.map(|it| ScanSummary::of(&it)),
                Err(error) => {
                    scanning.complain("what a report says to policies could not be had", &error);
                    None
                }
            }
        }
        .boxed()
    }
}
