//! `r/description`: R packages in a library, by the `DESCRIPTION` of each.
//!
//! `R CMD INSTALL` adds the field `Built`, without which the file describes sources
//! ("Writing R Extensions", 1.1.1). The format is Debian's control format.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};

use crate::listing::{Listing, text};

/// Reads `DESCRIPTION` files that have `Package` and `Built`.
pub struct Description;

impl Extractor for Description {
    fn id(&self) -> &'static str {
        "r/description"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("DESCRIPTION")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let text = text(&input);
        let (Some(name), Some(_)) = (field(&text, "Package"), field(&text, "Built")) else { return };
        let mut listing = Listing::new("cran", Evidence::Installed, &input, out);
        match field(&text, "Version") {
            Some(version) => listing.add_licensed(name, version, field(&text, "License").map(str::to_owned)),
            None => listing.problem(format!("R package `{name}` has no version")),
        }
        listing.finish();
    }
}

/// The first line of a field.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?.trim();
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::lang_agreement::extract_data;
    use crate::listing::tests::seen;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("usr/lib/R/library/x/DESCRIPTION", content.as_bytes()));
    }

    #[test]
    fn built_packages_are_installed_and_sources_are_not() {
        check(
            "Package: base\nPriority: base\nVersion: 4.3.0\nDescription: x\n    Version: 9\nLicense: Part of R 4.3.0\nBuilt: R 4.3.0; ; 2023-04-21 11:33:09 UTC; unix\n",
            expect![[r#"
                cran base 4.3.0 under Part of R 4.3.0 (installed)
            "#]],
        );
        check("Package: stringr\nVersion: 1.5.0\n", expect![""]);
        check("Some description of something\n", expect![""]);
        check(
            "Package: x\nBuilt: R 4\n",
            expect![[r#"
            ! R package `x` has no version
        "#]],
        );
    }

    #[test]
    fn a_real_library_is_read() {
        let Some(out) =
            extract_data("syft/r/installed/base/DESCRIPTION", "usr/lib/R/library/base/DESCRIPTION")
        else {
            return;
        };
        let packages: Vec<_> = out.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
        assert_eq!((packages, out.problems), (vec!["base 4.3.0".to_owned()], Vec::new()));
    }
}
