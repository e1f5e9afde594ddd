//! Putting a manifest: everything it names is there, its tag moves, the quota holds; or nothing
//! happened.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::media_type::is_index;
use plimsoll_core::{Digest, Timestamp};

use crate::database::{Transaction, sql};
use crate::{
    Access, ArtifactId, Error, Noun, Push, RepositoryId, RepositoryName, Store, TagName, listed, quota,
    repositories, tags,
};

/// An image of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its manifest.
    pub digest: Digest,
    /// The platform as the index says it, `linux/arm64/v8`.
    pub platform: Option<String>,
}

/// A manifest as it was pushed, read and verified by whoever took it in.
#[derive(Clone, Debug)]
pub struct NewManifest {
    /// The digest of its bytes.
    pub digest: Digest,
    /// The media type that the client gave.
    pub media_type: String,
    /// What kind of artifact it is: `artifactType`, or else the configuration's media type.
    pub artifact_type: Option<String>,
    /// Its bytes, as they came.
    pub content: Vec<u8>,
    /// What it speaks of; need not be there.
    pub subject: Option<Digest>,
    /// Its configuration, which is among the blobs as well.
    pub config: Option<Digest>,
    /// The blobs that must be there: configuration and layers, without those that are fetched
    /// from elsewhere.
    pub blobs: Vec<Digest>,
    /// The manifests that must be there.
    pub children: Vec<Child>,
    /// Its annotations.
    pub annotations: BTreeMap<String, String>,
}

/// What putting a manifest did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// The manifest in its repository.
    pub artifact: ArtifactId,
    /// Whether the repository had it not before.
    pub is_new: bool,
    /// What the tag pointed at before, where that was something else.
    pub moved_from: Option<Digest>,
}

/// Image specification and clients know some hundred; this bounds one transaction.
const REFERENCES_MAX: usize = 4096;

impl Store {
    /// Puts a manifest into a repository, and points a tag at it. The first thing that it names
    /// and that is not there is the error, and then nothing has changed.
    pub async fn put_manifest(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        tag: Option<&TagName>,
        manifest: &NewManifest,
        now: Timestamp,
    ) -> Result<Put, Error> {
        self.put(access, (repository, tag), (manifest, 0), now).await
    }

    /// Lists a manifest whose blobs lie in another registry, which says that they are so large.
    pub async fn list_manifest(
        &self,
        access: &Access<Push>,
        (repository, tag): (&RepositoryName, Option<&TagName>),
        (manifest, elsewhere_bytes): (&NewManifest, u64),
        now: Timestamp,
    ) -> Result<Put, Error> {
        let manifest = NewManifest { blobs: Vec::new(), ..manifest.clone() };
        self.put(access, (repository, tag), (&manifest, elsewhere_bytes), now).await
    }

    async fn put(
        &self,
        access: &Access<Push>,
        (repository, tag): (&RepositoryName, Option<&TagName>),
        (manifest, elsewhere_bytes): (&NewManifest, u64),
        now: Timestamp,
    ) -> Result<Put, Error> {
        if manifest.blobs.len() + manifest.children.len() > REFERENCES_MAX {
            return Err(Error::Invalid { what: "a manifest that names more than 4096 things" });
        }
        let namespace = access.namespace();
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, namespace).await?;
        let repository = repositories::find_or_make(&mut transaction, namespace, repository, now).await?;
        all_there(&mut transaction, repository, manifest, now).await?;
        let (artifact, is_new) = insert(&mut transaction, repository, manifest, now).await?;
        if is_new {
            insert_references(&mut transaction, repository, artifact, manifest).await?;
            if elsewhere_bytes > 0 {
                let size = sql("UPDATE artifacts SET elsewhere_bytes = $2 WHERE id = $1");
                transaction.execute(size.bind(artifact).bind(elsewhere_bytes)).await?;
            }
            listed::artifact_made(&mut transaction, artifact).await?;
            let size_bytes = manifest.content.len() as u64;
            quota::charge(&mut transaction, namespace, size_bytes).await?;
        }
        let mut moved_from = None;
        if let Some(tag) = tag {
            let target = (artifact, &manifest.digest);
            moved_from =
                tags::point(&mut transaction, repository, tag, target, (access.actor(), now)).await?;
        }
        transaction.commit().await?;
        Ok(Put { artifact, is_new, moved_from })
    }
}

/// That everything a manifest names is there; and its blobs are in use from now on.
async fn all_there(
    transaction: &mut Transaction,
    repository: RepositoryId,
    manifest: &NewManifest,
    now: Timestamp,
) -> Result<(), Error> {
    for digest in manifest.blobs.iter().collect::<BTreeSet<_>>() {
        let using = sql("UPDATE repository_blobs SET used_at = $3 WHERE repository_id = $1 AND digest = $2");
        if transaction.execute(using.bind(repository).bind(digest).bind(now)).await? == 0 {
            return Err(Error::Missing { what: Noun::Blob, digest: *digest });
        }
    }
    for digest in manifest.children.iter().map(|it| &it.digest).collect::<BTreeSet<_>>() {
        // Whoever changes an image that is about to be in an index changes it before the index looks, or
        // finds the index.
        let there = sql(if transaction.is_postgres() {
            "SELECT 1 FROM artifacts WHERE repository_id = $1 AND digest = $2 FOR SHARE"
        } else {
            "SELECT 1 FROM artifacts WHERE repository_id = $1 AND digest = $2"
        });
        if transaction.optional(there.bind(repository).bind(digest), |_| Ok(())).await?.is_none() {
            return Err(Error::Missing { what: Noun::Manifest, digest: *digest });
        }
    }
    Ok(())
}

async fn insert(
    transaction: &mut Transaction,
    repository: RepositoryId,
    manifest: &NewManifest,
    now: Timestamp,
) -> Result<(ArtifactId, bool), Error> {
    let keep = sql("INSERT INTO manifests (digest, content, used_at) VALUES ($1, $2, $3)
        ON CONFLICT (digest) DO UPDATE SET used_at = excluded.used_at")
    .bind(&manifest.digest)
    .bind(manifest.content.as_slice())
    .bind(now);
    transaction.execute(keep).await?;
    let annotations = serde_json::to_string(&manifest.annotations)
        .map_err(|_| Error::Invalid { what: "the annotations of a manifest" })?;
    let insert = sql("INSERT INTO artifacts (repository_id, digest, media_type, artifact_type, size_bytes,
            subject_digest, config_digest, annotations, pushed_at, is_referrer, is_index,
            namespace_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
            (SELECT r.namespace_id FROM repositories AS r WHERE r.id = $1))
        ON CONFLICT (repository_id, digest) DO NOTHING RETURNING id")
    .bind(repository)
    .bind(&manifest.digest)
    .bind(manifest.media_type.as_str())
    .bind(manifest.artifact_type.as_deref())
    .bind(manifest.content.len() as u64)
    .bind(manifest.subject.as_ref())
    .bind(manifest.config.as_ref())
    .bind(annotations)
    .bind(now)
    .bind(manifest.subject.is_some())
    .bind(is_index(&manifest.media_type));
    if let Some(id) = transaction.optional(insert, |row| row.get(0)).await? {
        return Ok((id, true));
    }
    let known = sql("SELECT id FROM artifacts WHERE repository_id = $1 AND digest = $2");
    let id = transaction.one(known.bind(repository).bind(&manifest.digest), |row| row.get(0)).await?;
    Ok((id, false))
}

async fn insert_references(
    transaction: &mut Transaction,
    repository: RepositoryId,
    artifact: ArtifactId,
    manifest: &NewManifest,
) -> Result<(), Error> {
    for (position, digest) in (0_i64..).zip(&manifest.blobs) {
        let insert = sql("INSERT INTO artifact_blobs (artifact_id, position, repository_id, digest)
            VALUES ($1, $2, $3, $4)");
        transaction.execute(insert.bind(artifact).bind(position).bind(repository).bind(digest)).await?;
    }
    for (position, child) in (0_i64..).zip(&manifest.children) {
        let insert = sql("INSERT INTO artifact_children (parent_id, position, digest, platform)
            VALUES ($1, $2, $3, $4)");
        let insert = insert.bind(artifact).bind(position).bind(&child.digest);
        transaction.execute(insert.bind(child.platform.as_deref())).await?;
    }
    Ok(())
}
