//! What overviews are read from: totals, and refused pulls.

use super::*;

impl Fixture {
    async fn id(&self, name: &str) -> NamespaceId {
        self.access::<Read>(name).await.namespace()
    }

    async fn counted(&self, at: Timestamp) -> Totals {
        let access = self.access("team").await;
        self.store.count(&self.authoriser.system(), access.namespace(), at).await.unwrap();
        self.store.totals(&access).await.unwrap()
    }
}

const DAY: i64 = 86_400;

#[test]
fn artifacts_are_counted_by_state_and_by_the_worst_in_them() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let none = Counts::default();
        t.with_result("high", "high", Counts { high: 3, low: 1, fixable: 2, ..none }).await;
        t.with_result("clean", "clean", none).await;
        let unscanned = t.push(("team", "web"), "v1", "unknown", &["layer"]).await.artifact;
        let queued = t.push(("team", "web"), "v2", "queued", &["layer"]).await.artifact;
        t.store.request_scan(&t.access("team").await, queued, Priority::Asked, NOW).await.unwrap();
        let totals = t.counted(later(10)).await;
        assert_eq!((totals.repositories, totals.artifacts), (2, 4));
        let coverage = Coverage { not_scanned: 1, queued: 1, complete: 2, ..Coverage::default() };
        assert_eq!((totals.coverage, totals.counted_at), (coverage, Some(later(10))));
        assert_eq!(totals.counts, Counts { high: 3, low: 1, fixable: 2, ..none });
        assert_eq!(totals.worst, Counts { high: 1, ..none });
        t.store.mark_unsupported(&t.access("team").await, unscanned, later(20)).await.unwrap();
        assert_eq!(t.counted(later(30)).await.coverage.not_supported, 1);
    });
}

#[test]
fn one_row_of_each_day_stays_and_who_may_not_read_sees_none() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.namespace("other", &settings()).await;
        let system = t.authoriser.system();
        assert_eq!(t.store.uncounted(&system, NOW, 10).await.unwrap().len(), 2);
        t.counted(NOW).await;
        t.counted(later(1)).await;
        t.push(("team", "app"), "v1", "image", &["layer"]).await;
        let now = t.counted(later(DAY)).await;
        let days = t.store.totals_by_day(&t.access("team").await, NOW).await.unwrap();
        let counted: Vec<_> = days.iter().map(|it| (it.day, it.totals.artifacts)).collect();
        assert_eq!(counted, [(NOW.0 / DAY, 0), (NOW.0 / DAY + 1, 1)]);
        assert_eq!(t.store.uncounted(&system, NOW, 10).await.unwrap(), [t.id("other").await]);
        let everything = Visible::everything();
        assert_eq!(t.store.visible_totals(&everything).await.unwrap(), now);
        assert_eq!(t.store.visible_uncounted(&everything).await.unwrap(), [t.id("other").await]);
        assert_eq!(t.store.visible_totals_by_day(&everything, later(DAY)).await.unwrap().len(), 1);
        let carl = t.authoriser.visible(&Caller::anonymous()).await.unwrap();
        assert_eq!(t.store.visible_totals(&carl).await.unwrap(), Totals::default());
        assert_eq!(t.store.visible_uncounted(&carl).await.unwrap(), []);
        assert_eq!(t.store.forget_totals(&system, later(DAY)).await.unwrap(), 1);
        assert_eq!(t.store.totals(&t.access("team").await).await.unwrap().artifacts, 1);
    });
}

#[test]
fn refused_pulls_of_a_day_are_one_row_for_each_account_and_image() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let (namespace, image) = (t.id("team").await, digest("image"));
        let refused = |account: Option<&str>, count| NewRefused {
            namespace,
            account: account.map(str::to_owned),
            repository: "app".to_owned(),
            digest: image,
            why: "too bad".to_owned(),
            count,
        };
        t.store.note_refused(&[refused(Some("ben"), 1), refused(None, 1)], NOW).await.unwrap();
        t.store.note_refused(&[refused(Some("ben"), 4)], later(60)).await.unwrap();
        t.store.note_refused(&[refused(Some("ben"), 1)], later(DAY)).await.unwrap();
        let gone = NewRefused { namespace: NamespaceId::from_number(99), ..refused(None, 1) };
        t.store.note_refused(&[gone], NOW).await.unwrap();
        let access = t.access("team").await;
        let found = t.store.refused_pulls(&access, NOW, None, 10).await.unwrap();
        let told: Vec<_> = found.iter().map(|it| (it.account.as_deref(), it.count, it.last_at)).collect();
        assert_eq!(told, [(Some("ben"), 1, later(DAY)), (None, 1, NOW), (Some("ben"), 5, later(60))]);
        assert_eq!(t.store.refused_count(&access, NOW).await.unwrap(), (7, 1));
        assert_eq!(t.store.refused_count(&access, later(DAY)).await.unwrap(), (1, 1));
        let before = Some(found[0].number);
        assert_eq!(t.store.refused_pulls(&access, NOW, before, 1).await.unwrap()[0].account, None);
        let everything = Visible::everything();
        assert_eq!(t.store.visible_refused_count(&everything, NOW).await.unwrap(), (7, 1));
        assert_eq!(t.store.visible_refused_pulls(&everything, NOW, None, 9).await.unwrap().len(), 3);
        let nobody = t.authoriser.visible(&Caller::anonymous()).await.unwrap();
        assert_eq!(t.store.visible_refused_pulls(&nobody, NOW, None, 9).await.unwrap(), []);
        assert_eq!(t.store.forget_refused(&t.authoriser.system(), later(DAY)).await.unwrap(), 2);
    });
}

#[test]
fn scans_are_listed_by_state_and_only_to_who_may_read_them() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let done = t.scanned_with(("team", "app"), "one", &["log4j 1"]).await;
        let failed = t.push(("team", "app"), "two", "two", &["layer"]).await.artifact;
        let queued = t.push(("team", "app"), "three", "three", &["layer"]).await.artifact;
        let (access, system) = (t.access::<Scan>("team").await, t.authoriser.system());
        t.store.request_scan(&access, failed, Priority::Asked, NOW).await.unwrap();
        let lease = t.store.claim(&system, "w", later(10), later(1)).await.unwrap().unwrap();
        let waiting = t.store.places_of_job(&system, lease.job).await.unwrap();
        assert_eq!(waiting.iter().map(|it| it.artifact).collect::<Vec<_>>(), [failed]);
        assert!(!t.store.job_failed(&system, lease.job).await.unwrap());
        t.store.give_up(&lease, "first\nthe layer is no archive\n", later(3)).await.unwrap();
        assert!(t.store.job_failed(&system, lease.job).await.unwrap());
        t.store.request_scan(&access, queued, Priority::Asked, later(4)).await.unwrap();
        let read = t.access::<Read>("team").await;
        let everything = Visible::everything();
        for (state, is_newest, expected) in [
            (None, false, &["three", "two", "one"][..]),
            (Some("complete"), true, &["one"]),
            (Some("failed"), false, &["two"]),
            (Some("queued"), false, &["three"]),
            (Some("scanning"), false, &[]),
            (Some("stopped"), true, &[]),
        ] {
            let filter = ScanFilter { state, is_newest, before: None };
            let expected: Vec<Digest> = expected.iter().map(|it| digest(it)).collect();
            for found in [
                t.store.scans_in(&read, filter, 10).await.unwrap(),
                t.store.visible_scans(&everything, filter, 10).await.unwrap(),
            ] {
                assert_eq!(found.iter().map(|it| it.digest).collect::<Vec<_>>(), expected, "{state:?}");
            }
        }
        let filter = ScanFilter { state: Some("failed"), ..ScanFilter::default() };
        let found = t.store.scans_in(&read, filter, 10).await.unwrap();
        assert_eq!(found[0].why.as_deref(), Some("the layer is no archive"));
        let nobody = t.authoriser.visible(&Caller::anonymous()).await.unwrap();
        assert_eq!(t.store.visible_scans(&nobody, ScanFilter::default(), 10).await.unwrap(), []);
        let figures = t.store.scan_figures(&read, NOW).await.unwrap();
        assert_eq!((figures.queued, figures.scanning), (1, 0));
        let ended = figures.minutes.iter().fold((0, 0), |sum, it| (sum.0 + it.1, sum.1 + it.2));
        assert_eq!((ended, figures.taken_seconds), ((1, 1), (2, 2)));
        assert_eq!(t.store.visible_scan_figures(&nobody, NOW).await.unwrap(), ScanFigures::default());
        let places = t.store.places(&system, &[done, ArtifactId::from_number(99)]).await.unwrap();
        assert_eq!((places.len(), places[0].namespace_name.clone()), (1, namespace("team")));
    });
}

#[test]
fn what_a_new_database_found_is_told_of_artifacts_and_to_who_may_read_them() {
    on_both(async |t| {
        for name in ["team", "other"] {
            t.namespace(name, &settings()).await;
        }
        let artifact = t.scanned_with(("team", "app"), "one", &["log4j 1"]).await;
        let system = t.authoriser.system();
        let unit = t.store.units(&system, None, 1).await.unwrap()[0].id;
        let judgement = Judgement { snapshot: digest("second"), matcher: digest("m"), judged_at: later(5) };
        let event = NewEvent {
            kind: EventKind::Appeared,
            unit,
            vulnerability: "CVE-1".to_owned(),
            before: None,
            after: Some(plimsoll_core::Severity::High),
            fixable: true,
        };
        t.store.judge(&system, &judgement, (&[], &[event]), &[]).await.unwrap();
        let (team, other) = (t.access::<Read>("team").await, t.access::<Read>("other").await);
        let events = t.store.artifact_events(&team, artifact, 10).await.unwrap();
        assert_eq!((events.len(), events[0].snapshot), (1, digest("second")));
        assert_eq!(t.store.artifact_events(&other, artifact, 10).await.unwrap(), []);
        let found = t.store.newly_affected(&team, NOW, 10).await.unwrap();
        let newly = &found.found;
        assert_eq!((newly.len(), newly[0].artifacts, newly[0].namespaces), (1, 1, 1));
        assert_eq!((newly[0].vulnerability.as_str(), newly[0].fixable), ("CVE-1", true));
        assert!(!found.is_cut && !newly[0].is_more);
        let nothing = NewlyFound::default();
        assert_eq!(t.store.newly_affected(&other, NOW, 10).await.unwrap(), nothing);
        assert_eq!(t.store.newly_affected(&team, later(6), 10).await.unwrap(), nothing);
        let nobody = t.authoriser.visible(&Caller::anonymous()).await.unwrap();
        assert_eq!(t.store.visible_newly_affected(&nobody, NOW, 10).await.unwrap(), nothing);
        assert_eq!(t.store.visible_newly_affected(&Visible::everything(), NOW, 10).await.unwrap(), found);
    });
}

#[test]
fn what_is_new_to_a_small_namespace_is_not_hidden_behind_what_is_worse_elsewhere() {
    on_both(async |t| {
        for name in ["team", "other"] {
            t.namespace(name, &settings()).await;
        }
        t.scanned_with(("other", "app"), "theirs", &["openssl 1"]).await;
        t.scanned_with(("team", "app"), "ours", &["log4j 1"]).await;
        let system = t.authoriser.system();
        let units = t.store.units(&system, None, 10).await.unwrap();
        let unit = |name: &str| units.iter().find(|it| it.content.starts_with(name)).unwrap().id;
        let event = |unit, vulnerability: String, severity| NewEvent {
            kind: EventKind::Appeared,
            unit,
            vulnerability,
            before: None,
            after: Some(severity),
            fixable: false,
        };
        let mut events: Vec<NewEvent> = (0..150)
            .map(|it| event(unit("openssl"), format!("CVE-9-{it}"), plimsoll_core::Severity::Critical))
            .collect();
        events.push(event(unit("log4j"), "CVE-1".to_owned(), plimsoll_core::Severity::Low));
        let judgement = Judgement { snapshot: digest("second"), matcher: digest("m"), judged_at: later(5) };
        t.store.judge(&system, &judgement, (&[], &events), &[]).await.unwrap();
        let anna = t.store.create_user(&t.authoriser.system(), "anna", None, None, NOW).await.unwrap();
        t.store.grant(&t.access("team").await, anna, Granted::Role(Role::Viewer)).await.unwrap();
        let anna = t.authoriser.by_login(anna).await.unwrap().unwrap();
        let visible = t.authoriser.visible(&anna).await.unwrap();
        for found in [
            t.store.visible_newly_affected(&visible, NOW, 10).await.unwrap(),
            t.store.newly_affected(&t.access("team").await, NOW, 10).await.unwrap(),
        ] {
            let names: Vec<_> = found.found.iter().map(|it| it.vulnerability.as_str()).collect();
            assert_eq!((names, found.is_cut), (vec!["CVE-1"], false));
        }
        // None of these is in an image any more, and not all were looked at.
        assert!(t.store.visible_newly_affected(&Visible::everything(), NOW, 10).await.unwrap().is_cut);
    });
}
