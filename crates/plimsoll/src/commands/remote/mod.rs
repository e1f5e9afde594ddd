//! `plimsoll remote`, `login` and `logout`: what a server's interface offers, on the command line.
//!
//! Each command is a request or two and a table; it decides nothing that the server has not said.

mod accounts;
mod artifacts;
mod client;
mod image;
mod login;
mod namespaces;
mod policies;
mod registries;
mod scan;
mod servers;
mod table;

use serde_json::Value;

use crate::cli::remote::{LoginArgs, LogoutArgs, RemoteArgs, RemoteCommand, RemoteFormat};
use crate::outcome::{Failure, Status};

pub use client::Client;
pub use image::path as image_path;
use table::Column;

/// Signs in.
pub fn login(args: &LoginArgs) -> Result<Status, Failure> {
    login::login(args)
}

/// Forgets a server.
pub fn logout(args: &LogoutArgs) -> Result<Status, Failure> {
    login::logout(args)
}

/// Runs one of the `remote` commands.
pub fn run(args: &RemoteArgs) -> Result<Status, Failure> {
    let remote = Remote { client: Client::of(args.server.as_deref(), &args.trust)?, format: args.format };
    match &args.command {
        RemoteCommand::Namespaces(args) => namespaces::run(&remote, args),
        RemoteCommand::Artifacts(args) => artifacts::list(&remote, args),
        RemoteCommand::Status(args) => artifacts::status(&remote, args),
        RemoteCommand::Scan(args) => scan::run(&remote, args),
        RemoteCommand::ScanAll(args) => scan::many(&remote, args),
        RemoteCommand::Stop(args) => scan::stop(&remote, args),
        RemoteCommand::Report(args) => artifacts::report(&remote, args),
        RemoteCommand::Findings(args) => artifacts::findings(&remote, args),
        RemoteCommand::Policy(args) => policies::policy(&remote, args),
        RemoteCommand::Exceptions(args) => policies::exceptions(&remote, args),
        RemoteCommand::Tokens(args) => accounts::tokens(&remote, args),
        RemoteCommand::Users(args) => accounts::users(&remote, args),
        RemoteCommand::Registries(args) => registries::registries(&remote, args),
        RemoteCommand::Source(args) => registries::source(&remote, args),
    }
}

/// A server, and how its answers are written.
struct Remote {
    client: Client,
    format: RemoteFormat,
}

impl Remote {
    /// Writes a list.
    fn list(&self, items: &[Value], columns: &[Column]) -> Result<Status, Failure> {
        match self.format {
            RemoteFormat::Json => table::json(&Value::from(items))?,
            RemoteFormat::Table => table::list(items, columns)?,
        }
        Ok(Status::Clean)
    }

    /// Writes one thing: as JSON, or as these lines.
    fn one(&self, value: &Value, lines: &[(&str, String)]) -> Result<Status, Failure> {
        match self.format {
            RemoteFormat::Json => table::json(value)?,
            RemoteFormat::Table => table::lines(lines)?,
        }
        Ok(Status::Clean)
    }

    /// Says what was done.
    fn done(&self, value: &Value, sentence: &str) -> Result<Status, Failure> {
        match self.format {
            RemoteFormat::Json => table::json(value)?,
            RemoteFormat::Table => table::sentence(sentence)?,
        }
        Ok(Status::Clean)
    }
}
