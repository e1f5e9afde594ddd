//! What the interface sends and takes, as JSON Schema: each type says its own schema.
//!
//! The types are declared by `wire!` and `words!`, whose comments become the descriptions, so that
//! the document cannot say something else than the code. JSON Schema 2020-12, as OpenAPI 3.1 uses
//! it. Knows no route.

use std::collections::BTreeMap;

use plimsoll_core::{Digest, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

/// The schemas that have a name, each written once.
pub(super) type Definitions = BTreeMap<&'static str, Value>;

/// A function that gives a schema and notes what it refers to.
pub(super) type SchemaOf = fn(&mut Definitions) -> Value;

/// A type that says what its JSON looks like.
pub(super) trait Schema {
    /// Whether a field of this type may be left out.
    const OPTIONAL: bool = false;

    /// The schema, or a reference to it.
    fn schema(definitions: &mut Definitions) -> Value;
}

/// A reference to a named schema, which is written if it is not there yet.
pub(super) fn named(
    name: &'static str,
    definitions: &mut Definitions,
    write: impl FnOnce(&mut Definitions) -> Value,
) -> Value {
    if !definitions.contains_key(name) {
        // Before its fields, so that a type that has itself inside of it ends.
        definitions.insert(name, Value::Null);
        let schema = write(definitions);
        definitions.insert(name, schema);
    }
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// A field's schema with its description beside it.
pub(super) fn described(mut schema: Value, description: &str) -> Value {
    if let (Value::Object(members), false) = (&mut schema, description.is_empty()) {
        members.insert("description".to_owned(), Value::from(description));
    }
    schema
}

macro_rules! plain {
    ($($kind:ty => $schema:expr;)*) => {$(
        impl Schema for $kind {
            fn schema(_definitions: &mut Definitions) -> Value {
                $schema
            }
        }
    )*};
}

plain! {
    bool => json!({ "type": "boolean" });
    String => json!({ "type": "string" });
    &'static str => json!({ "type": "string" });
    u8 => json!({ "type": "integer", "minimum": 0, "maximum": 255 });
    u16 => json!({ "type": "integer", "minimum": 0, "maximum": 65_535 });
    u32 => json!({ "type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32 });
    u64 => json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX });
    i64 => json!({ "type": "integer", "format": "int64" });
    f64 => json!({ "type": "number" });
    Value => json!({});
    Time => json!({ "type": "string", "format": "date-time", "examples": ["2026-11-22T14:00:00Z"] });
    DigestText => json!({ "type": "string", "pattern": "^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$" });
}

impl<T: Schema> Schema for Vec<T> {
    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "array", "items": T::schema(definitions) })
    }
}

impl<T: Schema> Schema for Option<T> {
    const OPTIONAL: bool = true;

    fn schema(definitions: &mut Definitions) -> Value {
        let schema = T::schema(definitions);
        match schema.get("type").and_then(Value::as_str) {
            // The shorter form, which most generators of clients read better.
            Some(kind) if schema.get("enum").is_none() => {
                let mut schema = schema.clone();
                schema["type"] = json!([kind, "null"]);
                schema
            }
            _ => json!({ "anyOf": [schema, { "type": "null" }] }),
        }
    }
}

impl<T: Schema> Schema for BTreeMap<String, T> {
    fn schema(definitions: &mut Definitions) -> Value {
        json!({ "type": "object", "additionalProperties": T::schema(definitions) })
    }
}

/// A time, in seconds and in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub(super) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = text.parse().map_err(|error| serde::de::Error::custom(format!("no time: {error}")))?;
        Ok(Time(time))
    }
}

/// A digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DigestText(pub(super) Digest);

impl Serialize for DigestText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for DigestText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<DigestText, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(DigestText).map_err(|_| serde::de::Error::custom("no digest"))
    }
}

/// A struct of the interface: serialised, read strictly, and described.
macro_rules! wire {
    ($(
        $(#[doc = $about:literal])*
        struct $name:ident {
            $( $(#[doc = $doc:literal])* $(#[serde($($serde:tt)*)])? $field:ident : $kind:ty, )*
        }
    )*) => {$(
        $(#[doc = $about])*
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(crate) struct $name {
            $( $(#[doc = $doc])* $(#[serde($($serde)*)])? pub(crate) $field: $kind, )*
        }

        impl $crate::api::schema::Schema for $name {
            fn schema(
                definitions: &mut $crate::api::schema::Definitions,
            ) -> serde_json::Value {
                $crate::api::schema::named(stringify!($name), definitions, |definitions| {
                    let _ = &definitions;
                    let mut properties = serde_json::Map::new();
                    let mut required: Vec<&str> = Vec::new();
                    $(
                        let name = stringify!($field).trim_start_matches("r#");
                        let schema =
                            <$kind as $crate::api::schema::Schema>::schema(definitions);
                        let about: &str = concat!($($doc,)* "");
                        properties.insert(
                            name.to_owned(),
                            $crate::api::schema::described(schema, about.trim()),
                        );
                        if !<$kind as $crate::api::schema::Schema>::OPTIONAL {
                            required.push(name);
                        }
                    )*
                    let about: &str = concat!($($about,)* "");
                    serde_json::json!({
                        "type": "object",
                        "description": about.trim(),
                        "properties": properties,
                        "required": required,
                        "additionalProperties": false,
                    })
                })
            }
        }
    )*};
}

/// An enumeration of the interface: its words, each with its meaning.
macro_rules! words {
    ($(
        $(#[doc = $about:literal])*
        enum $name:ident { $( $(#[doc = $doc:literal])* $variant:ident = $word:literal, )* }
    )*) => {$(
        $(#[doc = $about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub(crate) enum $name {
            $( $(#[doc = $doc])* #[serde(rename = $word)] $variant, )*
        }

        impl $name {
            /// The word for it.
            #[allow(dead_code, reason = "not every enumeration is read from a query")]
            pub(crate) fn name(self) -> &'static str {
                match self { $( $name::$variant => $word, )* }
            }

            /// What the word means.
            #[allow(dead_code, reason = "not every enumeration is read from a query")]
            pub(crate) fn parse(word: &str) -> Option<$name> {
                match word { $( $word => Some($name::$variant), )* _ => None }
            }
        }

        impl $crate::api::schema::Schema for $name {
            fn schema(
                definitions: &mut $crate::api::schema::Definitions,
            ) -> serde_json::Value {
                $crate::api::schema::named(stringify!($name), definitions, |_| {
                    let mut about = concat!($($about,)* "").trim().to_owned();
                    $( about.push_str(concat!("\n- `", $word, "`:", $($doc,)* "")); )*
                    serde_json::json!({ "type": "string", "enum": [$($word),*], "description": about })
                })
            }
        }
    )*};
}

pub(super) use {wire, words};
