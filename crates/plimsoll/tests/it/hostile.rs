//! Hostile images, each with what it must give, and three rules around every one: nothing of the
//! host is read or written, it ends, and the exit status tells the truth.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::sandbox::{Ran, Sandbox, corpus, finished};

/// Cases where we say more than we must: a jar that cannot be read whole may hide something.
const STRICTER: [&str; 1] = ["jar-broken"];

/// Cases that only bound what a scanner may leave out; everything of them is read.
const READ_WHOLE: [&str; 1] = ["many-entries"];

/// Cases where the question is which image is meant, which is the caller's to answer.
const MISUSE: [&str; 1] = ["darchive-two"];

/// Address space in KiB, and seconds, that a scan may take.
const MEMORY_KIB: u64 = 1 << 20;
const SECONDS: u64 = 60;

#[test]
fn every_hostile_image_ends_well() {
    let Some(cases) = corpus().map(|it| it.join("hostile")).filter(|it| it.join("cases.tsv").is_file())
    else {
        eprintln!("SKIPPED: the hostile images are not there; set PLIMSOLL_CORPUS to a corpus that has them");
        return;
    };
    let secret = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let secrets: Vec<&str> = secret.lines().filter(|line| line.len() > 12).collect();
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in std::fs::read_to_string(cases.join("cases.tsv")).unwrap().lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, form, must, ..] = fields[..] else { continue };
        if name.starts_with('#') {
            continue;
        }
        count += 1;
        let image = match form {
            "oci" => format!("oci:{}", cases.join(name).display()),
            _ => format!("docker-archive:{}", cases.join(format!("{name}.tar")).display()),
        };
        let started = Instant::now();
        let ran = limited(&Sandbox::new(), &image);
        if started.elapsed() > Duration::from_secs(SECONDS) {
            wrong.push(format!("{name}: took {:?}", started.elapsed()));
        }
        if secrets.iter().any(|line| ran.out.contains(line) || ran.err.contains(line)) {
            wrong.push(format!("{name}: a line of the host's /etc/passwd is in the output"));
        }
        if let Err(why) = judge(name, must, &ran) {
            wrong.push(format!("{name} (must give {must}): {why}; {}", ran.err.trim()));
        }
    }
    assert!(count > 80, "only {count} cases");
    let escaped: Vec<_> = std::fs::read_dir("/tmp")
        .unwrap()
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("plimsoll-escaped"))
        .collect();
    assert!(escaped.is_empty(), "{escaped:?}");
    assert_eq!(wrong, Vec::<String>::new());
}

/// Runs a scan under limits of address space and time.
fn limited(sandbox: &Sandbox, image: &str) -> Ran {
    let plimsoll = sandbox.command(&[]);
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!(
        "ulimit -v {MEMORY_KIB}; exec timeout {SECONDS} \"$0\" scan --no-cache --packages --format json \"$1\""
    ));
    command.arg(plimsoll.get_program()).arg(image).stdin(Stdio::null());
    for (name, value) in plimsoll.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    finished(command.output().unwrap())
}

fn judge(name: &str, must: &str, ran: &Ran) -> Result<(), String> {
    if ran.err.contains("panicked") || !matches!(ran.status, 0 | 2 | 3) {
        return Err(format!("it ended with {}", ran.status));
    }
    if MISUSE.contains(&name) {
        return if ran.status == 2 { Ok(()) } else { Err(format!("status {}", ran.status)) };
    }
    let report: Option<serde_json::Value> = serde_json::from_str(&ran.out).ok();
    let packages = report.as_ref().map(|report| report["packages"].as_array().unwrap().len());
    let alternatives: Vec<&str> = must.split(" or ").collect();
    let holds = |alternative: &str| {
        let (word, number) = alternative.split_once(' ').unwrap_or((alternative, "0"));
        let number: usize = number.parse().unwrap_or(0);
        match word {
            "ok" if STRICTER.contains(&name) => ran.status == 3 && packages >= Some(number),
            "ok" => ran.status == 0 && packages == Some(number),
            "part" if READ_WHOLE.contains(&name) => ran.status == 0 && packages >= Some(number),
            "part" => ran.status == 3 && packages >= Some(number),
            "error" => ran.status == 3 && !ran.err.is_empty(),
            "limit" => ran.status == 3 && (ran.err.contains("more than") || ran.err.contains("limit")),
            _ => false,
        }
    };
    if alternatives.into_iter().any(holds) {
        Ok(())
    } else {
        Err(format!("status {}, {packages:?} packages", ran.status))
    }
}
