//! What happened to an artifact, and how two of them differ.

use std::sync::Arc;

use plimsoll_core::{Digest, Report, Timestamp};
use plimsoll_report::diff::Diff;
use plimsoll_store::{ArtifactEvent, ArtifactScan, StoredVerdict};

use super::artifacts::{AnswerWord, StateWord, artifact};
use super::events::{self, Event};
use super::images::number;
use super::named::{self, Named};
use super::prelude::*;
use super::reports::report;
use super::verdicts;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "getHistory",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/history",
        Needs::Namespace(Permission::Read),
        "What happened to an artifact, newest first: scans, what new databases changed for it, and changes of its verdict; at most the last 300.",
        |api, call| Box::pin(history(api, call)),
    )
    .gives::<Beginning<HistoryEntry>>()
    .refuses(&[Kind::NotFound]),
    get(
        "compareArtifacts",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/compare",
        Needs::Namespace(Permission::Read),
        "How another artifact differs from this one: findings and packages that are new, gone and changed. The same as `plimsoll diff --format json`.",
        |api, call| Box::pin(compare(api, call)),
    )
    .query(&[&[text(
        "with",
        "The other one: `team/app:1.3`, or a tag or digest of the same repository.",
    )]])
    .gives::<Value>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
];

words! {
    /// What happened to an artifact.
    enum HistoryWord {
        /// It was pushed.
        Pushed = "pushed",
        /// A scan of it ended.
        Scan = "scan",
        /// A new database says something else of it.
        Database = "database",
        /// Its verdict changed.
        Verdict = "verdict",
    }
}

wire! {
    /// Something that happened to an artifact.
    struct HistoryEntry {
        /// When.
        at: Time,
        /// What.
        what: HistoryWord,
        /// Of a scan: which one.
        scan: Option<HistoryScan>,
        /// Of a new database: what it changed.
        database: Option<HistoryDatabase>,
        /// Of a changed verdict: what it says.
        verdict: Option<HistoryVerdict>,
    }

    /// A scan that ended.
    struct HistoryScan {
        /// Its number.
        id: i64,
        /// How it ended.
        state: StateWord,
        /// Who asked for it.
        asked_by: String,
        /// Whether something was written down on the way.
        has_log: bool,
    }

    /// What a new database changed.
    struct HistoryDatabase {
        /// The digest of its snapshot.
        snapshot: DigestText,
        /// How many findings appeared.
        appeared: u64,
        /// How many went.
        gone: u64,
        /// How many are of another severity.
        severity_changed: u64,
        /// How many can be fixed now.
        fix_available: u64,
        /// Some of them, at most a hundred of all that are counted above.
        changes: Vec<Event>,
    }

    /// What a verdict says.
    struct HistoryVerdict {
        /// What is answered.
        answer: AnswerWord,
        /// The reasons, as sentences.
        reasons: Vec<String>,
        /// Why less came of it than of its reasons.
        lowered: Option<String>,
    }
}

const ENTRIES_MAX: usize = 300;
/// So many are read of each kind.
const READ_MAX: u32 = 300;
const EVENTS_MAX: u32 = 3000;
/// So many changes are named of one database.
const NAMED_MAX: usize = 100;

fn entry(at: Timestamp, what: HistoryWord) -> HistoryEntry {
    HistoryEntry { at: Time(at), what, scan: None, database: None, verdict: None }
}

async fn history(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let scans = api.store.scans(&access, artifact.id, None, READ_MAX).await?;
    let events = api.store.artifact_events(&access, artifact.id, EVENTS_MAX).await?;
    let verdicts = api.store.verdicts(&access, artifact.id, None, READ_MAX).await?;
    let is_all = |count: usize, most: u32| number(count) < u64::from(most);
    let has_all_events = is_all(events.len(), EVENTS_MAX);
    let has_all = has_all_events && is_all(scans.len(), READ_MAX) && is_all(verdicts.len(), READ_MAX);
    let mut databases = databases(events);
    if !has_all_events && databases.len() > 1 {
        // The last one has lost some of what it changed.
        databases.pop();
    }
    let mut entries = vec![entry(artifact.pushed_at, HistoryWord::Pushed)];
    entries.extend(scans.into_iter().filter_map(scan));
    entries.extend(databases);
    entries.extend(verdicts.into_iter().map(verdict));
    // Of one second it is this order in which things come about.
    entries.sort_by_key(|it| std::cmp::Reverse((it.at, it.what as u8)));
    let shown = Beginning::of(entries, ENTRIES_MAX);
    Answer::json(&Beginning { is_cut: shown.is_cut || !has_all, ..shown })
}

/// A scan that is on its way has not happened yet.
fn scan(scan: ArtifactScan) -> Option<HistoryEntry> {
    let made = HistoryScan {
        id: scan.id.number(),
        state: (&scan.state).into(),
        asked_by: scan.asked_by,
        has_log: scan.log.is_some_and(|it| !it.is_empty()),
    };
    Some(HistoryEntry { scan: Some(made), ..entry(scan.ended_at?, HistoryWord::Scan) })
}

fn databases(found: Vec<ArtifactEvent>) -> Vec<HistoryEntry> {
    use plimsoll_store::EventKind;
    let mut entries: Vec<(Timestamp, Digest, HistoryDatabase)> = Vec::new();
    for ArtifactEvent { event, snapshot } in found {
        if entries.last().is_none_or(|it| it.0 != event.at || it.1 != snapshot) {
            let made = HistoryDatabase {
                snapshot: DigestText(snapshot),
                appeared: 0,
                gone: 0,
                severity_changed: 0,
                fix_available: 0,
                changes: Vec::new(),
            };
            entries.push((event.at, snapshot, made));
        }
        let Some((_, _, made)) = entries.last_mut() else { continue };
        match event.kind {
            EventKind::Appeared => made.appeared += 1,
            EventKind::Gone => made.gone += 1,
            EventKind::SeverityChanged => made.severity_changed += 1,
            EventKind::FixAvailable => made.fix_available += 1,
        }
        if made.changes.len() < NAMED_MAX {
            made.changes.push(events::shown(event));
        }
    }
    let shown = entries
        .into_iter()
        .map(|(at, _, made)| HistoryEntry { database: Some(made), ..entry(at, HistoryWord::Database) });
    shown.collect()
}

fn verdict(verdict: StoredVerdict) -> HistoryEntry {
    let made = HistoryVerdict {
        answer: verdict.answer.into(),
        reasons: verdicts::sentences(&verdict.reasons),
        lowered: verdict.lowered,
    };
    HistoryEntry { verdict: Some(made), ..entry(verdict.decided_at, HistoryWord::Verdict) }
}

async fn compare(api: &Api, call: &Call) -> Answered {
    let text = call.parameter("with").ok_or_else(|| Problem::invalid("with", "name another artifact"))?;
    let (namespace, repository) = (call.value("namespace"), call.value("repository"));
    let named = match text {
        // A tag or digest alone; a name has a slash, which neither of them has.
        it if !it.contains('/') && it.contains(':') => format!("{namespace}/{repository}@{it}"),
        it if !it.contains('/') => format!("{namespace}/{repository}:{it}"),
        it => it.to_owned(),
    };
    let named = Named::parse(&named).map_err(|why| Problem::invalid("with", why))?;
    let from = report(api, call).await?;
    let to = other(api, call, &named).await?;
    let names = (format!("{namespace}/{repository}:{}", call.value("reference")), named.full());
    let written = tokio::task::spawn_blocking(move || {
        let (mut from, mut to) = (from.as_ref().clone(), to.as_ref().clone());
        (from.subject.name, to.subject.name) = names;
        let mut out = Vec::new();
        Diff::of(&from, &to).write_json(&mut out).map(|()| out)
    });
    let bytes = written.await.map_err(|error| Problem::internal(&error))?;
    Ok(Answer::bytes("application/json", bytes.map_err(|error| Problem::internal(&error))?))
}

async fn other(api: &Api, call: &Call, named: &Named) -> Result<Arc<Report>, Problem> {
    let reports = api.reports.as_ref().ok_or_else(|| Problem::not_available("reports"))?;
    let (access, artifact) = named::found(api, call, named).await?.ok_or_else(Problem::not_found)?;
    let found = reports.report(&access, artifact.id).await.map_err(|it| Problem::internal(it.as_ref()))?;
    found.ok_or_else(|| Problem::new(Kind::NotFound, format!("there is no report on {}", named.full())))
}
