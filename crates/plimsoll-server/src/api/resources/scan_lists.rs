//! Scans over all artifacts: the queue, what runs, what failed and why; how many end in a minute; and
//! having done again what failed.

use plimsoll_core::Timestamp;
use plimsoll_store::{
    ArtifactFilter, ArtifactOrder, ArtifactPage, ListedScan, ScanFigures as Stored, ScanFilter, ScanId,
    ScanState,
};

use super::super::ports::AskedScan;
use super::artifacts::StateWord;
use super::prelude::*;
use super::scans::request_one;

const FILTERS: &[Parameter] = &[
    word::<StateWord>("state", "Those in this state."),
    word::<bool>("newest", "Only the newest of each artifact; no, unless said."),
];

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listAllScans",
        "/scans",
        Needs::Somebody,
        "The scans of all artifacts that whoever calls may read, newest first.",
        |api, call| Box::pin(everywhere(api, call)),
    )
    .query(&[PAGE, FILTERS])
    .gives::<Page<ScanEntry>>(),
    get(
        "listNamespaceScans",
        "/namespaces/{namespace}/scans",
        Needs::Namespace(Permission::Read),
        "The scans of a namespace, newest first.",
        |api, call| Box::pin(of_namespace(api, call)),
    )
    .query(&[PAGE, FILTERS])
    .gives::<Page<ScanEntry>>(),
    get(
        "getScanFigures",
        "/scans/figures",
        Needs::Somebody,
        "How scanning goes in all namespaces that whoever calls may read: what waits and runs, and how many ended in each minute of the last hour.",
        |api, call| Box::pin(figures(api, call)),
    )
    .gives::<ScanFigures>(),
    get(
        "getNamespaceScanFigures",
        "/namespaces/{namespace}/scans/figures",
        Needs::Namespace(Permission::Read),
        "How scanning goes in a namespace.",
        |api, call| Box::pin(figures_of_namespace(api, call)),
    )
    .gives::<ScanFigures>(),
    post(
        "retryFailedScans",
        "/scans/retry",
        Needs::Instance(Permission::Scan),
        "Has everything scanned again whose newest scan failed, in all namespaces. Of one namespace it is asked by a selector.",
        |api, call| Box::pin(retry(api, call)),
    )
    .gives::<ScansRetried>()
    .with_status(202),
];

wire! {
    /// A scan, and of what.
    struct ScanEntry {
        /// Its number.
        id: i64,
        /// The namespace.
        namespace: String,
        /// The repository inside of the namespace.
        repository: String,
        /// The artifact.
        digest: DigestText,
        /// Where it stands.
        state: StateWord,
        /// How far it is, by bytes.
        progress_percent: Option<u8>,
        /// What it does right now.
        phase: Option<String>,
        /// Why it failed, or why it has to be tried again; the log says more.
        why: Option<String>,
        /// Who asked for it.
        asked_by: String,
        /// When.
        asked_at: Time,
        /// When a worker took it the last time.
        started_at: Option<Time>,
        /// When it ended.
        ended_at: Option<Time>,
        /// How often it was tried.
        attempts: u64,
        /// When it is tried again, if it waits for that.
        again_at: Option<Time>,
    }

    /// How scanning goes.
    struct ScanFigures {
        /// How many wait for a worker.
        queued: u64,
        /// How many run.
        scanning: u64,
        /// How many ended well in the last hour.
        completed: u64,
        /// How many failed in the last hour.
        failed: u64,
        /// How long one of these took, from worker to end, on average.
        mean_seconds: Option<f64>,
        /// Each minute of the last hour, the oldest first.
        minutes: Vec<ScanMinute>,
    }

    /// What ended in a minute.
    struct ScanMinute {
        /// When it begins.
        at: Time,
        /// How many ended well.
        completed: u64,
        /// How many failed.
        failed: u64,
    }

    /// What came of asking for what had failed.
    struct ScansRetried {
        /// How many scans were asked for.
        requested: u64,
    }
}

fn shown(scan: ListedScan) -> ScanEntry {
    let (phase, percent) = match &scan.state {
        ScanState::Scanning { phase, progress_percent } => (Some(phase.clone()), Some(*progress_percent)),
        _ => (None, None),
    };
    ScanEntry {
        id: scan.id.number(),
        namespace: scan.namespace,
        repository: scan.repository,
        digest: DigestText(scan.digest),
        state: (&scan.state).into(),
        progress_percent: percent,
        phase,
        why: scan.why,
        asked_by: scan.asked_by,
        asked_at: Time(scan.asked_at),
        started_at: scan.started_at.map(Time),
        ended_at: scan.ended_at.map(Time),
        attempts: scan.attempts,
        again_at: scan.again_at.map(Time),
    }
}

fn filter(call: &Call, paging: &Paging) -> Result<ScanFilter<'static>, Problem> {
    Ok(ScanFilter {
        state: call.word("state", StateWord::parse)?.map(StateWord::name),
        is_newest: call.flag("newest")?.unwrap_or(false),
        before: paging.number(0).map(ScanId::from_number),
    })
}

async fn everywhere(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "all scans")?;
    let visible = api.authoriser.visible(&call.caller).await?;
    let found = api.store.visible_scans(&visible, filter(call, &paging)?, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], shown))
}

async fn of_namespace(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "scans of a namespace")?;
    let access = call.access::<Read>(api).await?;
    let found = api.store.scans_in(&access, filter(call, &paging)?, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], shown))
}

const MINUTE_SECONDS: i64 = 60;
const MINUTES: i64 = 60;

/// The first minute of the last hour, in minutes since 1970; the last one is the one that runs.
fn first_minute(now: Timestamp) -> i64 {
    now.0.div_euclid(MINUTE_SECONDS) - MINUTES + 1
}

async fn figures(api: &Api, call: &Call) -> Answered {
    let visible = api.authoriser.visible(&call.caller).await?;
    let first = first_minute(call.now);
    let found = api.store.visible_scan_figures(&visible, Timestamp(first * MINUTE_SECONDS)).await?;
    Answer::json(&in_minutes(&found, first))
}

async fn figures_of_namespace(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Read>(api).await?;
    let first = first_minute(call.now);
    let found = api.store.scan_figures(&access, Timestamp(first * MINUTE_SECONDS)).await?;
    Answer::json(&in_minutes(&found, first))
}

/// Minutes in which nothing ended are there as well: a chart has no holes.
fn in_minutes(found: &Stored, first: i64) -> ScanFigures {
    let minute = |number: i64| {
        let ended = found.minutes.iter().find(|it| it.0 == number).map_or((0, 0), |it| (it.1, it.2));
        ScanMinute { at: Time(Timestamp(number * MINUTE_SECONDS)), completed: ended.0, failed: ended.1 }
    };
    let (seconds, jobs) = found.taken_seconds;
    let mean_seconds = (jobs > 0).then(|| seconds as f64 / jobs as f64);
    ScanFigures {
        queued: found.queued,
        scanning: found.scanning,
        completed: found.minutes.iter().map(|it| it.1).sum(),
        failed: found.minutes.iter().map(|it| it.2).sum(),
        mean_seconds,
        minutes: (first..first + MINUTES).map(minute).collect(),
    }
}

/// As many artifacts are read at a time.
const BATCH: u32 = 500;

async fn retry(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Scan>(api).await?;
    let visible = api.authoriser.visible(&call.caller).await?;
    let state = Some(StateWord::Failed.name());
    let filter = ArtifactFilter { state, without_indexes: true, ..ArtifactFilter::default() };
    let (mut requested, mut after) = (0, None);
    loop {
        let page = ArtifactPage { order: ArtifactOrder::OldestPushed, after, limit: BATCH };
        let rows = api.store.visible_artifact_rows(&visible, &filter, page).await?;
        let Some(last) = rows.last() else { break };
        after = Some((0, last.id.number()));
        for row in &rows {
            let name = plimsoll_store::NamespaceName::parse(&row.namespace);
            let name = name.map_err(|error| Problem::internal(&error))?;
            let namespace = api.authoriser.system_in::<Read>(&name).await?.namespace();
            match request_one(api, call, &access.within(namespace), row.id).await {
                Ok(AskedScan::Scans(count)) => requested += super::images::number(count),
                Ok(_) | Err(plimsoll_store::Error::Unknown { .. }) => (),
                Err(error) => return Err(error.into()),
            }
        }
    }
    api.look();
    Answer::accepted(&ScansRetried { requested })
}
