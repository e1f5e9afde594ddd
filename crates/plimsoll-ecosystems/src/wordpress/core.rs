//! `wordpress/core`: WordPress itself, by the file in which it says its version.

use plimsoll_core::{Evidence, Extractor, Input, Observations, Pattern};

use crate::listing::{Listing, component, text};

/// Reads `wp-includes/version.php`.
pub struct WordpressCore;

impl Extractor for WordpressCore {
    fn id(&self) -> &'static str {
        "wordpress/core"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::InAny("wp-includes", "version.php")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if component(input.path, 1) != b"wp-includes" || component(input.path, 0) != b"version.php" {
            return;
        }
        let text = text(&input);
        let mut listing = Listing::new("wordpress", Evidence::Installed, &input, out);
        match text.lines().find_map(assigned) {
            Some(version) => listing.add("wordpress", version),
            None => listing.problem("this file of WordPress says no version that can be read"),
        }
        listing.finish();
    }
}

/// `6.4.2` of `$wp_version = '6.4.2';`.
fn assigned(line: &str) -> Option<&str> {
    let value = line.trim().strip_prefix("$wp_version")?.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (version, _) = value.get(1..)?.split_once(quote)?;
    (!version.is_empty()).then_some(version)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("var/www/html/wp-includes/version.php", content.as_bytes()));
        check_survives("var/www/html/wp-includes/version.php", content.as_bytes());
    }

    #[test]
    fn wordpress_says_its_version() {
        check(
            "<?php\n/**\n * @global string $wp_version\n */\n$wp_version = '6.4.2';\n$wp_db_version = 1;\n",
            expect![[r#"
            wordpress wordpress 6.4.2 (installed)
        "#]],
        );
        check(
            "<?php\n$wp_version = trim( x );\n",
            expect![[r#"
            ! this file of WordPress says no version that can be read
        "#]],
        );
    }
}
