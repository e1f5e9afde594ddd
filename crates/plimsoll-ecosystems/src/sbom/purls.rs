//! Package URLs, one a line; `#` begins a comment.

use super::document::Document;
use super::draft::{Draft, Said};

/// Reads a list of package URLs.
pub fn read(text: &str) -> Document {
    let mut draft = Draft::new("sbom/purls");
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')) {
        draft.take(Said { purl: line.to_owned(), ..Said::default() });
    }
    draft.finish("package URLs".to_owned())
}
