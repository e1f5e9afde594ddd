//! Stopping a scan, and stopping the server while one runs.

use plimsoll_store::Priority;

use super::*;

/// An image that takes a while: many files in a layer.
fn large() -> Image {
    let mut text = "//- layer FROM x\n".to_owned();
    for number in 0..3_000 {
        text.push_str(&format!("//- /app/{number}/requirements.txt\nflask==1.{number}\n"));
    }
    Image::from_text(&text)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_that_is_stopped_stops_and_says_so() {
    let folder = folder();
    let server = Server::prepare(folder.path(), options()).await;
    let artifact = server.push("quiet/app", "1", &large()).await;
    let access = server.may_scan("quiet").await;
    server.scanning.request(&access, artifact, Priority::Asked).await.unwrap();
    assert_eq!(server.state("quiet", artifact).await, ScanState::Queued);
    let again = server.scanning.request(&access, artifact, Priority::Asked).await.unwrap_err();
    assert!(matches!(again, Refused::OnItsWay), "{again}");
    let running = server.scanning.start();
    let begun = Instant::now();
    while server.state("quiet", artifact).await == ScanState::Queued {
        assert!(begun.elapsed() < PATIENCE);
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // It may have ended in this instant.
    if server.scanning.stop_scan(&access, artifact).await.unwrap() {
        assert_eq!(server.state("quiet", artifact).await, ScanState::Stopped);
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert_eq!(server.state("quiet", artifact).await, ScanState::Stopped);
        assert_eq!(server.store.result(&server.read("quiet").await, artifact).await.unwrap(), None);
    }
    server.scanning.request(&access, artifact, Priority::Asked).await.unwrap();
    assert_eq!(server.ended("quiet", artifact).await, ScanState::Complete);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_puts_its_scans_back_and_the_next_one_does_them() {
    let folder = folder();
    let server = Server::prepare(folder.path(), options()).await;
    let artifact = server.push("quiet/app", "1", &large()).await;
    let access = server.may_scan("quiet").await;
    server.scanning.request(&access, artifact, Priority::Asked).await.unwrap();
    let running = server.scanning.start();
    while server.state("quiet", artifact).await == ScanState::Queued {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    running.stop().await;
    let state = server.state("quiet", artifact).await;
    assert!(matches!(state, ScanState::Queued | ScanState::Complete), "{state:?}");
    server.stop().await;
    let server = Server::start(folder.path()).await;
    assert_eq!(server.ended("quiet", artifact).await, ScanState::Complete);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scan_whose_process_died_is_done_by_another() {
    let folder = folder();
    let server = Server::prepare(folder.path(), options()).await;
    let artifact = server.push("quiet/app", "1", &debian("3.0.9-1", "")).await;
    let access = server.may_scan("quiet").await;
    server.scanning.request(&access, artifact, Priority::Asked).await.unwrap();
    // Somebody takes it and is not heard of any more.
    let system = server.store.authoriser().system();
    let long_ago = Timestamp(now().0 - 100);
    server.store.claim(&system, "dead", Timestamp(long_ago.0 + 10), long_ago).await.unwrap().unwrap();
    let running = server.scanning.start();
    assert_eq!(server.ended("quiet", artifact).await, ScanState::Complete);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_pushed_while_nobody_worked_is_scanned_after_the_start() {
    let folder = folder();
    let server = Server::prepare(folder.path(), options()).await;
    // As if the process had died between the push and the putting down of the job.
    let registry = {
        let blobs: Arc<dyn BlobStore> = Arc::new(Directory::open(folder.path()).unwrap());
        let options = RegistryOptions {
            service: "plimsoll".to_owned(),
            external_url: None,
            https: false,
            blob_bytes_max: 1_000_000,
            namespaces_by_push: true,
            log: |cause| println!("{cause}"),
        };
        Registry::new(server.store.clone(), blobs, Arc::new(Everybody), TokenKey::new(&[7; 32]), options)
    };
    let server = Server { registry: Arc::new(registry), ..server };
    let artifact = server.push("team/app", "1", &debian("3.0.9-1", "")).await;
    assert_eq!(server.state("team", artifact).await, ScanState::NotScanned);
    let running = server.scanning.start();
    assert_eq!(server.ended("team", artifact).await, ScanState::Complete);
    running.stop().await;
}
