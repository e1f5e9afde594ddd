//! Small programs made by hand, cut into pieces of every size.

use std::fmt::Write as _;
use std::io::Write as _;

use expect_test::{Expect, expect};

use super::*;
use crate::binary::tests::Elf;

const JSON: &str = r#"{"packages":[{"name":"app","version":"0.1.0","source":"local","dependencies":[1],"root":true},
    {"name":"cc","version":"1.0.1","source":"crates.io","kind":"build"},
    {"name":"smallvec","version":"1.6.0","source":"crates.io"},{"name":"forked","version":"2.0.0","source":"git"}]}"#;

fn zlib(content: &str, level: u32) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::new(level));
    encoder.write_all(content.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
fn check(program: &[u8], expected: Expect) {
    let read = |chunk: usize| {
        let (path, mut out) = (ImagePath::new("app"), Observations::default());
        let head = program.get(..plimsoll_core::HEAD_BYTES).unwrap_or(program);
        let mut reader = Auditable.begin(&path, head, program.len() as u64).unwrap();
        program.chunks(chunk).for_each(|piece| reader.feed(piece));
        reader.finish(&path, true, &mut out);
        let mut text = String::new();
        for package in &out.packages {
            writeln!(text, "{} {}", package.name, package.version).unwrap();
        }
        for problem in &out.problems {
            writeln!(text, "! {}", problem.what).unwrap();
        }
        text
    };
    let whole = read(usize::MAX);
    for chunk in [1, 3, 500, 511, 512, 513, 4096, 16384, 17000] {
        assert_eq!(read(chunk), whole, "pieces of {chunk} bytes");
    }
    expected.assert_eq(&whole);
}

/// A program with `filler` bytes mapped and as many between them and the list.
fn elf(wide: bool, big_endian: bool, filler: usize, list: &[u8], sections: bool) -> Vec<u8> {
    let mut elf = Elf::new(wide, big_endian);
    elf.bytes.resize(elf.bytes.len() + filler, 0x90);
    elf.mapped_end = Some(elf.bytes.len());
    elf.bytes.extend_from_slice(b"GCC: (GNU) x\x9cx\x01");
    elf.bytes.extend(zlib("compressed debug information", 6));
    elf.bytes.resize(elf.bytes.len() + filler, 0x78);
    if sections {
        elf.sections = vec![(0, 0), (elf.bytes.len(), list.len())];
    }
    elf.bytes.extend_from_slice(list);
    elf.bytes.extend_from_slice(b"\0.shstrtab\0.dep-v0\0.comment\0");
    elf.finish()
}

#[test]
fn the_list_lies_behind_what_is_mapped() {
    for (wide, big_endian) in [(true, false), (true, true), (false, false), (false, true)] {
        for (filler, level) in [(0, 0), (100, 1), (5000, 6), (30_000, 9)] {
            check(
                &elf(wide, big_endian, filler, &zlib(JSON, level), true),
                expect![[r#"
                app 0.1.0
                smallvec 1.6.0
                forked 2.0.0
            "#]],
            );
        }
    }
}

#[test]
fn a_list_that_cannot_be_read_is_a_problem() {
    let lost = || {
        expect![[r#"
        ! the program has a list of crates, but it could not be found
    "#]]
    };
    check(&elf(true, false, 10, b"not compressed", true), lost());
    check(&elf(true, false, 10, &zlib(r#"{"other":1}"#, 6), true), lost());
    let mut damaged = zlib(JSON, 6);
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    check(
        &elf(true, false, 10, &damaged, true),
        expect![[r#"
        ! the program's list of crates is damaged
    "#]],
    );
    check(
        &elf(true, false, 10, &zlib(r#"{"packages":[{}]}"#, 6), true),
        expect![[r#"
        ! the program's list of crates is broken: missing field `name` at line 1 column 15
    "#]],
    );
    let bomb = format!("{{\"packages\":[{}", " ".repeat(9 << 20));
    check(
        &elf(true, false, 10, &zlib(&bomb, 9), true),
        expect![[r#"
        ! the program's list of crates is too long
    "#]],
    );
}

#[test]
fn what_no_section_holds_does_not_count() {
    check(&elf(true, false, 10, &zlib(JSON, 6), false), expect![""]);
}

#[test]
fn pe_says_in_front_where_the_list_is() {
    let list = zlib(JSON, 6);
    let mut pe = b"MZ".to_vec();
    pe.resize(0x3c, 0);
    pe.extend(0x40u32.to_le_bytes());
    pe.extend_from_slice(b"PE\0\0\x64\x86\x01\0");
    pe.extend([0; 12]);
    pe.extend(112u16.to_le_bytes());
    pe.extend([0; 2]);
    pe.extend(0x20bu16.to_le_bytes());
    pe.extend([0; 110]);
    pe.extend_from_slice(b".dep-v0\0");
    for number in [list.len() as u32, 0x1000, 0x400, 0x400, 0, 0, 0, 0x4000_0000] {
        pe.extend(number.to_le_bytes());
    }
    pe.resize(0x400, 0);
    pe.extend(&list);
    pe.resize(0x800, 0);
    check(
        &pe,
        expect![[r#"
        app 0.1.0
        smallvec 1.6.0
        forked 2.0.0
    "#]],
    );
    let list = 0x400 + 20;
    pe[list] ^= 0xff;
    check(
        &pe,
        expect![[r#"
        ! the program's list of crates is damaged
    "#]],
    );
}
