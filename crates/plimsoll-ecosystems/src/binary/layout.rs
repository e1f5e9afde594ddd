//! Where in a program's file its parts lie, as its head says.
//!
//! ELF's section names lie at the end of the file and are not read here; PE and Mach-O name
//! their sections in front.

use std::ops::Range;

use super::{elf, index, length, macho, pe};

/// Bytes of a program's head that are kept: ELF's program headers and PE's section table lie in
/// the first kilobyte or two, Mach-O's load commands in the first eight.
const HEAD_BYTES_MAX: usize = 16 << 10;

/// Entries of one table of a head.
pub(super) const ENTRIES_MAX: usize = 1024;

/// The formats of programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// A program or shared library of Linux and most other systems (not an object file).
    Elf,
    /// Windows.
    Pe,
    /// macOS, one architecture.
    MachO,
    /// macOS, several architectures in one file.
    MachOFat,
}

impl Format {
    /// The format of a file that begins so; `None` is no program.
    pub(crate) fn of(head: &[u8]) -> Option<Format> {
        match head.get(..4)? {
            b"\x7fELF" => elf::is_program(head).then_some(Format::Elf),
            [b'M', b'Z', ..] => Some(Format::Pe),
            [0xfe, 0xed, 0xfa, 0xce | 0xcf] | [0xce | 0xcf, 0xfa, 0xed, 0xfe] => Some(Format::MachO),
            // Classes of Java begin alike; their format's version follows, which is 45 or more.
            [0xca, 0xfe, 0xba, 0xbe] => {
                matches!(head.get(4..8)?, [0, 0, 0, 1..=30]).then_some(Format::MachOFat)
            }
            _ => None,
        }
    }
}

/// A part of the file that is mapped into memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) address: u64,
    pub(crate) file_offset: u64,
    pub(crate) file_bytes: u64,
}

/// A named section (PE and Mach-O).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub(crate) name: Vec<u8>,
    pub(crate) file: Range<u64>,
}

/// ELF's table of sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SectionTable {
    pub(crate) file_offset: u64,
    pub(crate) entry_bytes: usize,
    pub(crate) entries: usize,
}

/// What a program's head says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) big_endian: bool,
    /// Addresses have eight bytes and not four.
    pub(crate) wide: bool,
    pub(crate) mappings: Vec<Mapping>,
    pub(crate) sections: Vec<Section>,
    /// ELF's notes.
    pub(crate) notes: Vec<Range<u64>>,
    pub(crate) section_table: Option<SectionTable>,
}

impl Layout {
    /// Reads the head of a program; `None` where it is damaged or longer than what is there.
    pub(crate) fn read(format: Format, head: &[u8]) -> Option<Layout> {
        match format {
            Format::Elf => elf::layout(head),
            Format::Pe => pe::layout(head),
            Format::MachO => macho::layout(head),
            Format::MachOFat => None,
        }
    }

    /// Where in the file the byte at an address lies.
    pub(crate) fn file_offset(&self, address: u64) -> Option<u64> {
        self.mappings.iter().find_map(|mapping| {
            let inside = address.checked_sub(mapping.address)?;
            (inside < mapping.file_bytes).then(|| mapping.file_offset.checked_add(inside))?
        })
    }

    /// Where the part of the file that is mapped into memory ends.
    pub(crate) fn mapped_end(&self) -> u64 {
        self.mappings.iter().map(|it| it.file_offset.saturating_add(it.file_bytes)).max().unwrap_or(0)
    }
}

/// The head of a program that streams past.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) format: Format,
    bytes: Vec<u8>,
    layout: Option<Layout>,
    read: bool,
}

impl Head {
    /// Nothing has been seen yet.
    pub(crate) fn new(format: Format) -> Head {
        Head { format, bytes: Vec::new(), layout: None, read: false }
    }

    /// Takes its part of a piece; true where the head has just become complete.
    pub(crate) fn feed(&mut self, piece: &[u8]) -> bool {
        if self.read {
            return false;
        }
        let missing = HEAD_BYTES_MAX - self.bytes.len().min(HEAD_BYTES_MAX);
        self.bytes.extend_from_slice(piece.get(..missing).unwrap_or(piece));
        self.bytes.len() >= HEAD_BYTES_MAX && self.finish()
    }

    /// Reads what there is; true the first time.
    pub(crate) fn finish(&mut self) -> bool {
        if self.read {
            return false;
        }
        self.read = true;
        self.layout = Layout::read(self.format, &self.bytes);
        true
    }

    /// The bytes kept.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What it says, once complete.
    pub(crate) fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref()
    }

    /// Whether it is complete.
    pub(crate) fn is_read(&self) -> bool {
        self.read
    }
}

/// Numbers of a program, in its byte order; `None` beyond its end.
#[derive(Clone, Copy)]
pub(crate) struct Numbers<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) big_endian: bool,
}

impl Numbers<'_> {
    fn at<const N: usize>(&self, offset: u64) -> Option<[u8; N]> {
        let start = index(offset);
        let mut bytes: [u8; N] = self.bytes.get(start..start.checked_add(N)?)?.try_into().ok()?;
        if self.big_endian {
            bytes.reverse();
        }
        Some(bytes)
    }

    pub(crate) fn u16(&self, offset: u64) -> Option<u16> {
        self.at(offset).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&self, offset: u64) -> Option<u32> {
        self.at(offset).map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&self, offset: u64) -> Option<u64> {
        self.at(offset).map(u64::from_le_bytes)
    }

    /// An address of four bytes or of eight.
    pub(crate) fn address(&self, offset: u64, wide: bool) -> Option<u64> {
        if wide { self.u64(offset) } else { self.u32(offset).map(u64::from) }
    }

    /// How many bytes there are.
    pub(crate) fn length(&self) -> u64 {
        length(self.bytes)
    }
}
