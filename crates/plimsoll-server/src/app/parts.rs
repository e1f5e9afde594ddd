//! The table of what answers requests and of what runs beside: whoever adds a part to the server adds
//! a line here.

use std::sync::Arc;

use axum::Router;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;

use super::{App, MetricsText, health, joints, metrics, request};
use crate::{accounts, console, keeping, oidc};

/// Something that runs as long as the server. It ends by itself when [`App::shutdown`] says so, and
/// gives back what it holds.
pub struct Task {
    /// Its name in the log.
    pub name: &'static str,
    /// What it does.
    pub work: BoxFuture<'static, ()>,
}

impl Task {
    /// A row of the table.
    pub fn new(name: &'static str, work: impl Future<Output = ()> + Send + 'static) -> Task {
        Task { name, work: work.boxed() }
    }
}

/// All routes, with what surrounds every request.
pub fn router(app: &Arc<App>) -> Router {
    Router::new()
        .merge(health::router(app))
        .merge(metrics::router(app))
        .merge(app.registry.router())
        .merge(app.oidc.as_ref().map(oidc::router).unwrap_or_default())
        .merge(joints::api(app, app.live.clone()).router())
        .merge(console::router())
        .layer(axum::middleware::from_fn_with_state(Arc::clone(app), request::around))
}

/// All that runs beside.
pub(super) fn tasks(app: &Arc<App>) -> Vec<Task> {
    vec![
        Task::new("collection", keeping::collect(Arc::clone(app))),
        Task::new("pulls", keeping::note_pulls(Arc::clone(app))),
        Task::new("sign-ins", accounts::note_failures(Arc::clone(app))),
        Task::new("totals", keeping::count(Arc::clone(app))),
        Task::new("scanning", scan(Arc::clone(app))),
        Task::new("database", joints::tell_gate(Arc::clone(app))),
        Task::new("gate", until_stopped(app, Arc::clone(&app.gate).run())),
        Task::new("webhooks", until_stopped(app, Arc::clone(&app.webhooks).run())),
        Task::new("registries", until_stopped(app, Arc::clone(&app.registries).run())),
    ]
}

/// Workers and what goes with them; jobs that run are given back when the server ends.
async fn scan(app: Arc<App>) {
    let running = app.scanning.start();
    app.shutdown.stopping().requested().await;
    running.stop().await;
}

/// Something that may be broken off anywhere.
fn until_stopped(
    app: &App,
    work: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send + 'static {
    let mut stopping = app.shutdown.stopping();
    async move {
        tokio::select! {
            () = work => (),
            () = stopping.requested() => (),
        }
    }
}

/// What the parts tell `/metrics` besides what is counted of requests.
pub(super) async fn measure(app: &App, text: &mut MetricsText) {
    text.gauge("plimsoll_pulls_waiting", "Pulls that are not noted yet.", app.pulls.waiting());
    text.gauge("plimsoll_verdicts_in_memory", "Verdicts that pulls are answered from.", app.gate.answers());
    text.gauge("plimsoll_live_listeners", "Clients that listen to live state.", app.live.listeners());
}
