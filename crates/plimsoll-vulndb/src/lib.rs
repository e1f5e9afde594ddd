//! Advisories: what feeds say, merged into an immutable snapshot that answers in microseconds.
//!
//! Pure: bytes come in and go out; fetching, files and the time are somebody else's business.
#![forbid(unsafe_code)]

pub mod build;
pub mod feed;
pub mod feeds;
pub mod snapshot;

pub use build::{BuildError, BuildInput, FeedMeta, build};
pub use feed::{Feed, FeedOutput, Licence, Part, Quarantined, Record, Remote, Source};
pub use feeds::FEEDS;
pub use snapshot::{EndRef, FeedInfo, RangeRef, Row, Rows, Snapshot, SnapshotError};
