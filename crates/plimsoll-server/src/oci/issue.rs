//! `/v2/token`: where clients get bearer tokens, as Docker's and OAuth's flows have it.
//!
//! What is granted is what was asked for and may be had; asking for more is no error, since
//! clients ask for push where they only may pull.

use axum::body::Body;
use axum::http::{HeaderValue, Method, Response, header};
use plimsoll_core::Timestamp;
use serde::Serialize;

use super::access::{basic, challenge};
use super::accounts::Account;
use super::call::{Call, Content};
use super::error::{Code, Refusal};
use super::percent;
use super::registry::{Answered, Registry, now, unsupported};
use super::scope::Scope;
use super::token::{Claims, Granted, Kind, OFFLINE_TOKEN_SECONDS, TOKEN_SECONDS};

/// The most bytes of a form.
const FORM_BYTES_MAX: usize = 64 * 1024;

/// Both names of a token are in the field: Docker's, and OAuth's.
#[derive(Serialize)]
struct Issued {
    token: String,
    access_token: String,
    expires_in: i64,
    issued_at: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// Issues a token.
pub(super) async fn issue(registry: &Registry, call: &Call, content: Content) -> Answered {
    match call.method {
        Method::GET => by_query(registry, call).await,
        Method::POST => by_form(registry, call, content).await,
        ref method => Err(unsupported(method)),
    }
}

/// Docker's flow: name and secret in `Basic`, or nobody.
async fn by_query(registry: &Registry, call: &Call) -> Answered {
    let account = match call.header(&header::AUTHORIZATION) {
        None => None,
        Some(authorization) => {
            let (name, secret) = basic(authorization).ok_or_else(|| wrong(registry, call))?;
            let account = registry.accounts.sign_in(call.proof(&name, &secret)).await?;
            Some(account.ok_or_else(|| wrong(registry, call))?)
        }
    };
    let offline = call.parameter("offline_token") == Some("true");
    grant(registry, account, &call.query, offline).await
}

/// OAuth's: name and secret, or an offline token, in a form.
async fn by_form(registry: &Registry, call: &Call, content: Content) -> Answered {
    let body = content.whole(FORM_BYTES_MAX).await?;
    let form = percent::pairs(std::str::from_utf8(&body).unwrap_or_default());
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let account = match field("grant_type") {
        "password" => {
            let proof = call.proof(field("username"), field("password"));
            registry.accounts.sign_in(proof).await?
        }
        "refresh_token" => {
            let service = &registry.options.service;
            let claims = registry.tokens.verify(field("refresh_token"), service, Kind::Offline, now());
            claims.ok().map(|it| Account(it.account))
        }
        _ => return Err(Refusal::new(Code::Unsupported, "`grant_type` is `password` or `refresh_token`")),
    };
    let account = account.ok_or_else(|| wrong(registry, call))?;
    grant(registry, Some(account), &form, field("access_type") == "offline").await
}

fn wrong(registry: &Registry, call: &Call) -> Refusal {
    challenge(registry, call, None, "name or password is wrong")
}

async fn grant(
    registry: &Registry,
    account: Option<Account>,
    parameters: &[(String, String)],
    offline: bool,
) -> Answered {
    let wanted = parameters.iter().filter(|(key, _)| key == "scope").map(|(_, value)| value.as_str());
    let mut granted = Vec::new();
    for scope in Scope::parse_all(wanted) {
        let may = registry.accounts.actions(account.as_ref(), &scope.repository.namespace).await?;
        granted.push(Scope { actions: scope.actions.within(may), ..scope });
    }
    let now = now();
    let claims = |kind, seconds, access| Claims {
        service: registry.options.service.clone(),
        account: account.as_ref().map(|it| it.0.clone()).unwrap_or_default(),
        kind,
        issued_at: now.0,
        expires_at: now.0.saturating_add(seconds),
        access,
    };
    let access = granted.iter().map(Granted::of).collect();
    let token = registry.tokens.sign(&claims(Kind::Access, TOKEN_SECONDS, access));
    let refresh = (offline && account.is_some())
        .then(|| registry.tokens.sign(&claims(Kind::Offline, OFFLINE_TOKEN_SECONDS, Vec::new())));
    Ok(written(token, refresh, &granted, now))
}

fn written(
    token: String,
    refresh_token: Option<String>,
    granted: &[Scope],
    now: Timestamp,
) -> Response<Body> {
    let issued = Issued {
        access_token: token.clone(),
        token,
        expires_in: TOKEN_SECONDS,
        issued_at: now.to_string(),
        scope: granted.iter().map(Scope::to_string).collect::<Vec<_>>().join(" "),
        refresh_token,
    };
    let mut response = Response::new(Body::from(serde_json::to_vec(&issued).unwrap_or_default()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
