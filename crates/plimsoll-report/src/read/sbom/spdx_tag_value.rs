//! SPDX tag-value, 2.2 and 2.3: of it, what the JSON form is read for.

use std::collections::BTreeSet;

use super::spdx::{ExternalRef, SpdxPackage, sbom};
use super::{ReadError, Sbom};

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
    described: BTreeSet<String>,
}

pub(super) fn read(text: &str) -> Result<Sbom, ReadError> {
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
                    return Err(ReadError::new(format!("the text of `{tag}` does not end")));
                }
            }
            Some(start) => state.tag(tag, start.trim_end_matches("</text>").trim()),
            None => state.tag(tag, value),
        }
    }
    let Some(version) = state.version.strip_prefix("SPDX-2.") else {
        return Err(ReadError::new(format!("{} is not read; write SPDX 2.3", state.version)));
    };
    let format = format!("SPDX 2.{version} tag-value");
    Ok(sbom(format, state.name, state.packages, &state.described, &[]))
}

impl State {
    fn tag(&mut self, tag: &str, value: &str) {
        match tag {
            "SPDXVersion" => self.version = value.to_owned(),
            "DocumentName" => self.name = value.to_owned(),
            "PackageName" => {
                self.in_package = true;
                self.packages.push(SpdxPackage { name: value.to_owned(), ..SpdxPackage::default() });
            }
            "FileName" | "SnippetSPDXID" | "LicenseID" => self.in_package = false,
            "Relationship" => self.relationship(value),
            _ if self.in_package => self.of_package(tag, value),
            _ => (),
        }
    }

    fn relationship(&mut self, value: &str) {
        let mut words = value.split_whitespace();
        if let (Some(_), Some("DESCRIBES"), Some(described)) = (words.next(), words.next(), words.next()) {
            self.described.insert(described.to_owned());
        }
    }

    fn of_package(&mut self, tag: &str, value: &str) {
        let Some(package) = self.packages.last_mut() else { return };
        match tag {
            "SPDXID" => package.id = value.to_owned(),
            "PackageVersion" => package.version_info = value.to_owned(),
            "PrimaryPackagePurpose" => package.primary_package_purpose = value.to_owned(),
            "PackageLicenseDeclared" => package.license_declared = Some(value.to_owned()),
            "PackageLicenseConcluded" => package.license_concluded = Some(value.to_owned()),
            "PackageSourceInfo" => package.source_info = value.to_owned(),
            "ExternalRef" => {
                let mut words = value.split_whitespace().skip(1);
                if let (Some(kind), Some(locator)) = (words.next(), words.next()) {
                    package.external_refs.push(ExternalRef {
                        reference_type: kind.to_owned(),
                        reference_locator: locator.to_owned(),
                    });
                }
            }
            _ => (),
        }
    }
}
