//! `go/toolchain`: an installed Go, by the file `VERSION` in its folder.
//!
//! Named `toolchain`, as Go's vulnerability database names the tools; the programs built with it
//! name the standard library themselves.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};

use super::{package, release::release};

/// Reads Go's `VERSION`.
pub struct Toolchain;

impl Extractor for Toolchain {
    fn id(&self) -> &'static str {
        "go/toolchain"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("VERSION")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let line = input.content.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let version = std::str::from_utf8(line).ok().and_then(|line| release(line.trim_end()));
        if let Some(version) = version.filter(|version| version.contains('.')) {
            out.package(package("toolchain", version, Evidence::Installed));
        }
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::ImagePath;

    use super::*;

    #[track_caller]
    fn check(content: &str, expected: &[&str]) {
        let (path, mut out) = (ImagePath::new("usr/local/go/VERSION"), Observations::default());
        Toolchain.extract(Input { path: &path, content: content.as_bytes(), others: &() }, &mut out);
        let versions: Vec<_> = out.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect();
        assert_eq!((versions, out.problems), (expected.iter().map(|it| (*it).to_owned()).collect(), vec![]));
    }

    #[test]
    fn the_first_line_is_the_version() {
        check("go1.26.8\ntime 2026-08-28T16:20:06Z\n", &["toolchain 1.26.8"]);
        check("go1.14", &["toolchain 1.14"]);
    }

    #[test]
    fn other_files_of_that_name_are_passed_over() {
        for content in ["1.2.3\n", "", "gopher 1.2", "go1"] {
            check(content, &[]);
        }
    }
}
