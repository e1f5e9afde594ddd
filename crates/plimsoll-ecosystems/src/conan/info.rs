//! `conan/info`: packages in Conan's cache, by the `conaninfo.txt` that lies in each.
//!
//! In Conan 1's cache the path says what the package is
//! (`NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt`); in Conan 2's it does not. What the
//! package was built with stands in the file: exactly in `[full_requires]` (Conan 1), or in
//! `[requires]`, where `Y` and `Z` may stand for parts of a version that do not matter; such
//! a package has no version.

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Pattern};

use super::lock::reference;
use crate::listing::{Listing, component, text};

/// Reads `conaninfo.txt`.
pub struct ConanInfo;

impl Extractor for ConanInfo {
    fn id(&self) -> &'static str {
        "conan/info"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("conaninfo.txt")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let text = text(&input);
        let mut listing = Listing::new("conan", Evidence::Installed, &input, out);
        if let Some((name, version)) = of_path(input.path) {
            listing.add(&name, &version);
        }
        let exact = section(&text, "[full_requires]").next().is_some();
        let heading = if exact { "[full_requires]" } else { "[requires]" };
        for entry in section(&text, heading) {
            match reference(entry) {
                Some((name, version)) if is_pattern(version) => listing.add(name, ""),
                Some((name, version)) => listing.add(name, version),
                None => listing.unreadable(entry),
            }
        }
        listing.finish();
    }
}

/// Name and version of the package in whose folder the file lies.
fn of_path(path: &ImagePath) -> Option<(String, String)> {
    if component(path, 2) != b"package" {
        return None;
    }
    let text = |at| std::str::from_utf8(component(path, at)).ok().filter(|it| !it.is_empty());
    Some((text(6)?.to_owned(), text(5)?.to_owned()))
}

/// The lines of a section.
fn section<'a>(text: &'a str, heading: &'a str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines().map(str::trim).skip_while(move |line| *line != heading).skip(1);
    lines.take_while(|line| !line.starts_with('[')).filter(|line| !line.is_empty())
}

fn is_pattern(version: &str) -> bool {
    version.split('.').any(|part| matches!(part, "X" | "Y" | "Z"))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::listing::tests::check;

    #[test]
    fn a_package_and_what_it_was_built_with_are_listed() {
        check(
            "root/.conan/data/mfast/1.2.2/user/channel/package/9d1f/conaninfo.txt",
            "[settings]\n    arch=x86_64\n\n[requires]\n    boost/1.Y.Z\n\n[full_requires]\n    boost/1.75.0:dc8a\n    x\n\n[options]\n    a/b=1\n",
            expect![[r#"
                conan mfast 1.2.2 (installed)
                conan boost 1.75.0 (installed)
                ! this entry cannot be read: `x`
            "#]],
        );
        check(
            "root/.conan2/p/b/zlib1/p/conaninfo.txt",
            "[requires]\nbzip2/1.0.8#d00\nxz/5.Y.Z\n",
            expect![[r#"
                conan bzip2 1.0.8 (installed)
                conan xz  (installed)
            "#]],
        );
    }
}
