//! Advisories: what feeds say, merged into an immutable snapshot that answers in microseconds.
//!
//! Pure: bytes come in and go out; fetching, files and the time are somebody else's business.
#![forbid(unsafe_code)]

pub mod build;
pub mod codec;
pub mod delta;
mod entry;
pub mod feed;
pub mod feeds;
mod parallel;
pub mod schedule;
pub mod shard;
pub mod snapshot;
pub mod source;
mod texts;

pub use build::{
    Before, BuildError, BuildInput, FeedInput, FeedMeta, KeptInput, Ledger, ShardInput, ShardSource, build,
};
pub use feed::{Feed, FeedOutput, Licence, Part, Quarantined, Record, Unit};
pub use feeds::FEEDS;
pub use shard::{Index, RecordCounts, Shard};
pub use snapshot::{EndRef, FeedInfo, RangeRef, Row, Rows, Snapshot, SnapshotError};
pub use source::{Changing, ListForm, PageForm, Pages, Remote, Source};
