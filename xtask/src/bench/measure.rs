//! Time and peak memory of one process.
//!
//! The clock runs around the whole process, so starting it counts. The peak is the kernel's
//! own (`wait4`), told by `time`; a Rust process could only ask for it with unsafe code.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::shell::{self, Result};

/// What one run took.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) seconds: f64,
    /// The most memory it had resident; 0 where `time` is not there to tell.
    pub(crate) peak_bytes: u64,
}

/// The fastest of several runs, and the highest peak of them. `before` runs before each and is
/// not measured; an exit code that is not in `accepted` is an error.
pub(crate) fn best_of(
    runs: usize,
    before: impl Fn(),
    command: impl Fn() -> Command,
    accepted: &[i32],
) -> Result<Measured> {
    let mut best = Measured { seconds: f64::INFINITY, peak_bytes: 0 };
    for _ in 0..runs {
        before();
        let run = once(&command(), accepted)?;
        best.seconds = best.seconds.min(run.seconds);
        best.peak_bytes = best.peak_bytes.max(run.peak_bytes);
    }
    Ok(best)
}

fn once(command: &Command, accepted: &[i32]) -> Result<Measured> {
    let figures = shell::target_directory().join("bench/time.txt");
    let mut timed = wrapped(command, &figures);
    for (name, value) in command.get_envs() {
        timed.env(name, value.unwrap_or_default());
    }
    timed.stdin(Stdio::null()).stdout(Stdio::null());
    let started = Instant::now();
    let status = timed.status().map_err(|error| format!("`{}`: {error}", shell::shown(command)))?;
    let seconds = started.elapsed().as_secs_f64();
    if !status.code().is_some_and(|code| accepted.contains(&code)) {
        return Err(format!("`{}` ended with {status}", shell::shown(command)));
    }
    // With another status than 0, `time` writes a line about it first.
    let told = std::fs::read_to_string(&figures).unwrap_or_default();
    let peak = told.lines().last().and_then(|it| it.trim().parse::<u64>().ok());
    Ok(Measured { seconds, peak_bytes: peak.unwrap_or(0) * 1024 })
}

fn wrapped(command: &Command, figures: &std::path::Path) -> Command {
    let mut timed = if std::path::Path::new("/usr/bin/time").is_file() {
        let mut time = Command::new("/usr/bin/time");
        time.args(["-f", "%M", "-o"]).arg(figures).arg(command.get_program());
        time
    } else {
        let _ = std::fs::remove_file(figures);
        Command::new(command.get_program())
    };
    timed.args(command.get_args());
    timed
}
