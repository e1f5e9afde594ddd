//! `plimsoll db publish`: the snapshot in use as an artifact of a registry.

use std::io::Write;

use plimsoll_core::Limits;
use plimsoll_engine::db::{Database, ExportOptions, publish};

use super::cache::megabytes;
use super::db_bundle::{describe, failure, reference, secret_key};
use super::source::registry_options;
use crate::cli::bundle::DbPublishArgs;
use crate::outcome::{Failure, Status};
use crate::progress::BundleProgress;

/// Runs the command.
pub fn run(database: &Database, args: &DbPublishArgs) -> Result<Status, Failure> {
    let reference = reference(&args.reference)?;
    if reference.digest.is_some() {
        return Err(Failure::misuse("a database is published under a tag, not under a digest"));
    }
    let key = secret_key(args.send.key.as_deref())?;
    let options = registry_options(&args.registry)?;
    let progress = BundleProgress::new(args.send.quiet);
    let listener = |event| progress.show(&event);
    let (feeds, since) = (&args.send.feed, args.since);
    let export = ExportOptions { feeds, since, key: key.as_ref(), listener: &listener };
    let published = publish(database, &export, &reference, &options, &Limits::standard());
    progress.clear();
    let published = published.map_err(failure)?;
    let mut out = anstream::stdout().lock();
    describe(&mut out, &published.bundle, key.as_ref())?;
    writeln!(out, "{reference}: {}, {} sent", published.manifest, megabytes(published.sent_bytes))?;
    Ok(Status::Clean)
}
