//! A fleet judged anew: how long a new database takes for very many images. By hand, since the fleet
//! must be made first: run it once with `PLIMSOLL_FLEET` naming a folder, which gets 20,000 packages;
//! fill its database with images that have these; run it again.

use super::*;

const NAMES: usize = 2_000;
const VERSIONS: usize = 10;

/// Each package has five vulnerabilities, fixed one version after the other; of one package in a
/// hundred the second database says one more.
fn advisories(is_second: bool) -> Vec<(String, String, String, Severity)> {
    let severities = [Severity::Low, Severity::Medium, Severity::High, Severity::Critical, Severity::Unknown];
    let mut all = Vec::new();
    for name in 0..NAMES {
        for (number, severity) in severities.into_iter().enumerate() {
            let fixed = format!("1.{}", 2 * number + 1);
            all.push((format!("p{name}"), format!("CVE-2024-{name:05}{number}"), fixed, severity));
        }
        if is_second && name % 100 == 0 {
            let id = format!("CVE-2025-{name:05}");
            all.push((format!("p{name}"), id, "1.8".to_owned(), Severity::Critical));
        }
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fleet_is_judged_by_a_new_database() {
    let Some(folder) = std::env::var_os("PLIMSOLL_FLEET").map(std::path::PathBuf::from) else {
        println!("SKIPPED: a measurement, of the generated fleet in $PLIMSOLL_FLEET");
        return;
    };
    let is_made = folder.join("db/current").exists();
    Server::database_of(&folder, 1 + u64::from(is_made), &advisories(is_made));
    let begun = Instant::now();
    let server = Server::start(&folder).await;
    if is_made {
        let system = server.store.authoriser().system();
        let before = server.store.judgement(&system).await.unwrap();
        while server.store.judgement(&system).await.unwrap() == before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        println!("judged after {} ms", begun.elapsed().as_millis());
        let begun = Instant::now();
        let page =
            server.store.artifacts_with_package(&system_read(&server), "p100", None, 100).await.unwrap();
        println!("{} images with a package after {} us", page.len(), begun.elapsed().as_micros());
        let begun = Instant::now();
        let id = "CVE-2025-00100";
        let page =
            server.store.artifacts_with_vulnerability(&system_read(&server), id, None, 100).await.unwrap();
        println!("{} images with a vulnerability after {} us", page.len(), begun.elapsed().as_micros());
        let begun = Instant::now();
        let versions = server.store.versions_of(&system_read(&server), "p100", 100).await.unwrap();
        println!("{} versions after {} us", versions.len(), begun.elapsed().as_micros());
    } else {
        let mut status = String::new();
        for package in 0..NAMES * VERSIONS {
            let (name, version) = (package % NAMES, package / NAMES);
            status.push_str(&format!(
                "\nPackage: p{name}\nStatus: install ok installed\nArchitecture: a{version}\nVersion: 1.{version}\n"
            ));
        }
        let artifact = server.push("team/all", "1", &debian("1", &status)).await;
        assert_eq!(
            server.ended_within(Duration::from_secs(900), "team", artifact).await,
            ScanState::Complete
        );
    }
    server.stop().await;
}

fn system_read(server: &Server) -> plimsoll_store::InstanceAccess<Read> {
    server.store.authoriser().system()
}
