//! `/auth/oidc/login` sends a browser to the issuer, `/auth/oidc/callback` takes it back.
//!
//! A browser is sent to two places only: to the issuer, and to a page of this server; what one is told that
//! could not be signed in is in `refusal`.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State as Extracted};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use plimsoll_store::{Actor, NewAuditEntry};
use reqwest::Url;
use serde::Deserialize;

use super::provider::{Metadata, Shown};
use super::refusal::refused;
use super::state::{STATE_SECONDS, State};
use super::token::{Claims, Expected, key_id, verify};
use super::{Oidc, OidcError};
use crate::accounts::{Failure, NewSession, same};
use crate::api::{ClientAddress, SESSION_COOKIE};
use crate::oci::{encode, pairs};
use crate::settings::Secret;

const COOKIE: &str = "plimsoll_oidc";

/// Longer queries are none of an issuer's.
const QUERY_BYTES_MAX: usize = 16 * 1024;

/// Both addresses.
pub fn router(oidc: &Arc<Oidc>) -> Router {
    Router::new()
        .route("/auth/oidc/login", get(login))
        .route("/auth/oidc/callback", get(callback))
        .with_state(Arc::clone(oidc))
}

async fn login(Extracted(oidc): Extracted<Arc<Oidc>>, request: Request) -> Response {
    let query = parameters(&request);
    let place = query.iter().find(|it| it.0 == "to").map(|it| it.1.as_str());
    match oidc.begin(place.filter(|it| is_page(it)).unwrap_or("/")).await {
        Ok((place, cookie)) => redirected(&place, &[cookie]),
        Err(error) => refused(&error, request.headers(), crate::console::is_built()),
    }
}

async fn callback(Extracted(oidc): Extracted<Arc<Oidc>>, request: Request) -> Response {
    let client = request.extensions().get::<ClientAddress>().map(|it| it.0);
    match oidc.end(&parameters(&request), request.headers(), client).await {
        Ok((session, place)) => redirected(&place, &oidc.session_cookies(&session)),
        Err(error) => {
            let mut response = refused(&error, request.headers(), crate::console::is_built());
            if let Ok(cookie) = HeaderValue::from_str(&oidc.state_cookie("", 0)) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
            response
        }
    }
}

fn parameters(request: &Request) -> Vec<(String, String)> {
    let query = request.uri().query().unwrap_or_default();
    if query.len() > QUERY_BYTES_MAX { Vec::new() } else { pairs(query) }
}

/// Whether a place is a page of this server, whatever a browser makes of it: `//` and `/\` begin the
/// address of another one, and browsers overlook control characters.
fn is_page(place: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    place.starts_with('/') && !place.starts_with("//") && place.len() <= 1024 && place.bytes().all(plain)
}

/// What the token endpoint answers.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    #[serde(default)]
    access_token: String,
}

impl Oidc {
    /// Where the browser goes, and what it remembers meanwhile.
    async fn begin(&self, place: &str) -> Result<(String, String), OidcError> {
        let metadata = self.provider.metadata().await?;
        let state = State::new(place, self.clock.now())?;
        let mut url = Url::parse(&metadata.authorization_endpoint)
            .map_err(|_| OidcError::Provider("its address cannot be read".to_owned()))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client.id)
            .append_pair("redirect_uri", &self.client.callback)
            .append_pair("scope", &self.client.scopes)
            .append_pair("state", &state.state)
            .append_pair("nonce", &state.nonce)
            .append_pair("code_challenge", &state.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok((url.into(), self.state_cookie(&state.sealed(&self.key), STATE_SECONDS)))
    }

    /// Who came back, and where they wanted to go.
    async fn end(
        &self,
        parameters: &[(String, String)],
        headers: &HeaderMap,
        client: Option<IpAddr>,
    ) -> Result<(NewSession, String), OidcError> {
        // Each makes us ask the issuer, so that nobody may do it as often as they like.
        self.accounts.attempt_from(client).map_err(OidcError::Throttled)?;
        let state = self.state_of(parameters, headers)?;
        let ended = self.vouched(parameters, &state).await;
        if let Err(error) = &ended {
            self.accounts.failed("(by the issuer)", client, &Failure::Issuer(error.to_string()));
        }
        let known = ended?;
        let session = self.accounts.begin_session(&known.caller).await?;
        self.accounts.succeeded_from(client);
        self.note(&known.caller.actor(), client, &known.detail).await;
        Ok((session, state.place))
    }

    /// The sign-in that this browser began, and that has not ended yet.
    fn state_of(&self, parameters: &[(String, String)], headers: &HeaderMap) -> Result<State, OidcError> {
        let now = self.clock.now();
        let state = State::open(cookie(headers).ok_or(OidcError::State)?, &self.key, now)?;
        if !parameter(parameters, "state").is_some_and(|it| same(it, &state.state)) {
            return Err(OidcError::State);
        }
        if self.used.end(&state.state, state.expires_at, now) { Ok(state) } else { Err(OidcError::State) }
    }

    async fn vouched(
        &self,
        parameters: &[(String, String)],
        state: &State,
    ) -> Result<super::users::Known, OidcError> {
        let metadata = self.provider.metadata().await?;
        match parameter(parameters, "iss") {
            Some(issuer) if issuer != self.client.issuer => {
                return Err(OidcError::Token("the answer is of another issuer"));
            }
            None if metadata.names_itself => {
                return Err(OidcError::Token("the answer does not say whose it is"));
            }
            _ => (),
        }
        if let Some(error) = parameter(parameters, "error") {
            let word = |it: &char| it.is_ascii_lowercase() || *it == '_';
            return Err(OidcError::Refused(error.chars().filter(word).take(64).collect()));
        }
        let code = parameter(parameters, "code").ok_or(OidcError::State)?;
        let tokens = self.tokens(code, state, &metadata).await?;
        let keys = self.provider.keys(key_id(&tokens.id_token)?.as_deref()).await?;
        let expected = Expected {
            issuer: &self.client.issuer,
            client: &self.client.id,
            nonce: &state.nonce,
            now: self.clock.now(),
        };
        let claims = verify(&tokens.id_token, &keys, expected)?;
        let claims = self.completed(claims, Secret::new(tokens.access_token), &metadata).await?;
        self.account_of(&claims).await
    }

    /// Changes a code for tokens.
    async fn tokens(&self, code: &str, state: &State, metadata: &Metadata) -> Result<Tokens, OidcError> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &self.client.callback),
            ("client_id", &self.client.id),
            ("code_verifier", &state.verifier),
        ];
        let mut shown = Shown::Nothing;
        match &self.client.secret {
            Some(secret) if metadata.wants_secret_in_form() => form.push(("client_secret", secret.reveal())),
            // RFC 6749, 2.3.1: both are written as in a form first.
            Some(secret) => {
                shown = Shown::Basic(encode(&self.client.id), Secret::new(encode(secret.reveal())));
            }
            None => (),
        }
        let form: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        self.provider.post(&metadata.token_endpoint, form.join("&"), shown).await
    }

    /// Some issuers say name and groups only to who asks for them.
    async fn completed(
        &self,
        claims: Claims,
        token: Secret,
        metadata: &Metadata,
    ) -> Result<Claims, OidcError> {
        let is_complete = claims.has(&self.client.name_claim)
            && (self.client.grants.is_empty() || claims.has(&self.client.groups_claim));
        match &metadata.userinfo_endpoint {
            Some(address) if !is_complete && !token.reveal().is_empty() => {
                let more = self.provider.get_with(address, Shown::Bearer(token)).await?;
                claims.completed(more)
            }
            _ => Ok(claims),
        }
    }

    async fn note(&self, actor: &Actor, client: Option<IpAddr>, detail: &str) {
        let address = client.map(|it| it.to_string());
        let entry = NewAuditEntry {
            actor,
            action: "signIn",
            namespace: None,
            target: "/auth/oidc/callback",
            allowed: true,
            address: address.as_deref(),
            detail: Some(detail),
        };
        if let Err(error) = self.store.audit(&[entry], self.clock.now()).await {
            tracing::error!("the audit log could not be written: {error}");
        }
    }

    /// `Lax`, since the browser comes back from another site.
    fn state_cookie(&self, value: &str, seconds: i64) -> String {
        let secure = self.secure();
        format!("{COOKIE}={value}; Path=/auth/oidc; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }

    /// As `POST /api/v1/session` sets it; the console gets the rest by `GET /api/v1/session`.
    fn session_cookies(&self, session: &NewSession) -> [String; 2] {
        let (secure, cookie) = (self.secure(), session.cookie.reveal());
        let seconds = session.expires_at.0.saturating_sub(self.clock.now().0);
        [
            format!(
                "{SESSION_COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}"
            ),
            self.state_cookie("", 0),
        ]
    }

    fn secure(&self) -> &'static str {
        if self.client.is_https { "; Secure" } else { "" }
    }
}

fn parameter<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).into_iter().filter_map(|it| it.to_str().ok());
    values.flat_map(|it| it.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

fn redirected(place: &str, cookies: &[String]) -> Response {
    let Ok(place) = HeaderValue::from_str(place) else {
        return refused(&OidcError::State, &HeaderMap::new(), false);
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, place);
    for cookie in cookies.iter().filter_map(|it| HeaderValue::from_str(it).ok()) {
        headers.append(header::SET_COOKIE, cookie);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_sent_back_to_a_page_of_ours_or_to_none() {
        for page in ["/", "/namespaces/team?tab=policy#x", "/a//b"] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "evil",
            "/a\r\nSet-Cookie: x=y",
            "/ä",
        ] {
            assert!(!is_page(other), "{other}");
        }
    }
}
