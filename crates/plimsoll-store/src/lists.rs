//! Lists for people: artifacts with their state, their counts and their verdict in one row.
//!
//! Every order ends with the number of the row, so that a page begins exactly behind the one before
//! it whatever is pushed meanwhile. Only reads.

use std::collections::HashMap;

use plimsoll_core::{Digest, Timestamp};
use serde_json::json;

use crate::database::{Column, Row, Session, over_list, sql};
use crate::rank::weight;
use crate::scans::state_of;
use crate::units::lists;
use crate::visible::{containing_pattern, visible};
use crate::{
    Access, Answer, ArtifactFilter, ArtifactId, ArtifactOrder, ArtifactPage, Counts, Error, Noun, Read,
    RepositoryName, ScanState, Sees, Store, Together, Visible, indexes, pages,
};

/// An artifact as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactRow {
    /// Its number.
    pub id: ArtifactId,
    /// Its namespace's name.
    pub namespace: String,
    /// Its repository's name.
    pub repository: String,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The media type under which it was pushed.
    pub media_type: String,
    /// What kind of artifact it is.
    pub artifact_type: Option<String>,
    /// What it speaks of.
    pub subject: Option<Digest>,
    /// The bytes of its manifest.
    pub manifest_size_bytes: u64,
    /// The bytes of its configuration and layers; of an index those of its images.
    pub size_bytes: u64,
    /// The tags that point at it.
    pub tags: Vec<String>,
    /// When it came.
    pub pushed_at: Timestamp,
    /// When it was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// Where its scanning stands.
    pub state: ScanState,
    /// Of an index: what its images come to, which the other fields say as well.
    pub together: Option<Together>,
    /// When its newest scan was asked for.
    pub asked_at: Option<Timestamp>,
    /// When its newest scan ended.
    pub ended_at: Option<Timestamp>,
    /// What was found when it was last scanned.
    pub counts: Option<Counts>,
    /// Whether something could not be read then.
    pub incomplete: bool,
    /// The snapshot of the database that the counts are by.
    pub snapshot: Option<Digest>,
    /// When that was.
    pub scanned_at: Option<Timestamp>,
    /// The verdict that holds, and since when.
    pub verdict: Option<(Answer, Timestamp)>,
    /// How bad it is, as a number to sort by; -1 where nobody knows.
    pub rank: i64,
}

/// What is in a namespace, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NamespaceSummary {
    /// Its repositories.
    pub repositories: u64,
    /// What can be scanned in it or could be: neither indexes, whose images are counted, nor what speaks
    /// of others.
    pub artifacts: u64,
    /// Those with a result.
    pub scanned: u64,
    /// Those with a critical finding.
    pub critical: u64,
    /// Those with a high finding and no critical one.
    pub high: u64,
    /// Those that are denied.
    pub denied: u64,
}

/// A repository as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedRepository {
    /// Its namespace's name.
    pub namespace: String,
    /// Its name.
    pub name: RepositoryName,
    /// When it was made.
    pub created_at: Timestamp,
    /// How many artifacts it has.
    pub artifacts: u64,
    /// How many tags it has.
    pub tags: u64,
    /// When something last came.
    pub pushed_at: Option<Timestamp>,
}

/// Everything that [`artifact_row`] reads, of some artifacts.
macro_rules! rows {
    ($session:expr) => {
        over_list!(
            $session,
            concat!(
                "SELECT a.id, n.name, r.name, a.digest, a.media_type, a.artifact_type, a.subject_digest,
                a.size_bytes, a.pushed_at, a.pulled_at,
                (SELECT string_agg(t.name, '/') FROM tags AS t WHERE t.artifact_id = a.id),
                s.outcome, j2.state, j2.phase, j2.progress_percent, s.id, s.asked_at,
                COALESCE(s.ended_at, j2.ended_at),
                x.critical, x.high, x.medium, x.low, x.other, x.fixable, x.incomplete, x.scanned_at,
                v.answer, v.decided_at, a.rank, a.image_size_bytes, a.is_index, a.state, ",
                indexes::snapshot!(),
                " FROM"
            ),
            "JOIN artifacts AS a ON a.id = CAST(j.value ->> 0 AS BIGINT)
            JOIN repositories AS r ON r.id = a.repository_id JOIN namespaces AS n ON n.id = r.namespace_id
            LEFT JOIN scans AS s ON s.id = (SELECT MAX(m.id) FROM scans AS m WHERE m.artifact_id = a.id)
            LEFT JOIN jobs AS j2 ON j2.id = s.job_id
            LEFT JOIN results AS x ON x.artifact_id = a.id
            LEFT JOIN verdicts AS v ON v.id = (SELECT MAX(m.id) FROM verdicts AS m WHERE m.artifact_id = a.id)"
        )
    };
}

fn artifact_row(row: &Row) -> Result<ArtifactRow, Error> {
    let tags: Option<String> = row.get(10)?;
    let mut tags: Vec<String> = tags.iter().flat_map(|it| it.split('/')).map(str::to_owned).collect();
    tags.sort_unstable();
    let is_scanned: bool = row.get::<Option<i64>>(15)?.is_some();
    let is_index: bool = row.get(30)?;
    let state = match (is_index, is_scanned) {
        (true, _) => ScanState::of_images(&row.get::<String>(31)?)?,
        (false, false) => ScanState::NotScanned,
        (false, true) => {
            let (outcome, job): (Option<String>, Option<String>) = (row.get(11)?, row.get(12)?);
            let phase: Option<String> = row.get(13)?;
            let percent: Option<i64> = row.get(14)?;
            state_of(outcome.as_deref(), job.as_deref(), phase, percent.unwrap_or_default())?
        }
    };
    let number = |index: usize| row.get::<Option<i64>>(index).map(|it| it.unwrap_or_default().unsigned_abs());
    let scanned_at: Option<Timestamp> = row.get(25)?;
    let counts = Counts {
        critical: number(18)?,
        high: number(19)?,
        medium: number(20)?,
        low: number(21)?,
        other: number(22)?,
        fixable: number(23)?,
    };
    let decided_at: Option<Timestamp> = row.get(27)?;
    let verdict = decided_at.map(|at| Ok::<_, Error>((Answer::read(row, 26)?, at))).transpose()?;
    Ok(ArtifactRow {
        id: row.get(0)?,
        namespace: row.get(1)?,
        repository: row.get(2)?,
        digest: row.get(3)?,
        media_type: row.get(4)?,
        artifact_type: row.get(5)?,
        subject: row.get(6)?,
        manifest_size_bytes: row.get(7)?,
        size_bytes: row.get(29)?,
        tags,
        pushed_at: row.get(8)?,
        pulled_at: row.get(9)?,
        state,
        together: is_index.then(Together::default),
        asked_at: row.get(16)?,
        ended_at: row.get(17)?,
        counts: scanned_at.map(|_| counts),
        incomplete: row.get::<Option<i64>>(24)?.unwrap_or_default() != 0,
        snapshot: row.get(32)?,
        scanned_at,
        verdict,
        rank: row.get(28)?,
    })
}

fn listed(row: &Row) -> Result<ListedRepository, Error> {
    Ok(ListedRepository {
        namespace: row.get(0)?,
        name: row.get(1)?,
        created_at: row.get(2)?,
        artifacts: row.get(3)?,
        tags: row.get(4)?,
        pushed_at: row.get(5)?,
    })
}

impl ArtifactRow {
    /// The sort key in an order.
    pub fn key(&self, order: ArtifactOrder) -> i64 {
        match order {
            ArtifactOrder::Pushed | ArtifactOrder::OldestPushed => 0,
            ArtifactOrder::Pulled => self.pulled_at.map_or(-1, |it| it.0),
            ArtifactOrder::Severity => self.rank,
        }
    }

    /// The same of an index, with what its images come to.
    fn with(self, together: Together) -> ArtifactRow {
        let state = match self.state {
            ScanState::Scanning { phase, .. } => {
                ScanState::Scanning { phase, progress_percent: together.progress_percent }
            }
            other => other,
        };
        let is_on_its_way = state.is_on_its_way();
        ArtifactRow {
            state,
            asked_at: together.asked_at,
            ended_at: together.ended_at.filter(|_| !is_on_its_way),
            counts: together.scanned_at.map(|_| together.counts),
            incomplete: together.incomplete,
            snapshot: together.snapshot,
            scanned_at: together.scanned_at,
            together: Some(together),
            ..self
        }
    }
}

/// The rows of artifacts, in the order of their numbers here.
async fn rows(session: &mut Session, ids: &[ArtifactId]) -> Result<Vec<ArtifactRow>, Error> {
    let mut found = HashMap::with_capacity(ids.len());
    for list in lists(ids, |id| json!([id.number()])) {
        let statement = rows!(session).bind(list);
        found.extend(session.all(statement, artifact_row).await?.into_iter().map(|row| (row.id, row)));
    }
    let indexes: Vec<ArtifactId> =
        found.values().filter(|it| it.together.is_some()).map(|it| it.id).collect();
    let mut together = indexes::of(session, &indexes).await?;
    // One that was deleted between two statements is left out.
    let rows = ids.iter().filter_map(|id| found.remove(id)).map(|row| match together.remove(&row.id) {
        Some(together) => row.with(together),
        None => row,
    });
    Ok(rows.collect())
}

impl Store {
    /// The artifacts of a namespace that fit.
    pub async fn artifact_rows(
        &self,
        access: &Access<Read>,
        filter: &ArtifactFilter<'_>,
        page: ArtifactPage,
    ) -> Result<Vec<ArtifactRow>, Error> {
        // Whoever holds the access may read that namespace; the condition is for the others.
        self.rows(&Visible::everything(), access.namespace().number(), filter, page).await
    }

    /// The artifacts of all namespaces that fit.
    pub async fn visible_artifact_rows(
        &self,
        visible: &Visible,
        filter: &ArtifactFilter<'_>,
        page: ArtifactPage,
    ) -> Result<Vec<ArtifactRow>, Error> {
        self.rows(visible, 0, filter, page).await
    }

    /// The artifacts of all namespaces whose digests begin with a text, with `sha256:` or without it.
    pub async fn artifacts_by_digest(
        &self,
        visible: &Visible,
        beginning: &str,
        limit: u32,
    ) -> Result<Vec<ArtifactRow>, Error> {
        let mut session = self.database.read().await?;
        let ids = pages::by_digest(&mut session, visible, beginning, limit).await?;
        rows(&mut session, &ids).await
    }

    async fn rows(
        &self,
        visible: &Visible,
        namespace: i64,
        filter: &ArtifactFilter<'_>,
        page: ArtifactPage,
    ) -> Result<Vec<ArtifactRow>, Error> {
        let mut session = self.database.read().await?;
        let ids = pages::find(&mut session, visible, namespace, filter, page).await?;
        rows(&mut session, &ids).await
    }

    /// The same of one artifact of a namespace.
    pub async fn artifact_row(
        &self,
        access: &Access<Read>,
        id: ArtifactId,
    ) -> Result<Option<ArtifactRow>, Error> {
        let page =
            ArtifactPage { order: ArtifactOrder::OldestPushed, after: Some((0, id.number() - 1)), limit: 1 };
        let rows = self.artifact_rows(access, &ArtifactFilter::default(), page).await?;
        Ok(rows.into_iter().find(|it| it.id == id))
    }

    /// The repositories that somebody may see: of one namespace or, where there is none, of all.
    pub async fn listed_repositories<P: Sees>(
        &self,
        access: &Access<P>,
        containing: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<ListedRepository>, Error> {
        let namespace = access.namespace().number();
        self.repository_rows(&Visible::everything(), namespace, containing, (after, limit)).await
    }

    /// The same over all namespaces.
    pub async fn visible_repositories(
        &self,
        visible: &Visible,
        containing: &str,
        limit: u32,
    ) -> Result<Vec<ListedRepository>, Error> {
        self.repository_rows(visible, 0, containing, (None, limit)).await
    }

    async fn repository_rows(
        &self,
        visible: &Visible,
        namespace: i64,
        containing: &str,
        (after, limit): (Option<&str>, u32),
    ) -> Result<Vec<ListedRepository>, Error> {
        let statement = visible.bind(sql(visible!(
            "SELECT n.name, r.name, r.created_at,
                (SELECT COUNT(*) FROM artifacts AS a WHERE a.repository_id = r.id),
                (SELECT COUNT(*) FROM tags AS t WHERE t.repository_id = r.id),
                (SELECT MAX(a.pushed_at) FROM artifacts AS a WHERE a.repository_id = r.id)
            FROM repositories AS r JOIN namespaces AS n ON n.id = r.namespace_id WHERE",
            "AND ($4 = 0 OR n.id = $4) AND r.name LIKE $5 ESCAPE '!' AND r.name > $6
            ORDER BY r.name, n.name LIMIT $7"
        )));
        let statement = statement
            .bind(namespace)
            .bind(containing_pattern(&containing.to_lowercase()))
            .bind(after.unwrap_or_default())
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, listed).await
    }

    /// One repository of a namespace.
    pub async fn listed_repository(
        &self,
        access: &Access<Read>,
        name: &RepositoryName,
    ) -> Result<ListedRepository, Error> {
        let statement = sql("SELECT n.name, r.name, r.created_at,
                (SELECT COUNT(*) FROM artifacts AS a WHERE a.repository_id = r.id),
                (SELECT COUNT(*) FROM tags AS t WHERE t.repository_id = r.id),
                (SELECT MAX(a.pushed_at) FROM artifacts AS a WHERE a.repository_id = r.id)
            FROM repositories AS r JOIN namespaces AS n ON n.id = r.namespace_id
            WHERE n.id = $1 AND r.name = $2")
        .bind(access.namespace())
        .bind(name);
        let found = self.database.read().await?.optional(statement, listed).await?;
        found.ok_or_else(|| Error::unknown(Noun::Repository, name))
    }

    /// What is in a namespace, counted.
    pub async fn namespace_summary(&self, access: &Access<Read>) -> Result<NamespaceSummary, Error> {
        let statement = sql(concat!(
            "SELECT
                (SELECT COUNT(*) FROM repositories WHERE namespace_id = $1),
                COUNT(*), COUNT(a.scanned_at),
                COUNT(CASE WHEN a.rank >= ",
            weight!(critical),
            " THEN 1 END), COUNT(CASE WHEN a.rank >= ",
            weight!(high),
            " AND a.rank < ",
            weight!(critical),
            " THEN 1 END), COUNT(CASE WHEN a.verdict = 'deny' THEN 1 END)
            FROM artifacts AS a WHERE a.namespace_id = $1 AND a.is_index = 0 AND a.is_referrer = 0"
        ))
        .bind(access.namespace());
        let read = |row: &Row| {
            Ok(NamespaceSummary {
                repositories: row.get(0)?,
                artifacts: row.get(1)?,
                scanned: row.get(2)?,
                critical: row.get(3)?,
                high: row.get(4)?,
                denied: row.get(5)?,
            })
        };
        self.database.read().await?.one(statement, read).await
    }
}
