//! `cargo xtask console`: builds the web console, so that the next build of the server carries it.
//!
//! Needs Node and npm; the rest of the repository does without.

use std::path::{Path, PathBuf};

use crate::shell::{self, Result};
use crate::test::Outcome;

pub(crate) const USAGE: &str = "\
  --check   also check its types and style, and run its tests

  cargo xtask console
  cargo xtask console --check
  cargo build --release -p plimsoll    # the program with the console in it

Without Node (20.19 or newer) the server is built all the same; it then says how to get the console.
";

/// The oldest Node with which everything that the console is built from runs.
const NODE: (u32, u32) = (20, 19);

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let with_checks = shell::take_flag(&mut arguments, "--check");
    shell::nothing_left(&arguments)?;
    if let Some(why) = missing() {
        return Err(format!("{why}; see https://nodejs.org or your system's packages"));
    }
    if with_checks {
        install()?;
        check()?;
    }
    build()
}

/// Only builds it.
pub(crate) fn build() -> Result {
    install()?;
    npm(&["run", "build"])
}

/// The step of `cargo xtask test`. Before the server is built, which takes what stands in `dist`.
pub(crate) fn step() -> Result<Outcome> {
    if let Some(why) = missing() {
        return Ok(Outcome::Skipped(format!("{why}; the console is neither checked nor built")));
    }
    install()?;
    check()?;
    build()?;
    Ok(Outcome::Passed)
}

/// Why there is nothing to build it with, if there is not.
pub(crate) fn missing() -> Option<String> {
    if !shell::have("node") || !shell::have("npm") {
        return Some("node and npm are not there".to_owned());
    }
    let version = shell::output(&mut shell::command("node", &["--version"])).unwrap_or_default();
    let wanted = format!("{}.{}", NODE.0, NODE.1);
    (!is_new_enough(&version)).then(|| format!("node is {}, and {wanted} is needed", version.trim()))
}

fn is_new_enough(version: &str) -> bool {
    let mut numbers = version.trim().trim_start_matches('v').split('.').map(|it| it.parse().unwrap_or(0));
    let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    NODE <= found
}

fn check() -> Result {
    npm(&["run", "types"])?;
    npm(&["run", "lint"])?;
    npm(&["test"])
}

/// Exactly what the lock file says; not again where that is there already.
pub(crate) fn install() -> Result {
    let modified = |path: PathBuf| path.metadata().and_then(|it| it.modified()).ok();
    let wanted = modified(folder().join("package-lock.json"));
    let there = modified(folder().join("node_modules/.package-lock.json"));
    if there.is_some() && there >= wanted {
        return Ok(());
    }
    npm(&["ci", "--no-audit", "--no-fund"])
}

fn npm(arguments: &[&str]) -> Result {
    shell::run(shell::command("npm", arguments).current_dir(folder()))
}

pub(crate) fn folder() -> PathBuf {
    Path::new(&shell::root()).join("console")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_told_from_a_new_one() {
        assert!(is_new_enough("v20.19.0\n") && is_new_enough("v22.1.0") && is_new_enough("v20.20.2"));
        assert!(!is_new_enough("v20.18.9") && !is_new_enough("v18.99.0") && !is_new_enough("what?"));
    }
}
