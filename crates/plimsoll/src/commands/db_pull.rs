//! `plimsoll db pull`: takes what `db publish` put into a registry.

use plimsoll_core::Limits;
use plimsoll_engine::db::{Database, RegistrySource};

use super::db_bundle::{failure, reference, take};
use super::source::registry_options;
use crate::cli::bundle::DbPullArgs;
use crate::outcome::{Failure, Status};

/// Runs the command.
pub fn run(database: &Database, args: &DbPullArgs) -> Result<Status, Failure> {
    let reference = reference(&args.reference)?;
    let options = registry_options(&args.registry)?;
    let source = RegistrySource::open(&reference, &options, &Limits::standard()).map_err(failure)?;
    take(database, &source, &args.take, None)
}
