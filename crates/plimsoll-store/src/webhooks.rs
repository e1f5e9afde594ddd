//! Webhooks: who wants to hear what happens in a namespace or anywhere.
//!
//! The secret that signs deliveries leaves this file only with a delivery and when it is made.

use std::fmt;

use plimsoll_core::{Severity, Timestamp};

use crate::database::{Row, Statement, sql};
use crate::{Access, Actor, Configure, Error, InstanceAccess, NamespaceId, Noun, Scan, Store, WebhookId};

/// The bytes that sign deliveries; no output shows them.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// A secret of these bytes, which somebody has made up at random.
    pub fn new(bytes: &[u8]) -> WebhookSecret {
        WebhookSecret(bytes.to_vec())
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What an owner sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookSettings {
    /// What it is called.
    pub name: String,
    /// Where to.
    pub url: String,
    /// Whether anything is sent at all.
    pub enabled: bool,
    /// Which kinds of events; all, if none is named.
    pub kinds: Vec<String>,
    /// Only events of this severity or worse.
    pub severity: Option<Severity>,
    /// Only events about something that has a fix.
    pub only_fixable: bool,
    /// Only events about something that is new.
    pub only_new: bool,
}

/// A webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its number.
    pub id: WebhookId,
    /// The namespace; every one, if none is named.
    pub namespace: Option<NamespaceId>,
    /// Its settings.
    pub settings: WebhookSettings,
    /// How many events were not kept for it, since too many waited.
    pub dropped: u64,
    /// On whose word.
    pub author: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// The longest address.
const URL_BYTES_MAX: usize = 2048;
/// The longest name.
const NAME_BYTES_MAX: usize = 255;
/// The most kinds.
const KINDS_MAX: usize = 64;

impl WebhookSettings {
    fn check(&self) -> Result<(), Error> {
        if self.name.trim().is_empty() || self.name.len() > NAME_BYTES_MAX {
            return Err(Error::Invalid { what: "a webhook without a name, or with a long one" });
        }
        if self.url.is_empty() || self.url.len() > URL_BYTES_MAX {
            return Err(Error::Invalid { what: "a webhook without an address, or with a long one" });
        }
        if self.kinds.len() > KINDS_MAX || self.kinds.iter().any(|it| it.len() > NAME_BYTES_MAX) {
            return Err(Error::Invalid { what: "a webhook for too many kinds of events" });
        }
        Ok(())
    }

    fn bind(&self, statement: Statement) -> Result<Statement, Error> {
        let kinds =
            serde_json::to_string(&self.kinds).map_err(|_| Error::Invalid { what: "a kind of event" })?;
        Ok(statement
            .bind(self.name.as_str())
            .bind(self.url.as_str())
            .bind(self.enabled)
            .bind(kinds)
            .bind(self.severity.map(Severity::name))
            .bind(self.only_fixable)
            .bind(self.only_new))
    }
}

/// The columns that [`webhook`] reads.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, namespace_id, name, url, enabled, kinds, severity, only_fixable, only_new, dropped,
                author, created_at FROM webhooks ",
            $rest
        )
    };
}

fn webhook(row: &Row) -> Result<Webhook, Error> {
    let corrupt = |what| Error::Corrupt { what };
    let namespace: Option<i64> = row.get(1)?;
    let kinds: String = row.get(5)?;
    let severity: Option<String> = row.get(6)?;
    Ok(Webhook {
        id: row.get(0)?,
        namespace: namespace.map(NamespaceId::from_number),
        settings: WebhookSettings {
            name: row.get(2)?,
            url: row.get(3)?,
            enabled: row.get(4)?,
            kinds: serde_json::from_str(&kinds).map_err(|_| corrupt("kinds of events"))?,
            severity: severity.map(|it| it.parse().map_err(|_| corrupt("a severity"))).transpose()?,
            only_fixable: row.get(7)?,
            only_new: row.get(8)?,
        },
        dropped: row.get(9)?,
        author: row.get(10)?,
        created_at: row.get(11)?,
    })
}

impl Store {
    /// Makes a webhook for a namespace.
    pub async fn create_webhook(
        &self,
        access: &Access<Configure>,
        settings: &WebhookSettings,
        secret: &WebhookSecret,
        now: Timestamp,
    ) -> Result<WebhookId, Error> {
        self.insert_webhook(Some(access.namespace()), access.actor(), (settings, secret), now).await
    }

    /// Makes a webhook for every namespace.
    pub async fn create_webhook_everywhere(
        &self,
        access: &InstanceAccess<Configure>,
        settings: &WebhookSettings,
        secret: &WebhookSecret,
        now: Timestamp,
    ) -> Result<WebhookId, Error> {
        self.insert_webhook(None, access.actor(), (settings, secret), now).await
    }

    async fn insert_webhook(
        &self,
        namespace: Option<NamespaceId>,
        author: &Actor,
        (settings, secret): (&WebhookSettings, &WebhookSecret),
        now: Timestamp,
    ) -> Result<WebhookId, Error> {
        settings.check()?;
        let statement =
            sql("INSERT INTO webhooks (namespace_id, secret, author, created_at, name, url, enabled,
                kinds, severity, only_fixable, only_new)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id")
            .bind(namespace.map(NamespaceId::number))
            .bind(secret.bytes())
            .bind(author)
            .bind(now);
        let mut transaction = self.database.write().await?;
        let id = transaction.one(settings.bind(statement)?, |row| row.get(0)).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// The webhooks of a namespace, oldest first, behind one of them.
    pub async fn webhooks(
        &self,
        access: &Access<Configure>,
        after: Option<WebhookId>,
        limit: u32,
    ) -> Result<Vec<Webhook>, Error> {
        let statement = sql(select!("WHERE namespace_id = $1 AND id > $2 ORDER BY id LIMIT $3"))
            .bind(access.namespace())
            .bind(after.map_or(0, WebhookId::number))
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, webhook).await
    }

    /// The webhooks for every namespace, oldest first, behind one of them.
    pub async fn webhooks_everywhere(
        &self,
        _access: &InstanceAccess<Configure>,
        after: Option<WebhookId>,
        limit: u32,
    ) -> Result<Vec<Webhook>, Error> {
        let statement = sql(select!("WHERE namespace_id IS NULL AND id > $1 ORDER BY id LIMIT $2"))
            .bind(after.map_or(0, WebhookId::number))
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, webhook).await
    }

    /// Who hears what happens in a namespace.
    pub async fn webhooks_hearing(
        &self,
        _access: &InstanceAccess<Scan>,
        namespace: NamespaceId,
    ) -> Result<Vec<Webhook>, Error> {
        let statement = sql(select!(
            "WHERE enabled = 1 AND (namespace_id = $1 OR namespace_id IS NULL) ORDER BY id LIMIT 1000"
        ));
        self.database.read().await?.all(statement.bind(namespace), webhook).await
    }

    /// Replaces all settings of a namespace's webhook; its secret stays.
    pub async fn change_webhook(
        &self,
        access: &Access<Configure>,
        id: WebhookId,
        settings: &WebhookSettings,
    ) -> Result<(), Error> {
        settings.check()?;
        let statement =
            sql("UPDATE webhooks SET name = $3, url = $4, enabled = $5, kinds = $6, severity = $7,
            only_fixable = $8, only_new = $9 WHERE id = $1 AND namespace_id = $2");
        self.touch_webhook(settings.bind(statement.bind(id).bind(access.namespace()))?, id).await
    }

    /// Replaces all settings of a webhook for every namespace; its secret stays.
    pub async fn change_webhook_everywhere(
        &self,
        _access: &InstanceAccess<Configure>,
        id: WebhookId,
        settings: &WebhookSettings,
    ) -> Result<(), Error> {
        settings.check()?;
        let statement =
            sql("UPDATE webhooks SET name = $2, url = $3, enabled = $4, kinds = $5, severity = $6,
            only_fixable = $7, only_new = $8 WHERE id = $1 AND namespace_id IS NULL");
        self.touch_webhook(settings.bind(statement.bind(id))?, id).await
    }

    /// Gives a namespace's webhook another secret.
    pub async fn change_webhook_secret(
        &self,
        access: &Access<Configure>,
        id: WebhookId,
        secret: &WebhookSecret,
    ) -> Result<(), Error> {
        let statement = sql("UPDATE webhooks SET secret = $3 WHERE id = $1 AND namespace_id = $2");
        self.touch_webhook(statement.bind(id).bind(access.namespace()).bind(secret.bytes()), id).await
    }

    /// Gives a webhook for every namespace another secret.
    pub async fn change_webhook_secret_everywhere(
        &self,
        _access: &InstanceAccess<Configure>,
        id: WebhookId,
        secret: &WebhookSecret,
    ) -> Result<(), Error> {
        let statement = sql("UPDATE webhooks SET secret = $2 WHERE id = $1 AND namespace_id IS NULL");
        self.touch_webhook(statement.bind(id).bind(secret.bytes()), id).await
    }

    /// Deletes a namespace's webhook, and what was sent to it.
    pub async fn delete_webhook(&self, access: &Access<Configure>, id: WebhookId) -> Result<(), Error> {
        let delete = sql("DELETE FROM webhooks WHERE id = $1 AND namespace_id = $2");
        self.touch_webhook(delete.bind(id).bind(access.namespace()), id).await
    }

    /// Deletes a webhook for every namespace, and what was sent to it.
    pub async fn delete_webhook_everywhere(
        &self,
        _access: &InstanceAccess<Configure>,
        id: WebhookId,
    ) -> Result<(), Error> {
        let delete = sql("DELETE FROM webhooks WHERE id = $1 AND namespace_id IS NULL");
        self.touch_webhook(delete.bind(id), id).await
    }

    async fn touch_webhook(&self, statement: Statement, id: WebhookId) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        if transaction.execute(statement).await? == 0 {
            return Err(Error::unknown(Noun::Webhook, id));
        }
        transaction.commit().await
    }
}
