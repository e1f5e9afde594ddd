//! Sends one delivery: resolves, checks, connects to what was checked, and reads nothing but the
//! status.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use plimsoll_core::Timestamp;
use plimsoll_store::TakenDelivery;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url, redirect};

use super::address::{Network, may_reach};
use super::signature::signature;

/// How long a connection may take, and a whole try.
const CONNECT_SECONDS: u64 = 5;
const TRY_SECONDS: u64 = 15;

/// Sends deliveries.
pub struct Sender {
    client: Client,
    allowed: Arc<[Network]>,
}

/// Why nothing is sent to an address. The texts name no address of this network, so that nobody
/// learns by trying what is there.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// No address at all.
    #[error("a webhook's address begins with https:// or http:// and names a host")]
    Unreadable,
    /// A login in it would stand in logs.
    #[error("a webhook's address has no name and password in it; its deliveries are signed instead")]
    Login,
    /// Not of the public internet, and not allowed.
    #[error("webhooks are not sent to addresses of private networks; the server's settings can allow some")]
    Private,
    /// Nobody knows the name.
    #[error("the host's name cannot be resolved")]
    Unknown,
    /// It did not answer.
    #[error("{0}")]
    Unreachable(&'static str),
    /// Our side.
    #[error("no client can be made")]
    Client(#[source] reqwest::Error),
}

/// Resolves names, and gives only addresses that may be reached: the connection goes to what was
/// checked, not to what the name means a moment later.
struct Guarded(Arc<[Network]>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.0);
        Box::pin(async move {
            let found = lookup(name.as_str(), &allowed).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// The addresses of a host that may be reached.
async fn lookup(host: &str, allowed: &[Network]) -> Result<Vec<SocketAddr>, AddressError> {
    let found = tokio::net::lookup_host((host, 0)).await.map_err(|_| AddressError::Unknown)?;
    let found: Vec<SocketAddr> = found.collect();
    let is_empty = found.is_empty();
    let reachable: Vec<SocketAddr> = found.into_iter().filter(|it| may_reach(it.ip(), allowed)).collect();
    match (reachable.is_empty(), is_empty) {
        (false, _) => Ok(reachable),
        (true, true) => Err(AddressError::Unknown),
        (true, false) => Err(AddressError::Private),
    }
}

impl Sender {
    /// A sender that reaches the public internet and these networks.
    pub fn new(allowed: Vec<Network>) -> Result<Sender, AddressError> {
        let allowed: Arc<[Network]> = allowed.into();
        let client = Client::builder()
            .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            // A proxy would resolve the name itself, and reach what we may not.
            .no_proxy()
            .dns_resolver(Arc::new(Guarded(Arc::clone(&allowed))))
            .connect_timeout(Duration::from_secs(CONNECT_SECONDS))
            .timeout(Duration::from_secs(TRY_SECONDS))
            // Each delivery is checked anew.
            .pool_max_idle_per_host(0)
            .build()
            .map_err(AddressError::Client)?;
        Ok(Sender { client, allowed })
    }

    /// Whether something could be sent there now.
    pub async fn check(&self, url: &str) -> Result<(), AddressError> {
        let url = self.read(url)?;
        match host_address(&url) {
            Some(_) => Ok(()),
            None => lookup(url.host_str().unwrap_or_default(), &self.allowed).await.map(|_| ()),
        }
    }

    /// Reads an address; one that names its host by number is checked here, since nobody resolves
    /// it.
    fn read(&self, text: &str) -> Result<Url, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::Unreadable)?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return Err(AddressError::Unreadable);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(AddressError::Login);
        }
        match host_address(&url) {
            Some(address) if !may_reach(address, &self.allowed) => Err(AddressError::Private),
            _ => Ok(url),
        }
    }

    /// Sends a delivery and gives the status of the answer.
    pub(super) async fn send(&self, delivery: &TakenDelivery, now: Timestamp) -> Result<u16, AddressError> {
        let url = self.read(&delivery.url)?;
        let request = self
            .client
            .post(url)
            .header("content-type", "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", &delivery.event)
            .header("webhook-timestamp", now.0.to_string())
            .header("webhook-signature", signature(&delivery.secret, &delivery.event, now, &delivery.body))
            .body(delivery.body.clone());
        match request.send().await {
            Ok(response) => Ok(response.status().as_u16()),
            Err(error) => Err(why(&error)),
        }
    }
}

/// The number by which an address names its host. The parser has made one form of all that stand
/// for the same (`0x7f.1`, `2130706433`).
fn host_address(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Why nothing arrived, without what the other side wrote.
fn why(error: &reqwest::Error) -> AddressError {
    let mut below: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = below {
        match cause.downcast_ref::<AddressError>() {
            Some(AddressError::Private) => return AddressError::Private,
            Some(AddressError::Unknown) => return AddressError::Unknown,
            _ => below = cause.source(),
        }
    }
    AddressError::Unreachable(match error {
        it if it.is_timeout() => "the host did not answer in time",
        it if it.is_connect() => "no connection to the host",
        _ => "the host's answer could not be read",
    })
}
