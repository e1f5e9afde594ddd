//! `cargo xtask screenshots`: the pictures of the README, taken of a real server by a real browser.
//!
//! Pictures are never touched up: what they show is what the program does.

use std::path::PathBuf;

use crate::console;
use crate::shell::{self, Result};
use crate::test::Outcome;

pub(crate) const USAGE: &str = "\
  --journeys   walk the journeys of the console instead, and photograph every page

  PLIMSOLL_DB_DIR=~/.local/share/plimsoll/db cargo xtask screenshots
  PLIMSOLL_DB_DIR=… cargo xtask screenshots --journeys

Builds the console and the program, starts it with a copy of that vulnerability database, pushes
images of the corpus ($PLIMSOLL_CORPUS, or the one that `cargo xtask test` builds) with skopeo, and
writes docs/images/*.png. Journeys leave their pictures in console/e2e/shots.
";

/// What has to be there besides Node.
const PROGRAMS: &[&str] = &["chromium", "skopeo"];

pub(crate) fn run(arguments: &[String]) -> Result {
    let mut arguments = arguments.to_vec();
    let journeys = shell::take_flag(&mut arguments, "--journeys");
    shell::nothing_left(&arguments)?;
    if let Some(why) = console::missing().or_else(missing) {
        return Err(why);
    }
    console::run(&[])?;
    shell::run(&mut shell::cargo(&["build", "--locked", "-p", "plimsoll"]))?;
    playwright(if journeys { &["--grep-invert", "@readme"] } else { &["--grep", "@readme"] })
}

/// The journeys as a step of `cargo xtask test`, behind the build of all there is.
pub(crate) fn step() -> Result<Outcome> {
    if let Some(why) = console::missing().or_else(missing) {
        return Ok(Outcome::Skipped(format!("{why}; nobody walks through the console")));
    }
    shell::run(&mut shell::cargo(&["build", "--locked", "-p", "plimsoll"]))?;
    playwright(&["--grep-invert", "@readme"])?;
    Ok(Outcome::Passed)
}

fn missing() -> Option<String> {
    if let Some(program) = PROGRAMS.iter().find(|it| !shell::have(it)) {
        return Some(format!("{program} is not there"));
    }
    if std::env::var_os("PLIMSOLL_DB_DIR").is_none() {
        return Some(
            "PLIMSOLL_DB_DIR names no vulnerability database (`plimsoll db update` makes one)".to_owned(),
        );
    }
    corpus().is_none().then(|| "there is no corpus of images".to_owned())
}

fn corpus() -> Option<PathBuf> {
    let named = std::env::var_os("PLIMSOLL_CORPUS").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| shell::target_directory().join("corpus"));
    folder.join("oci").is_dir().then_some(folder)
}

fn playwright(arguments: &[&str]) -> Result {
    let mut command = shell::command("npx", &["playwright", "test"]);
    command.args(arguments).current_dir(console::folder());
    command.env("PLIMSOLL_BINARY", shell::target_directory().join("debug/plimsoll"));
    if let Some(corpus) = corpus() {
        command.env("PLIMSOLL_CORPUS", corpus);
    }
    shell::run(&mut command)
}
