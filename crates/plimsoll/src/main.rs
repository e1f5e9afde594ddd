//! Plimsoll's executable: reads the command line, runs one command, and turns its outcome into
//! an exit status.
//!
//! 0: nothing reached the level that was asked for. 1: something did. 2: misuse. 3: the answer
//! is not complete, or there is none.
#![expect(clippy::disallowed_methods, reason = "the executable is where files and the clock are met")]

mod cli;
mod commands;
mod outcome;
mod progress;
mod surroundings;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Cli;

/// A scan of known layers makes and drops some hundred thousand small values; with the system's
/// allocator that is a fifth of its time, and with musl's far more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(arguments) = surroundings::called_as_trivy() {
        return outcome::finish(commands::run_as_trivy(&arguments));
    }
    let cli = Cli::parse();
    let outcome = commands::run(cli);
    outcome::finish(outcome)
}
