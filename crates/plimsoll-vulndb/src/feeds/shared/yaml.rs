//! YAML records, read within a budget.
//!
//! A field that is declared as text stays as it was written: `1.10` is no number here.

use serde::de::DeserializeOwned;
use serde_saphyr::DuplicateKeyPolicy;

/// The largest real record, of a package with thousands of versions, has 80 KB.
const TEXT_BYTES_MAX: usize = 4 << 20;
/// Nodes of one record; that package has some 3,000.
const NODES_MAX: usize = 400_000;

/// One document.
pub(in crate::feeds) fn yaml<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    if bytes.len() > TEXT_BYTES_MAX {
        return Err(format!("more than {TEXT_BYTES_MAX} bytes"));
    }
    let text = String::from_utf8_lossy(bytes);
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            max_total_scalar_bytes: 2 * TEXT_BYTES_MAX,
            max_documents: 2,
        },
        // One record of FriendsOfPHP writes a branch twice; the tools take the last.
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(&text, options).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn versions_stay_as_written() {
        let read: BTreeMap<String, Vec<String>> = yaml(b"---\na: [1.10, '2', <3.0]\n").unwrap_or_default();
        assert_eq!(read.get("a").map(|it| it.join(" ")).unwrap_or_default(), "1.10 2 <3.0");
    }

    #[test]
    fn aliases_do_not_multiply() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..20 {
            let before = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", vec![before; 8].join(", "));
        }
        assert!(yaml::<BTreeMap<String, serde::de::IgnoredAny>>(text.as_bytes()).is_err());
    }
}
