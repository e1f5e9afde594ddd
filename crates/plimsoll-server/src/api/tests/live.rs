//! Server-sent events: who hears what.

use futures_util::StreamExt;

use super::*;

struct Listening(axum::body::BodyDataStream);

impl Listening {
    async fn start(test: &TestApi, who: &str, query: &str) -> Listening {
        let request = Request::get(format!("/api/v1/events/stream{query}"))
            .header("authorization", format!("Basic {}", STANDARD.encode(format!("{who}:secret"))));
        let response = test.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut listening = Listening(response.into_body().into_data_stream());
        assert!(listening.next().await.contains("event: hello"));
        listening
    }

    async fn next(&mut self) -> String {
        let next = tokio::time::timeout(Duration::from_secs(60), self.0.next()).await.unwrap();
        String::from_utf8(next.unwrap().unwrap().to_vec()).unwrap()
    }
}

fn tell(test: &TestApi, place: Option<&str>, text: &str) {
    let namespace = place.map(namespace);
    test.api.live.tell(LiveEvent { namespace, kind: "scan", data: json!({ "text": text }) });
}

#[tokio::test]
async fn everybody_hears_what_they_may_read_and_nothing_else() {
    let test = TestApi::start().await;
    let mut anna = Listening::start(&test, "anna", "").await;
    let mut ben = Listening::start(&test, "ben", "").await;
    let mut root = Listening::start(&test, "root", "?namespace=open").await;
    tell(&test, Some("team"), "one");
    tell(&test, Some("other"), "two");
    tell(&test, None, "three");
    tell(&test, Some("open"), "line\nfeed");
    assert_eq!(anna.next().await, "event: scan\ndata: {\"text\":\"one\"}\n\n");
    assert!(anna.next().await.contains("three"));
    assert!(anna.next().await.contains("line\\nfeed"));
    assert!(ben.next().await.contains("two"));
    assert!(ben.next().await.contains("three"));
    assert!(ben.next().await.contains("line"));
    assert!(root.next().await.contains("line"));
}

#[tokio::test]
async fn nobody_listens_to_what_they_may_not_read() {
    let test = TestApi::start().await;
    test.get("", "/events/stream").await.is(401, "unauthenticated");
    test.get("ben", "/events/stream?namespace=team").await.is(404, "not-found");
    test.get("ben", "/events/stream?namespace=missing").await.is(404, "not-found");
}
