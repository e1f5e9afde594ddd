//! Live state: what is told to everybody who listens, as server-sent events.
//!
//! Whoever changes something tells it here; a listener hears what is in a namespace that they may
//! read, and that is asked again and again, so that who is thrown out hears no more. A listener who
//! is too slow is told that something was missed and reads the lists again. Nothing is kept: for
//! what happened there are the events of the store.

use std::time::Duration;

use axum::body::Body;
use axum::http::{StatusCode, header};
use bytes::Bytes;
use futures_util::stream;
use plimsoll_store::{Caller, NamespaceName, Permission};
use serde_json::Value;
use tokio::sync::broadcast::{self, error::RecvError};

use super::Api;
use super::answer::{Answer, Content};
use super::problem::Problem;

/// Something that happened.
#[derive(Clone, Debug)]
pub struct LiveEvent {
    /// The namespace it is in; none for what is no secret of any, and concerns all who sign in.
    pub namespace: Option<NamespaceName>,
    /// What kind of thing: `scan`, `artifact`, `artifacts`, `verdict`, `database`. Lower-case letters.
    pub kind: &'static str,
    /// What there is to know of it, without secrets.
    pub data: Value,
}

/// Where it is told.
#[derive(Clone, Debug)]
pub struct Live(broadcast::Sender<LiveEvent>);

/// How many events a listener may be behind.
const BACKLOG: usize = 1024;
/// How many listeners there may be.
const LISTENERS_MAX: usize = 512;
/// How long nothing may be sent: proxies end what is silent for a minute.
const HEARTBEAT: Duration = Duration::from_secs(20);
/// How long one stream lasts. Its client comes again, and proves anew who it is: a token that was
/// taken back hears no more from then on.
const STREAM_MAX: Duration = Duration::from_secs(15 * 60);
/// For how long an answer about a permission is believed.
const BELIEVED: Duration = Duration::from_secs(5);

impl Default for Live {
    fn default() -> Live {
        Live(broadcast::channel(BACKLOG).0)
    }
}

impl Live {
    /// Tells everybody who listens. Never waits, and does nothing where nobody does.
    pub fn tell(&self, event: LiveEvent) {
        // There is nobody to tell: no failure.
        let _ = self.0.send(event);
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.0.receiver_count()
    }
}

struct Listener {
    api: Api,
    caller: Caller,
    only: Option<NamespaceName>,
    events: broadcast::Receiver<LiveEvent>,
    seen: std::collections::HashMap<String, (bool, tokio::time::Instant)>,
    is_new: bool,
    until: tokio::time::Instant,
}

/// The stream of what a caller may hear.
pub(super) fn stream_to(api: &Api, caller: Caller, only: Option<NamespaceName>) -> Result<Answer, Problem> {
    if api.live.listeners() >= LISTENERS_MAX {
        return Err(Problem::new(super::problem::Kind::Busy, "too many listen already"));
    }
    let events = api.live.0.subscribe();
    let listener = Listener {
        api: api.clone(),
        caller,
        only,
        events,
        seen: std::collections::HashMap::new(),
        is_new: true,
        until: tokio::time::Instant::now() + STREAM_MAX,
    };
    let pieces = stream::unfold(listener, |mut listener| async {
        let piece = listener.next().await?;
        Some((Ok::<_, std::convert::Infallible>(piece), listener))
    });
    let answer = Answer::new(StatusCode::OK, Content::Stream(Body::from_stream(pieces)));
    let answer =
        answer.with(header::CONTENT_TYPE, "text/event-stream").with(header::CACHE_CONTROL, "no-store");
    // Proxies of the nginx kind would hold events back until a buffer is full.
    Ok(answer.with(header::HeaderName::from_static("x-accel-buffering"), "no"))
}

impl Listener {
    async fn next(&mut self) -> Option<Bytes> {
        if std::mem::take(&mut self.is_new) {
            return Some(Bytes::from_static(b"retry: 3000\nevent: hello\ndata: {}\n\n"));
        }
        while tokio::time::Instant::now() < self.until {
            match tokio::time::timeout(HEARTBEAT, self.events.recv()).await {
                Err(_) => return Some(Bytes::from_static(b": still there\n\n")),
                Ok(Err(RecvError::Closed)) => return None,
                Ok(Err(RecvError::Lagged(count))) => return Some(piece("missed", &Value::from(count))),
                Ok(Ok(event)) if self.hears(&event).await => return Some(piece(event.kind, &event.data)),
                Ok(Ok(_)) => (),
            }
        }
        None
    }

    async fn hears(&mut self, event: &LiveEvent) -> bool {
        let Some(namespace) = &event.namespace else {
            return self.only.is_none() && self.is_there().await;
        };
        if self.only.as_ref().is_some_and(|it| it != namespace) {
            return false;
        }
        if let Some((may, at)) = self.seen.get(namespace.as_str())
            && at.elapsed() < BELIEVED
        {
            return *may;
        }
        let permissions = self.api.authoriser.permissions(&self.caller, namespace).await;
        let may = self.is_there().await && permissions.is_ok_and(|it| it.contains(Permission::Read));
        // As many as there are namespaces, which strangers do not make.
        self.seen.insert(namespace.as_str().to_owned(), (may, tokio::time::Instant::now()));
        may
    }

    /// An account that was disabled hears nothing from then on.
    async fn is_there(&self) -> bool {
        match self.caller.principal() {
            Some(id) => matches!(self.api.authoriser.by_login(id).await, Ok(Some(_))),
            None => true,
        }
    }
}

/// JSON on one line: no line feed of a text ends an event.
fn piece(kind: &str, data: &Value) -> Bytes {
    Bytes::from(format!("event: {kind}\ndata: {data}\n\n"))
}
