//! The interface as programs see it: requests in, answers out, on a real store.

mod accounts;
mod artifacts;
mod audited;
mod console;
mod document;
mod indexes;
mod live;
mod namespaces;
mod refusals;
mod registries;
mod reports;
mod requests;
mod scans;
mod served;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use plimsoll_core::{Algorithm, Digest, Timestamp};
use plimsoll_store::{
    Administer, Caller, Granted, InstanceAccess, NamespaceName, NamespaceSettings, NewManifest, Options,
    PrincipalId, RefusalForm, RepositoryName, Role, Store, TagName,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt;

use super::ports::Asked;
use super::*;
use crate::blobs::Hash;

/// An interface over a store with the private namespaces `team` and `other` and the public `open`.
///
/// Everybody's password is `secret`. root is the administrator; anna maintains `team`, vera views it;
/// ben administers `other`; carl has nothing.
struct TestApi {
    _folder: TempDir,
    store: Store,
    api: Api,
}

/// Passwords without hashing, which is tried elsewhere.
struct Passwords(Store);

impl SignIn for Passwords {
    fn sign_in<'a>(
        &'a self,
        name: &'a str,
        secret: &'a str,
        _address: Option<std::net::IpAddr>,
    ) -> Asked<'a, Result<Caller, SignInRefusal>> {
        async move {
            let login = self.0.login(name).await.map_err(|it| SignInRefusal::Unavailable(it.into()))?;
            let login = login.filter(|it| it.password_hash.as_deref() == Some(secret));
            let id = login.ok_or(SignInRefusal::Wrong)?.id;
            let caller = self.0.authoriser().by_login(id).await.ok().flatten();
            caller.ok_or(SignInRefusal::Wrong)
        }
        .boxed()
    }

    fn refused_token(&self, _token: &str, _address: Option<std::net::IpAddr>) {}

    fn make_user<'a>(
        &'a self,
        access: &'a InstanceAccess<Administer>,
        name: &'a str,
        password: Option<&'a str>,
    ) -> Asked<'a, Result<PrincipalId, AccountRefusal>> {
        let made = self.0.create_user(access, name, password, None, NOW);
        async move { made.await.map_err(AccountRefusal::Store) }.boxed()
    }

    fn set_password<'a>(
        &'a self,
        access: &'a InstanceAccess<Administer>,
        user: PrincipalId,
        password: &'a str,
    ) -> Asked<'a, Result<(), AccountRefusal>> {
        async move {
            if password.len() < 6 {
                return Err(AccountRefusal::Password("a password has six characters".to_owned()));
            }
            self.0.change_password(access, user, password).await.map_err(AccountRefusal::Store)
        }
        .boxed()
    }
}

const NOW: Timestamp = Timestamp(1_790_000_000);

fn namespace(name: &str) -> NamespaceName {
    NamespaceName::parse(name).unwrap()
}

impl TestApi {
    async fn start() -> TestApi {
        TestApi::with_limit(RateLimit { burst: 100_000, per_second: 1 }).await
    }

    async fn with_limit(rate_limit: RateLimit) -> TestApi {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("plimsoll.db").display());
        let options = Options { connections_max: 4, patience: Duration::from_secs(20) };
        let store = Store::open(&address, &options, NOW).await.unwrap();
        let api = Api::new(ApiParts {
            store: store.clone(),
            sign_in: Arc::new(Passwords(store.clone())),
            reports: Some(Arc::new(reports::Golden)),
            database: None,
            judge: None,
            scans: None,
            webhooks: None,
            registries: None,
            live: Live::default(),
            options: ApiOptions {
                version: "0.0.0".to_owned(),
                is_https: false,
                rate_limit,
                rate_limit_anonymous: rate_limit,
                session_seconds: 3600,
                providers: Vec::new(),
                log: |cause| println!("{cause}"),
            },
        });
        let test = TestApi { _folder: folder, store, api };
        test.fill().await;
        test
    }

    async fn fill(&self) {
        let authoriser = self.store.authoriser();
        for (name, public) in [("team", false), ("other", false), ("open", true)] {
            let settings = NamespaceSettings {
                public,
                auto_scan: true,
                policy: None,
                refusal: RefusalForm::Denied,
                quota_bytes: None,
                engine: "plimsoll".to_owned(),
            };
            self.store
                .create_namespace(&authoriser.system(), &namespace(name), &settings, NOW)
                .await
                .unwrap();
        }
        for (name, place, role) in [
            ("root", None, Some(Role::Administrator)),
            ("anna", Some("team"), Some(Role::Maintainer)),
            ("vera", Some("team"), Some(Role::Viewer)),
            ("ben", Some("other"), Some(Role::NamespaceAdmin)),
            ("carl", None, None),
        ] {
            let system = authoriser.system();
            let id = self.store.create_user(&system, name, Some("secret"), None, NOW).await.unwrap();
            match (place, role.map(Granted::Role)) {
                (Some(place), Some(role)) => {
                    let access = authoriser.system_in(&namespace(place)).await.unwrap();
                    self.store.grant(&access, id, role).await.unwrap();
                }
                (None, Some(role)) => self.store.grant_everywhere(&system, id, role).await.unwrap(),
                _ => (),
            }
        }
    }

    /// Puts an artifact and points a tag at it.
    async fn push(&self, place: (&str, &str), tag: &str, text: &str) -> Digest {
        let manifest = NewManifest {
            digest: Hash::of(Algorithm::Sha256, text.as_bytes()),
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            artifact_type: None,
            content: text.as_bytes().to_vec(),
            subject: None,
            config: None,
            blobs: Vec::new(),
            children: Vec::new(),
            annotations: BTreeMap::new(),
        };
        let access = self.store.authoriser().system_in(&namespace(place.0)).await.unwrap();
        let (repository, tag) = (RepositoryName::parse(place.1).unwrap(), TagName::parse(tag).unwrap());
        self.store.put_manifest(&access, &repository, Some(&tag), &manifest, NOW).await.unwrap();
        manifest.digest
    }

    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.api.router().oneshot(request).await.unwrap()
    }

    /// As somebody, `anna`; headers as lines; JSON, if there is a body.
    async fn call(&self, who: &str, line: &str, headers: &str, body: Option<Value>) -> Reply {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}"));
        if !who.is_empty() {
            let basic = STANDARD.encode(format!("{who}:secret"));
            request = request.header("authorization", format!("Basic {basic}"));
        }
        for header in headers.lines() {
            let (name, value) = header.trim().split_once(": ").unwrap();
            request = request.header(name, value);
        }
        let body = match body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        Reply::of(self.send(request.body(body).unwrap()).await).await
    }

    async fn get(&self, who: &str, path: &str) -> Reply {
        self.call(who, &format!("GET {path}"), "", None).await
    }

    async fn post(&self, who: &str, path: &str, body: Value) -> Reply {
        self.call(who, &format!("POST {path}"), "", Some(body)).await
    }
}

/// An answer, all of it.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    async fn of(response: Response<Body>) -> Reply {
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, 10_000_000).await.unwrap();
        let body = String::from_utf8_lossy(&body).into_owned();
        Reply { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    #[track_caller]
    fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        if self.body.is_empty() { Value::Null } else { serde_json::from_str(&self.body).unwrap() }
    }

    /// That it is a problem of this kind.
    #[track_caller]
    fn is(&self, status: u16, word: &str) -> Value {
        let body = self.ok(status);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(body["type"], format!("urn:plimsoll:problem:{word}"), "{body}");
        assert_eq!(body["status"], status);
        body
    }

    /// The values of a field over the items of a page.
    #[track_caller]
    fn items(&self, field: &str) -> Vec<String> {
        let body = self.ok(200);
        let items = body["items"].as_array().unwrap();
        items.iter().map(|it| it[field].as_str().unwrap_or_default().to_owned()).collect()
    }
}
