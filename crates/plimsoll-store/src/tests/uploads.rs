//! Uploads, mounts, and blobs that several push at once.

use super::*;

const APP: (&str, &str) = ("team", "app");

#[test]
fn an_upload_goes_on_where_it_stopped_and_nowhere_else() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let id = t.begin(APP, NOW).await;
        let push = t.access::<Push>("team").await;
        let app = repository("app");
        t.store.advance_upload(&push, &app, &id, (0, 5), later(1)).await.unwrap();
        let error = t.store.advance_upload(&push, &app, &id, (0, 7), later(2)).await.unwrap_err();
        assert_eq!(error.to_string(), "the upload goes on at byte 5");
        let upload = t.store.upload(&push, &app, &id).await.unwrap();
        assert_eq!((upload.offset_bytes, upload.touched_at), (5, later(1)));
        let other = t.store.upload(&push, &repository("other"), &id).await;
        assert!(matches!(other, Err(Error::Unknown { what: Noun::Upload, .. })));
    });
}

#[test]
fn a_cancelled_upload_leaves_only_a_file_to_delete() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let id = t.begin(APP, NOW).await;
        let push = t.access::<Push>("team").await;
        let key = t.store.upload(&push, &repository("app"), &id).await.unwrap().storage_key;
        t.store.cancel_upload(&push, &repository("app"), &id, NOW).await.unwrap();
        assert!(t.store.upload(&push, &repository("app"), &id).await.is_err());
        assert_eq!(t.doomed().await, std::slice::from_ref(&key));
        t.store.forget_file(&t.authoriser.system(), &key).await.unwrap();
        assert_eq!(t.doomed().await, []);
    });
}

#[test]
fn of_two_uploads_of_one_blob_one_file_is_kept() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let first = t.upload(APP, "layer").await;
        let second = t.upload(("team", "other"), "layer").await;
        assert_eq!(first.storage_key, second.storage_key);
        assert_eq!(t.doomed().await.len(), 1);
        assert_eq!(t.used_bytes("team").await, 5);
    });
}

#[test]
fn of_two_requests_that_finish_one_upload_one_does() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let id = t.begin(APP, NOW).await;
        let push = t.access::<Push>("team").await;
        let (app, digest) = (repository("app"), digest("layer"));
        t.store.finish_upload(&push, &app, &id, (&digest, 5), NOW).await.unwrap();
        let error = t.store.finish_upload(&push, &app, &id, (&digest, 5), NOW).await.unwrap_err();
        assert!(matches!(error, Error::Unknown { what: Noun::Upload, .. }));
    });
}

#[test]
fn a_mount_needs_the_blob_in_the_other_repository() {
    on_both(async |t| {
        for name in ["team", "base"] {
            t.namespace(name, &settings()).await;
        }
        t.upload(("base", "debian"), "layer").await;
        let (from, to) = (t.access::<Pull>("base").await, t.access::<Push>("team").await);
        let (debian, app) = (repository("debian"), repository("app"));
        let mount = async |name: &RepositoryName, text: &str| {
            t.store.mount_blob((&from, name), (&to, &app), &digest(text), NOW).await.unwrap()
        };
        assert!(mount(&debian, "layer").await);
        assert!(!mount(&debian, "another").await);
        assert!(!mount(&repository("ubuntu"), "layer").await);
        assert_eq!(t.used_bytes("team").await, 5);
        t.store.blob(&to, &app, &digest("layer")).await.unwrap();
        t.check_sum("team").await;
    });
}

#[test]
fn a_blob_that_a_manifest_names_stays_in_its_repository() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(APP, "1", "image", &["layer"]).await;
        t.upload(APP, "spare").await;
        let push = t.access::<Push>("team").await;
        let app = repository("app");
        let error = t.store.unlink_blob(&push, &app, &digest("layer")).await.unwrap_err();
        assert!(matches!(error, Error::InUse { what: Noun::Blob, .. }));
        t.store.unlink_blob(&push, &app, &digest("spare")).await.unwrap();
        assert!(t.store.unlink_blob(&push, &app, &digest("spare")).await.is_err());
        t.check_sum("team").await;
    });
}

#[test]
fn many_pushes_of_the_same_at_once_all_succeed_and_count_once() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let pushes = (0..8).map(|number| {
            let store = t.store.clone();
            let authoriser = t.authoriser.clone();
            let id = UploadId::parse(&format!("upload-{number}")).unwrap();
            let key = StorageKey::parse(&format!("file-{number}")).unwrap();
            tokio::spawn(async move {
                let push = authoriser.system_in::<Push>(&namespace("team")).await?;
                let app = repository(&format!("app{}", number % 2));
                store.begin_upload(&push, &app, &id, &key, NOW).await?;
                store.finish_upload(&push, &app, &id, (&digest("layer"), 5), NOW).await?;
                let image = manifest("image", &["layer"]);
                store.put_manifest(&push, &app, Some(&tag("1")), &image, NOW).await
            })
        });
        let pushes: Vec<_> = pushes.collect();
        for push in pushes {
            push.await.unwrap().unwrap();
        }
        assert_eq!(t.used_bytes("team").await, 5 + 2 * 5);
        assert_eq!(t.doomed().await.len(), 7);
        t.check_sum("team").await;
    });
}
