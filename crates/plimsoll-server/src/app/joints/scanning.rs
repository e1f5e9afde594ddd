//! The gate hears what scans find, and the interface reads it.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use plimsoll_core::{Digest, Report, Timestamp};
use plimsoll_engine::fix_plan::FixPlan;
use plimsoll_store::{Access, ArtifactId, Error, JobId, Priority, Read, Scan};
use serde_json::json;

use super::Teller;
use crate::api::{Asked, AskedScan, Reports, Scans};
use crate::gate::Gate;
use crate::scanning::{Going, Listener, News, Refused, Requested, Scanning};

/// What became known goes to the gate, and whoever listens is told.
pub(in super::super) struct GateHears {
    pub(in super::super) gate: Arc<Gate>,
    pub(in super::super) teller: Teller,
}

impl Listener for GateHears {
    fn going<'a>(&'a self, job: JobId, going: Going<'a>) -> BoxFuture<'a, ()> {
        async move {
            let artifacts = self.teller.going(job, going).await;
            // The policy may have a word on what nobody could look into.
            if matches!(going, Going::Failed(_)) {
                self.gate.found_anew(&artifacts);
            }
        }
        .boxed()
    }

    fn before<'a>(&'a self, stands_for: &'a Digest, report: &'a Report) -> BoxFuture<'a, ()> {
        Listener::before(&*self.gate, stands_for, report)
    }

    fn database(&self, built: Option<Timestamp>) {
        Listener::database(&*self.gate, built);
        self.teller.database(json!({ "built_at": built.map(|it| it.to_string()) }));
    }

    fn hear<'a>(&'a self, news: News<'a>) -> BoxFuture<'a, ()> {
        async move {
            let (artifacts, is_scan) = (news.artifacts, news.report.is_some());
            Listener::hear(&*self.gate, news).await;
            let (kind, more) = match is_scan {
                true => ("scan", json!({ "state": "complete" })),
                false => ("artifact", json!({})),
            };
            self.teller.artifacts(artifacts, kind, more).await;
        }
        .boxed()
    }
}

impl Reports for Scanning {
    fn report<'a>(
        &'a self,
        access: &'a Access<Read>,
        artifact: ArtifactId,
    ) -> Asked<'a, Result<Option<Arc<Report>>, Box<dyn std::error::Error + Send + Sync>>> {
        async move { Ok(Scanning::report(self, access, artifact).await?) }.boxed()
    }

    fn plan<'a>(
        &'a self,
        access: &'a Access<Read>,
        artifact: ArtifactId,
    ) -> Asked<'a, Result<Option<(Arc<Report>, FixPlan)>, Box<dyn std::error::Error + Send + Sync>>> {
        async move { Ok(Scanning::plan(self, access, artifact).await?) }.boxed()
    }
}

/// The scanning as the interface asks it for scans.
pub(in super::super) struct ByScanning(pub(in super::super) Arc<Scanning>);

impl Scans for ByScanning {
    fn request<'a>(
        &'a self,
        access: &'a Access<Scan>,
        artifact: ArtifactId,
    ) -> Asked<'a, Result<AskedScan, Error>> {
        async move {
            match self.0.request(access, artifact, Priority::Asked).await {
                Ok(Requested::Scan(_)) => Ok(AskedScan::Scans(1)),
                Ok(Requested::Images(count)) => Ok(AskedScan::Scans(count)),
                Ok(Requested::NotSupported(why)) => Ok(AskedScan::NotSupported(why)),
                Err(Refused::OnItsWay) => Ok(AskedScan::OnItsWay),
                Err(Refused::Store(error)) => Err(error),
            }
        }
        .boxed()
    }

    fn stop<'a>(&'a self, access: &'a Access<Scan>, artifact: ArtifactId) -> Asked<'a, Result<bool, Error>> {
        self.0.stop_scan(access, artifact).boxed()
    }

    fn look(&self) {
        self.0.look();
    }
}
