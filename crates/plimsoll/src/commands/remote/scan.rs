//! `plimsoll remote scan`, `scan-all` and `stop`.

use std::time::{Duration, Instant};

use plimsoll_core::Severity;
use reqwest::Method;
use serde_json::{Value, json};

use super::Remote;
use super::artifacts::{show, whole};
use super::client::segment;
use super::image::{path, place};
use super::table::{self, text};
use crate::cli::remote::{ImageArgs, RemoteFormat, RemoteScanArgs, ScanAllArgs};
use crate::outcome::{Failure, Status};
use crate::progress::RemoteProgress;

/// How often is asked how far it is.
const PAUSE: Duration = Duration::from_millis(300);

/// Asks for a scan and waits for it.
pub fn run(remote: &Remote, args: &RemoteScanArgs) -> Result<Status, Failure> {
    let image = path(&args.image)?;
    let asked = remote.client.change(Method::POST, &format!("{image}/scan"), None)?;
    if args.no_wait {
        return remote.done(&asked, &format!("{} will be scanned", args.image));
    }
    let found = wait(remote, &image, args)?;
    show(remote, &found)?;
    conclude(remote, &image, &found, args)
}

fn wait(remote: &Remote, image: &str, args: &RemoteScanArgs) -> Result<Value, Failure> {
    let progress = RemoteProgress::new(args.quiet || remote.format == RemoteFormat::Json);
    let until = Instant::now() + Duration::from_secs(args.timeout);
    loop {
        let found = remote.client.get(image, &[])?;
        let (state, _) = whole(&found);
        let scan = &found["artifact"]["scan"];
        progress.show(&state, scan["phase"].as_str().unwrap_or_default(), scan["progress_percent"].as_u64());
        if !state.starts_with("queued") && !state.starts_with("scanning") {
            progress.clear();
            return Ok(found);
        }
        if Instant::now() >= until {
            progress.clear();
            return Err(Failure::unanswered(format!("it is not done after {} seconds", args.timeout))
                .hint("it goes on; `plimsoll remote status` shows how far it is"));
        }
        std::thread::sleep(PAUSE);
    }
}

/// The exit status, by what was found.
fn conclude(remote: &Remote, image: &str, found: &Value, args: &RemoteScanArgs) -> Result<Status, Failure> {
    let (state, summary) = whole(found);
    match state.as_str() {
        "complete" => (),
        "failed" => {
            let log = last_log(remote, image).unwrap_or_default();
            return Err(Failure::unanswered("the scan failed").hint(format!("the log says: {}", log.trim())));
        }
        other => return Err(Failure::unanswered(format!("there is no result: {other}"))),
    }
    let levels = [
        (Severity::Critical, "critical"),
        (Severity::High, "high"),
        (Severity::Medium, "medium"),
        (Severity::Low, "low"),
    ];
    let reached = |level: Severity| {
        levels.iter().any(|(severity, name)| *severity >= level && summary[*name].as_u64().unwrap_or(0) > 0)
            || (level < Severity::Low && summary["other"].as_u64().unwrap_or(0) > 0)
    };
    let denied = found["artifact"]["verdict"]["answer"] == "deny";
    if args.fail_on.is_some_and(reached) || (args.fail_on_denied && denied) {
        return Ok(Status::Found);
    }
    Ok(if summary["complete"] == false { Status::Incomplete } else { Status::Clean })
}

fn last_log(remote: &Remote, image: &str) -> Option<String> {
    let scans = remote.client.pages(&format!("{image}/scans"), &[], 1).ok()?;
    let id = scans.first()?["id"].as_i64()?;
    let log = remote.client.bytes(&format!("{image}/scans/{id}/log"), &[]).ok()?;
    Some(String::from_utf8_lossy(&log).into_owned())
}

/// Asks for many scans.
pub fn many(remote: &Remote, args: &ScanAllArgs) -> Result<Status, Failure> {
    let (namespace, repository) = place(&args.place)?;
    let body = json!({
        "repository": repository,
        "tag": args.tag,
        "never_scanned": args.never_scanned.then_some(true),
        "scanned_before": args.scanned_before,
        "pulled_since": args.pulled_since,
        "dry_run": args.dry_run,
    });
    let scans = format!("/namespaces/{}/scans", segment(namespace));
    let asked = remote.client.change(Method::POST, &scans, Some(&body))?;
    let sentence = format!(
        "{} selected, {} asked for, {} on their way already",
        text(&asked["selected"]),
        text(&asked["requested"]),
        text(&asked["running"])
    );
    remote.done(&asked, &sentence)
}

/// Stops a scan.
pub fn stop(remote: &Remote, args: &ImageArgs) -> Result<Status, Failure> {
    let stopped = remote.client.change(Method::DELETE, &format!("{}/scan", path(&args.image)?), None)?;
    if stopped["stopped"] == 0 && remote.format == RemoteFormat::Table {
        table::sentence("no scan was on its way")?;
        return Ok(Status::Clean);
    }
    remote.done(&stopped, "stopped")
}
