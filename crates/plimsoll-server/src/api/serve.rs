//! The way of a request: rate limit, who calls, whether they may, preconditions, the handler, the
//! audit log.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{ConnectInfo, RawPathParams, Request};
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::routing::{MethodFilter, MethodRouter, any, on};
use futures_util::FutureExt;
use plimsoll_core::Timestamp;
use plimsoll_store::{
    Actor, Administer, Caller, Configure, Error, NamespaceName, NewAuditEntry, Permission, Pull, Push, Read,
    Scan,
};
use sha2::{Digest as _, Sha256};

use super::answer::{Answer, matches};
use super::authenticate::{self, unauthenticated};
use super::call::Call;
use super::idempotency::Turn;
use super::limits::Left;
use super::problem::{Kind, Problem};
use super::route::{Needs, Route, Verb};
use super::{Api, secret, table};
use crate::oci::pairs;

/// Where a request comes from, where whoever listens knows it better than the connection does: it
/// sets this extension on a request that came by a proxy that it trusts.
#[derive(Clone, Copy, Debug)]
pub struct ClientAddress(pub IpAddr);

/// The largest body: a policy, a list of exceptions.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// The longest value of a query; cursors have their own limit.
const VALUE_CHARACTERS_MAX: usize = 2048;
/// How long a body may take to come.
const BODY_PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

pub(super) fn router(api: &Api) -> axum::Router {
    let mut router = axum::Router::new();
    let mut paths: Vec<&str> = table::routes().map(|it| it.path).collect();
    paths.sort_unstable();
    paths.dedup();
    for path in paths {
        let mut methods = MethodRouter::new();
        for route in table::routes().filter(|it| it.path == path) {
            let api = api.clone();
            let serve = move |values: Result<RawPathParams, RawPathParamsRejection>, request: Request| {
                let api = api.clone();
                async move {
                    match values {
                        Ok(values) => serve(&api, route, &values, request).await,
                        Err(_) => refuse(Problem::not_found()),
                    }
                }
            };
            methods = methods.merge(on(filter(route.verb), serve));
        }
        let refused = || async { refuse(Problem::new(Kind::MethodNotAllowed, "see the document")) };
        router = router.route(&format!("/api/v1{path}"), methods.fallback(refused));
    }
    let unknown = || async { refuse(Problem::new(Kind::NotFound, "there is no such address")) };
    router
        .route("/api/v1", any(unknown))
        .route("/api/v1/", any(unknown))
        .route("/api/v1/{*path}", any(unknown))
}

fn filter(verb: Verb) -> MethodFilter {
    match verb {
        Verb::Get => MethodFilter::GET,
        Verb::Post => MethodFilter::POST,
        Verb::Put => MethodFilter::PUT,
        Verb::Patch => MethodFilter::PATCH,
        Verb::Delete => MethodFilter::DELETE,
    }
}

fn refuse(problem: Problem) -> Response<Body> {
    with_common_headers(problem.into_response(None))
}

async fn serve(api: &Api, route: &'static Route, values: &RawPathParams, request: Request) -> Response<Body> {
    let mut left = None;
    let work = AssertUnwindSafe(answer(api, route, values, request, &mut left)).catch_unwind();
    let result = work.await.unwrap_or_else(|_| {
        Err(Problem::internal(&std::io::Error::other(format!("`{}` panicked", route.id))))
    });
    let mut response = match result {
        Ok(answer) => answer.into_response(),
        Err(problem) => told(api, problem),
    };
    if let Some(left) = left {
        for (name, value) in [
            ("ratelimit-limit", u64::from(left.limit)),
            ("ratelimit-remaining", u64::from(left.remaining)),
            ("ratelimit-reset", left.reset_seconds),
        ] {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from(value));
        }
    }
    with_common_headers(response)
}

/// Tells the log what failed on our side, under a number that the client is told.
fn told(api: &Api, problem: Problem) -> Response<Body> {
    let Some(cause) = problem.cause() else { return problem.into_response(None) };
    let number = secret::random().map(|it| it[..16].to_owned()).unwrap_or_default();
    let instance = format!("urn:plimsoll:failure:{number}");
    (api.options.log)(&format!("{instance}: {cause}"));
    problem.into_response(Some(&instance))
}

fn with_common_headers(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    // Answers depend on who asks, and are asked for again with their validator.
    let private = HeaderValue::from_static("private, no-cache");
    headers.entry(header::CACHE_CONTROL).or_insert(private);
    headers.insert(header::VARY, HeaderValue::from_static("accept, authorization, cookie"));
    response
}

async fn answer(
    api: &Api,
    route: &'static Route,
    values: &RawPathParams,
    request: Request,
    left: &mut Option<Left>,
) -> Result<Answer, Problem> {
    let now = now();
    let (parts, body) = request.into_parts();
    let address = parts
        .extensions
        .get::<ClientAddress>()
        .map(|it| it.0)
        .or_else(|| parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|it| it.0.ip()));
    let proof = authenticate::caller(api, &parts.method, &parts.headers, address, now).await;
    *left = Some(throttle(api, proof.as_ref().ok().map(|it| &it.caller), address)?);
    let proof = proof?;
    let call = Call {
        method: parts.method,
        path: parts.uri.path().to_owned(),
        values: values.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        query: pairs(parts.uri.query().unwrap_or_default()),
        headers: parts.headers,
        body: bytes::Bytes::new(),
        stream: None,
        caller: proof.caller,
        session: proof.session,
        address,
        now,
    };
    let leave = may(api, route, &call).await;
    if let Err(problem) = &leave
        && route.is_change()
        && problem.kind != Kind::Unauthenticated
    {
        refused(api, route, &call).await;
    }
    leave?;
    check_query(route, &call)?;
    let call = match route.streams {
        Some(_) => Call { stream: Some(Arc::new(Mutex::new(Some(body)))), ..call },
        None => Call { body: read(body).await?, ..call },
    };
    run(api, route, &call).await
}

/// Counts a request: of an account by its name, of nobody and of wrong proofs by the address.
fn throttle(api: &Api, caller: Option<&Caller>, address: Option<IpAddr>) -> Result<Left, Problem> {
    let milliseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_millis());
    let milliseconds = u64::try_from(milliseconds).unwrap_or(u64::MAX);
    let left = match caller.filter(|it| it.principal().is_some()) {
        Some(caller) => api.accounts.take(caller.actor().as_str(), milliseconds),
        None => {
            let who = address.map_or_else(|| "unknown".to_owned(), |it| network(it).to_string());
            api.addresses.take(&who, milliseconds)
        }
    };
    match left.retry_seconds {
        None => Ok(left),
        Some(seconds) => Err(Problem::new(Kind::TooManyRequests, "slower, please")
            .with_header(header::RETRY_AFTER, &seconds.to_string())),
    }
}

/// Who has one address of IPv6 has 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(it) => IpAddr::V6((u128::from(it) & !u128::from(u64::MAX)).into()),
    }
}

/// Whether a caller may, by the row of the table.
///
/// Somebody who may not even see a namespace is not told whether it is there.
async fn may(api: &Api, route: &Route, call: &Call) -> Result<(), Problem> {
    let is_nobody = call.caller.principal().is_none();
    let refusal = |kind| match kind {
        _ if is_nobody => unauthenticated("sign in first"),
        Kind::NotFound => Problem::not_found(),
        kind => Problem::new(kind, "you may not do this"),
    };
    let may = match route.needs {
        Needs::Nobody => true,
        Needs::Somebody => !is_nobody,
        Needs::Themselves => !is_nobody && !call.caller.is_limited(),
        Needs::Instance(permission) => instance(api, &call.caller, permission).await?,
        Needs::Namespace(permission) => {
            let name = call.namespace().map_err(|_| refusal(Kind::NotFound))?;
            let permissions = api.authoriser.permissions(&call.caller, &name).await?;
            if !permissions.contains(permission) && !permissions.contains(Permission::Read) {
                return Err(refusal(Kind::NotFound));
            }
            permissions.contains(permission)
        }
    };
    if may { Ok(()) } else { Err(refusal(Kind::Forbidden)) }
}

async fn instance(api: &Api, caller: &Caller, permission: Permission) -> Result<bool, Problem> {
    let authoriser = &api.authoriser;
    let result = match permission {
        Permission::Read => authoriser.instance::<Read>(caller).await.map(drop),
        Permission::Pull => authoriser.instance::<Pull>(caller).await.map(drop),
        Permission::Push => authoriser.instance::<Push>(caller).await.map(drop),
        Permission::Scan => authoriser.instance::<Scan>(caller).await.map(drop),
        Permission::Configure => authoriser.instance::<Configure>(caller).await.map(drop),
        Permission::Administer => authoriser.instance::<Administer>(caller).await.map(drop),
    };
    match result {
        Ok(()) => Ok(true),
        Err(Error::Denied) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// A parameter that nobody knows is a mistake of whoever wrote it.
fn check_query(route: &Route, call: &Call) -> Result<(), Problem> {
    for (index, (name, value)) in call.query.iter().enumerate() {
        let Some(parameter) = route.query.iter().copied().flatten().find(|it| it.name == name) else {
            return Err(Problem::invalid(name, "there is no such parameter here"));
        };
        parameter.check(value)?;
        if call.query[..index].iter().any(|it| it.0 == *name) {
            return Err(Problem::invalid(name, "it is there twice"));
        }
        if value.chars().count() > VALUE_CHARACTERS_MAX || value.contains('\0') {
            return Err(Problem::invalid(name, "it is too long or has a zero byte"));
        }
    }
    Ok(())
}

async fn read(body: Body) -> Result<bytes::Bytes, Problem> {
    match tokio::time::timeout(BODY_PATIENCE, axum::body::to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => {
            Err(Problem::new(Kind::TooLarge, format!("at most {BODY_BYTES_MAX} bytes are taken, whole")))
        }
        Err(_) => Err(Problem::invalid("", "the content did not come")),
    }
}

async fn run(api: &Api, route: &'static Route, call: &Call) -> Result<Answer, Problem> {
    if call.method == Method::GET || call.method == Method::HEAD {
        return Ok(validated(call, linked(call, (route.run)(api, call).await?)));
    }
    if !route.is_change() {
        return (route.run)(api, call).await;
    }
    if route.verb == Verb::Post {
        let answer = once(api, route, call).await?;
        return Ok(answer);
    }
    let _guard = api.changing.lock().await;
    precondition(api, route, call).await?;
    let answer = (route.run)(api, call).await?;
    done(api, route, call, answer.actor.clone()).await;
    Ok(answer)
}

/// A `POST`, done once for each key.
async fn once(api: &Api, route: &'static Route, call: &Call) -> Result<Answer, Problem> {
    // One that is no text is a mistake like any other.
    let key = call.headers.get("idempotency-key").map(|it| it.to_str().unwrap_or_default());
    let (Some(key), true) = (key, route.is_repeatable()) else {
        let answer = (route.run)(api, call).await?;
        done(api, route, call, answer.actor.clone()).await;
        return Ok(answer);
    };
    let mut hash = Sha256::new();
    for part in [call.path.as_bytes(), &[0], &call.body] {
        hash.update(part);
    }
    let who = call.caller.actor();
    match api.answers.begin(who.as_str(), key, hash.finalize().into(), call.now.0)? {
        Turn::Done(answer) => Ok(answer),
        Turn::Do(hold) => {
            let answer = (route.run)(api, call).await?;
            done(api, route, call, answer.actor.clone()).await;
            hold.keep(&answer);
            Ok(answer)
        }
    }
}

/// `If-Match` is compared with what a `GET` of the same address would give.
async fn precondition(api: &Api, route: &Route, call: &Call) -> Result<(), Problem> {
    let Some(wanted) = call.header(&header::IF_MATCH) else { return Ok(()) };
    let twin = table::routes().find(|it| it.path == route.path && it.verb == Verb::Get);
    let Some(twin) = twin else {
        return Err(Problem::invalid("If-Match", "this address has no validator"));
    };
    may(api, twin, call).await?;
    let bare = Call { query: Vec::new(), body: bytes::Bytes::new(), ..call.clone() };
    let tag = (twin.run)(api, &bare).await?.tag();
    match tag {
        Some(tag) if matches(wanted, &tag, false) => Ok(()),
        _ => Err(Problem::new(Kind::PreconditionFailed, "get it again and look at what has changed")),
    }
}

/// Adds the validator, and sends nothing where the client has it already.
fn validated(call: &Call, answer: Answer) -> Answer {
    let Some(tag) = answer.tag() else { return answer };
    let answer = answer.with(header::ETAG, &tag);
    match call.header(&header::IF_NONE_MATCH) {
        Some(known) if matches(known, &tag, true) => {
            let headers = answer.headers.into_iter().filter(|it| it.0 != header::CONTENT_TYPE).collect();
            Answer { headers, ..Answer::nothing().status(StatusCode::NOT_MODIFIED) }
        }
        _ => answer,
    }
}

/// `Link` to the next page, for clients that know it from elsewhere.
fn linked(call: &Call, answer: Answer) -> Answer {
    let Some(next) = answer.next.clone() else { return answer };
    let mut query = String::new();
    for (name, value) in call.query.iter().filter(|it| it.0 != "cursor") {
        query.push_str(&format!("{}={}&", crate::oci::encode(name), crate::oci::encode(value)));
    }
    answer.with(header::LINK, &format!("<{}?{query}cursor={next}>; rel=\"next\"", call.path))
}

/// What was changed, in the audit log, by whom it is known now.
async fn done(api: &Api, route: &Route, call: &Call, actor: Option<Actor>) {
    let actor = actor.unwrap_or_else(|| call.caller.actor());
    note(api, route, call, (&actor, true, None)).await;
}

/// What was refused, in the audit log; what is like it is counted for a while and written as a number, so
/// that nobody fills it by being refused.
async fn refused(api: &Api, route: &Route, call: &Call) {
    let actor = call.caller.actor();
    let Some(more) = api.refusals.note(actor.as_str(), route.id, call.now) else { return };
    let detail = (more > 0).then(|| format!("and {more} times more in the hour before"));
    note(api, route, call, (&actor, false, detail.as_deref())).await;
}

/// Writes a line into the audit log. That a change was made does not depend on it.
async fn note(api: &Api, route: &Route, call: &Call, said: (&Actor, bool, Option<&str>)) {
    let namespace = match NamespaceName::parse(call.value("namespace")) {
        Ok(name) => api.authoriser.system_in::<Read>(&name).await.ok().map(|it| it.namespace()),
        Err(_) => None,
    };
    let target = call.path.strip_prefix("/api/v1").unwrap_or(&call.path);
    let address = call.address.map(|it| it.to_string());
    let (actor, allowed, detail) = said;
    let entry = NewAuditEntry {
        actor,
        action: route.id,
        namespace,
        target,
        allowed,
        address: address.as_deref(),
        detail,
    };
    if let Err(error) = api.store.audit(&[entry], call.now).await {
        (api.options.log)(&format!("the audit log could not be written: {error}"));
    }
}

/// The clock; everything below takes the time as an argument.
pub(super) fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}
