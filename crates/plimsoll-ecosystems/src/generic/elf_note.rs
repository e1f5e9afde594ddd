//! `generic/elf-note`: the package that built a program, as its note `.note.package` says.
//!
//! JSON in a note of ELF (systemd's "Package Metadata for Executable Files"). Distributions put
//! it into all their programs; it tells something new only where the package manager's database
//! is missing, which is not decided here.

use std::collections::BTreeSet;
use std::ops::Range;

use plimsoll_core::{Evidence, Extractor, ImagePath, InFlight, Input, Observations, Package, Pattern};
use serde::Deserialize;

use crate::binary::capture::Capture;
use crate::binary::layout::{Format, Head, Numbers};
use crate::binary::{index, length};
use crate::notes::{Notes, excerpt};

/// Reads `.note.package`.
pub struct ElfNote;

/// Bytes of one segment of notes.
const NOTES_BYTES_MAX: u64 = 64 << 10;

/// The note's type and owner.
const KIND: u32 = 0xcafe_1a7e;
const OWNER: &[u8] = b"FDO\0";

impl Extractor for ElfNote {
    fn id(&self) -> &'static str {
        "generic/elf-note"
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

    fn begin(&self, _path: &ImagePath, head: &[u8], _size_bytes: u64) -> Option<Box<dyn InFlight>> {
        (Format::of(head)? == Format::Elf)
            .then(|| Box::new(Reader { offset: 0, head: Head::new(Format::Elf), notes: Vec::new() }) as _)
    }
}

struct Reader {
    offset: u64,
    head: Head,
    notes: Vec<Capture>,
}

impl InFlight for Reader {
    fn feed(&mut self, bytes: &[u8]) {
        if self.head.feed(bytes) {
            self.locate();
        }
        for note in &mut self.notes {
            note.feed(self.offset, bytes);
        }
        self.offset = self.offset.saturating_add(length(bytes));
    }

    fn finish(mut self: Box<Self>, path: &ImagePath, _whole: bool, out: &mut Observations) {
        if self.head.finish() {
            self.locate();
        }
        let big_endian = self.head.layout().is_some_and(|layout| layout.big_endian);
        let mut notes = Notes::new(path, out);
        let mut seen = BTreeSet::new();
        for segment in &self.notes {
            read(Numbers { bytes: segment.bytes(), big_endian }, &mut seen, &mut notes);
        }
        notes.finish();
    }
}

impl Reader {
    fn locate(&mut self) {
        let Some(layout) = self.head.layout() else { return };
        for Range { start, end } in &layout.notes {
            let bytes = end.saturating_sub(*start).min(NOTES_BYTES_MAX);
            let mut capture = Capture::new(*start, index(bytes));
            capture.feed(0, self.head.bytes());
            self.notes.push(capture);
        }
    }
}

/// The JSON, as far as it is of use.
#[derive(Deserialize)]
struct Metadata {
    #[serde(rename = "type")]
    kind: Option<String>,
    name: Option<String>,
    version: Option<String>,
    architecture: Option<String>,
}

/// Reads a segment of notes (System V ABI, chapter 5, "Note Section").
fn read(numbers: Numbers<'_>, seen: &mut BTreeSet<Vec<u8>>, notes: &mut Notes<'_>) {
    let mut at = 0u64;
    while let (Some(name), Some(description), Some(kind)) =
        (numbers.u32(at), numbers.u32(at + 4), numbers.u32(at + 8))
    {
        let owner = at + 12;
        let start = owner + u64::from(name).next_multiple_of(4);
        let end = start + u64::from(description);
        if kind == KIND && numbers.bytes.get(index(owner)..index(owner + u64::from(name))) == Some(OWNER) {
            let json = numbers.bytes.get(index(start)..index(end));
            let json = json.map(|json| json.split(|byte| *byte == 0).next().unwrap_or_default());
            match json {
                Some(json) if seen.insert(json.to_vec()) => package(json, notes),
                Some(_) => (),
                None => notes.problem("the program's package note is cut off".to_owned()),
            }
        }
        at = end.next_multiple_of(4);
    }
}

fn package(json: &[u8], notes: &mut Notes<'_>) {
    let metadata: Metadata = match serde_json::from_slice(json) {
        Ok(metadata) => metadata,
        Err(error) => return notes.problem(format!("the program's package note is broken: {error}")),
    };
    let Some(name) = metadata.name.filter(|name| !name.is_empty()) else {
        let json = excerpt(json);
        return notes.oddity(format!("the program's package note does not name a package: `{json}`"));
    };
    let kind = metadata.kind.filter(|kind| matches!(&**kind, "deb" | "rpm" | "apk"));
    notes.package(Package {
        kind: kind.unwrap_or_else(|| "generic".to_owned()),
        name,
        version: metadata.version.unwrap_or_default(),
        architecture: metadata.architecture,
        evidence: Evidence::Binary,
        ..Package::default()
    });
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::{Expect, expect};

    use super::*;
    use crate::binary::tests::Elf;

    fn note(big_endian: bool, owner: &str, kind: u32, json: &str) -> Vec<u8> {
        let number = |value: u32| if big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut note = number(owner.len() as u32).to_vec();
        note.extend(number(json.len() as u32));
        note.extend(number(kind));
        note.extend_from_slice(owner.as_bytes());
        note.resize(note.len().next_multiple_of(4), 0);
        note.extend_from_slice(json.as_bytes());
        note.resize(note.len().next_multiple_of(4), 0);
        note
    }

    #[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
    fn check(notes: &dyn Fn(bool) -> Vec<u8>, expected: Expect) {
        for (big_endian, filler) in [(false, 0), (true, 0), (false, 40_000)] {
            let mut elf = Elf::new(true, big_endian);
            elf.bytes.resize(elf.bytes.len() + filler, 1);
            let bytes = notes(big_endian);
            elf.headers.push((4, elf.bytes.len(), bytes.len()));
            elf.bytes.extend(bytes);
            let program = elf.finish();
            for chunk in [usize::MAX, 1, 1000, 16384] {
                let (path, mut out) = (ImagePath::new("bin/x"), Observations::default());
                let mut reader = ElfNote.begin(&path, &program, program.len() as u64).unwrap();
                program.chunks(chunk).for_each(|piece| reader.feed(piece));
                reader.finish(&path, true, &mut out);
                let mut actual = String::new();
                for Package { kind, name, version, architecture, .. } in &out.packages {
                    let architecture = architecture.as_deref().unwrap_or("-");
                    writeln!(actual, "{kind} {name} {version} {architecture}").unwrap();
                }
                for problem in &out.problems {
                    writeln!(actual, "{} {}", if problem.hides_findings { "!" } else { "~" }, problem.what)
                        .unwrap();
                }
                expected.assert_eq(&actual);
            }
        }
    }

    #[test]
    fn the_note_names_the_package() {
        let json =
            r#"{"type":"rpm","name":"coreutils","version":"9.1-1.fc38","architecture":"x86_64","osCpe":"x"}"#;
        check(
            &|big_endian| {
                let id = note(big_endian, "GNU\0", 3, "12345");
                let package = note(big_endian, "FDO\0", KIND, &format!("{json}\0\0"));
                let other = note(big_endian, "FDO\0", KIND, r#"{"type":"alpm","name":"pacman"}"#);
                [id, package.clone(), package, other].concat()
            },
            expect![[r#"
                rpm coreutils 9.1-1.fc38 x86_64
                generic pacman  -
            "#]],
        );
    }

    #[test]
    fn a_broken_note_is_a_problem() {
        check(
            &|big_endian| note(big_endian, "FDO\0", KIND, "{"),
            expect![[r#"
            ! the program's package note is broken: EOF while parsing an object at line 1 column 1
        "#]],
        );
        check(
            &|big_endian| note(big_endian, "FDO\0", KIND, "{}"),
            expect![[r#"
            ~ the program's package note does not name a package: `{}`
        "#]],
        );
        check(
            &|big_endian| {
                let whole = note(big_endian, "FDO\0", KIND, r#"{"name":"x"}"#);
                whole[..whole.len() - 4].to_vec()
            },
            expect![[r#"
                ! the program's package note is cut off
            "#]],
        );
    }
}
