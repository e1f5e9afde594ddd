//! Images that somebody made to do harm: the server stays up, and says what it could not read.

use super::*;

/// Pushes what lies in a layout, as far as the registry takes it; the manifests that it took.
async fn push_layout(server: &Server, folder: &Path, repository: &str) -> Vec<ArtifactId> {
    let blobs = folder.join("blobs/sha256");
    let mut manifests = Vec::new();
    for entry in std::fs::read_dir(&blobs).into_iter().flatten().flatten() {
        let Ok(bytes) = std::fs::read(entry.path()) else { continue };
        let blob = Blob::new(bytes);
        let path = format!("/v2/{repository}/blobs/uploads/?digest={}", blob.digest);
        server.send("POST", &path, "application/octet-stream", blob.bytes.clone()).await;
        if blob.bytes.starts_with(b"{") && blob.bytes.len() < 4_000_000 {
            manifests.push(blob);
        }
    }
    let mut taken = Vec::new();
    for manifest in manifests {
        let media_type = serde_json::from_slice::<serde_json::Value>(&manifest.bytes)
            .ok()
            .and_then(|it| Some(it.get("mediaType")?.as_str()?.to_owned()))
            .unwrap_or(OCI.to_owned());
        let path = format!("/v2/{repository}/manifests/{}", manifest.digest);
        let status = server.send("PUT", &path, &media_type, manifest.bytes.clone()).await;
        assert!(!status.is_server_error(), "{repository}: {status}");
        if status == 201 {
            taken.push(server.artifact(repository, &manifest.digest.to_string()).await);
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_images_end_in_words_and_the_server_stays_up() {
    let corpus = std::env::var_os("PLIMSOLL_CORPUS").map(|it| Path::new(&it).join("hostile"));
    let Some(corpus) = corpus.filter(|it| it.is_dir()) else {
        println!("SKIPPED: the hostile images are not there; set PLIMSOLL_CORPUS to a corpus that has them");
        return;
    };
    let folder = folder();
    let server = Server::start(folder.path()).await;
    let mut states = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(&corpus).unwrap().map(Result::unwrap) {
        if !entry.path().is_dir() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let repository = format!("team/{name}");
        for artifact in push_layout(&server, &entry.path(), &repository).await {
            if server.scanning.index_state(&server.read("team").await, artifact).await.unwrap().is_some() {
                continue;
            }
            // Some inflate to what a limit allows, and what is not optimised takes its time for that.
            let (most, begun) = (Duration::from_secs(600), Instant::now());
            let state = server.ended_within(most, "team", artifact).await;
            println!("{name}: {} after {} ms", state.name(), begun.elapsed().as_millis());
            let log = server.log("team", artifact).await;
            assert!(!log.contains("please report this"), "{name}: {log}");
            if state == ScanState::Failed {
                assert!(!log.is_empty(), "{name} failed without a word");
            }
            *states.entry(state.name()).or_insert(0) += 1;
        }
    }
    println!("{states:?}");
    let artifact = server.push("team/honest", "1", &debian("3.0.9-1", "")).await;
    assert_eq!(server.ended("team", artifact).await, ScanState::Complete);
    server.stop().await;
}
