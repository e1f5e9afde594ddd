//! How things stand: counts, the worst, what is new, what was refused, and how it was before.
//!
//! The counts are read as they were counted after the last change, so that it costs the same however
//! many artifacts there are.

use plimsoll_core::Timestamp;
use plimsoll_store::{
    ArtifactFilter, ArtifactOrder, ArtifactPage, ArtifactRow, Counts, DayTotals, NewlyAffected as Newly,
    NewlyFound, Totals,
};

use super::artifacts::{ArtifactListed, SeverityWord, listed};
use super::images::number;
use super::prelude::*;
use super::refused_pulls::{self, DAYS};

const QUERY: &[Parameter] = &[
    Parameter { about: "Over how many days pulls are counted and the trend goes; 30, unless said.", ..DAYS },
    word::<Time>("since", "Since when something counts as newly affected; seven days ago, unless said."),
];

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "getOverview",
        "/overview",
        Needs::Somebody,
        "How things stand in all namespaces that whoever calls may read.",
        |api, call| Box::pin(everywhere(api, call)),
    )
    .query(&[QUERY])
    .gives::<Overview>(),
    get(
        "getNamespaceOverview",
        "/namespaces/{namespace}/overview",
        Needs::Namespace(Permission::Read),
        "How things stand in a namespace.",
        |api, call| Box::pin(of_namespace(api, call)),
    )
    .query(&[QUERY])
    .gives::<Overview>(),
];

wire! {
    /// How things stand.
    struct Overview {
        /// When it was counted; what has happened since is not in the counts yet. Null where nothing was
        /// counted yet, or there is nothing to count.
        counted_at: Option<Time>,
        /// How many namespaces are in none of these counts, since they were never counted; they soon will be.
        namespaces_uncounted: u64,
        /// How many repositories there are.
        repositories: u64,
        /// How many images there are, and what is like them: not what speaks of others, and not indexes,
        /// whose images are counted.
        artifacts: u64,
        /// How much is known of them.
        coverage: CoverageCounts,
        /// Vulnerabilities, each once for each artifact that has it.
        vulnerabilities: SeverityCounts,
        /// How many of these have a fix.
        fixable: u64,
        /// The share of these that has a fix, from 0 to 1.
        fixable_share: Option<f64>,
        /// Artifacts by the worst that is in them.
        artifacts_by_worst: SeverityCounts,
        /// How many artifacts are denied.
        denied: u64,
        /// How many artifacts are answered with a warning.
        warned: u64,
        /// The worst artifacts, at most ten.
        worst: Vec<ArtifactListed>,
        /// What new databases found in artifacts that were there before, the worst first, at most ten.
        newly_affected: Vec<NewlyAffected>,
        /// Whether there is more of these, or could be since not everything was looked at.
        newly_affected_is_cut: bool,
        /// Pulls that were refused.
        refused_pulls: RefusedCount,
        /// How it was, oldest first. A day on which nothing was counted is missing.
        trend: Vec<TrendDay>,
        /// The vulnerability database, as at `/database`; null where there is none.
        database: Value,
    }

    /// How much is known of artifacts.
    struct CoverageCounts {
        /// Nobody has asked for a scan.
        not_scanned: u64,
        /// Nothing that can be scanned.
        not_supported: u64,
        /// Waiting for a worker.
        queued: u64,
        /// Being read.
        scanning: u64,
        /// Tried as often as it may.
        failed: u64,
        /// Stopped by somebody.
        stopped: u64,
        /// Scanned.
        complete: u64,
        /// With a result that may lack something.
        incomplete: u64,
        /// Whose distribution gets no more updates.
        end_of_life: u64,
    }

    /// A count for each severity.
    struct SeverityCounts {
        /// Critical.
        critical: u64,
        /// High.
        high: u64,
        /// Medium.
        medium: u64,
        /// Low.
        low: u64,
        /// Negligible and unknown.
        other: u64,
    }

    /// A vulnerability that a new database found in artifacts that were there before.
    struct NewlyAffected {
        /// The vulnerability.
        vulnerability: String,
        /// How severe it is.
        severity: Option<SeverityWord>,
        /// Whether something can be done.
        fixable: bool,
        /// In how many artifacts it is, as far as they were counted: up to a thousand.
        artifacts: u64,
        /// Whether it is in more than these, which were not counted.
        is_more: bool,
        /// In how many namespaces these artifacts are.
        namespaces: u64,
        /// When it was found.
        at: Time,
    }

    /// Pulls that were refused.
    struct RefusedCount {
        /// Since when they are counted.
        since: Time,
        /// How many.
        pulls: u64,
        /// Of how many images.
        artifacts: u64,
    }

    /// How it was on a day.
    struct TrendDay {
        /// The day, in UTC.
        day: String,
        /// How many images there were.
        artifacts: u64,
        /// Vulnerabilities, each once for each artifact that had it.
        vulnerabilities: SeverityCounts,
        /// How many of these had a fix.
        fixable: u64,
        /// How many artifacts were denied.
        denied: u64,
    }
}

/// How many artifacts and vulnerabilities are named.
const NAMED: u32 = 10;
/// So many namespaces that were never counted are counted for who asks; there is a task for more.
const COUNTED_AT_ONCE: usize = 10;
const DAY_SECONDS: i64 = 86_400;
const NEW_SECONDS: i64 = 7 * DAY_SECONDS;

fn by_severity(counts: &Counts) -> SeverityCounts {
    let Counts { critical, high, medium, low, other, fixable: _ } = *counts;
    SeverityCounts { critical, high, medium, low, other }
}

fn day(it: &DayTotals) -> TrendDay {
    TrendDay {
        day: Timestamp(it.day * DAY_SECONDS).date_text(),
        artifacts: it.totals.artifacts,
        vulnerabilities: by_severity(&it.totals.counts),
        fixable: it.totals.counts.fixable,
        denied: it.totals.denied,
    }
}

/// What is asked for.
struct Asked {
    days: Timestamp,
    new: Timestamp,
}

fn asked(call: &Call) -> Result<Asked, Problem> {
    let new = call.time("since")?.unwrap_or(Timestamp(call.now.0 - NEW_SECONDS));
    Ok(Asked { days: refused_pulls::since(call)?, new })
}

/// What was read of the store.
struct Stored {
    totals: Totals,
    uncounted: usize,
    days: Vec<DayTotals>,
    refused: (u64, u64),
    new: NewlyFound,
    worst: Vec<ArtifactRow>,
}

async fn put_together(api: &Api, asked: &Asked, stored: Stored) -> Answered {
    let Stored { totals, uncounted, days, refused, new, worst } = stored;
    let counts = totals.counts;
    let sum = counts.critical + counts.high + counts.medium + counts.low + counts.other;
    let share = (sum > 0).then(|| counts.fixable as f64 / sum as f64);
    let database = match &api.database {
        Some(database) => database.status().await,
        None => Value::Null,
    };
    Answer::json(&Overview {
        counted_at: totals.counted_at.map(Time),
        namespaces_uncounted: number(uncounted),
        repositories: totals.repositories,
        artifacts: totals.artifacts,
        coverage: coverage(&totals),
        vulnerabilities: by_severity(&counts),
        fixable: counts.fixable,
        fixable_share: share,
        artifacts_by_worst: by_severity(&totals.worst),
        denied: totals.denied,
        warned: totals.warned,
        worst: worst.into_iter().filter(|it| it.rank > 0).map(listed).collect(),
        newly_affected: new.found.into_iter().map(newly).collect(),
        newly_affected_is_cut: new.is_cut,
        refused_pulls: RefusedCount { since: Time(asked.days), pulls: refused.0, artifacts: refused.1 },
        trend: days.iter().map(day).collect(),
        database,
    })
}

fn coverage(totals: &Totals) -> CoverageCounts {
    let it = totals.coverage;
    CoverageCounts {
        not_scanned: it.not_scanned,
        not_supported: it.not_supported,
        queued: it.queued,
        scanning: it.scanning,
        failed: it.failed,
        stopped: it.stopped,
        complete: it.complete,
        incomplete: it.incomplete,
        end_of_life: it.end_of_life,
    }
}

fn newly(it: Newly) -> NewlyAffected {
    NewlyAffected {
        vulnerability: it.vulnerability,
        severity: it.severity.map(SeverityWord::from),
        fixable: it.fixable,
        artifacts: it.artifacts,
        is_more: it.is_more,
        namespaces: it.namespaces,
        at: Time(it.at),
    }
}

const WORST: ArtifactPage = ArtifactPage { order: ArtifactOrder::Severity, after: None, limit: NAMED };

fn images() -> ArtifactFilter<'static> {
    ArtifactFilter { without_referrers: true, without_indexes: true, ..ArtifactFilter::default() }
}

async fn everywhere(api: &Api, call: &Call) -> Answered {
    let asked = asked(call)?;
    let visible = api.authoriser.visible(&call.caller).await?;
    let store = &api.store;
    let uncounted = store.visible_uncounted(&visible).await?;
    // A few were made a moment ago; after an upgrade it may be all of them.
    let (soon, later) = uncounted.split_at(uncounted.len().min(COUNTED_AT_ONCE));
    for namespace in soon {
        store.count(&api.authoriser.system::<Scan>(), *namespace, call.now).await?;
    }
    let stored = Stored {
        totals: store.visible_totals(&visible).await?,
        uncounted: later.len(),
        days: store.visible_totals_by_day(&visible, asked.days).await?,
        refused: store.visible_refused_count(&visible, asked.days).await?,
        new: store.visible_newly_affected(&visible, asked.new, NAMED as usize).await?,
        worst: store.visible_artifact_rows(&visible, &images(), WORST).await?,
    };
    put_together(api, &asked, stored).await
}

async fn of_namespace(api: &Api, call: &Call) -> Answered {
    let asked = asked(call)?;
    let access = call.access::<Read>(api).await?;
    let store = &api.store;
    let mut totals = store.totals(&access).await?;
    if totals.counted_at.is_none() {
        // It was made a moment ago.
        store.count(&api.authoriser.system::<Scan>(), access.namespace(), call.now).await?;
        totals = store.totals(&access).await?;
    }
    let stored = Stored {
        totals,
        uncounted: 0,
        days: store.totals_by_day(&access, asked.days).await?,
        refused: store.refused_count(&access, asked.days).await?,
        new: store.newly_affected(&access, asked.new, NAMED as usize).await?,
        worst: store.artifact_rows(&access, &images(), WORST).await?,
    };
    put_together(api, &asked, stored).await
}
