//! What surrounds every request: its id, its client's address, one line of the log, and an end for
//! whatever panics.
//!
//! Logs a path, never a query and never a header: both may hold credentials.

use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::Next;
use futures_util::FutureExt;

use super::{App, address};
use crate::api::ClientAddress;

/// From which connection a request came.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// What is known of a request besides what it says; an extension of every one.
#[derive(Clone, Debug)]
pub struct RequestInfo {
    /// By which it is found in the log; the answer's `X-Request-Id`.
    pub id: Arc<str>,
    /// The client's address.
    pub client: IpAddr,
    /// Whether it came through a proxy that is trusted.
    pub is_forwarded: bool,
}

tokio::task_local! {
    static CURRENT: Arc<str>;
}

/// The id of the request that this task answers, if it does.
pub fn request_id() -> Option<Arc<str>> {
    CURRENT.try_with(Arc::clone).ok()
}

const ID_HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The layer around all routes.
pub(super) async fn around(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response<Body> {
    let begun = Instant::now();
    let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |it| it.0.ip());
    let client = address::client(peer, request.headers(), &app.settings.trusted_proxies);
    let is_forwarded = address::is_trusted(peer, &app.settings.trusted_proxies);
    let info = RequestInfo { id: new_id(), client, is_forwarded };
    request.extensions_mut().insert(info.clone());
    request.extensions_mut().insert(ClientAddress(client));
    let (method, path) = (request.method().clone(), short(request.uri().path()));
    let answering = CURRENT.scope(Arc::clone(&info.id), async {
        let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
            Ok(response) => response,
            Err(_) => panicked(),
        };
        if let Ok(id) = HeaderValue::from_str(&info.id) {
            response.headers_mut().insert(ID_HEADER, id);
        }
        log(&method, &path, response.status(), begun, client);
        app.metrics.answered(&path, &method, response.status(), begun.elapsed());
        response
    });
    answering.await
}

/// Ordinary answers to those who read are many and say little.
fn log(method: &Method, path: &str, status: StatusCode, begun: Instant, client: IpAddr) {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let expected = status.is_success() || status.is_redirection() || status == StatusCode::UNAUTHORIZED;
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let status_code = status.as_u16();
    if status.is_server_error() {
        tracing::error!(%method, path, status = status_code, milliseconds, %client, "request");
    } else if reads && expected {
        tracing::debug!(%method, path, status = status_code, milliseconds, %client, "request");
    } else {
        tracing::info!(%method, path, status = status_code, milliseconds, %client, "request");
    }
}

/// The panic itself has been written to the log by then.
fn panicked() -> Response<Body> {
    let body = r#"{"errors":[{"code":"UNKNOWN","message":"the server failed; its log says why"}]}"#;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn short(path: &str) -> String {
    path.chars().take(512).collect()
}

/// Told apart from those of other processes by how it begins, from ours by how it ends.
fn new_id() -> Arc<str> {
    static PROCESS: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let process = PROCESS.get_or_init(|| {
        let mut bytes = [0; 4];
        let _ = getrandom::fill(&mut bytes);
        u32::from_le_bytes(bytes)
    });
    let mut id = String::with_capacity(20);
    let _ = write!(id, "{process:08x}-{:06x}", COUNT.fetch_add(1, Ordering::Relaxed));
    id.into()
}
