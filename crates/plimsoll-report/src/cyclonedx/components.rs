//! Packages and the distribution as components.

use std::borrow::Cow;
use std::collections::BTreeSet;

use plimsoll_core::{Report, Support};
use serde_json::{Value, json};

use super::property;
use crate::documents::unless_empty;
use crate::union::{Union, UnionPackage};
use crate::{license, words};

/// The distribution's reference.
const OPERATING_SYSTEM: &str = "operating-system";

/// A reference for each package: its package URL, with a number where another has the same.
pub(super) fn references(union: &Union<'_>) -> Vec<String> {
    let mut taken = BTreeSet::new();
    let mut references = Vec::with_capacity(union.packages.len());
    for (index, package) in union.packages.iter().enumerate() {
        let purl: Cow<'_, str> = package.purl.clone();
        let reference = if purl.is_empty() || taken.contains(&purl) {
            format!("{index}:{purl}")
        } else {
            purl.to_string()
        };
        taken.insert(purl);
        references.push(reference);
    }
    references
}

/// The distribution that all images have.
pub(super) fn operating_system(report: &Report) -> Option<Value> {
    let image = report.images.first()?;
    let distro = image.distro.as_ref()?;
    if report.images.iter().any(|it| it.distro != image.distro) {
        return None;
    }
    let mut properties = Vec::new();
    if image.support != Support::Unknown {
        properties.push(property("support", &image.support.name()));
    }
    if let Some(ends) = image.support_ends {
        properties.push(property("support_ends", &ends.date_text()));
    }
    Some(json!({
        "type": "operating-system",
        "bom-ref": OPERATING_SYSTEM,
        "name": distro.id,
        "version": distro.version_id,
        "description": distro.pretty_name,
        "cpe": distro.cpe.as_deref().filter(|it| is_cpe(it)),
        "properties": unless_empty(properties),
    }))
}

/// Only the plain beginning of what the schema's pattern allows.
fn is_cpe(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':');
    text.strip_prefix("cpe:/").is_some_and(|it| {
        it.starts_with(['a', 'h', 'o']) && it.get(1..2) == Some(":") && it.split(':').count() <= 7
    }) && text[5..].bytes().all(plain)
}

/// Every package, in the order of the references.
pub(super) fn all<'a>(
    union: &'a Union<'a>,
    references: &'a [String],
    report: &'a Report,
) -> impl Iterator<Item = Value> + 'a {
    union.packages.iter().zip(references).map(|(package, reference)| component(package, reference, report))
}

fn component(it: &UnionPackage<'_>, reference: &str, report: &Report) -> Value {
    let package = &it.installed.package;
    let (group, name) = group_and_name(&package.name);
    json!({
        "type": "library",
        "bom-ref": reference,
        "supplier": package.vendor.as_ref().map(|name| json!({ "name": name })),
        "group": group,
        "name": name,
        "version": Some(&package.version).filter(|version| !version.is_empty()),
        "licenses": package.license.as_deref().map(licenses),
        "purl": it.purl,
        "evidence": { "occurrences": [{ "location": words::path(&it.installed.origin.path) }] },
        "properties": properties(it, report),
    })
}

/// The group or scope before the name, where the name is written `group:name` or `@scope/name`.
fn group_and_name(name: &str) -> (Option<&str>, &str) {
    let parts = match name.starts_with('@') {
        true => name.split_once('/'),
        // `Foo::Bar` is one name.
        false => name.split_once(':').filter(|(_, rest)| !rest.contains(':')),
    };
    parts.map_or((None, name), |(group, name)| (Some(group), name))
}

fn licenses(text: &str) -> Value {
    match license::as_spdx(text) {
        Some(expression) => json!([{ "expression": expression }]),
        None => json!([{ "license": { "name": text } }]),
    }
}

fn properties(it: &UnionPackage<'_>, report: &Report) -> Vec<Value> {
    let package = &it.installed.package;
    let mut properties = vec![
        property("extractor", &it.installed.origin.extractor),
        property("evidence", &package.evidence.name()),
    ];
    if let Some(architecture) = it.architecture {
        properties.push(property("architecture", architecture));
    }
    if let Some(source) = &package.source {
        properties.push(property("source:name", &source.name));
        properties.extend(source.version.iter().map(|version| property("source:version", version)));
    }
    properties.extend(package.module.iter().map(|module| property("module", module)));
    if let Some(layer) = it.layer {
        properties.push(property("layer:index", &layer.index));
        properties.push(property("layer:diff_id", &layer.info.diff_id));
    }
    if report.images.len() > 1 {
        let platforms = it.images.iter().filter_map(|index| report.images.get(*index)?.platform.as_ref());
        properties.extend(platforms.map(|platform| property("platform", platform)));
    }
    properties
}
