//! `/metrics`, as Prometheus reads it (text format 0.0.4):
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>.
//!
//! Our own few lines: counters are atomic numbers. Labels are words of ours, never what a client sent.

use std::fmt::{Display, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{App, parts};

/// What kinds of request are told apart: a name, and how its paths begin.
const KINDS: &[(&str, &str)] = &[
    ("token", "/v2/token"),
    ("registry", "/v2"),
    ("api", "/api/"),
    ("health", "/healthz"),
    ("ready", "/readyz"),
    ("metrics", "/metrics"),
    ("other", ""),
];

const METHODS: [Method; 6] =
    [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];

/// In seconds.
const BUCKETS: [f64; 9] = [0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0, 120.0];

/// Requests, and how long they took to be answered.
#[derive(Default)]
pub struct Metrics {
    /// By kind, method (the last is any other) and hundreds of the status.
    requests: [[[AtomicU64; 6]; METHODS.len() + 1]; KINDS.len()],
    /// By kind; the last is above all bounds.
    durations: [[AtomicU64; BUCKETS.len() + 1]; KINDS.len()],
    microseconds: [AtomicU64; KINDS.len()],
}

fn add(counter: Option<&AtomicU64>, number: u64) {
    if let Some(counter) = counter {
        counter.fetch_add(number, Ordering::Relaxed);
    }
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

impl Metrics {
    /// Counts a request that was answered.
    pub(super) fn answered(&self, path: &str, method: &Method, status: StatusCode, took: Duration) {
        let kind = KINDS.iter().position(|it| path.starts_with(it.1)).unwrap_or(KINDS.len() - 1);
        let method = METHODS.iter().position(|it| it == method).unwrap_or(METHODS.len());
        let hundreds = usize::from(status.as_u16() / 100).min(5);
        add(self.requests.get(kind).and_then(|it| it.get(method)).and_then(|it| it.get(hundreds)), 1);
        let bucket = BUCKETS.iter().position(|it| took.as_secs_f64() <= *it).unwrap_or(BUCKETS.len());
        add(self.durations.get(kind).and_then(|it| it.get(bucket)), 1);
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        add(self.microseconds.get(kind), microseconds);
    }

    fn write(&self, text: &mut MetricsText) {
        let name = "plimsoll_http_requests_total";
        text.begin(name, "counter", "Requests that were answered.");
        for ((kind, _), methods) in KINDS.iter().zip(&self.requests) {
            for (index, statuses) in methods.iter().enumerate() {
                let method = METHODS.get(index).map_or("other", Method::as_str);
                for (hundreds, count) in statuses.iter().enumerate().filter(|it| read(it.1) > 0) {
                    let labels = format!("kind=\"{kind}\",method=\"{method}\",status=\"{hundreds}xx\"");
                    text.line(name, &labels, read(count));
                }
            }
        }
        self.write_durations(text);
    }

    fn write_durations(&self, text: &mut MetricsText) {
        let name = "plimsoll_http_request_duration_seconds";
        text.begin(name, "histogram", "Time until a request's answer began.");
        for (((kind, _), buckets), sum) in KINDS.iter().zip(&self.durations).zip(&self.microseconds) {
            let total: u64 = buckets.iter().map(read).sum();
            if total == 0 {
                continue;
            }
            let mut below = 0;
            for (bound, count) in BUCKETS.iter().zip(buckets) {
                below += read(count);
                text.line(&format!("{name}_bucket"), &format!("kind=\"{kind}\",le=\"{bound}\""), below);
            }
            text.line(&format!("{name}_bucket"), &format!("kind=\"{kind}\",le=\"+Inf\""), total);
            let kind = format!("kind=\"{kind}\"");
            text.line(&format!("{name}_sum"), &kind, Duration::from_micros(read(sum)).as_secs_f64());
            text.line(&format!("{name}_count"), &kind, total);
        }
    }
}

/// A page of metrics that is being written.
#[derive(Default)]
pub struct MetricsText(String);

impl MetricsText {
    /// What was written so far.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Begins a metric with its help.
    pub fn begin(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    /// One value; labels as they stand between the braces.
    pub fn line(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = match labels {
            "" => writeln!(self.0, "{name} {value}"),
            labels => writeln!(self.0, "{name}{{{labels}}} {value}"),
        };
    }

    /// A number that goes up and down.
    pub fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.begin(name, "gauge", help);
        self.line(name, "", value);
    }

    /// A number that only goes up.
    pub fn counter(&mut self, name: &str, help: &str, value: impl Display) {
        self.begin(name, "counter", help);
        self.line(name, "", value);
    }
}

pub(super) fn router(app: &Arc<App>) -> Router {
    Router::new().route("/metrics", get(page)).with_state(Arc::clone(app))
}

async fn page(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    if !may_see(&app, &headers) {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
    }
    let mut text = MetricsText::default();
    text.begin("plimsoll_build_info", "gauge", "The version that runs.");
    text.line("plimsoll_build_info", concat!("version=\"", env!("CARGO_PKG_VERSION"), "\""), 1);
    if let Some(bytes) = resident_bytes() {
        text.gauge("process_resident_memory_bytes", "Memory that the process has.", bytes);
    }
    app.metrics.write(&mut text);
    parts::measure(&app, &mut text).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text.0).into_response()
}

fn may_see(app: &App, headers: &HeaderMap) -> bool {
    let Some(token) = &app.settings.metrics_token else { return true };
    let said = headers.get(header::AUTHORIZATION).and_then(|it| it.to_str().ok()).unwrap_or_default();
    said.strip_prefix("Bearer ").is_some_and(|it| crate::accounts::same(it, token.reveal()))
}

/// The second number of `statm` counts pages, of 4096 bytes where we run.
fn resident_bytes() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(pages * u64::try_from(rustix::param::page_size()).ok()?)
}
