//! Users and robots.
//!
//! Passwords come here as the hash that the caller made (Argon2id, PHC string format); nothing
//! here hashes or compares one.

use plimsoll_core::Timestamp;

use crate::database::{Column, Row, Session, Statement, Transaction, Value, sql};
use crate::{
    Access, Administer, Error, InstanceAccess, NamespaceId, Noun, PrincipalId, Store, administrators,
};

/// Who can act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A program.
    Robot,
}

impl PrincipalKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            PrincipalKind::User => "user",
            PrincipalKind::Robot => "robot",
        }
    }

    fn noun(self) -> Noun {
        match self {
            PrincipalKind::User => Noun::User,
            PrincipalKind::Robot => Noun::Robot,
        }
    }
}

impl Column for PrincipalKind {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        match row.get::<String>(index)?.as_str() {
            "user" => Ok(PrincipalKind::User),
            "robot" => Ok(PrincipalKind::Robot),
            _ => Err(Error::Corrupt { what: "a kind of account" }),
        }
    }
}

impl From<PrincipalKind> for Value {
    fn from(kind: PrincipalKind) -> Value {
        Value::from(kind.name())
    }
}

/// A user or a robot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    /// Its number.
    pub id: PrincipalId,
    /// A person or a program.
    pub kind: PrincipalKind,
    /// Its name, given once for each kind.
    pub name: String,
    /// The namespace that a robot belongs to and goes with.
    pub namespace: Option<NamespaceId>,
    /// Whether it may do nothing for now.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last proved who it is.
    pub seen_at: Option<Timestamp>,
}

/// A user whose password is to be compared.
#[derive(Clone, Debug)]
pub struct Login {
    /// Who it would be.
    pub id: PrincipalId,
    /// What the password must fit; none for who logs in elsewhere.
    pub password_hash: Option<String>,
}

/// Names of accounts stand in addresses and in `robot/NAME`.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@' | b'+');
    if !(1..=128).contains(&name.len()) || !name.bytes().all(allowed) {
        return Err(Error::Invalid {
            what: "a name of other characters than letters, digits and `._-@+`, or of more than 128",
        });
    }
    Ok(())
}

pub(crate) fn principal(row: &Row) -> Result<Principal, Error> {
    let namespace: Option<i64> = row.get(3)?;
    Ok(Principal {
        id: row.get(0)?,
        kind: row.get(1)?,
        name: row.get(2)?,
        namespace: namespace.map(NamespaceId::from_number),
        disabled: row.get(4)?,
        created_at: row.get(5)?,
        seen_at: row.get(6)?,
    })
}

/// An account that is there.
pub(crate) async fn must_be(session: &mut Session, id: PrincipalId) -> Result<(), Error> {
    let there = sql("SELECT 1 FROM principals WHERE id = $1").bind(id);
    session.optional(there, |_| Ok(())).await?.ok_or_else(|| Error::unknown(Noun::User, id))
}

impl Store {
    /// Makes a user, with a password or with the subject by which an OIDC issuer knows them.
    pub async fn create_user(
        &self,
        _access: &InstanceAccess<Administer>,
        name: &str,
        password_hash: Option<&str>,
        oidc_subject: Option<&str>,
        now: Timestamp,
    ) -> Result<PrincipalId, Error> {
        let statement = sql("INSERT INTO principals
                (kind, name, password_hash, oidc_subject, disabled, created_at)
            VALUES ('user', $1, $2, $3, 0, $4) ON CONFLICT DO NOTHING RETURNING id")
        .bind(name)
        .bind(password_hash)
        .bind(oidc_subject)
        .bind(now);
        self.insert_principal(PrincipalKind::User, name, statement).await
    }

    /// Makes a robot of a namespace. It goes with the namespace.
    pub async fn create_robot(
        &self,
        access: &Access<Administer>,
        name: &str,
        now: Timestamp,
    ) -> Result<PrincipalId, Error> {
        let statement = sql("INSERT INTO principals (kind, name, namespace_id, disabled, created_at)
            VALUES ('robot', $1, $2, 0, $3) ON CONFLICT DO NOTHING RETURNING id")
        .bind(name)
        .bind(access.namespace())
        .bind(now);
        self.insert_principal(PrincipalKind::Robot, name, statement).await
    }

    async fn insert_principal(
        &self,
        kind: PrincipalKind,
        name: &str,
        statement: Statement,
    ) -> Result<PrincipalId, Error> {
        check_name(name)?;
        let mut transaction = self.database.write().await?;
        let id = transaction.optional(statement, |row| row.get(0)).await?;
        let id = id.ok_or_else(|| Error::Exists { what: kind.noun(), name: name.to_owned() })?;
        transaction.commit().await?;
        Ok(id)
    }

    /// All users and robots, behind one of them.
    pub async fn principals(
        &self,
        _access: &InstanceAccess<Administer>,
        after: Option<PrincipalId>,
        limit: u32,
    ) -> Result<Vec<Principal>, Error> {
        let statement = sql("SELECT id, kind, name, namespace_id, disabled, created_at, seen_at
            FROM principals WHERE id > $1 ORDER BY id LIMIT $2")
        .bind(after.map_or(0, PrincipalId::number))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, principal).await
    }

    /// The robots of a namespace, behind one of them.
    pub async fn robots(
        &self,
        access: &Access<Administer>,
        after: Option<PrincipalId>,
        limit: u32,
    ) -> Result<Vec<Principal>, Error> {
        let statement = sql("SELECT id, kind, name, namespace_id, disabled, created_at, seen_at
            FROM principals WHERE namespace_id = $1 AND id > $2 ORDER BY id LIMIT $3")
        .bind(access.namespace())
        .bind(after.map_or(0, PrincipalId::number))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, principal).await
    }

    /// What a password is to be compared with. Not there, and disabled, look the same.
    pub async fn login(&self, name: &str) -> Result<Option<Login>, Error> {
        let statement = sql("SELECT id, password_hash FROM principals
            WHERE kind = 'user' AND name = $1 AND disabled = 0")
        .bind(name);
        let row = |row: &Row| Ok(Login { id: row.get(0)?, password_hash: row.get(1)? });
        self.database.remembered_row(|it| &it.logins, name.to_owned(), statement, row).await
    }

    /// Gives a user another password, and ends all sessions and tokens made with the old one.
    pub async fn change_password(
        &self,
        _access: &InstanceAccess<Administer>,
        id: PrincipalId,
        password_hash: &str,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        let change = sql("UPDATE principals SET password_hash = $2 WHERE id = $1 AND kind = 'user'");
        if transaction.execute(change.bind(id).bind(password_hash)).await? == 0 {
            return Err(Error::unknown(Noun::User, id));
        }
        lock_out(&mut transaction, id).await?;
        transaction.commit().await
    }

    /// Lets an account do nothing, or something again. Its sessions end.
    pub async fn disable(
        &self,
        _access: &InstanceAccess<Administer>,
        id: PrincipalId,
        disabled: bool,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        administrators::lock(&mut transaction).await?;
        let change = sql("UPDATE principals SET disabled = $2 WHERE id = $1").bind(id).bind(disabled);
        if transaction.execute(change).await? == 0 {
            return Err(Error::unknown(Noun::User, id));
        }
        administrators::must_be_left(&mut transaction, disabled).await?;
        let sessions = sql("DELETE FROM sessions WHERE principal_id = $1").bind(id);
        transaction.execute(sessions).await?;
        transaction.commit().await
    }

    /// Deletes an account with its tokens, sessions and grants. What it did stays in the log.
    pub async fn delete_principal(
        &self,
        _access: &InstanceAccess<Administer>,
        id: PrincipalId,
    ) -> Result<(), Error> {
        self.delete_account(sql("DELETE FROM principals WHERE id = $1").bind(id), Noun::User, id).await
    }

    /// Deletes a robot of a namespace.
    pub async fn delete_robot(&self, access: &Access<Administer>, id: PrincipalId) -> Result<(), Error> {
        let delete = sql("DELETE FROM principals WHERE id = $1 AND namespace_id = $2 AND kind = 'robot'");
        self.delete_account(delete.bind(id).bind(access.namespace()), Noun::Robot, id).await
    }

    async fn delete_account(&self, delete: Statement, what: Noun, id: PrincipalId) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        administrators::lock(&mut transaction).await?;
        if transaction.execute(delete).await? == 0 {
            return Err(Error::unknown(what, id));
        }
        administrators::must_be_left(&mut transaction, what == Noun::User).await?;
        transaction.commit().await
    }
}

async fn lock_out(transaction: &mut Transaction, id: PrincipalId) -> Result<(), Error> {
    transaction.execute(sql("DELETE FROM sessions WHERE principal_id = $1").bind(id)).await?;
    transaction.execute(sql("DELETE FROM tokens WHERE principal_id = $1").bind(id)).await?;
    Ok(())
}
