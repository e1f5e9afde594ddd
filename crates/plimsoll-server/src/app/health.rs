//! `/healthz`: the process answers. `/readyz`: what it needs answers, too.
//!
//! Says what is missing by name only; both are open to everybody.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::{Value, json};

use super::App;

/// Whatever takes longer is not there.
const PATIENCE: Duration = Duration::from_secs(3);

pub(super) fn router(app: &Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(|| async { answer(StatusCode::OK, &json!({ "status": "ok" })) }))
        .route("/readyz", get(ready))
        .with_state(Arc::clone(app))
}

/// Ready without a vulnerability database: the registry works, and scans wait for it.
async fn ready(State(app): State<Arc<App>>) -> impl IntoResponse {
    let store = matches!(tokio::time::timeout(PATIENCE, app.store.ping()).await, Ok(Ok(())));
    let blobs = blobs_are_there(&app).await;
    let database = database_is_there(&app);
    let ending = app.shutdown.stopping().is_requested();
    let word = |good: bool, otherwise: &'static str| if good { "ok" } else { otherwise };
    let is_ready = store && blobs && !ending;
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({
        "status": word(is_ready, if ending { "ending" } else { "not ready" }),
        "store": word(store, "does not answer"),
        "blobs": word(blobs, "cannot be reached"),
        "vulnerability_database": word(database, "missing"),
    });
    answer(status, &body)
}

async fn blobs_are_there(app: &Arc<App>) -> bool {
    let folder = app.data.path().join("blobs");
    let looking = tokio::task::spawn_blocking(move || folder.is_dir());
    matches!(tokio::time::timeout(PATIENCE, looking).await, Ok(Ok(true)))
}

/// Whether there is a snapshot at all; scanning finds out whether it can be used.
fn database_is_there(app: &App) -> bool {
    let entries = std::fs::read_dir(app.database_directory());
    entries.is_ok_and(|mut it| it.next().is_some())
}

fn answer(status: StatusCode, body: &Value) -> impl IntoResponse + use<> {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, format!("{body}\n"))
}
