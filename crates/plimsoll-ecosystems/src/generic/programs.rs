//! `generic/programs`: programs known by their names and by a text in them ([`super::table`]).
//!
//! Only programs of the table's names are read, and only their fixed texts are looked for. Where
//! a program names two versions of itself neither is taken for the right one: both are listed.

use std::collections::BTreeMap;

use plimsoll_core::{Evidence, Extractor, ImagePath, InFlight, Input, Observations, Package, Pattern};

use super::pattern::{Role, Text};
use super::table::PROGRAMS;
use crate::binary::file_name;
use crate::binary::layout::Format;
use crate::binary::scan::{Hit, Scan};
use crate::notes::Notes;

/// Looks for the texts of the table.
pub struct Programs;

/// Bytes looked at from the beginning of a text on.
const WINDOW_BYTES: usize = 128;

/// Versions of one program that are kept.
const VERSIONS_MAX: usize = 64;

impl Extractor for Programs {
    fn id(&self) -> &'static str {
        "generic/programs"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[]
    }

    fn extract(&self, _input: Input<'_>, _out: &mut Observations) {}

    fn reads_in_flight(&self) -> bool {
        true
    }

    fn begin(&self, path: &ImagePath, head: &[u8], _size_bytes: u64) -> Option<Box<dyn InFlight>> {
        Format::of(head)?;
        let file = file_name(path)?;
        let mut wanted = Vec::new();
        for program in PROGRAMS {
            let Some(named) = program.names.iter().find_map(|name| name.version(file)) else { continue };
            let texts = program.texts.iter().map(|text| (program.package, text, text.needle(named)));
            wanted.extend(texts.filter_map(|(package, text, needle)| Some((package, text, needle?))));
        }
        if wanted.is_empty() {
            return None;
        }
        let scan = Scan::new(wanted.iter().map(|(_, _, needle)| needle.clone()), WINDOW_BYTES);
        let wanted = wanted.into_iter().map(|(package, text, _)| (package, text)).collect();
        Some(Box::new(Reader { scan, wanted, found: BTreeMap::new() }))
    }
}

struct Reader {
    scan: Scan,
    /// The package and the text of each needle.
    wanted: Vec<(&'static str, &'static Text)>,
    found: Found,
}

/// What was found of each package.
type Found = BTreeMap<&'static str, Versions>;

#[derive(Default)]
struct Versions {
    /// Where each was found first.
    versions: Vec<(u64, String)>,
    /// Texts that begin with the version.
    confirmations: Vec<(u64, String)>,
}

impl InFlight for Reader {
    fn feed(&mut self, bytes: &[u8]) {
        let Reader { scan, wanted, found } = self;
        scan.feed(bytes, &mut |hit| note(wanted, found, &hit));
    }

    fn finish(mut self: Box<Self>, path: &ImagePath, _whole: bool, out: &mut Observations) {
        let Reader { scan, wanted, found } = &mut *self;
        scan.finish(&mut |hit| note(wanted, found, &hit));
        let mut notes = Notes::new(path, out);
        for (name, found) in found {
            let versions = &mut found.versions;
            if wanted.iter().any(|(package, text)| package == name && text.role == Role::Confirmation) {
                let confirmed = |it: &str| found.confirmations.iter().any(|(_, text)| text.starts_with(it));
                versions.retain(|(_, version)| confirmed(version));
            }
            if versions.len() > 1 {
                notes.oddity(format!("the program says that it is {} versions of {name}", versions.len()));
            }
            versions.sort();
            for (_, version) in versions {
                notes.package(Package {
                    kind: "generic".to_owned(),
                    name: (*name).to_owned(),
                    version: std::mem::take(version),
                    evidence: Evidence::Binary,
                    ..Package::default()
                });
            }
        }
        notes.finish();
    }
}

fn note(wanted: &[(&'static str, &'static Text)], found: &mut Found, hit: &Hit<'_>) {
    let window = hit.bytes.get(..WINDOW_BYTES).unwrap_or(hit.bytes);
    let Some((package, text)) = wanted.get(hit.needle) else { return };
    let Some(version) = text.version(window) else { return };
    let found = found.entry(package).or_default();
    let versions = match text.role {
        Role::Version => &mut found.versions,
        Role::Confirmation => &mut found.confirmations,
    };
    if let Some((offset, _)) = versions.iter_mut().find(|(_, known)| known == version) {
        *offset = hit.offset.min(*offset);
    } else if versions.len() < VERSIONS_MAX {
        versions.push((hit.offset, version.to_owned()));
    }
}

#[cfg(test)]
mod tests;
