//! Garbage collection beside pushes.

use std::sync::atomic::AtomicI64;

use super::*;

const APP: (&str, &str) = ("team", "app");

#[test]
fn what_a_manifest_names_is_never_collected() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(APP, "1", "image", &["layer"]).await;
        assert!(t.collect(later(1_000_000)).await.is_empty());
        let pull = t.access::<Pull>("team").await;
        t.store.blob(&pull, &repository("app"), &digest("layer")).await.unwrap();
    });
}

#[test]
fn what_nothing_names_goes_once_nobody_relies_on_it() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let blob = t.upload(APP, "layer").await;
        assert!(t.collect(NOW).await.is_empty());
        let collected = t.collect(later(1)).await;
        assert_eq!(collected, Collected { links: 1, blobs: 1, ..Collected::default() });
        assert_eq!(t.doomed().await, [blob.storage_key]);
        assert_eq!(t.used_bytes("team").await, 0);
        assert!(t.collect(later(1)).await.is_empty());
    });
}

#[test]
fn a_push_that_found_its_blob_there_keeps_it() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.upload(APP, "layer").await;
        let push = t.access::<Push>("team").await;
        let app = repository("app");
        t.store.use_blob(&push, &app, &digest("layer"), later(3_000)).await.unwrap();
        assert!(t.collect(later(2_000)).await.is_empty());
        t.try_put(APP, Some("1"), &manifest("image", &["layer"]), later(3_001)).await.unwrap();
        assert!(t.collect(later(9_000)).await.is_empty());
    });
}

#[test]
fn a_deleted_image_goes_with_the_blobs_that_were_only_its() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        t.push(APP, "1", "image", &["base", "mine"]).await;
        t.push(APP, "2", "other", &["base"]).await;
        let push = t.access::<Push>("team").await;
        t.store.delete_artifact(&push, &repository("app"), &digest("image"), later(100)).await.unwrap();
        // Somebody may push it again at once, and be told that the layer is there.
        let manifest_only = Collected { manifests: 1, ..Collected::default() };
        assert_eq!(t.collect(later(100)).await, manifest_only);
        let collected = t.collect(later(101)).await;
        assert_eq!(collected, Collected { links: 1, blobs: 1, ..Collected::default() });
        t.check_sum("team").await;
    });
}

#[test]
fn an_upload_that_nobody_goes_on_with_is_collected() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let id = t.begin(APP, NOW).await;
        let push = t.access::<Push>("team").await;
        t.store.advance_upload(&push, &repository("app"), &id, (0, 5), later(50)).await.unwrap();
        assert_eq!(t.collect(later(50)).await.uploads, 0);
        assert_eq!(t.collect(later(51)).await.uploads, 1);
        assert_eq!(t.doomed().await.len(), 1);
    });
}

#[test]
fn a_blob_pushed_again_after_it_was_collected_lies_in_another_file() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let first = t.upload(APP, "layer").await;
        t.collect(later(1)).await;
        let second = t.try_upload(APP, "layer", later(2)).await.unwrap();
        assert_ne!(first.storage_key, second.storage_key);
        assert_eq!(t.doomed().await, [first.storage_key]);
    });
}

#[test]
fn collecting_beside_pushes_breaks_no_image() {
    on_both(async |t| {
        t.namespace("team", &settings()).await;
        let clock = Arc::new(AtomicI64::new(0));
        let (pusher, time) = (t.clone(), Arc::clone(&clock));
        let pushing = tokio::spawn(async move {
            for round in 1..=20 {
                time.store(round * 10, Ordering::SeqCst);
                let now = later(round * 10);
                let layer = format!("layer {}", round % 3);
                pusher.try_upload(APP, &layer, now).await.unwrap();
                let image = manifest(&format!("image {round}"), &[&layer]);
                pusher.try_put(APP, Some("1"), &image, now).await.unwrap();
                let push = pusher.access::<Push>("team").await;
                pusher.store.delete_artifact(&push, &repository("app"), &image.digest, now).await.unwrap();
            }
        });
        let collector = t.clone();
        let collecting = tokio::spawn(async move {
            let mut count = 0;
            while clock.load(Ordering::SeqCst) < 200 {
                count += collector.collect(later(clock.load(Ordering::SeqCst) - 5)).await.blobs;
                tokio::task::yield_now().await;
            }
            count
        });
        pushing.await.unwrap();
        println!("{} blobs collected meanwhile", collecting.await.unwrap());
        t.check_sum("team").await;
    });
}
