//! A backup that is made while a server runs, and what comes back.

use plimsoll_core::{Algorithm, Timestamp};

use super::*;
use crate::app::tests::TestServer;
use crate::app::{App, Clock};
use crate::blobs::Hash;
use crate::settings::{Layers, Settings, read};

async fn push(server: &TestServer, content: &'static str) -> String {
    let digest = Hash::of(Algorithm::Sha256, content.as_bytes()).to_string();
    let line = format!("POST /v2/team/app/blobs/uploads/?digest={digest}");
    assert_eq!(server.call(&line, content).await.0, 201);
    digest
}

async fn saved(server: &TestServer) -> Vec<u8> {
    let mut archive = Vec::new();
    backup(server.app.data.path(), &mut archive, Timestamp(0)).await.unwrap();
    archive
}

fn settings(directory: &std::path::Path) -> Settings {
    let flags = vec![("data_dir", directory.display().to_string()), ("update_feeds", "false".to_owned())];
    read(&Layers { file: None, environment: &|_| None, flags }).unwrap().settings
}

#[tokio::test]
async fn what_was_saved_comes_back_and_nothing_else() {
    let server = TestServer::start().await;
    let digest = push(&server, "one").await;
    let archive = saved(&server).await;
    push(&server, "two").await;
    let leftovers = std::fs::read_dir(server.app.data.path()).unwrap();
    let names: Vec<_> = leftovers.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    assert!(!names.iter().any(|it| it.starts_with("backup-")), "{names:?}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data");
    let restored = restore(&path, archive.as_slice()).await.unwrap();
    assert_eq!(restored, Restored { blobs: 1, bytes: 3 });
    assert!(matches!(restore(&path, archive.as_slice()).await, Err(BackupError::Full(_))));
    // The account is there, and so is the blob; what came later is not.
    let app = App::start(settings(&path), Clock::system()).await.unwrap();
    assert!(app.first.is_none());
    let again = TestServer { folder, app: app.app };
    assert_eq!(again.call(&format!("GET /v2/team/app/blobs/{digest}"), "").await.2, "one");
    let two = Hash::of(Algorithm::Sha256, b"two");
    assert_eq!(again.call(&format!("GET /v2/team/app/blobs/{two}"), "").await.0, 404);
}

#[tokio::test]
async fn an_archive_that_breaks_off_or_was_changed_is_refused() {
    let server = TestServer::start().await;
    push(&server, "a content to be found again").await;
    let archive = saved(&server).await;
    let check = async |archive: &[u8]| {
        let folder = tempfile::tempdir().unwrap();
        restore(&folder.path().join("data"), archive).await.unwrap_err().to_string()
    };
    for length in [0, 100, 512, 2048, archive.len() / 2, archive.len() - 2048] {
        check(&archive[..length]).await;
    }
    let place = archive.windows(8).position(|it| it == b"to be fo").unwrap();
    let mut changed = archive.clone();
    changed[place] ^= 1;
    let error = check(&changed).await;
    assert!(error.contains("has the digest"), "{error}");
    let mut missing = tar::Builder::new(Vec::new());
    for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
        let entry = entry.unwrap();
        let path = entry.path().unwrap().into_owned();
        if !path.starts_with("blobs") {
            let mut header = entry.header().clone();
            missing.append_data(&mut header, path, entry).unwrap();
        }
    }
    let error = check(&missing.into_inner().unwrap()).await;
    assert!(error.contains("1 blobs are missing"), "{error}");
}

#[tokio::test]
async fn no_path_is_made_of_a_name_in_an_archive() {
    let server = TestServer::start().await;
    let archive = saved(&server).await;
    for name in ["../evil", "/tmp/evil", "blobs/../../evil", "blobs/aa/../../evil"] {
        let mut hostile = tar::Builder::new(Vec::new());
        for entry in tar::Archive::new(archive.as_slice()).entries().unwrap() {
            let entry = entry.unwrap();
            let path = entry.path().unwrap().into_owned();
            if path.as_os_str() == WHOLE {
                let mut header = tar::Header::new_gnu();
                header.set_size(4);
                header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
                header.set_cksum();
                hostile.append(&header, &b"evil"[..]).unwrap();
            }
            let mut header = entry.header().clone();
            hostile.append_data(&mut header, path, entry).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let error = restore(&folder.path().join("data"), hostile.into_inner().unwrap().as_slice()).await;
        assert!(error.unwrap_err().to_string().contains("nothing that the database names"), "{name}");
        assert!(!folder.path().join("evil").exists());
    }
}

#[tokio::test]
async fn a_directory_without_a_database_is_not_saved() {
    let folder = tempfile::tempdir().unwrap();
    let error = backup(folder.path(), Vec::new(), Timestamp(0)).await.unwrap_err();
    assert!(error.to_string().contains("no database of SQLite"), "{error}");
}
