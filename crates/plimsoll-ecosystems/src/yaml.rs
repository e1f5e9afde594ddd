//! YAML documents of lock files, read within a budget.
//!
//! The bounds of the parser are raised to what the largest honest lock files have, and no
//! further; reaching one is an error, and thereby a problem in the report.

use serde::de::DeserializeOwned;

use crate::locks::why;

/// Nodes of one file; a lock file of 20,000 packages has some 500,000.
const NODES_MAX: usize = 8_000_000;

/// Characters of one key; yarn joins all patterns of a package, pnpm all its peers.
const KEY_CHARACTERS_MAX: usize = 16 << 10;

/// Every document of the file.
pub(crate) fn documents<T: DeserializeOwned>(text: &str) -> Result<Vec<T>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            simple_key_max_lookahead: KEY_CHARACTERS_MAX,
            max_total_scalar_bytes: 512 << 20,
            max_documents: 16,
        },
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| why(&error))
}
