//! `cargo xtask fuzz`: every parser against inputs that nobody wrote.
//!
//! With cargo-fuzz and a nightly toolchain: coverage-guided. Without: the same targets on the
//! kept seeds and random mutations of them (`replay`), which finds less and runs anywhere.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::shell::{self, Result};

pub(crate) const USAGE: &str = "\
cargo xtask fuzz [TARGET] [--for TIME] [--replay]

  TARGET       one target (default: all, one after the other)
  --for TIME   how long each, 30s or 10m (default 1m)
  --replay     seeds and simple mutations on the stable toolchain, without cargo-fuzz

  cargo xtask fuzz
  cargo xtask fuzz extractors --for 10m
  cargo xtask fuzz --replay --for 5s

What is found lies in fuzz/artifacts; mend it, and keep the input as a seed in fuzz/seeds/TARGET.
";

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let each = match shell::take_value(&mut arguments, "--for")? {
        Some(text) => duration(&text)?,
        None => Duration::from_secs(60),
    };
    let replay_only = shell::take_flag(&mut arguments, "--replay");
    let known = targets()?;
    let wanted = match arguments.as_slice() {
        [] => known,
        [one] if known.contains(one) => vec![one.clone()],
        [one] => return Err(format!("`{one}` is no target; there are {}", known.join(", "))),
        _ => return Err("one target at most; see --help".to_owned()),
    };
    if replay_only {
        return replay(&wanted, each);
    }
    match cargo_fuzz() {
        Ok(()) => guided(&wanted, each),
        Err(why) => {
            println!("SKIPPED: coverage-guided fuzzing: {why}; replaying seeds with mutations in its place");
            replay(&wanted, each)
        }
    }
}

/// A few seconds for each target on its kept seeds and mutations of them. Coverage-guided runs
/// are for `cargo xtask fuzz`: building every parser with sanitizers takes longer than all tests.
pub(crate) fn smoke(each: Duration) -> Result<String> {
    let targets = targets()?;
    replay(&targets, each)?;
    Ok(format!("{} targets, seeds with mutations", targets.len()))
}

/// `30s`, `10m`, `2h`.
fn duration(text: &str) -> Result<Duration> {
    let bad = || format!("`{text}` is no time; write 30s, 10m or 2h");
    let (number, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(bad)?;
    let number: u64 = number.parse().map_err(|_| bad())?;
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(bad()),
    };
    Ok(Duration::from_secs(number.saturating_mul(unit)))
}

fn folder() -> PathBuf {
    shell::root().join("fuzz")
}

/// The targets, by their files.
fn targets() -> Result<Vec<String>> {
    let files = std::fs::read_dir(folder().join("fuzz_targets"))
        .map_err(|error| format!("fuzz/fuzz_targets: {error}"))?;
    let mut targets: Vec<String> = files
        .filter_map(|it| it.ok()?.file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
        .collect();
    targets.sort();
    Ok(targets)
}

fn has_cargo_fuzz() -> bool {
    let works = |arguments: &[&str]| {
        shell::command("cargo", arguments).current_dir(folder()).output().is_ok_and(|it| it.status.success())
    };
    works(&["+nightly", "fuzz", "--version"]) && works(&["+nightly", "--version"])
}

/// Makes sure that cargo-fuzz can be run, installing it where it is not there.
fn cargo_fuzz() -> Result {
    if has_cargo_fuzz() {
        return Ok(());
    }
    if !shell::command("cargo", &["+nightly", "--version"]).output().is_ok_and(|it| it.status.success()) {
        return Err("there is no nightly toolchain (`rustup toolchain install nightly`)".to_owned());
    }
    shell::run(&mut shell::command("cargo", &["install", "--locked", "cargo-fuzz"]))?;
    if has_cargo_fuzz() { Ok(()) } else { Err("cargo-fuzz was installed and does not run".to_owned()) }
}

fn guided(targets: &[String], each: Duration) -> Result {
    let mut failed = Vec::new();
    for target in targets {
        let corpus = folder().join("corpus.local").join(target);
        std::fs::create_dir_all(&corpus).map_err(|error| format!("{}: {error}", corpus.display()))?;
        let mut command = Command::new("cargo");
        command.current_dir(shell::root()).args(["+nightly", "fuzz", "run", target]).arg(corpus);
        let seeds = folder().join("seeds").join(target);
        if seeds.is_dir() {
            command.arg(seeds);
        }
        command.args(["--", "-timeout=20", "-rss_limit_mb=2048", "-max_len=65536", "-verbosity=0"]);
        command.arg("-print_final_stats=1").arg(format!("-max_total_time={}", each.as_secs()));
        if let Err(error) = shell::run(&mut command) {
            println!("{error}");
            failed.push(target.as_str());
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("found something: {}", failed.join(", "))) }
}

fn replay(targets: &[String], each: Duration) -> Result {
    let mut command = Command::new("cargo");
    command.current_dir(folder()).args([
        "run",
        "--quiet",
        "--release",
        "--no-default-features",
        "--bin",
        "replay",
        "--",
    ]);
    command.arg(each.as_secs().to_string()).args(targets);
    shell::run(&mut command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        for bad in ["", "s", "10", "x m", "é"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    /// cargo-fuzz wants a `[[bin]]` for each file; a file without one would never run.
    #[test]
    fn every_target_is_in_the_manifest_and_has_seeds() {
        let manifest = shell::read(&folder().join("Cargo.toml")).unwrap();
        for target in targets().unwrap() {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
            assert!(folder().join("seeds").join(&target).is_dir(), "{target} has no seeds");
        }
    }
}
