//! `plimsoll db export`: the snapshot in use as one file.

use std::io::Write;
use std::path::PathBuf;

use plimsoll_engine::db::{Database, ExportOptions, export, write_archive};

use super::cache::megabytes;
use super::db_bundle::{describe, failure, secret_key};
use crate::cli::bundle::DbExportArgs;
use crate::outcome::{Failure, Status};

/// Runs the command.
pub fn run(database: &Database, args: &DbExportArgs) -> Result<Status, Failure> {
    let key = secret_key(args.send.key.as_deref())?;
    let options = ExportOptions { feeds: &args.send.feed, since: args.since, key: key.as_ref() };
    let bundle = export(database, &options).map_err(failure)?;
    let name = || PathBuf::from(format!("plimsoll-db-{}.tar", bundle.recipe.sequence));
    let path = args.output.clone().unwrap_or_else(name);
    let size_bytes = write_archive(&bundle, &path).map_err(failure)?;
    let mut out = anstream::stdout().lock();
    describe(&mut out, &bundle, key.as_ref())?;
    writeln!(out, "{}: {}", path.display(), megabytes(size_bytes))?;
    Ok(Status::Clean)
}
