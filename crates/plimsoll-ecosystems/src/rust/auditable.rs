//! `rust/auditable`: the crates of a program built with `cargo auditable`.
//!
//! They are listed in a section `.dep-v0`. PE and Mach-O say in front where it lies; in ELF it
//! lies behind all that is mapped, and is found there ([`super::tail`]). Of a Mach-O file of
//! several architectures nothing is read.

use plimsoll_core::{Extractor, ImagePath, InFlight, Input, Observations, Pattern};

use super::audit_data;
use super::inflate::{Inflation, State};
use super::tail::Tail;
use crate::binary::capture::Capture;
use crate::binary::layout::{Format, Head};
use crate::binary::{index, length};
use crate::notes::Notes;

/// Reads `.dep-v0`.
pub struct Auditable;

/// Bytes of the section; compressed, so that it is smaller than what it inflates to.
const SECTION_BYTES_MAX: u64 = 8 << 20;

impl Extractor for Auditable {
    fn id(&self) -> &'static str {
        "rust/auditable"
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
        let format = Format::of(head).filter(|format| *format != Format::MachOFat)?;
        Some(Box::new(Reader { offset: 0, head: Head::new(format), place: Place::Nowhere }))
    }
}

struct Reader {
    offset: u64,
    head: Head,
    place: Place,
}

/// Where the list is.
enum Place {
    Nowhere,
    Section(Capture),
    Tail(Box<Tail>),
}

impl InFlight for Reader {
    fn feed(&mut self, bytes: &[u8]) {
        if self.head.feed(bytes) {
            self.locate();
        }
        match &mut self.place {
            Place::Nowhere => (),
            Place::Section(section) => {
                section.feed(self.offset, bytes);
            }
            Place::Tail(tail) => tail.feed(self.offset, bytes),
        }
        self.offset = self.offset.saturating_add(length(bytes));
    }

    fn finish(mut self: Box<Self>, path: &ImagePath, _whole: bool, out: &mut Observations) {
        if self.head.finish() {
            self.locate();
        }
        let mut notes = Notes::new(path, out);
        match self.place {
            Place::Nowhere => (),
            Place::Section(section) => read(&section, &mut notes),
            Place::Tail(tail) => tail.finish(&mut notes),
        }
        notes.finish();
    }
}

impl Reader {
    fn locate(&mut self) {
        let Some(layout) = self.head.layout() else { return };
        if self.head.format == Format::Elf {
            if let Some(mut tail) = Tail::new(layout) {
                tail.feed(0, self.head.bytes());
                self.place = Place::Tail(Box::new(tail));
            }
            return;
        }
        let section = layout.sections.iter().find(|section| section.name == b".dep-v0");
        if let Some(file) = section.map(|section| &section.file) {
            let bytes = file.end.saturating_sub(file.start).min(SECTION_BYTES_MAX);
            let mut section = Capture::new(file.start, index(bytes));
            section.feed(0, self.head.bytes());
            self.place = Place::Section(section);
        }
    }
}

fn read(section: &Capture, notes: &mut Notes<'_>) {
    let mut inflation = Inflation::new();
    inflation.feed(section.bytes());
    match inflation.state() {
        State::Ended => audit_data::read(inflation.inflated(), notes),
        State::TooLarge => notes.problem("the program's list of crates is too long".to_owned()),
        State::Running | State::Broken => {
            notes.problem("the program's list of crates is damaged".to_owned());
        }
    }
}

#[cfg(test)]
mod tests;
