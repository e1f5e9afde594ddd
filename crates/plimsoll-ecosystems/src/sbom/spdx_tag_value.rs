//! SPDX tag-value, 2.2 and 2.3: of it, what the JSON form is read for.

use super::ReadError;
use super::document::Document;
use super::draft::Draft;
use super::spdx::{READER, Roles, SpdxPackage, finish};
use crate::notes::excerpt;

/// Whether a text begins as such a document does, comments aside.
pub(super) fn is_it(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|it| !it.is_empty() && !it.starts_with('#'));
    lines.next().is_some_and(|it| it.starts_with("SPDXVersion:"))
}

#[derive(Default)]
struct State {
    version: String,
    name: String,
    packages: Vec<SpdxPackage>,
    /// Whether the tags that come belong to a package.
    in_package: bool,
    roles: Roles,
}

/// Reads a document that begins with `SPDXVersion:`.
pub(super) fn read(text: &str) -> Result<Document, ReadError> {
    let mut state = State::default();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        let Some((tag, value)) = line.split_once(':').filter(|_| !line.starts_with('#')) else { continue };
        let value = value.trim();
        match value.strip_prefix("<text>") {
            // Of texts over several lines nothing is read; their lines must not pass for tags.
            Some(start) if !start.contains("</text>") => {
                if !lines.by_ref().any(|it| it.contains("</text>")) {
                    let tag = excerpt(tag.as_bytes());
                    return Err(ReadError::Broken(format!("the text of `{tag}` does not end")));
                }
            }
            Some(start) => state.tag(tag, start.trim_end_matches("</text>").trim()),
            None => state.tag(tag, value),
        }
    }
    let Some(version) = state.version.strip_prefix("SPDX-2.") else {
        let version = excerpt(state.version.as_bytes());
        return Err(ReadError::Broken(format!("{version} is not read; write SPDX 2.3")));
    };
    let format = format!("SPDX 2.{version} tag-value");
    Ok(finish(Draft::new(READER), format, state.name, state.packages, &state.roles))
}

impl State {
    fn tag(&mut self, tag: &str, value: &str) {
        match tag {
            "SPDXVersion" => value.clone_into(&mut self.version),
            "DocumentName" => value.clone_into(&mut self.name),
            "PackageName" => {
                self.in_package = true;
                self.packages.push(SpdxPackage::named(value));
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => self.in_package = false,
            "Relationship" => {
                let mut words = value.split_whitespace();
                if let (Some(of), Some(what), Some(to)) = (words.next(), words.next(), words.next()) {
                    self.roles.relate(of, what, to);
                }
            }
            _ if self.in_package => self.of_package(tag, value),
            _ => (),
        }
    }

    fn of_package(&mut self, tag: &str, value: &str) {
        let Some(package) = self.packages.last_mut() else { return };
        let field = match tag {
            "SPDXID" => &mut package.id,
            "PackageVersion" => &mut package.version_info,
            "PrimaryPackagePurpose" => &mut package.primary_package_purpose,
            "PackageLicenseDeclared" => &mut package.license_declared,
            "PackageLicenseConcluded" => &mut package.license_concluded,
            "PackageSourceInfo" => &mut package.source_info,
            "ExternalRef" => {
                let mut words = value.split_whitespace().skip(1);
                if let (Some("purl"), Some(locator)) = (words.next(), words.next()) {
                    package.add_purl(locator);
                }
                return;
            }
            _ => return,
        };
        value.clone_into(&mut field.0);
    }
}
