//! Who wants to hear what happens, and what was sent to them.

use plimsoll_core::Severity;
use plimsoll_store::{Delivery as StoredDelivery, DeliveryId, Webhook as Stored, WebhookId, WebhookSettings};

use super::artifacts::SeverityWord;
use super::prelude::*;
use crate::webhooks::{EventKind, new_secret, secret_text};

const ALL: &str = "/namespaces/{namespace}/webhooks";
const ONE: &str = "/namespaces/{namespace}/webhooks/{webhook}";

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listWebhooks",
        ALL,
        Needs::Namespace(Permission::Configure),
        "The webhooks of a namespace, oldest first.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Webhook>>(),
    post(
        "createWebhook",
        ALL,
        Needs::Namespace(Permission::Configure),
        "Makes a webhook; what signs its deliveries is told once.",
        |api, call| Box::pin(create(api, call)),
    )
    .takes::<WebhookSet>()
    .gives::<WebhookMade>()
    .with_status(201)
    .secret(),
    put(
        "changeWebhook",
        ONE,
        Needs::Namespace(Permission::Configure),
        "Replaces the settings of a webhook.",
        |api, call| Box::pin(change(api, call)),
    )
    .takes::<WebhookSet>()
    .refuses(&[Kind::NotFound]),
    delete(
        "deleteWebhook",
        ONE,
        Needs::Namespace(Permission::Configure),
        "Deletes a webhook, and what was sent to it.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound]),
    post(
        "pingWebhook",
        "/namespaces/{namespace}/webhooks/{webhook}/ping",
        Needs::Namespace(Permission::Configure),
        "Sends an event of the kind `ping`, to see whether it arrives.",
        |api, call| Box::pin(try_out(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "listDeliveries",
        "/namespaces/{namespace}/webhooks/{webhook}/deliveries",
        Needs::Namespace(Permission::Configure),
        "What was sent to a webhook, newest first.",
        |api, call| Box::pin(deliveries(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Delivery>>()
    .refuses(&[Kind::NotFound]),
    post(
        "redeliver",
        "/namespaces/{namespace}/deliveries/{delivery}/again",
        Needs::Namespace(Permission::Configure),
        "Sends again what was sent, or could not be.",
        |api, call| Box::pin(again(api, call)),
    )
    .refuses(&[Kind::NotFound]),
];

wire! {
    /// A webhook.
    struct Webhook {
        /// Its number.
        id: i64,
        /// Its settings.
        settings: WebhookSet,
        /// How many events were not kept for it, since too many waited.
        dropped: u64,
        /// On whose word.
        author: String,
        /// Since when.
        created_at: Time,
    }

    /// The settings of a webhook.
    struct WebhookSet {
        /// What it is called.
        name: String,
        /// Where to: an address of the internet, unless others are allowed.
        url: String,
        /// Whether anything is sent at all; yes, unless said.
        enabled: Option<bool>,
        /// Which kinds of events, `scan.completed`; all, if none is named.
        kinds: Option<Vec<String>>,
        /// Only events of this severity or worse.
        severity: Option<SeverityWord>,
        /// Only events about something that has a fix.
        only_fixable: Option<bool>,
        /// Only events about something that is new.
        only_new: Option<bool>,
    }

    /// A webhook that was made.
    struct WebhookMade {
        /// Its number.
        id: i64,
        /// What signs its deliveries. It is told now and never again.
        secret: String,
    }

    /// Something that was sent, or is to be.
    struct Delivery {
        /// Its number.
        id: i64,
        /// The event's id, the same for all who hear of it.
        event: String,
        /// What kind of event it is.
        kind: String,
        /// `waiting`, `delivered`, `failed`.
        state: String,
        /// How often it was tried.
        attempts: u64,
        /// The status of the last answer.
        status: Option<i64>,
        /// What went wrong.
        error: Option<String>,
        /// When the event happened.
        created_at: Time,
        /// When it is tried next, if it waits.
        next_at: Option<Time>,
        /// When it ended.
        ended_at: Option<Time>,
    }
}

fn severity(word: SeverityWord) -> Severity {
    match word {
        SeverityWord::Critical => Severity::Critical,
        SeverityWord::High => Severity::High,
        SeverityWord::Medium => Severity::Medium,
        SeverityWord::Low => Severity::Low,
        SeverityWord::Negligible => Severity::Negligible,
        SeverityWord::Unknown => Severity::Unknown,
    }
}

pub(super) fn shown(webhook: Stored) -> Webhook {
    let WebhookSettings { name, url, enabled, kinds, severity, only_fixable, only_new } = webhook.settings;
    Webhook {
        id: webhook.id.number(),
        settings: WebhookSet {
            name,
            url,
            enabled: Some(enabled),
            kinds: Some(kinds),
            severity: severity.map(SeverityWord::from),
            only_fixable: Some(only_fixable),
            only_new: Some(only_new),
        },
        dropped: webhook.dropped,
        author: webhook.author,
        created_at: Time(webhook.created_at),
    }
}

/// Settings that can be meant, and an address that may be sent to.
pub(super) async fn wanted(api: &Api, call: &Call) -> Result<WebhookSettings, Problem> {
    let body: WebhookSet = call.json()?;
    let webhooks = api.webhooks.as_ref().ok_or_else(|| Problem::not_available("webhooks"))?;
    let kinds = body.kinds.unwrap_or_default();
    if let Some(unknown) = kinds.iter().find(|it| EventKind::parse(it).is_none()) {
        let known: Vec<&str> = EventKind::ALL.iter().map(|it| it.name()).collect();
        let words = format!("there is no kind `{unknown}`; known are {}", known.join(", "));
        return Err(Problem::invalid("/kinds", words));
    }
    webhooks.check_address(&body.url).await.map_err(|why| Problem::invalid("/url", why.to_string()))?;
    Ok(WebhookSettings {
        name: body.name,
        url: body.url,
        enabled: body.enabled.unwrap_or(true),
        kinds,
        severity: body.severity.map(severity),
        only_fixable: body.only_fixable.unwrap_or(false),
        only_new: body.only_new.unwrap_or(false),
    })
}

pub(super) fn id(call: &Call) -> Result<WebhookId, Problem> {
    call.id("webhook").map(WebhookId::from_number)
}

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "webhooks")?;
    let access = call.access::<Configure>(api).await?;
    let after = paging.number(0).map(WebhookId::from_number);
    let found = api.store.webhooks(&access, after, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], shown))
}

async fn create(api: &Api, call: &Call) -> Answered {
    let settings = wanted(api, call).await?;
    let access = call.access::<Configure>(api).await?;
    let secret = new_secret().map_err(|error| Problem::internal(&error))?;
    let id = api.store.create_webhook(&access, &settings, &secret, call.now).await?;
    let made = WebhookMade { id: id.number(), secret: secret_text(&secret) };
    Answer::created(&format!("/namespaces/{}/webhooks/{id}", call.value("namespace")), &made)
}

async fn change(api: &Api, call: &Call) -> Answered {
    let settings = wanted(api, call).await?;
    let access = call.access::<Configure>(api).await?;
    api.store.change_webhook(&access, id(call)?, &settings).await?;
    Ok(Answer::nothing())
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Configure>(api).await?;
    api.store.delete_webhook(&access, id(call)?).await?;
    Ok(Answer::nothing())
}

async fn try_out(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Configure>(api).await?;
    let id = id(call)?;
    let before = WebhookId::from_number(id.number().saturating_sub(1));
    let found = api.store.webhooks(&access, Some(before), 1).await?;
    ping(api, call, found.into_iter().find(|it| it.id == id)).await
}

/// Sends a `ping` to a webhook, whatever it wants to hear of.
pub(super) async fn ping(api: &Api, call: &Call, webhook: Option<Stored>) -> Answered {
    let webhook = webhook.ok_or_else(Problem::not_found)?;
    let webhooks = api.webhooks.as_ref().ok_or_else(|| Problem::not_available("webhooks"))?;
    webhooks.ping(webhook.id, call.caller.actor().as_str()).await?;
    Ok(Answer::nothing())
}

pub(super) fn sent(delivery: StoredDelivery) -> Delivery {
    Delivery {
        id: delivery.id.number(),
        event: delivery.event,
        kind: delivery.kind,
        state: delivery.state.name().to_owned(),
        attempts: delivery.attempts,
        status: delivery.status,
        error: delivery.error,
        created_at: Time(delivery.created_at),
        next_at: delivery.ended_at.is_none().then_some(Time(delivery.next_at)),
        ended_at: delivery.ended_at.map(Time),
    }
}

async fn deliveries(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "deliveries")?;
    let access = call.access::<Configure>(api).await?;
    let before = paging.number(0).map(DeliveryId::from_number);
    let found = api.store.deliveries(&access, id(call)?, before, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], sent))
}

async fn again(api: &Api, call: &Call) -> Answered {
    let access = call.access::<Configure>(api).await?;
    api.store.redeliver(&access, DeliveryId::from_number(call.id("delivery")?), call.now).await?;
    if let Some(webhooks) = &api.webhooks {
        webhooks.wake();
    }
    Ok(Answer::nothing())
}
