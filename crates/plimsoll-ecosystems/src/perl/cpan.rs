//! `perl/cpanm` and `perl/cpanfile-snapshot`: distributions of CPAN that cpanm installed or
//! Carton locked.
//!
//! Advisories are filed under distributions. `perllocal.pod` and `.packlist` are not read: the
//! one names modules (`LWP`, which is of `libwww-perl`) and keeps what was removed or replaced,
//! the other has no versions.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};
use serde::Deserialize;

use crate::lenient::Text;
use crate::listing::{Listing, component, text};

/// Reads `.meta/*/install.json`, which cpanm leaves for each distribution.
pub struct CpanInstalled;

/// Reads `cpanfile.snapshot`.
pub struct CpanSnapshot;

#[derive(Deserialize)]
struct Installed {
    /// `libwww-perl-6.67`.
    #[serde(default)]
    dist: Text,
}

impl Extractor for CpanInstalled {
    fn id(&self) -> &'static str {
        "perl/cpanm"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("install.json")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if component(input.path, 2) != b".meta" {
            return;
        }
        let mut listing = Listing::new("cpan", Evidence::Installed, &input, out);
        match serde_json::from_slice::<Installed>(input.content) {
            Ok(Installed { dist }) => match divided(&dist.0) {
                Some((name, version)) => listing.add(name, version),
                None => listing.unreadable(&dist.0),
            },
            Err(error) => listing.broken("cpanm's word of what it installed", &error),
        }
        listing.finish();
    }
}

impl Extractor for CpanSnapshot {
    fn id(&self) -> &'static str {
        "perl/cpanfile-snapshot"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("cpanfile.snapshot")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let text = text(&input);
        let mut listing = Listing::new("cpan", Evidence::LockFile, &input, out);
        if !text.lines().any(|line| line.trim_end() == "DISTRIBUTIONS") {
            listing.problem("this snapshot of Carton has no distributions");
        }
        for line in text.lines().filter_map(|line| line.strip_prefix("  ")) {
            if line.starts_with(' ') || line.trim().is_empty() {
                continue;
            }
            match divided(line.trim()) {
                Some((name, version)) => listing.add(name, version),
                None => listing.unreadable(line),
            }
        }
        listing.finish();
    }
}

/// `("libwww-perl", "6.67")` of `libwww-perl-6.67`: the version begins at the last hyphen that
/// a digit follows, or `v` and a digit.
fn divided(distribution: &str) -> Option<(&str, &str)> {
    let is_version = |text: &str| {
        let text = text.strip_prefix('v').unwrap_or(text);
        text.starts_with(|first: char| first.is_ascii_digit())
    };
    let ends = distribution.rmatch_indices('-').map(|(at, _)| at);
    let mut candidates = ends.filter_map(|at| Some((distribution.get(..at)?, distribution.get(at + 1..)?)));
    candidates.find(|(name, version)| !name.is_empty() && is_version(version))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::listing::tests::check;

    #[test]
    fn distributions_are_named_and_not_modules() {
        check(
            "usr/local/lib/perl5/site_perl/5.38.0/x86_64-linux/.meta/libwww-perl-6.67/install.json",
            r#"{"name": "LWP", "version": "6.60", "dist": "libwww-perl-6.67", "provides": {}}"#,
            expect![[r#"
                cpan libwww-perl 6.67 (installed)
            "#]],
        );
        check(
            "a/.meta/x/install.json",
            r#"{"dist": "x"}"#,
            expect![[r#"
            ! this entry cannot be read: `x`
        "#]],
        );
        check("a/b/c/install.json", "{", expect![""]);
    }

    #[test]
    fn a_snapshot_lists_distributions() {
        check(
            "app/cpanfile.snapshot",
            "# carton snapshot format: version 1.0\nDISTRIBUTIONS\n  Mojolicious-9.31\n    pathname: S/SR/SRI/Mojolicious-9.31.tar.gz\n    requirements:\n      perl 5.016\n  version-vpp-v0.9-TRIAL\n",
            expect![[r#"
                cpan Mojolicious 9.31 (lock_file)
                cpan version-vpp v0.9-TRIAL (lock_file)
            "#]],
        );
        check(
            "cpanfile.snapshot",
            "x",
            expect![[r#"
            ! this snapshot of Carton has no distributions
        "#]],
        );
    }
}
