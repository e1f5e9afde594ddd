//! The feeds of a build: the index of each, and the shard behind it for what must be read.

use crate::parallel;
use crate::shard::index::Index;
use crate::shard::view::{Contents, Head, RecordHead};
use crate::snapshot::writer::BuildError;
use crate::{FeedMeta, Shard};

/// A shard that is read when something of it is asked for.
pub trait ShardSource: Sync {
    /// The shard; `None` where it cannot be read.
    fn shard(&self) -> Option<&Shard>;
}

impl ShardSource for Shard {
    fn shard(&self) -> Option<&Shard> {
        Some(self)
    }
}

/// One feed of a build.
#[derive(Clone, Copy)]
pub struct FeedInput<'a> {
    /// What is to be known of it.
    pub meta: &'a FeedMeta,
    /// The index of its shard.
    pub index: &'a Index,
    /// The shard.
    pub shard: &'a dyn ShardSource,
}

/// A feed with its small lists.
pub(super) struct Table<'a> {
    pub(super) meta: &'a FeedMeta,
    pub(super) index: &'a Index,
    shard: &'a dyn ShardSource,
    /// Everything but advisories and records.
    pub(super) lists: Contents<'a>,
}

impl<'a> Table<'a> {
    /// The tables of all feeds.
    pub(super) fn all(feeds: &[FeedInput<'a>]) -> Result<Vec<Table<'a>>, BuildError> {
        parallel::map(feeds, |feed| Table::of(*feed)).into_iter().collect()
    }

    fn of(FeedInput { meta, index, shard }: FeedInput<'a>) -> Result<Table<'a>, BuildError> {
        let lists = match index.lists() {
            Some(lists) => lists,
            None => shard.shard().and_then(Shard::lists),
        };
        Ok(Table { meta, index, shard, lists: lists.ok_or(BuildError::Damaged)? })
    }

    /// A row.
    pub(super) fn head(&self, row: u32) -> Result<Head<'a>, BuildError> {
        let shard = self.shard.shard().ok_or(BuildError::Damaged)?;
        self.index.head(shard, row).ok_or(BuildError::Damaged)
    }

    /// A record.
    pub(super) fn record(&self, record: usize) -> Result<RecordHead<'a>, BuildError> {
        let shard = self.shard.shard().ok_or(BuildError::Damaged)?;
        self.index.record(shard, record).ok_or(BuildError::Damaged)
    }
}
