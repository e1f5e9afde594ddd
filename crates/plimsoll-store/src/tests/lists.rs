//! Lists: what is in a row, in which order, and who sees it.

use super::*;

impl Fixture {
    async fn rows(&self, filter: ArtifactFilter<'_>, order: ArtifactOrder) -> Vec<ArtifactRow> {
        let page = ArtifactPage { order, after: None, limit: 100 };
        self.store.artifact_rows(&self.access("team").await, &filter, page).await.unwrap()
    }

    pub(super) async fn with_result(&self, tag_name: &str, text: &str, counts: Counts) -> ArtifactId {
        self.with_coverage(tag_name, text, counts, (false, None)).await
    }

    /// The same of which something may be missing, and whose support may end.
    async fn with_coverage(
        &self,
        tag_name: &str,
        text: &str,
        counts: Counts,
        (incomplete, support_ends): (bool, Option<Timestamp>),
    ) -> ArtifactId {
        let artifact = self.push(("team", "app"), tag_name, text, &["layer"]).await.artifact;
        self.store.request_scan(&self.access("team").await, artifact, Priority::Asked, NOW).await.unwrap();
        let lease = self.store.claim(&self.authoriser.system(), "w", later(100), NOW).await.unwrap().unwrap();
        let result = NewResult {
            inventory: (&digest("inventory"), b"{}"),
            form: "1",
            units: &[],
            new_units: &[],
            snapshot: None,
            report: &digest(&format!("r {text}")),
            counts,
            incomplete,
            support_ends,
            log: "",
        };
        self.store.complete_scan(&lease, &result, later(7)).await.unwrap();
        artifact
    }
}

#[test]
fn the_worst_is_first_and_what_nobody_knows_is_last() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let none = Counts::default();
        let clean = t.with_result("clean", "clean", none).await;
        let high = t.with_result("high", "high", Counts { high: 20_000, fixable: 1, ..none }).await;
        let critical = t.with_result("critical", "critical", Counts { critical: 1, ..none }).await;
        let unknown = t.push(("team", "web"), "v1", "unknown", &["layer"]).await.artifact;
        let rows = t.rows(ArtifactFilter::default(), ArtifactOrder::Severity).await;
        let ids: Vec<_> = rows.iter().map(|it| it.id).collect();
        assert_eq!(ids, [critical, high, clean, unknown]);
        assert_eq!((rows[0].state.clone(), rows[0].scanned_at), (ScanState::Complete, Some(later(7))));
        assert_eq!((rows[3].state.clone(), rows[3].counts), (ScanState::NotScanned, None));
        let at_least = ArtifactFilter { severity_at_least: Some(3), ..ArtifactFilter::default() };
        assert_eq!(t.rows(at_least, ArtifactOrder::Pushed).await.len(), 2);
        let fixable = ArtifactFilter { is_fixable: Some(true), ..ArtifactFilter::default() };
        assert_eq!(t.rows(fixable, ArtifactOrder::Pushed).await[0].id, high);
        let complete = ArtifactFilter { state: Some("complete"), ..ArtifactFilter::default() };
        assert_eq!(t.rows(complete, ArtifactOrder::Pushed).await.len(), 3);
        let web = repository("web");
        let in_web = ArtifactFilter { repository: Some(&web), ..ArtifactFilter::default() };
        assert_eq!(t.rows(in_web, ArtifactOrder::Severity).await[0].id, unknown);
        let found = t.store.artifact_row(&t.access("team").await, high).await.unwrap().unwrap();
        assert_eq!((found.tags, found.namespace.as_str()), (vec!["high".to_owned()], "team"));
        let summary = t.store.namespace_summary(&t.access("team").await).await.unwrap();
        let expected =
            NamespaceSummary { repositories: 2, artifacts: 4, scanned: 3, critical: 1, high: 1, denied: 0 };
        assert_eq!(summary, expected);
    });
}

#[test]
fn a_page_begins_behind_the_one_before_it_in_every_order() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        for number in 0..5_u8 {
            let name = format!("v{number}");
            t.with_result(&name, &name, Counts { high: u64::from(number / 2), ..Counts::default() }).await;
        }
        let access = t.access::<Read>("team").await;
        use ArtifactOrder::{OldestPushed, Pulled, Pushed, Severity};
        for order in [Pushed, OldestPushed, Pulled, Severity] {
            let (mut seen, mut after) = (Vec::new(), None);
            loop {
                let page = ArtifactPage { order, after, limit: 2 };
                let rows = t.store.artifact_rows(&access, &ArtifactFilter::default(), page).await.unwrap();
                let Some(last) = rows.last() else { break };
                after = Some((last.key(order), last.id.number()));
                seen.extend(rows.into_iter().map(|it| it.id));
            }
            let all: std::collections::BTreeSet<_> = seen.iter().collect();
            assert_eq!((seen.len(), all.len()), (5, 5), "{order:?}");
        }
    });
}

#[test]
fn everybody_sees_what_they_may_read() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.namespace("other", &settings()).await;
        t.namespace("open", &NamespaceSettings { public: true, ..settings() }).await;
        for place in ["team", "other", "open"] {
            t.push((place, "app"), "v1", place, &["layer"]).await;
        }
        let access = t.authoriser.system();
        let anna = t.store.create_user(&access, "anna", None, None, NOW).await.unwrap();
        let role = Granted::Role(Role::SecurityAuditor);
        t.store.grant(&t.access("team").await, anna, role).await.unwrap();
        let caller = t.authoriser.by_login(anna).await.unwrap().unwrap();
        let sees = async |caller: &Caller| {
            let visible = t.authoriser.visible(caller).await.unwrap();
            let page = ArtifactPage { order: ArtifactOrder::OldestPushed, after: None, limit: 10 };
            let filter = ArtifactFilter::default();
            let rows = t.store.visible_artifact_rows(&visible, &filter, page).await.unwrap();
            let names: Vec<_> = rows.into_iter().map(|it| it.namespace).collect();
            let namespaces = t.store.visible_namespaces(&visible, "", None, 10).await.unwrap();
            assert_eq!(namespaces.len(), names.len());
            assert_eq!(t.store.visible_repositories(&visible, "AP", 10).await.unwrap().len(), names.len());
            names.join(" ")
        };
        assert_eq!(sees(&caller).await, "team open");
        assert_eq!(sees(&Caller::anonymous()).await, "open");
        let token = |hash, permissions: &[Permission], namespace| NewToken {
            name: "t",
            prefix: "p",
            hash,
            permissions: Permissions::of(permissions),
            namespace,
            expires_at: None,
        };
        let other = t.access::<Read>("other").await.namespace();
        let elsewhere = token("h1", &[Permission::Read], Some(other));
        t.store.create_token(&caller, &elsewhere, NOW).await.unwrap();
        t.store.create_token(&caller, &token("h2", &[Permission::Pull], None), NOW).await.unwrap();
        for hash in ["h1", "h2"] {
            let limited = t.authoriser.by_token(hash, NOW).await.unwrap().unwrap();
            assert_eq!(sees(&limited).await, "open", "{hash}");
        }
        t.store.grant_everywhere(&access, anna, role).await.unwrap();
        assert_eq!(sees(&caller).await, "team other open");
    });
}

#[test]
fn a_digest_is_found_by_how_it_begins() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let id = t.push(("team", "app"), "v1", "image", &["layer"]).await.artifact;
        let visible = Visible::everything();
        let digest = digest("image").to_string();
        for beginning in [&digest[..20], &digest[7..12]] {
            let found = t.store.artifacts_by_digest(&visible, beginning, 10).await.unwrap();
            assert_eq!(found[0].id, id, "{beginning}");
        }
        for nothing in ["", "sha256:", "%", "fff"] {
            assert!(t.store.artifacts_by_digest(&visible, nothing, 10).await.unwrap().is_empty());
        }
    });
}

/// A filter, and what it says of a row.
type Case<'a> = (ArtifactFilter<'a>, fn(&ArtifactRow) -> bool);

#[test]
fn a_filter_leaves_the_same_in_every_order_and_scope() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let none = Counts::default();
        t.with_result("v1.0", "clean", none).await;
        let high = Counts { high: 3, fixable: 1, ..none };
        t.with_coverage("v1.1", "high", high, (true, Some(later(60)))).await;
        let denied = t.with_result("v2.0", "critical", Counts { critical: 1, low: 7, ..none }).await;
        let policy = digest("policy");
        let verdict = NewVerdict {
            answer: Answer::Deny,
            reasons: "[]",
            policy: &policy,
            report: Some(&digest("r critical")),
            lowered: None,
            holds_until: None,
            is_silent: false,
        };
        t.store.record_verdict(&t.authoriser.system(), denied, &verdict, NOW).await.unwrap();
        let queued = t.push(("team", "web"), "v1.2", "queued", &["layer"]).await.artifact;
        t.store.request_scan(&t.access("team").await, queued, Priority::Asked, NOW).await.unwrap();
        let mut signature = manifest("signature", &["layer"]);
        signature.subject = Some(digest("clean"));
        t.try_put(("team", "app"), None, &signature, NOW).await.unwrap();
        t.store.record_pulls(&[(denied, later(50)), (queued, later(10))]).await.unwrap();
        let any = ArtifactFilter::default;
        let cases: [Case<'_>; 18] = [
            (any(), |_| true),
            (ArtifactFilter { state: Some("complete"), ..any() }, |it| it.state == ScanState::Complete),
            (ArtifactFilter { state: Some("queued"), ..any() }, |it| it.state == ScanState::Queued),
            (ArtifactFilter { state: Some("failed"), ..any() }, |_| false),
            (ArtifactFilter { verdict: Some(Answer::Deny), ..any() }, |it| it.verdict.is_some()),
            (ArtifactFilter { is_fixable: Some(true), ..any() }, |it| it.rank == 30_000_000_000),
            (ArtifactFilter { is_tagged: Some(false), ..any() }, |it| it.tags.is_empty()),
            (ArtifactFilter { tags: Some("v1.*"), ..any() }, |it| {
                it.tags.iter().any(|it| it.starts_with("v1."))
            }),
            (ArtifactFilter { tags: Some("*.0"), ..any() }, |it| it.tags.iter().any(|it| it.ends_with(".0"))),
            // Tags have a case: `V2.0` would be another one.
            (ArtifactFilter { tags: Some("*V2.0"), ..any() }, |_| false),
            (ArtifactFilter { pulled_since: Some(later(20)), ..any() }, |it| it.pulled_at == Some(later(50))),
            (ArtifactFilter { is_incomplete: Some(true), ..any() }, |it| it.incomplete),
            (ArtifactFilter { is_incomplete: Some(false), ..any() }, |it| !it.incomplete),
            (ArtifactFilter { is_unsupported: Some((true, later(60))), ..any() }, |it| it.incomplete),
            (ArtifactFilter { is_unsupported: Some((true, later(59))), ..any() }, |_| false),
            (ArtifactFilter { is_unsupported: Some((false, later(60))), ..any() }, |it| !it.incomplete),
            (ArtifactFilter { without_referrers: true, ..any() }, |it| it.subject.is_none()),
            (ArtifactFilter { without_indexes: true, ..any() }, |it| it.together.is_none()),
        ];
        use ArtifactOrder::{OldestPushed, Pulled, Pushed, Severity};
        for order in [Pushed, OldestPushed, Pulled, Severity] {
            let all = t.rows(any(), order).await;
            assert_eq!(all.len(), 5);
            for (number, (filter, fits)) in cases.iter().enumerate() {
                let expected: Vec<_> = all.iter().filter(|it| fits(it)).cloned().collect();
                assert_eq!(t.rows(filter.clone(), order).await, expected, "{number} in {order:?}");
                let page = ArtifactPage { order, after: None, limit: 100 };
                let everywhere = Visible::everything();
                let found = t.store.visible_artifact_rows(&everywhere, filter, page).await.unwrap();
                assert_eq!(found, expected, "{number} everywhere in {order:?}");
            }
        }
        let beginning = &digest("queued").to_string()[..20];
        for text in [beginning, &beginning[7..], "WEB"] {
            let found = t.rows(ArtifactFilter { containing: Some(text), ..any() }, Pushed).await;
            assert_eq!((found.len(), found[0].id), (1, queued), "{text}");
        }
    });
}
