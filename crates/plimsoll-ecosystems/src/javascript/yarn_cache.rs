//! `javascript/yarn-cache`: packages that yarn's Plug'n'Play loads from its archives,
//! `.yarn/cache/NAME-npm-VERSION-….zip` of a project, or of the user in `.yarn/berry/cache`.
//!
//! Each archive holds one package below `node_modules/`; nothing is unpacked but its manifest.

use plimsoll_core::{Extractor, ImagePath, Input, Observations, Package, Pattern};

use super::manifest;
use crate::zip_member::{self, Member};

/// Reads yarn's archives.
pub struct YarnCache;

impl Extractor for YarnCache {
    fn id(&self) -> &'static str {
        "javascript/yarn-cache"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::InAny("cache", ".zip")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if !is_of_yarn(input.path) {
            return;
        }
        let content = match zip_member::read(input.content, is_manifest, manifest::MANIFEST_BYTES_MAX as u64)
        {
            Ok(Member::Content(content)) => content,
            Ok(Member::None) => return,
            Err(why) => return out.problem(input.path, format!("yarn's archive cannot be read: {why}")),
        };
        match manifest::read(&content) {
            Ok(manifest) => {
                if let (Some(name), Some(version)) = (manifest.name, manifest.version) {
                    let license = manifest.license;
                    out.package(Package {
                        kind: "npm".to_owned(),
                        name,
                        version,
                        license,
                        ..Package::default()
                    });
                }
            }
            Err(why) => {
                out.problem(input.path, format!("the package.json in yarn's archive cannot be read: {why}"))
            }
        }
    }
}

/// Whether the folder is `.yarn/cache` or `.yarn/berry/cache`.
fn is_of_yarn(path: &ImagePath) -> bool {
    let mut parts = path.as_bytes().rsplit(|byte| *byte == b'/').skip(1);
    let (folder, above, above_that) = (parts.next(), parts.next(), parts.next());
    folder == Some(b"cache")
        && (above == Some(b".yarn") || (above == Some(b"berry") && above_that == Some(b".yarn")))
}

/// Whether this is the manifest of the package itself, and not one inside of it.
fn is_manifest(name: &str) -> bool {
    let folder = name.strip_prefix("node_modules/").and_then(|rest| rest.strip_suffix("/package.json"));
    folder.is_some_and(|folder| folder.matches('/').count() == usize::from(folder.starts_with('@')))
}
