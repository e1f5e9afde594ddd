//! The one place where the two halves of Plimsoll meet: gets images, runs extractors on their
//! layers, keeps facts, keeps the vulnerability database in step, matches, and reports.
//!
//! Used by the command line and by servers alike; prints nothing and exits never.
#![expect(clippy::disallowed_methods, reason = "effects live here: files, processes, the clock")]

mod again;
pub mod arriving;
pub mod cache;
pub mod database_view;

pub mod db;
mod extract;
pub mod facts;
pub mod fix_plan;
mod flights;
mod inventory;
pub mod judge;
mod kept;
mod layers;
pub mod owned;
pub mod programs;
pub mod progress;
pub mod record;
mod rootfs;
pub mod scan;
#[cfg(test)]
mod spec;
pub mod suppress;
pub mod units;
pub mod unnamed;

use std::path::PathBuf;

use plimsoll_core::Digest;
use plimsoll_image::pipeline::LayerError;

/// Why a scan came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The image could not be had.
    #[error("{0}")]
    Source(plimsoll_registry::Error),
    /// A layer is not what it claims to be, or could not be read.
    #[error("layer {layer} cannot be scanned: {source}")]
    Layer {
        /// The layer's digest.
        layer: Digest,
        /// What is wrong.
        source: LayerError,
    },
    /// The directory could not be read.
    #[error("the directory {path} cannot be read: {source}")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Somebody stopped it.
    #[error("the scan was stopped")]
    Cancelled,
}
