//! `lua/rockspec`: rocks that LuaRocks installed.
//!
//! A rock's folder in a tree is `rocks-5.1/NAME/VERSION`, and its description must be called
//! `NAME-VERSION.rockspec`; the description itself is a Lua program, which is never run. Only
//! its licence is looked for.

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Pattern};

use crate::listing::{Listing, component, text};

/// Reads `rocks*/NAME/VERSION/*.rockspec`.
pub struct Rockspec;

impl Extractor for Rockspec {
    fn id(&self) -> &'static str {
        "lua/rockspec"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Ending(".rockspec")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let Some((name, version)) = of_path(input.path) else { return };
        let mut listing = Listing::new("luarocks", Evidence::Installed, &input, out);
        listing.add_licensed(&name, &version, license(&text(&input)));
        listing.finish();
    }
}

/// Name and version of the rock in whose folder the file lies; not of a rockspec elsewhere,
/// which is a source.
fn of_path(path: &ImagePath) -> Option<(String, String)> {
    let text = |at| std::str::from_utf8(component(path, at)).ok();
    let (file, version, name) = (text(0)?, text(1)?, text(2)?);
    let is_rock = file == format!("{name}-{version}.rockspec") && component(path, 3).starts_with(b"rocks");
    is_rock.then(|| (name.to_owned(), version.to_owned()))
}

/// `MIT` of a line `license = "MIT"`.
fn license(text: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let value = line.trim().strip_prefix("license")?.trim_start().strip_prefix('=')?.trim();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (license, _) = value.get(1..)?.split_once(quote)?;
        Some(license.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use crate::listing::tests::check;

    #[test]
    fn installed_rocks_are_known_by_their_folder() {
        check(
            "usr/local/lib/luarocks/rocks-5.1/luasyslog/2.0.1-1/luasyslog-2.0.1-1.rockspec",
            "package = package_name\nversion = package_version..\"-\"..rockspec_revision\ndescription = {\n   license = \"MIT/X11\",\n}\n",
            expect![[r#"
                luarocks luasyslog 2.0.1-1 under MIT/X11 (installed)
            "#]],
        );
        check(
            "usr/lib/luarocks/rocks/a/1-1/a-1-1.rockspec",
            "",
            expect![[r#"
            luarocks a 1-1 (installed)
        "#]],
        );
    }

    #[test]
    fn sources_are_not_installed() {
        check("src/kong/kong-3.7.0-0.rockspec", "package = \"kong\"\nversion = \"3.7.0-0\"\n", expect![""]);
    }
}
