//! What the JSON documents of other people's formats have in common: how they are put together
//! and written. They are ASCII, like our own, and have no fields without a value.

use std::io;

use serde_json::Value;

use crate::json;

/// Writes the document, without the members of objects that are null.
pub(crate) fn write(mut document: Value, out: &mut dyn io::Write) -> io::Result<()> {
    drop_nulls(&mut document);
    json::write(&document, out)
}

/// The list; null, so that the field goes, where it is empty.
pub(crate) fn unless_empty(list: Vec<Value>) -> Value {
    if list.is_empty() { Value::Null } else { Value::Array(list) }
}

/// Goes as deep as the document, whose shape is a format's and not the image's.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => (),
    }
}
