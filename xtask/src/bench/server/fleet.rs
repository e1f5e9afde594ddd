//! A hundred thousand images with two hundred packages each: lists, searches, a restart, and a new
//! database.
//!
//! One image with 20,000 packages is pushed and scanned; a script multiplies it. The databases are made
//! of a feed of our own, in which each package has five vulnerabilities; the second says one more of one
//! package in a hundred.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_testkit::{Blob, Image};
use serde_json::{Value, json};

use super::client::{Client, Times};
use super::process::{LOGIN, Server, fresh};
use super::{Bench, verdict_stands, with_policy};
use crate::shell::{self, Result};

const NAMES: usize = 2_000;
const VERSIONS: usize = 10;
const PACKAGES: usize = 200;
/// Times each list is asked for: what the interface lets one ask at once, shared among them.
const ASKED: usize = 40;

/// What is asked, and what it is called here.
const LISTS: &[(&str, &str)] = &[
    ("newest first", "/api/v1/artifacts?limit=50"),
    ("of the namespace", "/api/v1/namespaces/bench/artifacts?limit=50"),
    ("worst first", "/api/v1/namespaces/bench/artifacts?limit=50&sort=severity"),
    ("failed (none)", "/api/v1/artifacts?limit=50&state=failed"),
    ("complete, worst first", "/api/v1/artifacts?limit=50&state=complete&sort=severity"),
    ("denied", "/api/v1/namespaces/bench/artifacts?limit=50&verdict=deny"),
    ("denied, last pulled first", "/api/v1/namespaces/bench/artifacts?limit=50&verdict=deny&sort=pulled"),
    ("nothing to fix (none)", "/api/v1/artifacts?limit=50&fixable=false"),
    ("of a repository by its name", "/api/v1/artifacts?limit=50&q=fleet/r77"),
    ("with a tag `v3.*`", "/api/v1/artifacts?limit=50&tag=v3.*"),
    ("with a tag `*.9?`", "/api/v1/artifacts?limit=50&tag=*.9?"),
    ("overview of the namespace", "/api/v1/namespaces/bench"),
    ("search by digest", "/api/v1/search?q=sha256:abc"),
    ("search by name", "/api/v1/search?q=r77"),
    ("affected by a vulnerability", "/api/v1/vulnerabilities/CVE-2024-001003/artifacts?limit=50"),
    ("with a package", "/api/v1/packages/p100/artifacts?limit=50"),
    ("versions of a package", "/api/v1/packages/p100/versions"),
];

/// Makes the fleet and measures it.
pub(super) fn run(bench: &Bench<'_>) -> Result {
    let folder = fresh(&bench.folder, "fleet")?;
    let database = folder.join("db");
    update_database(bench, &folder, &database, false)?;
    let data = folder.join("data");
    make(bench, &data, &database)?;
    let count = std::env::var("PLIMSOLL_FLEET_ARTIFACTS").unwrap_or_else(|_| "100000".to_owned());
    let script = folder.join("fleet.py");
    fs::write(&script, include_str!("fleet.py")).map_err(|error| format!("{}: {error}", script.display()))?;
    let begun = Instant::now();
    let mut python = shell::command("python3", &[]);
    python.arg(&script).arg(data.join("plimsoll.db")).args([&count, &PACKAGES.to_string()]);
    shell::run(&mut python)?;
    println!("{count} images made in {:.0} s", begun.elapsed().as_secs_f64());

    let (server, ready) = Server::plimsoll(bench.plimsoll, &data, &database)?;
    println!("restart: {:.0} ms until it is ready (1000)", ready.as_secs_f64() * 1e3);
    for (what, path) in LISTS {
        // A fresh account's bucket each time would need an account each time; so it fills again.
        std::thread::sleep(Duration::from_millis(500));
        lists(&server, what, path)?;
    }
    drop(server);
    update_database(bench, &folder, &database, true)?;
    let (server, _) = Server::plimsoll(bench.plimsoll, &data, &database)?;
    let begun = Instant::now();
    let mut client = Client::connect(&server.address, LOGIN)?;
    while begun.elapsed() < Duration::from_secs(300) {
        let page =
            client.expect(200, ("GET", "/api/v1/vulnerabilities/CVE-2025-00100/artifacts"), "", b"")?;
        let page: Value = serde_json::from_slice(&page.body).unwrap_or_default();
        if page["items"].as_array().is_some_and(|it| !it.is_empty()) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    println!("a new database: judged anew in {:.1} s (10)", begun.elapsed().as_secs_f64());
    println!("memory with the fleet: {:.0} MB at most", server.memory().1 as f64 / 1e6);
    Ok(())
}

fn lists(server: &Server, what: &str, path: &str) -> Result {
    let mut client = Client::connect(&server.address, LOGIN)?;
    client.expect(200, ("GET", path), "", b"")?;
    let mut times = Times::default();
    for _ in 0..ASKED {
        let begun = Instant::now();
        client.expect(200, ("GET", path), "", b"")?;
        times.add(begun.elapsed());
    }
    println!("   {what:28} median {:6.1} ms, p99 {:6.1} ms (50)", times.at(500), times.at(990));
    Ok(())
}

/// The one image that has all packages.
fn make(bench: &Bench<'_>, data: &Path, database: &Path) -> Result {
    let (server, _) = Server::plimsoll(bench.plimsoll, data, database)?;
    with_policy(&server)?;
    let mut text = "//- layer FROM debian:12\n//- /etc/os-release\nID=debian\nVERSION_ID=\"12\"\n//- /var/lib/dpkg/status\n".to_owned();
    for package in 0..NAMES * VERSIONS {
        let (name, version) = (package % NAMES, package / NAMES);
        text.push_str(&format!(
            "Package: p{name}\nStatus: install ok installed\nArchitecture: a{version}\nVersion: 1.{version}\n\n"
        ));
    }
    let image = Image::from_text(&text);
    let mut client = Client::connect(&server.address, LOGIN)?;
    let blobs: Vec<&Blob> = image.layers.iter().map(|it| &it.stored).chain([&image.config]).collect();
    for blob in blobs {
        let path = format!("/v2/bench/all/blobs/uploads/?digest={}", blob.digest);
        client.expect(201, ("POST", &path), "application/octet-stream", &blob.bytes)?;
    }
    let manifest = image.manifest();
    let kind = "application/vnd.oci.image.manifest.v1+json";
    client.expect(201, ("PUT", "/v2/bench/all/manifests/1"), kind, &manifest.bytes)?;
    verdict_stands(&mut client, "all", &manifest.digest.to_string())?
        .ok_or("the first image got no verdict")?;
    Ok(())
}

/// A database of our own feed.
fn update_database(bench: &Bench<'_>, folder: &Path, database: &Path, is_second: bool) -> Result {
    let mirror = fresh(folder, "mirror")?;
    let feed = fresh(&mirror, "osv-local")?;
    let write = |record: &Value| {
        let path = feed.join(format!("{}.json", record["id"].as_str().unwrap_or_default()));
        fs::write(&path, record.to_string()).map_err(|error| format!("{}: {error}", path.display()))
    };
    const SCORES: [&str; 4] = ["3.1", "5.5", "7.5", "9.8"];
    for name in 0..NAMES {
        for number in 0..5 {
            let fixed = format!("1.{}", 2 * number + 1);
            write(&record(&format!("CVE-2024-{name:05}{number}"), name, &fixed, SCORES[number % 4]))?;
        }
        if is_second && name % 100 == 0 {
            write(&record(&format!("CVE-2025-{name:05}"), name, "1.8", SCORES[3]))?;
        }
    }
    let mut command = shell::command(bench.plimsoll, &["db", "update", "--mirror"]);
    shell::run(command.arg(&mirror).env("PLIMSOLL_DB_DIR", database))
}

/// An advisory as OSV writes it; how severe is said in words, as its GitHub records do.
fn record(id: &str, name: usize, fixed: &str, score: &str) -> Value {
    let word = match score {
        "3.1" => "LOW",
        "5.5" => "MODERATE",
        "7.5" => "HIGH",
        _ => "CRITICAL",
    };
    json!({
        "schema_version": "1.6.0", "id": id, "modified": "2024-06-01T00:00:00Z",
        "published": "2024-06-01T00:00:00Z", "summary": "generated",
        "affected": [{
            "package": { "ecosystem": "Debian:12", "name": format!("p{name}") },
            "ranges": [{ "type": "ECOSYSTEM", "events": [{ "introduced": "0" }, { "fixed": fixed }] }],
        }],
        "database_specific": { "severity": word },
    })
}
