//! Where the parts of the server meet: each asks others by traits of its own, and here is who answers.
//!
//! Translates and decides nothing.

mod accounts;
mod database;
mod gate;
mod live;
mod scanning;

pub(super) use database::tell_gate;
pub(super) use live::{Pushes, Teller};
pub(super) use scanning::{ByScanning, GateHears};

use std::path::PathBuf;
use std::sync::Arc;

use plimsoll_core::Limits;
use plimsoll_engine::cache::FactCache;
use plimsoll_engine::db::{Database, Hosts};
use plimsoll_policy::Policy;
use plimsoll_store::Store;
use tokio::sync::Semaphore;

use super::{App, StartError};
use crate::api::{Api, ApiOptions, ApiParts, Live, Provider, RateLimit};
use crate::blobs::BlobStore;
use crate::gate::{Gate, GateOptions};
use crate::oidc::Oidc;
use crate::registries::{Reach, Registries, RegistriesOptions};
use crate::scanning::{FeedSchedule, Scanning, ScanningOptions, Summaries};
use crate::settings::Settings;
use crate::webhooks::{WebhookOptions, Webhooks};

pub use self::database::ServerDatabase;

pub(super) fn webhooks(settings: &Settings, store: &Store) -> Result<Arc<Webhooks>, StartError> {
    let networks: Result<_, _> = settings.webhook_networks.iter().map(|it| it.to_string().parse()).collect();
    let options = WebhookOptions {
        external_url: settings.external_url.clone(),
        allowed_networks: networks
            .map_err(|_| StartError::Webhooks("a network cannot be read".to_owned()))?,
        log: |text| tracing::error!("webhooks: {text}"),
    };
    let webhooks = Webhooks::new(store.clone(), options);
    webhooks.map(Arc::new).map_err(|error| StartError::Webhooks(error.to_string()))
}

pub(super) fn gate(
    settings: &Settings,
    store: &Store,
    teller: &Teller,
    summaries: &Arc<Summaries>,
) -> Arc<Gate> {
    let options = GateOptions {
        policy: Policy::off(),
        external_url: settings.external_url.clone(),
        summarise: Some(summaries.clone()),
        log: |text| tracing::error!("gate: {text}"),
    };
    Arc::new(Gate::new(store.clone(), options, Some(Arc::new(teller.clone()))))
}

pub(super) fn scanning(
    settings: &Settings,
    (cache, database): (FactCache, Database),
    (store, blobs): (&Store, &Arc<dyn BlobStore>),
    hears: GateHears,
    (salt, updating): (u64, &Arc<Semaphore>),
) -> Arc<Scanning> {
    let feeds = settings.update_feeds.then(|| FeedSchedule {
        mirror: settings.feed_mirror.clone(),
        hosts: Hosts::default(),
        feeds: settings.feeds.0.clone(),
        keep_days: settings.feed_keep_days,
        salt,
        updating: Arc::clone(updating),
    });
    let standard = ScanningOptions::standard(|text| tracing::error!("scanning: {text}"));
    let workers = settings.scan_workers.map_or(standard.workers, |it| usize::try_from(it).unwrap_or(1));
    let options = ScanningOptions { workers, feeds, reach: reach(settings), ..standard };
    let scanning = Scanning::new(store.clone(), Arc::clone(blobs), cache, database, options);
    Arc::new(scanning.heard_by(Arc::new(hears)))
}

fn reach(settings: &Settings) -> Reach {
    let files = settings.registry_authorities.0.iter().map(PathBuf::from);
    Reach { certificate_authorities: files.collect() }
}

pub(super) fn registries(
    settings: &Settings,
    store: &Store,
    pushes: Arc<Pushes>,
    gate: &Arc<Gate>,
) -> Arc<Registries> {
    let options = RegistriesOptions {
        reach: reach(settings),
        limits: Limits::standard(),
        log: |text| tracing::error!("registries: {text}"),
    };
    Arc::new(Registries::new(store.clone(), pushes, Some(Arc::clone(gate)), options))
}

/// The issuer that people are signed in by, as the interface tells of it.
fn issuer(oidc: &Oidc) -> Provider {
    Provider {
        name: "oidc".to_owned(),
        title: oidc.name().to_owned(),
        address: "/auth/oidc/login".to_owned(),
    }
}

pub(super) fn api(app: &App, live: Live) -> Api {
    let settings = &app.settings;
    let is_https = match &settings.external_url {
        Some(url) => url.starts_with("https:"),
        None => settings.tls_certificate.is_some(),
    };
    let options = ApiOptions {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        is_https,
        rate_limit: RateLimit { burst: 500, per_second: 100 },
        rate_limit_anonymous: RateLimit { burst: 100, per_second: 10 },
        session_seconds: settings.session_period.seconds(),
        providers: app.oidc.iter().map(|it| issuer(it)).collect(),
        log: |text| tracing::error!("api: {text}"),
    };
    Api::new(ApiParts {
        store: app.store.clone(),
        sign_in: app.accounts.clone(),
        reports: Some(app.scanning.clone()),
        database: Some(app.database.clone()),
        judge: Some(app.gate.clone()),
        scans: Some(Arc::new(ByScanning(app.scanning.clone()))),
        webhooks: Some(app.webhooks.clone()),
        registries: Some(app.registries.clone()),
        live,
        options,
    })
}
