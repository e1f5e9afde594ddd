//! Real images pushed by a real client, and how long it takes from the manifest to the result.

use std::process::Stdio;

use super::*;

/// Pushes an image of a layout by skopeo; says whether that worked.
async fn copy(source: String, target: String) -> Result<(), String> {
    let arguments = ["copy", "--quiet", "--all", "--dest-tls-verify=false", "--dest-creds=anna:secret"];
    let ran = tokio::task::spawn_blocking(move || {
        std::process::Command::new("skopeo")
            .args(arguments)
            .args([source, target])
            .stdin(Stdio::null())
            .output()
    });
    let output = ran.await.unwrap().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

impl Server {
    /// What is found of an image's packages one by one is what is found of the image.
    async fn packages_alone_tell_the_same(&self, artifact: ArtifactId, name: &str) {
        let read = self.read("team").await;
        let Some(report) = self.scanning.report(&read, artifact).await.unwrap() else { return };
        let mut whole: Vec<(String, Severity, bool)> =
            report.findings().map(|(it, _)| (it.id.clone(), it.severity.severity, it.counts())).collect();
        let result = self.store.result(&read, artifact).await.unwrap().unwrap();
        let system = self.store.authoriser().system();
        let found = self.store.inventory_findings(&system, result.inventory).await.unwrap();
        let mut parts: Vec<(String, Severity, bool)> = found
            .into_iter()
            .map(|it| (it.finding.vulnerability, it.finding.severity, it.finding.counts))
            .collect();
        for list in [&mut whole, &mut parts] {
            list.sort();
            // One package in two places is one unit.
            list.dedup();
        }
        assert_eq!(whole.len(), parts.len(), "{name}");
        assert!(whole == parts, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_corpus_is_pushed_and_each_image_has_its_result_soon_after() {
    let corpus = std::env::var_os("PLIMSOLL_CORPUS").map(|it| Path::new(&it).join("oci"));
    let skopeo = std::process::Command::new("skopeo").arg("--version").output().is_ok();
    let Some(corpus) = corpus.filter(|it| it.is_dir() && skopeo) else {
        println!("SKIPPED: no corpus of real images ($PLIMSOLL_CORPUS), or no skopeo");
        return;
    };
    let folder = folder();
    let server = Server::start(folder.path()).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = server.registry.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut names: Vec<_> = std::fs::read_dir(&corpus)
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut waits = Vec::new();
    for name in names {
        let source = format!("oci:{}", corpus.join(&name).display());
        if let Err(error) = copy(source, format!("docker://{address}/team/{name}:1")).await {
            // Some layouts hold what skopeo does not copy.
            println!("{name}: {}", error.lines().last().unwrap_or_default());
            continue;
        }
        let begun = Instant::now();
        let artifact = server.artifact(&format!("team/{name}"), "1").await;
        let state = server.ended("team", artifact).await;
        println!("{name}: {} after {} ms", state.name(), begun.elapsed().as_millis());
        assert!(matches!(state, ScanState::Complete | ScanState::NotSupported), "{name}: {state:?}");
        waits.push(begun.elapsed().as_millis());
        if state == ScanState::Complete {
            server.packages_alone_tell_the_same(artifact, &name).await;
        }
    }
    waits.sort_unstable();
    println!("median {:?} ms, worst {:?} ms", waits.get(waits.len() / 2), waits.last());
    server.stop().await;
}
