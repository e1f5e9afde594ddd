//! `php/pear`: packages that PEAR or PECL installed, as the official PHP images do.
//!
//! Their registry has a file a package, written by PHP's `serialize`. What comes from
//! pear.php.net is on Packagist as `pear/NAME`, where its advisories are filed; an extension
//! from pecl.php.net has no registry of that kind and is listed as a generic `pecl/NAME`.

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Package, Pattern, Purl};

use crate::listing::{Listing, component};

/// Reads `.registry/*.reg` and `.registry/.channel.*/*.reg`.
pub struct Pear;

/// How deep PHP's arrays may be nested; the registry's own are some five deep.
const DEPTH_MAX: usize = 32;

impl Extractor for Pear {
    fn id(&self) -> &'static str {
        "php/pear"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Ending(".reg")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        if !is_registry(input.path) {
            return;
        }
        let mut listing = Listing::new("composer", Evidence::Installed, &input, out);
        match Entry::read(input.content) {
            Some(mut entry) => {
                if let Some(channel) = component(input.path, 1).strip_prefix(b".channel.")
                    && entry.channel.is_empty()
                {
                    entry.channel = String::from_utf8_lossy(channel).into_owned();
                }
                listing.add_package(entry.into_package());
            }
            None => listing.problem("this entry of PEAR's registry cannot be read"),
        }
        listing.finish();
    }
}

fn is_registry(path: &ImagePath) -> bool {
    component(path, 1) == b".registry"
        || (component(path, 1).starts_with(b".channel.") && component(path, 2) == b".registry")
}

/// What an entry says.
#[derive(Default)]
struct Entry {
    name: String,
    channel: String,
    version: String,
    license: Option<String>,
}

impl Entry {
    /// Walks over the outermost array and, of two of its members, the first level below.
    fn read(content: &[u8]) -> Option<Entry> {
        let mut entry = Entry::default();
        let mut reader = Reader { rest: content };
        let mut path: Vec<(Vec<u8>, usize)> = Vec::new();
        let members = reader.array()?;
        path.push((Vec::new(), members));
        while let Some((_, left)) = path.last_mut() {
            let Some(less) = left.checked_sub(1) else {
                path.pop();
                reader.skip(b"}")?;
                continue;
            };
            *left = less;
            let key = reader.scalar()?;
            if reader.rest.starts_with(b"a:") {
                if path.len() >= DEPTH_MAX {
                    return None;
                }
                let members = reader.array()?;
                path.push((key.to_vec(), members));
                continue;
            }
            let value = reader.scalar()?;
            let of = if path.len() == 2 { path.last().map(|(of, _)| &**of) } else { None };
            entry.take(of.unwrap_or_default(), path.len(), key, value);
        }
        (!entry.name.is_empty()).then_some(entry)
    }

    /// Version 1 of `package.xml` has `package` and `version`; version 2 has `name`,
    /// `channel` and a `version` of several.
    fn take(&mut self, of: &[u8], depth: usize, key: &[u8], value: &[u8]) {
        let value = || String::from_utf8_lossy(value).into_owned();
        match (depth, of, key) {
            (1, _, b"name" | b"package") => self.name = value(),
            (1, _, b"channel") => self.channel = value(),
            (1, _, b"version") | (2, b"version", b"release") => self.version = value(),
            (1, _, b"license") | (2, b"license", b"_content") => self.license = Some(value()),
            _ => (),
        }
    }

    fn into_package(self) -> Package {
        let Entry { name, channel, version, license } = self;
        let purl = Purl {
            kind: "pear".to_owned(),
            namespace: Some(channel.clone()),
            name: name.clone(),
            version: Some(version.clone()),
            qualifiers: Vec::new(),
        };
        let package = Package { version, license, ..Package::default() };
        match &*channel {
            "" | "pear.php.net" => Package { name: format!("pear/{}", name.to_lowercase()), ..package },
            "pecl.php.net" => Package {
                kind: "generic".to_owned(),
                name: format!("pecl/{name}"),
                purl: Some(purl.to_string()),
                ..package
            },
            _ => Package {
                kind: "generic".to_owned(),
                name: format!("{channel}/{name}"),
                purl: Some(purl.to_string()),
                ..package
            },
        }
    }
}

/// Reads PHP's serialised values (`php_var_serialize`): `a:1:{i:0;s:1:"x";}`.
struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn skip(&mut self, text: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(text)?;
        Some(())
    }

    /// What stands before `end`, which is skipped.
    fn until(&mut self, end: u8) -> Option<&'a [u8]> {
        let at = memchr::memchr(end, self.rest)?;
        let (text, rest) = self.rest.split_at_checked(at)?;
        self.rest = rest.get(1..)?;
        Some(text)
    }

    fn length(&mut self) -> Option<usize> {
        std::str::from_utf8(self.until(b':')?).ok()?.parse().ok()
    }

    /// The head of an array, and how many members follow.
    fn array(&mut self) -> Option<usize> {
        self.skip(b"a:")?;
        let members = self.length()?;
        self.skip(b"{")?;
        Some(members)
    }

    /// A string, number, boolean or null.
    fn scalar(&mut self) -> Option<&'a [u8]> {
        if self.rest.starts_with(b"s:") {
            self.skip(b"s:")?;
            let length = self.length()?;
            self.skip(b"\"")?;
            let (text, rest) = self.rest.split_at_checked(length)?;
            self.rest = rest;
            self.skip(b"\";")?;
            return Some(text);
        }
        if self.rest.starts_with(b"N;") {
            self.skip(b"N;")?;
            return Some(b"");
        }
        let (kind, rest) = self.rest.split_at_checked(2)?;
        self.rest = rest;
        matches!(kind, b"i:" | b"b:" | b"d:").then(|| self.until(b';')).flatten()
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use crate::listing::tests::{check_survives, seen};

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        expected.assert_eq(&seen("usr/local/lib/php/.registry/a.reg", content.as_bytes()));
    }

    const PECL: &str = "a:4:{s:4:\"name\";s:5:\"redis\";s:7:\"channel\";s:12:\"pecl.php.net\";s:7:\"version\";a:2:{s:7:\"release\";s:5:\"6.0.2\";s:3:\"api\";s:5:\"6.0.0\";}s:7:\"license\";a:2:{s:7:\"attribs\";a:1:{s:3:\"uri\";N;}s:8:\"_content\";s:3:\"PHP\";}}";

    #[test]
    fn packages_have_the_name_of_their_channel() {
        check(
            PECL,
            expect![[r#"
            generic pecl/redis 6.0.2 under PHP as pkg:pear/pecl.php.net/redis@6.0.2 (installed)
        "#]],
        );
        check(
            &PECL
                .replace("s:12:\"pecl.php.net\"", "s:12:\"pear.php.net\"")
                .replace("s:5:\"redis\"", "s:11:\"Archive_Tar\""),
            expect![[r#"
            composer pear/archive_tar 6.0.2 under PHP (installed)
        "#]],
        );
        check_survives(".registry/a.reg", PECL.as_bytes());
    }

    #[test]
    fn the_old_form_has_its_channel_in_the_path() {
        let entry = b"a:2:{s:7:\"package\";s:3:\"Log\";s:7:\"version\";s:3:\"1.2\";}";
        assert_eq!(
            seen("php/.registry/.channel.pecl.php.net/log.reg", entry),
            "generic pecl/Log 1.2 as pkg:pear/pecl.php.net/Log@1.2 (installed)\n"
        );
    }

    #[test]
    fn the_old_form_is_read_and_a_broken_one_is_a_problem() {
        check(
            "a:3:{s:7:\"package\";s:3:\"Log\";s:7:\"version\";s:3:\"1.2\";i:1;b:1;}",
            expect![[r#"
            composer pear/log 1.2 (installed)
        "#]],
        );
        check(
            "a:9:{s:4:\"name\";s:1:\"x\";",
            expect![[r#"
            ! this entry of PEAR's registry cannot be read
        "#]],
        );
        check(
            &"a:1:{i:0;".repeat(100_000),
            expect![[r#"
            ! this entry of PEAR's registry cannot be read
        "#]],
        );
    }
}
