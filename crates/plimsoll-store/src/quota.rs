//! How many bytes a namespace holds, kept as a running sum: each blob once however many of its
//! repositories have it, and the manifests.
//!
//! Whoever changes the sum holds the namespace's row first; that also puts pushes to and deletions
//! from one namespace in an order.

use crate::database::{Transaction, sql};
use crate::{Access, Configure, Error, NamespaceId, Noun, RepositoryId, Store};

/// Takes the lock on a namespace until the transaction ends.
pub(crate) async fn lock(transaction: &mut Transaction, namespace: NamespaceId) -> Result<(), Error> {
    let statement = sql("UPDATE namespaces SET used_bytes = used_bytes WHERE id = $1").bind(namespace);
    match transaction.execute(statement).await? {
        0 => Err(Error::unknown(Noun::Namespace, namespace)),
        _ => Ok(()),
    }
}

/// Adds to the sum, or says that there is no room. The lock is held.
pub(crate) async fn charge(
    transaction: &mut Transaction,
    namespace: NamespaceId,
    wanted_bytes: u64,
) -> Result<(), Error> {
    let statement = sql("SELECT used_bytes, quota_bytes FROM namespaces WHERE id = $1").bind(namespace);
    let (used_bytes, quota_bytes) = transaction
        .one(statement, |row| Ok((row.get::<u64>(0)?, row.get::<Option<i64>>(1)?.map(i64::unsigned_abs))))
        .await?;
    let after = used_bytes.saturating_add(wanted_bytes);
    if let Some(quota_bytes) = quota_bytes.filter(|quota| after > *quota) {
        return Err(Error::Quota { used_bytes, quota_bytes, wanted_bytes });
    }
    let add = sql("UPDATE namespaces SET used_bytes = used_bytes + $2 WHERE id = $1");
    transaction.execute(add.bind(namespace).bind(wanted_bytes)).await?;
    Ok(())
}

/// Takes from the sum. The lock is held.
pub(crate) async fn release(
    transaction: &mut Transaction,
    namespace: NamespaceId,
    bytes: u64,
) -> Result<(), Error> {
    let statement = sql("UPDATE namespaces SET used_bytes = used_bytes - $2 WHERE id = $1");
    transaction.execute(statement.bind(namespace).bind(bytes)).await?;
    Ok(())
}

/// The bytes of blobs that no other repository of the namespace has.
pub(crate) async fn only_here(
    transaction: &mut Transaction,
    namespace: NamespaceId,
    repository: RepositoryId,
) -> Result<u64, Error> {
    let statement = sql("SELECT CAST(COALESCE(SUM(b.size_bytes), 0) AS BIGINT)
        FROM repository_blobs AS mine JOIN blobs AS b ON b.digest = mine.digest
        WHERE mine.repository_id = $2 AND NOT EXISTS (
            SELECT 1 FROM repository_blobs AS other JOIN repositories AS r ON r.id = other.repository_id
            WHERE other.digest = mine.digest AND r.namespace_id = $1 AND r.id <> $2)")
    .bind(namespace)
    .bind(repository);
    transaction.one(statement, |row| row.get(0)).await
}

impl Store {
    /// Counts anew what a namespace holds, and says by how much the running sum was wrong.
    pub async fn recount(&self, access: &Access<Configure>) -> Result<i64, Error> {
        let namespace = access.namespace();
        let mut transaction = self.database.write().await?;
        lock(&mut transaction, namespace).await?;
        let before = sql("SELECT used_bytes FROM namespaces WHERE id = $1").bind(namespace);
        let before: i64 = transaction.one(before, |row| row.get(0)).await?;
        let blobs = sql("SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM blobs WHERE digest IN (
                SELECT l.digest FROM repository_blobs AS l JOIN repositories AS r ON r.id = l.repository_id
                WHERE r.namespace_id = $1)")
        .bind(namespace);
        let blobs: i64 = transaction.one(blobs, |row| row.get(0)).await?;
        let manifests = sql("SELECT CAST(COALESCE(SUM(a.size_bytes), 0) AS BIGINT)
            FROM artifacts AS a JOIN repositories AS r ON r.id = a.repository_id WHERE r.namespace_id = $1")
        .bind(namespace);
        let manifests: i64 = transaction.one(manifests, |row| row.get(0)).await?;
        let counted = blobs.saturating_add(manifests);
        let set = sql("UPDATE namespaces SET used_bytes = $2 WHERE id = $1").bind(namespace).bind(counted);
        transaction.execute(set).await?;
        transaction.commit().await?;
        Ok(before - counted)
    }
}
