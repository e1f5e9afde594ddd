//! `plimsoll backup` and `plimsoll restore`: a server's data directory in one file, and back.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use plimsoll_server::backup::{BackupError, backup, restore};

use super::cache::megabytes;
use super::config::configured;
use crate::cli::Places;
use crate::cli::server::{BackupArgs, RestoreArgs};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Bytes in one write.
const PIECE_BYTES: usize = 1024 * 1024;

/// Runs `backup`. A file appears under its name when it is whole.
pub fn run_backup(args: &BackupArgs, places: &Places) -> Result<Status, Failure> {
    let settings = configured(&args.settings, places)?.settings;
    if settings.database.is_some() {
        return Err(Failure::misuse("the database is PostgreSQL, which is not saved by this")
            .hint("run pg_dump first and copy the data directory then"));
    }
    let (from, now) = (&settings.data_dir, surroundings::now());
    let saved = if args.file == Path::new("-") {
        runtime()?.block_on(backup(from, BufWriter::with_capacity(PIECE_BYTES, std::io::stdout()), now))
    } else {
        let beside = args.file.with_extension("part");
        let file = create(&beside)?;
        let saved = runtime()?
            .block_on(backup(from, BufWriter::with_capacity(PIECE_BYTES, &file), now))
            .and_then(|saved| {
                let kept = file.sync_all().and_then(|()| std::fs::rename(&beside, &args.file));
                kept.map(|()| saved).map_err(|source| file_error(&args.file, source))
            });
        if saved.is_err() {
            let _ = std::fs::remove_file(&beside);
        }
        saved
    };
    let saved = saved.map_err(Failure::unanswered)?;
    told("saved", saved.blobs, saved.bytes)
}

/// Runs `restore`.
pub fn run_restore(args: &RestoreArgs, places: &Places) -> Result<Status, Failure> {
    let settings = configured(&args.settings, places)?.settings;
    let from: Box<dyn Read> = if args.file == Path::new("-") {
        Box::new(std::io::stdin())
    } else {
        let file = File::open(&args.file).map_err(|it| Failure::unanswered(file_error(&args.file, it)))?;
        Box::new(file)
    };
    let restored = runtime()?.block_on(restore(&settings.data_dir, from)).map_err(Failure::unanswered)?;
    told("restored", restored.blobs, restored.bytes)
}

fn told(what: &str, blobs: u64, bytes: u64) -> Result<Status, Failure> {
    writeln!(anstream::stderr(), "{what} the database and {blobs} blobs, {}", megabytes(bytes))?;
    Ok(Status::Clean)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::unanswered(format!("no threads: {error}")))
}

/// It holds hashes of passwords and the key of tokens.
fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    file.map_err(|error| Failure::unanswered(file_error(path, error)))
}

fn file_error(path: &Path, source: std::io::Error) -> BackupError {
    BackupError::File { what: path.display().to_string(), source }
}
