//! Tokens of users and robots, and sessions of the console.
//!
//! Both are random texts of 256 bits that the caller makes; what stands here is their SHA-256,
//! so that nobody who reads the database can use them.

use plimsoll_core::Timestamp;

use crate::database::{Row, sql};
use crate::principals::must_be;
use crate::{
    Access, Administer, Caller, Error, InstanceAccess, NamespaceId, Noun, Permissions, PrincipalId, Store,
    TokenId,
};

/// The most tokens of an account.
const TOKENS_MAX: i64 = 1_000;

/// The most sessions of an account; then the oldest ends.
const SESSIONS_MAX: i64 = 100;

/// A token to be kept.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// What its owner calls it.
    pub name: &'a str,
    /// Its first characters, by which it is recognised.
    pub prefix: &'a str,
    /// Its SHA-256 in hexadecimal digits.
    pub hash: &'a str,
    /// What it leaves of what its owner may.
    pub permissions: Permissions,
    /// The only namespace it is for, if it is for one.
    pub namespace: Option<NamespaceId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A token, without what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its number.
    pub id: TokenId,
    /// Whose it is.
    pub principal: PrincipalId,
    /// What its owner calls it.
    pub name: String,
    /// Its first characters.
    pub prefix: String,
    /// What it leaves of what its owner may.
    pub permissions: Permissions,
    /// The only namespace it is for.
    pub namespace: Option<NamespaceId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// When it was last used.
    pub used_at: Option<Timestamp>,
}

pub(crate) fn token(row: &Row) -> Result<Token, Error> {
    let namespace: Option<i64> = row.get(5)?;
    Ok(Token {
        id: row.get(0)?,
        principal: row.get(1)?,
        name: row.get(2)?,
        prefix: row.get(3)?,
        permissions: row.get(4)?,
        namespace: namespace.map(NamespaceId::from_number),
        created_at: row.get(6)?,
        expires_at: row.get(7)?,
        used_at: row.get(8)?,
    })
}

/// A session that was found.
#[derive(Clone, Debug)]
pub struct Session {
    /// Who it is.
    pub caller: Caller,
    /// What requests that change something must carry besides the cookie.
    pub csrf: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Store {
    /// Keeps a token of whoever calls. It can do no more than its owner at any time.
    pub async fn create_token(
        &self,
        caller: &Caller,
        token: &NewToken<'_>,
        now: Timestamp,
    ) -> Result<TokenId, Error> {
        // A token may not make itself a stronger or a longer one.
        let owner = caller.principal().filter(|_| !caller.is_limited()).ok_or(Error::Denied)?;
        self.insert_token(owner, token, now).await
    }

    /// Keeps a token of a robot of this namespace.
    pub async fn create_robot_token(
        &self,
        access: &Access<Administer>,
        robot: PrincipalId,
        token: &NewToken<'_>,
        now: Timestamp,
    ) -> Result<TokenId, Error> {
        let there = sql("SELECT 1 FROM principals WHERE id = $1 AND namespace_id = $2 AND kind = 'robot'");
        let there = there.bind(robot).bind(access.namespace());
        let found = self.database.read().await?.optional(there, |_| Ok(())).await?;
        found.ok_or_else(|| Error::unknown(Noun::Robot, robot))?;
        self.insert_token(robot, token, now).await
    }

    async fn insert_token(
        &self,
        owner: PrincipalId,
        token: &NewToken<'_>,
        now: Timestamp,
    ) -> Result<TokenId, Error> {
        let statement = sql("INSERT INTO tokens
                (principal_id, name, prefix, hash, permissions, namespace_id, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id")
        .bind(owner)
        .bind(token.name)
        .bind(token.prefix)
        .bind(token.hash)
        .bind(token.permissions)
        .bind(token.namespace.map(NamespaceId::number))
        .bind(now)
        .bind(token.expires_at);
        let mut transaction = self.database.write().await?;
        must_be(&mut transaction, owner).await?;
        // A list shows all of them, so that none is valid and hidden.
        let count = sql("SELECT COUNT(*) FROM tokens WHERE principal_id = $1").bind(owner);
        if transaction.one::<i64>(count, |row| row.get(0)).await? >= TOKENS_MAX {
            return Err(Error::Invalid {
                what: "more than a thousand tokens of one account; end some first",
            });
        }
        let id = transaction.optional(statement, |row| row.get(0)).await?;
        let id = id.ok_or_else(|| Error::Exists { what: Noun::Token, name: token.prefix.to_owned() })?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The tokens of whoever calls, newest first. A token that may less than its owner sees itself alone:
    /// whoever finds one in a pipeline learns nothing of the others.
    pub async fn tokens(&self, caller: &Caller) -> Result<Vec<Token>, Error> {
        let owner = caller.principal().ok_or(Error::Denied)?;
        let statement = sql("SELECT id, principal_id, name, prefix, permissions, namespace_id, created_at,
                expires_at, used_at
            FROM tokens WHERE principal_id = $1 ORDER BY id DESC LIMIT 1000");
        let mut found = self.database.read().await?.all(statement.bind(owner), token).await?;
        if let Some(narrow) = caller.narrow_token() {
            found.retain(|it| it.id == narrow);
        }
        Ok(found)
    }

    /// Ends a token of whoever calls. One that may less than its owner ends nothing but itself, and to it
    /// the others are not there.
    pub async fn delete_token(&self, caller: &Caller, id: TokenId) -> Result<(), Error> {
        let owner = caller.principal().ok_or(Error::Denied)?;
        if caller.narrow_token().is_some_and(|it| it != id) {
            return Err(Error::unknown(Noun::Token, id));
        }
        let delete = sql("DELETE FROM tokens WHERE id = $1 AND principal_id = $2").bind(id).bind(owner);
        let mut transaction = self.database.write().await?;
        if transaction.execute(delete).await? == 0 {
            return Err(Error::unknown(Noun::Token, id));
        }
        transaction.commit().await
    }

    /// Keeps a session of a user who has just proved who they are.
    pub async fn create_session(
        &self,
        caller: &Caller,
        hash: &str,
        csrf: &str,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        let owner = caller.principal().filter(|_| !caller.is_limited()).ok_or(Error::Denied)?;
        let mut transaction = self.database.write().await?;
        let statement = sql("INSERT INTO sessions (hash, principal_id, csrf, created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5)")
        .bind(hash)
        .bind(owner)
        .bind(csrf)
        .bind(now)
        .bind(expires_at);
        transaction.execute(statement).await?;
        let surplus = sql("DELETE FROM sessions WHERE principal_id = $1 AND hash NOT IN (
                SELECT s.hash FROM sessions AS s WHERE s.principal_id = $1
                ORDER BY s.created_at DESC, s.hash LIMIT $2)")
        .bind(owner)
        .bind(SESSIONS_MAX);
        transaction.execute(surplus).await?;
        let seen = sql("UPDATE principals SET seen_at = $2 WHERE id = $1").bind(owner).bind(now);
        transaction.execute(seen).await?;
        transaction.commit().await
    }

    /// Ends a session; one that is not there has ended.
    pub async fn delete_session(&self, hash: &str) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        transaction.execute(sql("DELETE FROM sessions WHERE hash = $1").bind(hash)).await?;
        transaction.commit().await
    }

    /// Deletes the rows of sessions that are over; says how many.
    pub async fn delete_old_sessions(
        &self,
        _access: &InstanceAccess<Administer>,
        now: Timestamp,
    ) -> Result<u64, Error> {
        let mut transaction = self.database.write().await?;
        let delete = sql("DELETE FROM sessions WHERE expires_at <= $1").bind(now);
        let count = transaction.execute(delete).await?;
        transaction.commit().await?;
        Ok(count)
    }
}
