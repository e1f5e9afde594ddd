//! `python/egg`: eggs that are one zip archive, `*.egg` with `EGG-INFO/PKG-INFO` inside.
//!
//! Easy-install left them in `site-packages` as they were, and Python imports from them. Folders
//! of the same ending are read by `python/dist-info`.

use plimsoll_core::{Extractor, Input, Observations, Pattern};

use super::{installed, metadata};
use crate::zip_member::{self, Member};

/// Reads zipped eggs.
pub struct PythonEgg;

/// Bytes of metadata; the longest descriptions have some hundred thousand.
const METADATA_BYTES_MAX: u64 = 16 << 20;

impl Extractor for PythonEgg {
    fn id(&self) -> &'static str {
        "python/egg"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Ending(".egg")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        // Other things are called eggs as well.
        if !input.content.starts_with(b"PK") {
            return;
        }
        let file_name = String::from_utf8_lossy(input.path.file_name());
        let stem = file_name.strip_suffix(".egg").unwrap_or_default();
        let is_metadata = |name: &str| name == "EGG-INFO/PKG-INFO";
        match zip_member::read(input.content, is_metadata, METADATA_BYTES_MAX) {
            Ok(Member::Content(content)) => installed::report(stem, input.path, &content, out),
            Ok(Member::None) if metadata::of_file_name(stem).is_some() => {
                installed::report(stem, input.path, b"", out);
            }
            // A zip archive that is no egg.
            Ok(Member::None) => (),
            Err(why) => out.problem(input.path, format!("the egg cannot be read: {why}")),
        }
    }
}
