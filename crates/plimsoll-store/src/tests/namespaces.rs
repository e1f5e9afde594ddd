//! Namespaces, repositories, and what they may hold.

use super::*;

#[test]
fn a_namespace_keeps_its_settings() {
    on_both(async |t| {
        let mut wanted = settings();
        t.namespace("team", &wanted).await;
        wanted.public = true;
        wanted.auto_scan = false;
        wanted.policy = Some("{\"block\":\"high\"}".to_owned());
        wanted.refusal = RefusalForm::Harbor;
        wanted.quota_bytes = Some(1 << 40);
        wanted.engine = "other".to_owned();
        t.store.change_namespace(&t.access("team").await, &wanted).await.unwrap();
        assert_eq!(t.store.namespace(&t.access("team").await).await.unwrap().settings, wanted);
        wanted.policy = Some("{".to_owned());
        let error = t.store.change_namespace(&t.access("team").await, &wanted).await.unwrap_err();
        assert_eq!(error.to_string(), "a policy that is no JSON cannot be stored");
        let nameless = NamespaceSettings { engine: String::new(), ..settings() };
        assert!(t.store.change_namespace(&t.access("team").await, &nameless).await.is_err());
    });
}

#[test]
fn a_name_is_given_once_and_lists_are_in_pages() {
    on_both(async |t| {
        for name in ["b", "a", "c"] {
            t.namespace(name, &settings()).await;
        }
        let access = t.authoriser.system();
        let again = t.store.create_namespace(&access, &namespace("a"), &settings(), NOW).await;
        assert_eq!(again.unwrap_err().to_string(), "there is already a namespace `a`");
        let access = t.authoriser.system();
        let page = t.store.namespaces(&access, None, 2).await.unwrap();
        let names: Vec<_> = page.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let page = t.store.namespaces(&access, Some(&page[1].name), 2).await.unwrap();
        assert_eq!(page[0].name.as_str(), "c");
    });
}

#[test]
fn only_an_empty_namespace_can_be_deleted() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(("team", "app"), "1", "image", &["layer"]).await;
        let access = t.authoriser.system();
        let error = t.store.delete_namespace(&access, &namespace("team")).await.unwrap_err();
        assert_eq!(error.to_string(), "the namespace `team` is in use");
        t.store.delete_repository(&t.access("team").await, &repository("app"), NOW).await.unwrap();
        assert_eq!(t.used_bytes("team").await, 0);
        t.store.delete_namespace(&access, &namespace("team")).await.unwrap();
        let error = t.authoriser.system_in::<Read>(&namespace("team")).await.unwrap_err();
        assert_eq!(error.to_string(), "there is no namespace `team`");
    });
}

#[test]
fn repositories_of_other_namespaces_are_not_seen() {
    on_both(async |t| {
        for name in ["mine", "yours"] {
            t.namespace(name, &settings()).await;
        }
        t.push(("yours", "app"), "1", "image", &["layer"]).await;
        let mine = t.access::<Pull>("mine").await;
        assert_eq!(t.store.repositories(&mine, None, 10).await.unwrap(), []);
        let error = t.store.manifest(&mine, &repository("app"), &by_tag("1")).await.unwrap_err();
        assert_eq!(error.to_string(), "there is no manifest `1`");
        let error = t.store.blob(&mine, &repository("app"), &digest("layer")).await.unwrap_err();
        assert!(matches!(error, Error::Unknown { what: Noun::Blob, .. }));
    });
}

#[test]
fn a_quota_counts_each_blob_of_a_namespace_once() {
    on_both(async |t| {
        let mut limited = settings();
        limited.quota_bytes = Some(20);
        t.namespace("team", &limited).await;
        t.upload(("team", "a"), "0123456789").await;
        t.upload(("team", "b"), "0123456789").await;
        assert_eq!(t.used_bytes("team").await, 10);
        let error = t.try_upload(("team", "b"), "another of them", NOW).await.unwrap_err();
        assert_eq!(error.to_string(), "the namespace holds 10 of at most 20 bytes, and 15 more were wanted");
        let tight = manifest("manifest of 21 bytes.", &["0123456789"]);
        let error = t.try_put(("team", "a"), Some("1"), &tight, NOW).await.unwrap_err();
        assert!(matches!(error, Error::Quota { .. }), "{error}");
        assert_eq!(t.tag_names(("team", "a"), None, 10).await, [""; 0]);
        t.try_put(("team", "a"), Some("1"), &manifest("small", &["0123456789"]), NOW).await.unwrap();
        assert_eq!(t.used_bytes("team").await, 15);
        t.check_sum("team").await;
    });
}
