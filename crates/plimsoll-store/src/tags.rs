//! Tags, and where they have pointed.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Row, Transaction, sql};
use crate::{
    Access, Actor, ArtifactId, Error, Noun, Push, Read, RepositoryId, RepositoryName, Sees, Store, TagName,
    listed, repositories,
};

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: TagName,
    /// The manifest it points at.
    pub digest: Digest,
    /// The same, as a number.
    pub artifact: ArtifactId,
    /// Since when.
    pub moved_at: Timestamp,
}

/// One step of a tag's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagMove {
    /// The step's number, for the next page.
    pub number: i64,
    /// Where it went; nowhere where it was deleted.
    pub digest: Option<Digest>,
    /// Who moved it.
    pub actor: String,
    /// When.
    pub moved_at: Timestamp,
}

/// Points a tag at an artifact, and gives the digest it pointed at if that was another one.
pub(crate) async fn point(
    transaction: &mut Transaction,
    repository: RepositoryId,
    name: &TagName,
    target: (ArtifactId, &Digest),
    by: (&Actor, Timestamp),
) -> Result<Option<Digest>, Error> {
    let before = sql("SELECT a.id, a.digest FROM tags AS t JOIN artifacts AS a ON a.id = t.artifact_id
        WHERE t.repository_id = $1 AND t.name = $2")
    .bind(repository)
    .bind(name);
    let read = |row: &Row| Ok((row.get(0)?, row.get(1)?));
    let before: Option<(ArtifactId, Digest)> = transaction.optional(before, read).await?;
    if before.is_some_and(|it| it.1 == *target.1) {
        return Ok(None);
    }
    let point = sql("INSERT INTO tags (repository_id, name, artifact_id, moved_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (repository_id, name)
        DO UPDATE SET artifact_id = excluded.artifact_id, moved_at = excluded.moved_at")
    .bind(repository)
    .bind(name)
    .bind(target.0)
    .bind(by.1);
    transaction.execute(point).await?;
    listed::tag_changed(transaction, target.0).await?;
    if let Some((before, _)) = before {
        listed::tag_changed(transaction, before).await?;
    }
    remember(transaction, repository, name, Some(target.1), by).await?;
    Ok(before.map(|it| it.1))
}

/// Writes a step into the history.
pub(crate) async fn remember(
    transaction: &mut Transaction,
    repository: RepositoryId,
    name: &TagName,
    digest: Option<&Digest>,
    (actor, now): (&Actor, Timestamp),
) -> Result<(), Error> {
    let statement = sql("INSERT INTO tag_moves (repository_id, name, digest, actor, moved_at)
        VALUES ($1, $2, $3, $4, $5)")
    .bind(repository)
    .bind(name)
    .bind(digest)
    .bind(actor)
    .bind(now);
    transaction.execute(statement).await?;
    Ok(())
}

impl Store {
    /// The tags of a repository behind a name, in the order of their bytes, as the specification
    /// wants them.
    pub async fn tags<P: Sees>(
        &self,
        access: &Access<P>,
        repository: &RepositoryName,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Tag>, Error> {
        let mut session = self.database.read().await?;
        let repository = repositories::find(&mut session, access.namespace(), repository).await?;
        let statement = sql("SELECT t.name, a.digest, a.id, t.moved_at
            FROM tags AS t JOIN artifacts AS a ON a.id = t.artifact_id
            WHERE t.repository_id = $1 AND t.name > $2 ORDER BY t.name LIMIT $3")
        .bind(repository)
        .bind(after.unwrap_or_default())
        .bind(i64::from(limit));
        let read = |row: &Row| {
            Ok(Tag { name: row.get(0)?, digest: row.get(1)?, artifact: row.get(2)?, moved_at: row.get(3)? })
        };
        session.all(statement, read).await
    }

    /// Deletes a tag; its manifest stays.
    pub async fn delete_tag(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        name: &TagName,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        let repository = repositories::find(&mut transaction, access.namespace(), repository).await?;
        let delete = sql("DELETE FROM tags WHERE repository_id = $1 AND name = $2 RETURNING artifact_id");
        let artifact = transaction.optional(delete.bind(repository).bind(name), |row| row.get(0)).await?;
        let artifact = artifact.ok_or_else(|| Error::unknown(Noun::Tag, name))?;
        listed::tag_changed(&mut transaction, artifact).await?;
        remember(&mut transaction, repository, name, None, (access.actor(), now)).await?;
        transaction.commit().await
    }

    /// Where a tag has pointed, newest first, before a step; also of a tag that is gone.
    pub async fn tag_history(
        &self,
        access: &Access<Read>,
        repository: &RepositoryName,
        name: &TagName,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<TagMove>, Error> {
        let mut session = self.database.read().await?;
        let repository = repositories::find(&mut session, access.namespace(), repository).await?;
        let statement = sql("SELECT id, digest, actor, moved_at FROM tag_moves
            WHERE repository_id = $1 AND name = $2 AND id < $3 ORDER BY id DESC LIMIT $4")
        .bind(repository)
        .bind(name)
        .bind(before.unwrap_or(i64::MAX))
        .bind(i64::from(limit));
        let read = |row: &Row| {
            Ok(TagMove {
                number: row.get(0)?,
                digest: row.get(1)?,
                actor: row.get(2)?,
                moved_at: row.get(3)?,
            })
        };
        session.all(statement, read).await
    }
}
