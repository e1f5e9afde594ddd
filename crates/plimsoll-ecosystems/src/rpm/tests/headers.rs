//! Headers, sound and not.

use super::super::header::{Header as Read, HeaderError, source_package};
use super::check;
use super::fixtures::{Header, ndb};

/// What is read of one header, in one line, and `!` with each error.
#[track_caller]
fn check_header(blob: &[u8], expected: &str) {
    let read = Read::parse(blob).and_then(|header| header.package());
    let actual = match read {
        Ok((package, errors)) => {
            let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            let source = package.source.map(|it| format!("{} {}", it.name, it.version.unwrap_or_default()));
            let line = [
                package.name,
                package.version,
                text(&package.architecture),
                text(&source),
                text(&package.vendor),
                text(&package.module),
                text(&package.license),
            ];
            let errors = errors.iter().map(|HeaderError(what)| format!(" ! {what}"));
            line.join(" | ") + &errors.collect::<String>()
        }
        Err(HeaderError(what)) => format!("! {what}"),
    };
    assert_eq!(actual, expected);
}

#[test]
fn everything_that_is_kept_of_a_package() {
    let header = Header::package("nodejs")
        .numbers(1003, &[1])
        .text(1011, "Red Hat, Inc.")
        .entry(1014, 9, 1, b"MIT\0")
        .text(5096, "nodejs:12:8030:229f0a1c");
    let expected = "nodejs | 1:1.0-2.el9 | x86_64 | nodejs-src 1.0-2.el9 | Red Hat, Inc. | nodejs:12:8030:229f0a1c | MIT";
    check_header(&header.build(), expected);
    check_header(&header.old(), expected);
    check_header(&[b"\x8e\xad\xe8\x01\0\0\0\0", &header.build()[..]].concat(), expected);
}

#[test]
fn epoch_zero_is_no_epoch() {
    let expected = "a | 1.0-2.el9 | x86_64 | a-src 1.0-2.el9 | - | - | -";
    check_header(&Header::package("a").numbers(1003, &[0]).build(), expected);
    check_header(&Header::package("a").build(), expected);
}

#[test]
fn what_is_missing_is_none() {
    let header = Header::package("a").without(1022).without(1044);
    check_header(&header.build(), "a | 1.0-2.el9 | - | - | - | - | -");
}

#[test]
fn entries_behind_the_region_replace_those_in_it() {
    let added = Header::default().text(1022, "noarch").text(1011, "SUSE");
    let blob = Header::package("a").without(1044).with_region(&added);
    check_header(&blob, "a | 1.0-2.el9 | noarch | - | SUSE | - | -");
}

#[test]
fn a_package_without_a_whole_version_is_kept_and_told() {
    let header = Header::package("a").without(1044);
    check_header(
        &header.clone().without(1002).build(),
        "a | 1.0 | x86_64 | - | - | - | - ! has no whole version",
    );
    check_header(&header.without(1001).build(), "a | -2.el9 | x86_64 | - | - | - | - ! has no whole version");
}

#[test]
fn without_a_name_there_is_no_package() {
    check_header(&Header::package("a").without(1000).build(), "! names no package");
    check_header(&Header::package("").build(), "! names no package");
    check_header(&Header::package("a").entry(1000, 4, 1, &[0; 4]).build(), "! tag 1000 is no text");
    check_header(&Header::package("a").entry(1000, 6, 0, b"a\0").build(), "! tag 1000 has no value");
    check_header(&[], "! is too short for a header");
    check_header(&[0; 8], "! has an empty index");
    check_header(&[0xff; 64], "! has 4294967295 index entries, more than fit");
}

#[test]
fn one_unreadable_tag_costs_only_itself() {
    let mut blob = Header::package("a").without(1044).text(1011, "Red Hat").old();
    // The vendor is the last entry: its text loses its end, then its offset.
    *blob.last_mut().unwrap() = b'!';
    let expected = "a | 1.0-2.el9 | x86_64 | - | - | - | - ! tag 1011 lies outside the header or has no end";
    check_header(&blob, expected);
    let offset = 8 + 4 * 16 + 8;
    blob[offset..offset + 4].copy_from_slice(&[0xff; 4]);
    check_header(&blob, expected);
}

#[test]
fn counts_beyond_the_data_are_refused() {
    let blob = Header::package("a").without(1044).entry(1003, 4, u32::MAX, &[0; 4]).old();
    check_header(&blob, "a | 1.0-2.el9 | x86_64 | - | - | - | - ! tag 1003 lies outside the header");
}

#[test]
fn names_that_are_not_utf8_are_kept_readable() {
    check_header(
        &Header::package("a").without(1044).entry(1000, 6, 1, b"a\xff\0").old(),
        "a\u{fffd} | 1.0-2.el9 | x86_64 | - | - | - | -",
    );
}

#[test]
fn public_keys_are_no_packages() {
    let key = Header::default().text(1000, "gpg-pubkey").text(1001, "fd431d51").text(1002, "4ae0493b");
    check("Packages.db", &ndb(&[key.build(), Header::package("a").build()]), None, "a 1.0-2.el9\n");
}

#[test]
fn source_rpms_are_split_from_the_right() {
    for (file_name, expected) in [
        ("util-linux-2.32.1-42.el8_8.src.rpm", Some(("util-linux", "2.32.1-42.el8_8"))),
        ("kernel-4.18-1.nosrc.rpm", Some(("kernel", "4.18-1"))),
        ("a-b-c-1-2.src.rpm", Some(("a-b-c", "1-2"))),
        ("a-1.src.rpm", None),
        ("-1-2.src.rpm", None),
        ("a--.src.rpm", None),
        ("a-1-2.x86_64.rpm", None),
        ("", None),
        (".src.rpm", None),
    ] {
        let actual = source_package(file_name).map(|it| (it.name, it.version.unwrap_or_default()));
        let expected = expected.map(|(name, version)| (name.to_owned(), version.to_owned()));
        assert_eq!(actual, expected, "{file_name}");
    }
}
