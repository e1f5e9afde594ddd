//! Reading JSON so that one bad value costs itself and nothing else.
//!
//! Values are kept as they stand ([`RawValue`]) until their own turn comes; recursion ends where
//! serde_json's limit of 128 levels is.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::FeedOutput;

/// An object as the list of its members: in their order, and with members that occur twice.
pub(in crate::feeds) struct Pairs<'a>(pub(in crate::feeds) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Pairs<'a>, D::Error> {
        struct Members<'a>(PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Members<'a> {
            type Value = Pairs<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Pairs<'a>, M::Error> {
                let mut members = Vec::new();
                while let Some(Key(name)) = map.next_key()? {
                    members.push((name, map.next_value()?));
                }
                Ok(Pairs(members))
            }
        }
        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// A member's name, borrowed where it holds no escapes (`Cow` alone would always copy).
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Key<'a>, D::Error> {
        #[derive(serde::Deserialize)]
        struct Borrowing<'a>(#[serde(borrow)] Cow<'a, str>);
        Borrowing::deserialize(deserializer).map(|it| Key(it.0))
    }
}

/// A value that may be missing or null, as the default then. One of the wrong shape is set aside
/// as a part of `record`, and the default taken.
pub(in crate::feeds) fn field<'a, T: Default + Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    name: &str,
    record: &str,
    out: &mut FeedOutput,
) -> T {
    let Some(raw) = raw else {
        return T::default();
    };
    match serde_json::from_str::<Option<T>>(raw.get()) {
        Ok(value) => value.unwrap_or_default(),
        Err(error) => {
            out.quarantine_part(record, format!("`{name}` cannot be read: {error}"));
            T::default()
        }
    }
}

/// A value of no consequence for what is affected: the default where it cannot be read.
pub(in crate::feeds) fn lenient<'a, T: Default + Deserialize<'a>>(raw: Option<&'a RawValue>) -> T {
    raw.and_then(|raw| serde_json::from_str::<Option<T>>(raw.get()).ok().flatten()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_their_doubles() {
        let Pairs(members) = serde_json::from_str(r#"{"b":1,"a\n":[2],"b":null}"#).unwrap();
        let members: Vec<_> = members.iter().map(|(name, value)| (name.as_ref(), value.get())).collect();
        assert_eq!(members, [("b", "1"), ("a\n", "[2]"), ("b", "null")]);
    }

    #[test]
    fn a_value_of_the_wrong_shape_costs_itself_alone() {
        let mut out = FeedOutput::default();
        let raw: &RawValue = serde_json::from_str("7").unwrap();
        assert_eq!(field::<Vec<String>>(Some(raw), "aliases", "X-1", &mut out), Vec::<String>::new());
        assert_eq!(out.quarantined.len(), 1);
        let raw: &RawValue = serde_json::from_str("null").unwrap();
        assert_eq!(field::<Vec<String>>(Some(raw), "aliases", "X-1", &mut out), Vec::<String>::new());
        assert_eq!(out.quarantined.len(), 1, "null is nothing, not a fault");
    }
}
