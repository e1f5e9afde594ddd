//! The commands, one file each; this is their table of contents.

mod cache;
mod compare;
mod completions;
mod db;
mod explain;
mod man;
mod scan;
mod source;
mod version;

use crate::cli::{Cli, Command};
use crate::outcome::{Failure, Status};

/// Runs the command that was given.
pub fn run(cli: Cli) -> Result<Status, Failure> {
    let places = cli.places;
    match cli.command {
        Command::Scan(args) => scan::run(&args, places),
        Command::Explain(args) => explain::run(&args, places),
        Command::Db(args) => db::run(args, places),
        Command::Cache(args) => cache::run(&args, places),
        Command::Compare(args) => compare::run(&args),
        Command::Version(args) => version::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(_) => man::run(),
    }
}
