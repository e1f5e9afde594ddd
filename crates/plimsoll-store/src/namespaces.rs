//! Namespaces and their settings.

use plimsoll_core::Timestamp;

use crate::database::{Column, Row, Statement, Value, sql};
use crate::{
    Access, Administer, Configure, Error, InstanceAccess, NamespaceId, NamespaceName, Noun, Read, Store,
};

/// How a refused pull is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalForm {
    /// 403 with the error `DENIED`, whose reason clients show.
    Denied,
    /// 412 with the error `PROJECTPOLICYVIOLATION`, as Harbor does.
    Harbor,
}

impl RefusalForm {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            RefusalForm::Denied => "denied",
            RefusalForm::Harbor => "harbor",
        }
    }
}

impl Column for RefusalForm {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        match row.get::<String>(index)?.as_str() {
            "denied" => Ok(RefusalForm::Denied),
            "harbor" => Ok(RefusalForm::Harbor),
            _ => Err(Error::Corrupt { what: "a form of refusal" }),
        }
    }
}

impl From<RefusalForm> for Value {
    fn from(form: RefusalForm) -> Value {
        Value::from(form.name())
    }
}

/// What an owner sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamespaceSettings {
    /// Whether everybody may read and pull.
    pub public: bool,
    /// Whether what is pushed is scanned without asking.
    pub auto_scan: bool,
    /// The policy as JSON; none of its own where there is none.
    pub policy: Option<String>,
    /// How a refused pull is answered.
    pub refusal: RefusalForm,
    /// The most bytes it may hold; as many as there is room where there is none.
    pub quota_bytes: Option<u64>,
    /// Which engine judges its images, by an id that the server knows.
    pub engine: String,
}

/// The longest id of an engine.
const ENGINE_BYTES_MAX: usize = 64;

impl NamespaceSettings {
    fn check(&self) -> Result<(), Error> {
        let json = |text: &String| serde_json::from_str::<serde_json::Value>(text).is_ok();
        if !self.policy.as_ref().is_none_or(json) {
            return Err(Error::Invalid { what: "a policy that is no JSON" });
        }
        if self.quota_bytes.is_some_and(|it| i64::try_from(it).is_err()) {
            return Err(Error::Invalid { what: "a quota of 2^63 bytes or more" });
        }
        if self.engine.is_empty() || self.engine.len() > ENGINE_BYTES_MAX {
            return Err(Error::Invalid { what: "an engine without an id, or with a long one" });
        }
        Ok(())
    }

    fn bind(&self, statement: Statement) -> Statement {
        statement
            .bind(self.public)
            .bind(self.auto_scan)
            .bind(self.policy.as_deref())
            .bind(self.refusal)
            .bind(self.quota_bytes)
            .bind(self.engine.as_str())
    }
}

/// A namespace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace {
    /// Its number.
    pub id: NamespaceId,
    /// Its name.
    pub name: NamespaceName,
    /// Its settings.
    pub settings: NamespaceSettings,
    /// How many bytes it holds: each blob once, and its manifests.
    pub used_bytes: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// The registry that has its images, if they are not here.
    pub source_host: Option<String>,
}

/// The registry that has a namespace's images, of a table called `n`.
macro_rules! source_host {
    () => {
        "(SELECT g.host FROM namespace_sources AS s JOIN registries AS g ON g.id = s.registry_id
            WHERE s.namespace_id = n.id)"
    };
}
pub(crate) use source_host;

/// The columns that [`namespace`] reads, of a table called `n`.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT n.id, n.name, n.public, n.auto_scan, n.policy, n.refusal, n.quota_bytes, n.used_bytes,
                n.created_at, n.engine, ",
            source_host!(),
            " FROM namespaces AS n ",
            $rest
        )
    };
}

pub(crate) fn namespace(row: &Row) -> Result<Namespace, Error> {
    let quota: Option<i64> = row.get(6)?;
    Ok(Namespace {
        id: row.get(0)?,
        name: row.get(1)?,
        settings: NamespaceSettings {
            public: row.get(2)?,
            auto_scan: row.get(3)?,
            policy: row.get(4)?,
            refusal: row.get(5)?,
            quota_bytes: quota.map(i64::unsigned_abs),
            engine: row.get(9)?,
        },
        used_bytes: row.get(7)?,
        created_at: row.get(8)?,
        source_host: row.get(10)?,
    })
}

impl Store {
    /// Makes a namespace.
    pub async fn create_namespace(
        &self,
        _access: &InstanceAccess<Administer>,
        name: &NamespaceName,
        settings: &NamespaceSettings,
        now: Timestamp,
    ) -> Result<NamespaceId, Error> {
        settings.check()?;
        let statement = sql("INSERT INTO namespaces
                (name, created_at, public, auto_scan, policy, refusal, quota_bytes, engine)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id");
        let statement = settings.bind(statement.bind(name).bind(now));
        let mut transaction = self.database.write().await?;
        let id = transaction.optional(statement, |row| row.get(0)).await?;
        let id = id.ok_or_else(|| Error::Exists { what: Noun::Namespace, name: name.to_string() })?;
        transaction.commit().await?;
        Ok(id)
    }

    /// One namespace.
    pub async fn namespace(&self, access: &Access<Read>) -> Result<Namespace, Error> {
        let statement = sql(select!("WHERE n.id = $1")).bind(access.namespace());
        let found = self.database.read().await?.optional(statement, namespace).await?;
        found.ok_or_else(|| Error::unknown(Noun::Namespace, access.namespace()))
    }

    /// The namespaces behind a name, in the order of their names.
    pub async fn namespaces(
        &self,
        _access: &InstanceAccess<Read>,
        after: Option<&NamespaceName>,
        limit: u32,
    ) -> Result<Vec<Namespace>, Error> {
        let statement = sql(select!("WHERE n.name > $1 ORDER BY n.name LIMIT $2"))
            .bind(after.map_or("", NamespaceName::as_str))
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, namespace).await
    }

    /// Replaces all settings. A quota below what is there stops pushes and deletes nothing.
    pub async fn change_namespace(
        &self,
        access: &Access<Configure>,
        settings: &NamespaceSettings,
    ) -> Result<(), Error> {
        settings.check()?;
        let statement = sql("UPDATE namespaces
            SET public = $2, auto_scan = $3, policy = $4, refusal = $5, quota_bytes = $6, engine = $7
            WHERE id = $1");
        let mut transaction = self.database.write().await?;
        let changed = transaction.execute(settings.bind(statement.bind(access.namespace()))).await?;
        transaction.commit().await?;
        if changed == 0 { Err(Error::unknown(Noun::Namespace, access.namespace())) } else { Ok(()) }
    }

    /// Deletes a namespace that has no repository any more.
    pub async fn delete_namespace(
        &self,
        _access: &InstanceAccess<Administer>,
        name: &NamespaceName,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        // The lock, so that no repository is made meanwhile.
        let lock = sql("UPDATE namespaces SET name = name WHERE name = $1 RETURNING id").bind(name);
        let id: Option<NamespaceId> = transaction.optional(lock, |row| row.get(0)).await?;
        let id = id.ok_or_else(|| Error::unknown(Noun::Namespace, name))?;
        let count = sql("SELECT COUNT(*) FROM repositories WHERE namespace_id = $1").bind(id);
        if transaction.one(count, |row| row.get::<i64>(0)).await? > 0 {
            return Err(Error::InUse { what: Noun::Namespace, name: name.to_string() });
        }
        transaction.execute(sql("DELETE FROM namespaces WHERE id = $1").bind(id)).await?;
        transaction.commit().await
    }
}
