//! `wordpress/extension`: plugins and themes of WordPress, by the header comments that
//! WordPress itself reads.
//!
//! A plugin's header may be in any PHP file of its folder, so that its files are read in
//! flight, each only as far as WordPress looks (`get_file_data`: 8 KiB). The name is
//! `plugins/SLUG` or `themes/SLUG`; the slug, not the title, is what advisories name.

use plimsoll_core::{Evidence, Extractor, ImagePath, InFlight, Input, Observations, Pattern};

use crate::listing::Listing;

/// Reads `wp-content/plugins/SLUG/*.php`, `wp-content/plugins/*.php` (also `mu-plugins`) and
/// `wp-content/themes/SLUG/style.css`.
pub struct WordpressExtension;

/// How far WordPress looks for a header.
const HEADER_BYTES_MAX: usize = 8 << 10;

impl Extractor for WordpressExtension {
    fn id(&self) -> &'static str {
        "wordpress/extension"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[]
    }

    fn extract(&self, _input: Input<'_>, _out: &mut Observations) {}

    fn reads_in_flight(&self) -> bool {
        true
    }

    fn begin(&self, path: &ImagePath, _head: &[u8], _size_bytes: u64) -> Option<Box<dyn InFlight>> {
        let extension = of_path(path)?;
        Some(Box::new(Header { extension, bytes: Vec::new() }))
    }
}

/// A plugin or a theme.
#[derive(Debug, PartialEq, Eq)]
struct Extension {
    /// `plugins` or `themes`.
    sort: &'static str,
    /// The folder's name, or that of the only file without its ending.
    slug: String,
    /// The key without which there is no header.
    key: &'static str,
}

fn of_path(path: &ImagePath) -> Option<Extension> {
    let mut parts = path.as_bytes().rsplit(|byte| *byte == b'/');
    let file = parts.next()?;
    if !file.ends_with(b".php") && file != b"style.css" {
        return None;
    }
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    let plugin = |slug| Some(Extension { sort: "plugins", slug, key: "Plugin Name" });
    let is_plugins = |folder: &[u8]| matches!(folder, b"plugins" | b"mu-plugins");
    if is_plugins(first) && second == b"wp-content" && file != b"index.php" {
        return plugin(text(file.strip_suffix(b".php")?)?);
    }
    if third != Some(b"wp-content") {
        return None;
    }
    match second {
        folder if is_plugins(folder) && file.ends_with(b".php") => plugin(text(first)?),
        b"themes" if file == b"style.css" => {
            Some(Extension { sort: "themes", slug: text(first)?, key: "Theme Name" })
        }
        _ => None,
    }
}

/// The beginning of a file.
struct Header {
    extension: Extension,
    bytes: Vec<u8>,
}

impl InFlight for Header {
    fn feed(&mut self, bytes: &[u8]) {
        let missing = HEADER_BYTES_MAX.saturating_sub(self.bytes.len());
        self.bytes.extend_from_slice(bytes.get(..missing).unwrap_or(bytes));
    }

    fn finish(self: Box<Self>, path: &ImagePath, whole: bool, out: &mut Observations) {
        let Extension { sort, slug, key } = &self.extension;
        let text = String::from_utf8_lossy(&self.bytes);
        let mut listing = Listing::at("wordpress", Evidence::Installed, path, out);
        if field(&text, key).is_some() {
            let name = format!("{sort}/{slug}");
            listing.add_licensed(
                &name,
                field(&text, "Version").unwrap_or_default(),
                field(&text, "License").map(str::to_owned),
            );
        } else if !whole && self.bytes.len() < HEADER_BYTES_MAX {
            listing.problem("this file of a WordPress plugin or theme is cut off");
        }
        listing.finish();
    }
}

/// `5.3` of ` * Version: 5.3`; before the key only what decorates a comment.
fn field<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.split(['\n', '\r']).find_map(|line| {
        let line = line.trim_start().strip_prefix("<?php").unwrap_or(line);
        let line = line.trim_start_matches([' ', '\t', '/', '*', '#', '@']);
        let start = line.get(..key.len())?;
        let value = line.get(key.len()..)?.strip_prefix(':')?;
        let value = value.split("*/").next()?.split("?>").next()?.trim();
        (start.eq_ignore_ascii_case(key) && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::listing::tests::{check, seen};

    const AKISMET: &str = "<?php\n/**\n * @package Akismet\n */\n/*\nPlugin Name: Akismet Anti-spam\nVersion: 5.3\nLicense: GPLv2 or later\n*/\n$x = 'Version: 9';\n";

    #[test]
    fn plugins_and_themes_are_known_by_their_header() {
        check(
            "var/www/html/wp-content/plugins/akismet/akismet.php",
            AKISMET,
            expect![[r#"
            wordpress plugins/akismet 5.3 under GPLv2 or later (installed)
        "#]],
        );
        check(
            "wp-content/plugins/hello.php",
            "<?php /* \n * plugin name: Hello Dolly\n * version: 1.7.2 */",
            expect![[r#"
            wordpress plugins/hello 1.7.2 (installed)
        "#]],
        );
        check(
            "srv/wp-content/themes/twentytwenty/style.css",
            "/*\nTheme Name: Twenty\nVersion: 2.5\n*/",
            expect![[r#"
            wordpress themes/twentytwenty 2.5 (installed)
        "#]],
        );
        check(
            "wp-content/plugins/a/a.php",
            "<?php\n// Plugin Name: A\n",
            expect![[r#"
            wordpress plugins/a  (installed)
        "#]],
        );
    }

    #[test]
    fn other_files_are_passed_over() {
        check("wp-content/plugins/akismet/class.php", "<?php\n// Version: 1\n", expect![""]);
        check("wp-content/plugins/akismet/inner/akismet.php", AKISMET, expect![""]);
        check("plugins/akismet/akismet.php", AKISMET, expect![""]);
        let far = format!("{}{AKISMET}", " ".repeat(9 << 10));
        expect![""].assert_eq(&seen("wp-content/plugins/akismet/akismet.php", far.as_bytes()));
    }
}
