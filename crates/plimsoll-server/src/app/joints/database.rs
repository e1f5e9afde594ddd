//! The vulnerability database, as the interface shows it and the gate must know of it.

mod bundle;
mod said;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Body;
use futures_util::FutureExt;
use plimsoll_core::Timestamp;
use plimsoll_engine::db::{Database, DatabaseError, Hosts, UpdateOptions, update};
use serde_json::{Value, json};
use tokio::sync::{Notify, Semaphore};

use super::super::{App, Clock};
use crate::api::{self, Asked, Bundled, NoImport};
use crate::settings::Settings;

/// How often is looked whether another snapshot is in use.
const LOOK: Duration = Duration::from_secs(10);

/// The database of this server.
pub struct ServerDatabase {
    database: Database,
    clock: Clock,
    mirror: Option<String>,
    feeds: Vec<String>,
    keep_days: u32,
    /// The instance's number in the schedule, where one is kept.
    schedule: Option<u64>,
    /// One update or import at a time, whoever asks for it.
    updating: Arc<Semaphore>,
    /// Another snapshot may be in use.
    changed: Arc<Notify>,
    trouble: Arc<Mutex<Option<String>>>,
    /// Why the snapshot in use could not be read when it was last looked at.
    unreadable: Mutex<Option<String>>,
    /// What was said last of it, and when: it is asked by every overview.
    said: Mutex<Option<(Instant, Value)>>,
    /// What was said last of vulnerabilities in packages, which takes a while to find.
    affected: Mutex<Affected>,
}

/// For so long the same is said of the database.
const SAID: Duration = Duration::from_secs(3);
/// So many differences, packages and vulnerabilities are named or kept.
const DIFFERENCES_MAX: usize = 5_000;
const PACKAGES_MAX: usize = 5_000;
const KEPT_MAX: usize = 64;

/// By snapshot and id, the last asked for at the end.
type Affected = VecDeque<((u64, String), Value)>;

impl ServerDatabase {
    pub(in super::super) fn new(
        database: Database,
        clock: Clock,
        settings: &Settings,
        (salt, updating): (u64, Arc<Semaphore>),
    ) -> ServerDatabase {
        ServerDatabase {
            database,
            clock,
            mirror: settings.feed_mirror.clone(),
            feeds: settings.feeds.0.clone(),
            keep_days: settings.feed_keep_days,
            schedule: settings.update_feeds.then_some(salt),
            updating,
            changed: Arc::default(),
            trouble: Arc::default(),
            unreadable: Mutex::default(),
            said: Mutex::default(),
            affected: Mutex::default(),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Database) -> Result<T, String> + Send + 'static,
    ) -> Result<T, String> {
        let database = self.database.clone();
        let reading = tokio::task::spawn_blocking(move || read(&database));
        reading.await.map_err(|error| error.to_string())?
    }

    /// When the snapshot in use was built; none where there is no database.
    async fn built(&self) -> Result<Option<Timestamp>, String> {
        self.blocking(|database| match database.open() {
            Ok(open) => Ok(Some(open.info.built)),
            Err(DatabaseError::Missing(_)) => Ok(None),
            Err(error) => Err(error.to_string()),
        })
        .await
    }

    async fn read_status(&self) -> Value {
        let (only, salt) = (self.feeds.clone(), self.schedule);
        let status = self.blocking(move |database| said::status(database, (only.as_slice(), salt))).await;
        status.unwrap_or_else(|why| json!({ "present": false, "trouble": why, "feeds": [] }))
    }
}

impl api::Database for ServerDatabase {
    fn status(&self) -> Asked<'_, Value> {
        async move {
            let known = lock(&self.said).as_ref().filter(|it| it.0.elapsed() < SAID).map(|it| it.1.clone());
            let mut status = match known {
                Some(status) => status,
                None => {
                    let status = self.read_status().await;
                    *lock(&self.said) = Some((Instant::now(), status.clone()));
                    status
                }
            };
            status["updating"] = Value::from(self.updating.available_permits() == 0);
            status["scheduled"] = Value::from(self.schedule.is_some());
            let unreadable = lock(&self.unreadable).clone();
            if let Some(trouble) = unreadable.or_else(|| lock(&self.trouble).clone()) {
                status["trouble"] = Value::from(trouble);
            }
            status
        }
        .boxed()
    }

    fn update(&self) -> Asked<'_, Result<bool, String>> {
        async move {
            let Ok(permit) = Arc::clone(&self.updating).try_acquire_owned() else { return Ok(false) };
            let (database, now) = (self.database.clone(), self.clock.now());
            let (mirror, feeds, keep_days) = (self.mirror.clone(), self.feeds.clone(), self.keep_days);
            let (trouble, changed) = (Arc::clone(&self.trouble), Arc::clone(&self.changed));
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let hosts = Hosts::default();
                let listener = |_| ();
                let options = UpdateOptions {
                    mirror,
                    hosts,
                    feeds,
                    accept_shrunk: Vec::new(),
                    keep_days,
                    now,
                    listener: &listener,
                };
                let ended = update(&database, &options);
                *lock(&trouble) = ended.as_ref().err().map(ToString::to_string);
                match ended {
                    Ok(summary) => {
                        tracing::info!(sequence = summary.sequence, "the vulnerability database was updated");
                    }
                    Err(error) => tracing::error!("the vulnerability database could not be updated: {error}"),
                }
                changed.notify_one();
            });
            Ok(true)
        }
        .boxed()
    }

    fn import(&self, content: Body, bundled: Bundled) -> Asked<'_, Result<Value, NoImport>> {
        async move {
            let Ok(permit) = Arc::clone(&self.updating).try_acquire_owned() else {
                return Err(NoImport::Busy);
            };
            let file = bundle::Received::of(self.database.directory(), content).await?;
            let (database, keep_days, now) = (self.database.clone(), self.keep_days, self.clock.now());
            let taking = tokio::task::spawn_blocking(move || {
                let _permit = permit;
                bundle::take(&database, &file, &bundled, (keep_days, now))
            });
            let taken = taking.await.map_err(|error| NoImport::Failed(error.to_string()))?;
            *lock(&self.said) = None;
            self.changed.notify_one();
            taken
        }
        .boxed()
    }

    fn snapshots(&self) -> Asked<'_, Result<Value, String>> {
        self.blocking(said::snapshots).boxed()
    }

    fn differences(&self, old: u64, new: Option<u64>) -> Asked<'_, Result<Option<Value>, String>> {
        self.blocking(move |database| said::differences(database, (old, new), DIFFERENCES_MAX)).boxed()
    }

    fn quarantined<'a>(&'a self, feed: &'a str) -> Asked<'a, Result<Option<Vec<(String, String)>>, String>> {
        let feed = feed.to_owned();
        self.blocking(move |database| said::quarantined(database, &feed)).boxed()
    }

    fn affected<'a>(&'a self, id: &'a str) -> Asked<'a, Result<Value, String>> {
        async move {
            let current = self.blocking(|database| database.current().map_err(|it| it.to_string())).await?;
            let Some(current) = current else { return Ok(json!({ "items": [], "is_cut": false })) };
            let key = (current, id.to_owned());
            let known = lock(&self.affected).iter().find(|it| it.0 == key).map(|it| it.1.clone());
            if let Some(known) = known {
                return Ok(known);
            }
            let id = id.to_owned();
            let found = self.blocking(move |database| said::affected(database, &id, PACKAGES_MAX)).await?;
            let mut kept = lock(&self.affected);
            kept.push_back((key, found.clone()));
            while kept.len() > KEPT_MAX {
                kept.pop_front();
            }
            Ok(found)
        }
        .boxed()
    }

    fn vulnerability<'a>(&'a self, id: &'a str) -> Asked<'a, Result<Option<Value>, String>> {
        let (database, id) = (self.database.clone(), id.to_owned());
        let work = tokio::task::spawn_blocking(move || match database.open() {
            Ok(open) => said::vulnerability(&open, &id),
            Err(DatabaseError::Missing(_)) => Ok(None),
            Err(error) => Err(error.to_string()),
        });
        async move { work.await.map_err(|error| error.to_string())? }.boxed()
    }
}

/// Tells the gate of the database that is in use, at the start and whenever it is another one.
pub(in super::super) async fn tell_gate(app: Arc<App>) {
    let mut stopping = app.shutdown.stopping();
    let mut before = None;
    loop {
        match app.database.built().await {
            Ok(built) => {
                *lock(&app.database.unreadable) = None;
                if built != before {
                    app.gate.database_changed(built);
                    app.scanning.look();
                    before = built;
                }
            }
            // What is known of the one before goes on being so; it is said once, and in the status.
            Err(why) => {
                if lock(&app.database.unreadable).replace(why.clone()).as_ref() != Some(&why) {
                    tracing::error!("the vulnerability database cannot be read: {why}");
                }
            }
        }
        tokio::select! {
            () = app.database.changed.notified() => (),
            goes_on = stopping.sleep(LOOK) => if !goes_on { return },
        }
    }
}

/// Nothing panics while it holds one of these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
