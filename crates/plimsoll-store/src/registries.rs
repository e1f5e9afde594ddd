//! Registries of others that this instance knows: their addresses, and the logins for them.
//!
//! A password leaves this file only for whoever asks that registry.

use std::fmt;

use plimsoll_core::Timestamp;

use crate::database::{Row, Statement, sql};
use crate::{Configure, Error, InstanceAccess, Noun, OtherRegistryId, Scan, Store};

/// What one signs in with; no output shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryPassword(String);

impl RegistryPassword {
    /// A password of this text.
    pub fn new(text: &str) -> RegistryPassword {
        RegistryPassword(text.to_owned())
    }

    /// The text.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RegistryPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How a registry is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherRegistrySettings {
    /// What it is called here.
    pub name: String,
    /// `host` or `host:port`.
    pub host: String,
    /// The account; nobody's, if none is named.
    pub username: Option<String>,
    /// Whether plain HTTP will do, and certificates that nobody vouches for.
    pub insecure: bool,
}

/// A registry of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherRegistry {
    /// Its number.
    pub id: OtherRegistryId,
    /// How it is reached.
    pub settings: OtherRegistrySettings,
    /// What it turned out to be, as a word.
    pub kind: Option<String>,
    /// When it was last asked how it is.
    pub checked_at: Option<Timestamp>,
    /// What was wrong then.
    pub problem: Option<String>,
    /// How many namespaces have their images there.
    pub namespaces: u64,
    /// On whose word.
    pub author: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// What is needed to ask a registry something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryLogin {
    /// How it is reached.
    pub settings: OtherRegistrySettings,
    /// The account's password.
    pub password: Option<RegistryPassword>,
}

/// The longest name, address or account.
const TEXT_BYTES_MAX: usize = 255;
/// The longest password: signed tokens serve as such.
const PASSWORD_BYTES_MAX: usize = 16 * 1024;
/// The longest text about what is wrong.
pub(crate) const PROBLEM_CHARACTERS_MAX: usize = 1_000;

impl OtherRegistrySettings {
    fn check(&self, password: Option<&RegistryPassword>) -> Result<(), Error> {
        let fits = |text: &str| !text.trim().is_empty() && text.len() <= TEXT_BYTES_MAX;
        if !fits(&self.name) || !fits(&self.host) || !self.username.as_deref().is_none_or(fits) {
            return Err(Error::Invalid { what: "a registry with an empty or very long name or address" });
        }
        if password.is_some_and(|it| it.0.len() > PASSWORD_BYTES_MAX) {
            return Err(Error::Invalid { what: "a password of more than 16 KiB" });
        }
        Ok(())
    }

    fn bind(&self, statement: Statement) -> Statement {
        statement
            .bind(self.name.as_str())
            .bind(self.host.as_str())
            .bind(self.username.as_deref())
            .bind(self.insecure)
    }
}

fn settings(row: &Row, first: usize) -> Result<OtherRegistrySettings, Error> {
    Ok(OtherRegistrySettings {
        name: row.get(first)?,
        host: row.get(first + 1)?,
        username: row.get(first + 2)?,
        insecure: row.get(first + 3)?,
    })
}

/// The login that stands in a row from this column on: name, host, username, insecure, password.
pub(crate) fn login(row: &Row, first: usize) -> Result<RegistryLogin, Error> {
    let password: Option<String> = row.get(first + 4)?;
    Ok(RegistryLogin { settings: settings(row, first)?, password: password.map(RegistryPassword) })
}

fn registry(row: &Row) -> Result<OtherRegistry, Error> {
    Ok(OtherRegistry {
        id: row.get(0)?,
        settings: settings(row, 1)?,
        kind: row.get(5)?,
        checked_at: row.get(6)?,
        problem: row.get(7)?,
        namespaces: row.get(8)?,
        author: row.get(9)?,
        created_at: row.get(10)?,
    })
}

/// The columns that [`registry`] reads, of a table called `g`.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT g.id, g.name, g.host, g.username, g.insecure, g.kind, g.checked_at, g.problem,
                (SELECT COUNT(*) FROM namespace_sources AS s WHERE s.registry_id = g.id),
                g.author, g.created_at FROM registries AS g ",
            $rest
        )
    };
}

impl Store {
    /// The registries, by name, behind one of them.
    pub async fn other_registries(
        &self,
        _access: &InstanceAccess<Configure>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<OtherRegistry>, Error> {
        let statement = sql(select!("WHERE g.name > $1 ORDER BY g.name LIMIT $2"))
            .bind(after.unwrap_or_default())
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, registry).await
    }

    /// One registry.
    pub async fn other_registry(
        &self,
        _access: &InstanceAccess<Configure>,
        id: OtherRegistryId,
    ) -> Result<OtherRegistry, Error> {
        let statement = sql(select!("WHERE g.id = $1")).bind(id);
        let found = self.database.read().await?.optional(statement, registry).await?;
        found.ok_or_else(|| Error::unknown(Noun::Registry, id))
    }

    /// Makes a registry known.
    pub async fn create_other_registry(
        &self,
        access: &InstanceAccess<Configure>,
        (settings, password): (&OtherRegistrySettings, Option<&RegistryPassword>),
        now: Timestamp,
    ) -> Result<OtherRegistryId, Error> {
        settings.check(password)?;
        let insert = sql("INSERT INTO registries
                (password, author, created_at, name, host, username, insecure)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id")
        .bind(password.map(RegistryPassword::expose))
        .bind(access.actor())
        .bind(now);
        let mut transaction = self.database.write().await?;
        let id = transaction.optional(settings.bind(insert), |row| row.get(0)).await?;
        let id = id.ok_or_else(|| exists(settings))?;
        transaction.commit().await?;
        Ok(id)
    }

    /// Replaces how a registry is reached. What was known of the one before is forgotten.
    pub async fn change_other_registry(
        &self,
        _access: &InstanceAccess<Configure>,
        id: OtherRegistryId,
        (settings, password): (&OtherRegistrySettings, Option<&RegistryPassword>),
    ) -> Result<(), Error> {
        settings.check(password)?;
        let mut transaction = self.database.write().await?;
        let taken = sql("SELECT 1 FROM registries WHERE name = $1 AND id <> $2");
        let taken = taken.bind(settings.name.as_str()).bind(id);
        if transaction.optional(taken, |_| Ok(())).await?.is_some() {
            return Err(exists(settings));
        }
        let change = sql("UPDATE registries SET password = $2, kind = NULL, checked_at = NULL,
                problem = NULL, name = $3, host = $4, username = $5, insecure = $6 WHERE id = $1")
        .bind(id)
        .bind(password.map(RegistryPassword::expose));
        if transaction.execute(settings.bind(change)).await? == 0 {
            return Err(Error::unknown(Noun::Registry, id));
        }
        transaction.commit().await
    }

    /// Forgets a registry in which no namespace has its images.
    pub async fn delete_other_registry(
        &self,
        _access: &InstanceAccess<Configure>,
        id: OtherRegistryId,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        // The lock, so that no namespace is given it meanwhile.
        let lock = sql("UPDATE registries SET name = name WHERE id = $1 RETURNING name").bind(id);
        let name: Option<String> = transaction.optional(lock, |row| row.get(0)).await?;
        let name = name.ok_or_else(|| Error::unknown(Noun::Registry, id))?;
        let used = sql("SELECT 1 FROM namespace_sources WHERE registry_id = $1 LIMIT 1").bind(id);
        if transaction.optional(used, |_| Ok(())).await?.is_some() {
            return Err(Error::InUse { what: Noun::Registry, name });
        }
        transaction.execute(sql("DELETE FROM registries WHERE id = $1").bind(id)).await?;
        transaction.commit().await
    }

    /// How a registry is reached, with its password: for whoever asks it.
    pub async fn registry_login(
        &self,
        _access: &InstanceAccess<Scan>,
        id: OtherRegistryId,
    ) -> Result<RegistryLogin, Error> {
        let statement = sql("SELECT name, host, username, insecure, password FROM registries WHERE id = $1");
        let found = self.database.read().await?.optional(statement.bind(id), |row| login(row, 0)).await?;
        found.ok_or_else(|| Error::unknown(Noun::Registry, id))
    }

    /// Notes how a registry was found: what it is, or what is wrong.
    pub async fn note_registry(
        &self,
        _access: &InstanceAccess<Scan>,
        id: OtherRegistryId,
        found: Result<&str, &str>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let problem: Option<String> = found.err().map(|it| it.chars().take(PROBLEM_CHARACTERS_MAX).collect());
        let statement = sql("UPDATE registries SET kind = COALESCE(CAST($2 AS TEXT), kind), problem = $3,
            checked_at = $4 WHERE id = $1")
        .bind(id)
        .bind(found.ok())
        .bind(problem.as_deref())
        .bind(now);
        let mut transaction = self.database.write().await?;
        transaction.execute(statement).await?;
        transaction.commit().await
    }
}

fn exists(settings: &OtherRegistrySettings) -> Error {
    Error::Exists { what: Noun::Registry, name: settings.name.clone() }
}
