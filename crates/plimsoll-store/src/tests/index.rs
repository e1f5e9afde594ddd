//! Which image has which package, what is found of it, and what a new database changes.

use plimsoll_core::Severity;

use super::*;

fn finding(id: &str, severity: Severity) -> UnitFinding {
    UnitFinding {
        vulnerability: id.to_owned(),
        severity,
        class: "vulnerability".to_owned(),
        counts: true,
        fixable: false,
        fixed_version: None,
        fix_seen_at: None,
        exploited: false,
    }
}

impl Fixture {
    /// Pushes an image and keeps that it has these packages, `name version`.
    pub(super) async fn scanned_with(
        &self,
        place: (&str, &str),
        text: &str,
        packages: &[&str],
    ) -> ArtifactId {
        let artifact = self.push(place, text, text, &["layer"]).await.artifact;
        let access = self.access::<Scan>(place.0).await;
        self.store.request_scan(&access, artifact, Priority::Pushed, NOW).await.unwrap();
        let system = self.authoriser.system();
        let lease = self.store.claim(&system, "worker", later(10), NOW).await.unwrap().unwrap();
        let known = self.store.known_units(&system, packages).await.unwrap();
        let found = [finding("CVE-1", Severity::High)];
        let unit = |it: &&'static str| {
            let (name, version) = it.split_once(' ').unwrap();
            let findings: &[UnitFinding] = if version == "1" { &found } else { &[] };
            NewUnit { key: it, kind: "deb", name, version, purl: it, content: it, findings }
        };
        let packages: Vec<&'static str> = packages.iter().map(|it| (*it).to_owned().leak() as &str).collect();
        let new: Vec<NewUnit<'_>> =
            packages.iter().filter(|it| !known.iter().any(|known| known == *it)).map(unit).collect();
        let result = NewResult {
            inventory: (&digest(text), text.as_bytes()),
            form: "form",
            units: &packages,
            new_units: &new,
            snapshot: Some(&digest("first")),
            report: &digest("report"),
            counts: Counts::default(),
            incomplete: false,
            support_ends: None,
            log: "",
        };
        assert_eq!(self.store.complete_scan(&lease, &result, NOW).await.unwrap(), Some(vec![artifact]));
        artifact
    }

    /// What a viewer of a namespace may see.
    async fn view_of(&self, namespace: &str) -> Visible {
        let system = self.authoriser.system();
        let viewer = self.store.create_user(&system, "viewer", None, None, NOW).await.unwrap();
        self.store.grant(&self.access(namespace).await, viewer, Granted::Role(Role::Viewer)).await.unwrap();
        self.authoriser.visible(&self.authoriser.by_login(viewer).await.unwrap().unwrap()).await.unwrap()
    }

    async fn with_package(&self, name: &str) -> Vec<(ArtifactId, String)> {
        let everywhere = Visible::everything();
        let mut all = Vec::new();
        let mut after = None;
        loop {
            // One at a time, so that every page is tried.
            let page = self.store.visible_with_package(&everywhere, name, after, 1).await.unwrap();
            let Some(last) = page.last() else { return all };
            after = Some(last.place());
            all.extend(page.into_iter().map(|it| (it.artifact, it.version)));
        }
    }
}

#[test]
fn it_is_known_which_images_have_a_package_in_which_version() {
    on_both(async |t| {
        for name in ["team", "other"] {
            t.namespace(name, &settings()).await;
        }
        let first = t.scanned_with(("team", "app"), "one", &["log4j 1", "zlib 1"]).await;
        let second = t.scanned_with(("team", "app"), "two", &["log4j 2", "zlib 1"]).await;
        let third = t.scanned_with(("other", "app"), "three", &["log4j 1"]).await;
        let version = |it: &str| it.to_owned();
        let expected = [(first, version("1")), (third, version("1")), (second, version("2"))];
        assert_eq!(t.with_package("log4j").await, expected);
        assert_eq!(t.with_package("nothing").await, []);
        let team = t.view_of("team").await;
        let mine = t.store.visible_with_package(&team, "log4j", None, 10).await.unwrap();
        assert_eq!(mine.iter().map(|it| it.artifact).collect::<Vec<_>>(), [first, second]);
        assert_eq!((mine[0].repository.as_str(), mine[0].digest), ("app", digest("one")));
        let versions = t.store.visible_versions(&Visible::everything(), "log4j", 10).await.unwrap();
        let counts: Vec<_> = versions.iter().map(|it| (it.version.as_str(), it.artifacts)).collect();
        assert_eq!(counts, [("1", 2), ("2", 1)]);
        assert_eq!(t.store.visible_versions(&team, "log4j", 10).await.unwrap()[0].artifacts, 1);
        // Both packages of the first one have it.
        let with = t.store.visible_with_vulnerability(&team, "CVE-1", None, 10).await.unwrap();
        let names: Vec<_> = with.iter().map(|it| (it.artifact, it.purl.as_str())).collect();
        assert_eq!(names, [(first, "log4j 1"), (first, "zlib 1"), (second, "zlib 1")]);
    });
}

#[test]
fn a_new_database_changes_findings_counts_and_what_is_told() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let first = t.scanned_with(("team", "app"), "one", &["log4j 1", "zlib 2"]).await;
        let second = t.scanned_with(("team", "app"), "two", &["zlib 2"]).await;
        let system = t.authoriser.system();
        assert_eq!(t.store.judgement(&system).await.unwrap(), None);
        let units = t.store.units(&system, None, 10).await.unwrap();
        let unit = |name: &str| units.iter().find(|it| it.content == name).unwrap().id;
        assert_eq!(t.store.units(&system, Some(units[0].id), 10).await.unwrap(), units[1..]);
        let with = t.store.inventories_with(&system, &[unit("zlib 2")]).await.unwrap();
        assert_eq!(with.len(), 2);
        assert!(with.iter().any(|it| it.units == [unit("log4j 1"), unit("zlib 2")]));
        let judgement = Judgement { snapshot: digest("second"), matcher: digest("m"), judged_at: later(5) };
        let changes = [
            UnitChange { unit: unit("log4j 1"), gone: vec!["CVE-1".to_owned()], found: Vec::new() },
            UnitChange {
                unit: unit("zlib 2"),
                gone: Vec::new(),
                found: vec![finding("CVE-2\0", Severity::Critical)],
            },
        ];
        let event = |kind, unit, vulnerability: &str, before, after| NewEvent {
            kind,
            unit,
            vulnerability: vulnerability.to_owned(),
            before,
            after,
            fixable: false,
        };
        let events = [
            event(EventKind::Gone, unit("log4j 1"), "CVE-1", Some(Severity::High), None),
            event(EventKind::Appeared, unit("zlib 2"), "CVE-2", None, Some(Severity::Critical)),
        ];
        let counts = Counts { critical: 1, ..Counts::default() };
        let recounts: Vec<_> = with
            .iter()
            .map(|it| Recount { inventory: it.inventory, counts, report: digest("other") })
            .collect();
        t.store.judge(&system, &judgement, (&changes, &events), &recounts).await.unwrap();
        assert_eq!(t.store.judgement(&system).await.unwrap(), Some(judgement));
        let read = t.access::<Read>("team").await;
        for artifact in [first, second] {
            let result = t.store.result(&read, artifact).await.unwrap().unwrap();
            assert_eq!((result.counts, result.report), (counts, digest("other")));
        }
        let found = t.store.inventory_findings(&system, with[0].inventory).await.unwrap();
        let found: Vec<_> = found.iter().map(|it| (it.unit, it.finding.vulnerability.as_str())).collect();
        assert_eq!(found, [(unit("zlib 2"), "CVE-2\u{fffd}")]);
        let all = t.store.unit_findings(&system, (units[0].id, units[1].id)).await.unwrap();
        assert_eq!((all.len(), all[0].seen_at), (1, later(5)));
        let told = t.store.events(&t.authoriser.system(), None, 10).await.unwrap();
        let kinds: Vec<_> = told.iter().map(|it| (it.kind, it.purl.as_str(), it.after)).collect();
        let expected =
            [(EventKind::Gone, "log4j 1", None), (EventKind::Appeared, "zlib 2", Some(Severity::Critical))];
        assert_eq!(kinds, expected);
        assert_eq!(t.store.events_in(&read, Some(told[0].number), 10).await.unwrap(), told[1..]);
        let ids: Vec<_> = with.iter().map(|it| it.inventory).collect();
        let mut artifacts = t.store.artifacts_of(&system, &ids).await.unwrap();
        artifacts.sort();
        assert_eq!(artifacts, [first, second]);
    });
}

#[test]
fn what_has_no_result_or_an_old_one_may_be_due() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let scanned = t.scanned_with(("team", "app"), "one", &["zlib 2"]).await;
        let fresh = t.push(("team", "app"), "2", "two", &["layer"]).await.artifact;
        let system = t.authoriser.system();
        let due = async |form: &str| {
            let candidates = t.store.due_scans(&system, form, None, 10).await.unwrap();
            candidates.into_iter().map(|it| (it.artifact, it.state)).collect::<Vec<_>>()
        };
        assert_eq!(due("form").await, [(fresh, ScanState::NotScanned)]);
        assert_eq!(due("newer").await.len(), 2);
        let candidate = t.store.candidate(&system, scanned).await.unwrap();
        assert_eq!((candidate.form.as_deref(), candidate.judged), (Some("form"), true));
        assert!(candidate.auto_scan);
        let manifest = t.store.stored_manifest(&system, &digest("two")).await.unwrap();
        assert_eq!((manifest.content.as_slice(), manifest.blobs.len()), (&b"two"[..], 1));
        assert_eq!(manifest.blobs[0].0, digest("layer"));
    });
}

#[test]
fn inventories_that_nobody_needs_are_forgotten_with_the_packages_that_only_they_had() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let kept = t.scanned_with(("team", "app"), "one", &["log4j 1", "zlib 1"]).await;
        t.scanned_with(("team", "app"), "two", &["log4j 1", "zlib 2"]).await;
        let system = t.authoriser.system();
        assert_eq!(t.store.forget_inventories(&system, later(10), 10).await.unwrap(), 0);
        let push = t.access::<Push>("team").await;
        t.store.delete_artifact(&push, &repository("app"), &digest("two"), later(1)).await.unwrap();
        assert_eq!(t.store.forget_inventories(&system, NOW, 10).await.unwrap(), 0, "too young");
        assert_eq!(t.store.forget_inventories(&system, later(10), 10).await.unwrap(), 1);
        let units = t.store.units(&system, None, 10).await.unwrap();
        let left: Vec<&str> = units.iter().map(|it| it.content.as_str()).collect();
        assert_eq!(left, ["log4j 1", "zlib 1"]);
        assert_eq!(t.with_package("log4j").await, [(kept, "1".to_owned())]);
    });
}
