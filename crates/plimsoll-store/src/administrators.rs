//! That somebody is left who may administer the instance.
//!
//! Robots do not count, nor does who is disabled. Whoever takes something away takes the locks first:
//! of two who remove the last two administrators one is refused.

use plimsoll_core::Timestamp;

use crate::database::{Session, Transaction, sql};
use crate::principals::check_name;
use crate::{Administer, Error, InstanceAccess, Noun, PrincipalId, Store};

/// Takes the locks of all administrators, where the database has such locks.
pub(crate) async fn lock(transaction: &mut Transaction) -> Result<(), Error> {
    let statement = sql("UPDATE principals SET disabled = disabled WHERE id IN (
        SELECT principal_id FROM grants WHERE namespace_id IS NULL AND what IN ('administrator', 'administer'))");
    transaction.execute(statement).await.map(|_| ())
}

/// After something was taken away, if it was: somebody is left.
pub(crate) async fn must_be_left(transaction: &mut Transaction, taken: bool) -> Result<(), Error> {
    if taken && !are_there(transaction).await? {
        return Err(Error::LastAdministrator);
    }
    Ok(())
}

async fn are_there(session: &mut Session) -> Result<bool, Error> {
    let statement = sql("SELECT 1 FROM principals AS p JOIN grants AS g ON g.principal_id = p.id
        WHERE p.kind = 'user' AND p.disabled = 0 AND g.namespace_id IS NULL
            AND g.what IN ('administrator', 'administer') LIMIT 1");
    Ok(session.optional(statement, |_| Ok(())).await?.is_some())
}

impl Store {
    /// Whether somebody may administer the instance.
    pub async fn has_administrator(&self, _access: &InstanceAccess<Administer>) -> Result<bool, Error> {
        are_there(&mut self.database.read().await?).await
    }

    /// Makes a user who may do everything everywhere.
    pub async fn create_administrator(
        &self,
        _access: &InstanceAccess<Administer>,
        name: &str,
        password_hash: &str,
        now: Timestamp,
    ) -> Result<PrincipalId, Error> {
        check_name(name)?;
        let mut transaction = self.database.write().await?;
        let user = sql("INSERT INTO principals (kind, name, password_hash, disabled, created_at)
            VALUES ('user', $1, $2, 0, $3) ON CONFLICT DO NOTHING RETURNING id")
        .bind(name)
        .bind(password_hash)
        .bind(now);
        let id = transaction.optional(user, |row| row.get(0)).await?;
        let id: PrincipalId = id.ok_or_else(|| Error::Exists { what: Noun::User, name: name.to_owned() })?;
        let grant = sql("INSERT INTO grants (principal_id, what) VALUES ($1, 'administrator')").bind(id);
        transaction.execute(grant).await?;
        transaction.commit().await?;
        Ok(id)
    }
}
