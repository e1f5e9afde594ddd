//! Webhooks against a server that listens, and against addresses that must not be reached.

use std::sync::Mutex;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use plimsoll_core::Severity;
use plimsoll_store::{
    Configure, NamespaceName, NamespaceSettings, Options, RefusalForm, WebhookId, WebhookSettings,
};

use super::*;

const NOW: Timestamp = Timestamp(1_790_000_000);

fn later(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds)
}

/// What arrived: path, headers and body.
type Arrived = Arc<Mutex<Vec<(String, axum::http::HeaderMap, String)>>>;

/// A server that answers `/500` with 500, `/302` with a redirect to `/ok`, and the rest with 204.
async fn listen() -> (String, Arrived) {
    async fn take(
        State(arrived): State<Arrived>,
        request: Request,
    ) -> (StatusCode, [(&'static str, &'static str); 1]) {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1_000_000).await.unwrap();
        let path = parts.uri.path().to_owned();
        let status = path[1..].parse().ok().and_then(|it| StatusCode::from_u16(it).ok());
        arrived.lock().unwrap().push((path, parts.headers, String::from_utf8(body.to_vec()).unwrap()));
        (status.unwrap_or(StatusCode::NO_CONTENT), [("location", "/ok")])
    }
    let arrived = Arrived::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = axum::Router::new().fallback(take).with_state(Arc::clone(&arrived));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, arrived)
}

struct Fixture {
    _folder: tempfile::TempDir,
    webhooks: Webhooks,
    store: Store,
    namespace: NamespaceId,
    secret: plimsoll_store::WebhookSecret,
}

impl Fixture {
    async fn new(allowed: &[&str]) -> Fixture {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", folder.path().join("store.db").display());
        let options = Options { connections_max: 4, patience: Duration::from_secs(30) };
        let store = Store::open(&address, &options, NOW).await.unwrap();
        let settings = NamespaceSettings {
            public: false,
            auto_scan: true,
            policy: None,
            refusal: RefusalForm::Denied,
            quota_bytes: None,
            engine: "plimsoll".to_owned(),
        };
        let (name, access) = (NamespaceName::parse("team").unwrap(), store.authoriser().system());
        let namespace = store.create_namespace(&access, &name, &settings, NOW).await.unwrap();
        let options = WebhookOptions {
            external_url: Some("https://plimsoll.test".to_owned()),
            allowed_networks: allowed.iter().map(|it| it.parse().unwrap()).collect(),
            log: |text| println!("{text}"),
        };
        let webhooks = Webhooks::new(store.clone(), options).unwrap();
        Fixture { _folder: folder, webhooks, store, namespace, secret: new_secret().unwrap() }
    }

    async fn add(&self, url: &str, change: impl Fn(&mut WebhookSettings)) -> WebhookId {
        let mut settings = WebhookSettings {
            name: "chat".to_owned(),
            url: url.to_owned(),
            enabled: true,
            kinds: Vec::new(),
            severity: None,
            only_fixable: false,
            only_new: false,
        };
        change(&mut settings);
        let access = self.store.authoriser().system::<Configure>().within(self.namespace);
        self.store.create_webhook(&access, &settings, &self.secret, NOW).await.unwrap()
    }

    /// How the newest delivery went: state, status, what went wrong.
    async fn newest(&self, webhook: WebhookId) -> (DeliveryState, Option<i64>, String) {
        let access = self.store.authoriser().system::<Configure>().within(self.namespace);
        let found = self.store.deliveries(&access, webhook, None, 1).await.unwrap().remove(0);
        (found.state, found.status, found.error.unwrap_or_default())
    }
}

fn event() -> Event {
    Event {
        id: "event-1".to_owned(),
        kind: EventKind::FindingNew,
        at: NOW,
        subject: "team/app@sha256:aa".to_owned(),
        severity: Some(Severity::High),
        is_fixable: false,
        is_new: true,
        data: serde_json::json!({ "vulnerability": "CVE-1" }),
    }
}

#[tokio::test]
async fn an_event_arrives_signed_as_a_cloud_event() {
    let (address, arrived) = listen().await;
    let t = Fixture::new(&["127.0.0.0/8"]).await;
    let webhook = t.add(&format!("{address}/ok"), |_| ()).await;
    assert_eq!(t.webhooks.publish(t.namespace, &event()).await.unwrap(), 1);
    assert_eq!(t.webhooks.send_due(NOW).await.unwrap(), 1);
    assert_eq!(t.newest(webhook).await, (DeliveryState::Delivered, Some(204), String::new()));
    let (_, headers, body) = arrived.lock().unwrap().remove(0);
    assert_eq!(headers["content-type"], "application/cloudevents+json; charset=utf-8");
    assert_eq!(headers["webhook-id"], "event-1");
    let mac = Hmac::<sha2::Sha256>::new_from_slice(t.secret.bytes()).unwrap();
    let mac = mac.chain_update(format!("event-1.{}.{body}", NOW.0)).finalize().into_bytes();
    assert_eq!(headers["webhook-signature"], format!("v1,{}", STANDARD.encode(mac)));
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let expected = serde_json::json!({
        "specversion": "1.0",
        "id": "event-1",
        "source": "https://plimsoll.test",
        "type": "plimsoll.finding.new",
        "time": "2026-09-21T14:13:20Z",
        "subject": "team/app@sha256:aa",
        "datacontenttype": "application/json",
        "data": { "vulnerability": "CVE-1" },
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn what_is_not_taken_is_sent_again_later_and_not_for_ever() {
    let (address, arrived) = listen().await;
    let t = Fixture::new(&["127.0.0.1"]).await;
    let webhook = t.add(&format!("{address}/500"), |_| ()).await;
    t.webhooks.publish(t.namespace, &event()).await.unwrap();
    t.webhooks.send_due(NOW).await.unwrap();
    let waiting = (DeliveryState::Waiting, Some(500), "the answer was 500".to_owned());
    assert_eq!(t.newest(webhook).await, waiting);
    assert_eq!(t.webhooks.send_due(later(4)).await.unwrap(), 0);
    assert_eq!(t.webhooks.send_due(later(5)).await.unwrap(), 1);
    for day in 1..20 {
        t.webhooks.send_due(later(day * 86_400)).await.unwrap();
    }
    assert_eq!(t.newest(webhook).await.0, DeliveryState::Failed);
    assert_eq!(arrived.lock().unwrap().len(), AGAIN_AFTER_SECONDS.len() + 1);
}

#[tokio::test]
async fn no_redirect_is_followed() {
    let (address, arrived) = listen().await;
    let t = Fixture::new(&["127.0.0.1"]).await;
    let webhook = t.add(&format!("{address}/302"), |_| ()).await;
    t.webhooks.publish(t.namespace, &event()).await.unwrap();
    t.webhooks.send_due(NOW).await.unwrap();
    assert_eq!(t.newest(webhook).await.2, "the answer was 302");
    assert_eq!(arrived.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_is_sent_to_a_private_network_however_it_is_written() {
    let (address, arrived) = listen().await;
    let port = address.rsplit(':').next().unwrap();
    let t = Fixture::new(&["10.0.0.0/8"]).await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "[::]",
        "169.254.169.254",
        "[fd00:ec2::254]",
        "192.168.0.1",
    ] {
        let url = format!("http://{host}:{port}/ok");
        let error = t.webhooks.check_address(&url).await.unwrap_err();
        assert!(matches!(error, AddressError::Private | AddressError::Unknown), "{host}: {error}");
        // Also where it was kept before the rule was there.
        let webhook = t.add(&url, |_| ()).await;
        t.webhooks.publish(t.namespace, &event()).await.unwrap();
        t.webhooks.send_due(NOW).await.unwrap();
        let (state, status, error) = t.newest(webhook).await;
        assert_eq!((state, status), (DeliveryState::Waiting, None), "{host}");
        assert!(
            error.contains("private networks") || error.contains("cannot be resolved"),
            "{host}: {error}"
        );
        let access = t.store.authoriser().system::<Configure>().within(t.namespace);
        t.store.delete_webhook(&access, webhook).await.unwrap();
    }
    assert!(arrived.lock().unwrap().is_empty());
    assert!(t.webhooks.check_address("http://10.1.2.3/").await.is_ok());
}

#[tokio::test]
async fn what_is_no_address_of_the_web_is_refused() {
    let t = Fixture::new(&[]).await;
    for bad in
        ["", "ftp://example.org/", "file:///etc/passwd", "http://", "example.org", "gopher://127.0.0.1:70/"]
    {
        let error = t.webhooks.check_address(bad).await.unwrap_err();
        assert!(matches!(error, AddressError::Unreadable), "{bad}: {error}");
    }
    let error = t.webhooks.check_address("https://anna:secret@example.org/").await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}

#[tokio::test]
async fn who_hears_what_is_said_by_filters() {
    let t = Fixture::new(&[]).await;
    let hears = async |change: fn(&mut WebhookSettings), event: &Event| {
        let webhook = t.add("https://example.org/", change).await;
        let count = t.webhooks.publish(t.namespace, event).await.unwrap();
        let access = t.store.authoriser().system::<Configure>().within(t.namespace);
        t.store.delete_webhook(&access, webhook).await.unwrap();
        count == 1
    };
    assert!(hears(|_| (), &event()).await);
    assert!(!hears(|it| it.enabled = false, &event()).await);
    assert!(!hears(|it| it.only_fixable = true, &event()).await);
    assert!(hears(|it| it.only_new = true, &event()).await);
    assert!(hears(|it| it.severity = Some(Severity::High), &event()).await);
    assert!(!hears(|it| it.severity = Some(Severity::Critical), &event()).await);
    assert!(hears(|it| it.kinds = vec!["finding.new".to_owned()], &event()).await);
    assert!(!hears(|it| it.kinds = vec!["finding.fixed".to_owned()], &event()).await);
    let scan = Event { severity: None, kind: EventKind::ScanCompleted, ..event() };
    assert!(hears(|it| it.only_fixable = true, &scan).await);
}
