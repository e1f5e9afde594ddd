//! What is kept and what goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use plimsoll_core::{Algorithm, Timestamp};

use super::*;
use crate::app::tests::TestServer;
use crate::app::{App, Clock};
use crate::blobs::Hash;

/// A server whose clock can be put forward.
async fn server() -> (TestServer, Arc<AtomicI64>) {
    let ahead = Arc::new(AtomicI64::new(0));
    let (system, seconds) = (Clock::system(), ahead.clone());
    let clock = Clock::of(move || Timestamp(system.now().0 + seconds.load(Ordering::Relaxed)));
    (TestServer::start_with(&[("collect_after", "1h")], clock).await, ahead)
}

fn files(app: &App) -> usize {
    let folders = std::fs::read_dir(app.data.path().join("blobs")).unwrap();
    folders.map(|it| std::fs::read_dir(it.unwrap().path()).unwrap().count()).sum()
}

async fn push(server: &TestServer, content: &'static str) -> String {
    let digest = Hash::of(Algorithm::Sha256, content.as_bytes()).to_string();
    let line = format!("POST /v2/team/app/blobs/uploads/?digest={digest}");
    assert_eq!(server.call(&line, content).await.0, 201);
    digest
}

/// A manifest that names one of two blobs.
async fn image(server: &TestServer) -> String {
    let used = push(server, "{}").await;
    push(server, "unused").await;
    let manifest = format!(
        r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{used}","size":2}},"layers":[]}}"#
    );
    assert_eq!(server.call("PUT /v2/team/app/manifests/1", manifest).await.0, 201);
    used
}

#[tokio::test]
async fn a_blob_that_nothing_names_goes_with_its_file_and_no_other_does() {
    let (server, ahead) = server().await;
    let used = image(&server).await;
    assert_eq!(collect_once(&server.app).await.unwrap(), Cleared::default());
    ahead.store(7_200, Ordering::Relaxed);
    let cleared = collect_once(&server.app).await.unwrap();
    assert_eq!((cleared.rows.links, cleared.rows.blobs, cleared.files), (1, 1, 1));
    assert_eq!(files(&server.app), 1);
    assert_eq!(server.call(&format!("GET /v2/team/app/blobs/{used}"), "").await.2, "{}");
}

#[tokio::test]
async fn no_file_goes_while_a_backup_is_made() {
    let (server, ahead) = server().await;
    image(&server).await;
    ahead.store(7_200, Ordering::Relaxed);
    let lock = std::fs::File::create(server.app.data.path().join(BACKUP_LOCK)).unwrap();
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockShared).unwrap();
    assert_eq!(collect_once(&server.app).await.unwrap().files, 0);
    assert_eq!(files(&server.app), 2);
    drop(lock);
    assert_eq!(collect_once(&server.app).await.unwrap().files, 1);
}

#[tokio::test]
async fn pulls_are_noted_together() {
    let (server, _) = server().await;
    image(&server).await;
    for _ in 0..3 {
        assert_eq!(server.call("GET /v2/team/app/manifests/1", "").await.0, 200);
        assert_eq!(server.call("HEAD /v2/team/app/manifests/1", "").await.0, 200);
    }
    assert_eq!(server.app.pulls.waiting(), 3);
    server.app.shutdown.request();
    note_pulls(server.app.clone()).await;
    assert_eq!(server.app.pulls.waiting(), 0);
    let authoriser = server.app.store.authoriser();
    let team = plimsoll_store::NamespaceName::parse("team").unwrap();
    let access = authoriser.system_in::<plimsoll_store::Read>(&team).await.unwrap();
    let name = plimsoll_store::RepositoryName::parse("app").unwrap();
    let artifacts = server.app.store.artifacts(&access, &name, None, 10).await.unwrap();
    assert!(artifacts[0].pulled_at.is_some());
}
