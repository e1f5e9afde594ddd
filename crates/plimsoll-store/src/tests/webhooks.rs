//! Webhooks and their deliveries.

use plimsoll_core::Severity;

use super::*;

fn webhook(name: &str) -> WebhookSettings {
    WebhookSettings {
        name: name.to_owned(),
        url: "https://example.org/hook".to_owned(),
        enabled: true,
        kinds: vec!["finding.new".to_owned()],
        severity: Some(Severity::High),
        only_fixable: true,
        only_new: false,
    }
}

fn secret() -> WebhookSecret {
    WebhookSecret::new(b"hush")
}

#[test]
fn a_webhook_belongs_to_a_namespace_or_to_all() {
    on_both(async |t| {
        for name in ["team", "other"] {
            t.namespace(name, &settings()).await;
        }
        let (mine, yours) = (t.access::<Configure>("team").await, t.access::<Configure>("other").await);
        let (everywhere, system) = (t.authoriser.system::<Configure>(), t.authoriser.system::<Scan>());
        let id = t.store.create_webhook(&mine, &webhook("a"), &secret(), NOW).await.unwrap();
        let all =
            t.store.create_webhook_everywhere(&everywhere, &webhook("b"), &secret(), NOW).await.unwrap();
        let hearing = async |namespace| {
            let found = t.store.webhooks_hearing(&system, namespace).await.unwrap();
            found.into_iter().map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(hearing(mine.namespace()).await, [id, all]);
        assert_eq!(hearing(yours.namespace()).await, [all]);
        let found = t.store.webhooks(&mine, None, 10).await.unwrap();
        assert_eq!((found.len(), &found[0].settings), (1, &webhook("a")));
        assert_eq!(t.store.webhooks(&yours, None, 10).await.unwrap(), []);
        assert_eq!(t.store.webhooks_everywhere(&everywhere, None, 10).await.unwrap()[0].id, all);
        let off = WebhookSettings { enabled: false, severity: None, kinds: Vec::new(), ..webhook("c") };
        for id in [id, all] {
            assert!(t.store.change_webhook(&yours, id, &off).await.is_err());
            assert!(t.store.delete_webhook(&yours, id).await.is_err());
            assert!(t.store.change_webhook_secret(&yours, id, &secret()).await.is_err());
        }
        t.store.change_webhook(&mine, id, &off).await.unwrap();
        assert_eq!(t.store.webhooks(&mine, None, 10).await.unwrap()[0].settings, off);
        assert_eq!(hearing(mine.namespace()).await, [all]);
        t.store.delete_webhook(&mine, id).await.unwrap();
        t.store.delete_webhook_everywhere(&everywhere, all).await.unwrap();
        let nameless = WebhookSettings { name: " ".to_owned(), ..webhook("a") };
        assert!(t.store.create_webhook(&mine, &nameless, &secret(), NOW).await.is_err());
        assert_eq!(format!("{:?}", secret()), "***");
    });
}

#[test]
fn a_delivery_is_taken_by_one_tried_again_and_kept_as_a_log() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let access = t.access::<Configure>("team").await;
        let system = t.authoriser.system::<Scan>();
        let webhook = t.store.create_webhook(&access, &webhook("a"), &secret(), NOW).await.unwrap();
        let new = |event| NewDelivery { webhook, event, kind: "finding.new", body: "{}" };
        let gone = NewDelivery { webhook: WebhookId::from_number(9999), ..new("z") };
        t.store.add_deliveries(&system, &[new("e1"), new("e2"), new("e3"), gone], NOW).await.unwrap();
        let take = async |at: i64| {
            let taken = t.store.take_deliveries(&system, (2, 10), later(at + 60), later(at)).await.unwrap();
            taken.into_iter().map(|it| (it.id, it.event, it.attempts)).collect::<Vec<_>>()
        };
        let first = take(0).await;
        let events: Vec<_> = first.iter().map(|it| (it.1.as_str(), it.2)).collect();
        assert_eq!(events, [("e1", 1), ("e2", 1)]);
        assert_eq!(take(1).await.len(), 1);
        assert_eq!(take(2).await, []);
        let tried = |state, next_at| Tried { state, status: Some(500), error: Some("no\0"), next_at };
        let note = async |id, state, at: i64| {
            t.store.delivery_tried(&system, id, &tried(state, later(at)), later(3)).await.unwrap();
        };
        note(first[0].0, DeliveryState::Delivered, 3).await;
        note(first[1].0, DeliveryState::Waiting, 10).await;
        // The second waits, the third was taken by somebody who never came back.
        assert_eq!(take(9).await, []);
        assert_eq!(take(10).await.len(), 1);
        assert_eq!(take(61).await.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["e3"]);
        let log = t.store.deliveries(&access, webhook, None, 10).await.unwrap();
        assert_eq!(t.store.deliveries(&access, webhook, Some(log[0].id), 1).await.unwrap(), log[1..2]);
        let elsewhere = t.store.deliveries_everywhere(&t.authoriser.system(), webhook, None, 10).await;
        assert_eq!(elsewhere.unwrap_err().to_string(), format!("there is no webhook `{webhook}`"));
        let nobody = WebhookId::from_number(9999);
        assert!(t.store.deliveries(&access, nobody, None, 10).await.is_err());
        let states: Vec<_> = log.iter().map(|it| (it.event.as_str(), it.state, it.status)).collect();
        assert_eq!(states[2], ("e1", DeliveryState::Delivered, Some(500)));
        assert_eq!(log[2].ended_at, Some(later(3)));
        t.store.redeliver(&access, first[0].0, later(70)).await.unwrap();
        assert!(t.store.redeliver_everywhere(&t.authoriser.system(), first[0].0, later(70)).await.is_err());
        assert_eq!(take(70).await.iter().map(|it| it.1.as_str()).collect::<Vec<_>>(), ["e1", "e2"]);
        note(first[0].0, DeliveryState::Failed, 70).await;
        assert_eq!(t.store.clean_deliveries(&system, later(3)).await.unwrap(), 0);
        assert_eq!(t.store.clean_deliveries(&system, later(4)).await.unwrap(), 1);
    });
}

#[test]
fn what_a_new_database_changed_is_told_once_to_those_whom_it_concerns() {
    on_both(async |t| {
        for name in ["team", "other", "deaf"] {
            t.namespace(name, &settings()).await;
        }
        for name in ["team", "other"] {
            let access = t.access::<Configure>(name).await;
            t.store.create_webhook(&access, &webhook("a"), &secret(), NOW).await.unwrap();
        }
        t.scanned_with(("team", "app"), "one", &["log4j 1"]).await;
        t.scanned_with(("team", "app"), "two", &["log4j 1"]).await;
        t.scanned_with(("deaf", "app"), "three", &["log4j 1"]).await;
        t.scanned_with(("other", "app"), "four", &["zlib 1"]).await;
        let system = t.authoriser.system::<Scan>();
        // What was before anybody listened is told to nobody.
        assert_eq!(t.store.next_tellings(&system).await.unwrap(), None);
        let units = t.store.units(&system, None, 10).await.unwrap();
        let unit = units.iter().find(|it| it.content == "log4j 1").unwrap().id;
        let event = NewEvent {
            kind: EventKind::Appeared,
            unit,
            vulnerability: "CVE-2".to_owned(),
            before: None,
            after: Some(Severity::High),
            fixable: true,
        };
        let judgement = Judgement { snapshot: digest("second"), matcher: digest("m"), judged_at: later(5) };
        t.store.judge(&system, &judgement, (&[], &[event]), &[]).await.unwrap();
        let (until, told) = t.store.next_tellings(&system).await.unwrap().unwrap();
        let found: Vec<_> = told
            .iter()
            .map(|it| (it.namespace_name.as_str(), it.vulnerability.as_str(), it.artifacts))
            .collect();
        assert_eq!(found, [("team", "CVE-2", 2)]);
        t.store.told(&system, until).await.unwrap();
        assert_eq!(t.store.next_tellings(&system).await.unwrap(), None);
    });
}
