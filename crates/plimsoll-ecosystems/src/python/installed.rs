//! `python/dist-info`: distributions that an installer put in place, by the metadata it left:
//! `*.dist-info/METADATA` (PEP 376 and 427), and setuptools' older `*.egg-info/PKG-INFO`,
//! `*.egg-info` (a file) and `EGG-INFO/PKG-INFO` in an `.egg` folder.
//!
//! Where the metadata has no name or version the folder's name stands in, as Python's own
//! `importlib.metadata` does it.

use plimsoll_core::{Extractor, ImagePath, Input, Observations, Package, Pattern};

use super::metadata;

/// Reads the metadata of installed distributions.
pub struct PythonInstalled;

impl Extractor for PythonInstalled {
    fn id(&self) -> &'static str {
        "python/dist-info"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[
            Pattern::InAny(".dist-info", "METADATA"),
            Pattern::InAny(".DIST-INFO", "METADATA"),
            Pattern::InAny(".egg-info", "PKG-INFO"),
            Pattern::InAny("EGG-INFO", "PKG-INFO"),
            Pattern::Ending(".egg-info"),
        ]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let Some(stem) = stem(input.path) else { return };
        report(&stem, input.path, input.content, out);
    }
}

/// Notes the distribution that `metadata` describes; `stem` is the name of the folder or file
/// that belongs to it, without ending.
pub(super) fn report(stem: &str, path: &ImagePath, content: &[u8], out: &mut Observations) {
    let read = metadata::read(content);
    let from_name = metadata::of_file_name(stem);
    let name = read.name.or_else(|| from_name.map(|(name, _)| name.to_owned()));
    let version = read.version.or_else(|| from_name.map(|(_, version)| version.to_owned()));
    match (name, version) {
        (Some(name), Some(version)) => out.package(Package {
            kind: "pypi".to_owned(),
            name,
            version,
            license: read.license,
            ..Package::default()
        }),
        (Some(name), None) => {
            let name = crate::notes::excerpt(name.as_bytes());
            out.problem(path, format!("the metadata of distribution `{name}` has no version"));
        }
        (None, _) => out.problem(path, "the metadata of a distribution has no name"),
    }
}

/// The part of the path that names the distribution, without its ending; `None` for a file that
/// is none of ours.
fn stem(path: &ImagePath) -> Option<String> {
    let parts: Vec<&[u8]> = path.as_bytes().rsplitn(4, |byte| *byte == b'/').collect();
    let part = |index: usize| String::from_utf8_lossy(parts.get(index).copied().unwrap_or_default());
    let (file, folder) = (part(0), part(1));
    let without = |name: &str, endings: &[&str]| {
        endings.iter().find_map(|ending| name.strip_suffix(ending).map(str::to_owned))
    };
    match &*file {
        "METADATA" => without(&folder, &[".dist-info", ".DIST-INFO"]),
        "PKG-INFO" if folder == "EGG-INFO" => {
            let egg = part(2);
            Some(without(&egg, &[".egg"]).unwrap_or_default())
        }
        "PKG-INFO" => without(&folder, &[".egg-info", ".EGG-INFO"]),
        file => without(file, &[".egg-info"]),
    }
}
