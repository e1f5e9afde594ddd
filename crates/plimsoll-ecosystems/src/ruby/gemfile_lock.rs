//! `ruby/gemfile-lock`: the gems that Bundler locked.
//!
//! The format is Bundler's own (`Bundler::LockfileParser`): sections in capitals, `specs:` in
//! those that are sources, and a gem with its version four spaces deep. Groups are not in it,
//! so that development gems cannot be told from others.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};

use super::gemspec::without_platform;
use crate::listing::{Listing, text};

/// Reads `Gemfile.lock` and `gems.locked`.
pub struct GemfileLock;

impl Extractor for GemfileLock {
    fn id(&self) -> &'static str {
        "ruby/gemfile-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("Gemfile.lock"), Pattern::Name("Gemfile.next.lock"), Pattern::Name("gems.locked")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let text = text(&input);
        let mut listing = Listing::new("gem", Evidence::LockFile, &input, out);
        let (mut is_source, mut sections) = (false, 0_usize);
        for line in text.lines().map(str::trim_end).filter(|line| !line.is_empty()) {
            if line.starts_with(|first: char| first.is_ascii_uppercase()) {
                sections += 1;
                is_source = matches!(line, "GEM" | "GIT" | "PATH" | "PLUGIN SOURCE");
            } else if line.starts_with(['<', '=', '>', '|']) {
                listing.problem("the lock file has marks of a merge conflict");
            } else if let Some(entry) =
                line.strip_prefix("    ").filter(|it| is_source && !it.starts_with(' '))
            {
                match gem(entry) {
                    Some((name, version)) => listing.add(name, without_platform(version)),
                    None => listing.unreadable(entry),
                }
            }
        }
        if sections == 0 && !text.trim().is_empty() {
            listing.problem("this lock file of Bundler has no section");
        }
        listing.finish();
    }
}

/// `("i18n", "1.6.0")` of `i18n (1.6.0)`; a gem that was not resolved has no version.
fn gem(entry: &str) -> Option<(&str, &str)> {
    let Some((name, version)) = entry.split_once(" (") else {
        return (!entry.contains(' ')).then_some((entry.trim_end_matches('!'), ""));
    };
    let version = version.trim_end_matches('!').strip_suffix(')')?;
    (!name.is_empty() && !version.is_empty() && !version.contains(' ')).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::lang_agreement::{Format, check};
    use crate::listing::tests::{check_survives, seen};

    const LOCK: &[u8] = b"GIT\n  remote: https://example.org/x.git\n  revision: abc\n  specs:\n    x (0.1.0)\n      rake (>= 1)\n\nPATH\n  remote: .\n  specs:\n    mine (1.0.0.pre)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.13.6)\n    nokogiri (1.13.6-x86_64-linux)\n    rake (13.0.6)\n\nPLATFORMS\n  ruby\n    odd (1)\n\nDEPENDENCIES\n  rake (~> 13.0)!\n\nBUNDLED WITH\n   2.3.7\n";

    #[test]
    fn gems_of_every_source_are_listed_once() {
        expect![[r#"
            gem x 0.1.0 (lock_file)
            gem mine 1.0.0.pre (lock_file)
            gem nokogiri 1.13.6 (lock_file)
            gem rake 13.0.6 (lock_file)
        "#]]
        .assert_eq(&seen("srv/Gemfile.lock", LOCK));
        check_survives("srv/gems.locked", LOCK);
    }

    #[test]
    fn a_broken_lock_file_is_a_problem() {
        expect![[r#"
            ! this lock file of Bundler has no section
        "#]]
        .assert_eq(&seen("Gemfile.lock", b"malformed"));
        expect![[r#"
            gem c 2 (lock_file)
            ! the lock file has marks of a merge conflict
            ! this entry cannot be read: `a (1`
            ! this entry cannot be read: `b (>= 1)`
        "#]]
        .assert_eq(&seen(
            "Gemfile.lock",
            b"GEM\n  specs:\n<<<<<<<\x20HEAD\n    a (1\n    b (>= 1)\n    c (2)\n",
        ));
    }

    #[test]
    fn gems_are_those_that_others_expect() {
        check(&[
            Format {
                kind: "gem",
                files: "dependency/parser/ruby/bundler/",
                ending: ".lock",
                path: "srv/Gemfile.lock",
                cases: 2,
                agreed: 15,
                deviations: &[],
            },
            Format {
                kind: "gem",
                files: "dependency/parser/ruby/gemspec/",
                ending: ".gemspec",
                path: "usr/lib/ruby/gems/3.2.0/specifications/x.gemspec",
                cases: 4,
                agreed: 4,
                deviations: &[],
            },
        ]);
    }
}
