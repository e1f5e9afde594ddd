//! `os/dpkg`: the packages in dpkg's status file, or in distroless images' `status.d`.
//!
//! A package is there when its state is `installed`, whatever dpkg is told to do with it
//! next (dpkg(1), "Package states"). A stanza that cannot be read is a problem, and the
//! others count.

use plimsoll_core::{Extractor, ImagePath, Input, Observations, Package, Pattern, SourcePackage};

use super::stanza::{End, Stanza, stanzas};
use crate::notes::{Notes, excerpt};

/// Reads `var/lib/dpkg/status` and the files of `var/lib/dpkg/status.d`.
pub struct DpkgStatus;

impl Extractor for DpkgStatus {
    fn id(&self) -> &'static str {
        "os/dpkg"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Path("var/lib/dpkg/status"), Pattern::In("var/lib/dpkg/status.d", "")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let Some(place) = Place::of(input.path) else { return };
        let mut notes = Notes::new(input.path, out);
        for stanza in stanzas(input.content) {
            read(&stanza, place, &mut notes);
        }
        notes.finish();
    }
}

/// Which kind of file a stanza stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// dpkg's own status file.
    Status,
    /// One file of `status.d`, made by whoever built the image from archives' control files.
    StatusDirectory,
}

/// What dpkg keeps beside a package's stanza, and builders put into `status.d` with it.
const COMPANIONS: [&[u8]; 10] = [
    b".md5sums",
    b".list",
    b".conffiles",
    b".preinst",
    b".postinst",
    b".prerm",
    b".postrm",
    b".triggers",
    b".shlibs",
    b".symbols",
];

impl Place {
    /// The kind of a file; `None` for one that is no stanza.
    fn of(path: &ImagePath) -> Option<Place> {
        if path.parent().is_none_or(|parent| parent.file_name() != b"status.d") {
            return Some(Place::Status);
        }
        let name = path.file_name();
        let is_companion = COMPANIONS.iter().any(|ending| name.ends_with(ending));
        (!is_companion).then_some(Place::StatusDirectory)
    }
}

/// What a package's state comes to.
enum State {
    Installed,
    Absent,
    /// Its files may be there, wholly or in part; dpkg does not call it installed.
    Unfinished,
    Unreadable,
}

fn read(stanza: &Stanza<'_>, place: Place, notes: &mut Notes<'_>) {
    let cut_off = place == Place::Status && stanza.end != End::Whole;
    if cut_off {
        notes.problem("the file is cut off: its last line has no end".to_owned());
    }
    let Some(name) = stanza.package.filter(|name| !name.is_empty()) else {
        return notes.problem("a stanza names no package".to_owned());
    };
    if cut_off && stanza.end == End::CutOffInField {
        return notes.problem(format!("the stanza of package `{}` is cut off", excerpt(name)));
    }
    match state(stanza) {
        State::Installed => (),
        State::Absent => return,
        State::Unfinished => {
            return notes
                .oddity(format!("package `{}` is not wholly installed, and was left out", excerpt(name)));
        }
        State::Unreadable => {
            return notes.problem(format!("the status of package `{}` cannot be read", excerpt(name)));
        }
    }
    let Some(version) = stanza.version.filter(|version| !version.is_empty()) else {
        return notes.problem(format!("package `{}` has no version", excerpt(name)));
    };
    let (Ok(name_text), Ok(version)) = (std::str::from_utf8(name), std::str::from_utf8(version)) else {
        return notes.problem(format!("name or version of package `{}` is not UTF-8", excerpt(name)));
    };
    if let Some(field) = stanza.repeated {
        notes.problem(format!("package `{}` has two fields `{field}`; the first counts", excerpt(name)));
    }
    if let Some(line) = stanza.stray {
        notes.oddity(format!("a line of package `{}` is no field: `{}`", excerpt(name), excerpt(line)));
    }
    let source = source(stanza, name, notes);
    notes.package(Package {
        kind: "deb".to_owned(),
        name: name_text.to_owned(),
        version: version.to_owned(),
        architecture: stanza.architecture.and_then(text),
        source,
        vendor: stanza.maintainer.and_then(text),
        ..Package::default()
    });
}

/// The state, the last of the three words of `Status: install ok installed`.
///
/// A stanza of `status.d` has none. In dpkg's own file the field is missing only where
/// something else than dpkg wrote it; that package is taken for installed, since no state
/// says otherwise.
fn state(stanza: &Stanza<'_>) -> State {
    let Some(status) = stanza.status.filter(|status| !status.is_empty()) else {
        return State::Installed;
    };
    let mut words = status.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let (Some(_want), Some(_flag), Some(state), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return State::Unreadable;
    };
    match state.to_ascii_lowercase().as_slice() {
        b"installed" | b"triggers-awaited" | b"triggers-pending" => State::Installed,
        b"not-installed" | b"config-files" => State::Absent,
        b"half-installed" | b"unpacked" | b"half-configured" => State::Unfinished,
        _ => State::Unreadable,
    }
}

/// `Source: name` or `Source: name (version)`; without the field, the package is its own source.
fn source(stanza: &Stanza<'_>, package: &[u8], notes: &mut Notes<'_>) -> Option<SourcePackage> {
    let field = stanza.source.filter(|source| !source.is_empty())?;
    let read = || {
        let field = std::str::from_utf8(field).ok()?;
        let Some((name, version)) = field.split_once('(') else {
            return Some(SourcePackage { name: field.to_owned(), version: None });
        };
        let (name, version) = (name.trim(), version.strip_suffix(')')?.trim());
        (!name.is_empty() && !version.is_empty())
            .then(|| SourcePackage { name: name.to_owned(), version: Some(version.to_owned()) })
    };
    let source = read();
    if source.is_none() {
        notes.problem(format!("the source of package `{}` cannot be read", excerpt(package)));
    }
    source
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
    fn check_at(path: &str, content: &[u8], expected: &Expect) {
        let (path, mut out) = (ImagePath::new(path), Observations::default());
        DpkgStatus.extract(Input { path: &path, content, others: &() }, &mut out);
        let mut actual = String::new();
        for package in &out.packages {
            write!(actual, "{} {}", package.name, package.version).unwrap();
            if let Some(architecture) = &package.architecture {
                write!(actual, " [{architecture}]").unwrap();
            }
            if let Some(source) = &package.source {
                write!(actual, " from {} {}", source.name, source.version.as_deref().unwrap_or("(same)"))
                    .unwrap();
            }
            if let Some(vendor) = &package.vendor {
                write!(actual, " by {vendor}").unwrap();
            }
            actual.push('\n');
        }
        for problem in &out.problems {
            writeln!(actual, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what).unwrap();
        }
        expected.assert_eq(&actual);
    }

    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(content: &str, expected: Expect) {
        check_at("var/lib/dpkg/status", content.as_bytes(), &expected);
    }

    const OK: &str = "Status: install ok installed\n";

    #[test]
    fn source_name_and_version_are_kept() {
        check(
            &format!(
                "Package: libssl1.1\n{OK}Maintainer: Team <t@example.org>\nArchitecture: amd64\nSource: openssl\nVersion: 1.1.1n-0+deb11u3\n\n\
                 Package: libc6\n{OK}Source: glibc (2.31-13)\nVersion: 2.31-13+b1\n\n\
                 Package: adduser\n{OK}Version: 3.134\n"
            ),
            expect![[r#"
                libssl1.1 1.1.1n-0+deb11u3 [amd64] from openssl (same) by Team <t@example.org>
                libc6 2.31-13+b1 from glibc 2.31-13
                adduser 3.134
            "#]],
        );
    }

    #[test]
    fn only_what_is_installed_is_there() {
        let mut status = String::new();
        for state in [
            "deinstall ok config-files",
            "hold ok installed",
            "purge ok not-installed",
            "install reinstreq half-installed",
            "install ok unpacked",
            "deinstall ok installed",
            "install ok triggers-pending",
            "install ok",
            "install ok strange",
        ] {
            writeln!(status, "Package: {}\nStatus: {state}\nVersion: 1\n", state.replace(' ', "-")).unwrap();
        }
        check(
            &status,
            expect![[r#"
                hold-ok-installed 1
                deinstall-ok-installed 1
                install-ok-triggers-pending 1
                ~ package `install-reinstreq-half-installed` is not wholly installed, and was left out
                ~ package `install-ok-unpacked` is not wholly installed, and was left out
                ! the status of package `install-ok` cannot be read
                ! the status of package `install-ok-strange` cannot be read
            "#]],
        );
    }

    #[test]
    fn a_package_that_was_never_installed_needs_no_version() {
        check("Package: x\nStatus: unknown ok not-installed\nPriority: extra\n\n", expect![[""]]);
    }

    #[test]
    fn two_architectures_are_two_packages() {
        check(
            &format!(
                "Package: libc6\n{OK}Architecture: amd64\nVersion: 1\n\nPackage: libc6\n{OK}Architecture: i386\nVersion: 1\n\n"
            ),
            expect![[r#"
                libc6 1 [amd64]
                libc6 1 [i386]
            "#]],
        );
    }

    #[test]
    fn a_broken_stanza_is_a_problem_and_the_others_count() {
        check(
            &format!(
                "Package: noversion\n{OK}\nVersion: 1\n{OK}\n\0\0 garbage\n\nPackage:\nVersion: 1\n\n:::::\n\n\
                 Package: twice\nVersion: 1\nVersion: 2\n\nPackage: odd\nVersion: 1\nno field\n\n\
                 Package: source\nVersion: 1\nSource: x (1\n\nPackage: good\n{OK}Version: 1.0\n\n"
            ),
            expect![[r#"
                twice 1
                odd 1
                source 1
                good 1.0
                ! package `noversion` has no version
                ! a stanza names no package
                ! a stanza names no package
                ! a stanza names no package
                ! a stanza names no package
                ! package `twice` has two fields `Version`; the first counts
                ~ a line of package `odd` is no field: `no field`
                ! the source of package `source` cannot be read
            "#]],
        );
    }

    #[test]
    fn names_that_are_no_text_are_a_problem() {
        check_at(
            "var/lib/dpkg/status",
            b"Package: caf\xe9\nVersion: 1\n\nPackage: a\nMaintainer: \xe9\nVersion: 1\n",
            &expect![[r#"
                a 1 by �
                ! name or version of package `caf�` is not UTF-8
            "#]],
        );
    }

    #[test]
    fn control_characters_are_kept_as_they_are() {
        check(
            &format!("Package: evil\u{1b}[2J\n{OK}Version: 1; DROP TABLE\n\n"),
            expect![["evil\u{1b}[2J 1; DROP TABLE\n"]],
        );
    }

    #[test]
    fn a_file_that_is_cut_off_is_a_problem() {
        check(
            &format!("Package: a\n{OK}Version: 1\n\nPackage: cut\nStatus: install ok inst"),
            expect![[r#"
                a 1
                ! the file is cut off: its last line has no end
                ! the stanza of package `cut` is cut off
            "#]],
        );
        check(
            &format!("Package: a\n{OK}Version: 1\nHomepage: http"),
            expect![[r#"
                a 1
                ! the file is cut off: its last line has no end
            "#]],
        );
    }

    #[test]
    fn distroless_stanzas_have_no_status_and_perhaps_no_last_newline() {
        let stanza = b"Package: libssl3\nArchitecture: amd64\nSource: openssl\nVersion: 3.0.11-1";
        let expected = expect![[r#"
            libssl3 3.0.11-1 [amd64] from openssl (same)
        "#]];
        check_at("var/lib/dpkg/status.d/libssl3", stanza, &expected);
    }

    #[test]
    fn what_lies_beside_a_stanza_is_no_package() {
        for name in ["libssl3.md5sums", "libssl3.list", "libssl3.preinst"] {
            check_at(&format!("var/lib/dpkg/status.d/{name}"), b"0123  usr/lib/x\n", &expect![[""]]);
        }
    }
}
