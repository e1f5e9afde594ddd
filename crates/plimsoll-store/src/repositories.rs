//! Repositories: a name inside of a namespace, made by the first push.

use plimsoll_core::Timestamp;

use crate::database::{Row, Session, Transaction, sql};
use crate::{Access, Error, NamespaceId, Noun, Push, RepositoryId, RepositoryName, Sees, Store, quota};

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// Its number.
    pub id: RepositoryId,
    /// Its name inside of the namespace.
    pub name: RepositoryName,
    /// When it was made.
    pub created_at: Timestamp,
}

/// The number of a repository of this namespace.
pub(crate) async fn find(
    session: &mut Session,
    namespace: NamespaceId,
    name: &RepositoryName,
) -> Result<RepositoryId, Error> {
    let statement =
        sql("SELECT id FROM repositories WHERE namespace_id = $1 AND name = $2").bind(namespace).bind(name);
    let found = session.optional(statement, |row| row.get(0)).await?;
    found.ok_or_else(|| Error::unknown(Noun::Repository, name))
}

/// The same, made if it is missing.
pub(crate) async fn find_or_make(
    transaction: &mut Transaction,
    namespace: NamespaceId,
    name: &RepositoryName,
    now: Timestamp,
) -> Result<RepositoryId, Error> {
    let make = sql("INSERT INTO repositories (namespace_id, name, created_at) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING");
    transaction.execute(make.bind(namespace).bind(name).bind(now)).await?;
    find(transaction, namespace, name).await
}

impl Store {
    /// The repositories of a namespace behind a name, in the order of their names.
    pub async fn repositories<P: Sees>(
        &self,
        access: &Access<P>,
        after: Option<&RepositoryName>,
        limit: u32,
    ) -> Result<Vec<Repository>, Error> {
        let statement = sql("SELECT id, name, created_at FROM repositories
            WHERE namespace_id = $1 AND name > $2 ORDER BY name LIMIT $3")
        .bind(access.namespace())
        .bind(after.map_or("", RepositoryName::as_str))
        .bind(i64::from(limit));
        let read = |row: &Row| Ok(Repository { id: row.get(0)?, name: row.get(1)?, created_at: row.get(2)? });
        self.database.read().await?.all(statement, read).await
    }

    /// Deletes a repository with all that is in it. Its blobs go with the next collection.
    pub async fn delete_repository(
        &self,
        access: &Access<Push>,
        name: &RepositoryName,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, access.namespace()).await?;
        let id = find(&mut transaction, access.namespace(), name).await?;
        let doom = sql("INSERT INTO doomed_files (storage_key, doomed_at)
            SELECT storage_key, $2 FROM uploads WHERE repository_id = $1 ON CONFLICT DO NOTHING");
        transaction.execute(doom.bind(id).bind(now)).await?;
        let sizes = sql("SELECT CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM artifacts
            WHERE repository_id = $1");
        let manifests_bytes: u64 = transaction.one(sizes.bind(id), |row| row.get(0)).await?;
        let blobs_bytes = quota::only_here(&mut transaction, access.namespace(), id).await?;
        for statement in [
            "DELETE FROM uploads WHERE repository_id = $1",
            "DELETE FROM tags WHERE repository_id = $1",
            "DELETE FROM artifacts WHERE repository_id = $1",
            "DELETE FROM repository_blobs WHERE repository_id = $1",
            "DELETE FROM repositories WHERE id = $1",
        ] {
            transaction.execute(sql(statement).bind(id)).await?;
        }
        quota::release(&mut transaction, access.namespace(), manifests_bytes + blobs_bytes).await?;
        transaction.commit().await
    }
}
