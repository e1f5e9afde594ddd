//! Webhooks: tells others what happens, as CloudEvents, signed, again and again until it is taken.
//!
//! An event is kept for each who wants to hear of it before anything is sent, so that none is lost
//! by a restart. Where a webhook goes is what a user wrote: it is never an address of this network
//! unless that was allowed, no redirect is followed, and of an answer nothing but its status is
//! read.

mod address;
mod event;
mod send;
mod signature;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream;
use plimsoll_core::Timestamp;
use plimsoll_store::{
    ArtifactPlace, DeliveryState, Error, NamespaceId, NewDelivery, Scan, Store, TakenDelivery, Tried,
    Webhook, WebhookId,
};
use tokio::sync::Notify;

pub use address::{Network, NetworkError};
pub use event::{Event, EventKind};
pub use send::{AddressError, Sender};
pub use signature::{new_secret, secret_text};

use crate::gate::{Change, Listener, Scanned};

/// What whoever runs the server decides about webhooks.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// Under which address people reach the server: the source of events and the pages they name.
    pub external_url: Option<String>,
    /// Networks that webhooks may go to, though they are not public.
    pub allowed_networks: Vec<Network>,
    /// Is told what failed on our side.
    pub log: fn(&str),
}

/// Tells others what happens.
pub struct Webhooks {
    store: Store,
    sender: Sender,
    options: WebhookOptions,
    wake: Notify,
}

/// How often is looked what is due, where nothing new wakes the sender.
const TICK: Duration = Duration::from_secs(5);
/// How many are sent at a time, and of these to one webhook.
const AT_ONCE: u32 = 16;
const AT_ONCE_EACH: u32 = 4;
/// For how long a sender has a delivery. Longer than any try takes.
const TAKEN_SECONDS: i64 = 120;
/// How long the log of deliveries reaches back.
const LOG_SECONDS: i64 = 30 * 86_400;
/// How often is looked for what is older.
const CLEAN_EVERY_TICKS: u64 = 720;
/// After which failed try it is tried again when: within a minute, and for more than a day.
const AGAIN_AFTER_SECONDS: [i64; 9] = [5, 30, 120, 600, 1800, 3600, 4 * 3600, 8 * 3600, 12 * 3600];

impl Webhooks {
    /// Webhooks over a store. Nothing is sent before [`Webhooks::run`] runs.
    pub fn new(store: Store, options: WebhookOptions) -> Result<Webhooks, AddressError> {
        let sender = Sender::new(options.allowed_networks.clone())?;
        Ok(Webhooks { store, sender, options, wake: Notify::new() })
    }

    /// What is wrong with an address that a user wrote, before it is kept.
    pub async fn check_address(&self, url: &str) -> Result<(), AddressError> {
        self.sender.check(url).await
    }

    /// Tells of an event; says how many will hear of it.
    pub async fn publish(&self, namespace: NamespaceId, event: &Event) -> Result<usize, Error> {
        let access = self.store.authoriser().system::<Scan>();
        let hearing = self.store.webhooks_hearing(&access, namespace).await?;
        let hearing: Vec<&Webhook> = hearing.iter().filter(|it| event.interests(&it.settings)).collect();
        if hearing.is_empty() {
            return Ok(0);
        }
        let body = event.body(self.options.external_url.as_deref());
        let deliveries: Vec<_> = hearing
            .iter()
            .map(|it| NewDelivery { webhook: it.id, event: &event.id, kind: event.kind.name(), body: &body })
            .collect();
        self.store.add_deliveries(&access, &deliveries, event.at).await?;
        self.wake.notify_one();
        Ok(deliveries.len())
    }

    /// Sends an event of the kind `ping` to one webhook, whatever it wants to hear of.
    pub async fn ping(&self, webhook: WebhookId, actor: &str) -> Result<(), Error> {
        let now = clock();
        let event = Event::ping(webhook, actor, now);
        let body = event.body(self.options.external_url.as_deref());
        let delivery = NewDelivery { webhook, event: &event.id, kind: event.kind.name(), body: &body };
        let access = self.store.authoriser().system::<Scan>();
        self.store.add_deliveries(&access, &[delivery], now).await?;
        self.wake.notify_one();
        Ok(())
    }

    /// Tells that a scan has failed.
    pub async fn scan_failed(&self, place: &ArtifactPlace, why: &str) {
        let event = Event::of_failure(place, why, clock(), self.options.external_url.as_deref());
        self.tried(self.publish(place.namespace, &event).await);
    }

    /// Something was set to be sent again.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// Sends what is due, until it is dropped.
    pub async fn run(self: Arc<Self>) {
        for tick in 1_u64.. {
            tokio::select! {
                () = self.wake.notified() => (),
                () = tokio::time::sleep(TICK) => (),
            }
            self.tried(self.tell_findings().await);
            while self.tried(self.send_due(clock()).await).is_some_and(|sent| sent > 0) {}
            if tick.is_multiple_of(CLEAN_EVERY_TICKS) {
                let access = self.store.authoriser().system::<Scan>();
                let before = Timestamp(clock().0.saturating_sub(LOG_SECONDS));
                self.tried(self.store.clean_deliveries(&access, before).await);
            }
        }
    }

    fn tried<T>(&self, result: Result<T, Error>) -> Option<T> {
        result.map_err(|error| (self.options.log)(&format!("webhooks could not be sent: {error}"))).ok()
    }

    /// Sends what is due now, once each; says how many.
    pub async fn send_due(&self, now: Timestamp) -> Result<usize, Error> {
        let access = self.store.authoriser().system::<Scan>();
        let until = Timestamp(now.0.saturating_add(TAKEN_SECONDS));
        let limits = (AT_ONCE_EACH, AT_ONCE * 4);
        let taken = self.store.take_deliveries(&access, limits, until, now).await?;
        let count = taken.len();
        let mut sent = stream::iter(taken).map(|it| self.send(it, now)).buffer_unordered(AT_ONCE as usize);
        while let Some(result) = sent.next().await {
            result?;
        }
        Ok(count)
    }

    async fn send(&self, delivery: TakenDelivery, now: Timestamp) -> Result<(), Error> {
        let result = self.sender.send(&delivery, now).await;
        let (status, error) = match &result {
            Ok(status) => (Some(*status), (!is_taken(*status)).then(|| format!("the answer was {status}"))),
            Err(error) => (None, Some(error.to_string())),
        };
        let tried = tried(delivery.attempts, status, error.as_deref(), now);
        let access = self.store.authoriser().system::<Scan>();
        self.store.delivery_tried(&access, delivery.id, &tried, now).await
    }
}

fn is_taken(status: u16) -> bool {
    (200..300).contains(&status)
}

/// What becomes of a delivery after a try.
fn tried<'a>(attempts: u64, status: Option<u16>, error: Option<&'a str>, now: Timestamp) -> Tried<'a> {
    let again = usize::try_from(attempts.saturating_sub(1)).ok().and_then(|it| AGAIN_AFTER_SECONDS.get(it));
    let (state, next_at) = match again {
        _ if error.is_none() => (DeliveryState::Delivered, now),
        // 410 says that nobody will ever listen there again.
        Some(_) if status == Some(410) => (DeliveryState::Failed, now),
        Some(seconds) => (DeliveryState::Waiting, Timestamp(now.0.saturating_add(*seconds))),
        None => (DeliveryState::Failed, now),
    };
    Tried { state, status, error, next_at }
}

impl Webhooks {
    /// Tells what a new database changed, as far as somebody wants to hear of it.
    pub async fn tell_findings(&self) -> Result<(), Error> {
        let access = self.store.authoriser().system::<Scan>();
        while let Some((until, tellings)) = self.store.next_tellings(&access).await? {
            for telling in &tellings {
                self.publish(telling.namespace, &Event::of_finding(telling)).await?;
            }
            self.store.told(&access, until).await?;
        }
        Ok(())
    }
}

impl Listener for Webhooks {
    /// A scan is an event, and that there is something new in it is another.
    fn scanned<'a>(&'a self, scanned: &'a Scanned<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let page = self.options.external_url.as_deref();
            let events = [Some(Event::of_scan(scanned, page)), Event::of_new_findings(scanned, page)];
            for event in events.iter().flatten() {
                self.tried(self.publish(scanned.judged.namespace, event).await);
            }
        })
    }

    /// A changed verdict is an event.
    fn changed<'a>(&'a self, change: &'a Change<'a>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let event = Event::of_verdict(change, self.options.external_url.as_deref());
            self.tried(self.publish(change.judged.namespace, &event).await);
        })
    }
}

/// The clock; everything else takes the time as an argument.
fn clock() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}
