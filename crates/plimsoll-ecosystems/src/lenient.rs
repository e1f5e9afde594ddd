//! Values of JSON, YAML and TOML documents that need not be what their format says.
//!
//! With these in a format's structs one odd entry costs that entry, and not the whole file.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A text where the document has one; empty where it has something else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(pub(crate) String);

/// A value of the wanted form, or anything else.
#[derive(serde::Deserialize)]
#[serde(untagged)]
pub(crate) enum Maybe<T> {
    /// As wanted.
    Is(T),
    /// Something else.
    Not(IgnoredAny),
}

impl<T> Maybe<T> {
    /// The value, if it has the wanted form.
    pub(crate) fn get(self) -> Option<T> {
        match self {
            Maybe::Is(value) => Some(value),
            Maybe::Not(_) => None,
        }
    }
}

/// One text or several: licences are written in both ways.
#[derive(Default)]
pub(crate) struct Texts(pub(crate) Vec<String>);

impl Texts {
    /// All of them, any of which may be chosen.
    pub(crate) fn any_of(self) -> Option<String> {
        (!self.0.is_empty()).then(|| self.0.join(" OR "))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        Texts::deserialize(deserializer).map(|texts| match texts {
            Texts(texts) if texts.len() == 1 => Text(texts.into_iter().next().unwrap_or_default()),
            _ => Text::default(),
        })
    }
}

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Texts, D::Error> {
        deserializer.deserialize_any(TextsVisitor).map(Texts)
    }
}

struct TextsVisitor;

impl<'de> Visitor<'de> for TextsVisitor {
    type Value = Vec<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(vec![text.to_owned()])
    }

    fn visit_bool<E>(self, _: bool) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_u64<E>(self, number: u64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_f64<E>(self, _: f64) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_none<E>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<String>, A::Error> {
        let mut texts = Vec::new();
        while let Some(entry) = entries.next_element::<Maybe<String>>()? {
            texts.extend(entry.get());
        }
        Ok(texts)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Vec<String>, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values_are_empty() {
        let read = |json: &str| serde_json::from_str::<Text>(json).unwrap().0;
        assert_eq!(read("\"a\""), "a");
        assert_eq!(read("1"), "1");
        for odd in ["null", "{\"a\": [1]}", "1.5", "true", "[]", "[1, \"a\", \"b\"]"] {
            assert_eq!(read(odd), "", "{odd}");
        }
        let read = |json: &str| serde_json::from_str::<Texts>(json).unwrap().any_of();
        assert_eq!(read("[\"MIT\", 3, \"Apache-2.0\"]").as_deref(), Some("MIT OR Apache-2.0"));
        assert_eq!(read("{}"), None);
    }
}
