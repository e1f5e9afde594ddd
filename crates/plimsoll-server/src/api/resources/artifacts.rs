//! Artifacts: lists with state, counts and verdict, and the overview of one.

use plimsoll_core::Digest;
use plimsoll_store::{
    Answer as Stored, Artifact, ArtifactFilter, ArtifactOrder, ArtifactPage, ArtifactRow, Counts,
    ManifestReference, ScanState,
};

use super::prelude::*;
use crate::scanning::OURS;

pub(super) const FILTERS: &[Parameter] = &[
    text("q", "Those whose repository's name has this text in it, or whose digest begins with it."),
    text("tag", "Those with a tag that fits this glob of `*` and `?`."),
    word::<bool>("tagged", "Those with a tag, or without any."),
    word::<StateWord>("state", "Those in this state."),
    word::<AnswerWord>("verdict", "Those with this verdict."),
    word::<LevelWord>("severity", "Those with a finding of this severity or a worse one."),
    word::<bool>("fixable", "Those with a finding that has a fix, or without any."),
    word::<bool>("incomplete", "Those of which something could not be read, or the others."),
    word::<bool>("end_of_life", "Those whose distribution gets no more updates, or the others."),
    word::<Time>("scanned_before", "Those scanned before this time, or never."),
    word::<Time>("pulled_since", "Those pulled since this time."),
    word::<bool>(
        "referrers",
        "Whether to list what speaks of others (signatures, attestations); no, unless said.",
    ),
    word::<SortWord>("sort", "The order; `pushed`, unless said."),
];

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listNamespaceArtifacts",
        "/namespaces/{namespace}/artifacts",
        Needs::Namespace(Permission::Read),
        "The artifacts of all repositories of a namespace.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE, FILTERS])
    .gives::<Page<ArtifactListed>>(),
    get(
        "listArtifacts",
        "/namespaces/{namespace}/repositories/{repository}/artifacts",
        Needs::Namespace(Permission::Read),
        "The artifacts of a repository.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE, FILTERS])
    .gives::<Page<ArtifactListed>>()
    .refuses(&[Kind::NotFound]),
    get(
        "getArtifact",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}",
        Needs::Namespace(Permission::Read),
        "The overview of an artifact, by tag or digest; of an index with its images, their sum and their union.",
        |api, call| Box::pin(show(api, call)),
    )
    .gives::<ArtifactOverview>()
    .refuses(&[Kind::NotFound]),
    delete(
        "deleteArtifact",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}",
        Needs::Namespace(Permission::Push),
        "Deletes an artifact and the tags that point at it. By digest only.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::InUse]),
    get(
        "listReferrers",
        "/namespaces/{namespace}/repositories/{repository}/artifacts/{reference}/referrers",
        Needs::Namespace(Permission::Read),
        "What speaks of an artifact: signatures, attestations, bills of materials.",
        |api, call| Box::pin(referrers(api, call)),
    )
    .query(&[PAGE, &[text("artifact_type", "Those of this type.")]])
    .gives::<Page<Referrer>>()
    .refuses(&[Kind::NotFound]),
];

words! {
    /// Where the scanning of an artifact stands.
    enum StateWord {
        /// Nobody has asked for it yet.
        NotScanned = "not_scanned",
        /// It is nothing that can be scanned.
        NotSupported = "not_supported",
        /// It waits for a worker.
        Queued = "queued",
        /// A worker reads it.
        Scanning = "scanning",
        /// It was tried as often as it may; the log says why.
        Failed = "failed",
        /// There is a result.
        Complete = "complete",
        /// Somebody stopped it.
        Stopped = "stopped",
    }

    /// What is answered to somebody who pulls.
    enum AnswerWord {
        /// The image.
        Allow = "allow",
        /// The image, and it is noted that it should not have been.
        Warn = "warn",
        /// The reasons.
        Deny = "deny",
    }

    /// How bad something is.
    enum SeverityWord {
        /// CVSS 9.0 and above.
        Critical = "critical",
        /// CVSS 7.0 to 8.9.
        High = "high",
        /// CVSS 4.0 to 6.9.
        Medium = "medium",
        /// CVSS 0.1 to 3.9.
        Low = "low",
        /// The distribution does not regard it as a security problem.
        Negligible = "negligible",
        /// Nobody has said.
        Unknown = "unknown",
    }

    /// A severity from which on something is wanted.
    enum LevelWord {
        /// Critical only.
        Critical = "critical",
        /// High and worse.
        High = "high",
        /// Medium and worse.
        Medium = "medium",
        /// Low and worse.
        Low = "low",
    }

    /// The order of a list of artifacts.
    enum SortWord {
        /// The newest first.
        Pushed = "pushed",
        /// The oldest first.
        Oldest = "oldest",
        /// The last pulled first.
        Pulled = "pulled",
        /// The worst first.
        Severity = "severity",
    }
}

wire! {
    /// An artifact in a list.
    struct ArtifactListed {
        /// Its namespace.
        namespace: String,
        /// Its repository inside of the namespace.
        repository: String,
        /// The digest of its manifest.
        digest: DigestText,
        /// The tags that point at it.
        tags: Vec<String>,
        /// The media type of its manifest.
        media_type: String,
        /// What kind of artifact it is.
        artifact_type: Option<String>,
        /// What it speaks of.
        subject: Option<DigestText>,
        /// The bytes of its configuration and layers as they are stored, each blob once; of an index those
        /// of its images, added.
        size_bytes: u64,
        /// The bytes of its manifest.
        manifest_size_bytes: u64,
        /// When it came into this repository.
        pushed_at: Time,
        /// When it was last pulled.
        pulled_at: Option<Time>,
        /// Where its scanning stands; of an index that of its images together.
        scan: ScanStatus,
        /// What was found when it was last scanned; stays while the next scan runs. Of an index that of its
        /// images, added.
        summary: Option<FindingSummary>,
        /// The verdict that holds.
        verdict: Option<VerdictSummary>,
    }

    /// Where the scanning of an artifact stands.
    struct ScanStatus {
        /// The state. An index is `scanning` while some of its images are on their way, and `complete` where
        /// one of them is and none is on its way.
        state: StateWord,
        /// Of an index that is complete: whether some of its images have no result of their newest scan, or
        /// are gone.
        limited: bool,
        /// How far it is, by bytes.
        progress_percent: Option<u8>,
        /// What it does right now.
        phase: Option<String>,
        /// When it was asked for.
        asked_at: Option<Time>,
        /// When it ended.
        ended_at: Option<Time>,
    }

    /// What was found, counted.
    struct FindingSummary {
        /// The highest severity of a finding.
        highest: Option<SeverityWord>,
        /// How many vulnerabilities in all.
        total: u64,
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
        /// Those with a fix, of any severity.
        fixable: u64,
        /// Whether nothing is known to be missing.
        complete: bool,
        /// The digest of the database's snapshot by which it is counted; null where there was none, or where
        /// the images of an index are counted by several.
        snapshot: Option<DigestText>,
        /// When it was scanned; of an index its image that was scanned the longest ago.
        scanned_at: Time,
    }

    /// A verdict in a list.
    struct VerdictSummary {
        /// What is answered.
        answer: AnswerWord,
        /// Since when.
        decided_at: Time,
    }

    /// The overview of an artifact.
    struct ArtifactOverview {
        /// The same as in a list.
        artifact: ArtifactListed,
        /// What scans it.
        engine: Engine,
        /// The database's snapshot by which its findings hold.
        snapshot: Option<SnapshotNamed>,
        /// The annotations of its manifest.
        annotations: std::collections::BTreeMap<String, String>,
        /// The digest of its configuration.
        config: Option<DigestText>,
        /// The images of an index, in its order; empty for an image. At most 200.
        platforms: Vec<PlatformOverview>,
        /// Whether an index has more images than are in `platforms`; states, counts and sums are of them all.
        platforms_is_cut: bool,
        /// Of an index: where its images' scans stand together.
        index_state: Option<StateWord>,
        /// Of an index: the counts of its images, added.
        sum: Option<FindingSummary>,
        /// Of an index: how many of its images have a result.
        scanned_images: Option<u64>,
        /// Of an index: how many of its images can be scanned, or could be: some may be gone.
        scannable_images: Option<u64>,
    }

    /// What scans images.
    struct Engine {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
    }

    /// A snapshot of the vulnerability database.
    struct SnapshotNamed {
        /// Its digest.
        digest: DigestText,
        /// Its number; null where it is not the one in use any more.
        sequence: Option<u64>,
        /// When it was built; null where it is not the one in use any more.
        built_at: Option<Time>,
    }

    /// An image of an index.
    struct PlatformOverview {
        /// The digest of its manifest.
        digest: DigestText,
        /// The platform as the index says it.
        platform: Option<String>,
        /// Whether the repository still has it.
        present: bool,
        /// Where its scanning stands.
        scan: Option<ScanStatus>,
        /// What was found.
        summary: Option<FindingSummary>,
        /// The verdict that holds.
        verdict: Option<VerdictSummary>,
    }

    /// What speaks of an artifact.
    struct Referrer {
        /// The digest of its manifest.
        digest: DigestText,
        /// What kind of artifact it is.
        artifact_type: Option<String>,
        /// The media type of its manifest.
        media_type: String,
        /// The bytes of its manifest.
        size_bytes: u64,
        /// When it came.
        pushed_at: Time,
    }
}

impl From<&ScanState> for StateWord {
    fn from(state: &ScanState) -> StateWord {
        match state {
            ScanState::NotScanned => StateWord::NotScanned,
            ScanState::NotSupported => StateWord::NotSupported,
            ScanState::Queued => StateWord::Queued,
            ScanState::Scanning { .. } => StateWord::Scanning,
            ScanState::Failed => StateWord::Failed,
            ScanState::Complete => StateWord::Complete,
            ScanState::Stopped => StateWord::Stopped,
        }
    }
}

impl From<Stored> for AnswerWord {
    fn from(answer: Stored) -> AnswerWord {
        match answer {
            Stored::Allow => AnswerWord::Allow,
            Stored::Warn => AnswerWord::Warn,
            Stored::Deny => AnswerWord::Deny,
        }
    }
}

fn found(row: &ArtifactRow) -> Option<FindingSummary> {
    let (counts, scanned_at) = row.counts.zip(row.scanned_at)?;
    let Counts { critical, high, medium, low, other, fixable } = counts;
    let rows = [
        (critical, SeverityWord::Critical),
        (high, SeverityWord::High),
        (medium, SeverityWord::Medium),
        (low, SeverityWord::Low),
        // They are counted together, and of one that nobody rated yet nobody may think that it is none.
        (other, SeverityWord::Unknown),
    ];
    Some(FindingSummary {
        highest: rows.iter().find(|it| it.0 > 0).map(|it| it.1),
        total: rows.iter().map(|it| it.0).sum(),
        critical,
        high,
        medium,
        low,
        other,
        fixable,
        complete: !row.incomplete && !row.together.is_some_and(|it| it.is_limited()),
        snapshot: row.snapshot.map(DigestText),
        scanned_at: Time(scanned_at),
    })
}

pub(super) fn status(row: &ArtifactRow) -> ScanStatus {
    let (phase, percent) = match &row.state {
        ScanState::Scanning { phase, progress_percent } => (Some(phase.clone()), Some(*progress_percent)),
        _ => (None, None),
    };
    ScanStatus {
        state: (&row.state).into(),
        limited: row.state == ScanState::Complete && row.together.is_some_and(|it| it.is_limited()),
        progress_percent: percent,
        phase,
        asked_at: row.asked_at.map(Time),
        ended_at: row.ended_at.map(Time),
    }
}

fn verdict(row: &ArtifactRow) -> Option<VerdictSummary> {
    row.verdict.map(|(answer, at)| VerdictSummary { answer: answer.into(), decided_at: Time(at) })
}

pub(super) fn listed(row: ArtifactRow) -> ArtifactListed {
    ArtifactListed {
        scan: status(&row),
        summary: found(&row),
        verdict: verdict(&row),
        namespace: row.namespace,
        repository: row.repository,
        digest: DigestText(row.digest),
        tags: row.tags,
        media_type: row.media_type,
        artifact_type: row.artifact_type,
        subject: row.subject.map(DigestText),
        size_bytes: row.size_bytes,
        manifest_size_bytes: row.manifest_size_bytes,
        pushed_at: Time(row.pushed_at),
        pulled_at: row.pulled_at.map(Time),
    }
}

/// What a query asks for, as the store takes it.
pub(super) fn filter<'a>(call: &'a Call) -> Result<ArtifactFilter<'a>, Problem> {
    let level = call.word("severity", LevelWord::parse)?;
    Ok(ArtifactFilter {
        repository: None,
        containing: call.parameter("q"),
        tags: call.parameter("tag"),
        is_tagged: call.flag("tagged")?,
        state: call.word("state", StateWord::parse)?.map(StateWord::name),
        verdict: call.word("verdict", AnswerWord::parse)?.map(|it| match it {
            AnswerWord::Allow => Stored::Allow,
            AnswerWord::Warn => Stored::Warn,
            AnswerWord::Deny => Stored::Deny,
        }),
        severity_at_least: level.map(|it| match it {
            LevelWord::Critical => 4,
            LevelWord::High => 3,
            LevelWord::Medium => 2,
            LevelWord::Low => 1,
        }),
        is_fixable: call.flag("fixable")?,
        is_incomplete: call.flag("incomplete")?,
        is_unsupported: call.flag("end_of_life")?.map(|it| (it, super::super::serve::now())),
        scanned_before: call.time("scanned_before")?,
        pulled_since: call.time("pulled_since")?,
        without_referrers: !call.flag("referrers")?.unwrap_or(false),
        without_indexes: false,
    })
}

/// The order that a query asks for, its name, and the page.
pub(super) fn page(call: &Call) -> Result<(Paging, ArtifactPage), Problem> {
    let sort = call.word("sort", SortWord::parse)?.unwrap_or(SortWord::Pushed);
    let paging = Paging::of(call, format!("artifacts by {}", sort.name()))?;
    let order = match sort {
        SortWord::Pushed => ArtifactOrder::Pushed,
        SortWord::Oldest => ArtifactOrder::OldestPushed,
        SortWord::Pulled => ArtifactOrder::Pulled,
        SortWord::Severity => ArtifactOrder::Severity,
    };
    let after = paging.number(0).zip(paging.number(1));
    if !paging.is_first() && after.is_none() {
        return Err(Problem::invalid("cursor", "not a cursor of this list in this order"));
    }
    let page = ArtifactPage { order, after, limit: paging.fetch() };
    Ok((paging, page))
}

async fn list(api: &Api, call: &Call) -> Answered {
    let (paging, page) = page(call)?;
    let mut filter = filter(call)?;
    let access = call.access::<Read>(api).await?;
    let repository = match call.value("repository") {
        "" => None,
        _ => Some(call.repository()?),
    };
    if let Some(repository) = &repository {
        // A repository that is not there has no list, not an empty one.
        api.store.listed_repository(&access, repository).await?;
    }
    filter.repository = repository.as_ref();
    let rows = api.store.artifact_rows(&access, &filter, page).await?;
    let keys = |last: &ArtifactRow| vec![json!(last.key(page.order)), json!(last.id.number())];
    Answer::page(&paging.cut(rows, keys, listed))
}

/// The artifact of the path.
pub(super) async fn artifact(
    api: &Api,
    call: &Call,
    access: &plimsoll_store::Access<Read>,
) -> Result<Artifact, Problem> {
    Ok(api.store.artifact(access, &call.repository()?, &call.reference()?).await?)
}

async fn show(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Read>(api).await?;
    let artifact = artifact(api, call, &access).await?;
    let row = api.store.artifact_row(&access, artifact.id).await?.ok_or_else(Problem::not_found)?;
    let (platforms, platforms_is_cut) = platforms(api, call, &access, &artifact).await?;
    let together = row.together;
    let snapshot = match row.snapshot {
        Some(digest) => Some(named(api, digest).await),
        None => None,
    };
    let artifact_listed = listed(row);
    Answer::json(&ArtifactOverview {
        engine: Engine { name: OURS.id.to_owned(), version: api.options.version.clone() },
        snapshot,
        annotations: artifact.annotations,
        config: artifact.config.map(DigestText),
        index_state: together.map(|_| artifact_listed.scan.state),
        sum: together.and(artifact_listed.summary.clone()),
        scanned_images: together.map(|it| it.scanned),
        scannable_images: together.map(|it| it.scannable),
        artifact: artifact_listed,
        platforms,
        platforms_is_cut,
    })
}

/// A snapshot, with its number where it is the one in use.
async fn named(api: &Api, digest: Digest) -> SnapshotNamed {
    let status = match &api.database {
        Some(database) => database.status().await,
        None => Value::Null,
    };
    let is_in_use = status["digest"].as_str() == Some(digest.to_string().as_str());
    let known = |key: &str| is_in_use.then(|| status[key].clone());
    SnapshotNamed {
        digest: DigestText(digest),
        sequence: known("sequence").and_then(|it| it.as_u64()),
        built_at: known("built_at").and_then(|it| it.as_str()?.parse().ok()).map(Time),
    }
}

/// So many images of an index are shown each for itself.
const PLATFORMS_MAX: usize = 200;

async fn platforms(
    api: &Api,
    call: &Call,
    access: &plimsoll_store::Access<Read>,
    index: &Artifact,
) -> Result<(Vec<PlatformOverview>, bool), Problem> {
    let repository = call.repository()?;
    let children = api.store.children(access, index.id).await?;
    let is_cut = children.len() > PLATFORMS_MAX;
    let mut platforms = Vec::with_capacity(children.len().min(PLATFORMS_MAX));
    for child in children.into_iter().take(PLATFORMS_MAX) {
        let reference = ManifestReference::Digest(child.digest);
        let row = match api.store.artifact(access, &repository, &reference).await {
            Ok(artifact) => api.store.artifact_row(access, artifact.id).await?,
            Err(plimsoll_store::Error::Unknown { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        platforms.push(PlatformOverview {
            digest: DigestText(child.digest),
            platform: child.platform,
            present: row.is_some(),
            scan: row.as_ref().map(status),
            summary: row.as_ref().and_then(found),
            verdict: row.as_ref().and_then(verdict),
        });
    }
    Ok((platforms, is_cut))
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Push>(api).await?;
    let ManifestReference::Digest(digest) = call.reference()? else {
        return Err(Problem::invalid(
            "reference",
            "an artifact is deleted by its digest; tags have an address of their own",
        ));
    };
    lies_here(api, access.namespace()).await?;
    api.store.delete_artifact(&access, &call.repository()?, &digest, call.now).await?;
    Ok(Answer::nothing())
}

async fn referrers(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "referrers")?;
    let access = call.access::<Read>(api).await?;
    let subject = artifact(api, call, &access).await?;
    let after = paging.text(0).and_then(|it| it.parse().ok());
    let repository = call.repository()?;
    let page = (after.as_ref(), paging.fetch());
    let wanted = call.parameter("artifact_type");
    let found = api.store.referrers(&access, &repository, &subject.digest, wanted, page).await?;
    Answer::page(&paging.cut(
        found,
        |last| vec![json!(last.digest.to_string())],
        |it| Referrer {
            digest: DigestText(it.digest),
            artifact_type: it.artifact_type,
            media_type: it.media_type,
            size_bytes: it.size_bytes,
            pushed_at: Time(it.pushed_at),
        },
    ))
}
