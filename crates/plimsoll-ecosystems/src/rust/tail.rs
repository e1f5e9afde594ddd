//! The end of an ELF file, behind what is mapped into memory: there the list of crates lies.
//!
//! The sections' names and places come last, after the sections. So every beginning of a zlib
//! stream is tried on the way, and what inflates to a list of crates counts if the table of
//! sections has a section just there.

use super::audit_data;
use super::inflate::{Inflation, Probe, State};
use crate::binary::capture::Capture;
use crate::binary::layout::{Layout, Numbers, SectionTable};
use crate::binary::length;
use crate::binary::scan::{Hit, Scan};
use crate::notes::Notes;

/// What a zlib stream may begin with: a window of 32 KiB, and each level (RFC 1950).
const ZLIB: [&[u8]; 4] = [b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"];

/// The section's name, as the table of names has it.
const NAME: &[u8] = b".dep-v0\0";

/// Bytes that are enough to inflate the first few: the codes' lengths take at most some 300.
const WINDOW_BYTES: usize = 512;

/// Beginnings tried in one file; random bytes have one in 16 KiB.
const TRIES_MAX: usize = 200_000;

/// Lists in one file.
const LISTS_MAX: usize = 2;

/// The tail of an ELF file as it streams past.
pub(super) struct Tail {
    scan: Scan,
    /// Where the next byte lies in the file.
    offset: u64,
    section_table: Capture,
    layout: SectionTable,
    big_endian: bool,
    wide: bool,
    found: Found,
}

struct Found {
    start: u64,
    probe: Probe,
    tries: usize,
    lists: Vec<List>,
    named: bool,
}

struct List {
    start: u64,
    next: u64,
    inflation: Inflation,
}

impl Tail {
    /// The tail of a program with this layout; give it the bytes from [`Tail::start`] on.
    pub(super) fn new(layout: &Layout) -> Option<Tail> {
        let section_table = layout.section_table.clone().filter(|table| table.entries > 0)?;
        let bytes = section_table.entries.checked_mul(section_table.entry_bytes)?;
        let start = layout.mapped_end();
        let needles = ZLIB.into_iter().chain([NAME]).map(<[u8]>::to_vec);
        Some(Tail {
            scan: Scan::new(needles, WINDOW_BYTES),
            offset: start,
            section_table: Capture::new(section_table.file_offset, bytes),
            layout: section_table,
            big_endian: layout.big_endian,
            wide: layout.wide,
            found: Found { start, probe: Probe::new(), tries: 0, lists: Vec::new(), named: false },
        })
    }

    /// A piece of the file that begins at `offset`; what lies before the tail is passed over.
    pub(super) fn feed(&mut self, offset: u64, bytes: &[u8]) {
        self.section_table.feed(offset, bytes);
        let skip = crate::binary::index(self.offset.saturating_sub(offset));
        let Some(bytes) = bytes.get(skip..).filter(|bytes| !bytes.is_empty()) else { return };
        let Tail { scan, found, .. } = self;
        scan.feed(bytes, &mut |hit| found.hit(&hit));
        for list in &mut found.lists {
            list.feed(self.offset, bytes);
        }
        self.offset = self.offset.saturating_add(length(bytes));
    }

    /// No more will come.
    pub(super) fn finish(mut self, notes: &mut Notes<'_>) {
        let Tail { scan, found, .. } = &mut self;
        scan.finish(&mut |hit| found.hit(&hit));
        let mut read = false;
        for list in self.found.lists.iter().filter(|list| self.is_section(list)) {
            read = true;
            match list.inflation.state() {
                State::Ended => audit_data::read(list.inflation.inflated(), notes),
                State::TooLarge => notes.problem("the program's list of crates is too long".to_owned()),
                State::Running | State::Broken => {
                    notes.problem("the program's list of crates is damaged".to_owned());
                }
            }
        }
        if self.found.named && !read {
            notes.problem("the program has a list of crates, but it could not be found".to_owned());
        }
        if self.found.tries >= TRIES_MAX && !read {
            notes.problem(format!(
                "a list of crates was looked for in only {TRIES_MAX} places of the program"
            ));
        }
    }

    /// Whether a section begins where the list does, and holds it.
    fn is_section(&self, list: &List) -> bool {
        let (offset, size) = if self.wide { (24, 32) } else { (16, 20) };
        self.section_table.bytes().chunks_exact(self.layout.entry_bytes.max(1)).any(|entry| {
            let numbers = Numbers { bytes: entry, big_endian: self.big_endian };
            numbers.address(offset, self.wide) == Some(list.start)
                && numbers.address(size, self.wide).is_some_and(|size| size >= list.inflation.read_bytes())
        })
    }
}

impl Found {
    fn hit(&mut self, hit: &Hit<'_>) {
        if hit.needle == ZLIB.len() {
            self.named = true;
            return;
        }
        if self.tries >= TRIES_MAX || self.lists.len() >= LISTS_MAX {
            return;
        }
        self.tries += 1;
        let window = hit.bytes.get(..WINDOW_BYTES).unwrap_or(hit.bytes);
        if self.probe.begins(window, audit_data::START) {
            let start = self.start.saturating_add(hit.offset);
            let mut list = List { start, next: start, inflation: Inflation::new() };
            list.feed(start, hit.bytes);
            self.lists.push(list);
        }
    }
}

impl List {
    fn feed(&mut self, offset: u64, bytes: &[u8]) {
        let skip = crate::binary::index(self.next.saturating_sub(offset));
        let rest = bytes.get(skip..).unwrap_or_default();
        self.inflation.feed(rest);
        self.next = self.next.saturating_add(length(rest));
    }
}
