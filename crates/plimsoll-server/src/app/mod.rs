//! The server as one value: what it is put together of, what it listens with, what it tells of
//! itself, and how it ends.
//!
//! [`parts`] is the table of everything that answers requests or runs beside them. Decides nothing
//! about images and accounts; those have their own modules.

mod address;
mod clock;
mod connection;
mod data;
mod error;
mod health;
mod joints;
mod log;
mod metrics;
mod parts;
mod request;
mod run;
mod shutdown;
mod start;
#[cfg(test)]
pub(crate) mod tests;
mod tls;

pub use clock::Clock;
pub use data::DataDirectory;
pub use error::StartError;
pub use joints::ServerDatabase;
pub use log::start_log;
pub use metrics::{Metrics, MetricsText};
pub use parts::{Task, router};
pub use request::{RequestInfo, request_id};
pub use run::run;
pub use shutdown::{Shutdown, Stopping};
pub use start::{FirstAdministrator, Started};

use std::sync::Arc;

use plimsoll_store::Store;

use crate::accounts::StoredAccounts;
use crate::api::Live;
use crate::blobs::BlobStore;
use crate::gate::Gate;
use crate::keeping::{Pulls, Totals};
use crate::oci::Registry;
use crate::oidc::Oidc;
use crate::registries::Registries;
use crate::scanning::Scanning;
use crate::settings::Settings;
use crate::webhooks::Webhooks;

/// Everything that the parts of the server share. There is one, behind an [`Arc`].
pub struct App {
    /// What was decided by whoever runs it.
    pub settings: Settings,
    /// Where its files lie.
    pub data: DataDirectory,
    /// What outlives the process.
    pub store: Store,
    /// The bytes of blobs.
    pub blobs: Arc<dyn BlobStore>,
    /// Who there is.
    pub accounts: Arc<StoredAccounts>,
    /// The embedded registry.
    pub registry: Arc<Registry>,
    /// At whom users may sign in, too.
    pub oidc: Option<Arc<Oidc>>,
    /// The vulnerability database.
    pub database: Arc<ServerDatabase>,
    /// Whoever scans.
    pub scanning: Arc<Scanning>,
    /// What may be pulled.
    pub gate: Arc<Gate>,
    /// Who else is told.
    pub webhooks: Arc<Webhooks>,
    /// Registries of others.
    pub registries: Arc<Registries>,
    /// Live state, for whoever listens.
    pub live: Live,
    /// Pulls that are to be noted.
    pub pulls: Arc<Pulls>,
    /// What is to be counted.
    pub totals: Arc<Totals>,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// The time.
    pub clock: Clock,
    /// Whether it is to end.
    pub shutdown: Shutdown,
}
