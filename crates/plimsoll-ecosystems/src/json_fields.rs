//! A few fields of a large JSON object, the rest passed over.
//!
//! Where a key occurs twice the last one counts, as it does for the programs that read these
//! files; serde's derived readers would refuse the file.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

/// The wanted fields that an object has.
pub(crate) type Fields = HashMap<&'static str, Value>;

/// Reads the `wanted` fields of the object that is the whole of `content`; a byte-order mark
/// before it is allowed, as Node and Python allow it.
pub(crate) fn read(content: &[u8], wanted: &'static [&'static str]) -> serde_json::Result<Fields> {
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let mut deserializer = serde_json::Deserializer::from_slice(content);
    let fields = deserializer.deserialize_map(Wanted(wanted))?;
    deserializer.end()?;
    Ok(fields)
}

/// The text of a field, without the space around it; `None` where it is missing, empty or no
/// text.
pub(crate) fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.get(name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

struct Wanted(&'static [&'static str]);

impl<'de> Visitor<'de> for Wanted {
    type Value = Fields;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::new();
        while let Some(key) = map.next_key::<String>()? {
            match self.0.iter().find(|wanted| **wanted == key) {
                Some(wanted) => {
                    fields.insert(wanted, map.next_value().map_err(A::Error::custom)?);
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_two_counts_and_others_are_passed_over() {
        let fields = read(b"\xef\xbb\xbf{\"a\":1,\"b\":[{}],\"a\":\" x \"}", &["a"]).unwrap();
        assert_eq!(text(&fields, "a"), Some("x"));
        assert_eq!(fields.len(), 1);
        assert!(read(b"[]", &["a"]).is_err());
        assert!(read(b"{} {}", &["a"]).is_err());
        assert!(read("[".repeat(100_000).as_bytes(), &["a"]).is_err());
        let deep = format!("{{\"a\":{}", "[".repeat(100_000));
        assert!(read(deep.as_bytes(), &["a"]).is_err());
    }
}
