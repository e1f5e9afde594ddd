//! Archives made for the purpose: honest ones, shaded and nested ones, and ones that lie.

use std::io::{Cursor, Write};

use plimsoll_core::{ImagePath, Observations};
use sha1::{Digest as _, Sha1};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::JavaArchive;
use super::walk::{Budget, walk};
use crate::java::testing::observe;

/// An archive of these entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    archive_by(CompressionMethod::Deflated, entries)
}

fn archive_by(method: CompressionMethod, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, data) in entries {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        writer.write_all(data).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// `META-INF/maven/g/ARTIFACT/pom.properties`.
fn properties(artifact: &str, version: &str) -> (String, Vec<u8>) {
    let text = format!("groupId=g\nartifactId={artifact}\nversion={version}\n");
    (format!("META-INF/maven/g/{artifact}/pom.properties"), text.into_bytes())
}

/// A library with one `pom.properties` and a class.
fn library(artifact: &str, version: &str) -> Vec<u8> {
    let (name, data) = properties(artifact, version);
    archive(&[(&name, &data), ("g/A.class", b"\xca\xfe")])
}

#[track_caller]
fn check(path: &str, content: &[u8], expected: &str) {
    assert_eq!(observe(&JavaArchive, path, content), expected);
}

const MANIFEST: &str = "META-INF/MANIFEST.MF";

#[test]
fn every_pom_of_a_shaded_archive_is_a_library() {
    let (a, b) = (properties("a", "1"), properties("b", "2"));
    let fat =
        archive(&[(&a.0, &a.1), (&b.0, &b.1), ("x/Y.class", b""), (MANIFEST, b"Bundle-License: MIT\n")]);
    check("app/a-1.jar", &fat, "g:a 1 installed\ng:b 2 installed\n");
    check(
        "app/fat-9.0.jar",
        &fat,
        "fat 9.0 binary under MIT\ng:a 1 installed\ng:b 2 installed\n\
         ! `fat-9.0.jar` holds libraries with a pom and has none of its own\n",
    );
    check(
        "app/fat.jar",
        &fat,
        "fat  binary under MIT\ng:a 1 installed\ng:b 2 installed\n\
         ~ `fat.jar` holds libraries with a pom and has none of its own\n",
    );
    check("app/a-1.jar", &library("a", "1"), "g:a 1 installed\n");
    check("app/other-1.0-nolog.jar", &library("a", "1.0"), "g:a 1.0 installed\n");
}

#[test]
fn an_archive_is_not_the_one_library_in_it_because_their_versions_look_alike() {
    let own = |label: &str, version: &str| {
        format!(
            "{label} {version} binary\ng:bar 1.1 installed\n\
             ! `{label}-{version}.jar` holds libraries with a pom and has none of its own\n"
        )
    };
    check("app/foo-1.10.2.jar", &library("bar", "1.1"), &own("foo", "1.10.2"));
    check("app/foo-1.1.2.jar", &library("bar", "1.1"), &own("foo", "1.1.2"));
    check("app/bar-1.1.2.jar", &library("bar", "1.1"), "g:bar 1.1 installed\n");
    let (name, data) = properties("bar", "1.1");
    let titled = |title: &str| {
        let title = format!("Implementation-Title: {title}\n");
        archive(&[(&name, &data), ("g/A.class", b"\xca\xfe"), (MANIFEST, title.as_bytes())])
    };
    check("app/foo-1.1.jar", &titled("foo"), &own("foo", "1.1"));
    check("app/foo-1.1.jar", &titled("The Bar Library"), "g:bar 1.1 installed\n");
    check("app/foo-1.1.jar", &titled("Bar-Core"), "g:bar 1.1 installed\n");
}

#[test]
fn the_license_of_a_bundle_is_that_of_its_library() {
    let (name, data) = properties("a", "1");
    let bundle = archive(&[(&name, &data), (MANIFEST, b"Bundle-License: Apache-\r\n 2.0\r\n")]);
    check("a-1.jar", &bundle, "g:a 1 installed under Apache-2.0\n");
}

#[test]
fn a_pom_fills_what_the_properties_lack() {
    let pom = b"<project><parent><groupId>g</groupId><version>3</version></parent><artifactId>a</artifactId></project>";
    let folder = "META-INF/maven/g/a";
    let (poms, lists) = (format!("{folder}/pom.xml"), format!("{folder}/pom.properties"));
    check("a.jar", &archive(&[(&poms, pom)]), "g:a 3 installed\n");
    check("a.jar", &archive(&[(&poms, pom), (&lists, b"version=${v}\n")]), "g:a 3 installed\n");
    check(
        "a.jar",
        &archive(&[(&lists, b"")]),
        "g:a  installed\n! nothing in `a.jar` says which version of `g:a` it is\n",
    );
    check("a.jar", &archive(&[("x/pom.properties", b"version=1\n"), ("y/pom.xml", b"<")]), "");
}

#[test]
fn archives_within_archives_are_read() {
    let inner = archive_by(
        CompressionMethod::Stored,
        &[("lib/c-3.jar", &library("c", "3")), ("lib/c-3b.jar", &library("c", "3"))],
    );
    let war = archive(&[("WEB-INF/lib/b-2.jar", &library("b", "2")), ("WEB-INF/lib/bundle.kar", &inner)]);
    check("app/app.war", &war, "g:b 2 installed\ng:c 3 installed\n");
}

#[test]
fn a_library_that_nobody_names_is_a_problem() {
    let unknown = archive(&[
        ("x/Y.class", b""),
        (MANIFEST, b"Implementation-Version: 1.2\n\nImplementation-Title: z\n"),
    ]);
    check(
        "lib/spring-core-1.2.jar",
        &unknown,
        "spring-core 1.2 binary\n\
         ! nobody says what `spring-core-1.2.jar` is: it has classes and no Maven coordinates\n",
    );
    let inner = archive(&[("BOOT-INF/lib/log-9.jar", &unknown), ("BOOT-INF/classes/A.class", b"")]);
    check(
        "app.jar",
        &inner,
        "app  binary\nlog 9 binary\n~ `app.jar` is an application that says no Maven coordinates\n\
         ~ `app.jar!/BOOT-INF/lib/log-9.jar` has version 9 by its name and 1.2 by its manifest\n\
         ! nobody says what `app.jar!/BOOT-INF/lib/log-9.jar` is: it has classes and no Maven coordinates\n",
    );
}

#[test]
fn of_a_library_that_nobody_names_the_sha1_is_told() {
    let unknown = archive(&[("x/Y.class", b"")]);
    let outer = archive(&[("lib/a-1.jar", &unknown), ("lib/b-2.jar", &library("b", "2"))]);
    for (path, content, label) in [("a-1.jar", &unknown, "a-1.jar"), ("x.ear", &outer, "x.ear!/lib/a-1.jar")]
    {
        let (path, mut out) = (ImagePath::new(path), Observations::default());
        walk(&path, content, Budget::STANDARD, &mut out);
        let [archive] = &out.unnamed[..] else { panic!("{:?}", out.unnamed) };
        assert_eq!((archive.label.as_str(), &*archive.name, &*archive.version), (label, "a", "1"));
        assert_eq!(archive.sha1, *Sha1::digest(&unknown));
        assert!(out.problems.contains(&archive.problem));
    }
}

#[test]
fn the_sbom_of_an_application_adds_what_its_archives_do_not_say() {
    let bom = br#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"type": "library", "name": "b", "purl": "pkg:maven/g/b@2"},
        {"type": "library", "name": "shaded", "purl": "pkg:maven/g/shaded@3"},
        {"type": "library", "name": "react", "purl": "pkg:npm/react@18.0.0"}]}"#;
    let path = "META-INF/sbom/application.cdx.json";
    let inner = library("b", "2");
    let of_library = archive(&[(path, bom)]);
    check(
        "x.jar",
        &archive(&[(path, bom), ("BOOT-INF/lib/b-2.jar", &inner), ("BOOT-INF/lib/c.jar", &of_library)]),
        "g:b 2 installed\ng:shaded 3 sbom\nreact 18.0.0 sbom\n",
    );
    let in_war = "WEB-INF/classes/META-INF/sbom/bom.json";
    check("x.war", &archive(&[(in_war, bom)]), "g:b 2 sbom\ng:shaded 3 sbom\nreact 18.0.0 sbom\n");
    check(
        "x.war",
        &archive(&[(in_war, b"{}"), ("WEB-INF/x", b"")]),
        "~ `x.war!/WEB-INF/classes/META-INF/sbom/bom.json` lies where SBOMs do and is none\n",
    );
    let broken = observe(&JavaArchive, "x.war", &archive(&[(in_war, &bom[..60])]));
    assert!(broken.starts_with("! the SBOM `x.war!/WEB-INF/"), "{broken}");
}

#[test]
fn archives_of_the_runtime_itself_are_no_unknown_libraries() {
    let manifest = b"Implementation-Title: Java Runtime Environment\nImplementation-Version: 17.0.2\n";
    check(
        "jvm/lib/jrt-fs.jar",
        &archive(&[("jdk/A.class", b""), (MANIFEST, manifest)]),
        "jrt-fs 17.0.2 binary\n~ `jrt-fs.jar` says that it is a part of the Java runtime\n",
    );
}

#[test]
fn an_archive_without_classes_hides_nothing() {
    check("x.jar", &archive(&[("a.txt", b""), ("module-info.class", b"")]), "");
    check("x-1.0.jar", &archive(&[("a.txt", b"")]), "x 1.0 binary\n");
}

#[test]
fn plugins_of_jenkins_are_named_by_their_manifest() {
    let plugin = archive(&[
        (MANIFEST, b"Group-Id: org.j\nShort-Name: git\nPlugin-Version: 4.1 (x)\n"),
        ("A.class", b""),
    ]);
    check("git.hpi", &plugin, "org.j:git 4.1 binary\n");
}

#[test]
fn bytes_before_an_archive_do_no_harm() {
    let mut program = b"#!/bin/sh\nexec java -jar $0\n".to_vec();
    program.extend(library("a", "1"));
    check("a.jar", &program, "g:a 1 installed\n");
}

#[test]
fn what_is_nested_too_deeply_is_a_problem() {
    let mut nest = library("a", "1");
    for _ in 0..6 {
        nest = archive(&[("n.jar", &nest)]);
    }
    let label = format!("deep.jar{}", "!/n.jar".repeat(6));
    check("deep.jar", &nest, &format!("! `{label}` is nested deeper than 5 archives and was not read\n"));
}

#[test]
fn what_is_too_large_is_a_problem() {
    let bomb = archive(&[("META-INF/maven/g/a/pom.properties", &vec![b'\n'; 1 << 20])]);
    check(
        "bomb.jar",
        &bomb,
        "! `bomb.jar!/META-INF/maven/g/a/pom.properties` was not read: it has more than 65536 bytes\n",
    );
}

#[test]
fn what_is_no_archive_is_passed_over_and_what_is_cut_off_is_a_problem() {
    check("a.jar", b"", "");
    check("a.jar", b"not a zip", "~ `a.jar` is no archive: it is no zip archive\n");
    check("a.rar", b"Rar!", "");
    let whole = library("a", "1");
    check(
        "a.jar",
        &whole[..whole.len() - 30],
        "! archive `a.jar` cannot be read: it has no central directory; it may be cut off\n",
    );
}

/// Replaces the last occurrence of `from`, which is in the central directory.
fn with_last(archive: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = memchr::memmem::rfind(archive, from).unwrap();
    let mut changed = archive.to_vec();
    changed[at..at + to.len()].copy_from_slice(to);
    changed
}

#[test]
fn an_entry_of_two_names_is_a_problem() {
    let lie = with_last(&library("a", "1"), b"g/A.class", b"g/B.class");
    check("a.jar", &lie, "g:a 1 installed\n! `a.jar` has two names for 1 of its entries\n");
}

/// Sets a field of the first entry of the central directory.
fn with_field(archive: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    let record = memchr::memmem::find(archive, b"PK\x01\x02").unwrap();
    let mut changed = archive.to_vec();
    changed[record + at..record + at + value.len()].copy_from_slice(value);
    changed
}

#[test]
fn entries_that_lie_are_problems_and_the_others_count() {
    let (a, b) = (properties("a", "1"), properties("b", "2"));
    let honest = archive(&[(&a.0, &a.1), (&b.0, &b.1)]);
    let label = "`b.jar!/META-INF/maven/g/a/pom.properties`";
    let check = |at: usize, value: &[u8], expected: &str| {
        check("b.jar", &with_field(&honest, at, value), &expected.replace("LABEL", label));
    };
    check(8, &[1, 0], "g:b 2 installed\n! LABEL was not read: it is encrypted\n");
    check(
        10,
        &[12, 0],
        "g:b 2 installed\n! LABEL was not read: it is compressed by method 12, which is not read\n",
    );
    check(
        16,
        &[0; 4],
        "g:a 1 installed\ng:b 2 installed\n! LABEL is damaged: its data are not those that the central directory describes\n",
    );
    check(
        20,
        &[0xff; 4],
        "g:b 2 installed\n! LABEL was not read: its data are not where the central directory says\n",
    );
    check(
        42,
        &[0xff; 4],
        "g:b 2 installed\n! LABEL was not read: its data are not where the central directory says\n",
    );
}

#[test]
fn an_end_record_that_lies_is_a_problem() {
    let honest = library("a", "1");
    let end = memchr::memmem::rfind(&honest, b"PK\x05\x06").unwrap();
    let mut miscounted = honest.clone();
    miscounted[end + 10] = 9;
    check(
        "a.jar",
        &miscounted,
        "g:a 1 installed\n! the central directory of `a.jar` is broken; entries may be missing\n",
    );
    let mut outside = honest;
    outside[end + 12..end + 16].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
    check("a.jar", &outside, "! archive `a.jar` cannot be read: its end record points outside of it\n");
}

#[test]
fn entries_of_one_name_are_all_read() {
    let (a, b) = (properties("a", "1"), properties("b", "2"));
    let twins = archive(&[(&a.0, &a.1), (&b.0, &b.1)]);
    let mut twins = with_last(&twins, b"/b/pom", b"/a/pom");
    let at = memchr::memmem::find(&twins, b"/b/pom").unwrap();
    twins[at + 1] = b'a';
    check(
        "a.jar",
        &twins,
        "g:a 1 installed\ng:b 2 installed\n~ `a.jar` has 1 entries of the name of another; all were read\n",
    );
}

#[test]
fn zip64_archives_are_read() {
    let (name, data) = properties("a", "1");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(&*name, SimpleFileOptions::default().large_file(true)).unwrap();
    writer.write_all(&data).unwrap();
    for number in 0..70_000 {
        writer.start_file(format!("{number}"), SimpleFileOptions::default()).unwrap();
    }
    let large = writer.finish().unwrap().into_inner();
    check("a.jar", &large, "g:a 1 installed\n");
    let mut program = b"prefix".to_vec();
    program.extend(large);
    check("a.jar", &program, "g:a 1 installed\n");
}

/// What is read where only so much may be.
#[track_caller]
fn check_within(entries_left: u64, bytes_left: u64, content: &[u8], expected: &str) {
    let (path, mut out) = (ImagePath::new("a.jar"), Observations::default());
    walk(&path, content, Budget { entries_left, bytes_left }, &mut out);
    let lines = out.packages.iter().map(|it| format!("{}\n", it.name));
    let lines = lines.chain(out.problems.iter().map(|it| format!("{:?} {}\n", it.kind, it.what)));
    assert_eq!(lines.collect::<String>(), expected);
}

#[test]
fn reaching_a_bound_of_the_whole_file_is_a_problem() {
    let whole = archive(&[("a-1.jar", &library("a", "1")), ("b-1.jar", &library("b", "1"))]);
    check_within(6, 10_000, &whole, "g:a\ng:b\n");
    check_within(
        5,
        10_000,
        &whole,
        "g:a\ng:b\n\
         Limit not all entries of `a.jar!/b-1.jar` were read: the file has too many, with all archives within it\n",
    );
    check_within(
        6,
        700,
        &whole,
        "g:a\nLimit `a.jar!/b-1.jar` was not read: too much was read of the file already\n",
    );
}

/// Whatever byte is changed, reading ends without a panic.
#[test]
fn mutations_give_no_panic() {
    let inner = library("b", "2");
    let whole = archive_by(CompressionMethod::Stored, &[("lib/b.jar", &inner), (MANIFEST, b"A: b\n\n")]);
    for at in 0..whole.len() {
        for value in [0, 0x7f, 0xff, whole[at] ^ 1] {
            let mut changed = whole.clone();
            changed[at] = value;
            observe(&JavaArchive, "a.jar", &changed);
        }
        observe(&JavaArchive, "a.jar", &whole[..at]);
    }
}
