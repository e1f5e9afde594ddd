//! `plimsoll db import`: takes what `db export` wrote.

use plimsoll_engine::db::{ArchiveSource, Database};

use super::db_bundle::{failure, small_file, take};
use crate::cli::bundle::DbImportArgs;
use crate::outcome::{Failure, Status};

/// Runs the command.
pub fn run(database: &Database, args: &DbImportArgs) -> Result<Status, Failure> {
    let signature = args.signature.as_deref().map(small_file).transpose()?;
    let source = ArchiveSource::open(&args.file).map_err(failure)?;
    take(database, &source, &args.take, signature)
}
