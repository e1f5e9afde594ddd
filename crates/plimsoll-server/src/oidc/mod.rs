//! Signing in by somebody else's word: OpenID Connect, the code flow with PKCE
//! (<https://openid.net/specs/openid-connect-core-1_0.html>, RFC 7636, RFC 9207).
//!
//! A browser goes to the issuer and comes back with a code; the code is changed for a token, the token
//! says who it is, and a session begins. What must be remembered between is in a cookie that we signed,
//! so that any process may answer. No token of the issuer is kept, and none is believed that was not
//! verified: issuer, audience, time, nonce and signature, by algorithms of a short list.

mod client;
mod grants;
mod provider;
mod refusal;
mod routes;
mod state;
#[cfg(test)]
mod tests;
mod token;
mod used;
mod users;

pub use grants::{GroupGrant, GroupGrants};
pub use routes::router;

use std::sync::Arc;

use plimsoll_store::Store;

use self::client::Client;
use self::provider::Provider;
use self::used::Used;
use crate::accounts::StoredAccounts;
use crate::app::{Clock, StartError};
use crate::settings::Settings;

/// Somebody whose word is taken.
pub struct Oidc {
    client: Client,
    provider: Provider,
    accounts: Arc<StoredAccounts>,
    store: Store,
    clock: Clock,
    key: [u8; 32],
    used: Used,
}

/// Why somebody could not sign in. What is shown to them is in `refusal`.
#[derive(Debug, thiserror::Error)]
enum OidcError {
    /// The browser came back with something that we did not send it with, too late, or again.
    #[error("the sign-in was begun elsewhere, too long ago, or is over")]
    State,
    /// The issuer said no.
    #[error("the issuer refused: {0}")]
    Refused(String),
    /// The issuer cannot be asked.
    #[error("the issuer does not answer as it should: {0}")]
    Provider(String),
    /// A token that is not believed.
    #[error("the issuer's token is not accepted: {0}")]
    Token(&'static str),
    /// Nobody here.
    #[error("there is no account for this user ({0})")]
    Nobody(&'static str),
    /// Too many failed from this address.
    #[error("too many attempts; try again in {0} seconds")]
    Throttled(u32),
    /// The accounts.
    #[error(transparent)]
    Accounts(#[from] crate::accounts::AccountError),
    /// The store.
    #[error(transparent)]
    Store(#[from] plimsoll_store::Error),
}

impl Oidc {
    /// What the settings say, if they name an issuer.
    pub fn of(
        settings: &Settings,
        accounts: &Arc<StoredAccounts>,
        (store, clock): (&Store, &Clock),
        key: [u8; 32],
    ) -> Result<Option<Oidc>, StartError> {
        let Some(client) = Client::of(settings).map_err(StartError::Oidc)? else { return Ok(None) };
        let provider = Provider::new(&client.issuer).map_err(StartError::Oidc)?;
        let (accounts, store, clock) = (Arc::clone(accounts), store.clone(), clock.clone());
        Ok(Some(Oidc { client, provider, accounts, store, clock, key, used: Used::default() }))
    }

    /// What the page for signing in calls the issuer.
    pub fn name(&self) -> &str {
        &self.client.shown_name
    }
}
