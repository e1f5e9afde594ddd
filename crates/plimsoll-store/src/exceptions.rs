//! Exceptions: which findings a policy overlooks, where, why, on whose word and until when.
//!
//! Kept and listed here; whether one fits a finding is the policy's business. One that is over is
//! listed nevertheless, so that nobody wonders where it went.

use plimsoll_core::Timestamp;

use crate::database::{Row, Statement, sql};
use crate::{
    Access, Actor, Configure, Error, ExceptionId, InstanceAccess, NamespaceId, Noun, Read, Scan, Store,
};

/// An exception to be kept.
#[derive(Clone, Debug)]
pub struct NewException<'a> {
    /// The vulnerability's id, or a glob of ids.
    pub vulnerability: &'a str,
    /// The package as a package URL; any, if none is named.
    pub package: Option<&'a str>,
    /// A glob of repositories inside of the namespace.
    pub repository: Option<&'a str>,
    /// A glob of tags.
    pub tags: Option<&'a str>,
    /// A glob of files.
    pub paths: Option<&'a str>,
    /// Why. Never empty.
    pub reason: &'a str,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its number.
    pub id: ExceptionId,
    /// The namespace; every one, if none is named.
    pub namespace: Option<NamespaceId>,
    /// The vulnerability's id, or a glob of ids.
    pub vulnerability: String,
    /// The package as a package URL.
    pub package: Option<String>,
    /// A glob of repositories inside of the namespace.
    pub repository: Option<String>,
    /// A glob of tags.
    pub tags: Option<String>,
    /// A glob of files.
    pub paths: Option<String>,
    /// Why.
    pub reason: String,
    /// On whose word.
    pub author: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it last matched a finding; one that never did may have a slip in it.
    pub matched_at: Option<Timestamp>,
}

pub(crate) fn exception(row: &Row) -> Result<Exception, Error> {
    let namespace: Option<i64> = row.get(1)?;
    Ok(Exception {
        id: row.get(0)?,
        namespace: namespace.map(NamespaceId::from_number),
        vulnerability: row.get(2)?,
        package: row.get(3)?,
        repository: row.get(4)?,
        tags: row.get(5)?,
        reason: row.get(6)?,
        author: row.get(7)?,
        created_at: row.get(8)?,
        expires_at: row.get(9)?,
        paths: row.get(10)?,
        matched_at: row.get(11)?,
    })
}

impl Store {
    /// Keeps an exception for a namespace.
    pub async fn create_exception(
        &self,
        access: &Access<Configure>,
        new: &NewException<'_>,
        now: Timestamp,
    ) -> Result<ExceptionId, Error> {
        self.insert_exception(Some(access.namespace()), access.actor(), new, now).await
    }

    /// Keeps an exception for every namespace.
    pub async fn create_exception_everywhere(
        &self,
        access: &InstanceAccess<Configure>,
        new: &NewException<'_>,
        now: Timestamp,
    ) -> Result<ExceptionId, Error> {
        self.insert_exception(None, access.actor(), new, now).await
    }

    async fn insert_exception(
        &self,
        namespace: Option<NamespaceId>,
        author: &Actor,
        new: &NewException<'_>,
        now: Timestamp,
    ) -> Result<ExceptionId, Error> {
        if new.reason.trim().is_empty() {
            return Err(Error::Invalid { what: "an exception without a reason" });
        }
        if new.vulnerability.trim().is_empty() {
            return Err(Error::Invalid { what: "an exception without a vulnerability" });
        }
        let statement = sql("INSERT INTO exceptions (namespace_id, vulnerability, package, repository, tags,
                reason, author, created_at, expires_at, paths)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id")
        .bind(namespace.map(NamespaceId::number))
        .bind(new.vulnerability)
        .bind(new.package)
        .bind(new.repository)
        .bind(new.tags)
        .bind(new.reason)
        .bind(author)
        .bind(now)
        .bind(new.expires_at)
        .bind(new.paths);
        let mut transaction = self.database.write().await?;
        let id = transaction.one(statement, |row| row.get(0)).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The exceptions that hold in a namespace: its own and those for every one, oldest first,
    /// behind one of them.
    pub async fn exceptions(
        &self,
        access: &Access<Read>,
        after: Option<ExceptionId>,
        limit: u32,
    ) -> Result<Vec<Exception>, Error> {
        let statement = sql("SELECT id, namespace_id, vulnerability, package, repository, tags, reason,
                author, created_at, expires_at, paths, matched_at
            FROM exceptions WHERE (namespace_id = $1 OR namespace_id IS NULL) AND id > $2
            ORDER BY id LIMIT $3")
        .bind(access.namespace())
        .bind(after.map_or(0, ExceptionId::number))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, exception).await
    }

    /// Notes that exceptions matched a finding, once in a day.
    pub async fn note_exceptions_matched(
        &self,
        _access: &InstanceAccess<Scan>,
        ids: &[ExceptionId],
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        for id in ids {
            let matched = sql("UPDATE exceptions SET matched_at = $2
                WHERE id = $1 AND (matched_at IS NULL OR matched_at < $3)");
            let statement = matched.bind(*id).bind(now).bind(now.0.saturating_sub(86_400));
            transaction.execute(statement).await?;
        }
        transaction.commit().await
    }

    /// The exceptions that ended after a time and until another: whose artifacts are due to be
    /// judged again.
    pub async fn exceptions_ended(
        &self,
        _access: &InstanceAccess<Scan>,
        after: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Exception>, Error> {
        let statement = sql("SELECT id, namespace_id, vulnerability, package, repository, tags, reason,
                author, created_at, expires_at, paths, matched_at
            FROM exceptions WHERE expires_at > $1 AND expires_at <= $2 ORDER BY expires_at, id");
        self.database.read().await?.all(statement.bind(after).bind(until), exception).await
    }

    /// Deletes an exception of a namespace.
    pub async fn delete_exception(&self, access: &Access<Configure>, id: ExceptionId) -> Result<(), Error> {
        let delete = sql("DELETE FROM exceptions WHERE id = $1 AND namespace_id = $2");
        self.remove_exception(delete.bind(id).bind(access.namespace()), id).await
    }

    /// Deletes an exception for every namespace.
    pub async fn delete_exception_everywhere(
        &self,
        _access: &InstanceAccess<Configure>,
        id: ExceptionId,
    ) -> Result<(), Error> {
        let delete = sql("DELETE FROM exceptions WHERE id = $1 AND namespace_id IS NULL");
        self.remove_exception(delete.bind(id), id).await
    }

    async fn remove_exception(&self, delete: Statement, id: ExceptionId) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        if transaction.execute(delete).await? == 0 {
            return Err(Error::unknown(Noun::Exception, id));
        }
        transaction.commit().await
    }
}
