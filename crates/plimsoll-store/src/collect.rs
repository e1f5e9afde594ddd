//! Collecting what nothing needs any more, while others push.
//!
//! A push says of each blob that it relies on it (`used_at`, in the row that would be deleted), and
//! only what nobody has relied on since `before` goes. Both databases look at that row again after
//! waiting for its lock. What goes first is the row, then the file: a file without a row is deleted
//! at the next run, a row without a file would be a broken image.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Transaction, sql};
use crate::{Administer, Error, InstanceAccess, NamespaceId, RepositoryId, StorageKey, Store, links, quota};

/// How many rows went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Uploads that nobody has gone on with.
    pub uploads: u64,
    /// Blobs that repositories had and no manifest of theirs named.
    pub links: u64,
    /// Blobs that no repository had any more.
    pub blobs: u64,
    /// Manifests that no repository had any more.
    pub manifests: u64,
}

impl Collected {
    /// Whether there was nothing to collect.
    pub fn is_empty(&self) -> bool {
        *self == Collected::default()
    }
}

impl Store {
    /// Deletes the rows of what nobody has relied on since `before`, at most `limit` of each
    /// kind; to be called until nothing is left. The files are in [`Store::doomed_files`] then.
    pub async fn collect(
        &self,
        _access: &InstanceAccess<Administer>,
        before: Timestamp,
        limit: u32,
        now: Timestamp,
    ) -> Result<Collected, Error> {
        let limit = i64::from(limit);
        let mut collected =
            Collected { links: self.collect_links(before, limit).await?, ..Default::default() };
        let mut transaction = self.database.write().await?;
        collected.uploads = delete_into_doomed(&mut transaction, UPLOADS, before, limit, now).await?;
        collected.blobs = delete_into_doomed(&mut transaction, BLOBS, before, limit, now).await?;
        let manifests = sql("DELETE FROM manifests WHERE used_at < $1 AND digest IN (
            SELECT m.digest FROM manifests AS m WHERE m.used_at < $1
                AND NOT EXISTS (SELECT 1 FROM artifacts AS a WHERE a.digest = m.digest) LIMIT $2)");
        collected.manifests = transaction.execute(manifests.bind(before).bind(limit)).await?;
        transaction.commit().await?;
        Ok(collected)
    }

    /// One short transaction for each: it holds the namespace's lock.
    async fn collect_links(&self, before: Timestamp, limit: i64) -> Result<u64, Error> {
        let candidates = sql("SELECT r.namespace_id, l.repository_id, l.digest
            FROM repository_blobs AS l JOIN repositories AS r ON r.id = l.repository_id
            WHERE l.used_at < $1 AND NOT EXISTS (SELECT 1 FROM artifact_blobs AS a
                WHERE a.digest = l.digest AND a.repository_id = l.repository_id)
            LIMIT $2")
        .bind(before)
        .bind(limit);
        let candidates: Vec<(NamespaceId, RepositoryId, Digest)> = {
            let mut session = self.database.read().await?;
            session.all(candidates, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).await?
        };
        let mut count = 0;
        for (namespace, repository, digest) in candidates {
            let mut transaction = self.database.write().await?;
            quota::lock(&mut transaction, namespace).await?;
            let named = sql("SELECT 1 FROM artifact_blobs WHERE repository_id = $1 AND digest = $2 LIMIT 1");
            let named = named.bind(repository).bind(&digest);
            if transaction.optional(named, |_| Ok(())).await?.is_none()
                && links::unlink(&mut transaction, namespace, repository, &digest, before).await?
            {
                transaction.commit().await?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Files that no row names any more, oldest first.
    pub async fn doomed_files(
        &self,
        _access: &InstanceAccess<Administer>,
        limit: u32,
    ) -> Result<Vec<StorageKey>, Error> {
        let statement = sql("SELECT storage_key FROM doomed_files ORDER BY doomed_at, storage_key LIMIT $1");
        self.database.read().await?.all(statement.bind(i64::from(limit)), |row| row.get(0)).await
    }

    /// Says that such a file is deleted.
    pub async fn forget_file(
        &self,
        _access: &InstanceAccess<Administer>,
        key: &StorageKey,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        transaction.execute(sql("DELETE FROM doomed_files WHERE storage_key = $1").bind(key)).await?;
        transaction.commit().await
    }
}

const UPLOADS: &str = "DELETE FROM uploads WHERE touched_at < $1 AND id IN (
        SELECT id FROM uploads WHERE touched_at < $1 LIMIT $2)
    RETURNING storage_key";

const BLOBS: &str = "DELETE FROM blobs WHERE used_at < $1 AND digest IN (
        SELECT b.digest FROM blobs AS b WHERE b.used_at < $1
            AND NOT EXISTS (SELECT 1 FROM repository_blobs AS l WHERE l.digest = b.digest) LIMIT $2)
    RETURNING storage_key";

/// Deletes rows and notes their files.
async fn delete_into_doomed(
    transaction: &mut Transaction,
    delete: &'static str,
    before: Timestamp,
    limit: i64,
    now: Timestamp,
) -> Result<u64, Error> {
    let delete = sql(delete).bind(before).bind(limit);
    let keys: Vec<StorageKey> = transaction.all(delete, |row| row.get(0)).await?;
    for key in &keys {
        crate::uploads::doom(transaction, key, now).await?;
    }
    Ok(keys.len() as u64)
}
