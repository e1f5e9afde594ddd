//! Documents of other programs: SBOMs, VEX, ignore files, package URLs, and our own reports read
//! back. Also a user's template.

use plimsoll_core::{Digest, Purl};
use plimsoll_ecosystems::{purl_text, sbom};
use plimsoll_report::read;

/// Runs the target.
pub fn run(input: &[u8]) {
    let _ = read::vex::read("fuzz.vex.json", input).map(|it| it.statements.len());
    let digest = Digest::sha256([0; 32]);
    let _ = read::vex::read_attached("fuzz", input, &digest).map(|it| it.map(|it| it.statements.len()));
    for name in [".trivyignore", ".trivyignore.yaml", ".grype.yaml"] {
        let _ = read::ignore::read(name, input).map(|it| it.rules.len());
    }
    let _ = read::report::read(input).map(|it| it.images.len());
    let _ = sbom::read(input).map(|it| it.into_inventory().packages.len());
    if let Ok(text) = std::str::from_utf8(input) {
        purl(text);
    }
}

/// What is read and written again is the same.
fn purl(text: &str) {
    let Some(purl) = Purl::parse(text) else { return };
    let written = purl.to_string();
    let again = Purl::parse(&written);
    assert_eq!(again.map(|it| it.to_string()), Some(written.clone()), "{text}");
    let _ = purl_text::package_of(&purl);
    let _ = purl_text::distro_of_purls([written.as_str()]);
}
