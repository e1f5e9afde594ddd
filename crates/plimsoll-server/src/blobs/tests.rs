//! What every store of blobs keeps: nothing half, nothing twice, nothing lost.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use plimsoll_core::Algorithm;
use plimsoll_core::Digest;
use tempfile::TempDir;

use super::*;

fn store() -> (TempDir, Directory) {
    let folder = tempfile::tempdir().unwrap();
    let store = Directory::open(folder.path()).unwrap();
    (folder, store)
}

fn content(pieces: &[&[u8]]) -> Incoming {
    let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces).boxed()
}

/// Some bytes, and then the connection is gone.
fn broken(piece: &'static [u8]) -> Incoming {
    stream::iter([Ok(Bytes::from_static(piece)), Err("connection reset".into())]).boxed()
}

const ANYWHERE: Place = Place { offset: None, size_bytes_max: u64::MAX };

fn sha256(bytes: &[u8]) -> Digest {
    Hash::of(Algorithm::Sha256, bytes)
}

async fn read(store: &Directory, blob: BlobKey, first: u64, length: u64) -> std::io::Result<Vec<Bytes>> {
    store.read(blob, first, length).await.unwrap().try_collect().await
}

async fn put(store: &Directory, bytes: &[u8]) -> BlobKey {
    let upload = store.begin().await.unwrap();
    store.append(upload, ANYWHERE, content(&[bytes])).await.unwrap();
    store.finish(upload, sha256(bytes)).await.unwrap();
    upload
}

/// The files below a directory, in order.
fn files(folder: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.push(entry.path().display().to_string()),
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn an_upload_in_pieces_becomes_the_blob_that_was_said() {
    let (_folder, store) = store();
    let upload = store.begin().await.unwrap();
    assert_eq!(store.offset(upload).await.unwrap(), 0);
    assert_eq!(store.append(upload, ANYWHERE, content(&[b"he", b"", b"l"])).await.unwrap(), 3);
    let place = Place { offset: Some(3), ..ANYWHERE };
    assert_eq!(store.append(upload, place, content(&[b"lo"])).await.unwrap(), 5);
    let digest = sha256(b"hello");
    assert!(matches!(store.read(upload, 0, 5).await, Err(BlobError::Gone(_))));
    assert_eq!(store.finish(upload, digest).await.unwrap(), 5);
    assert_eq!(read(&store, upload, 0, 5).await.unwrap().concat(), b"hello");
    // Said again it is checked again, and what is a blob cannot grow.
    assert_eq!(store.finish(upload, digest).await.unwrap(), 5);
    assert!(matches!(store.finish(upload, sha256(b"")).await, Err(BlobError::Digest { .. })));
    assert!(matches!(store.append(upload, ANYWHERE, content(&[b"!"])).await, Err(BlobError::UploadUnknown)));
    assert!(matches!(store.offset(upload).await, Err(BlobError::UploadUnknown)));
}

#[tokio::test]
async fn a_chunk_that_does_not_continue_the_upload_is_refused_and_changes_nothing() {
    let (_folder, store) = store();
    let upload = store.begin().await.unwrap();
    store.append(upload, ANYWHERE, content(&[b"abc"])).await.unwrap();
    for offset in [0, 2, 4, u64::MAX] {
        let place = Place { offset: Some(offset), ..ANYWHERE };
        let error = store.append(upload, place, content(&[b"x"])).await.unwrap_err();
        assert!(matches!(error, BlobError::Offset { offset: 3 }), "{error}");
    }
    assert_eq!(store.finish(upload, sha256(b"abc")).await.unwrap(), 3);
}

#[tokio::test]
async fn a_restart_in_the_midst_of_an_upload_loses_nothing() {
    let (folder, store) = store();
    let upload = store.begin().await.unwrap();
    store.append(upload, ANYWHERE, content(&[b"abc"])).await.unwrap();
    drop(store);
    let store = Directory::open(folder.path()).unwrap();
    assert_eq!(store.offset(upload).await.unwrap(), 3);
    store.append(upload, Place { offset: Some(3), ..ANYWHERE }, content(&[b"def"])).await.unwrap();
    assert_eq!(store.finish(upload, sha256(b"abcdef")).await.unwrap(), 6);
}

#[tokio::test]
async fn what_came_before_the_connection_broke_can_be_continued() {
    let (_folder, store) = store();
    let upload = store.begin().await.unwrap();
    let error = store.append(upload, ANYWHERE, broken(b"abc")).await.unwrap_err();
    assert!(matches!(error, BlobError::Interrupted(_)), "{error}");
    assert_eq!(store.offset(upload).await.unwrap(), 3);
    store.append(upload, ANYWHERE, content(&[b"d"])).await.unwrap();
    store.finish(upload, sha256(b"abcd")).await.unwrap();
}

#[tokio::test]
async fn content_with_another_digest_leaves_nothing() {
    let (folder, store) = store();
    let upload = store.begin().await.unwrap();
    store.append(upload, ANYWHERE, content(&[b"abc"])).await.unwrap();
    let error = store.finish(upload, sha256(b"other")).await.unwrap_err();
    assert!(matches!(error, BlobError::Digest { actual } if actual == sha256(b"abc")), "{error}");
    assert!(files(folder.path()).is_empty());
    assert!(matches!(store.append(upload, ANYWHERE, content(&[])).await, Err(BlobError::UploadUnknown)));
}

#[tokio::test]
async fn a_cancelled_upload_leaves_nothing() {
    let (folder, store) = store();
    let upload = store.begin().await.unwrap();
    store.append(upload, ANYWHERE, content(&[b"abc"])).await.unwrap();
    store.cancel(upload).await.unwrap();
    assert!(files(folder.path()).is_empty());
    assert!(matches!(store.cancel(upload).await, Err(BlobError::UploadUnknown)));
    assert!(matches!(store.finish(upload, sha256(b"abc")).await, Err(BlobError::UploadUnknown)));
}

#[tokio::test]
async fn more_than_is_allowed_is_refused_without_being_kept() {
    let (_folder, store) = store();
    let upload = store.begin().await.unwrap();
    let place = Place { offset: None, size_bytes_max: 4 };
    assert_eq!(store.append(upload, place, content(&[b"abcd"])).await.unwrap(), 4);
    let error = store.append(upload, place, content(&[b"e"])).await.unwrap_err();
    assert!(matches!(error, BlobError::TooLarge { size_bytes_max: 4 }), "{error}");
    assert_eq!(store.offset(upload).await.unwrap(), 4);
}

#[tokio::test]
async fn sha512_is_verified_as_well() {
    let (_folder, store) = store();
    let upload = store.begin().await.unwrap();
    store.append(upload, ANYWHERE, content(&[b"abc"])).await.unwrap();
    let digest = Hash::of(Algorithm::Sha512, b"abc");
    assert_eq!(store.finish(upload, digest).await.unwrap(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_add_to_one_upload_do_not_mix() {
    let (_folder, store) = store();
    let upload = store.begin().await.unwrap();
    let both = [b'a', b'b'].map(|byte| {
        let piece = vec![byte; 3_000_000];
        store.append(upload, ANYWHERE, content(&[&piece[..1_500_000], &piece[1_500_000..]]))
    });
    futures_util::future::join_all(both).await;
    let mut expected = vec![b'a'; 3_000_000];
    expected.extend(vec![b'b'; 3_000_000]);
    let mut other = expected.clone();
    other.reverse();
    let first = store.finish(upload, sha256(&expected)).await;
    assert!(first.is_ok() || matches!(first, Err(BlobError::Digest { actual }) if actual == sha256(&other)));
}

#[tokio::test]
async fn a_part_is_read_and_no_more_than_it() {
    let (_folder, store) = store();
    let bytes: Vec<u8> = (0..1_000_000_u32).map(|it| it.to_le_bytes()[1]).collect();
    let blob = put(&store, &bytes).await;
    for (first, length) in [(0, 1), (1, 700_000), (999_999, 1), (0, 1_000_000), (5, 0)] {
        let pieces = read(&store, blob, first, length).await.unwrap();
        assert!(pieces.iter().all(|piece| piece.len() <= 256 * 1024));
        let range = usize::try_from(first).unwrap()..usize::try_from(first + length).unwrap();
        assert!(pieces.concat() == bytes[range], "{first} {length}");
    }
}

#[tokio::test]
async fn a_blob_that_lost_its_end_is_an_error_and_not_a_short_answer() {
    let (folder, store) = store();
    let blob = put(&store, b"abcdef").await;
    std::fs::write(&files(folder.path())[0], b"abc").unwrap();
    assert!(read(&store, blob, 0, 6).await.is_err());
}

#[tokio::test]
async fn only_uploads_that_nobody_touches_are_swept() {
    let (folder, store) = store();
    let upload = store.begin().await.unwrap();
    std::fs::write(folder.path().join("uploads/README"), b"not ours").unwrap();
    let hour = Duration::from_secs(3600);
    assert_eq!(store.sweep(SystemTime::now() - hour).await.unwrap(), 0);
    assert_eq!(store.sweep(SystemTime::now() + hour).await.unwrap(), 1);
    assert!(matches!(store.offset(upload).await, Err(BlobError::UploadUnknown)));
    assert_eq!(files(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_deleted_blob_is_gone_and_deleting_it_again_is_no_error() {
    let (folder, store) = store();
    let blob = put(&store, b"abc").await;
    store.delete(blob).await.unwrap();
    store.delete(blob).await.unwrap();
    assert!(files(folder.path()).is_empty());
}
