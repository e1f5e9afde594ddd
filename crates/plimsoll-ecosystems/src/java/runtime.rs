//! `java/runtime`: which Java runtime is installed, by its `release` file.
//!
//! The file lies at the top of every Java runtime since Java 7 (JEP 223 describes the versions
//! in it). `JAVA_VERSION` is the version that advisories of OpenJDK and Oracle name.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Package, Pattern, Purl};

use crate::notes::{Notes, lines};

/// Reads `release`.
pub struct JavaRuntime;

/// A release file has some 2 KB; what is much larger is something else.
const RELEASE_BYTES_MAX: usize = 1 << 20;

impl Extractor for JavaRuntime {
    fn id(&self) -> &'static str {
        "java/runtime"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("release")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let release = Release::read(input.content.get(..RELEASE_BYTES_MAX).unwrap_or(input.content));
        let Some(stated) = release.java_version else { return };
        let mut notes = Notes::new(input.path, out);
        match std::str::from_utf8(stated).ok().filter(|version| is_version(version)) {
            Some(version) => notes.package(release.package(version)),
            None => notes.problem("it names no version of Java that could be read".to_owned()),
        }
        notes.finish();
    }
}

/// The wanted lines, `KEY="value"`.
#[derive(Default)]
struct Release<'a> {
    java_version: Option<&'a [u8]>,
    implementor: Option<&'a [u8]>,
    is_commercial: bool,
}

impl<'a> Release<'a> {
    fn read(content: &'a [u8]) -> Release<'a> {
        let mut release = Release::default();
        for (line, _) in lines(content) {
            let Some(at) = line.iter().position(|byte| *byte == b'=') else { continue };
            let (key, value) = (line[..at].trim_ascii(), line[at + 1..].trim_ascii());
            let value = value.strip_prefix(b"\"").and_then(|it| it.strip_suffix(b"\"")).unwrap_or(value);
            match key {
                b"JAVA_VERSION" => release.java_version = Some(value),
                b"IMPLEMENTOR" => release.implementor = Some(value),
                b"BUILD_TYPE" => release.is_commercial = value.eq_ignore_ascii_case(b"commercial"),
                _ => (),
            }
        }
        release
    }

    /// Oracle's own builds are another product than OpenJDK, and advisories tell them apart.
    fn package(&self, version: &str) -> Package {
        let (namespace, name) = if self.is_commercial { (Some("oracle"), "jdk") } else { (None, "openjdk") };
        let purl = Purl {
            kind: "generic".to_owned(),
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
            version: Some(version.to_owned()),
            qualifiers: Vec::new(),
        };
        let implementor = self.implementor.map(|it| String::from_utf8_lossy(it).into_owned());
        Package {
            kind: "generic".to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            vendor: implementor.filter(|it| !it.is_empty() && it != "N/A"),
            evidence: Evidence::Installed,
            purl: namespace.map(|_| purl.to_string()),
            ..Package::default()
        }
    }
}

/// `21.0.4`, `1.8.0_411`, `22-ea`.
fn is_version(text: &str) -> bool {
    let is_allowed = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-' | '+');
    text.len() <= 100 && text.starts_with(|it: char| it.is_ascii_digit()) && text.chars().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[track_caller]
    fn check(content: &str, expected: &str) {
        assert_eq!(observe(&JavaRuntime, "opt/java/release", content.as_bytes()), expected);
    }

    #[test]
    fn the_version_of_java_is_read() {
        check(
            "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_RUNTIME_VERSION=\"21.0.4+7-LTS\"\nJAVA_VERSION=\"21.0.4\"\n",
            "openjdk 21.0.4 installed by Eclipse Adoptium\n",
        );
        check("JAVA_VERSION=\"1.8.0_362\"\r\nIMPLEMENTOR=\"N/A\"\r\n", "openjdk 1.8.0_362 installed\n");
    }

    #[test]
    fn oracles_builds_are_another_product() {
        check(
            "JAVA_VERSION=\"1.8.0_411\"\nBUILD_TYPE=\"commercial\"\n",
            "jdk 1.8.0_411 installed pkg:generic/oracle/jdk@1.8.0_411\n",
        );
    }

    #[test]
    fn other_files_of_the_name_are_passed_over() {
        check("NAME=x\nVERSION=1\n", "");
        check("", "");
    }

    #[test]
    fn a_version_that_is_none_is_a_problem() {
        check("JAVA_VERSION=\"\"\n", "! it names no version of Java that could be read\n");
    }
}
