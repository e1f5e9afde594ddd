//! `sbom/document`: documents that somebody put into an image, in the places where build tools
//! put them.
//!
//! Those of Bitnami (`.spdx-*.spdx`), of apko and melange (`var/lib/db/sbom`), and any that are
//! called as the formats ask. Packages that are found besides, in a database or by their own
//! files, are found there, too; which of the two is shown is decided elsewhere. Never takes
//! the image's distribution from a document.

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Pattern};

use super::{ReadError, read};
use crate::listing::{Listing, component};

/// Reads SBOMs in well-known places.
pub struct SbomDocument;

impl Extractor for SbomDocument {
    fn id(&self) -> &'static str {
        "sbom/document"
    }

    fn version(&self) -> u32 {
        3
    }

    fn wants(&self) -> &'static [Pattern] {
        &[
            Pattern::Ending(".cdx.json"),
            Pattern::Ending(".spdx.json"),
            Pattern::Ending(".spdx"),
            Pattern::Ending(".cdx"),
            Pattern::Name("bom.json"),
            Pattern::Name("sbom.json"),
            Pattern::In("var/lib/db/sbom", ".json"),
        ]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if !belongs_to_another(input.path) {
            list(&input, out);
        }
    }
}

/// Notes the packages of a document; also for extractors that find documents elsewhere.
pub(crate) fn list(input: &Input<'_>, out: &mut Observations) {
    let mut listing = Listing::new("generic", Evidence::Sbom, input, out);
    match read(input.content) {
        Ok(document) => {
            let (packages, problems) = document.into_known();
            packages.into_iter().for_each(|it| listing.add_package(it));
            problems.into_iter().for_each(|it| listing.note(it));
        }
        Err(ReadError::Broken(why)) => listing.broken("this SBOM", &why),
        Err(ReadError::NotOne) if is_declared(input.path) => {
            listing.problem("this file is called like an SBOM and cannot be read as one");
        }
        Err(ReadError::NotOne) => (),
    }
    listing.finish();
}

/// Whether the name says that the file is an SBOM, so that another content is news.
fn is_declared(path: &ImagePath) -> bool {
    let name = component(path, 0);
    name.ends_with(b".cdx.json") || name.ends_with(b".spdx.json") || name.starts_with(b".spdx-")
}

/// Documents in Python's installed packages (PEP 770) are read with these.
fn belongs_to_another(path: &ImagePath) -> bool {
    component(path, 1) == b"sboms" && component(path, 2).ends_with(b".dist-info")
}
