//! Personal and robot tokens: `plim_` and 256 random bits, shown once, kept as a hash.

use plimsoll_core::Timestamp;
use plimsoll_store::{Access, Administer, Caller, NamespaceId, NewToken, Permissions, PrincipalId, TokenId};

use super::secrets::{hashed, random_text};
use super::{AccountError, StoredAccounts};
use crate::settings::Secret;

/// How every token begins, so that scanners for leaked secrets and people recognise it.
pub(super) const PREFIX: &str = "plim_";

/// How much of a token is kept and shown, by which its owner recognises it.
const SHOWN_CHARACTERS: usize = PREFIX.len() + 6;

/// A token that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest<'a> {
    /// What its owner calls it.
    pub name: &'a str,
    /// What it leaves of what its owner may.
    pub permissions: Permissions,
    /// The only namespace it is for, if it is for one.
    pub namespace: Option<NamespaceId>,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// A token that was made.
#[derive(Debug)]
pub struct Made {
    /// Its number.
    pub id: TokenId,
    /// Itself, never to be seen again.
    pub token: Secret,
    /// Its first characters.
    pub prefix: String,
}

impl StoredAccounts {
    /// Whose token this is.
    pub async fn by_token(&self, token: &str) -> Result<Option<Caller>, AccountError> {
        if !token.starts_with(PREFIX) {
            return Ok(None);
        }
        Ok(self.authoriser.by_token(&hashed(token), self.clock.now()).await?)
    }

    /// Makes a token for whoever calls.
    pub async fn make_token(&self, caller: &Caller, wanted: &TokenRequest<'_>) -> Result<Made, AccountError> {
        let (token, prefix) = new_token()?;
        let hash = hashed(&token);
        let new = wanted.with(&hash, &prefix);
        let id = self.store.create_token(caller, &new, self.clock.now()).await?;
        Ok(Made { id, token: Secret::new(token), prefix })
    }

    /// Makes a token for a robot.
    pub async fn make_robot_token(
        &self,
        access: &Access<Administer>,
        robot: PrincipalId,
        wanted: &TokenRequest<'_>,
    ) -> Result<Made, AccountError> {
        let (token, prefix) = new_token()?;
        let hash = hashed(&token);
        let new = wanted.with(&hash, &prefix);
        let id = self.store.create_robot_token(access, robot, &new, self.clock.now()).await?;
        Ok(Made { id, token: Secret::new(token), prefix })
    }
}

impl<'a> TokenRequest<'a> {
    fn with(&self, hash: &'a str, prefix: &'a str) -> NewToken<'a> {
        NewToken {
            name: self.name,
            prefix,
            hash,
            permissions: self.permissions,
            namespace: self.namespace,
            expires_at: self.expires_at,
        }
    }
}

fn new_token() -> Result<(String, String), AccountError> {
    let token = format!("{PREFIX}{}", random_text()?);
    let prefix = shown_of(&token);
    Ok((token, prefix))
}

/// As much of a token as may be shown.
pub(super) fn shown_of(token: &str) -> String {
    token.chars().take(SHOWN_CHARACTERS).collect()
}
