//! `cargo xtask demo`: the product in one command, without a network once cargo has its crates.
//!
//! Builds the console where Node is there, then the release binary, and runs its own demonstration; what
//! that shows is the binary's affair.

use crate::console;
use crate::shell::{self, Result};

pub(crate) const USAGE: &str = "\
  cargo xtask demo          stays up until Ctrl-C, to try things with
  cargo xtask demo --exit   ends by itself, as it does where no terminal is

Nothing is sent anywhere, and nothing outside the target folder and a temporary one is written.
";

pub(crate) fn run(arguments: &[String]) -> Result {
    // The server runs without a console, too, and says how to get one.
    if let Some(why) = console::missing().or_else(|| console::build().err()) {
        eprintln!("demo: without the web console: {why}");
    }
    shell::run(&mut shell::cargo(&["build", "--release", "--locked", "-p", "plimsoll"]))?;
    let plimsoll = shell::target_directory().join("release").join("plimsoll");
    let mut words = vec!["demo"];
    words.extend(arguments.iter().map(String::as_str));
    shell::run(&mut shell::command(plimsoll, &words))
}
