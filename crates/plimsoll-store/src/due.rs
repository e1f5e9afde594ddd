//! What the reconciler and the workers look at: artifacts and what became of their last scan, and a
//! manifest with the files of its blobs.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Row, Session, sql};
use crate::{
    ArtifactId, Error, InstanceAccess, NamespaceId, Noun, Read, Scan, ScanState, StorageKey, Store, scans,
};

/// An artifact that may be due for a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Its namespace.
    pub namespace: NamespaceId,
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Whether its namespace scans what is pushed without being asked.
    pub auto_scan: bool,
    /// Where its last scan stands.
    pub state: ScanState,
    /// What made its inventory; none where it has none.
    pub form: Option<String>,
    /// Whether its result was found by a database.
    pub judged: bool,
    /// When it was pushed.
    pub pushed_at: Timestamp,
}

/// A manifest, and where the blobs of its artifacts lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredManifest {
    /// Its digest.
    pub digest: Digest,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// Its blobs: digest, file and size.
    pub blobs: Vec<(Digest, StorageKey, u64)>,
}

impl Store {
    /// The artifacts behind one of them, in namespaces that scan by themselves, whose last scan may not be the last word: those without a
    /// result, and those whose inventory was made by something else than `form` or found by no
    /// database. What is known to be nothing that can be scanned is left out.
    pub async fn due_scans(
        &self,
        _access: &InstanceAccess<Scan>,
        form: &str,
        after: Option<ArtifactId>,
        limit: u32,
    ) -> Result<Vec<Candidate>, Error> {
        let statement = sql("SELECT a.id, r.namespace_id, n.auto_scan, i.form, s.snapshot_digest,
                a.pushed_at, a.digest, a.media_type
            FROM artifacts AS a JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS n ON n.id = r.namespace_id
            LEFT JOIN results AS s ON s.artifact_id = a.id
            LEFT JOIN inventories AS i ON i.id = s.inventory_id
            WHERE a.id > $1 AND n.auto_scan = 1 AND (i.id IS NULL OR i.form <> $2 OR s.snapshot_digest IS NULL)
                AND NOT EXISTS (SELECT 1 FROM scans AS x
                    WHERE x.artifact_id = a.id AND x.outcome = 'not_supported')
            ORDER BY a.id LIMIT $3")
        .bind(after.map_or(0, ArtifactId::number))
        .bind(form)
        .bind(i64::from(limit));
        let mut session = self.database.read().await?;
        let mut candidates = session.all(statement, candidate).await?;
        for candidate in &mut candidates {
            candidate.state = state(&mut session, candidate.artifact).await?;
        }
        Ok(candidates)
    }

    /// One artifact, as the reconciler looks at it.
    pub async fn candidate(
        &self,
        _access: &InstanceAccess<Scan>,
        artifact: ArtifactId,
    ) -> Result<Candidate, Error> {
        let statement = sql("SELECT a.id, r.namespace_id, n.auto_scan, i.form, s.snapshot_digest,
                a.pushed_at, a.digest, a.media_type
            FROM artifacts AS a JOIN repositories AS r ON r.id = a.repository_id
            JOIN namespaces AS n ON n.id = r.namespace_id
            LEFT JOIN results AS s ON s.artifact_id = a.id
            LEFT JOIN inventories AS i ON i.id = s.inventory_id WHERE a.id = $1")
        .bind(artifact);
        let mut session = self.database.read().await?;
        let found = session.optional(statement, candidate).await?;
        let mut found = found.ok_or_else(|| Error::unknown(Noun::Manifest, artifact))?;
        found.state = state(&mut session, artifact).await?;
        Ok(found)
    }

    /// A manifest by its digest, wherever it is, with the files of its blobs.
    pub async fn stored_manifest(
        &self,
        _access: &InstanceAccess<Scan>,
        digest: &Digest,
    ) -> Result<StoredManifest, Error> {
        let mut session = self.database.read().await?;
        let statement = sql("SELECT a.media_type, m.content FROM manifests AS m
            JOIN artifacts AS a ON a.digest = m.digest WHERE m.digest = $1 ORDER BY a.id LIMIT 1");
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        let found = session.optional(statement.bind(digest), read).await?;
        let (media_type, content) = found.ok_or_else(|| Error::unknown(Noun::Manifest, digest))?;
        // The same manifest may be in many repositories; each has the same blobs, or none where they lie
        // elsewhere.
        let blobs = sql("SELECT b.digest, b.storage_key, b.size_bytes FROM artifact_blobs AS l
            JOIN blobs AS b ON b.digest = l.digest
            WHERE l.artifact_id = (SELECT MIN(x.artifact_id) FROM artifact_blobs AS x
                JOIN artifacts AS a ON a.id = x.artifact_id WHERE a.digest = $1)");
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let blobs = session.all(blobs.bind(digest), read).await?;
        Ok(StoredManifest { digest: *digest, media_type, content, blobs })
    }

    /// The children of an index that are in its repository, in its order, with the platforms that it
    /// says.
    pub async fn child_artifacts(
        &self,
        access: &crate::Access<Read>,
        index: ArtifactId,
    ) -> Result<Vec<(ArtifactId, Digest, Option<String>)>, Error> {
        let statement = sql("SELECT c.id, c.digest, l.platform FROM artifacts AS a
            JOIN repositories AS r ON r.id = a.repository_id
            JOIN artifact_children AS l ON l.parent_id = a.id
            JOIN artifacts AS c ON c.repository_id = a.repository_id AND c.digest = l.digest
            WHERE a.id = $1 AND r.namespace_id = $2 ORDER BY l.position")
        .bind(index)
        .bind(access.namespace());
        let read = |row: &Row| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.database.read().await?.all(statement, read).await
    }
}

fn candidate(row: &Row) -> Result<Candidate, Error> {
    Ok(Candidate {
        artifact: row.get(0)?,
        namespace: row.get(1)?,
        auto_scan: row.get(2)?,
        state: ScanState::NotScanned,
        form: row.get(3)?,
        judged: row.get::<Option<String>>(4)?.is_some(),
        pushed_at: row.get(5)?,
        digest: row.get(6)?,
        media_type: row.get(7)?,
    })
}

async fn state(session: &mut Session, artifact: ArtifactId) -> Result<ScanState, Error> {
    Ok(scans::newest(session, artifact).await?.map_or(ScanState::NotScanned, |it| it.state))
}
