//! Tables of texts with a fast hash. Nothing that is written depends on the order of such a table.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hasher, RandomState};

/// A table whose keys are texts, or several of them.
pub(crate) type TextMap<K, V> = HashMap<K, V, TextHash>;
/// A set of texts.
pub(crate) type TextSet<K> = HashSet<K, TextHash>;

/// XXH3 with a seed of its own for every table, so that nobody can prepare texts that collide.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextHash {
    seed: u64,
}

impl Default for TextHash {
    fn default() -> TextHash {
        TextHash { seed: RandomState::new().build_hasher().finish() }
    }
}

impl BuildHasher for TextHash {
    type Hasher = Running;

    fn build_hasher(&self) -> Running {
        Running(self.seed)
    }
}

/// The hash of what came so far.
pub(crate) struct Running(u64);

impl Hasher for Running {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxhash_rust::xxh3::xxh3_64_with_seed(bytes, self.0);
    }

    // What follows a text in `Hash for str`; the text itself decides.
    fn write_u8(&mut self, byte: u8) {
        self.0 = self.0.rotate_left(5) ^ u64::from(byte);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_between_two_texts_counts() {
        let hash = TextHash::default();
        assert_eq!(hash.hash_one(("a", "bc")), hash.hash_one(("a", "bc")));
        assert_ne!(hash.hash_one(("a", "bc")), hash.hash_one(("ab", "c")));
        assert_ne!(hash.hash_one("a"), TextHash::default().hash_one("a"));
    }
}
