//! Manifests in repositories: finding them, what refers to them, deleting them.

use std::collections::BTreeMap;

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Row, Session, Statement, sql};
use crate::{
    Access, ArtifactId, Child, Error, NamespaceId, Noun, Push, RepositoryName, Sees, Store, TagName, indexes,
    quota, repositories, tags,
};

/// How a client names a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ManifestReference {
    /// By what a tag points at now.
    Tag(TagName),
    /// By its digest.
    Digest(Digest),
}

impl std::fmt::Display for ManifestReference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ManifestReference::Tag(tag) => tag.fmt(f),
            ManifestReference::Digest(digest) => digest.fmt(f),
        }
    }
}

/// A manifest in a repository, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Its number.
    pub id: ArtifactId,
    /// The digest of the manifest.
    pub digest: Digest,
    /// The media type under which it was pushed.
    pub media_type: String,
    /// What kind of artifact it is.
    pub artifact_type: Option<String>,
    /// The manifest's size.
    pub size_bytes: u64,
    /// What it speaks of.
    pub subject: Option<Digest>,
    /// Its configuration.
    pub config: Option<Digest>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
    /// When it came into this repository.
    pub pushed_at: Timestamp,
    /// When it was last pulled.
    pub pulled_at: Option<Timestamp>,
    /// How large its blobs are, where they lie in another registry; 0 where they are here.
    pub elsewhere_bytes: u64,
}

/// A manifest with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// What is known of it.
    pub artifact: Artifact,
    /// Its bytes, as they were pushed.
    pub content: Vec<u8>,
}

/// A manifest that speaks of another.
pub type Referrer = Artifact;

fn artifact(row: &Row) -> Result<Artifact, Error> {
    let annotations: String = row.get(7)?;
    Ok(Artifact {
        id: row.get(0)?,
        digest: row.get(1)?,
        media_type: row.get(2)?,
        artifact_type: row.get(3)?,
        size_bytes: row.get(4)?,
        subject: row.get(5)?,
        config: row.get(6)?,
        annotations: serde_json::from_str(&annotations)
            .map_err(|_| Error::Corrupt { what: "annotations" })?,
        pushed_at: row.get(8)?,
        pulled_at: row.get(9)?,
        elsewhere_bytes: row.get(10)?,
    })
}

/// The columns that [`artifact`] reads, of a table called `a`.
macro_rules! select {
    ($rest:expr) => {
        concat!(
            "SELECT a.id, a.digest, a.media_type, a.artifact_type, a.size_bytes, a.subject_digest,
                a.config_digest, a.annotations, a.pushed_at, a.pulled_at, a.elsewhere_bytes ",
            $rest
        )
    };
}

/// The artifact that a tag of a repository points at.
macro_rules! by_tag {
    () => {
        "FROM repositories AS r JOIN tags AS t ON t.repository_id = r.id
            JOIN artifacts AS a ON a.id = t.artifact_id"
    };
}

/// The artifacts of a repository.
macro_rules! by_digest {
    () => {
        "FROM repositories AS r JOIN artifacts AS a ON a.repository_id = r.id"
    };
}

fn by_reference(
    namespace: NamespaceId,
    repository: &RepositoryName,
    reference: &ManifestReference,
) -> Statement {
    let statement = match reference {
        ManifestReference::Tag(_) => {
            sql(select!(concat!(by_tag!(), " WHERE r.namespace_id = $1 AND r.name = $2 AND t.name = $3")))
        }
        ManifestReference::Digest(_) => sql(select!(concat!(
            by_digest!(),
            " WHERE r.namespace_id = $1 AND r.name = $2 AND a.digest = $3"
        ))),
    };
    statement.bind(namespace).bind(repository).bind(reference.to_string())
}

/// The same with the bytes, in one statement: it is what every pull waits for.
fn whole_by_reference(
    namespace: NamespaceId,
    repository: &RepositoryName,
    reference: &ManifestReference,
) -> Statement {
    let statement = match reference {
        ManifestReference::Tag(_) => sql(select!(concat!(
            ", m.content ",
            by_tag!(),
            " JOIN manifests AS m ON m.digest = a.digest
            WHERE r.namespace_id = $1 AND r.name = $2 AND t.name = $3"
        ))),
        ManifestReference::Digest(_) => sql(select!(concat!(
            ", m.content ",
            by_digest!(),
            " JOIN manifests AS m ON m.digest = a.digest
            WHERE r.namespace_id = $1 AND r.name = $2 AND a.digest = $3"
        ))),
    };
    statement.bind(namespace).bind(repository).bind(reference.to_string())
}

async fn find(
    session: &mut Session,
    namespace: NamespaceId,
    repository: &RepositoryName,
    reference: &ManifestReference,
) -> Result<Artifact, Error> {
    let found = session.optional(by_reference(namespace, repository, reference), artifact).await?;
    found.ok_or_else(|| Error::unknown(Noun::Manifest, reference))
}

impl Store {
    /// What is known of a manifest, without its bytes.
    pub async fn artifact<P: Sees>(
        &self,
        access: &Access<P>,
        repository: &RepositoryName,
        reference: &ManifestReference,
    ) -> Result<Artifact, Error> {
        let mut session = self.database.read().await?;
        find(&mut session, access.namespace(), repository, reference).await
    }

    /// A manifest with its bytes.
    pub async fn manifest<P: Sees>(
        &self,
        access: &Access<P>,
        repository: &RepositoryName,
        reference: &ManifestReference,
    ) -> Result<Manifest, Error> {
        let statement = whole_by_reference(access.namespace(), repository, reference);
        let row = |row: &Row| Ok(Manifest { artifact: artifact(row)?, content: row.get(11)? });
        let name = (access.namespace(), repository.clone(), reference.clone());
        let found = self.database.remembered_row(|it| &it.manifests, name, statement, row).await?;
        found.ok_or_else(|| Error::unknown(Noun::Manifest, reference))
    }

    /// The manifests of a repository, newest first, before one of them.
    pub async fn artifacts<P: Sees>(
        &self,
        access: &Access<P>,
        repository: &RepositoryName,
        before: Option<ArtifactId>,
        limit: u32,
    ) -> Result<Vec<Artifact>, Error> {
        let statement = sql(select!(
            "FROM repositories AS r JOIN artifacts AS a ON a.repository_id = r.id
            WHERE r.namespace_id = $1 AND r.name = $2 AND a.id < $3 ORDER BY a.id DESC LIMIT $4"
        ))
        .bind(access.namespace())
        .bind(repository)
        .bind(before.map_or(i64::MAX, ArtifactId::number))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, artifact).await
    }

    /// The images of an index, in its order. One that was deleted since is named nevertheless.
    pub async fn children<P: Sees>(
        &self,
        access: &Access<P>,
        index: ArtifactId,
    ) -> Result<Vec<Child>, Error> {
        let statement = sql("SELECT c.digest, c.platform FROM artifact_children AS c
            JOIN artifacts AS a ON a.id = c.parent_id JOIN repositories AS r ON r.id = a.repository_id
            WHERE c.parent_id = $1 AND r.namespace_id = $2 ORDER BY c.position")
        .bind(index)
        .bind(access.namespace());
        let read = |row: &Row| Ok(Child { digest: row.get(0)?, platform: row.get(1)? });
        self.database.read().await?.all(statement, read).await
    }

    /// What in this repository speaks of a manifest, which need not be there, in the order of
    /// their digests behind one of them.
    pub async fn referrers<P: Sees>(
        &self,
        access: &Access<P>,
        repository: &RepositoryName,
        subject: &Digest,
        artifact_type: Option<&str>,
        page: (Option<&Digest>, u32),
    ) -> Result<Vec<Referrer>, Error> {
        let statement = sql(select!(
            "FROM repositories AS r JOIN artifacts AS a ON a.repository_id = r.id
            WHERE r.namespace_id = $1 AND r.name = $2 AND a.subject_digest = $3
                AND (CAST($4 AS TEXT) IS NULL OR a.artifact_type = $4) AND a.digest > $5
            ORDER BY a.digest LIMIT $6"
        ))
        .bind(access.namespace())
        .bind(repository)
        .bind(subject)
        .bind(artifact_type)
        .bind(page.0.map(ToString::to_string).unwrap_or_default())
        .bind(i64::from(page.1));
        self.database.read().await?.all(statement, artifact).await
    }

    /// Deletes a manifest and the tags that point at it. Its blobs go with the next collection.
    pub async fn delete_artifact(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<(), Error> {
        let namespace = access.namespace();
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, namespace).await?;
        let reference = ManifestReference::Digest(*digest);
        let artifact = find(&mut transaction, namespace, repository, &reference).await?;
        let repository = repositories::find(&mut transaction, namespace, repository).await?;
        let untag = sql("DELETE FROM tags WHERE artifact_id = $1 RETURNING name").bind(artifact.id);
        let names: Vec<TagName> = transaction.all(untag, |row| row.get(0)).await?;
        for name in &names {
            tags::remember(&mut transaction, repository, name, None, (access.actor(), now)).await?;
        }
        let using = sql("UPDATE repository_blobs SET used_at = $3 WHERE repository_id = $2 AND digest IN (
            SELECT digest FROM artifact_blobs WHERE artifact_id = $1)")
        .bind(artifact.id)
        .bind(repository)
        .bind(now);
        transaction.execute(using).await?;
        let indexes = indexes::around(&mut transaction, &[artifact.id]).await?;
        transaction.execute(sql("DELETE FROM artifacts WHERE id = $1").bind(artifact.id)).await?;
        indexes::make_again(&mut transaction, &indexes).await?;
        quota::release(&mut transaction, namespace, artifact.size_bytes).await?;
        transaction.commit().await
    }

    /// Notes pulls that were answered, many at a time, so that no pull waits for a write. One of
    /// a manifest that is gone is forgotten.
    pub async fn record_pulls(&self, pulls: &[(ArtifactId, Timestamp)]) -> Result<(), Error> {
        let mut counted: BTreeMap<(ArtifactId, i64), (i64, Timestamp)> = BTreeMap::new();
        for (artifact, at) in pulls {
            let entry = counted.entry((*artifact, at.0.div_euclid(86_400))).or_insert((0, *at));
            *entry = (entry.0 + 1, entry.1.max(*at));
        }
        let mut transaction = self.database.write().await?;
        for ((artifact, day), (count, at)) in counted {
            let newest = sql("UPDATE artifacts SET pulled_at = CASE
                WHEN pulled_at > $2 THEN pulled_at ELSE $2 END WHERE id = $1");
            if transaction.execute(newest.bind(artifact).bind(at)).await? == 0 {
                continue;
            }
            let by_day = sql("INSERT INTO pulls (artifact_id, day, count) VALUES ($1, $2, $3)
                ON CONFLICT (artifact_id, day) DO UPDATE SET count = pulls.count + excluded.count");
            transaction.execute(by_day.bind(artifact).bind(day).bind(count)).await?;
        }
        transaction.commit().await
    }
}
