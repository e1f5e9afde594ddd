//! ELF files made by hand, for the tests of all readers of programs.

/// An ELF file of one segment that is being written.
pub(crate) struct Elf {
    pub(crate) bytes: Vec<u8>,
    pub(crate) wide: bool,
    pub(crate) big_endian: bool,
    /// Further program headers: kind, offset, bytes.
    pub(crate) headers: Vec<(u32, usize, usize)>,
    /// Where what is mapped ends; the end of the file unless set.
    pub(crate) mapped_end: Option<usize>,
    /// Sections: offset, bytes.
    pub(crate) sections: Vec<(usize, usize)>,
}

/// The address of the file's first byte.
const BASE: u64 = 0x40_0000;

/// Room for the header and program headers.
const HEADERS_BYTES: usize = 64 + 4 * 56;

impl Elf {
    pub(crate) fn new(wide: bool, big_endian: bool) -> Elf {
        let bytes = vec![0; HEADERS_BYTES];
        Elf { bytes, wide, big_endian, headers: Vec::new(), mapped_end: None, sections: Vec::new() }
    }

    pub(crate) fn align(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    pub(crate) fn address_of(&self, offset: usize) -> u64 {
        BASE + offset as u64
    }

    pub(crate) fn word(&mut self, value: u64) {
        let bytes = self.number(value, if self.wide { 8 } else { 4 });
        self.bytes.extend(bytes);
    }

    fn number(&self, value: u64, bytes: usize) -> Vec<u8> {
        match self.big_endian {
            true => value.to_be_bytes()[8 - bytes..].to_vec(),
            false => value.to_le_bytes()[..bytes].to_vec(),
        }
    }

    fn put(&mut self, offset: usize, value: u64, bytes: usize) {
        let number = self.number(value, bytes);
        self.bytes[offset..offset + bytes].copy_from_slice(&number);
    }

    /// The file with its headers.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        let mapped_end = self.mapped_end.unwrap_or(self.bytes.len());
        let section_table = self.bytes.len();
        let (entry, section_entry) = if self.wide { (56, 64) } else { (32, 40) };
        for (offset, bytes) in self.sections.clone() {
            let at = self.bytes.len();
            self.bytes.resize(at + section_entry, 0);
            let word = if self.wide { 8 } else { 4 };
            let places = if self.wide { (24, 32) } else { (16, 20) };
            self.put(at + places.0, offset as u64, word);
            self.put(at + places.1, bytes as u64, word);
        }
        self.bytes[..4].copy_from_slice(b"\x7fELF");
        self.bytes[4] = if self.wide { 2 } else { 1 };
        self.bytes[5] = if self.big_endian { 2 } else { 1 };
        self.put(16, 2, 2);
        let start = if self.wide { 64 } else { 52 };
        match self.wide {
            true => {
                self.put(32, start as u64, 8);
                self.put(40, section_table as u64, 8);
            }
            false => {
                self.put(28, start as u64, 4);
                self.put(32, section_table as u64, 4);
            }
        }
        let counts = if self.wide { 54 } else { 42 };
        let sections = self.sections.len() as u64;
        self.put(counts, entry as u64, 2);
        self.put(counts + 2, 1 + self.headers.len() as u64, 2);
        self.put(counts + 4, section_entry as u64, 2);
        self.put(counts + 6, sections, 2);
        let mut headers = vec![(1u32, 0, mapped_end)];
        headers.append(&mut self.headers);
        for (index, (kind, offset, bytes)) in headers.into_iter().enumerate() {
            let at = start + index * entry;
            let (offset, bytes) = (offset as u64, bytes as u64);
            self.put(at, u64::from(kind), 4);
            match self.wide {
                true => {
                    [(8, offset), (16, BASE + offset), (32, bytes)].map(|it| self.put(at + it.0, it.1, 8))
                }
                false => {
                    [(4, offset), (8, BASE + offset), (16, bytes)].map(|it| self.put(at + it.0, it.1, 4))
                }
            };
        }
        self.bytes
    }
}
