//! The interface for programs, `/api/v1`: everything that the console shows can be scripted.
//!
//! One table of routes ([`table`]): the router, the authorisation, the OpenAPI document and the test
//! that walks it read the same rows. A request goes one way: rate limit, who calls, whether they may,
//! preconditions, the handler, the audit log. Decides nothing about findings or policies and keeps
//! nothing but answers to repeated requests; what others do it asks of [`ports`].

mod answer;
mod authenticate;
mod call;
mod document;
mod idempotency;
mod limits;
mod live;
mod page;
mod ports;
mod problem;
mod refusals;
mod resources;
mod route;
mod schema;
mod secret;
mod serve;
mod table;
#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::sync::Arc;

use plimsoll_store::{Authoriser, Store};

use crate::registries::Registries;
use crate::webhooks::Webhooks;

pub(crate) use authenticate::COOKIE as SESSION_COOKIE;

pub use limits::RateLimit;
pub use live::{Live, LiveEvent};
pub use ports::{
    AccountRefusal, Asked, AskedScan, Bundled, Database, Judge, NoImport, PullWord, Reports, Scans, Secret,
    SignIn, SignInRefusal,
};
pub use serve::ClientAddress;

/// What whoever runs the interface decides.
#[derive(Clone, Debug)]
pub struct ApiOptions {
    /// The version of the program.
    pub version: String,
    /// Whether clients reach it by TLS, so that cookies are sent on no other way.
    pub is_https: bool,
    /// How many requests an account may send.
    pub rate_limit: RateLimit,
    /// How many requests may come from an address by nobody, or with wrong proofs.
    pub rate_limit_anonymous: RateLimit,
    /// How long a session of the console lasts.
    pub session_seconds: i64,
    /// Who signs people in besides this server.
    pub providers: Vec<Provider>,
    /// Is told what failed on our side, with all its causes; the client is not.
    pub log: fn(&str),
}

/// Somebody who signs people in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// By which it is told from others.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Where a browser begins, below this server's address.
    pub address: String,
}

/// The parts of the server that the interface speaks to. What is not there is answered so.
#[derive(Clone)]
pub struct ApiParts {
    /// The state.
    pub store: Store,
    /// Passwords and secrets.
    pub sign_in: Arc<dyn SignIn>,
    /// What was found.
    pub reports: Option<Arc<dyn Reports>>,
    /// The vulnerability database.
    pub database: Option<Arc<dyn Database>>,
    /// Policies.
    pub judge: Option<Arc<dyn Judge>>,
    /// Whoever scans.
    pub scans: Option<Arc<dyn Scans>>,
    /// Whoever tells others what happens.
    pub webhooks: Option<Arc<Webhooks>>,
    /// Whoever asks registries of others.
    pub registries: Option<Arc<Registries>>,
    /// Live state.
    pub live: Live,
    /// What whoever runs it decides.
    pub options: ApiOptions,
}

/// The interface. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

/// What an [`Api`] holds; all of it is its own.
pub struct Inner {
    store: Store,
    authoriser: Authoriser,
    sign_in: Arc<dyn SignIn>,
    reports: Option<Arc<dyn Reports>>,
    database: Option<Arc<dyn Database>>,
    judge: Option<Arc<dyn Judge>>,
    scans: Option<Arc<dyn Scans>>,
    webhooks: Option<Arc<Webhooks>>,
    registries: Option<Arc<Registries>>,
    live: Live,
    options: ApiOptions,
    accounts: limits::Limiter,
    addresses: limits::Limiter,
    answers: idempotency::Answers,
    refusals: refusals::Refusals,
    /// Held from a precondition's check to the end of the change that it is for.
    changing: tokio::sync::Mutex<()>,
    document: std::sync::OnceLock<bytes::Bytes>,
}

impl Deref for Api {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Api {
    /// Puts the parts together.
    pub fn new(parts: ApiParts) -> Api {
        let ApiParts { store, sign_in, reports, database, judge, scans, webhooks, registries, live, options } =
            parts;
        Api(Arc::new(Inner {
            authoriser: store.authoriser(),
            store,
            sign_in,
            reports,
            database,
            judge,
            scans,
            webhooks,
            registries,
            live,
            accounts: limits::Limiter::new(options.rate_limit),
            addresses: limits::Limiter::new(options.rate_limit_anonymous),
            options,
            answers: idempotency::Answers::default(),
            refusals: refusals::Refusals::default(),
            changing: tokio::sync::Mutex::default(),
            document: std::sync::OnceLock::new(),
        }))
    }

    /// Everything below `/api/v1`.
    pub fn router(&self) -> axum::Router {
        serve::router(self)
    }

    /// The OpenAPI document, as `docs/openapi.json` has it.
    pub fn document() -> String {
        document::text()
    }

    /// That something may be due.
    fn look(&self) {
        if let Some(scans) = &self.scans {
            scans.look();
        }
    }
}
