//! Having artifacts scanned: one, or many by a selector; stopping; how far it is; the log.

use plimsoll_store::{
    Access, ArtifactFilter, ArtifactId, ArtifactOrder, ArtifactPage, ArtifactRow, Error, ManifestReference,
    Priority, RepositoryName, ScanId,
};

use super::super::live::LiveEvent;
use super::super::ports::AskedScan;
use super::artifacts::{ScanStatus, StateWord, artifact, status};
use super::images::number;
use super::prelude::*;

const ONE: &str = "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/scan";

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "getScan",
        ONE,
        Needs::Namespace(Permission::Read),
        "Where the scanning of an artifact stands.",
        |api, call| Box::pin(show(api, call)),
    )
    .gives::<ScanStatus>()
    .refuses(&[Kind::NotFound]),
    post(
        "requestScan",
        ONE,
        Needs::Namespace(Permission::Scan),
        "Has an artifact scanned, of an index its images.",
        |api, call| Box::pin(request(api, call)),
    )
    .gives::<ScanRequested>()
    .with_status(202)
    .refuses(&[Kind::NotFound, Kind::ScanRunning]),
    delete(
        "stopScan",
        ONE,
        Needs::Namespace(Permission::Scan),
        "Stops the scan of an artifact, of an index those of its images.",
        |api, call| Box::pin(stop(api, call)),
    )
    .gives::<Stopped>()
    .refuses(&[Kind::NotFound]),
    get(
        "listScans",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/scans",
        Needs::Namespace(Permission::Read),
        "The scans of an artifact, newest first.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<ScanListed>>()
    .refuses(&[Kind::NotFound]),
    get(
        "getScanLog",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/scans/{scan}/log",
        Needs::Namespace(Permission::Read),
        "What was written down on the way.",
        |api, call| Box::pin(log(api, call)),
    )
    .gives_other("text/plain")
    .refuses(&[Kind::NotFound]),
    post(
        "requestScans",
        "/namespaces/{namespace}/scans",
        Needs::Namespace(Permission::Scan),
        "Has all artifacts scanned that a selector fits.",
        |api, call| Box::pin(request_many(api, call)),
    )
    .may_take::<Selector>()
    .gives::<ScansRequested>()
    .with_status(202),
    delete(
        "stopScans",
        "/namespaces/{namespace}/scans",
        Needs::Namespace(Permission::Scan),
        "Stops all scans of a namespace that are on their way.",
        |api, call| Box::pin(stop_many(api, call)),
    )
    .gives::<Stopped>(),
];

wire! {
    /// A scan that was asked for.
    struct ScanRequested {
        /// How many: one, or some images of an index.
        scans: u64,
        /// Why there is nothing to scan, if there is not.
        not_supported: Option<String>,
    }

    /// A scan of an artifact.
    struct ScanListed {
        /// Its number.
        id: i64,
        /// Where it stands.
        state: StateWord,
        /// How far it is.
        progress_percent: Option<u8>,
        /// Who asked for it.
        asked_by: String,
        /// When.
        asked_at: Time,
        /// When it ended.
        ended_at: Option<Time>,
        /// Whether something was written down on the way.
        has_log: bool,
    }

    /// How many scans were stopped.
    struct Stopped {
        /// How many.
        stopped: u64,
    }

    /// Which artifacts to scan; of what is not said, all.
    struct Selector {
        /// Those of this repository.
        repository: Option<String>,
        /// Those with a tag that fits this glob of `*` and `?`.
        tag: Option<String>,
        /// Those that were never scanned.
        never_scanned: Option<bool>,
        /// Those whose newest scan failed.
        failed: Option<bool>,
        /// Those scanned before this time, or never.
        scanned_before: Option<Time>,
        /// Those pulled since this time.
        pulled_since: Option<Time>,
        /// Count them, and ask for nothing.
        dry_run: Option<bool>,
    }

    /// What came of a selector.
    struct ScansRequested {
        /// How many artifacts it fits.
        selected: u64,
        /// How many scans were asked for.
        requested: u64,
        /// How many are on their way already.
        running: u64,
    }
}

#[expect(clippy::derivable_impls, reason = "what the macro writes derives the same for all")]
impl Default for Selector {
    fn default() -> Selector {
        Selector {
            repository: None,
            tag: None,
            never_scanned: None,
            failed: None,
            scanned_before: None,
            pulled_since: None,
            dry_run: None,
        }
    }
}

/// As many rows are read at a time.
const BATCH: u32 = 500;
/// The most artifacts of one request; more are asked for by the next one, which leaves out what is
/// scanned by then.
const SELECTED_MAX: u64 = 100_000;

async fn show(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let row = api.store.artifact_row(&access, artifact.id).await?.ok_or_else(Problem::not_found)?;
    Answer::json(&status(&row))
}

/// The artifact of the path, or the images of an index that are still there.
async fn targets(api: &Api, call: &Call) -> Result<Vec<ArtifactId>, Problem> {
    let read = read_of(&call.access::<Scan>(api).await?, api);
    let found = artifact(api, call, &read).await?;
    let children = api.store.children(&read, found.id).await?;
    if children.is_empty() {
        return Ok(vec![found.id]);
    }
    let repository = call.repository()?;
    let mut targets = Vec::new();
    for child in children {
        match api.store.artifact(&read, &repository, &ManifestReference::Digest(child.digest)).await {
            Ok(it) => targets.push(it.id),
            Err(Error::Unknown { .. }) => (),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(targets)
}

/// Who may scan learns by it what is there.
fn read_of(access: &Access<Scan>, api: &Api) -> Access<Read> {
    api.authoriser.system::<Read>().within(access.namespace())
}

async fn request(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Scan>(api).await?;
    let found = artifact(api, call, &read_of(&access, api)).await?;
    let asked = match &api.scans {
        Some(scans) => scans.request(&access, found.id).await?,
        None => put_down(api, call, &access).await?,
    };
    told(api, call);
    match asked {
        AskedScan::Scans(count) => {
            Answer::accepted(&ScanRequested { scans: number(count), not_supported: None })
        }
        AskedScan::NotSupported(why) => {
            Answer::accepted(&ScanRequested { scans: 0, not_supported: Some(why) })
        }
        AskedScan::OnItsWay => {
            Err(Problem::new(Kind::ScanRunning, "a scan of it is on its way; stop it or wait"))
        }
    }
}

/// For the workers of other processes.
async fn put_down(api: &Api, call: &Call, access: &Access<Scan>) -> Result<AskedScan, Problem> {
    let mut count = 0;
    for target in targets(api, call).await? {
        match api.store.request_scan(access, target, Priority::Asked, call.now).await {
            Ok(_) => count += 1,
            Err(Error::InUse { .. }) => (),
            Err(error) => return Err(error.into()),
        }
    }
    Ok(if count == 0 { AskedScan::OnItsWay } else { AskedScan::Scans(count) })
}

/// Wakes the workers, and tells who looks on.
fn told(api: &Api, call: &Call) {
    api.look();
    api.live.tell(LiveEvent {
        namespace: call.namespace().ok(),
        kind: "scan",
        data: json!({
            "namespace": call.value("namespace"),
            "repository": call.value("repository"),
            "reference": call.value("reference"),
        }),
    });
}

async fn stop(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Scan>(api).await?;
    let mut stopped = 0;
    for target in targets(api, call).await? {
        stopped += u64::from(stop_one(api, call, &access, target).await?);
    }
    told(api, call);
    Answer::json(&Stopped { stopped })
}

async fn stop_one(
    api: &Api,
    call: &Call,
    access: &Access<Scan>,
    target: ArtifactId,
) -> Result<bool, Problem> {
    Ok(match &api.scans {
        Some(scans) => scans.stop(access, target).await?,
        None => api.store.stop_scan(access, target, call.now).await?,
    })
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "scans")?;
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let before = paging.number(0).map(ScanId::from_number);
    let found = api.store.scans(&access, artifact.id, before, paging.fetch()).await?;
    Answer::page(&paging.cut(
        found,
        |last| vec![json!(last.id.number())],
        |it| ScanListed {
            id: it.id.number(),
            state: (&it.state).into(),
            progress_percent: match it.state {
                plimsoll_store::ScanState::Scanning { progress_percent, .. } => Some(progress_percent),
                _ => None,
            },
            asked_by: it.asked_by,
            asked_at: Time(it.asked_at),
            ended_at: it.ended_at.map(Time),
            has_log: it.log.is_some_and(|it| !it.is_empty()),
        },
    ))
}

async fn log(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let wanted = call.id("scan")?;
    let before = wanted.checked_add(1).ok_or_else(Problem::not_found)?;
    let found = api.store.scans(&access, artifact.id, Some(ScanId::from_number(before)), 1).await?;
    let scan = found.into_iter().find(|it| it.id.number() == wanted).ok_or_else(Problem::not_found)?;
    Ok(Answer::bytes("text/plain; charset=utf-8", scan.log.unwrap_or_default()))
}

async fn request_many(api: &Api, call: &Call) -> Answered {
    let selector: Selector = call.json_or_default()?;
    let repository = repository(selector.repository.as_deref())?;
    let access = call.access::<Scan>(api).await?;
    let filter = ArtifactFilter {
        repository: repository.as_ref(),
        tags: selector.tag.as_deref(),
        state: wanted_state(&selector)?.map(StateWord::name),
        scanned_before: selector.scanned_before.map(|it| it.0),
        pulled_since: selector.pulled_since.map(|it| it.0),
        without_referrers: true,
        // Their images are rows themselves.
        without_indexes: true,
        ..ArtifactFilter::default()
    };
    let asks = !selector.dry_run.unwrap_or(false);
    let mut sum = ScansRequested { selected: 0, requested: 0, running: 0 };
    let mut walk = Walk::over(api, &access, filter);
    loop {
        let rows = walk.next(api).await?;
        if rows.is_empty() {
            break;
        }
        for row in &rows {
            sum.selected += 1;
            if !asks {
                continue;
            }
            match request_one(api, call, &access, row.id).await {
                Ok(AskedScan::Scans(_)) => sum.requested += 1,
                Ok(AskedScan::OnItsWay) => sum.running += 1,
                Ok(AskedScan::NotSupported(_)) | Err(Error::Unknown { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
    }
    told(api, call);
    Answer::accepted(&sum)
}

pub(super) async fn request_one(
    api: &Api,
    call: &Call,
    access: &Access<Scan>,
    target: ArtifactId,
) -> Result<AskedScan, Error> {
    match &api.scans {
        Some(scans) => scans.request(access, target).await,
        None => match api.store.request_scan(access, target, Priority::Asked, call.now).await {
            Ok(_) => Ok(AskedScan::Scans(1)),
            Err(Error::InUse { .. }) => Ok(AskedScan::OnItsWay),
            Err(error) => Err(error),
        },
    }
}

fn wanted_state(selector: &Selector) -> Result<Option<StateWord>, Problem> {
    match (selector.never_scanned.unwrap_or(false), selector.failed.unwrap_or(false)) {
        (false, false) => Ok(None),
        (true, false) => Ok(Some(StateWord::NotScanned)),
        (false, true) => Ok(Some(StateWord::Failed)),
        (true, true) => Err(Problem::invalid("/failed", "what was never scanned has not failed")),
    }
}

fn repository(name: Option<&str>) -> Result<Option<RepositoryName>, Problem> {
    let parse =
        |it| RepositoryName::parse(it).map_err(|why| Problem::invalid("/repository", why.to_string()));
    name.map(parse).transpose()
}

/// A walk over all artifacts that fit, oldest first, some at a time.
struct Walk<'a> {
    read: Access<Read>,
    filter: ArtifactFilter<'a>,
    after: Option<(i64, i64)>,
    seen: u64,
}

impl<'a> Walk<'a> {
    fn over(api: &Api, access: &Access<Scan>, filter: ArtifactFilter<'a>) -> Walk<'a> {
        Walk { read: read_of(access, api), filter, after: None, seen: 0 }
    }

    /// The next ones; none at the end.
    async fn next(&mut self, api: &Api) -> Result<Vec<ArtifactRow>, Problem> {
        if self.seen >= SELECTED_MAX {
            return Ok(Vec::new());
        }
        let page = ArtifactPage { order: ArtifactOrder::OldestPushed, after: self.after, limit: BATCH };
        let rows = api.store.artifact_rows(&self.read, &self.filter, page).await?;
        self.after = rows.last().map(|it| (0, it.id.number()));
        self.seen += u64::try_from(rows.len()).unwrap_or(u64::MAX);
        Ok(rows)
    }
}

async fn stop_many(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Scan>(api).await?;
    let mut stopped = 0;
    for state in [StateWord::Scanning, StateWord::Queued] {
        let state = Some(state.name());
        let filter = ArtifactFilter { state, without_indexes: true, ..ArtifactFilter::default() };
        let mut walk = Walk::over(api, &access, filter);
        loop {
            let rows = walk.next(api).await?;
            if rows.is_empty() {
                break;
            }
            for row in &rows {
                stopped += u64::from(stop_one(api, call, &access, row.id).await?);
            }
        }
    }
    told(api, call);
    Answer::json(&Stopped { stopped })
}
