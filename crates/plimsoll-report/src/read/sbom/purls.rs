//! Package URLs, one a line; `#` begins a comment.

use super::packages::{Packages, Said};
use super::{ReadError, Sbom};

/// Reads a list of package URLs.
pub fn read(text: &str) -> Result<Sbom, ReadError> {
    let mut packages = Packages::new("sbom/purls");
    for line in text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#')) {
        packages.take(Said { name: line.to_owned(), purl: Some(line.to_owned()), ..Said::default() });
    }
    Ok(Sbom { format: "package URLs".to_owned(), name: None, digest: None, inventory: packages.finish(None) })
}
