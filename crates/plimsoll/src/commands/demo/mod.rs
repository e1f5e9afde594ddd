//! `plimsoll demo`: the product in a minute. A server of one's own, images pushed to it, what it says
//! of them, and which it lets sail.
//!
//! Needs no network and no other program; everything lies in a temporary folder that goes with it.

mod feed;
mod images;
mod registry;
mod running;

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use plimsoll_core::Escaped;
use plimsoll_engine::db::{Database, Hosts, UpdateOptions, update};
use reqwest::Method;
use serde_json::{Value, json};

use self::images::Image;
use self::registry::{Pulled, Registry};
use self::running::Running;
use super::remote::Client;
use crate::cli::server::DemoArgs;
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// The namespace that is made.
const NAMESPACE: &str = "shop";

const OLD: &str = "shop/web:1.0";
const NEW: &str = "shop/web:1.1";
const BACKDOORED: &str = "shop/tools:spring";

/// How long the images may be on their way to a verdict.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// Runs the demonstration.
pub fn run(args: &DemoArgs) -> Result<Status, Failure> {
    let folder = tempfile::Builder::new().prefix("plimsoll-demo-").tempdir()?;
    let database = folder.path().join("db");
    tell("A vulnerability database of sample feeds: fifteen famous vulnerabilities")?;
    build(&folder.path().join("feed"), &database)?;
    tell("A server, with a namespace that scans what is pushed and refuses what is too dangerous")?;
    let server = running::start(folder.path(), &database, &args.listen)?;
    let demo = Demo::of(&server)?;
    demo.namespace()?;
    tell("Three images are pushed; each is read while it arrives")?;
    demo.push(OLD, images::neglected())?;
    demo.push(BACKDOORED, images::backdoored())?;
    demo.push(NEW, images::mended())?;
    tell(&format!("What is wrong with {OLD}, and what to do"))?;
    demo.report(OLD)?;
    tell("Who may sail?")?;
    let denied = [demo.pull(OLD)?, demo.pull(BACKDOORED)?, demo.pull(NEW)?];
    if denied != [true, true, false] {
        return Err(Failure::unanswered("the demonstration did not come out as it should"));
    }
    farewell(&server)?;
    if stays(args) {
        wait()?;
    }
    Ok(Status::Clean)
}

/// Somebody who looks at a terminal ends it; a script does not know how.
fn stays(args: &DemoArgs) -> bool {
    !args.exit && (args.stay || std::io::stdout().is_terminal())
}

fn tell(what: &str) -> Result<(), Failure> {
    let bold = anstyle::Style::new().bold();
    Ok(writeln!(anstream::stdout(), "\n{bold}# {what}{bold:#}\n")?)
}

fn build(mirror: &Path, place: &Path) -> Result<(), Failure> {
    feed::write(mirror)?;
    let listener = |_| ();
    let options = UpdateOptions {
        mirror: Some(mirror.display().to_string()),
        hosts: Hosts::default(),
        feeds: Vec::new(),
        accept_shrunk: Vec::new(),
        keep_days: 1,
        now: surroundings::now(),
        listener: &listener,
    };
    let summary =
        update(&Database::in_directory(place.to_path_buf()), &options).map_err(Failure::unanswered)?;
    let sequence = summary.sequence.unwrap_or_default();
    Ok(writeln!(anstream::stdout(), "snapshot {sequence}, {} bytes, built from files", summary.size_bytes)?)
}

struct Demo<'a> {
    registry: Registry<'a>,
    client: Client,
}

impl Demo<'_> {
    fn of(server: &Running) -> Result<Demo<'_>, Failure> {
        let base = format!("http://{}", server.address);
        let client = Client::by_name(&base, &server.name, server.password.reveal())?;
        Ok(Demo { registry: Registry { server }, client })
    }

    fn namespace(&self) -> Result<(), Failure> {
        let namespace = json!({ "name": NAMESPACE, "auto_scan": true });
        self.client.change(Method::POST, "/namespaces", Some(&namespace))?;
        let policy = json!({
            "mode": "block", "severity": "high", "only_fixable": true, "known_exploited": "deny",
        });
        let body = json!({ "policy": policy });
        self.client.change(Method::PUT, &format!("/namespaces/{NAMESPACE}/policy"), Some(&body))?;
        Ok(writeln!(anstream::stdout(), "namespace `{NAMESPACE}`, auto-scan on, policy {policy}")?)
    }

    /// Pushes an image and waits for what the server says of it.
    fn push(&self, name: &str, image: Image) -> Result<(), Failure> {
        let sent = self.registry.push(name, image)?;
        let pushed = Instant::now();
        let artifact = self.judged(name)?;
        let (counts, verdict) = (&artifact["summary"], &artifact["verdict"]);
        let count = |name: &str| counts[name].as_u64().unwrap_or_default();
        writeln!(
            anstream::stdout(),
            "{name:18} {sent} blobs sent; verdict {:5} {:3} ms after the push: {} critical, {} high",
            verdict["answer"].as_str().unwrap_or("none").to_uppercase(),
            pushed.elapsed().as_millis(),
            count("critical"),
            count("high"),
        )?;
        Ok(())
    }

    fn judged(&self, name: &str) -> Result<Value, Failure> {
        let (path, until) = (super::remote::image_path(name)?, Instant::now() + PATIENCE);
        loop {
            let mut found = self.client.get(&path, &[])?;
            let artifact = found["artifact"].take();
            let state = artifact["scan"]["state"].as_str().unwrap_or_default().to_owned();
            match state.as_str() {
                "complete" if !artifact["verdict"].is_null() => return Ok(artifact),
                "failed" | "stopped" | "not_supported" => {
                    return Err(Failure::unanswered(format!("{name} could not be scanned: {state}")));
                }
                _ if Instant::now() > until => {
                    return Err(Failure::unanswered(format!("no verdict on {name}: {state}")));
                }
                _ => std::thread::sleep(PAUSE),
            }
        }
    }

    fn report(&self, name: &str) -> Result<(), Failure> {
        let path = format!("{}/report", super::remote::image_path(name)?);
        let report = self.client.bytes(&path, &[("format", "table".to_owned())])?;
        let text = String::from_utf8_lossy(&report);
        Ok(writeln!(anstream::stdout(), "{}", text.trim_end())?)
    }

    /// Pulls an image; says whether it was refused.
    fn pull(&self, name: &str) -> Result<bool, Failure> {
        let mut out = anstream::stdout().lock();
        match self.registry.pull(name)? {
            Pulled::Whole { blobs, size_bytes } => {
                writeln!(out, "pull {name}: {blobs} blobs, {size_bytes} bytes, every digest fits\n")?;
                Ok(false)
            }
            Pulled::Refused { status, sentence } => {
                writeln!(out, "pull {name}: {status}\n    {}\n", Escaped(&sentence))?;
                Ok(true)
            }
        }
    }
}

fn farewell(server: &Running) -> Result<(), Failure> {
    let (address, name, password) = (server.address, &server.name, server.password.reveal());
    tell("What to do next")?;
    writeln!(
        anstream::stdout(),
        "\
The server is at http://{address}, for this machine alone. Sign in as `{name}` with the password

    {password}

    http://{address}/                     the console
    http://{address}/api/v1/docs          the interface for programs

    skopeo copy --dest-tls-verify=false --dest-creds {name}:{password} \\
        docker-daemon:app:1.0 docker://{address}/{NAMESPACE}/app:1.0
    docker login {address} && docker push {address}/{NAMESPACE}/app:1.0

Everything lies in a temporary folder and goes with the server. `plimsoll serve` is one that stays;
docs/server.md says more.
"
    )?;
    Ok(())
}

/// Until somebody ends it.
fn wait() -> Result<(), Failure> {
    let failed = |error| Failure::unanswered(format!("signals cannot be heard: {error}"));
    writeln!(anstream::stdout(), "Ctrl-C ends it.")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
    runtime
        .block_on(async {
            let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
            tokio::select! {
                ended = tokio::signal::ctrl_c() => ended,
                _ = terminate.recv() => Ok(()),
            }
        })
        .map_err(failed)?;
    Ok(writeln!(anstream::stdout(), "\nended; the folder is gone")?)
}
