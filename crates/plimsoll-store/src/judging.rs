//! What the gate reads to judge an artifact, and what it notes: summaries of reports, when
//! vulnerabilities were first seen, pulls of the last days, refused pulls.
//!
//! What a summary says is the policy's business; here it is bytes.

use std::collections::BTreeMap;

use plimsoll_core::{Digest, Timestamp};

use crate::audit::keepable;
use crate::database::{Row, Session, sql};
use crate::{
    Access, ArtifactId, Error, InstanceAccess, ManifestReference, NamespaceId, Read, RepositoryId,
    RepositoryName, Scan, Store,
};

/// All that is known of an artifact that may be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its number.
    pub artifact: ArtifactId,
    /// The digest of its manifest.
    pub digest: Digest,
    /// The media type of its manifest.
    pub media_type: String,
    /// The manifest.
    pub manifest: Vec<u8>,
    /// Its repository.
    pub repository: RepositoryId,
    /// The repository's name.
    pub repository_name: RepositoryName,
    /// The namespace.
    pub namespace: NamespaceId,
    /// When it was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// Whether its newest scan failed.
    pub scan_failed: bool,
    /// Its newest report.
    pub report: Option<Digest>,
    /// What that report says to policies.
    pub summary: Option<Vec<u8>>,
}

/// A refused pull, for the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedPull {
    /// Who pulled, by the name that the registry knows; none for somebody who has not signed in.
    pub account: Option<String>,
    /// Where.
    pub namespace: NamespaceId,
    /// What, by the name it was pulled by.
    pub target: String,
    /// Why, and how often.
    pub detail: String,
}

macro_rules! judged {
    ($rest:literal) => {
        concat!(
            "SELECT a.id, a.digest, a.media_type, m.content, a.repository_id, r.name, r.namespace_id,
                a.pulled_at, s.report_digest, y.content, a.state
            FROM artifacts AS a JOIN repositories AS r ON r.id = a.repository_id
            JOIN manifests AS m ON m.digest = a.digest
            LEFT JOIN results AS s ON s.artifact_id = a.id
            LEFT JOIN report_summaries AS y ON y.report_digest = s.report_digest ",
            $rest
        )
    };
}

fn judged(row: &Row) -> Result<Judged, Error> {
    Ok(Judged {
        artifact: row.get(0)?,
        digest: row.get(1)?,
        media_type: row.get(2)?,
        manifest: row.get(3)?,
        repository: row.get(4)?,
        repository_name: row.get(5)?,
        namespace: row.get(6)?,
        pulled_at: row.get(7)?,
        scan_failed: row.get::<String>(10)? == "failed",
        report: row.get(8)?,
        summary: row.get(9)?,
    })
}

impl Store {
    /// Keeps what a report says to policies. It is called before the report is kept, so that no
    /// report is ever without.
    pub async fn keep_summary(
        &self,
        _access: &InstanceAccess<Scan>,
        report: &Digest,
        content: &[u8],
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = sql("INSERT INTO report_summaries (report_digest, content, created_at)
            VALUES ($1, $2, $3) ON CONFLICT (report_digest) DO UPDATE SET content = excluded.content,
                created_at = excluded.created_at")
        .bind(report)
        .bind(content)
        .bind(now);
        let mut transaction = self.database.write().await?;
        transaction.execute(statement).await?;
        transaction.commit().await
    }

    /// Takes away the summaries from before a time whose reports are gone; says how many.
    pub async fn clean_summaries(
        &self,
        _access: &InstanceAccess<Scan>,
        before: Timestamp,
    ) -> Result<u64, Error> {
        let delete = sql("DELETE FROM report_summaries WHERE created_at < $1 AND NOT EXISTS (
            SELECT 1 FROM results WHERE results.report_digest = report_summaries.report_digest)");
        let mut transaction = self.database.write().await?;
        let gone = transaction.execute(delete.bind(before)).await?;
        transaction.commit().await?;
        Ok(gone)
    }

    /// What is known of an artifact.
    pub async fn judged(
        &self,
        _access: &InstanceAccess<Scan>,
        artifact: ArtifactId,
    ) -> Result<Option<Judged>, Error> {
        let statement = sql(judged!("WHERE a.id = $1")).bind(artifact);
        self.database.read().await?.optional(statement, judged).await
    }

    /// What is known of the artifacts of a namespace, in the order of their numbers behind one.
    pub async fn judged_in(
        &self,
        access: &Access<Scan>,
        after: Option<ArtifactId>,
        limit: u32,
    ) -> Result<Vec<Judged>, Error> {
        let statement = sql(judged!("WHERE r.namespace_id = $1 AND a.id > $2 ORDER BY a.id LIMIT $3"))
            .bind(access.namespace())
            .bind(after.map_or(0, ArtifactId::number))
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, judged).await
    }

    /// The artifacts whose newest report this is.
    pub async fn artifacts_of_report(
        &self,
        _access: &InstanceAccess<Scan>,
        report: &Digest,
    ) -> Result<Vec<ArtifactId>, Error> {
        let statement = sql("SELECT artifact_id FROM results WHERE report_digest = $1 ORDER BY artifact_id");
        self.database.read().await?.all(statement.bind(report), |row| row.get(0)).await
    }

    /// The tags that point at an artifact, or at an index of the same repository that it is in.
    pub async fn tags_of(
        &self,
        _access: &InstanceAccess<Scan>,
        artifact: ArtifactId,
    ) -> Result<Vec<String>, Error> {
        let statement = sql("SELECT t.name FROM tags AS t WHERE t.artifact_id = $1
            UNION SELECT t.name FROM artifacts AS a
                JOIN artifact_children AS c ON c.digest = a.digest
                JOIN artifacts AS p ON p.id = c.parent_id AND p.repository_id = a.repository_id
                JOIN tags AS t ON t.artifact_id = p.id
            WHERE a.id = $1 ORDER BY 1 LIMIT 1000");
        self.database.read().await?.all(statement.bind(artifact), |row| row.get(0)).await
    }

    /// The artifacts that a tag of this repository may speak of: the one named, and the images of
    /// an index.
    pub async fn tagged_by(
        &self,
        access: &Access<Scan>,
        repository: &RepositoryName,
        reference: &ManifestReference,
    ) -> Result<Vec<ArtifactId>, Error> {
        let artifact = self.artifact_number(access, repository, reference).await?;
        let Some(artifact) = artifact else { return Ok(Vec::new()) };
        let statement = sql("SELECT a.id FROM artifacts AS p
            JOIN artifact_children AS c ON c.parent_id = p.id
            JOIN artifacts AS a ON a.repository_id = p.repository_id AND a.digest = c.digest
            WHERE p.id = $1 ORDER BY a.id LIMIT 1000");
        let mut found = self.database.read().await?.all(statement.bind(artifact), |row| row.get(0)).await?;
        found.push(artifact);
        Ok(found)
    }

    async fn artifact_number(
        &self,
        access: &Access<Scan>,
        repository: &RepositoryName,
        reference: &ManifestReference,
    ) -> Result<Option<ArtifactId>, Error> {
        let statement = match reference {
            ManifestReference::Tag(_) => sql("SELECT t.artifact_id FROM repositories AS r
                JOIN tags AS t ON t.repository_id = r.id
                WHERE r.namespace_id = $1 AND r.name = $2 AND t.name = $3"),
            ManifestReference::Digest(_) => sql("SELECT a.id FROM repositories AS r
                JOIN artifacts AS a ON a.repository_id = r.id
                WHERE r.namespace_id = $1 AND r.name = $2 AND a.digest = $3"),
        };
        let statement = statement.bind(access.namespace()).bind(repository).bind(reference.to_string());
        self.database.read().await?.optional(statement, |row| row.get(0)).await
    }

    /// When each vulnerability was first seen in a repository.
    pub async fn first_seen(
        &self,
        _access: &InstanceAccess<Scan>,
        repository: RepositoryId,
    ) -> Result<BTreeMap<String, Timestamp>, Error> {
        read_first_seen(&mut self.database.read().await?, repository).await
    }

    /// Notes that vulnerabilities are in a repository now, where that is new; gives all of them.
    pub async fn note_seen(
        &self,
        access: &InstanceAccess<Scan>,
        repository: RepositoryId,
        ids: &[&str],
        now: Timestamp,
    ) -> Result<BTreeMap<String, Timestamp>, Error> {
        let known = self.first_seen(access, repository).await?;
        if ids.iter().all(|id| known.contains_key(*id)) {
            return Ok(known);
        }
        let mut transaction = self.database.write().await?;
        // The lock, so that two scans do not forget each other's.
        let lock = sql("UPDATE repositories SET name = name WHERE id = $1").bind(repository);
        if transaction.execute(lock).await? == 0 {
            return Ok(known);
        }
        let mut known = read_first_seen(&mut transaction, repository).await?;
        for id in ids {
            known.entry((*id).to_owned()).or_insert(now);
        }
        let content: BTreeMap<&str, i64> = known.iter().map(|(id, at)| (id.as_str(), at.0)).collect();
        let content =
            serde_json::to_string(&content).map_err(|_| Error::Invalid { what: "a vulnerability" })?;
        let keep = sql("INSERT INTO first_seen (repository_id, content) VALUES ($1, $2)
            ON CONFLICT (repository_id) DO UPDATE SET content = excluded.content");
        transaction.execute(keep.bind(repository).bind(content)).await?;
        transaction.commit().await?;
        Ok(known)
    }

    /// How often each artifact of a namespace was pulled since a time, by days, in the order of
    /// their numbers behind one.
    pub async fn pulls_since(
        &self,
        access: &Access<Read>,
        since: Timestamp,
        after: Option<ArtifactId>,
        limit: u32,
    ) -> Result<Vec<(ArtifactId, u64)>, Error> {
        let statement = sql("SELECT a.id, CAST(SUM(p.count) AS BIGINT) FROM repositories AS r
            JOIN artifacts AS a ON a.repository_id = r.id JOIN pulls AS p ON p.artifact_id = a.id
            WHERE r.namespace_id = $1 AND p.day >= $2 AND a.id > $3
            GROUP BY a.id ORDER BY a.id LIMIT $4")
        .bind(access.namespace())
        .bind(since.0.div_euclid(86_400))
        .bind(after.map_or(0, ArtifactId::number))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, |row| Ok((row.get(0)?, row.get(1)?))).await
    }

    /// Adds refused pulls to the audit log.
    pub async fn audit_refused_pulls(&self, pulls: &[RefusedPull], now: Timestamp) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        for pull in pulls {
            let account = pull.account.as_deref().unwrap_or("anonymous");
            let statement =
                sql("INSERT INTO audit_log (at, actor, action, namespace_id, target, allowed, detail)
                VALUES ($1, $2, 'pull', $3, $4, 0, $5)")
                .bind(now)
                .bind(keepable(account))
                .bind(pull.namespace)
                .bind(keepable(&pull.target))
                .bind(keepable(&pull.detail));
            transaction.execute(statement).await?;
        }
        transaction.commit().await
    }
}

async fn read_first_seen(
    session: &mut Session,
    repository: RepositoryId,
) -> Result<BTreeMap<String, Timestamp>, Error> {
    let statement = sql("SELECT content FROM first_seen WHERE repository_id = $1").bind(repository);
    let content: Option<String> = session.optional(statement, |row| row.get(0)).await?;
    let Some(content) = content else { return Ok(BTreeMap::new()) };
    let seen: BTreeMap<String, i64> =
        serde_json::from_str(&content).map_err(|_| Error::Corrupt { what: "first sightings" })?;
    Ok(seen.into_iter().map(|(id, at)| (id, Timestamp(at))).collect())
}
