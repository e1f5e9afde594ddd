//! Which repository has which blob: who may pull it, mount it, and name it in a manifest.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Transaction, sql};
use crate::{
    Access, Error, NamespaceId, Noun, Pull, Push, RepositoryId, RepositoryName, Store, quota, repositories,
};

/// Gives a repository a blob that is there, and says since when it is used. The namespace's lock
/// is held.
pub(crate) async fn link(
    transaction: &mut Transaction,
    namespace: NamespaceId,
    repository: RepositoryId,
    digest: &Digest,
    now: Timestamp,
) -> Result<(), Error> {
    // The blob's own row says that it is in use, so that a collection that runs at the same time
    // leaves it.
    let using = sql("UPDATE blobs SET used_at = $2 WHERE digest = $1 RETURNING size_bytes");
    let size: Option<u64> = transaction.optional(using.bind(digest).bind(now), |row| row.get(0)).await?;
    let size = size.ok_or_else(|| Error::unknown(Noun::Blob, digest))?;
    let elsewhere = sql("SELECT COUNT(*) FROM repository_blobs AS l
        JOIN repositories AS r ON r.id = l.repository_id WHERE l.digest = $1 AND r.namespace_id = $2");
    let elsewhere: i64 = transaction.one(elsewhere.bind(digest).bind(namespace), |row| row.get(0)).await?;
    let link = sql("INSERT INTO repository_blobs (repository_id, digest, used_at) VALUES ($1, $2, $3)
        ON CONFLICT (repository_id, digest) DO UPDATE SET used_at = excluded.used_at");
    transaction.execute(link.bind(repository).bind(digest).bind(now)).await?;
    if elsewhere == 0 { quota::charge(transaction, namespace, size).await } else { Ok(()) }
}

/// Takes a blob that no manifest names away from a repository, unless somebody has relied on it
/// since `before`; says whether it did. The namespace's lock is held.
pub(crate) async fn unlink(
    transaction: &mut Transaction,
    namespace: NamespaceId,
    repository: RepositoryId,
    digest: &Digest,
    before: Timestamp,
) -> Result<bool, Error> {
    let statement =
        sql("DELETE FROM repository_blobs WHERE repository_id = $1 AND digest = $2 AND used_at < $3");
    if transaction.execute(statement.bind(repository).bind(digest).bind(before)).await? == 0 {
        return Ok(false);
    }
    let freed = sql("SELECT size_bytes FROM blobs WHERE digest = $1 AND NOT EXISTS (
        SELECT 1 FROM repository_blobs AS l JOIN repositories AS r ON r.id = l.repository_id
        WHERE l.digest = $1 AND r.namespace_id = $2)");
    let freed = freed.bind(digest).bind(namespace);
    if let Some(bytes) = transaction.optional(freed, |row| row.get(0)).await? {
        quota::release(transaction, namespace, bytes).await?;
    }
    Ok(true)
}

impl Store {
    /// Gives a repository a blob that another one has, without its bytes being sent again. Says
    /// whether it did: a blob that the other does not have is an ordinary answer.
    pub async fn mount_blob(
        &self,
        from: (&Access<Pull>, &RepositoryName),
        to: (&Access<Push>, &RepositoryName),
        digest: &Digest,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let (access, name) = to;
        let namespace = access.namespace();
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, namespace).await?;
        let there =
            sql("SELECT 1 FROM repository_blobs AS l JOIN repositories AS r ON r.id = l.repository_id
            WHERE r.namespace_id = $1 AND r.name = $2 AND l.digest = $3")
            .bind(from.0.namespace())
            .bind(from.1)
            .bind(digest);
        if transaction.optional(there, |_| Ok(())).await?.is_none() {
            return Ok(false);
        }
        let repository = repositories::find_or_make(&mut transaction, namespace, name, now).await?;
        match link(&mut transaction, namespace, repository, digest, now).await {
            // Collected between the two statements.
            Err(Error::Unknown { .. }) => Ok(false),
            Err(error) => Err(error),
            Ok(()) => transaction.commit().await.map(|()| true),
        }
    }

    /// Takes a blob away from a repository, unless one of its manifests needs it.
    pub async fn unlink_blob(
        &self,
        access: &Access<Push>,
        name: &RepositoryName,
        digest: &Digest,
    ) -> Result<(), Error> {
        let namespace = access.namespace();
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, namespace).await?;
        let repository = repositories::find(&mut transaction, namespace, name).await?;
        let link = sql("SELECT (SELECT COUNT(*) FROM artifact_blobs AS a
                WHERE a.repository_id = l.repository_id AND a.digest = l.digest)
            FROM repository_blobs AS l WHERE l.repository_id = $1 AND l.digest = $2")
        .bind(repository)
        .bind(digest);
        match transaction.optional(link, |row| row.get::<i64>(0)).await? {
            None => return Err(Error::unknown(Noun::Blob, digest)),
            Some(0) => {
                let whenever = Timestamp(i64::MAX);
                unlink(&mut transaction, namespace, repository, digest, whenever).await?;
            }
            Some(_) => return Err(Error::InUse { what: Noun::Blob, name: digest.to_string() }),
        }
        transaction.commit().await
    }
}
