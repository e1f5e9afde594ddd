//! `os/apk`: the packages in apk's database.
//!
//! One letter a field, an empty line between packages (apk-tools, "Apk spec"). A package
//! without a version is a problem; the others count.

use plimsoll_core::{Extractor, Input, Observations, Package, Pattern, SourcePackage};

use super::field;
use crate::notes::{Notes, excerpt, lines};

/// Reads `lib/apk/db/installed` and `usr/lib/apk/db/installed`.
pub struct ApkInstalled;

impl Extractor for ApkInstalled {
    fn id(&self) -> &'static str {
        "os/apk"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        super::DATABASES
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut notes = Notes::new(input.path, out);
        let mut stanza = Stanza::default();
        for (line, whole) in lines(input.content) {
            if line.is_empty() {
                std::mem::take(&mut stanza).read(&mut notes);
                continue;
            }
            stanza.take(line);
            stanza.cut_off = !whole;
        }
        stanza.read(&mut notes);
        notes.finish();
    }
}

/// The wanted fields of one package.
#[derive(Default)]
struct Stanza<'a> {
    name: Option<&'a [u8]>,
    version: Option<&'a [u8]>,
    architecture: Option<&'a [u8]>,
    origin: Option<&'a [u8]>,
    maintainer: Option<&'a [u8]>,
    license: Option<&'a [u8]>,
    repeated: bool,
    stray: Option<&'a [u8]>,
    cut_off: bool,
    seen: bool,
    /// The last line was a wanted field.
    in_field: bool,
}

impl<'a> Stanza<'a> {
    fn take(&mut self, line: &'a [u8]) {
        self.seen = true;
        self.in_field = true;
        let Some((key, value)) = field(line) else {
            self.stray.get_or_insert(line);
            return;
        };
        let place = match key {
            b'P' => &mut self.name,
            b'V' => &mut self.version,
            b'A' => &mut self.architecture,
            b'o' => &mut self.origin,
            b'm' => &mut self.maintainer,
            b'L' => &mut self.license,
            _ => {
                self.in_field = false;
                return;
            }
        };
        match place {
            Some(_) => self.repeated = true,
            None => *place = Some(value),
        }
    }

    fn read(&self, notes: &mut Notes<'_>) {
        if !self.seen {
            return;
        }
        if self.cut_off {
            notes.problem("the file is cut off: its last line has no end".to_owned());
        }
        let Some(name) = self.name.filter(|name| !name.is_empty()) else {
            return notes.problem("a package has no name".to_owned());
        };
        if self.cut_off && self.in_field {
            return notes.problem(format!("the entry of package `{}` is cut off", excerpt(name)));
        }
        let Some(version) = self.version.filter(|version| !version.is_empty()) else {
            return notes.problem(format!("package `{}` has no version", excerpt(name)));
        };
        let (Ok(name_text), Ok(version)) = (std::str::from_utf8(name), std::str::from_utf8(version)) else {
            return notes.problem(format!("name or version of package `{}` is not UTF-8", excerpt(name)));
        };
        if self.repeated {
            notes.problem(format!("package `{}` has a field twice; the first counts", excerpt(name)));
        }
        if let Some(line) = self.stray {
            notes.oddity(format!("a line of package `{}` is no field: `{}`", excerpt(name), excerpt(line)));
        }
        notes.package(Package {
            kind: "apk".to_owned(),
            name: name_text.to_owned(),
            version: version.to_owned(),
            architecture: self.architecture.and_then(text),
            source: self.origin.and_then(text).map(|name| SourcePackage { name, version: None }),
            vendor: self.maintainer.and_then(text),
            license: self.license.and_then(text),
            ..Package::default()
        });
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};
    use plimsoll_core::ImagePath;

    use super::*;

    /// The only place that knows how the extractor is called.
    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &[u8], expected: Expect) {
        let (path, mut out) = (ImagePath::new("lib/apk/db/installed"), Observations::default());
        ApkInstalled.extract(Input { path: &path, content, others: &() }, &mut out);
        let mut actual = String::new();
        for package in &out.packages {
            write!(actual, "{} {}", package.name, package.version).unwrap();
            for (word, value) in
                [("on", &package.architecture), ("by", &package.vendor), ("under", &package.license)]
            {
                if let Some(value) = value {
                    write!(actual, " {word} {value}").unwrap();
                }
            }
            if let Some(source) = &package.source {
                assert_eq!(source.version, None);
                write!(actual, " from {}", source.name).unwrap();
            }
            actual.push('\n');
        }
        for problem in &out.problems {
            writeln!(actual, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what).unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn packages_have_an_origin() {
        check(
            b"C:Q1abc=\nP:libcrypto3\nV:3.3.2-r0\nA:x86_64\nL:Apache-2.0\no:openssl\nm:Ariadne <a@example.org>\nF:lib\nR:libcrypto.so.3\nZ:Q1x=\n\n\
              P:pkgname\nV:1.2.3\n\n\n\nP:last\nV:1-r0\n",
            expect![[r#"
                libcrypto3 3.3.2-r0 on x86_64 by Ariadne <a@example.org> under Apache-2.0 from openssl
                pkgname 1.2.3
                last 1-r0
            "#]],
        );
    }

    #[test]
    fn a_broken_entry_is_a_problem_and_the_others_count() {
        check(
            b"P:nov\n\nZ\nno colon\nP:\xff\xfe\nV:1-r0\n\nthis is corrupt\n\nP:a\nV:1\nV:2\nodd\n\nV:1\n\nP:good\nV:1-r0\n\n",
            expect![[r#"
                a 1
                good 1-r0
                ! package `nov` has no version
                ! name or version of package `��` is not UTF-8
                ! a package has no name
                ! package `a` has a field twice; the first counts
                ~ a line of package `a` is no field: `odd`
                ! a package has no name
            "#]],
        );
    }

    #[test]
    fn a_database_that_is_cut_off_is_a_problem() {
        check(
            b"P:a\nV:1-r0\n\nP:cut\nV:1.",
            expect![[r#"
                a 1-r0
                ! the file is cut off: its last line has no end
                ! the entry of package `cut` is cut off
            "#]],
        );
        check(
            b"P:a\nV:1-r0\nF:usr/l",
            expect![[r#"
                a 1-r0
                ! the file is cut off: its last line has no end
            "#]],
        );
    }
}
