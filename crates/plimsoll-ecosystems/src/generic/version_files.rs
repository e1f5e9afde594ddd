//! `generic/version-files`: files whose whole content is the version of what lies around them.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Package, Pattern};

/// Reads them.
pub struct VersionFiles;

/// Names of files, and what they are the version of.
const FILES: &[(&str, &str)] = &[("OTP_VERSION", "erlang")];

impl Extractor for VersionFiles {
    fn id(&self) -> &'static str {
        "generic/version-files"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("OTP_VERSION")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let name = crate::binary::file_name(input.path).unwrap_or_default();
        let Some((_, package)) = FILES.iter().find(|(file, _)| *file == name) else { return };
        let Ok(version) = std::str::from_utf8(input.content) else { return };
        // A star says that the installation was patched by hand.
        let version = version.trim().trim_end_matches('*');
        if is_version(version) {
            out.package(Package {
                kind: "generic".to_owned(),
                name: (*package).to_owned(),
                version: version.to_owned(),
                evidence: Evidence::Installed,
                ..Package::default()
            });
        }
    }
}

fn is_version(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|it: char| it.is_ascii_digit())
        && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '.' || it == '-')
}

#[cfg(test)]
mod tests {
    use plimsoll_core::ImagePath;

    use super::*;

    #[track_caller]
    fn check(content: &[u8], expected: &[&str]) {
        let (path, mut out) =
            (ImagePath::new("usr/lib/erlang/releases/25/OTP_VERSION"), Observations::default());
        VersionFiles.extract(Input { path: &path, content, others: &() }, &mut out);
        let actual: Vec<String> =
            out.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
        assert_eq!(actual, expected);
    }

    #[test]
    fn the_content_is_the_version() {
        check(b"25.3.2.6\n", &["erlang 25.3.2.6"]);
        check(b"26.0-rc1**\n", &["erlang 26.0-rc1"]);
    }

    #[test]
    fn other_content_is_passed_over() {
        check(b"see elsewhere\n", &[]);
        check(b"\xff", &[]);
        check(b"", &[]);
    }
}
