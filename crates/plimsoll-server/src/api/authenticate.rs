//! Who calls: by the session of the console, by a token, or by name and secret.
//!
//! Wrong is wrong: nobody is anybody by mistyping. A session alone changes nothing; the request has
//! to carry the value that a foreign page cannot read.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, Method, header};
use plimsoll_core::Timestamp;
use plimsoll_store::Caller;

use super::problem::{Kind, Problem};
use super::{Api, SignInRefusal, secret};
use crate::oci::basic;

/// The console's cookie.
pub(crate) const COOKIE: &str = "plimsoll_session";

/// What requests with a session carry besides it.
pub(super) const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");

/// Who calls, and how they proved it.
pub(super) struct Proof {
    pub(super) caller: Caller,
    /// The hash of the session, if there is one.
    pub(super) session: Option<String>,
}

/// Finds out who calls.
pub(super) async fn caller(
    api: &Api,
    method: &Method,
    headers: &HeaderMap,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<Proof, Problem> {
    if let Some(authorization) = headers.get(header::AUTHORIZATION) {
        let authorization = authorization.to_str().unwrap_or_default();
        let caller = by_authorization(api, authorization, address, now).await?;
        return Ok(Proof { caller, session: None });
    }
    match cookie(headers) {
        Some(value) => by_session(api, method, headers, value, now).await,
        None => Ok(Proof { caller: Caller::anonymous(), session: None }),
    }
}

async fn by_authorization(
    api: &Api,
    authorization: &str,
    address: Option<IpAddr>,
    now: Timestamp,
) -> Result<Caller, Problem> {
    let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        let found = api.authoriser.by_token(&secret::hash(rest.trim()), now).await?;
        return found.ok_or_else(|| {
            api.sign_in.refused_token(rest.trim(), address);
            unauthenticated("the token is not known, or it is over")
        });
    }
    let Some((name, secret)) = basic(authorization) else {
        return Err(unauthenticated("sign in with a token (Bearer) or with name and secret (Basic)"));
    };
    sign_in(api, &name, &secret, address).await
}

/// Name and secret, as `Basic` and the page for signing in have them.
pub(super) async fn sign_in(
    api: &Api,
    name: &str,
    secret: &str,
    address: Option<IpAddr>,
) -> Result<Caller, Problem> {
    api.sign_in.sign_in(name, secret, address).await.map_err(|refusal| match refusal {
        SignInRefusal::Wrong => unauthenticated("name or password is wrong"),
        SignInRefusal::Wait(seconds) => Problem::new(Kind::TooManyRequests, "too often wrong; wait")
            .with_header(header::RETRY_AFTER, &seconds.to_string()),
        SignInRefusal::Unavailable(error) => {
            Problem::new(Kind::Busy, "accounts cannot be asked now; try again").caused_by(error.as_ref())
        }
    })
}

async fn by_session(
    api: &Api,
    method: &Method,
    headers: &HeaderMap,
    value: &str,
    now: Timestamp,
) -> Result<Proof, Problem> {
    let hash = secret::hash(value);
    let Some(session) = api.authoriser.by_session(&hash, now).await? else {
        // A browser keeps its cookie for longer than we do; that is no wrong proof.
        return Ok(Proof { caller: Caller::anonymous(), session: None });
    };
    let is_safe = matches!(*method, Method::GET | Method::HEAD);
    let sent = headers.get(CSRF).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !is_safe && !secret::is_same(sent, &session.csrf) {
        return Err(Problem::new(Kind::Csrf, "send the session's value in `X-CSRF-Token`"));
    }
    Ok(Proof { caller: session.caller, session: Some(hash) })
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).into_iter().filter_map(|it| it.to_str().ok());
    pairs.flat_map(|it| it.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// 401, and by which ways one signs in. No `Basic`: a browser would ask for name and password by
/// itself and then send them with every request, also with those of a foreign page.
pub(super) fn unauthenticated(detail: &str) -> Problem {
    Problem::new(Kind::Unauthenticated, detail)
        .with_header(header::WWW_AUTHENTICATE, "Bearer realm=\"plimsoll\"")
}
