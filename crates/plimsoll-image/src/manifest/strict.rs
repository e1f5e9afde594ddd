//! A first pass over JSON that refuses what two readers would read differently.
//!
//! Go's `encoding/json`, which containerd and Docker read with, takes `LAYERS` for `layers` and
//! lets the last of several win. Whoever deploys the image would then run other layers than were
//! scanned. Keeps nothing of the document; its depth is bounded by serde_json's own limit.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys with a meaning, and keys below which nothing has one.
#[derive(Clone, Copy)]
pub(super) struct Keys {
    /// These must be written exactly so and at most once in each object.
    pub(super) known: &'static [&'static str],
    /// What lies below these is not looked at.
    pub(super) opaque: &'static [&'static str],
}

impl Keys {
    /// Reads `bytes` for well-formedness and for doubtful keys.
    pub(super) fn check(self, bytes: &[u8]) -> Result<(), serde_json::Error> {
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        self.deserialize(&mut deserializer)?;
        deserializer.end()
    }
}

impl<'de> DeserializeSeed<'de> for Keys {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Keys {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut seen = vec![false; self.known.len()];
        while let Some(key) = entries.next_key::<String>()? {
            if let Some(at) = self.known.iter().position(|known| known.eq_ignore_ascii_case(&key)) {
                let known = self.known[at];
                if known != key {
                    return Err(A::Error::custom(format_args!(
                        "the key `{key}` would be read as `{known}` by some and not by others"
                    )));
                }
                if std::mem::replace(&mut seen[at], true) {
                    return Err(A::Error::custom(format_args!("the key `{known}` occurs twice")));
                }
            }
            if self.opaque.contains(&key.as_str()) {
                entries.next_value::<IgnoredAny>()?;
            } else {
                entries.next_value_seed(self)?;
            }
        }
        Ok(())
    }
}
