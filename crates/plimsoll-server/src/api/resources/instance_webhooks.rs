//! Webhooks of the whole instance: they hear what happens in every namespace.

use plimsoll_store::{DeliveryId, WebhookId};

use super::prelude::*;
use super::webhooks::{Delivery, Webhook, WebhookMade, WebhookSet, id, ping, sent, shown, wanted};
use crate::webhooks::{new_secret, secret_text};

const ALL: &str = "/webhooks";
const ONE: &str = "/webhooks/{webhook}";

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listInstanceWebhooks",
        ALL,
        Needs::Instance(Permission::Configure),
        "The webhooks for every namespace, oldest first.",
        |api, call| Box::pin(list(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Webhook>>(),
    post(
        "createInstanceWebhook",
        ALL,
        Needs::Instance(Permission::Configure),
        "Makes a webhook for every namespace; what signs its deliveries is told once.",
        |api, call| Box::pin(create(api, call)),
    )
    .takes::<WebhookSet>()
    .gives::<WebhookMade>()
    .with_status(201)
    .secret()
    .refuses(&[Kind::NotAvailable]),
    put(
        "changeInstanceWebhook",
        ONE,
        Needs::Instance(Permission::Configure),
        "Replaces the settings of a webhook for every namespace.",
        |api, call| Box::pin(change(api, call)),
    )
    .takes::<WebhookSet>()
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    delete(
        "deleteInstanceWebhook",
        ONE,
        Needs::Instance(Permission::Configure),
        "Deletes a webhook for every namespace, and what was sent to it.",
        |api, call| Box::pin(remove(api, call)),
    )
    .refuses(&[Kind::NotFound]),
    post(
        "pingInstanceWebhook",
        "/webhooks/{webhook}/ping",
        Needs::Instance(Permission::Configure),
        "Sends an event of the kind `ping`, to see whether it arrives.",
        |api, call| Box::pin(try_out(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::NotAvailable]),
    get(
        "listInstanceDeliveries",
        "/webhooks/{webhook}/deliveries",
        Needs::Instance(Permission::Configure),
        "What was sent to a webhook for every namespace, newest first.",
        |api, call| Box::pin(deliveries(api, call)),
    )
    .query(&[PAGE])
    .gives::<Page<Delivery>>()
    .refuses(&[Kind::NotFound]),
    post(
        "redeliverFromInstance",
        "/deliveries/{delivery}/again",
        Needs::Instance(Permission::Configure),
        "Sends again what was sent to a webhook for every namespace, or could not be.",
        |api, call| Box::pin(again(api, call)),
    )
    .refuses(&[Kind::NotFound]),
];

async fn list(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "webhooks for every namespace")?;
    let access = call.instance::<Configure>(api).await?;
    let after = paging.number(0).map(WebhookId::from_number);
    let found = api.store.webhooks_everywhere(&access, after, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], shown))
}

async fn create(api: &Api, call: &Call) -> Answered {
    let settings = wanted(api, call).await?;
    let access = call.instance::<Configure>(api).await?;
    let secret = new_secret().map_err(|error| Problem::internal(&error))?;
    let id = api.store.create_webhook_everywhere(&access, &settings, &secret, call.now).await?;
    let made = WebhookMade { id: id.number(), secret: secret_text(&secret) };
    Answer::created(&format!("{ALL}/{id}"), &made)
}

async fn change(api: &Api, call: &Call) -> Answered {
    let settings = wanted(api, call).await?;
    let access = call.instance::<Configure>(api).await?;
    api.store.change_webhook_everywhere(&access, id(call)?, &settings).await?;
    Ok(Answer::nothing())
}

async fn remove(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    api.store.delete_webhook_everywhere(&access, id(call)?).await?;
    Ok(Answer::nothing())
}

async fn try_out(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    let id = id(call)?;
    let before = WebhookId::from_number(id.number().saturating_sub(1));
    let found = api.store.webhooks_everywhere(&access, Some(before), 1).await?;
    ping(api, call, found.into_iter().find(|it| it.id == id)).await
}

async fn deliveries(api: &Api, call: &Call) -> Answered {
    let paging = Paging::of(call, "deliveries for every namespace")?;
    let access = call.instance::<Configure>(api).await?;
    let before = paging.number(0).map(DeliveryId::from_number);
    let found = api.store.deliveries_everywhere(&access, id(call)?, before, paging.fetch()).await?;
    Answer::page(&paging.cut(found, |last| vec![json!(last.id.number())], sent))
}

async fn again(api: &Api, call: &Call) -> Answered {
    let access = call.instance::<Configure>(api).await?;
    let delivery = DeliveryId::from_number(call.id("delivery")?);
    api.store.redeliver_everywhere(&access, delivery, call.now).await?;
    if let Some(webhooks) = &api.webhooks {
        webhooks.wake();
    }
    Ok(Answer::nothing())
}
