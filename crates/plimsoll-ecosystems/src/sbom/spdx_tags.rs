//! SPDX 2 documents in the tag-value format (section 4 of the specification), as far as
//! packages, their licences and their package URLs go.

use super::{Document, Draft, license};

/// Reads a document that begins with `SPDXVersion:`.
pub(super) fn read(text: &str) -> Document {
    let mut draft = Draft::default();
    let mut package = Tags::default();
    let mut is_inside_text = false;
    for line in text.lines() {
        if is_inside_text {
            is_inside_text = !line.contains("</text>");
            continue;
        }
        is_inside_text = line.contains("<text>") && !line.contains("</text>");
        let Some((tag, value)) = line.split_once(':') else { continue };
        package.take(tag, value.trim(), &mut draft);
    }
    package.finish(&mut draft);
    draft.finish()
}

/// The package whose tags are being read.
#[derive(Default)]
struct Tags {
    has_name: bool,
    has_version: bool,
    license: Option<String>,
    purls: Vec<String>,
}

impl Tags {
    fn take(&mut self, tag: &str, value: &str, draft: &mut Draft) {
        match tag {
            "PackageName" => {
                std::mem::take(self).finish(draft);
                self.has_name = true;
            }
            "PackageVersion" => self.has_version = !value.is_empty(),
            "PackageLicenseDeclared" => self.license = license(value.to_owned()).or(self.license.take()),
            "PackageLicenseConcluded" => self.license = self.license.take().or(license(value.to_owned())),
            "ExternalRef" => {
                let mut words = value.split_whitespace();
                if let (Some(_), Some("purl"), Some(purl)) = (words.next(), words.next(), words.next()) {
                    self.purls.push(purl.to_owned());
                }
            }
            _ => (),
        }
    }

    fn finish(self, draft: &mut Draft) {
        if self.has_name && self.has_version && self.purls.is_empty() {
            draft.without_purl();
        }
        for purl in self.purls {
            draft.purl(&purl, |package| package.license.clone_from(&self.license));
        }
    }
}
