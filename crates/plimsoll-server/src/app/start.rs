//! The first moments: the parts are opened in order, and on the very first start somebody is made
//! who may do everything.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use plimsoll_core::Algorithm;
use plimsoll_engine::cache::FactCache;
use plimsoll_engine::db::Database;
use plimsoll_store::{Options, Store};
use tokio::sync::Semaphore;

use super::joints::{self, GateHears, Pushes, Teller};
use super::{App, Clock, DataDirectory, ServerDatabase, Shutdown, StartError};
use crate::accounts::StoredAccounts;
use crate::api::Live;
use crate::blobs::{BlobStore, Directory, Hash};
use crate::keeping::{Pulls, Totals};
use crate::oci::{Registry, RegistryOptions, TokenKey};
use crate::oidc::Oidc;
use crate::scanning::{Summaries, Watching};
use crate::settings::{Secret, Settings};

/// A server that could listen now.
pub struct Started {
    /// It.
    pub app: Arc<App>,
    /// Who was made on the first start.
    pub first: Option<FirstAdministrator>,
}

/// The administrator that the first start made.
#[derive(Debug)]
pub struct FirstAdministrator {
    /// The name.
    pub name: String,
    /// The password, where it is one that we made up; shown once.
    pub password: Option<Secret>,
}

/// How long to wait for a connection to the database, or for SQLite's lock.
const STORE_PATIENCE: Duration = Duration::from_secs(30);

impl App {
    /// Opens everything.
    pub async fn start(settings: Settings, clock: Clock) -> Result<Started, StartError> {
        let alone = settings.database.is_none();
        let data = DataDirectory::open(&settings.data_dir, alone)?;
        let key = data.key("token.key")?;
        let store = open_store(&settings, &data, &clock).await?;
        if alone {
            // Whoever had jobs died with them.
            store.end_leases(&store.authoriser().system()).await?;
        }
        let blobs: Arc<dyn BlobStore> = Arc::new(Directory::open(data.path())?);
        let accounts = Arc::new(StoredAccounts::new(store.clone(), clock.clone(), &settings));
        let first = accounts.first_administrator(&settings).await.map_err(StartError::Administrator)?;
        let (pulls, live) = (Arc::new(Pulls::new(clock.clone())), Live::default());
        let webhooks = joints::webhooks(&settings, &store)?;
        let summaries = Arc::<Summaries>::default();
        let totals = Arc::<Totals>::default();
        let teller = Teller {
            store: store.clone(),
            live: live.clone(),
            webhooks: webhooks.clone(),
            totals: totals.clone(),
        };
        let gate = joints::gate(&settings, &store, &teller, &summaries);
        let hears = GateHears { gate: gate.clone(), teller: teller.clone() };
        let database = Database::in_directory(database_directory(&settings, &data));
        let facts = FactCache::in_directory(cache_directory(&settings, &data));
        let files = (facts, database.clone());
        let (salt, updating) = (salt(&key), Arc::new(Semaphore::new(1)));
        let scanning = joints::scanning(&settings, files, (&store, &blobs), hears, (salt, &updating));
        summaries.ask(Arc::downgrade(&scanning));
        let database = Arc::new(ServerDatabase::new(database, clock.clone(), &settings, (salt, updating)));
        let tokens = TokenKey::new(&key);
        let oidc = Oidc::of(&settings, &accounts, (&store, &clock), key)?.map(Arc::new);
        let options = registry_options(&settings);
        let pushes = Arc::new(Pushes {
            scanning: Watching(scanning.clone()),
            teller,
            runtime: tokio::runtime::Handle::current(),
        });
        let registry = Registry::new(store.clone(), blobs.clone(), accounts.clone(), tokens, options)
            .noting_pulls(pulls.clone())
            .watched_by(pushes.clone())
            .guarded_by(gate.clone());
        let registries = joints::registries(&settings, &store, pushes, &gate);
        let app = App {
            data,
            store,
            blobs,
            accounts,
            registry: Arc::new(registry),
            oidc,
            database,
            scanning,
            gate,
            webhooks,
            registries,
            live,
            pulls,
            totals,
            metrics: Arc::default(),
            clock,
            shutdown: Shutdown::default(),
            settings,
        };
        Ok(Started { app: Arc::new(app), first })
    }

    /// Where the vulnerability database lies.
    pub fn database_directory(&self) -> PathBuf {
        database_directory(&self.settings, &self.data)
    }
}

fn database_directory(settings: &Settings, data: &DataDirectory) -> PathBuf {
    settings.db_dir.clone().unwrap_or_else(|| data.path().join("db"))
}

fn cache_directory(settings: &Settings, data: &DataDirectory) -> PathBuf {
    settings.cache_dir.clone().unwrap_or_else(|| data.path().join("cache"))
}

/// Tells installations apart, and nothing of the key: a hash of it.
fn salt(key: &[u8; 32]) -> u64 {
    let digest = Hash::of(Algorithm::Sha256, key).hex();
    u64::from_str_radix(digest.get(..16).unwrap_or_default(), 16).unwrap_or_default()
}

async fn open_store(settings: &Settings, data: &DataDirectory, clock: &Clock) -> Result<Store, StartError> {
    let options = Options { connections_max: settings.database_connections, patience: STORE_PATIENCE };
    let address = match &settings.database {
        Some(address) if address.reveal().starts_with("sqlite:") => return Err(StartError::SharedSqlite),
        Some(address) => address.reveal().to_owned(),
        None => format!("sqlite:{}", data.database().display()),
    };
    Ok(Store::open(&address, &options, clock.now()).await?)
}

fn registry_options(settings: &Settings) -> RegistryOptions {
    RegistryOptions {
        service: "plimsoll".to_owned(),
        external_url: settings.external_url.clone(),
        https: settings.tls_certificate.is_some(),
        blob_bytes_max: settings.blob_bytes_max.0,
        namespaces_by_push: settings.namespaces_by_push,
        log: |cause| tracing::error!("registry: {cause}"),
    }
}
