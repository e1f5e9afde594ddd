//! The commands, one file each; this is their table of contents.

mod as_trivy;
mod backup;
mod cache;
mod compare;
mod completions;
mod config;
mod convert;
mod db;
mod db_bundle;
mod db_export;
mod db_import;
mod db_keygen;
mod db_publish;
mod db_pull;
mod demo;
mod diff;
mod explain;
mod foreign;
mod man;
mod output;
mod remote;
mod sbom;
mod scan;
mod serve;
mod source;
mod version;

use crate::cli::{Cli, Command};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Runs the command that was given.
pub fn run(cli: Cli) -> Result<Status, Failure> {
    let places = cli.places;
    let keeps = matches!(
        cli.command,
        Command::Scan(_)
            | Command::Explain(_)
            | Command::Sbom(_)
            | Command::Diff(_)
            | Command::Db(_)
            | Command::Cache(_)
    );
    if keeps {
        surroundings::guard(&places)?;
    }
    match cli.command {
        Command::Scan(args) => scan::run(&args, places),
        Command::Explain(args) => explain::run(&args, places),
        Command::Sbom(args) => sbom::run(&args, places),
        Command::Convert(args) => convert::run(&args),
        Command::Diff(args) => diff::run(&args, places),
        Command::AsTrivy(args) => as_trivy::run(&args.arguments, places),
        Command::Serve(args) => serve::run(&args, &places),
        Command::Demo(args) => demo::run(&args),
        Command::Config(args) => config::run(&args, &places),
        Command::Backup(args) => backup::run_backup(&args, &places),
        Command::Restore(args) => backup::run_restore(&args, &places),
        Command::Db(args) => db::run(args, places),
        Command::Cache(args) => cache::run(&args, places),
        Command::Login(args) => remote::login(&args),
        Command::Logout(args) => remote::logout(&args),
        Command::Remote(args) => remote::run(&args),
        Command::Compare(args) => compare::run(&args),
        Command::Version(args) => version::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(_) => man::run(),
    }
}

/// Runs what a script says that takes the program for Trivy.
pub fn run_as_trivy(arguments: &[String]) -> Result<Status, Failure> {
    as_trivy::run(arguments, surroundings::places())
}
