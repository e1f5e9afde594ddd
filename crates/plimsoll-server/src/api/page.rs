//! Lists in pages: `limit` and `cursor` of the query, `next` in the body and `Link` in the headers.
//!
//! A cursor is opaque: the sort keys of the last entry, and the list that it belongs to, so that one
//! of another list or order is refused and not misread. Pure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};

use super::call::Call;
use super::problem::Problem;
use super::schema::{Definitions, Schema};

/// As many as come when nobody asks for a number.
const DEFAULT: u32 = 50;
/// The most entries of one page.
pub(super) const LIMIT_MAX: u32 = 500;
/// A cursor of ours is shorter.
const CURSOR_CHARACTERS_MAX: usize = 2048;

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub(super) struct Paging {
    list: String,
    limit: u32,
    keys: Vec<Value>,
}

impl Paging {
    /// Reads the query. `list` names the list and its order.
    pub(super) fn of(call: &Call, list: impl Into<String>) -> Result<Paging, Problem> {
        let list = list.into();
        let limit = match call.parameter("limit") {
            None => DEFAULT,
            Some(text) => match text.parse::<u32>() {
                Ok(limit @ 1..=LIMIT_MAX) => limit,
                _ => return Err(Problem::invalid("limit", format!("a number from 1 to {LIMIT_MAX}"))),
            },
        };
        let keys = match call.parameter("cursor") {
            None => Vec::new(),
            Some(text) => open(text, &list)
                .ok_or_else(|| Problem::invalid("cursor", "not a cursor of this list in this order"))?,
        };
        Ok(Paging { list, limit, keys })
    }

    /// One more than asked for, so that it shows whether there is a next page.
    pub(super) fn fetch(&self) -> u32 {
        self.limit + 1
    }

    /// Whether this is the first page.
    pub(super) fn is_first(&self) -> bool {
        self.keys.is_empty()
    }

    /// A number of the last entry.
    pub(super) fn number(&self, index: usize) -> Option<i64> {
        self.keys.get(index).and_then(Value::as_i64)
    }

    /// A text of the last entry.
    pub(super) fn text(&self, index: usize) -> Option<&str> {
        self.keys.get(index).and_then(Value::as_str)
    }

    /// Cuts the entries to the page; `keys` gives the sort keys of an entry.
    pub(super) fn cut<T, U>(
        &self,
        mut entries: Vec<T>,
        keys: impl FnOnce(&T) -> Vec<Value>,
        write: impl FnMut(T) -> U,
    ) -> Page<U> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let is_more = entries.len() > limit;
        entries.truncate(limit);
        let next = entries.last().filter(|_| is_more).map(|it| seal(&self.list, &keys(it)));
        Page { items: entries.into_iter().map(write).collect(), next }
    }
}

/// A page of a list.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is never longer than a page.
    pub(super) fn whole(items: Vec<T>) -> Page<T> {
        Page { items, next: None }
    }
}

/// A list without pages that may have lost its end.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Beginning<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
    pub(super) is_cut: bool,
}

impl<T> Beginning<T> {
    /// A list of at most so many entries.
    pub(super) fn of(mut items: Vec<T>, items_max: usize) -> Beginning<T> {
        let is_cut = items.len() > items_max;
        items.truncate(items_max);
        Beginning { items, next: None, is_cut }
    }
}

impl<T: Schema> Schema for Beginning<T> {
    fn schema(definitions: &mut Definitions) -> Value {
        let mut schema = Page::<T>::schema(definitions);
        schema["properties"]["next"] = json!({ "type": "null", "description": "There are no more pages." });
        schema["properties"]["is_cut"] =
            json!({ "type": "boolean", "description": "Whether there is more, which is not shown." });
        schema["required"] = json!(["items", "next", "is_cut"]);
        schema
    }
}

impl<T: Schema> Schema for Page<T> {
    fn schema(definitions: &mut Definitions) -> Value {
        json!({
            "type": "object",
            "properties": {
                "items": { "type": "array", "items": T::schema(definitions) },
                "next": {
                    "type": ["string", "null"],
                    "description": "The `cursor` of the next page; null on the last one.",
                },
            },
            "required": ["items", "next"],
            "additionalProperties": false,
        })
    }
}

fn seal(list: &str, keys: &[Value]) -> String {
    URL_SAFE_NO_PAD.encode(json!([list, keys]).to_string())
}

fn open(text: &str, list: &str) -> Option<Vec<Value>> {
    if text.len() > CURSOR_CHARACTERS_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (found, keys): (String, Vec<Value>) = serde_json::from_slice(&bytes).ok()?;
    let is_plain = |key: &Value| key.as_i64().is_some() || key.as_str().is_some_and(|it| !it.contains('\0'));
    (found == list && !keys.is_empty() && keys.iter().all(is_plain)).then_some(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_list_and_nothing_else_is_one() {
        let cursor = seal("tags", &[json!("v1"), json!(7)]);
        assert_eq!(open(&cursor, "tags"), Some(vec![json!("v1"), json!(7)]));
        assert_eq!(open(&cursor, "artifacts"), None);
        for bad in ["", "x", &seal("tags", &[]), &seal("tags", &[json!("\0")]), &seal("tags", &[json!({})])] {
            assert_eq!(open(bad, "tags"), None, "{bad}");
        }
        assert_eq!(open(&"A".repeat(5000), "tags"), None);
    }
}
