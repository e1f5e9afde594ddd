//! Archives that can be read in more than one way are read as container engines unpack them, which
//! is with Go's `archive/tar` (reader.go and strconv.go of Go 1.26).

use std::fmt::Write;

use super::read;

/// One entry, header and content, with `edit` made to the header before its checksum.
fn edited(kind: u8, name: &str, content: &[u8], edit: impl FnOnce(&mut [u8; 512])) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.as_mut_bytes()[156] = kind;
    header.set_mode(0o644);
    header.set_size(content.len() as u64);
    edit(header.as_mut_bytes());
    header.set_cksum();
    let mut bytes = [header.as_bytes(), content].concat();
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

fn entry(kind: u8, name: &str, content: &[u8]) -> Vec<u8> {
    edited(kind, name, content, |_| ())
}

fn file(name: &str, content: &str) -> Vec<u8> {
    entry(b'0', name, content.as_bytes())
}

/// An extended header with these records.
fn pax(kind: u8, records: &[(&str, &str)]) -> Vec<u8> {
    let mut content = String::new();
    for (key, value) in records {
        let rest = format!(" {key}={value}\n");
        let length = (1..).find(|length: &usize| length.to_string().len() + rest.len() == *length);
        write!(content, "{}{rest}", length.unwrap()).unwrap();
    }
    entry(kind, "extended", content.as_bytes())
}

/// The wanted files with their content, directories and links, and what was wrong.
#[track_caller]
fn check(entries: &[Vec<u8>], expected: &str) {
    let (read, sink) = read(&[&entries.concat()[..], &[0; 1024]].concat());
    let mut actual = String::new();
    for (path, content) in &sink.files {
        writeln!(actual, "{path}: {}", String::from_utf8_lossy(content)).unwrap();
    }
    let index = read.unwrap().index;
    for (path, link) in &index.links {
        writeln!(actual, "{path} -> {}", String::from_utf8_lossy(&link.target)).unwrap();
    }
    for path in ["want", "want-d"].map(plimsoll_core::ImagePath::new) {
        if index.directories.contains(&index.key.hash(path.as_bytes())) {
            writeln!(actual, "{path}/").unwrap();
        }
    }
    for problem in &sink.problems {
        writeln!(actual, "! {}", problem.what).unwrap();
    }
    assert_eq!(actual, expected);
}

const GLOBAL: &str = "! a global header names a path, a link's target or a size; \
                      it was passed over, as container engines do\n";

#[test]
fn a_global_header_changes_no_entry_and_is_a_problem_if_it_would() {
    for record in [("path", "junk"), ("size", "0")] {
        check(&[pax(b'g', &[record]), file("want", "x")], &format!("want: x\n{GLOBAL}"));
    }
    let link = edited(b'2', "want", b"", |header| header[157..160].copy_from_slice(b"old"));
    check(&[pax(b'g', &[("linkpath", "new")]), link], &format!("want -> old\n{GLOBAL}"));
    check(&[pax(b'g', &[("comment", "of git archive")]), file("want", "x")], "want: x\n");
}

#[test]
fn a_global_header_ends_what_was_said_of_the_next_entry() {
    let comment = || pax(b'g', &[("comment", "c")]);
    check(&[pax(b'x', &[("path", "junk")]), comment(), file("want", "x")], "want: x\n");
    check(&[entry(b'L', "long", b"junk\0"), comment(), file("want", "x")], "want: x\n");
}

#[test]
fn long_names_of_gnu_count_before_those_of_pax() {
    let long = || entry(b'L', "long", b"want\0");
    check(&[pax(b'x', &[("path", "junk")]), long(), file("ustar", "x")], "want: x\n");
    check(&[long(), pax(b'x', &[("path", "junk")]), file("ustar", "x")], "want: x\n");
    let target = || entry(b'K', "long", b"new\0rest");
    check(&[target(), pax(b'x', &[("linkpath", "junk")]), entry(b'2', "want", b"")], "want -> new\n");
    check(&[entry(b'L', "long", b"\0"), file("want", "x")], "want: x\n");
}

#[test]
fn records_without_a_value_say_nothing() {
    check(&[pax(b'x', &[("path", ""), ("size", "")]), file("want", "x")], "want: x\n");
    check(&[pax(b'x', &[("path", "junk"), ("path", "")]), file("want", "x")], "want: x\n");
}

#[test]
fn an_entry_without_a_name_is_a_problem_if_it_is_no_directory() {
    check(&[file("", "x"), file("want", "y")], {
        "want: y\n! an entry that is no directory has no name; it was passed over\n"
    });
    check(&[entry(b'5', "./", b""), file("want", "y")], "want: y\n");
}

#[test]
fn the_name_of_a_sparse_file_counts_only_in_a_form_that_is_known() {
    let name = ("GNU.sparse.name", "want-sparse");
    let size = ("GNU.sparse.realsize", "3");
    let map = ("GNU.sparse.map", "1,1");
    let version = |major, minor| [("GNU.sparse.major", major), ("GNU.sparse.minor", minor)];
    let read = |records: &[(&str, &str)], expected| {
        check(&[pax(b'x', records), file("want", "x")], expected);
    };
    read(&[name], "want: x\n");
    read(&[name, size], "want: x\n");
    read(&[&version("2", "0")[..], &[name, size, map]].concat(), "want: x\n");
    read(&[name, size, map], "want-sparse: \0x\0\n");
    read(&[&version("0", "1")[..], &[name, size, map]].concat(), "want-sparse: \0x\0\n");
    read(&[name, size, ("GNU.sparse.offset", "2"), ("GNU.sparse.numbytes", "1")], "want-sparse: \0\0x\n");
    let body = format!("{:\0<512}xy", "1\n1\n2\n");
    let records = [&version("1", "0")[..], &[name, size]].concat();
    check(&[pax(b'x', &records), file("want", &body)], "want-sparse: \0xy\n");
}

#[test]
fn a_slash_makes_a_directory_only_of_an_entry_without_a_type() {
    let header = "content that is no header";
    check(&[file("want/", header), file("want-2", "y")], &format!("want: {header}\nwant-2: y\n"));
    check(&[entry(0, "want/", b""), file("want/want-x", "x")], "want/want-x: x\nwant/\n");
    let long = || entry(b'L', "long", b"want-d/\0");
    check(&[long(), entry(0, "want", b""), file("want-2", "y")], "want-2: y\nwant-d/\n");
    let long = || entry(b'L', "long", b"want-d\0");
    check(&[long(), entry(0, "want/", b"x"), file("want-2", "y")], "want-2: y\nwant-d: x\n");
}

#[test]
fn a_size_may_begin_with_nul() {
    let content = [b'x'; 512];
    let size = |header: &mut [u8; 512]| header[124..136].copy_from_slice(b"\x0000000001000");
    check(
        &[edited(b'0', "want", &content, size), file("want-2", "y")],
        &format!("want: {}\nwant-2: y\n", "x".repeat(512)),
    );
}

#[test]
fn a_prefix_counts_only_with_the_magic_that_has_one() {
    let with = |magic: &'static [u8; 8]| {
        edited(b'0', "want", b"x", |header| {
            header[345..348].copy_from_slice(b"dir");
            header[257..265].copy_from_slice(magic);
        })
    };
    check(&[with(b"ustar\x0000")], "dir/want: x\n");
    check(&[with(b"ustarX00")], "want: x\n");
    check(&[with(b"ustar 00")], "want: x\n");
}

#[test]
fn a_link_takes_the_place_of_a_file_of_its_layer() {
    let link = |name| entry(b'2', name, b"");
    check(&[file("want", "x"), link("want")], "want -> \n");
    let (read, _) = read(&[&[file("want", "x"), link("want")].concat()[..], &[0; 1024]].concat());
    let index = read.unwrap().index;
    assert!(index.regular.is_empty(), "the file is gone, and does not hide the link");
    check(&[file("want", "x"), entry(b'5', "want", b"")], "want/\n");
    check(&[file("want", "x"), entry(b'6', "want", b"")], "");
    check(&[link("want"), file("want", "x")], "want: x\n");
}

#[test]
fn a_link_takes_the_place_of_a_directory_that_has_no_entry_of_its_own() {
    let link = edited(b'2', "d", b"", |header| header[157..161].copy_from_slice(b"/app"));
    check(
        &[file("d/deep/want", "x"), file("e/want", "y"), link],
        "e/want: y\nd -> /app\n! something else takes the place of a directory that this layer wrote \
         into; what it wrote is taken for gone\n",
    );
    let directory = || entry(b'5', "d/", b"");
    check(&[file("d/deep/want", "x"), directory(), directory()], "d/deep/want: x\n");
}
