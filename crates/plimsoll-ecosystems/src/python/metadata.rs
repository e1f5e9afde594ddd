//! Core metadata, the header of `METADATA` and `PKG-INFO`
//! (Python Packaging User Guide, "Core metadata specifications").
//!
//! Reads name, version and licence of the header; the description after the first empty line is
//! never looked at.

use crate::notes::lines;

/// What one metadata file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub name: Option<String>,
    pub version: Option<String>,
    pub license: Option<String>,
}

/// Characters of a `License` field that is a licence's name and not its text.
const LICENSE_NAME_CHARACTERS_MAX: usize = 100;

#[derive(Default)]
struct Header {
    name: Option<String>,
    version: Option<String>,
    license: Option<String>,
    license_expression: Option<String>,
    classifiers: Vec<String>,
}

/// Reads the header; bytes that are not UTF-8 are replaced, since only descriptions have them.
pub(super) fn read(content: &[u8]) -> Metadata {
    let mut header = Header::default();
    for (line, _) in lines(content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content)) {
        if line.is_empty() {
            break;
        }
        header.take(&String::from_utf8_lossy(line));
    }
    let license = header.license();
    Metadata { name: header.name, version: header.version, license }
}

impl Header {
    fn take(&mut self, line: &str) {
        // The further lines of a field begin with space, and no wanted field has any.
        let Some((key, value)) = line.split_once(':') else { return };
        let value = value.trim();
        let place = match key.to_ascii_lowercase().as_str() {
            "name" => &mut self.name,
            "version" => &mut self.version,
            "license" => &mut self.license,
            "license-expression" => &mut self.license_expression,
            "classifier" => return self.classifiers.extend(license_of_classifier(value)),
            _ => return,
        };
        if place.is_none() && !value.is_empty() {
            *place = Some(value.to_owned());
        }
    }

    /// The expression where there is one (PEP 639), else the name in the field, else what the
    /// classifiers say.
    fn license(&mut self) -> Option<String> {
        let is_name = |text: &String| {
            text.chars().count() <= LICENSE_NAME_CHARACTERS_MAX && !text.eq_ignore_ascii_case("unknown")
        };
        let classifiers = (!self.classifiers.is_empty()).then(|| self.classifiers.join(", "));
        self.license_expression.take().or(self.license.take().filter(is_name)).or(classifiers)
    }
}

/// `MIT License` of `License :: OSI Approved :: MIT License`.
fn license_of_classifier(classifier: &str) -> Option<String> {
    let license = classifier.strip_prefix("License ::")?.rsplit("::").next()?.trim();
    (!matches!(license, "" | "OSI Approved")).then(|| license.to_owned())
}

/// Name and version that a file name such as `requests-2.19.1.dist-info` or
/// `PyYAML-5.1-py3.7.egg-info` gives; the caller has taken the ending off.
pub(super) fn of_file_name(stem: &str) -> Option<(&str, &str)> {
    let mut parts = stem.split('-');
    let (name, version) = (parts.next()?, parts.next()?);
    let is_version = version.starts_with(|first: char| first.is_ascii_digit());
    (!name.is_empty() && is_version).then_some((name, version))
}
