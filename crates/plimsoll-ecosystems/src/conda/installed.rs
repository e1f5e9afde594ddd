//! `conda/installed`: what conda, mamba or pixi installed into an environment,
//! `conda-meta/NAME-VERSION-BUILD.json`.
//!
//! The same software as a Python distribution is found by `python/dist-info`: conda's advisories
//! are filed under the names of the language's registry.

use plimsoll_core::{Extractor, Input, Observations, Package, Pattern};

use crate::json_fields;
use crate::locks::why;

/// Reads conda's records of installed packages.
pub struct CondaInstalled;

impl Extractor for CondaInstalled {
    fn id(&self) -> &'static str {
        "conda/installed"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::InAny("conda-meta", ".json")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let folder = input.path.parent().unwrap_or_default();
        if folder.file_name() != b"conda-meta" {
            return;
        }
        let fields = match json_fields::read(input.content, &["name", "version", "license", "subdir"]) {
            Ok(fields) => fields,
            Err(error) => {
                return out.problem(input.path, format!("conda's record cannot be read: {}", why(&error)));
            }
        };
        let text = |name: &str| json_fields::text(&fields, name).map(str::to_owned);
        match (text("name"), text("version")) {
            (Some(name), Some(version)) => out.package(Package {
                kind: "conda".to_owned(),
                name,
                version,
                architecture: text("subdir"),
                license: text("license"),
                ..Package::default()
            }),
            _ => out.problem(input.path, "conda's record has no name or no version"),
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::{Format, check as agree, lines_of};

    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&lines_of("opt/conda/conda-meta/x-1-0.json", content.as_bytes()));
    }

    #[test]
    fn records_name_package_version_and_platform() {
        check(
            r#"{"files": ["a"], "name": "zlib", "version": "1.2.11", "license": "Zlib", "subdir": "linux-64"}"#,
            expect![[r#"
                conda zlib 1.2.11 (Zlib) on linux-64
            "#]],
        );
    }

    #[test]
    fn broken_records_are_problems() {
        check(
            "{}",
            expect![[r#"
            ! conda's record has no name or no version
        "#]],
        );
        check(
            "Invalid JSON",
            expect![[r#"
            ! conda's record cannot be read: expected value at line 1 column 1
        "#]],
        );
    }

    #[test]
    fn records_give_what_others_expect() {
        agree(&[
            Format {
                kind: "conda",
                files: "dependency/parser/conda/meta/",
                ending: ".json",
                path: "opt/conda/conda-meta/x.json",
                cases: 2,
                agreed: 2,
                deviations: &[],
            },
            Format {
                kind: "conda",
                files: "fanal/analyzer/language/conda/meta/",
                ending: ".json",
                path: "opt/conda/conda-meta/x.json",
                cases: 1,
                agreed: 1,
                deviations: &[],
            },
        ]);
    }
}
