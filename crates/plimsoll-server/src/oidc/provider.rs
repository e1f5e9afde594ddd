//! What the issuer says of itself: its addresses (OpenID Connect Discovery) and its keys, asked for
//! when they are needed and kept for a while.
//!
//! Follows no redirect, reads no more than a little, and speaks plain HTTP with this machine only.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::Jwk;
use reqwest::{Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::OidcError;
use crate::settings::Secret;

const TRY: Duration = Duration::from_secs(10);

/// Documents and answers are some kilobytes.
const ANSWER_BYTES_MAX: usize = 512 * 1024;

/// How long what the issuer says is believed.
const KEPT_FOR: Duration = Duration::from_secs(3_600);

/// A token with a key that is not known makes us ask again, and no more often than this.
const ASKED_EVERY: Duration = Duration::from_secs(10);

/// An issuer that has just failed is not asked by everybody who waits.
const FAILED_FOR: Duration = Duration::from_secs(5);

/// The issuer's addresses.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) userinfo_endpoint: Option<String>,
    jwks_uri: String,
    /// RFC 9207: whether it says with each answer whose answer that is.
    #[serde(default, rename = "authorization_response_iss_parameter_supported")]
    pub(super) names_itself: bool,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
}

impl Metadata {
    /// Whether the secret goes into the form; the usual way is `Basic`.
    pub(super) fn wants_secret_in_form(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        let has = |name: &str| methods.iter().any(|it| it == name);
        has("client_secret_post") && !has("client_secret_basic")
    }
}

#[derive(Deserialize)]
struct Keys {
    keys: Vec<serde_json::Value>,
}

#[derive(Clone)]
struct Known {
    metadata: Arc<Metadata>,
    keys: Arc<Vec<Jwk>>,
}

#[derive(Default)]
struct Memory {
    known: Option<(Known, Instant)>,
    /// When a key that is not known last made us ask.
    missed: Option<Instant>,
    failed: Option<(String, Instant)>,
}

/// The issuer.
pub(super) struct Provider {
    http: reqwest::Client,
    issuer: String,
    memory: Mutex<Memory>,
}

/// How a client shows who it is.
pub(super) enum Shown {
    Nothing,
    Basic(String, Secret),
    Bearer(Secret),
}

/// An address that may be spoken with.
fn checked(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| format!("`{text}` is no address"))?;
    let is_local = match url.host() {
        Some(host) => ["localhost", "127.0.0.1", "[::1]"].contains(&host.to_string().as_str()),
        None => false,
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err(format!("`{text}` does not begin with https://")),
    }
}

impl Provider {
    pub(super) fn new(issuer: &str) -> Result<Provider, String> {
        checked(issuer)?;
        let builder = reqwest::Client::builder().timeout(TRY).redirect(redirect::Policy::none());
        let http = builder.build().map_err(|error| error.to_string())?;
        Ok(Provider { http, issuer: issuer.to_owned(), memory: Mutex::default() })
    }

    /// Its addresses.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OidcError> {
        Ok(self.known(None).await?.metadata)
    }

    /// Its keys, with this one among them if there is such a key.
    pub(super) async fn keys(&self, id: Option<&str>) -> Result<Arc<Vec<Jwk>>, OidcError> {
        Ok(self.known(id).await?.keys)
    }

    async fn known(&self, key: Option<&str>) -> Result<Known, OidcError> {
        let has =
            |known: &Known| key.is_none() || known.keys.iter().any(|it| it.common.key_id.as_deref() == key);
        let mut memory = self.memory.lock().await;
        if let Some((known, _)) = memory.known.clone().filter(|it| it.1.elapsed() < KEPT_FOR) {
            let asked = memory.missed.is_some_and(|it| it.elapsed() < ASKED_EVERY);
            if has(&known) || asked {
                return Ok(known);
            }
            memory.missed = Some(Instant::now());
        }
        if let Some((why, at)) = &memory.failed
            && at.elapsed() < FAILED_FOR
        {
            return Err(OidcError::Provider(why.clone()));
        }
        match self.ask().await {
            Ok(known) => {
                memory.known = Some((known.clone(), Instant::now()));
                memory.failed = None;
                Ok(known)
            }
            Err(error) => {
                memory.failed = Some((error.to_string(), Instant::now()));
                Err(error)
            }
        }
    }

    async fn ask(&self) -> Result<Known, OidcError> {
        let base = self.issuer.trim_end_matches('/');
        let metadata: Metadata = self.get(&format!("{base}/.well-known/openid-configuration")).await?;
        // Discovery 4.3: it must be the same, letter by letter.
        if metadata.issuer != self.issuer {
            let name: String = metadata.issuer.chars().take(200).collect();
            return Err(OidcError::Provider(format!("it calls itself `{name}`")));
        }
        for address in [&metadata.authorization_endpoint, &metadata.token_endpoint] {
            checked(address).map_err(OidcError::Provider)?;
        }
        let keys: Keys = self.get(&metadata.jwks_uri).await?;
        // Keys of kinds that we do not know are no failure.
        let keys = keys.keys.into_iter().filter_map(|it| serde_json::from_value(it).ok()).collect();
        Ok(Known { metadata: Arc::new(metadata), keys: Arc::new(keys) })
    }

    async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, OidcError> {
        self.get_with(address, Shown::Nothing).await
    }

    /// Gets a document.
    pub(super) async fn get_with<T: DeserializeOwned>(
        &self,
        address: &str,
        shown: Shown,
    ) -> Result<T, OidcError> {
        let url = checked(address).map_err(OidcError::Provider)?;
        self.answer(self.http.get(url), shown).await
    }

    /// Sends a form.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        address: &str,
        form: String,
        shown: Shown,
    ) -> Result<T, OidcError> {
        let url = checked(address).map_err(OidcError::Provider)?;
        let request = self.http.post(url).header("content-type", "application/x-www-form-urlencoded");
        self.answer(request.body(form), shown).await
    }

    async fn answer<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
        shown: Shown,
    ) -> Result<T, OidcError> {
        let request = match shown {
            Shown::Nothing => request,
            Shown::Basic(name, secret) => request.basic_auth(name, Some(secret.reveal())),
            Shown::Bearer(token) => request.bearer_auth(token.reveal()),
        };
        // What a client library says of a failure may hold the address, and that the code.
        let failed = |error: reqwest::Error| OidcError::Provider(error.without_url().to_string());
        let mut response = request.header("accept", "application/json").send().await.map_err(failed)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if ANSWER_BYTES_MAX < body.len() + piece.len() {
                return Err(OidcError::Provider("it answers too much".to_owned()));
            }
            body.extend_from_slice(&piece);
        }
        if !status.is_success() {
            return Err(OidcError::Provider(format!("it answers {status}{}", reason(&body))));
        }
        serde_json::from_slice(&body).map_err(|_| OidcError::Provider("its answer cannot be read".to_owned()))
    }
}

/// The word of OAuth for what is wrong (RFC 6749, 5.2), if it is one.
fn reason(body: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let word = |it: &Refusal| {
        it.error.len() <= 64 && it.error.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let refusal = serde_json::from_slice::<Refusal>(body).ok().filter(word);
    refusal.map_or_else(String::new, |it| format!(" ({})", it.error))
}
