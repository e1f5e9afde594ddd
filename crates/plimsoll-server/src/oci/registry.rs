//! The registry as one value, and the way of a request through it: its path is read, its caller is
//! authorised by one table, one handler answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use plimsoll_core::Timestamp;
use plimsoll_store::{
    Access, Error, NamespaceId, NamespaceName, NamespaceSettings, Needs, RefusalForm, Store,
};

use super::access::{self, Caller};
use super::accounts::Accounts;
use super::answer::Answer;
use super::call::{Call, Content};
use super::error::{Code, Refusal};
use super::route::Route;
use super::token::TokenKey;
use super::watcher::{Nobody, Watcher};
use super::{audit, blob, elsewhere, issue, lists, manifests, upload};
use crate::blobs::BlobStore;
use crate::gate::Gate;
use crate::keeping::Pulls;
use crate::scanning::OURS;

/// What whoever runs the registry decides.
#[derive(Clone, Debug)]
pub struct RegistryOptions {
    /// The name of the registry in its tokens; tokens of another name are refused.
    pub service: String,
    /// Under which address clients reach it, `https://registry.example`; if there is none, it is
    /// taken from each request.
    pub external_url: Option<String>,
    /// Whether clients reach it by TLS, where no address says so.
    pub https: bool,
    /// The most bytes of one blob.
    pub blob_bytes_max: u64,
    /// Whether a push by somebody who may makes a namespace that is not there, a private one.
    pub namespaces_by_push: bool,
    /// Is told what failed on our side, with all its causes; the client is not.
    pub log: fn(&str),
}

/// The embedded registry.
pub struct Registry {
    pub(super) store: Store,
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) accounts: Arc<dyn Accounts>,
    pub(super) tokens: TokenKey,
    pub(super) options: RegistryOptions,
    pub(super) pulls: Option<Arc<Pulls>>,
    pub(super) watcher: Arc<dyn Watcher>,
    pub(super) gate: Option<Arc<Gate>>,
    /// Which number the namespaces had when they were last asked for.
    namespaces: Mutex<HashMap<NamespaceName, NamespaceId>>,
}

/// More names than that are not remembered: they may be anybody's.
const NAMESPACES_MAX: usize = 10_000;

/// An answer, or why there is none.
pub(super) type Answered = Result<Response<Body>, Refusal>;

impl Registry {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        blobs: Arc<dyn BlobStore>,
        accounts: Arc<dyn Accounts>,
        tokens: TokenKey,
        options: RegistryOptions,
    ) -> Registry {
        let watcher = Arc::new(Nobody);
        let (pulls, gate, namespaces) = (None, None, Mutex::default());
        Registry { store, blobs, accounts, tokens, options, pulls, watcher, gate, namespaces }
    }

    /// The same, which tells of every pull.
    #[must_use]
    pub fn noting_pulls(self, pulls: Arc<Pulls>) -> Registry {
        Registry { pulls: Some(pulls), ..self }
    }

    /// The same, with somebody who is told what goes on.
    #[must_use]
    pub fn watched_by(self, watcher: Arc<dyn Watcher>) -> Registry {
        Registry { watcher, ..self }
    }

    /// The same with a gate that says which images may be pulled.
    #[must_use]
    pub fn guarded_by(self, gate: Arc<Gate>) -> Registry {
        Registry { gate: Some(gate), ..self }
    }

    /// Everything below `/v2`.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        axum::Router::new()
            .route("/v2", axum::routing::any(serve))
            .route("/v2/", axum::routing::any(serve))
            .route("/v2/{*path}", axum::routing::any(serve))
            .with_state(Arc::clone(self))
    }

    /// Leave to do something in a namespace, for a caller whom the table has let through.
    pub(super) async fn leave<P: Needs>(&self, namespace: &NamespaceName) -> Result<Access<P>, Refusal> {
        let access: Access<P> = self.store.authoriser().system_in(namespace).await?;
        let mut known = self.namespaces.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < NAMESPACES_MAX || known.contains_key(namespace) {
            known.insert(namespace.clone(), access.namespace());
        }
        Ok(access)
    }

    /// The same without a question to the store, where one was asked before. A namespace that was deleted
    /// since has nothing in it any more, so whoever finds nothing asks again.
    pub(super) async fn leave_by_memory<P: Needs>(
        &self,
        namespace: &NamespaceName,
    ) -> Result<Access<P>, Refusal> {
        let known = self.namespaces.lock().unwrap_or_else(PoisonError::into_inner).get(namespace).copied();
        match known {
            Some(id) => Ok(self.store.authoriser().system::<P>().within(id)),
            None => self.leave(namespace).await,
        }
    }

    /// The same for a change, which histories know as the caller's.
    pub(super) async fn leave_to<P: Needs>(
        &self,
        namespace: &NamespaceName,
        caller: &Caller,
    ) -> Result<Access<P>, Refusal> {
        Ok(self.store.authoriser().acting_in(namespace, &caller.actor()).await?)
    }

    /// The same for a push, which may make the namespace.
    pub(super) async fn leave_to_push(
        &self,
        namespace: &NamespaceName,
        by: (&Caller, &Call),
    ) -> Result<Access<plimsoll_store::Push>, Refusal> {
        match self.store.authoriser().acting_in(namespace, &by.0.actor()).await {
            Err(Error::Unknown { .. }) if self.options.namespaces_by_push => {
                let is_new = self.make_namespace(namespace).await?;
                let leave = self.leave_to(namespace, by.0).await?;
                if is_new {
                    let target = format!("/namespaces/{namespace}");
                    audit::note(self, by.1, &leave, ("createNamespace", &target)).await;
                }
                Ok(leave)
            }
            leave => {
                let leave = leave?;
                elsewhere::is_here(self, leave.namespace(), (namespace, "push")).await?;
                Ok(leave)
            }
        }
    }

    /// Says whether it was not there.
    async fn make_namespace(&self, namespace: &NamespaceName) -> Result<bool, Refusal> {
        let settings = NamespaceSettings {
            public: false,
            auto_scan: true,
            policy: None,
            refusal: RefusalForm::Denied,
            quota_bytes: None,
            engine: OURS.id.to_owned(),
        };
        let access = self.store.authoriser().system();
        match self.store.create_namespace(&access, namespace, &settings, now()).await {
            Ok(_) => Ok(true),
            // Two layers of one image are pushed at once.
            Err(Error::Exists { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn answer(self: &Arc<Self>, call: Call, content: Content) -> Answered {
        let route = Route::parse(call.uri.path()).map_err(|error| error.refusal(&call.method))?;
        if route == Route::Token {
            return issue::issue(self, &call, content).await;
        }
        let caller = Caller::of(self, &call).await?;
        access::check(self, &caller, &call, &route).await?;
        match (&route, call.method.as_str()) {
            (Route::Base, "GET" | "HEAD") => {
                Ok(Answer::new(StatusCode::OK).body("application/json", Body::from("{}")))
            }
            (Route::Catalog, "GET") => lists::catalog(self, &caller, &call).await,
            (Route::Tags(name), "GET") => lists::tags(self, &call, name).await,
            (Route::Referrers(name, subject), "GET") => lists::referrers(self, &call, name, *subject).await,
            (Route::Blob(name, digest), "GET") => blob::get(self, &call, name, *digest).await,
            (Route::Blob(name, digest), "HEAD") => blob::head(self, &caller, name, *digest).await,
            (Route::Blob(name, digest), "DELETE") => {
                blob::delete(self, (&caller, &call), name, *digest).await
            }
            (Route::Uploads(name), "POST") => upload::start(self, &caller, (&call, content), name).await,
            (Route::Upload(name, id), "GET") => upload::status(self, name, *id).await,
            (Route::Upload(name, id), "PATCH") => upload::append(self, (&call, content), name, *id).await,
            (Route::Upload(name, id), "PUT") => upload::finish(self, (&call, content), name, *id).await,
            (Route::Upload(name, id), "DELETE") => upload::cancel(self, name, *id).await,
            (Route::Manifest(name, it), "GET") => manifests::get(self, (&caller, &call), name, it).await,
            (Route::Manifest(name, it), "HEAD") => manifests::head(self, (&caller, &call), name, it).await,
            (Route::Manifest(name, it), "PUT") => {
                manifests::put(self, &caller, (&call, content), (name, it)).await
            }
            (Route::Manifest(name, it), "DELETE") => {
                manifests::delete(self, (&caller, &call), name, it).await
            }
            _ => Err(unsupported(&call.method)),
        }
    }
}

async fn serve(State(registry): State<Arc<Registry>>, request: Request) -> Response<Body> {
    let is_head = request.method() == Method::HEAD;
    let (call, content) = Call::of(request);
    let mut response = registry.answer(call, content).await.unwrap_or_else(|refusal| {
        if let Some(cause) = refusal.cause() {
            (registry.options.log)(cause);
        }
        refusal.into_response()
    });
    if is_head {
        // The length of what a `GET` would send stands in the headers already.
        *response.body_mut() = Body::empty();
    }
    let version = HeaderName::from_static("docker-distribution-api-version");
    response.headers_mut().insert(version, HeaderValue::from_static("registry/2.0"));
    response
}

/// What an address does not do.
pub(super) fn unsupported(method: &Method) -> Refusal {
    Refusal::new(Code::Unsupported, format!("{method} is not done here"))
}

/// The clock; everything below takes the time as an argument.
pub(super) fn now() -> Timestamp {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |it| it.as_secs());
    Timestamp(i64::try_from(seconds).unwrap_or(i64::MAX))
}
