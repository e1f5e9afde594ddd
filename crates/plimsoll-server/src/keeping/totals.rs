//! Counts what is in namespaces when something has changed, so that overviews are read and not
//! counted, and once a day whatever has changed, so that there is a row of each day.
//!
//! The more there is to count the less often it is done: counting never takes more than a small part of
//! one processor.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use plimsoll_core::Timestamp;
use plimsoll_store::{ArtifactId, Error, NamespaceId, Scan};
use tokio::sync::Notify;

use crate::app::App;

/// How soon after a change it is counted: what happens in between is counted with it.
const SOON: Duration = Duration::from_millis(500);
/// After counting it rests so many times as long as that took.
const REST_FACTOR: u32 = 20;
/// However long counting takes.
const REST_MAX: Duration = Duration::from_secs(120);
/// What nobody has told of is found so late: deletions, other processes.
const LOOK_SECONDS: i64 = 300;
/// For so many days is kept what was counted, and who was refused what.
const KEPT_DAYS: i64 = 400;
const DAY_SECONDS: i64 = 86_400;
/// How many namespaces are asked for at a time.
const PAGE: u32 = 500;
/// As many changed artifacts are remembered; of more everything is counted.
const CHANGED_MAX: usize = 10_000;

/// What has changed since it was counted.
#[derive(Default)]
pub struct Totals {
    changed: Mutex<Changed>,
    wake: Notify,
}

#[derive(Default)]
struct Changed {
    namespaces: BTreeSet<NamespaceId>,
    artifacts: Vec<ArtifactId>,
    all: bool,
}

impl Totals {
    /// Something has changed in a namespace.
    pub fn changed(&self, namespace: NamespaceId) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).namespaces.insert(namespace);
        self.wake.notify_one();
    }

    /// Something else is known of artifacts.
    pub fn known(&self, artifacts: &[ArtifactId]) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        if changed.artifacts.len() + artifacts.len() > CHANGED_MAX {
            changed.all = true;
            changed.artifacts.clear();
        } else {
            changed.artifacts.extend(artifacts);
        }
        drop(changed);
        self.wake.notify_one();
    }

    fn take(&self) -> Changed {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was taken could not be counted: it is counted with what changes next, or when it is looked
    /// again.
    fn put_back(&self, taken: Changed) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.namespaces.extend(taken.namespaces);
        changed.all |= taken.all || changed.artifacts.len() + taken.artifacts.len() > CHANGED_MAX;
        if changed.all {
            changed.artifacts.clear();
        } else {
            changed.artifacts.extend(taken.artifacts);
        }
    }
}

/// Counts until the server ends.
pub(crate) async fn count(app: Arc<App>) {
    let mut stopping = app.shutdown.stopping();
    loop {
        let begun = Instant::now();
        if let Err(error) = count_changed(&app).await {
            tracing::warn!("what is in namespaces could not be counted: {error}");
        }
        let rest = begun.elapsed().saturating_mul(REST_FACTOR).clamp(SOON, REST_MAX);
        if !stopping.sleep(rest).await {
            return;
        }
        tokio::select! {
            () = app.totals.wake.notified() => (),
            () = tokio::time::sleep(Duration::from_secs(LOOK_SECONDS.unsigned_abs())) => (),
            () = stopping.requested() => return,
        }
        if !stopping.sleep(SOON).await {
            return;
        }
    }
}

/// Counts the namespaces in which something has changed, and those that were not counted for long or
/// not today.
pub(crate) async fn count_changed(app: &App) -> Result<(), Error> {
    let taken = app.totals.take();
    let counted = count_taken(app, &taken).await;
    if counted.is_err() {
        app.totals.put_back(taken);
    }
    counted
}

async fn count_taken(app: &App, changed: &Changed) -> Result<(), Error> {
    let access = app.store.authoriser().system::<Scan>();
    let now = app.clock.now();
    let mut namespaces = changed.namespaces.clone();
    let places = app.store.places(&access, &changed.artifacts).await?;
    namespaces.extend(places.into_iter().map(|it| it.namespace));
    let today = now.0.div_euclid(DAY_SECONDS) * DAY_SECONDS;
    let since = if changed.all { now.0 } else { today.max(now.0 - LOOK_SECONDS) };
    for namespace in namespaces {
        app.store.count(&access, namespace, now).await?;
    }
    loop {
        let late = app.store.uncounted(&access, Timestamp(since), PAGE).await?;
        for namespace in &late {
            app.store.count(&access, *namespace, now).await?;
        }
        if late.len() < PAGE as usize {
            break;
        }
    }
    let before = Timestamp(now.0 - KEPT_DAYS * DAY_SECONDS);
    app.store.forget_totals(&access, before).await?;
    app.store.forget_refused(&access, before).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_counted_is_counted_the_next_time() {
        let totals = Totals::default();
        totals.changed(NamespaceId::from_number(1));
        totals.known(&[ArtifactId::from_number(7)]);
        let taken = totals.take();
        totals.changed(NamespaceId::from_number(2));
        totals.put_back(taken);
        let again = totals.take();
        assert_eq!(again.namespaces, [1, 2].map(NamespaceId::from_number).into());
        assert_eq!((again.artifacts, again.all), (vec![ArtifactId::from_number(7)], false));
        assert!(totals.take().namespaces.is_empty());
    }
}
