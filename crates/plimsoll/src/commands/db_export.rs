//! `plimsoll db export`: the snapshot in use as one file.

use std::io::Write;
use std::path::PathBuf;

use plimsoll_engine::db::{Database, ExportOptions, export, write_archive};

use super::cache::megabytes;
use super::db_bundle::{describe, failure, secret_key};
use crate::cli::bundle::DbExportArgs;
use crate::outcome::{Failure, Status};
use crate::progress::BundleProgress;

/// Runs the command.
pub fn run(database: &Database, args: &DbExportArgs) -> Result<Status, Failure> {
    let key = secret_key(args.send.key.as_deref())?;
    let progress = BundleProgress::new(args.send.quiet);
    let listener = |event| progress.show(&event);
    let (feeds, since) = (&args.send.feed, args.since);
    let bundle = export(database, &ExportOptions { feeds, since, key: key.as_ref(), listener: &listener });
    progress.clear();
    let bundle = bundle.map_err(failure)?;
    let name = || PathBuf::from(format!("plimsoll-db-{}.tar", bundle.recipe.sequence));
    let path = args.output.clone().unwrap_or_else(name);
    let size_bytes = write_archive(&bundle, &path).map_err(failure)?;
    let mut out = anstream::stdout().lock();
    describe(&mut out, &bundle, key.as_ref())?;
    writeln!(out, "{}: {}", path.display(), megabytes(size_bytes))?;
    Ok(Status::Clean)
}
