//! Small programs made by hand, in every form and cut into pieces of every size.

use std::fmt::Write;

use expect_test::{Expect, expect};

use super::*;
use crate::binary::tests::Elf;
use crate::go::modules::{END_MARK, START_MARK};

const PATH: &str = "app/server";

/// What the extractor says of a program, the same for pieces of all sizes.
fn observed(program: &[u8]) -> String {
    let read = |chunk: usize| {
        let (path, mut out) = (ImagePath::new(PATH), Observations::default());
        let head = program.get(..plimsoll_core::HEAD_BYTES).unwrap_or(program);
        let mut text = String::new();
        let Some(mut reader) = BuildInfo.begin(&path, head, program.len() as u64) else {
            return "not read\n".to_owned();
        };
        program.chunks(chunk).for_each(|piece| reader.feed(piece));
        reader.finish(&path, true, &mut out);
        for package in &out.packages {
            let line = format!("{} {}", package.name, package.version);
            writeln!(text, "{}", line.trim_end()).unwrap();
        }
        for problem in &out.problems {
            writeln!(text, "! {}", problem.what).unwrap();
        }
        text
    };
    let whole = read(usize::MAX);
    for chunk in [1, 7, 63, 64, 65, 512, 4096, 17000] {
        assert_eq!(read(chunk), whole, "pieces of {chunk} bytes");
    }
    whole
}

#[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
fn check(program: &[u8], expected: Expect) {
    expected.assert_eq(&observed(program));
}

const MODULES: &str = "path\ta.b/c\nmod\ta.b/c\t(devel)\t\ndep\tx.y/z\tv1.2.3\th1:=\n";

fn marked(modules: &str) -> Vec<u8> {
    [&START_MARK[..], modules.as_bytes(), &END_MARK].concat()
}

fn counted(text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![(text.len() & 0x7f) as u8 | 0x80, (text.len() >> 7) as u8];
    bytes.extend_from_slice(text);
    bytes
}

/// A block of Go 1.18 or later.
fn new_block(version: &str, modules: &str) -> Vec<u8> {
    let mut block = MAGIC.to_vec();
    block.extend([8, 2]);
    block.resize(32, 0);
    block.extend(counted(version.as_bytes()));
    block.extend(counted(&marked(modules)));
    block
}

/// A program of Go before 1.18: the version and modules, then the block, then string headers.
fn old_program(elf: Elf, pointed: bool) -> Vec<u8> {
    let mut program = elf;
    program.bytes.extend_from_slice(if program.big_endian {
        b"\0\0\0\x04\0\0\0\x53\0\0\0\x04Go\0\0"
    } else {
        b"\x04\0\0\0\x53\0\0\0\x04\0\0\0Go\0\0"
    });
    let version = program.bytes.len() + 5;
    program.bytes.extend_from_slice(b"\0go1.go1.15.2go1.4");
    program.bytes.extend(marked(MODULES));
    program.align(16);
    let block = program.bytes.len();
    program.bytes.extend_from_slice(MAGIC);
    program.bytes.extend([if program.wide { 8 } else { 4 }, u8::from(program.big_endian)]);
    let word = if program.wide { 8 } else { 4 };
    let header = if pointed { program.address_of(block + 16 + 4 * word) } else { 0 };
    program.word(header);
    program.word(header + 2 * word as u64);
    program.align(16);
    program.bytes.resize(block + 16 + 4 * word, 0);
    program.word(if pointed { program.address_of(version) } else { 0 });
    program.word(8);
    program.bytes.extend([0; 40]);
    program.finish()
}

#[test]
fn the_new_form_holds_version_and_modules() {
    let mut elf = Elf::new(true, false);
    elf.align(16);
    elf.bytes.extend(new_block("go1.22.1 X:loopvar", MODULES));
    let expected = || {
        expect![[r#"
            a.b/c
            x.y/z v1.2.3
            stdlib 1.22.1
        "#]]
    };
    let program = elf.finish();
    check(&program, expected());
    let mut long = program.clone();
    long.resize(40_000, 0);
    check(&long, expected());
    let mut fat = [&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2][..], &[0; 56]].concat();
    fat.extend(new_block("go1.22.1", MODULES));
    check(&fat, expected());
}

#[test]
fn a_program_that_does_not_name_its_modules_is_not_covered() {
    for modules in [counted(b""), counted(&marked(""))] {
        let mut elf = Elf::new(true, false);
        elf.align(16);
        let mut block = new_block("go1.22.1", "");
        block.truncate(block.len() - counted(&marked("")).len());
        elf.bytes.extend([block, modules].concat());
        check(
            &elf.finish(),
            expect![[r#"
                stdlib 1.22.1
                ! the program's build information does not name its modules
            "#]],
        );
    }
}

#[test]
fn the_old_form_points_to_the_version() {
    for (wide, big_endian) in [(true, false), (true, true), (false, false), (false, true)] {
        check(
            &old_program(Elf::new(wide, big_endian), true),
            expect![[r#"
            a.b/c
            x.y/z v1.2.3
            stdlib 1.15.2
        "#]],
        );
    }
}

#[test]
fn an_old_program_without_the_linkers_id_is_not_passed_over() {
    let mut program = old_program(Elf::new(true, false), true);
    let id = memmem::find(&program, b"Go\0\0").unwrap();
    program[id] = b'?';
    check(
        &program,
        expect![[r#"
        stdlib
        ! the program's build information does not name its modules
        ! which version of Go built the program could not be found
    "#]],
    );
}

#[test]
fn without_addresses_the_only_version_counts() {
    let mut elf = Elf::new(true, false);
    elf.bytes.extend_from_slice(b"go1.15.3\0go1.15.3\0go1.4 or later\0");
    check(
        &old_program(elf, false),
        expect![[r#"
        a.b/c
        x.y/z v1.2.3
        stdlib 1.15.3
    "#]],
    );
    let mut elf = Elf::new(true, false);
    elf.bytes.extend_from_slice(b"go1.15.3\0go1.15.4\0");
    check(
        &old_program(elf, false),
        expect![[r#"
        a.b/c
        x.y/z v1.2.3
        stdlib
        ! which version of Go built the program could not be found
    "#]],
    );
}

#[test]
fn programs_in_a_program_are_found_too() {
    let mut elf = Elf::new(true, false);
    elf.align(16);
    elf.bytes.extend(new_block("go1.20.1", "dep\tx.y/inner\tv1.0.0\n"));
    elf.align(16);
    elf.bytes.extend(new_block("go1.22.1", MODULES));
    check(
        &elf.finish(),
        expect![[r#"
        x.y/inner v1.0.0
        stdlib 1.20.1
        a.b/c
        x.y/z v1.2.3
        stdlib 1.22.1
    "#]],
    );
}

#[test]
fn what_cannot_be_read_is_said() {
    let mut elf = Elf::new(true, false);
    elf.align(16);
    elf.bytes.extend(new_block("go1.22.1", MODULES));
    elf.bytes.truncate(elf.bytes.len() - 20);
    check(
        &elf.finish(),
        expect![[r#"
        ! a program's build information is cut off
    "#]],
    );

    let mut elf = Elf::new(true, false);
    elf.align(16);
    elf.bytes.extend(new_block("devel go1.23-5a05b5b Tue", MODULES));
    check(
        &elf.finish(),
        expect![[r#"
        a.b/c
        x.y/z v1.2.3
        stdlib
        ! the program is built by `devel go1.23-5a05b5b Tue`, which is no release of Go: its standard library is not judged
    "#]],
    );

    let mut elf = Elf::new(true, false);
    elf.bytes.extend_from_slice(b"\x04\0\0\0\x53\0\0\0\x04\0\0\0Go\0\0abc");
    check(
        &elf.finish(),
        expect![[r#"
        ! the program is made by Go but does not say of which modules
    "#]],
    );

    let mut elf = Elf::new(true, false);
    elf.bytes.extend_from_slice(b"abc UPX!");
    check(
        &elf.finish(),
        expect![[r#"
        ! the program is packed with UPX; what it is made of is unknown
    "#]],
    );
}

#[test]
fn other_files_are_let_pass() {
    let mut elf = Elf::new(true, false);
    elf.bytes.extend_from_slice(MAGIC);
    elf.bytes.extend_from_slice(b"go1.22.1");
    elf.bytes.extend(START_MARK);
    elf.bytes.extend([0; 9000]);
    check(&elf.finish(), expect![""]);
    for other in [&b""[..], b"#!/bin/sh", b"\x7fELF", b"\xca\xfe\xba\xbe\0\0\0\x34"] {
        assert_eq!(observed(other), "not read\n");
    }
}

#[test]
fn a_block_that_claims_to_be_endless_costs_nothing() {
    let mut elf = Elf::new(true, false);
    elf.align(16);
    let mut block = new_block("go1.22.1", "");
    let end = block.len() - 34;
    block[end..].fill(0xff);
    block[end + 4] = 0x0f;
    elf.bytes.extend(block);
    check(
        &elf.finish(),
        expect![[r#"
        ! a program's build information is cut off
        ! the build information has more than 64 programs or 2097152 bytes; the rest was not read
    "#]],
    );
}
