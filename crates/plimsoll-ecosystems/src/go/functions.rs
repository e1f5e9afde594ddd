//! The functions of a Go program, from its table of names (`pclntab`), read as it streams past.
//!
//! Every Go program carries that table, a stripped one too, since the runtime prints traces with
//! it. It holds the names of functions that were inlined as well. Source: `debug/gosym/pclntab.go`
//! of Go, versions 1.16, 1.18 and 1.20; older tables mix names and numbers and are not read. Names
//! are hashed on the way and never kept. What is broken, or larger than the bounds, gives no answer
//! at all: a function that was not seen must not be taken for one that is not there.

use std::collections::HashMap;

use plimsoll_core::LinkedFunctions;

use super::STANDARD_LIBRARY;
use crate::binary::layout::Numbers;
use crate::binary::scan::{Hit, Scan};
use crate::binary::{index, length};

/// What begins a table, little end first: Go 1.20, 1.18, 1.16.
const MAGICS: [[u8; 6]; 3] =
    [[0xf1, 0xff, 0xff, 0xff, 0, 0], [0xf0, 0xff, 0xff, 0xff, 0, 0], [0xfa, 0xff, 0xff, 0xff, 0, 0]];
/// The longest header: 8 bytes and 9 addresses.
const HEADER_BYTES: usize = 80;
/// Tables of one file: an installer may carry several programs. Most hits are none.
const TABLES_MAX: usize = 16;
/// Bytes of one table of names; the largest known (kubelet and the like) have 10 MB.
const TABLE_BYTES_MAX: u64 = 256 << 20;
/// The longest name; type parameters are written `[...]`.
const NAME_BYTES_MAX: usize = 16 << 10;
/// Functions of one file; the largest known have 300,000.
const FUNCTIONS_MAX: usize = 4_000_000;
/// Import paths of one file; the largest known have 5,000.
const PATHS_MAX: usize = 200_000;

/// Reads the tables of one program.
pub(super) struct Functions {
    scan: Scan,
    tables: Vec<Table>,
    names: Names,
}

/// Where a table of names lies, and how far it was read.
struct Table {
    next: u64,
    end: u64,
    name: Vec<u8>,
}

/// Hashes by import path.
#[derive(Default)]
struct Names {
    paths: HashMap<String, Vec<u32>>,
    count: usize,
    is_broken: bool,
}

impl Functions {
    pub(super) fn new(big_endian: bool) -> Functions {
        let magics = MAGICS.map(|mut magic| {
            if big_endian && let Some(number) = magic.get_mut(..4) {
                number.reverse();
            }
            magic.to_vec()
        });
        Functions { scan: Scan::new(magics, HEADER_BYTES), tables: Vec::new(), names: Names::default() }
    }

    /// The next bytes, which must follow those before.
    pub(super) fn feed(&mut self, offset: u64, bytes: &[u8], big_endian: bool) {
        let Functions { scan, tables, names } = self;
        scan.feed(bytes, &mut |hit| begin(&hit, big_endian, tables, names));
        for table in tables {
            table.feed(offset, bytes, names);
        }
    }

    pub(super) fn finish(&mut self, big_endian: bool) {
        let Functions { scan, tables, names } = self;
        scan.finish(&mut |hit| begin(&hit, big_endian, tables, names));
        names.is_broken |= tables.iter().any(|table| table.next < table.end);
    }

    /// The functions of each module, named by their import paths' beginnings; `program` is the
    /// import path of package `main`. `None` where they are not known.
    pub(super) fn by_module(
        &self,
        modules: &[&str],
        program: &str,
    ) -> Option<HashMap<String, LinkedFunctions>> {
        // The runtime is in every program; a table without it is another program's data.
        if self.names.is_broken || !self.names.paths.contains_key("runtime") {
            return None;
        }
        let mut hashes: HashMap<&str, Vec<u32>> = modules
            .iter()
            .map(|&module| (module, Vec::new()))
            .chain([(STANDARD_LIBRARY, Vec::new())])
            .collect();
        for (path, functions) in &self.names.paths {
            let Some(module) = owner(if path == "main" { program } else { path }, &hashes) else { continue };
            let Some(of_module) = hashes.get_mut(module.as_str()) else { continue };
            of_module.extend(functions);
            // Of package `main` only the program's own path is known outside.
            of_module.push(LinkedFunctions::hash(if path == "main" { program } else { path }, ""));
        }
        Some(hashes.into_iter().map(|(module, it)| (module.to_owned(), LinkedFunctions::new(it))).collect())
    }
}

/// The module that a package is in: the longest that its path begins with.
fn owner(path: &str, modules: &HashMap<&str, Vec<u32>>) -> Option<String> {
    let mut end = path.len();
    loop {
        let prefix = path.get(..end)?;
        if modules.contains_key(prefix) {
            return Some(prefix.to_owned());
        }
        match prefix.rfind('/') {
            Some(slash) => end = slash,
            // Paths of the standard library have no dot in front of the first slash.
            None => return (!prefix.contains('.')).then(|| STANDARD_LIBRARY.to_owned()),
        }
    }
}

/// Notes a table, if the magic is followed by what a header has.
fn begin(hit: &Hit<'_>, big_endian: bool, tables: &mut Vec<Table>, names: &mut Names) {
    let header = Numbers { bytes: hit.bytes, big_endian };
    let Some((start, end)) = names_place(header, hit.needle) else { return };
    if tables.len() >= TABLES_MAX || end.saturating_sub(start) > TABLE_BYTES_MAX {
        names.is_broken = true;
        return;
    }
    let place = |offset: u64| hit.offset.saturating_add(offset);
    let mut table = Table { next: place(start), end: place(end), name: Vec::new() };
    table.feed(hit.offset, hit.bytes, names);
    tables.push(table);
}

/// Where the names begin and end, counted from the header.
fn names_place(header: Numbers<'_>, needle: usize) -> Option<(u64, u64)> {
    let (quantum, width) = match header.bytes.get(6..8)? {
        [quantum @ (1 | 2 | 4), width @ (4 | 8)] => (*quantum, *width),
        _ => return None,
    };
    debug_assert!(quantum > 0);
    // Behind the counts of functions and files; 1.18 put the text's address there as well.
    let first = if needle == 2 { 2 } else { 3 };
    let number = |place: u64| header.address(8 + place * u64::from(width), width == 8);
    let (start, end) = (number(first)?, number(first + 1)?);
    let header_bytes = 8 + (first + 5) * u64::from(width);
    (start >= header_bytes && start < end && end <= u64::from(u32::MAX)).then_some((start, end))
}

impl Table {
    /// Takes its part of a piece that begins at `offset`.
    fn feed(&mut self, offset: u64, piece: &[u8], names: &mut Names) {
        let end = offset.saturating_add(length(piece)).min(self.end);
        if self.next >= end {
            return;
        }
        let Some(skip) = self.next.checked_sub(offset) else {
            // The header stands in front of its names, so that they cannot have gone past.
            names.is_broken = true;
            return;
        };
        let part = piece.get(index(skip)..index(end - offset)).unwrap_or_default();
        self.next = end;
        let mut rest = part;
        while let Some(zero) = memchr::memchr(0, rest) {
            let (name, behind) = rest.split_at(zero);
            if self.name.is_empty() {
                names.add(name);
            } else {
                self.name.extend_from_slice(name);
                names.add(&self.name);
                self.name.clear();
            }
            rest = behind.get(1..).unwrap_or_default();
        }
        if self.name.len() + rest.len() > NAME_BYTES_MAX {
            names.is_broken = true;
        } else {
            self.name.extend_from_slice(rest);
        }
    }
}

impl Names {
    fn add(&mut self, name: &[u8]) {
        let Some((path, symbol)) = std::str::from_utf8(name).ok().and_then(split) else { return };
        if self.count >= FUNCTIONS_MAX || self.paths.len() >= PATHS_MAX {
            self.is_broken = true;
            return;
        }
        self.count += 1;
        let path = unescaped(path);
        let symbol = plain(symbol);
        let mut symbol: &str = &symbol;
        // A closure is a part of the function around it, which may be inlined without a name.
        let hashes = self.paths.entry(path.clone()).or_default();
        hashes.push(LinkedFunctions::hash(&path, symbol));
        while let Some(outer) = around(symbol) {
            hashes.push(LinkedFunctions::hash(&path, outer));
            symbol = outer;
        }
    }
}

/// `golang.org/x/net/http2` and `(*Framer).ReadFrame`.
fn split(name: &str) -> Option<(&str, &str)> {
    let head_end = name.find(['(', '[', '{', ' ']).unwrap_or(name.len());
    let last = name.get(..head_end)?.rfind('/').map_or(0, |it| it + 1);
    let dot = last + name.get(last..)?.find('.')?;
    let (path, symbol) = (name.get(..dot)?, name.get(dot + 1..)?);
    // `type:.eq.…` and `go:buildid` are the compiler's.
    (!path.is_empty() && !path.contains(':') && !symbol.is_empty()).then_some((path, symbol))
}

/// The linker writes `gopkg.in/yaml%2ev2`, since a dot would end the path.
fn unescaped(path: &str) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let mut plain = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(percent) = rest.find('%') {
        let (before, behind) = rest.split_at(percent);
        plain.push_str(before);
        let code = behind.get(1..3).and_then(|it| u8::from_str_radix(it, 16).ok()).filter(u8::is_ascii);
        match code {
            Some(byte) => {
                plain.push(char::from(byte));
                rest = behind.get(3..).unwrap_or_default();
            }
            None => {
                plain.push('%');
                rest = behind.get(1..).unwrap_or_default();
            }
        }
    }
    plain + rest
}

/// `Framer.ReadFrame` of `(*Framer).ReadFrame`, `Map.Get` of `(*Map[...]).Get`.
fn plain(symbol: &str) -> std::borrow::Cow<'_, str> {
    if !symbol.contains(['(', ')', '*', '[', ']']) {
        return symbol.into();
    }
    let mut plain = String::with_capacity(symbol.len());
    let mut depth = 0_usize;
    for letter in symbol.chars() {
        match letter {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '(' | ')' | '*' => {}
            _ if depth > 0 => {}
            other => plain.push(other),
        }
    }
    plain.into()
}

/// The function around a closure (`Do.func1`, `Do.func1.2`, `Do.gowrap1`, `Do-fm`, `Do-range1`).
fn around(symbol: &str) -> Option<&str> {
    if let Some((outer, _)) = symbol.rsplit_once('-') {
        return Some(outer);
    }
    let (outer, last) = symbol.rsplit_once('.')?;
    let name = last.trim_end_matches(|it: char| it.is_ascii_digit());
    let is_number = name.len() < last.len();
    (is_number && matches!(name, "" | "func" | "gowrap" | "deferwrap")).then_some(outer)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A program of nothing but a table with these names.
    fn table(names: &[&str], needle: usize, wide: bool) -> Vec<u8> {
        let mut bytes = vec![0x90; 100];
        bytes.extend(MAGICS[needle]);
        bytes.extend([1, if wide { 8 } else { 4 }]);
        let text = names.iter().flat_map(|it| it.bytes().chain([0])).collect::<Vec<u8>>();
        let first = if needle == 2 { 2 } else { 3 };
        let width = if wide { 8 } else { 4 };
        let start = 8 + (first + 5) * width;
        for place in 0..first + 5 {
            let number = match place {
                it if it == first => start,
                it if it == first + 1 => start + text.len(),
                _ => 7,
            };
            let number = (number as u64).to_le_bytes();
            bytes.extend(&number[..width]);
        }
        bytes.extend(text);
        bytes.extend([0x90; 200]);
        bytes
    }

    fn read(bytes: &[u8], chunk: usize) -> Option<HashMap<String, LinkedFunctions>> {
        let mut functions = Functions::new(false);
        let mut offset = 0;
        for piece in bytes.chunks(chunk) {
            functions.feed(offset, piece, false);
            offset += length(piece);
        }
        functions.finish(false);
        functions.by_module(&["example.com/a", "example.com/a/v2", "gopkg.in/yaml.v2"], "example.com/a/cmd/x")
    }

    const NAMES: &[&str] = &[
        "",
        "runtime.main",
        "net/http.(*Client).do.func1.2",
        "example.com/a/b.(*Map[...]).Get",
        "example.com/a/v2/b.F",
        "gopkg.in/yaml%2ev2.Unmarshal",
        "main.Run",
        "type:.eq.example.com/a/b.Hidden",
    ];

    #[test]
    fn functions_are_found_in_tables_of_every_form_however_they_are_cut() {
        for (needle, wide) in [(0, true), (0, false), (1, true), (2, true), (2, false)] {
            let bytes = table(NAMES, needle, wide);
            for chunk in [1, 7, 64, 81, 333, 10_000] {
                let found = read(&bytes, chunk).unwrap();
                let has = |module: &str, path: &str, symbol: &str| found[module].contains(path, symbol);
                assert!(has("stdlib", "net/http", "Client.do.func1.2"), "{needle} {wide} {chunk}");
                assert!(has("stdlib", "net/http", "Client.do") && has("stdlib", "net/http", ""));
                assert!(has("example.com/a", "example.com/a/b", "Map.Get"));
                assert!(!has("example.com/a", "example.com/a/b", "Hidden"));
                assert!(has("example.com/a/v2", "example.com/a/v2/b", "F"));
                assert!(!has("example.com/a", "example.com/a/v2/b", "F"));
                assert!(has("gopkg.in/yaml.v2", "gopkg.in/yaml.v2", "Unmarshal"));
                assert!(has("example.com/a", "example.com/a/cmd/x", ""));
            }
        }
    }

    #[test]
    fn what_was_not_read_whole_gives_no_answer() {
        let bytes = table(NAMES, 0, true);
        assert!(read(&bytes[..250], 64).is_none(), "cut off");
        assert!(read(&[0x90; 500], 64).is_none(), "no table");
        assert!(read(&table(&["main.main"], 0, true), 64).is_none(), "no program of Go");
        let long = "x".repeat(NAME_BYTES_MAX * 2);
        assert!(read(&table(&["runtime.main", &long], 0, true), 64).is_none(), "a name without end");
    }
}
