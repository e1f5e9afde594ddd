//! From bytes to files: reads manifests, walks the archive of a layer under [`Limits`], keeps
//! what somebody wants, and lays the layers over one another.
//!
//! Knows media types, tar, gzip and zstd; no registry and no package. Writes nothing to disk.
//!
//! [`Limits`]: plimsoll_core::Limits
#![forbid(unsafe_code)]

pub mod compression;
pub mod index;
pub mod manifest;
pub mod pipeline;
pub mod squash;
mod tar;
#[cfg(test)]
mod tests;
pub mod walk;
pub mod wanted;

pub use compression::Compression;
pub use index::{LayerIndex, Link};
pub use pipeline::{LayerBlob, LayerError, LayerRead, read_layer};
pub use squash::{Node, View};
pub use walk::{FileSink, Stop};
pub use wanted::{ExtractorSet, Matcher};
