//! `plimsoll cache`: says what the cache of layer facts holds, and empties it.

use std::io::Write;

use plimsoll_engine::cache::{CACHE_BYTES_MAX, FactCache};

use crate::cli::{CacheArgs, CacheCommand, Places};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Runs `cache info` or `cache clean`.
pub fn run(args: &CacheArgs, places: Places) -> Result<Status, Failure> {
    let directory = surroundings::cache_directory(places.cache_dir);
    let cache = FactCache::in_directory(directory.clone());
    let unusable =
        |error: std::io::Error| Failure::unanswered(format!("the cache {}: {error}", directory.display()));
    let mut out = anstream::stdout().lock();
    match &args.command {
        CacheCommand::Info => {
            let info = cache.info().map_err(unusable)?;
            writeln!(out, "directory  {}", info.directory.display())?;
            writeln!(out, "layers     {}", info.layers)?;
            writeln!(out, "blobs      {}", info.blobs)?;
            writeln!(out, "images     {}", info.inventories)?;
            writeln!(
                out,
                "size       {} of at most {}",
                megabytes(info.size_bytes),
                megabytes(CACHE_BYTES_MAX)
            )?;
        }
        CacheCommand::Clean(clean) => {
            let (files, bytes) = cache.clean(clean.keep.saturating_mul(1_000_000)).map_err(unusable)?;
            writeln!(out, "removed {files} files, {}", megabytes(bytes))?;
        }
    }
    Ok(Status::Clean)
}

/// Bytes for people.
pub fn megabytes(bytes: u64) -> String {
    if bytes < 100_000 {
        format!("{:.1} kB", bytes as f64 / 1e3)
    } else {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }
}
