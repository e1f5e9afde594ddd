//! Exceptions of namespaces and of the instance.

use super::*;

fn exception(vulnerability: &str) -> NewException<'_> {
    NewException {
        vulnerability,
        package: Some("pkg:deb/debian/zlib1g"),
        repository: None,
        tags: Some("1.*"),
        paths: Some("opt/**"),
        reason: "not reachable",
        expires_at: Some(later(100)),
    }
}

#[test]
fn a_namespace_sees_its_own_exceptions_and_those_of_the_instance() {
    on_both(async |t| {
        for name in ["team", "other"] {
            t.namespace(name, &settings()).await;
        }
        let (mine, yours) = (t.access::<Configure>("team").await, t.access::<Configure>("other").await);
        let everywhere = t.authoriser.system();
        let own = t.store.create_exception(&mine, &exception("CVE-2026-1"), NOW).await.unwrap();
        t.store.create_exception(&yours, &exception("CVE-2026-2"), NOW).await.unwrap();
        let all = exception("CVE-2026-3");
        let all = t.store.create_exception_everywhere(&everywhere, &all, NOW).await.unwrap();
        let read = t.access::<Read>("team").await;
        let list = t.store.exceptions(&read, None, 10).await.unwrap();
        let ids: Vec<_> = list.iter().map(|it| it.vulnerability.as_str()).collect();
        assert_eq!(ids, ["CVE-2026-1", "CVE-2026-3"]);
        assert_eq!((list[0].author.as_str(), list[0].tags.as_deref()), ("system", Some("1.*")));
        assert_eq!((list[0].paths.as_deref(), list[0].matched_at), (Some("opt/**"), None));
        assert_eq!(t.store.exceptions(&read, Some(own), 10).await.unwrap(), list[1..]);
        assert!(t.store.delete_exception(&yours, own).await.is_err());
        assert!(t.store.delete_exception(&mine, all).await.is_err());
        t.store.delete_exception(&mine, own).await.unwrap();
        t.store.delete_exception_everywhere(&everywhere, all).await.unwrap();
        assert_eq!(t.store.exceptions(&read, None, 10).await.unwrap(), []);
    });
}

#[test]
fn an_exception_has_a_reason_and_says_when_it_ended() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let access = t.access::<Configure>("team").await;
        let without = NewException { reason: " ", ..exception("CVE-2026-1") };
        let error = t.store.create_exception(&access, &without, NOW).await.unwrap_err();
        assert_eq!(error.to_string(), "an exception without a reason cannot be stored");
        t.store.create_exception(&access, &exception("CVE-2026-1"), NOW).await.unwrap();
        let system = t.authoriser.system();
        let ended = async |after, until| {
            t.store.exceptions_ended(&system, later(after), later(until)).await.unwrap().len()
        };
        assert_eq!((ended(0, 99).await, ended(99, 100).await, ended(100, 200).await), (0, 1, 0));
    });
}

#[test]
fn when_an_exception_last_matched_is_noted_once_in_a_day() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let access = t.access::<Configure>("team").await;
        let id = t.store.create_exception(&access, &exception("CVE-2026-1"), NOW).await.unwrap();
        let system = t.authoriser.system();
        let read = t.access::<Read>("team").await;
        for (at, expected) in [(10, 10), (20, 10), (86_411, 86_411)] {
            t.store.note_exceptions_matched(&system, &[id], later(at)).await.unwrap();
            let list = t.store.exceptions(&read, None, 10).await.unwrap();
            assert_eq!(list[0].matched_at, Some(later(expected)));
        }
    });
}
