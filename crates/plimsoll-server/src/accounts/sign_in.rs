//! Name and secret, or a token alone: who it is.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};

use plimsoll_store::Caller;

use super::failures::Failure;
use super::token::PREFIX;
use super::{AccountError, StoredAccounts, identity};
use crate::oci::Account;

/// What somebody shows, and from where.
#[derive(Clone, Copy)]
pub struct Proof<'a> {
    /// The name.
    pub name: &'a str,
    /// A password, or a token.
    pub secret: &'a str,
    /// The client's address.
    pub client: Option<IpAddr>,
}

/// A name with which a token may come besides its owner's: clients ask for one where there is none.
const ANY_NAME: &str = "token";

impl StoredAccounts {
    /// Who shows this; nobody, if it is wrong.
    pub async fn sign_in(&self, proof: Proof<'_>) -> Result<Option<Caller>, AccountError> {
        Ok(self.prove(proof).await?.map(|it| it.0))
    }

    /// The same, with the account as the registry names it.
    pub(super) async fn prove(&self, proof: Proof<'_>) -> Result<Option<(Caller, Account)>, AccountError> {
        if proof.secret.starts_with(PREFIX) {
            return self.by_named_token(proof).await;
        }
        let login = self.store.login(proof.name).await?;
        let stored = login.as_ref().and_then(|it| it.password_hash.clone());
        // What is known already is no attempt, and so no success to be counted against failures.
        let attempted = AtomicBool::new(false);
        let before = || {
            attempted.store(true, Ordering::Relaxed);
            let attempt = self.throttle.attempt(proof.name, proof.client, self.clock.now());
            attempt.map_err(|seconds| AccountError::Throttled { seconds })
        };
        let fits = self.passwords.fits((proof.name, stored.as_deref()), proof.secret, before).await;
        if let Err(AccountError::Throttled { .. }) = &fits {
            self.failed(proof.name, proof.client, &Failure::Throttled);
        }
        let (Some(login), Some(stored), true) = (login, stored, fits?) else {
            self.failed(proof.name, proof.client, &Failure::Password);
            tracing::info!(
                name = proof.name,
                client = proof.client.map(tracing::field::display),
                "a sign-in failed"
            );
            return Ok(None);
        };
        if attempted.into_inner() {
            self.throttle.succeeded(proof.name, proof.client);
        }
        let caller = self.authoriser.by_login(login.id).await?;
        Ok(caller.map(|it| {
            let account = identity::by_password(&it, &stored);
            (it, account)
        }))
    }

    async fn by_named_token(&self, proof: Proof<'_>) -> Result<Option<(Caller, Account)>, AccountError> {
        let Some(caller) = self.by_token(proof.secret).await? else {
            self.failed_token(proof.secret, proof.client);
            return Ok(None);
        };
        let actor = caller.actor();
        let (_, owner) = actor.as_str().split_once('/').unwrap_or_default();
        // The name proves nothing, but whoever writes another one has mistaken something.
        let fits = [ANY_NAME, owner, actor.as_str()].contains(&proof.name);
        let account = caller.token().map(|it| identity::by_token(&caller, it));
        Ok(account.filter(|_| fits).map(|it| (caller, it)))
    }
}
