//! YAML documents of lock files, read within a budget.
//!
//! The bounds of the parser are raised to what the largest honest lock files have, and no
//! further; reaching one is an error, and thereby a problem in the report.

use serde::de::DeserializeOwned;
use serde_saphyr::DuplicateKeyPolicy;

use crate::locks::why;

/// Nodes of one file; a lock file of 20,000 packages has some 500,000.
const NODES_MAX: usize = 8_000_000;

/// Characters of one key; yarn joins all patterns of a package, pnpm all its peers.
const KEY_CHARACTERS_MAX: usize = 16 << 10;

/// What a key means that occurs twice; the tools differ.
#[derive(Clone, Copy)]
pub(crate) enum Repeated {
    /// The file is broken.
    Refused,
    /// The last one counts.
    LastCounts,
}

/// Every document of the file.
pub(crate) fn documents<T: DeserializeOwned>(text: &str, repeated: Repeated) -> Result<Vec<T>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            simple_key_max_lookahead: KEY_CHARACTERS_MAX,
            max_total_scalar_bytes: 512 << 20,
            max_documents: 16,
        },
        duplicate_keys: match repeated {
            Repeated::Refused => DuplicateKeyPolicy::Error,
            Repeated::LastCounts => DuplicateKeyPolicy::LastWins,
        },
        with_snippet: false,
    };
    serde_saphyr::from_multiple_with_options(text, options).map_err(|error| why(&error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn numbers_that_are_versions_stay_as_written() {
        let read: Vec<BTreeMap<String, String>> =
            documents("a: 1.10\nb: 0x10\n---\nc: x\n", Repeated::Refused).unwrap();
        assert_eq!(read[0]["a"], "1.10");
        assert_eq!(read[0]["b"], "0x10");
        assert_eq!(read.len(), 2);
    }

    #[test]
    fn keys_may_be_long_and_twice() {
        let key = "k".repeat(9_000);
        let text = format!("{key}: 1\n{key}: 2\n");
        let read: Vec<BTreeMap<String, String>> = documents(&text, Repeated::LastCounts).unwrap();
        assert_eq!(read[0][&key], "2");
        assert!(documents::<BTreeMap<String, String>>(&text, Repeated::Refused).is_err());
    }

    #[test]
    fn aliases_do_not_multiply() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let before = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", vec![before; 8].join(", "));
        }
        assert!(documents::<BTreeMap<String, serde::de::IgnoredAny>>(&text, Repeated::Refused).is_err());
    }
}
