//! `package.json`: name, version and licence of a package (npm's manual, "package.json").
//!
//! Scripts, dependencies and everything else are passed over.

use serde_json::Value;

use crate::json_fields;
use crate::locks::why;

/// What a manifest says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Manifest {
    pub name: Option<String>,
    pub version: Option<String>,
    pub license: Option<String>,
}

/// Bytes of one manifest; the longest in the registry have a few.
pub(super) const MANIFEST_BYTES_MAX: usize = 16 << 20;

/// Reads a manifest.
pub(super) fn read(content: &[u8]) -> Result<Manifest, String> {
    if content.len() > MANIFEST_BYTES_MAX {
        return Err(format!("it is longer than {MANIFEST_BYTES_MAX} bytes"));
    }
    let fields = json_fields::read(content, &["name", "version", "license", "licenses"])
        .map_err(|error| why(&error))?;
    let text = |name: &str| json_fields::text(&fields, name).map(str::to_owned);
    let license =
        fields.get("license").and_then(license).or_else(|| fields.get("licenses").and_then(license));
    Ok(Manifest { name: text("name"), version: text("version"), license })
}

/// The licence of a field `license` or `licenses`: a text, an object with a `type`, or a list of
/// these, as manifests of all ages have it. Anything else says nothing.
pub(super) fn license(field: &Value) -> Option<String> {
    match field {
        Value::Array(choices) => {
            let names: Vec<&str> = choices.iter().filter_map(license_name).collect();
            (!names.is_empty()).then(|| names.join(" OR "))
        }
        one => license_name(one).map(str::to_owned),
    }
}

fn license_name(field: &Value) -> Option<&str> {
    let name = match field {
        Value::String(name) => name,
        Value::Object(object) => object.get("type")?.as_str()?,
        _ => return None,
    };
    Some(name.trim()).filter(|name| !name.is_empty())
}
