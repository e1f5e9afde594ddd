//! Uploads that go on over several requests. Their bytes lie under a storage key from the first
//! byte on, and stay there when the upload becomes a blob: nothing is moved.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Row, Session, sql};
use crate::{
    Access, Blob, Error, NamespaceId, Noun, Push, RepositoryId, RepositoryName, StorageKey, Store, UploadId,
    links, quota, repositories,
};

/// An upload that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// The id in its address.
    pub id: UploadId,
    /// The repository it is for.
    pub repository: RepositoryId,
    /// Where its bytes lie.
    pub storage_key: StorageKey,
    /// How many bytes came.
    pub offset_bytes: u64,
    /// When it was begun.
    pub started_at: Timestamp,
    /// When something last came.
    pub touched_at: Timestamp,
}

fn upload(row: &Row) -> Result<Upload, Error> {
    Ok(Upload {
        id: row.get(0)?,
        repository: row.get(1)?,
        storage_key: row.get(2)?,
        offset_bytes: row.get(3)?,
        started_at: row.get(4)?,
        touched_at: row.get(5)?,
    })
}

async fn find(
    session: &mut Session,
    namespace: NamespaceId,
    repository: &RepositoryName,
    id: &UploadId,
) -> Result<Upload, Error> {
    let statement = sql("SELECT u.id, u.repository_id, u.storage_key, u.offset_bytes, u.started_at,
            u.touched_at
        FROM uploads AS u JOIN repositories AS r ON r.id = u.repository_id
        WHERE u.id = $1 AND r.namespace_id = $2 AND r.name = $3")
    .bind(id)
    .bind(namespace)
    .bind(repository);
    session.optional(statement, upload).await?.ok_or_else(|| Error::unknown(Noun::Upload, id))
}

impl Store {
    /// Begins an upload, before the first byte is written. The repository is made if it is new.
    pub async fn begin_upload(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        id: &UploadId,
        storage_key: &StorageKey,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        let repository =
            repositories::find_or_make(&mut transaction, access.namespace(), repository, now).await?;
        let statement = sql("INSERT INTO uploads
                (id, repository_id, storage_key, offset_bytes, started_at, touched_at)
            VALUES ($1, $2, $3, 0, $4, $4) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(repository)
        .bind(storage_key)
        .bind(now);
        if transaction.execute(statement).await? == 0 {
            return Err(Error::Exists { what: Noun::Upload, name: id.to_string() });
        }
        transaction.commit().await
    }

    /// An upload of this repository.
    pub async fn upload(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        id: &UploadId,
    ) -> Result<Upload, Error> {
        let mut session = self.database.read().await?;
        find(&mut session, access.namespace(), repository, id).await
    }

    /// Says that bytes came. Where another request was faster, where it goes on is the error.
    pub async fn advance_upload(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        id: &UploadId,
        (from_bytes, to_bytes): (u64, u64),
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        let advance = sql("UPDATE uploads SET offset_bytes = $3, touched_at = $4
            WHERE id = $1 AND offset_bytes = $2 AND repository_id IN (
                SELECT id FROM repositories WHERE namespace_id = $5 AND name = $6)")
        .bind(id)
        .bind(from_bytes)
        .bind(to_bytes)
        .bind(now)
        .bind(access.namespace())
        .bind(repository);
        if transaction.execute(advance).await? == 0 {
            let upload = find(&mut transaction, access.namespace(), repository, id).await?;
            return Err(Error::Offset { expected_bytes: upload.offset_bytes });
        }
        transaction.commit().await
    }

    /// Ends an upload without a blob; its file is to be deleted.
    pub async fn cancel_upload(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        id: &UploadId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        let upload = find(&mut transaction, access.namespace(), repository, id).await?;
        let delete = sql("DELETE FROM uploads WHERE id = $1").bind(id);
        if transaction.execute(delete).await? == 0 {
            return Err(Error::unknown(Noun::Upload, id));
        }
        doom(&mut transaction, &upload.storage_key, now).await?;
        transaction.commit().await
    }

    /// Makes a verified upload a blob of its repository. Where the blob is there already, that one
    /// is kept and this file is to be deleted. Without room in the namespace nothing changes, and
    /// the upload is to be cancelled.
    pub async fn finish_upload(
        &self,
        access: &Access<Push>,
        repository: &RepositoryName,
        id: &UploadId,
        (digest, size_bytes): (&Digest, u64),
        now: Timestamp,
    ) -> Result<Blob, Error> {
        let namespace = access.namespace();
        let mut transaction = self.database.write().await?;
        quota::lock(&mut transaction, namespace).await?;
        let upload = find(&mut transaction, namespace, repository, id).await?;
        // Of two requests that finish the same upload one finds nothing here.
        if transaction.execute(sql("DELETE FROM uploads WHERE id = $1").bind(id)).await? == 0 {
            return Err(Error::unknown(Noun::Upload, id));
        }
        let insert = sql("INSERT INTO blobs (digest, size_bytes, storage_key, created_at, used_at)
            VALUES ($1, $2, $3, $4, $4) ON CONFLICT (digest) DO UPDATE SET used_at = excluded.used_at
            RETURNING digest, size_bytes, storage_key, created_at")
        .bind(digest)
        .bind(size_bytes)
        .bind(&upload.storage_key)
        .bind(now);
        let read = |row: &Row| {
            Ok(Blob {
                digest: row.get(0)?,
                size_bytes: row.get(1)?,
                storage_key: row.get(2)?,
                created_at: row.get(3)?,
            })
        };
        let blob = transaction.one(insert, read).await?;
        if blob.storage_key != upload.storage_key {
            doom(&mut transaction, &upload.storage_key, now).await?;
        }
        links::link(&mut transaction, namespace, upload.repository, digest, now).await?;
        transaction.commit().await?;
        Ok(blob)
    }
}

/// A file is to be deleted.
pub(crate) async fn doom(session: &mut Session, key: &StorageKey, now: Timestamp) -> Result<(), Error> {
    let statement = sql("INSERT INTO doomed_files (storage_key, doomed_at) VALUES ($1, $2)
        ON CONFLICT DO NOTHING");
    session.execute(statement.bind(key).bind(now)).await?;
    Ok(())
}
