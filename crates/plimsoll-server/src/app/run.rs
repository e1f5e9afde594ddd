//! Listening, and everything that runs beside it, until the server is asked to end.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::connection::Listening;
use super::tls::Tls;
use super::{App, StartError, parts};

/// How long what runs beside may take to give back what it holds, once no request is left.
const TASK_PATIENCE: Duration = Duration::from_secs(10);

/// Serves until [`super::Shutdown::request`]; `listening` is told the address once it answers.
pub async fn run(app: Arc<App>, listening: impl FnOnce(std::net::SocketAddr)) -> Result<(), StartError> {
    let settings = &app.settings;
    let tls = match (&settings.tls_certificate, &settings.tls_key) {
        (Some(certificate), Some(key)) => Some(Arc::new(Tls::open(certificate, key)?)),
        _ => None,
    };
    let failed = |source| StartError::Listen { address: settings.listen.to_string(), source };
    let listener = TcpListener::bind(settings.listen).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let mut tasks = JoinSet::new();
    for task in parts::tasks(&app) {
        tasks.spawn(guarded(task));
    }
    if let Some(tls) = tls.clone() {
        let stopping = app.shutdown.stopping();
        tasks.spawn(async move { tls.watch(stopping).await });
    }
    listening(address);
    let connections_max = usize::try_from(settings.connections_max).unwrap_or(usize::MAX);
    let place = Listening { listener, tls, connections_max };
    place.serve(parts::router(&app), app.shutdown.stopping(), settings.shutdown_patience.0).await;
    let all = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(TASK_PATIENCE, all).await.is_err() {
        tracing::warn!("not everything ended in time");
    }
    app.store.close().await;
    Ok(())
}

/// A task that panics says so and is not begun again: what it works at is in rows, and the next start
/// finds them.
async fn guarded(task: parts::Task) {
    let (name, work) = (task.name, tokio::spawn(task.work));
    if let Err(error) = work.await {
        tracing::error!(task = name, "ended by a mistake of ours: {error}");
    }
}
