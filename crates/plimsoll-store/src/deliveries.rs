//! Deliveries of webhooks: rows that wait, are sent, and stay as a log for some time.
//!
//! A sender takes a delivery until a time; if it does not say by then how it went, another takes
//! it. So one that was sent may be sent again and bears the same event's id; none is lost.

use plimsoll_core::Timestamp;

use crate::database::{Column, Row, Session, Value, sql};
use crate::{
    Access, Configure, DeliveryId, Error, InstanceAccess, NamespaceId, Noun, Scan, Store, WebhookId,
    WebhookSecret,
};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It waits, for the first time or for another.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was tried as often as it may.
    Failed,
}

impl DeliveryState {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            DeliveryState::Waiting => "waiting",
            DeliveryState::Delivered => "delivered",
            DeliveryState::Failed => "failed",
        }
    }
}

impl Column for DeliveryState {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        let all = [DeliveryState::Waiting, DeliveryState::Delivered, DeliveryState::Failed];
        let text: String = row.get(index)?;
        all.into_iter().find(|it| it.name() == text).ok_or(Error::Corrupt { what: "the state of a delivery" })
    }
}

impl From<DeliveryState> for Value {
    fn from(state: DeliveryState) -> Value {
        Value::from(state.name())
    }
}

/// An event on its way to a webhook.
#[derive(Clone, Debug)]
pub struct NewDelivery<'a> {
    /// Whose it is.
    pub webhook: WebhookId,
    /// The event's id, the same for all who hear of it.
    pub event: &'a str,
    /// What kind of event it is.
    pub kind: &'a str,
    /// What is sent.
    pub body: &'a str,
}

/// A delivery that a sender has taken.
#[derive(Clone, Debug)]
pub struct TakenDelivery {
    /// Its number.
    pub id: DeliveryId,
    /// The event's id.
    pub event: String,
    /// What is sent.
    pub body: String,
    /// Where to.
    pub url: String,
    /// What signs it.
    pub secret: WebhookSecret,
    /// How often it was tried, this time with it.
    pub attempts: u64,
}

/// How a try went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tried<'a> {
    /// Where it stands now.
    pub state: DeliveryState,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// When it is tried again.
    pub next_at: Timestamp,
}

/// A delivery as the log has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its number.
    pub id: DeliveryId,
    /// The event's id.
    pub event: String,
    /// What kind of event it is.
    pub kind: String,
    /// What was sent.
    pub body: String,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: u64,
    /// When it is tried next, if it waits.
    pub next_at: Timestamp,
    /// The status of the last answer.
    pub status: Option<i64>,
    /// What went wrong last.
    pub error: Option<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// The most deliveries that wait for one webhook; what comes beyond is counted and not kept.
const WAITING_MAX: i64 = 10_000;
/// The longest text about what went wrong.
const ERROR_CHARACTERS_MAX: usize = 500;

/// Whether a webhook `w` is one of the namespace `$1`, or one for every namespace where that is 0.
macro_rules! in_place {
    () => {
        "(w.namespace_id = $1 OR ($1 = 0 AND w.namespace_id IS NULL))"
    };
}

fn delivery(row: &Row) -> Result<Delivery, Error> {
    Ok(Delivery {
        id: row.get(0)?,
        event: row.get(1)?,
        kind: row.get(2)?,
        body: row.get(3)?,
        state: row.get(4)?,
        attempts: row.get(5)?,
        next_at: row.get(6)?,
        status: row.get(7)?,
        error: row.get(8)?,
        created_at: row.get(9)?,
        ended_at: row.get(10)?,
    })
}

fn taken(row: &Row) -> Result<TakenDelivery, Error> {
    Ok(TakenDelivery {
        id: row.get(0)?,
        event: row.get(1)?,
        body: row.get(2)?,
        url: row.get(3)?,
        secret: WebhookSecret::new(&row.get::<Vec<u8>>(4)?),
        attempts: row.get(5)?,
    })
}

impl Store {
    /// Keeps events for those who want to hear of them; says how many were too many.
    pub async fn add_deliveries(
        &self,
        _access: &InstanceAccess<Scan>,
        deliveries: &[NewDelivery<'_>],
        now: Timestamp,
    ) -> Result<u64, Error> {
        let mut dropped = 0;
        let mut transaction = self.database.write().await?;
        for new in deliveries {
            let waiting = sql("SELECT COUNT(*) FROM deliveries WHERE webhook_id = $1 AND state = 'waiting'");
            if transaction.one(waiting.bind(new.webhook), |row| row.get::<i64>(0)).await? >= WAITING_MAX {
                let drop = sql("UPDATE webhooks SET dropped = dropped + 1 WHERE id = $1");
                dropped += transaction.execute(drop.bind(new.webhook)).await?;
                continue;
            }
            // Not into nowhere: the webhook may have gone meanwhile.
            let insert = sql("INSERT INTO deliveries
                    (webhook_id, event_id, kind, body, state, next_at, created_at)
                SELECT id, $2, $3, $4, 'waiting', CAST($5 AS BIGINT), CAST($5 AS BIGINT) FROM webhooks WHERE id = $1")
            .bind(new.webhook)
            .bind(new.event)
            .bind(new.kind)
            .bind(new.body)
            .bind(now);
            transaction.execute(insert).await?;
        }
        transaction.commit().await?;
        Ok(dropped)
    }

    /// Takes deliveries that are due until a time by which the sender says how it went. At most
    /// some of each webhook, so that one that is slow does not hold up the others.
    pub async fn take_deliveries(
        &self,
        _access: &InstanceAccess<Scan>,
        (each, limit): (u32, u32),
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<TakenDelivery>, Error> {
        let mut transaction = self.database.write().await?;
        let due = match *transaction {
            Session::PostgresWrite(_) => {
                "SELECT d.id, d.webhook_id FROM deliveries AS d JOIN webhooks AS w ON w.id = d.webhook_id
                WHERE d.state = 'waiting' AND d.next_at <= $1 AND w.enabled = 1
                ORDER BY d.next_at, d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED"
            }
            _ => {
                "SELECT d.id, d.webhook_id FROM deliveries AS d JOIN webhooks AS w ON w.id = d.webhook_id
                WHERE d.state = 'waiting' AND d.next_at <= $1 AND w.enabled = 1
                ORDER BY d.next_at, d.id LIMIT $2"
            }
        };
        let due = sql(due).bind(now).bind(i64::from(limit));
        let due: Vec<(DeliveryId, WebhookId)> =
            transaction.all(due, |row| Ok((row.get(0)?, row.get(1)?))).await?;
        let mut counted = std::collections::BTreeMap::<WebhookId, u32>::new();
        let mut found = Vec::new();
        for (id, webhook) in due {
            let count = counted.entry(webhook).or_default();
            *count += 1;
            if *count > each {
                continue;
            }
            let take = sql("UPDATE deliveries SET next_at = $2, attempts = attempts + 1 WHERE id = $1");
            transaction.execute(take.bind(id).bind(until)).await?;
            let read = sql("SELECT d.id, d.event_id, d.body, w.url, w.secret, d.attempts
                FROM deliveries AS d JOIN webhooks AS w ON w.id = d.webhook_id WHERE d.id = $1");
            found.extend(transaction.optional(read.bind(id), taken).await?);
        }
        transaction.commit().await?;
        Ok(found)
    }

    /// Notes how a try went.
    pub async fn delivery_tried(
        &self,
        _access: &InstanceAccess<Scan>,
        id: DeliveryId,
        tried: &Tried<'_>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let error = tried.error.map(|it| it.chars().take(ERROR_CHARACTERS_MAX).collect::<String>());
        let ended = (tried.state != DeliveryState::Waiting).then_some(now);
        let statement =
            sql("UPDATE deliveries SET state = $2, status = $3, error = $4, next_at = $5, ended_at = $6
            WHERE id = $1 AND state = 'waiting'")
            .bind(id)
            .bind(tried.state)
            .bind(tried.status.map(i64::from))
            .bind(error.map(|it| it.replace('\0', "\u{fffd}")).as_deref())
            .bind(tried.next_at)
            .bind(ended);
        let mut transaction = self.database.write().await?;
        transaction.execute(statement).await?;
        transaction.commit().await
    }

    /// What was sent to a namespace's webhook, newest first, before one of them.
    pub async fn deliveries(
        &self,
        access: &Access<Configure>,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Error> {
        self.log_of_webhook(Some(access.namespace()), webhook, before, limit).await
    }

    /// The same of a webhook for every namespace.
    pub async fn deliveries_everywhere(
        &self,
        _access: &InstanceAccess<Configure>,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Error> {
        self.log_of_webhook(None, webhook, before, limit).await
    }

    async fn log_of_webhook(
        &self,
        namespace: Option<NamespaceId>,
        webhook: WebhookId,
        before: Option<DeliveryId>,
        limit: u32,
    ) -> Result<Vec<Delivery>, Error> {
        let mut session = self.database.read().await?;
        let known = sql(concat!("SELECT w.id FROM webhooks AS w WHERE w.id = $2 AND ", in_place!()));
        let known = known.bind(namespace.map_or(0, NamespaceId::number)).bind(webhook);
        if session.optional(known, |row| row.get::<WebhookId>(0)).await?.is_none() {
            return Err(Error::unknown(Noun::Webhook, webhook));
        }
        let log = sql("SELECT id, event_id, kind, body, state, attempts, next_at, status, error, created_at,
                ended_at
            FROM deliveries WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
        .bind(webhook)
        .bind(before.map_or(i64::MAX, DeliveryId::number))
        .bind(i64::from(limit));
        session.all(log, delivery).await
    }

    /// Sends again what was sent to a namespace's webhook, or could not be.
    pub async fn redeliver(
        &self,
        access: &Access<Configure>,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.wake_delivery(Some(access.namespace()), id, now).await
    }

    /// The same of a webhook for every namespace.
    pub async fn redeliver_everywhere(
        &self,
        _access: &InstanceAccess<Configure>,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.wake_delivery(None, id, now).await
    }

    async fn wake_delivery(
        &self,
        namespace: Option<NamespaceId>,
        id: DeliveryId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let statement = sql(concat!(
            "UPDATE deliveries SET state = 'waiting', attempts = 0, next_at = $3, ended_at = NULL
            WHERE id = $2 AND webhook_id IN (SELECT w.id FROM webhooks AS w WHERE ",
            in_place!(),
            ")"
        ))
        .bind(namespace.map_or(0, NamespaceId::number))
        .bind(id)
        .bind(now);
        let mut transaction = self.database.write().await?;
        if transaction.execute(statement).await? == 0 {
            return Err(Error::unknown(Noun::Delivery, id));
        }
        transaction.commit().await
    }

    /// Forgets what ended before a time; says how many.
    pub async fn clean_deliveries(
        &self,
        _access: &InstanceAccess<Scan>,
        before: Timestamp,
    ) -> Result<u64, Error> {
        let delete = sql("DELETE FROM deliveries WHERE ended_at < $1");
        let mut transaction = self.database.write().await?;
        let gone = transaction.execute(delete.bind(before)).await?;
        transaction.commit().await?;
        Ok(gone)
    }
}
