//! What is remembered while a browser is at the issuer: in a cookie, signed by us and good for ten
//! minutes.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use plimsoll_core::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::OidcError;
use crate::accounts::{AccountError, mac, random_text, same};

/// How long somebody may take to sign in at the issuer.
pub(super) const STATE_SECONDS: i64 = 600;

const COOKIE_BYTES_MAX: usize = 4096;

/// What is remembered.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    /// By which the answer is known to belong to this browser.
    pub(super) state: String,
    /// By which the token is known to belong to this answer.
    pub(super) nonce: String,
    /// What proves that the code is changed by whoever asked for it (PKCE).
    pub(super) verifier: String,
    /// The page that they wanted to see.
    pub(super) place: String,
    pub(super) expires_at: i64,
}

impl State {
    pub(super) fn new(place: &str, now: Timestamp) -> Result<State, AccountError> {
        Ok(State {
            state: random_text()?,
            nonce: random_text()?,
            verifier: random_text()?,
            place: place.to_owned(),
            expires_at: now.0.saturating_add(STATE_SECONDS),
        })
    }

    /// What the issuer is told of the verifier beforehand.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }

    /// As the cookie has it.
    pub(super) fn sealed(&self, key: &[u8; 32]) -> String {
        let content = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default());
        let seal = seal(key, &content);
        format!("{content}.{seal}")
    }

    /// Reads a cookie of ours that is still good.
    pub(super) fn open(cookie: &str, key: &[u8; 32], now: Timestamp) -> Result<State, OidcError> {
        let (content, said) = cookie.split_once('.').ok_or(OidcError::State)?;
        if cookie.len() > COOKIE_BYTES_MAX || !same(&seal(key, content), said) {
            return Err(OidcError::State);
        }
        let content = URL_SAFE_NO_PAD.decode(content).map_err(|_| OidcError::State)?;
        let state: State = serde_json::from_slice(&content).map_err(|_| OidcError::State)?;
        if state.expires_at <= now.0 { Err(OidcError::State) } else { Ok(state) }
    }
}

fn seal(key: &[u8; 32], content: &str) -> String {
    URL_SAFE_NO_PAD.encode(mac(key, &["oidc", content]))
}
