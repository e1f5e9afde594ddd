//! `julia/manifest`: the packages that Julia's Pkg resolved.
//!
//! In format 1 each key of the document is a package's name, in format 2 each key of `deps`; a
//! name may stand for several packages, which differ in their UUIDs. What has no version, tree
//! or place of its own is of Julia's standard library and has Julia's version, where the file
//! says that (it does since Julia 1.6.2).

use plimsoll_core::{Evidence, Extractor, Input, Observations, Package, Pattern, Purl};
use toml::{Table, Value};

use crate::listing::{Listing, text};

/// Reads `Manifest.toml` and `JuliaManifest.toml`.
pub struct Manifest;

impl Extractor for Manifest {
    fn id(&self) -> &'static str {
        "julia/manifest"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("Manifest.toml"), Pattern::Name("JuliaManifest.toml")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let text = text(&input);
        let mut listing = Listing::new("julia", Evidence::LockFile, &input, out);
        match text.parse::<Table>() {
            Ok(document) => list(&document, &mut listing),
            Err(error) if is_julias(&text) => {
                listing.broken("this manifest of Julia", &error.message());
            }
            // Others call their files so, too.
            Err(_) => (),
        }
        listing.finish();
    }
}

/// Whether a broken file looks like one of Julia's.
fn is_julias(text: &str) -> bool {
    ["julia_version", "manifest_format", "git-tree-sha1", "uuid"].iter().any(|key| text.contains(key))
}

fn list(document: &Table, listing: &mut Listing<'_>) {
    let julia_version = document.get("julia_version").and_then(Value::as_str).unwrap_or_default();
    let packages = match document.get("deps") {
        Some(Value::Table(packages)) if document.contains_key("manifest_format") => packages,
        _ => document,
    };
    for (name, entries) in packages {
        for entry in entries.as_array().into_iter().flatten().filter_map(Value::as_table) {
            let of = |key| entry.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
            let Some(uuid) = of("uuid") else { continue };
            let is_elsewhere =
                ["git-tree-sha1", "path", "repo-url"].iter().any(|key| entry.contains_key(*key));
            let version = of("version").unwrap_or(if is_elsewhere { "" } else { julia_version });
            let purl = Purl {
                kind: "julia".to_owned(),
                name: name.clone(),
                version: (!version.is_empty()).then(|| version.to_owned()),
                qualifiers: vec![("uuid".to_owned(), uuid.to_owned())],
                ..Purl::default()
            };
            listing.add_package(Package {
                name: name.clone(),
                version: version.to_owned(),
                purl: Some(purl.to_string()),
                ..Package::default()
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::{Deviation, Format, check as check_data};
    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("app/Manifest.toml", content.as_bytes()));
        check_survives("app/Manifest.toml", content.as_bytes());
    }

    #[test]
    fn both_formats_are_read() {
        check(
            "[[Dates]]\nuuid = \"ade2\"\n\n[[JSON]]\ndeps = [\"Dates\"]\ngit-tree-sha1 = \"31\"\nuuid = \"682c\"\nversion = \"0.21.4\"\n",
            expect![[r#"
                julia Dates  as pkg:julia/Dates?uuid=ade2 (lock_file)
                julia JSON 0.21.4 as pkg:julia/JSON@0.21.4?uuid=682c (lock_file)
            "#]],
        );
        check(
            "julia_version = \"1.9.0\"\nmanifest_format = \"2.0\"\n\n[[deps.A]]\nuuid = \"ead4\"\n[[deps.B]]\npath = \"b\"\nuuid = \"f41f\"\n",
            expect![[r#"
                julia A 1.9.0 as pkg:julia/A@1.9.0?uuid=ead4 (lock_file)
                julia B  as pkg:julia/B?uuid=f41f (lock_file)
            "#]],
        );
    }

    #[test]
    fn other_manifests_are_passed_over_and_broken_ones_told() {
        check("[package]\nname = \"x\"\n[[bin]]\nname = \"y\"\n", expect![""]);
        check("not toml", expect![""]);
        check(
            "julia_version = \n",
            expect![[r#"
            ! this manifest of Julia cannot be read: string values must be quoted, expected literal string
        "#]],
        );
    }

    #[test]
    fn packages_are_those_that_others_expect() {
        check_data(&[Format {
            kind: "julia",
            files: "dependency/parser/julia/manifest/",
            ending: ".toml",
            path: "app/Manifest.toml",
            cases: 5,
            agreed: 18,
            deviations: &[
                Deviation {
                    file: "julia_v1.0_format/Manifest.toml",
                    missing: 4,
                    extra: 4,
                    why: "`unknown` is no version; we say none",
                },
                Deviation {
                    file: "Manifest_v1.6.toml",
                    missing: 4,
                    extra: 4,
                    why: "`unknown` is no version; we say none",
                },
            ],
        }]);
    }
}
