//! The server against its bounds: pushes, verdicts, pulls, memory, and a fleet of 100,000 images; what
//! docker-registry does on the same machine beside it.

pub(crate) mod client;
mod corpus;
mod fleet;
pub(crate) mod process;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::shell::{self, Result};
use client::{Client, Times};
use process::{CREDENTIALS, LOGIN, Server, fresh};

/// What may be asked for by name.
pub(super) const NAMES: &[&str] = &["server", "push", "verdict", "pulls", "blobs", "fleet"];

const JSON: &str = "application/json";
/// How long each rate is measured.
const SECONDS: u64 = 8;
const CONNECTIONS: usize = 8;

/// What is measured, and with what.
pub(super) struct Bench<'a> {
    pub(super) plimsoll: &'a Path,
    pub(super) database: &'a Path,
    pub(super) folder: PathBuf,
}

impl Bench<'_> {
    /// Measures what has this name, or everything.
    pub(super) fn run(&self, only: Option<&str>) -> Result {
        let wanted = |name: &str| only.is_none_or(|it| it == name);
        if wanted("push") {
            self.push()?;
        }
        if wanted("verdict") {
            self.verdict()?;
        }
        if wanted("pulls") {
            self.pulls()?;
        }
        if wanted("blobs") {
            self.blobs()?;
        }
        if wanted("fleet") {
            fleet::run(self)?;
        }
        Ok(())
    }

    fn start(&self, name: &str) -> Result<Server> {
        let data = fresh(&self.folder, name)?;
        let (server, _) = Server::plimsoll(self.plimsoll, &data, self.database)?;
        with_policy(&server)?;
        Ok(server)
    }

    fn corpus(&self) -> Result<Vec<PathBuf>> {
        let folder = std::env::var_os("PLIMSOLL_CORPUS")
            .map_or_else(|| shell::target_directory().join("corpus"), PathBuf::from);
        corpus::layouts(&folder)
    }

    /// The corpus by skopeo into one registry and the other, image by image in turn.
    fn push(&self) -> Result {
        let ours = self.start("push")?;
        let idle = ours.memory().0;
        let theirs = Server::docker_registry(&fresh(&self.folder, "docker-registry")?)?;
        let home = fresh(&self.folder, "home")?;
        let (mut times, mut count) = ([0.0, 0.0], 0);
        for (number, layout) in self.corpus()?.iter().enumerate() {
            let mut servers: Vec<(usize, &Server)> =
                [Some(&ours), theirs.as_ref()].into_iter().flatten().enumerate().collect();
            // Who comes first finds a colder page cache.
            let first = number % servers.len();
            servers.rotate_left(first);
            let mut taken = [0.0, 0.0];
            let pushed = servers.iter().all(|(place, server)| {
                skopeo(layout, server, &home).is_ok_and(|it| {
                    taken[*place] = it;
                    true
                })
            });
            if !pushed {
                println!("   not pushed: {}", layout.display());
                continue;
            }
            count += 1;
            times = [times[0] + taken[0], times[1] + taken[1]];
        }
        println!("{count} images pushed by skopeo: {:.1} s", times[0]);
        if theirs.is_some() {
            println!("docker-registry {:.1} s; ratio {:.2} (at most 1.2)", times[1], times[0] / times[1]);
        }
        let most = ours.memory().1;
        println!(
            "memory: idle {:.0} MB (80), under the pushes {:.0} MB (300)",
            idle as f64 / 1e6,
            most as f64 / 1e6
        );
        Ok(())
    }

    /// From the answer to a manifest until its verdict stands.
    fn verdict(&self) -> Result {
        let server = self.start("verdict")?;
        let mut client = Client::connect(&server.address, LOGIN)?;
        let mut times = Times::default();
        for layout in self.corpus()? {
            let Some(image) = corpus::pushable(&layout) else { continue };
            let repository = format!("bench/{}", image.name);
            image.send_blobs(&mut client, &repository)?;
            let digest = image.send_manifest(&mut client, &repository)?;
            let Some(taken) = verdict_stands(&mut client, &image.name, &digest)? else {
                println!("   no verdict: {}", image.name);
                continue;
            };
            println!("   {:5.0} ms  {}", taken.as_secs_f64() * 1e3, image.name);
            if image.name == "large" {
                println!("large: {:.0} ms until the verdict stands (500)", taken.as_secs_f64() * 1e3);
            } else {
                times.add(taken);
            }
        }
        println!(
            "{} images: median {:.0} ms (100), worst {:.0} ms (300) until the verdict stands",
            times.count(),
            times.at(500),
            times.at(1000)
        );
        Ok(())
    }

    /// Manifests with a verdict, pulled over kept connections.
    fn pulls(&self) -> Result {
        let server = self.start("pulls")?;
        let image = self.small_image()?;
        let mut client = Client::connect(&server.address, LOGIN)?;
        image.send_blobs(&mut client, "bench/app")?;
        let digest = image.send_manifest(&mut client, "bench/app")?;
        verdict_stands(&mut client, "app", &digest)?.ok_or("no verdict came")?;
        let path = format!("/v2/bench/app/manifests/{digest}");
        let mut times = hammered(&server.address, &path)?;
        let rate = times.count() as f64 / SECONDS as f64;
        println!(
            "manifest pulls with verdict: {rate:.0}/s (5000), median {:.2} ms, p99 {:.2} ms (5)",
            times.at(500),
            times.at(990)
        );
        Ok(())
    }

    /// The largest blob there is, from both registries.
    fn blobs(&self) -> Result {
        let ours = self.start("blobs")?;
        let theirs = Server::docker_registry(&fresh(&self.folder, "docker-registry")?)?;
        let images = self.corpus()?.iter().filter_map(|it| corpus::pushable(it)).collect::<Vec<_>>();
        let size = |it: &corpus::Pushable| it.largest().map_or(0, |it| it.1);
        let image = images.iter().max_by_key(|it| size(it)).ok_or("the corpus is empty")?;
        let (digest, bytes) = image.largest().ok_or("an image without layers")?;
        let mut rates = Vec::new();
        for (server, login) in [(Some(&ours), LOGIN), (theirs.as_ref(), "")] {
            let Some(server) = server else { continue };
            let mut client = Client::connect(&server.address, login)?;
            image.send_blobs(&mut client, "bench/app")?;
            let path = format!("/v2/bench/app/blobs/{digest}");
            let mut best = f64::INFINITY;
            for _ in 0..5 {
                let begun = Instant::now();
                client.expect(200, ("GET", &path), "", b"")?;
                best = best.min(begun.elapsed().as_secs_f64());
            }
            rates.push(bytes as f64 / 1e6 / best);
        }
        println!("a blob of {:.0} MB pulled at {:.0} MB/s", bytes as f64 / 1e6, rates[0]);
        if let Some(theirs) = rates.get(1) {
            println!("docker-registry {theirs:.0} MB/s; ratio {:.2} (at least 1)", rates[0] / theirs);
        }
        Ok(())
    }

    fn small_image(&self) -> Result<corpus::Pushable> {
        let layouts = self.corpus()?;
        let alpine = layouts.iter().find(|it| it.ends_with("alpine-3.20.3"));
        alpine.and_then(|it| corpus::pushable(it)).ok_or_else(|| "the corpus has no alpine-3.20.3".to_owned())
    }
}

/// A namespace that judges what is pushed, and denies only what nobody has, so that pulls are answered.
fn with_policy(server: &Server) -> Result {
    let mut client = Client::connect(&server.address, LOGIN)?;
    let namespace = json!({ "name": "bench" }).to_string();
    client.expect(201, ("POST", "/api/v1/namespaces"), JSON, namespace.as_bytes())?;
    let policy = json!({ "policy": { "mode": "warn", "severity": "low" } }).to_string();
    client.expect(200, ("PUT", "/api/v1/namespaces/bench/policy"), JSON, policy.as_bytes())?;
    Ok(())
}

fn skopeo(layout: &Path, server: &Server, home: &Path) -> Result<f64> {
    let name = layout.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let mut command = Command::new("skopeo");
    command.args(["copy", "--quiet", "--all", "--insecure-policy", "--dest-tls-verify=false"]);
    command.args(["--dest-creds", CREDENTIALS, &format!("oci:{}:latest", layout.display())]);
    // Its memory of which registry has which blob lies at home.
    command.arg(format!("docker://{}/bench/{name}:latest", server.address)).env("HOME", home);
    let begun = Instant::now();
    let output = command.output().map_err(|error| format!("skopeo: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(begun.elapsed().as_secs_f64())
}

/// How long it takes from now until an artifact has a verdict; nothing where it gets none.
fn verdict_stands(client: &mut Client, repository: &str, digest: &str) -> Result<Option<Duration>> {
    let begun = Instant::now();
    let path = format!("/api/v1/namespaces/bench/repositories/{repository}/artifacts/{digest}");
    while begun.elapsed() < Duration::from_secs(60) {
        let answer = client.send("GET", &path, "", b"")?;
        let overview: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let artifact = &overview["artifact"];
        let is_judged = artifact["verdict"]["answer"].is_string();
        match artifact["scan"]["state"].as_str() {
            Some("complete") if is_judged => return Ok(Some(begun.elapsed())),
            Some("failed" | "not_supported") => return Ok(None),
            // The interface lets one ask a hundred times a second.
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
    }
    Ok(None)
}

/// Asks for one thing over several connections for some seconds.
fn hammered(address: &str, path: &str) -> Result<Times> {
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        clients.push(Client::connect(address, LOGIN)?);
    }
    let until = Instant::now() + Duration::from_secs(SECONDS);
    let ask = |mut client: Client| -> Result<Times> {
        let mut times = Times::default();
        while Instant::now() < until {
            let begun = Instant::now();
            client.expect(200, ("GET", path), "", b"")?;
            times.add(begun.elapsed());
        }
        Ok(times)
    };
    std::thread::scope(|scope| {
        let asking: Vec<_> = clients.into_iter().map(|client| scope.spawn(move || ask(client))).collect();
        let mut times = Times::default();
        for it in asking {
            times.join(it.join().map_err(|_| "a client panicked".to_owned())??);
        }
        Ok(times)
    })
}
