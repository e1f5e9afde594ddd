//! Blobs: what is there, how large, and where its bytes lie.

use plimsoll_core::{Digest, Timestamp};

use crate::database::{Column, Row, Session, Value, sql};
use crate::{Access, Error, NamespaceId, Noun, Push, RepositoryName, Sees, Store, names};

/// Where bytes lie, below the folder or in the bucket that holds them. Never used twice.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StorageKey(String);

impl StorageKey {
    /// Reads a key: at most 64 letters, digits and hyphens, safe as a file's name.
    pub fn parse(text: &str) -> Option<StorageKey> {
        names::is_key(text).then(|| StorageKey(text.to_owned()))
    }

    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Column for StorageKey {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        StorageKey::parse(&row.get::<String>(index)?).ok_or(Error::Corrupt { what: "a storage key" })
    }
}

impl From<&StorageKey> for Value {
    fn from(key: &StorageKey) -> Value {
        Value::from(key.as_str())
    }
}

/// A blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The digest of its bytes.
    pub digest: Digest,
    /// How many bytes it has.
    pub size_bytes: u64,
    /// Where they lie.
    pub storage_key: StorageKey,
    /// When it came.
    pub created_at: Timestamp,
}

/// How old the word that a blob is in use may get before it is said anew. Far below the age at
/// which anybody collects, and it spares a write for each question of a client.
const USED_SECONDS: i64 = 300;

async fn find(
    session: &mut Session,
    namespace: NamespaceId,
    name: &RepositoryName,
    digest: &Digest,
) -> Result<(Blob, Timestamp), Error> {
    let statement = sql("SELECT b.digest, b.size_bytes, b.storage_key, b.created_at, l.used_at
        FROM repositories AS r
        JOIN repository_blobs AS l ON l.repository_id = r.id
        JOIN blobs AS b ON b.digest = l.digest
        WHERE r.namespace_id = $1 AND r.name = $2 AND l.digest = $3")
    .bind(namespace)
    .bind(name)
    .bind(digest);
    let read = |row: &Row| {
        let blob = Blob {
            digest: row.get(0)?,
            size_bytes: row.get(1)?,
            storage_key: row.get(2)?,
            created_at: row.get(3)?,
        };
        Ok((blob, row.get(4)?))
    };
    session.optional(statement, read).await?.ok_or_else(|| Error::unknown(Noun::Blob, digest))
}

impl Store {
    /// A blob that this repository has. That others have it gives nobody leave to read it here.
    pub async fn blob<P: Sees>(
        &self,
        access: &Access<P>,
        name: &RepositoryName,
        digest: &Digest,
    ) -> Result<Blob, Error> {
        let mut session = self.database.read().await?;
        Ok(find(&mut session, access.namespace(), name, digest).await?.0)
    }

    /// The same for somebody who pushes and will not send the blob if it is there: it is kept
    /// from being collected until the manifest comes.
    pub async fn use_blob(
        &self,
        access: &Access<Push>,
        name: &RepositoryName,
        digest: &Digest,
        now: Timestamp,
    ) -> Result<Blob, Error> {
        let (blob, used_at) = {
            let mut session = self.database.read().await?;
            find(&mut session, access.namespace(), name, digest).await?
        };
        if now.0 - used_at.0 < USED_SECONDS {
            return Ok(blob);
        }
        let mut transaction = self.database.write().await?;
        let using = sql("UPDATE repository_blobs SET used_at = $4 WHERE digest = $3 AND repository_id IN (
            SELECT id FROM repositories WHERE namespace_id = $1 AND name = $2)")
        .bind(access.namespace())
        .bind(name)
        .bind(digest)
        .bind(now);
        if transaction.execute(using).await? == 0 {
            return Err(Error::unknown(Noun::Blob, digest));
        }
        transaction.commit().await?;
        Ok(blob)
    }
}
