//! `go/build-info`: what a program built by Go says of itself, read as it streams past.
//!
//! Found by fixed texts, not by sections, so that it does not matter whether the program is
//! stripped. Programs of Go 1.18 and later hold version and modules in one block. Those before
//! hold the modules between two marks, and the address of the version, which lies in front of
//! the address: texts that may be a version are remembered, and the address decides. That is
//! done only where the head has the linker's id, since this reads every program of an image.
//! Its functions come from the table that the runtime itself needs ([`super::functions`]), and
//! decide whether a vulnerability is in the program. Unpacks nothing: of a packed program it says
//! that it is packed.

use memchr::memmem;
use plimsoll_core::{
    Evidence, Extractor, ImagePath, InFlight, Input, Observations, Package, Pattern, Problem, ProblemKind,
};

use super::blob::{ALIGNMENT, Block, Inline, MAGIC, block, inline};
use super::functions::Functions;
use super::modules::{self, END_MARK, MARK_BYTES, START_MARK, Seen};
use super::release::release;
use super::{STANDARD_LIBRARY, package};
use crate::binary::capture::Capture;
use crate::binary::layout::{Format, Head, Layout, Numbers};
use crate::binary::scan::{Hit, Scan};
use crate::binary::{index, length};
use crate::notes::{Notes, excerpt};

/// Reads the build information of Go programs.
pub struct BuildInfo;

impl Extractor for BuildInfo {
    fn id(&self) -> &'static str {
        "go/build-info"
    }

    fn version(&self) -> u32 {
        3
    }

    fn wants(&self) -> &'static [Pattern] {
        &[]
    }

    fn extract(&self, _input: Input<'_>, _out: &mut Observations) {}

    fn reads_in_flight(&self) -> bool {
        true
    }

    fn begin(&self, _path: &ImagePath, head: &[u8], _size_bytes: u64) -> Option<Box<dyn InFlight>> {
        let format = Format::of(head)?;
        if is_packed(format, head) {
            return Some(Box::new(Packed));
        }
        Some(Box::new(Reader {
            offset: 0,
            head: Head::new(format),
            blocks: Scan::new([MAGIC.to_vec()], WINDOW_BYTES),
            old: None,
            found: Found::default(),
        }))
    }
}

/// How every version of Go begins since 2012.
const VERSION_START: &[u8] = b"go1.";

/// Bytes looked at behind a needle: the block and its addresses, or a version.
const WINDOW_BYTES: usize = 64;

/// Blocks of one file: an installer may carry several programs.
const BLOCKS_MAX: usize = 64;

/// Module texts between marks in one file.
const TEXTS_MAX: usize = 4;

/// Bytes of one block or text; the largest known have some 100 KB.
const TEXT_BYTES_MAX: usize = 2 << 20;

/// Bytes of all blocks of a file.
const BLOCKS_BYTES_MAX: usize = 8 << 20;

/// Texts of one file that may be the version; Go's own tools have some hundred.
const VERSIONS_MAX: usize = 8192;

/// Bazel builds so, and Go itself with `GO111MODULE=off`.
const UNNAMED_MODULES: &str = "the program's build information does not name its modules";

/// UPX writes its name behind the headers of what it packs.
fn is_packed(format: Format, head: &[u8]) -> bool {
    let mark: &[u8] = match format {
        Format::Pe => b"UPX1\0\0\0\0",
        _ => b"UPX!",
    };
    memmem::find(head, mark).is_some()
}

/// A program whose content is compressed.
struct Packed;

impl InFlight for Packed {
    fn feed(&mut self, _bytes: &[u8]) {}

    fn finish(self: Box<Self>, path: &ImagePath, _whole: bool, out: &mut Observations) {
        out.unsupported(path, "the program is packed with UPX; what it is made of is unknown");
    }
}

struct Reader {
    offset: u64,
    head: Head,
    blocks: Scan,
    old: Option<Old>,
    found: Found,
}

/// What is looked for in programs of Go alone: functions, and the marks and versions of Go before
/// 1.18.
struct Old {
    scan: Scan,
    functions: Functions,
    big_endian: bool,
    /// Where the next byte lies in the file.
    offset: u64,
}

impl Old {
    fn new(big_endian: bool) -> Old {
        let needles = [&START_MARK[..], VERSION_START].map(<[u8]>::to_vec);
        let functions = Functions::new(big_endian);
        Old { scan: Scan::new(needles, WINDOW_BYTES), functions, big_endian, offset: 0 }
    }

    fn feed(&mut self, offset: u64, bytes: &[u8], found: &mut Found) {
        let skip = index(self.offset.saturating_sub(offset));
        let rest = bytes.get(skip..).unwrap_or_default();
        self.scan.feed(rest, &mut |hit| found.old_hit(&hit));
        self.functions.feed(self.offset, rest, self.big_endian);
        self.offset = self.offset.saturating_add(length(rest));
    }
}

impl Reader {
    /// The head has just become complete.
    fn begin_old(&mut self) {
        if is_go(&self.head) {
            let mut old = Old::new(self.head.layout().is_some_and(|it| it.big_endian));
            old.feed(0, self.head.bytes(), &mut self.found);
            self.old = Some(old);
        }
    }
}

impl InFlight for Reader {
    fn feed(&mut self, bytes: &[u8]) {
        if self.head.feed(bytes) {
            self.begin_old();
        }
        let Reader { offset, head, blocks, old, found } = self;
        blocks.feed(bytes, &mut |hit| found.block(&hit));
        if let Some(old) = old {
            old.feed(*offset, bytes, found);
        }
        found.feed(*offset, bytes, head);
        *offset = offset.saturating_add(length(bytes));
    }

    fn finish(mut self: Box<Self>, path: &ImagePath, whole: bool, out: &mut Observations) {
        if self.head.finish() {
            self.begin_old();
        }
        let Reader { offset, head, blocks, old, found } = &mut *self;
        blocks.finish(&mut |hit| found.block(&hit));
        if let Some(old) = old {
            old.scan.finish(&mut |hit| found.old_hit(&hit));
            old.functions.finish(old.big_endian);
        }
        found.feed(*offset, &[], head);
        let mut notes = Notes::new(path, out);
        let functions = old.as_ref().filter(|_| whole).map(|it| &it.functions);
        found.read(head, whole, functions, &mut notes);
        notes.finish();
    }
}

/// What was cut out of the stream.
#[derive(Default)]
struct Found {
    blocks: Vec<Capture>,
    blocks_bytes: usize,
    texts: Vec<Capture>,
    pointers: Vec<Pointer>,
    versions: Vec<(u64, Vec<u8>)>,
    /// Something was larger or more than the bounds.
    left_out: bool,
}

/// The header of the version's string in a program of Go before 1.18.
struct Pointer {
    address: u64,
    wide: bool,
    big_endian: bool,
    /// The header, once it is known where it lies.
    header: Option<Capture>,
}

impl Found {
    fn old_hit(&mut self, hit: &Hit<'_>) {
        if hit.needle == 1 {
            if self.versions.len() < VERSIONS_MAX {
                let window = hit.bytes.get(..WINDOW_BYTES).unwrap_or(hit.bytes);
                self.versions.push((hit.offset, window.to_vec()));
            }
        } else if self.texts.len() < TEXTS_MAX {
            let mut text = Capture::new(hit.offset, 4096);
            follow(&mut text, hit.offset, hit.bytes, &mut 0, text_needs);
            self.texts.push(text);
        }
    }

    fn block(&mut self, hit: &Hit<'_>) {
        if !hit.offset.is_multiple_of(ALIGNMENT) {
            return;
        }
        match block(hit.bytes) {
            None => (),
            Some(_) if self.blocks.len() + self.pointers.len() >= BLOCKS_MAX => self.left_out = true,
            Some(Block::Inline) => {
                let mut capture = Capture::new(hit.offset, WINDOW_BYTES);
                self.left_out |=
                    !follow(&mut capture, hit.offset, hit.bytes, &mut self.blocks_bytes, block_needs);
                self.blocks.push(capture);
            }
            Some(Block::Pointers { version, wide, big_endian }) => {
                self.pointers.push(Pointer { address: version, wide, big_endian, header: None });
            }
        }
    }

    fn feed(&mut self, offset: u64, bytes: &[u8], head: &Head) {
        for capture in &mut self.blocks {
            self.left_out |= !follow(capture, offset, bytes, &mut self.blocks_bytes, block_needs);
        }
        for capture in &mut self.texts {
            follow(capture, offset, bytes, &mut 0, text_needs);
        }
        for pointer in &mut self.pointers {
            pointer.feed(offset, bytes, head);
        }
    }
}

impl Pointer {
    fn feed(&mut self, offset: u64, bytes: &[u8], head: &Head) {
        if self.header.is_none() && head.is_read() {
            let place = head.layout().and_then(|layout| layout.file_offset(self.address));
            let mut header = Capture::new(place.unwrap_or(u64::MAX), if self.wide { 16 } else { 8 });
            header.feed(0, head.bytes());
            self.header = Some(header);
        }
        if let Some(header) = &mut self.header {
            header.feed(offset, bytes);
        }
    }

    /// The version that it points to, if that was remembered.
    fn version<'a>(&self, layout: &Layout, versions: &'a [(u64, Vec<u8>)]) -> Option<&'a [u8]> {
        let header = self.header.as_ref().filter(|it| it.is_complete())?;
        let numbers = Numbers { bytes: header.bytes(), big_endian: self.big_endian };
        let place = layout.file_offset(numbers.address(0, self.wide)?)?;
        let bytes = numbers.address(numbers.length() / 2, self.wide)?;
        let (_, text) = versions.iter().find(|(offset, _)| *offset == place)?;
        Some(text.get(..index(bytes)).unwrap_or(text))
    }
}

/// Feeds a range whose length is known only from its own content; false where it is too long.
fn follow(
    capture: &mut Capture,
    offset: u64,
    bytes: &[u8],
    sum: &mut usize,
    needs: fn(&[u8]) -> Option<usize>,
) -> bool {
    while capture.feed(offset, bytes) && capture.is_complete() {
        let Some(wanted) = needs(capture.bytes()).filter(|wanted| *wanted > capture.wanted()) else {
            return true;
        };
        *sum = sum.saturating_add(wanted - capture.wanted());
        if wanted > TEXT_BYTES_MAX || *sum > BLOCKS_BYTES_MAX {
            return false;
        }
        capture.set_wanted(wanted);
    }
    true
}

/// How many bytes an inline block needs to be read further.
fn block_needs(bytes: &[u8]) -> Option<usize> {
    match inline(bytes) {
        Inline::Needs(bytes) => Some(bytes),
        _ => None,
    }
}

/// How many bytes a text between marks needs: twice as many, until its end is there.
fn text_needs(bytes: &[u8]) -> Option<usize> {
    match memmem::find(bytes, &END_MARK) {
        Some(_) => None,
        None => Some(bytes.len() * 2),
    }
}

impl Found {
    fn read(&self, head: &Head, whole: bool, functions: Option<&Functions>, notes: &mut Notes<'_>) {
        let mut seen = Seen::new(functions);
        for block in &self.blocks {
            match inline(block.bytes()) {
                Inline::Whole { version, modules } => {
                    let modules = modules.get(MARK_BYTES..modules.len().saturating_sub(MARK_BYTES));
                    let modules = modules.unwrap_or_default();
                    if modules.is_empty() {
                        notes.note(Problem::new(ProblemKind::NotCovered, UNNAMED_MODULES));
                    }
                    modules::read(modules, &mut seen, notes);
                    standard_library(version, &mut seen, notes);
                }
                Inline::Needs(_) => notes.problem("a program's build information is cut off".to_owned()),
                Inline::Broken => notes.problem("a program's build information is broken".to_owned()),
            }
        }
        if self.blocks.is_empty() || !self.pointers.is_empty() {
            self.read_old(head, &mut seen, notes);
        }
        if self.left_out {
            notes.problem(format!(
                "the build information has more than {BLOCKS_MAX} programs or {TEXT_BYTES_MAX} bytes; \
                 the rest was not read"
            ));
        }
        let silent = seen.is_empty() && self.blocks.is_empty() && self.pointers.is_empty();
        if silent && whole && is_go(head) {
            notes.problem("the program is made by Go but does not say of which modules".to_owned());
        }
    }

    /// Programs of Go 1.13 to 1.17.
    fn read_old(&self, head: &Head, seen: &mut Seen<'_>, notes: &mut Notes<'_>) {
        let before = seen.len();
        if !self.pointers.is_empty() && self.texts.is_empty() {
            notes.problem(UNNAMED_MODULES.to_owned());
        }
        for text in self.texts.iter().filter_map(|it| it.bytes().get(MARK_BYTES..)) {
            match memmem::find(text, &END_MARK) {
                _ if !modules::is_text(text) => (),
                Some(end) => modules::read(text.get(..end).unwrap_or_default(), seen, notes),
                None => notes.problem("a program's build information has no end".to_owned()),
            }
        }
        if seen.len() == before && self.pointers.is_empty() {
            return;
        }
        let pointed = head
            .layout()
            .and_then(|layout| self.pointers.iter().find_map(|it| it.version(layout, &self.versions)));
        match pointed.or_else(|| self.only_version()) {
            Some(version) => standard_library(version, seen, notes),
            None => {
                notes.problem("which version of Go built the program could not be found".to_owned());
                standard_library(b"", seen, notes);
            }
        }
    }

    /// The one text of the program that is a version of Go and nothing else: where a program can
    /// be moved in memory, its file need not hold addresses.
    fn only_version(&self) -> Option<&[u8]> {
        let ended = self.versions.iter().filter_map(|(_, text)| {
            let text = text.split(|byte| *byte == 0).next().filter(|it| it.len() < text.len())?;
            let version = std::str::from_utf8(text).ok()?;
            (release(version)?.len() + "go".len() == version.len()).then_some(text)
        });
        let mut versions: Vec<&[u8]> = ended.collect();
        versions.sort_unstable();
        versions.dedup();
        match &versions[..] {
            [version] => Some(version),
            _ => None,
        }
    }
}

fn standard_library(version: &[u8], seen: &mut Seen<'_>, notes: &mut Notes<'_>) {
    let release = std::str::from_utf8(version).ok().and_then(release);
    if release.is_none() && !version.is_empty() {
        notes.problem(format!(
            "the program is built by `{}`, which is no release of Go: its standard library is not judged",
            excerpt(version)
        ));
    }
    let release = release.unwrap_or_default();
    if seen.insert(STANDARD_LIBRARY, release) {
        let functions = seen.functions(&[], "").and_then(|mut it| it.remove(STANDARD_LIBRARY));
        notes.package(Package { functions, ..package(STANDARD_LIBRARY, release, Evidence::Installed) });
    }
}

/// Whether the head has the id that Go's linker gives to what it builds.
fn is_go(head: &Head) -> bool {
    match head.format {
        // The length of the name, of the id, and the kind 4 (`cmd/internal/buildid`).
        Format::Elf => memmem::find_iter(head.bytes(), b"Go\0\0")
            .filter_map(|name| head.bytes().get(name.checked_sub(12)?..name))
            .any(|note| {
                let kinds = [&[4, 0, 0, 0][..], &[0, 0, 0, 4]];
                kinds.iter().any(|kind| note.starts_with(kind) && note.ends_with(kind))
            }),
        _ => memmem::find(head.bytes(), b"\xff Go build ID: \"").is_some(),
    }
}

#[cfg(test)]
mod tests;
