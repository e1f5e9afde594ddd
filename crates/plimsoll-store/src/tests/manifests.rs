//! Manifests, indexes, tags and referrers.

use super::*;

const APP: (&str, &str) = ("team", "app");

#[test]
fn a_manifest_is_found_by_tag_and_by_digest_as_it_was_pushed() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.upload(APP, "layer").await;
        let mut new = manifest("image", &["layer"]);
        new.config = Some(digest("layer"));
        new.annotations.insert("org.example".to_owned(), "ä\u{0}".to_owned());
        let put = t.try_put(APP, Some("1"), &new, NOW).await.unwrap();
        assert!(put.is_new && put.moved_from.is_none());
        let pull = t.access::<Pull>("team").await;
        for reference in [by_tag("1"), ManifestReference::Digest(digest("image"))] {
            let found = t.store.manifest(&pull, &repository("app"), &reference).await.unwrap();
            assert_eq!(found.content, b"image");
            assert_eq!(found.artifact.id, put.artifact);
            assert_eq!(found.artifact.annotations, new.annotations);
            assert_eq!(found.artifact.config, new.config);
        }
    });
}

#[test]
fn a_pull_right_after_a_change_sees_it_whatever_was_pulled_before() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(APP, "1", "one", &[]).await;
        let (pull, push) = (t.access::<Pull>("team").await, t.access::<Push>("team").await);
        let app = repository("app");
        let content = async |reference: &ManifestReference| {
            let found = t.store.manifest(&pull, &app, reference).await;
            found.map(|it| String::from_utf8(it.content).unwrap()).ok()
        };
        let by_digest = ManifestReference::Digest(digest("one"));
        for _ in 0..2 {
            assert_eq!(content(&by_tag("1")).await.as_deref(), Some("one"));
            assert_eq!(content(&by_digest).await.as_deref(), Some("one"));
        }
        t.push(APP, "1", "two", &[]).await;
        assert_eq!(content(&by_tag("1")).await.as_deref(), Some("two"));
        t.store.delete_tag(&push, &app, &tag("1"), NOW).await.unwrap();
        assert_eq!(content(&by_tag("1")).await, None);
        assert_eq!(content(&by_digest).await.as_deref(), Some("one"));
        t.store.delete_artifact(&push, &app, &digest("one"), NOW).await.unwrap();
        assert_eq!(content(&by_digest).await, None);
        t.check_sum("team").await;
    });
}

#[test]
fn a_manifest_that_names_what_is_not_there_changes_nothing() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.upload(APP, "layer").await;
        t.upload(("team", "other"), "elsewhere").await;
        let error = t.try_put(APP, Some("1"), &manifest("image", &["layer", "elsewhere"]), NOW).await;
        let missing = digest("elsewhere");
        assert!(matches!(error, Err(Error::Missing { what: Noun::Blob, digest }) if digest == missing));
        let mut index = manifest("index", &[]);
        index.children = vec![Child { digest: digest("image"), platform: None }];
        let error = t.try_put(APP, Some("1"), &index, NOW).await;
        assert!(matches!(error, Err(Error::Missing { what: Noun::Manifest, .. })));
        assert_eq!(t.tag_names(APP, None, 10).await, [""; 0]);
        t.check_sum("team").await;
    });
}

#[test]
fn a_manifest_may_name_a_blob_twice_and_be_pushed_twice() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let first = t.push(APP, "1", "image", &["empty", "empty"]).await;
        let second = t.push(APP, "2", "image", &["empty", "empty"]).await;
        assert_eq!(first.artifact, second.artifact);
        assert!(!second.is_new);
        t.check_sum("team").await;
    });
}

#[test]
fn an_index_keeps_its_images_in_order() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(APP, "amd", "image amd", &["a"]).await;
        t.push(APP, "arm", "image arm", &["b"]).await;
        let child =
            |text: &str, platform: &str| Child { digest: digest(text), platform: Some(platform.to_owned()) };
        let mut index = manifest("index", &[]);
        index.children = vec![child("image arm", "linux/arm64"), child("image amd", "linux/amd64")];
        let put = t.try_put(APP, Some("all"), &index, NOW).await.unwrap();
        let read = t.access::<Read>("team").await;
        assert_eq!(t.store.children(&read, put.artifact).await.unwrap(), index.children);
        let elsewhere = t.authoriser.system::<Read>().within(NamespaceId::from_number(999));
        assert_eq!(t.store.children(&elsewhere, put.artifact).await.unwrap(), []);
    });
}

#[test]
fn tags_are_in_pages_in_the_order_of_their_bytes() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        for name in ["b", "B", "a", "_", "1.10", "1.9"] {
            t.push(APP, name, "image", &["layer"]).await;
        }
        assert_eq!(t.tag_names(APP, None, 3).await, ["1.10", "1.9", "B"]);
        assert_eq!(t.tag_names(APP, Some("B"), 3).await, ["_", "a", "b"]);
        assert_eq!(t.tag_names(APP, Some("b"), 3).await, [""; 0]);
        assert_eq!(t.tag_names(APP, None, 0).await, [""; 0]);
    });
}

#[test]
fn a_tag_that_moves_leaves_a_history() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(APP, "1", "first", &["layer"]).await;
        t.push(APP, "1", "first", &["layer"]).await;
        let moved = t.push(APP, "1", "second", &["layer"]).await;
        assert_eq!(moved.moved_from, Some(digest("first")));
        let push = t.access::<Push>("team").await;
        t.store.delete_tag(&push, &repository("app"), &tag("1"), later(9)).await.unwrap();
        let again = t.store.delete_tag(&push, &repository("app"), &tag("1"), later(9)).await;
        assert_eq!(again.unwrap_err().to_string(), "there is no tag `1`");
        let read = t.access::<Read>("team").await;
        let history = t.store.tag_history(&read, &repository("app"), &tag("1"), None, 10).await.unwrap();
        let digests: Vec<_> = history.iter().map(|it| it.digest).collect();
        assert_eq!(digests, [None, Some(digest("second")), Some(digest("first"))]);
        assert_eq!((history[0].actor.as_str(), history[0].moved_at), ("system", later(9)));
        let before = Some(history[1].number);
        let older = t.store.tag_history(&read, &repository("app"), &tag("1"), before, 10).await.unwrap();
        assert_eq!(older, history[2..]);
    });
}

#[test]
fn referrers_are_found_before_and_after_their_subject_and_by_type() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let subject = digest("image");
        for (text, artifact_type) in [("signature", "x/signature"), ("sbom", "x/sbom"), ("sbom 2", "x/sbom")]
        {
            let mut referrer = manifest(text, &[]);
            referrer.subject = Some(subject);
            referrer.artifact_type = Some(artifact_type.to_owned());
            t.try_put(APP, None, &referrer, NOW).await.unwrap();
        }
        let pull = t.access::<Pull>("team").await;
        let app = repository("app");
        let all = t.store.referrers(&pull, &app, &subject, None, (None, 10)).await.unwrap();
        assert_eq!(all.len(), 3);
        let boms = t.store.referrers(&pull, &app, &subject, Some("x/sbom"), (None, 1)).await.unwrap();
        assert_eq!(boms[0].artifact_type.as_deref(), Some("x/sbom"));
        let page = (Some(&boms[0].digest), 10);
        assert_eq!(t.store.referrers(&pull, &app, &subject, Some("x/sbom"), page).await.unwrap().len(), 1);
        assert_eq!(t.store.referrers(&pull, &app, &digest("x"), None, (None, 10)).await.unwrap(), []);
    });
}

#[test]
fn deleting_a_manifest_takes_its_tags_and_keeps_the_rest() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(APP, "1", "image", &["layer"]).await;
        t.push(APP, "latest", "image", &["layer"]).await;
        t.push(APP, "2", "other", &["layer"]).await;
        let push = t.access::<Push>("team").await;
        t.store.delete_artifact(&push, &repository("app"), &digest("image"), NOW).await.unwrap();
        assert_eq!(t.tag_names(APP, None, 10).await, ["2"]);
        let gone = t.store.delete_artifact(&push, &repository("app"), &digest("image"), NOW).await;
        assert!(matches!(gone, Err(Error::Unknown { what: Noun::Manifest, .. })));
        t.check_sum("team").await;
    });
}

#[test]
fn pulls_are_counted_and_the_newest_is_kept() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let id = t.push(APP, "1", "image", &["layer"]).await.artifact;
        let gone = ArtifactId::from_number(9999);
        t.store.record_pulls(&[(id, later(50)), (gone, NOW), (id, later(20))]).await.unwrap();
        t.store.record_pulls(&[(id, later(30))]).await.unwrap();
        let read = t.access::<Read>("team").await;
        let found = t.store.artifact(&read, &repository("app"), &by_tag("1")).await.unwrap();
        assert_eq!(found.pulled_at, Some(later(50)));
        let list = t.store.artifacts(&read, &repository("app"), None, 10).await.unwrap();
        assert_eq!(list, [found]);
    });
}
