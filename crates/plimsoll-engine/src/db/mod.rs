//! The vulnerability database on disk: raw parts of feeds, what was read from them, what is known of
//! their health, and snapshots, of which one is in use.
//!
//! Everything is written under another name and renamed: a reader sees a whole snapshot or none.

mod bundle;
mod changing;
mod deal;
mod due;
mod fetch;
mod hosts;
mod http_date;
mod listing;
mod mirror;
mod pages;
mod reading;
mod recipe;
mod shortcuts;
mod sign;
mod standing;
mod state;
mod store;
#[cfg(test)]
mod tests;
mod update;

pub use bundle::{
    ArchiveSource, Bundle, BundleError, BundleEvent, BundleFeed, BundleRecipe, BundleSource, ExportOptions,
    ImportOptions, ImportSummary, Piece, Published, RegistrySource, Trust, export, import, publish,
    write_archive,
};
pub use due::due_feeds;
pub use hosts::{Hosts, Moved};
pub use recipe::{AsOf, FeedRecipe, Recipe};
pub use sign::{PublicKey, SecretKey, SignatureError};
pub use state::{FeedHealth, FeedState, Outcome, PartState, ShardState};
pub use store::{Database, DatabaseError, OpenSnapshot, SnapshotFile};
pub use update::{UpdateError, UpdateEvent, UpdateOptions, UpdateSummary, update};
