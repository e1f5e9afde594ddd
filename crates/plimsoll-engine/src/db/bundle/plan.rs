//! What a snapshot is built from once a bundle was taken: the bundle's feeds, and those of our own
//! that it lacks.
//!
//! Decides, and does nothing.

use super::super::recipe::FeedRecipe;
use super::super::state::FeedState;
use super::form::{BundleFeed, BundleRecipe};

/// What the snapshot will be built from.
pub(super) struct Plan {
    /// All feeds, in the table's order.
    pub(super) feeds: Vec<FeedRecipe>,
    /// Those that are ours.
    pub(super) kept: Vec<String>,
}

impl Plan {
    pub(super) fn new(recipe: &BundleRecipe, chosen: &[BundleFeed], states: &[FeedState]) -> Plan {
        let (mut feeds, mut kept) = (Vec::new(), Vec::new());
        for state in states {
            match (chosen.iter().find(|it| it.feed == state.feed), state.recipe()) {
                (Some(feed), _) => feeds.push(to_recipe(feed)),
                (None, Some(own)) => {
                    kept.push(own.feed.clone());
                    feeds.push(own);
                }
                (None, None) => (),
            }
        }
        if kept.is_empty() && chosen.len() == recipe.feeds.len() {
            // Another version of Plimsoll may have another order.
            feeds = recipe.feeds.iter().map(to_recipe).collect();
        }
        Plan { feeds, kept }
    }
}

/// A feed of a bundle as our own recipes have it.
pub(super) fn to_recipe(feed: &BundleFeed) -> FeedRecipe {
    FeedRecipe {
        feed: feed.feed.clone(),
        source: feed.source.clone(),
        shard: feed.shard.digest.clone(),
        parts: Vec::new(),
    }
}

/// Whether two snapshots are of just the same facts.
pub(super) fn same_shards(left: &[FeedRecipe], right: &[FeedRecipe]) -> bool {
    let key = |feed: &FeedRecipe| (feed.feed.clone(), feed.shard.clone());
    left.iter().map(key).eq(right.iter().map(key))
}

#[cfg(test)]
mod tests {
    use super::super::form::Piece;
    use super::*;
    use crate::db::ShardState;

    fn feed(id: &str) -> BundleFeed {
        BundleFeed {
            feed: id.to_owned(),
            source: "https://x.example".to_owned(),
            shard: Piece { digest: "sha256:new".to_owned(), size_bytes: 1 },
            licence: String::new(),
            attribution: String::new(),
        }
    }

    fn state(id: &str) -> FeedState {
        let shard = ShardState { digest: "sha256:old".to_owned(), size_bytes: 1, version: 1, form: 1 };
        FeedState { feed: id.to_owned(), shard: Some(shard), ..FeedState::default() }
    }

    #[test]
    fn a_bundle_replaces_its_feeds_and_takes_none_away() {
        let mut recipe = BundleRecipe::new(1, 1, "sha256:x".to_owned());
        recipe.feeds = vec![feed("b"), feed("a")];
        let states = [state("a"), FeedState { feed: "b".to_owned(), ..FeedState::default() }, state("c")];
        let plan = Plan::new(&recipe, &recipe.feeds, &states);
        let feeds: Vec<String> = plan.feeds.iter().map(|it| format!("{} {}", it.feed, it.shard)).collect();
        assert_eq!(feeds, ["a sha256:new", "b sha256:new", "c sha256:old"]);
        assert_eq!(plan.kept, ["c"]);
        let alone = Plan::new(&recipe, &recipe.feeds, &states[..2]);
        assert_eq!(alone.feeds[0].feed, "b", "the order is the bundle's, or another snapshot comes out");
    }
}
