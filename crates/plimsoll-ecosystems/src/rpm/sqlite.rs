//! SQLite databases (`rpmdb.sqlite`): the rows of the table `Packages`, and for databases of other
//! programs the texts in a column of a table ([`texts`]).
//!
//! Layout after SQLite's "Database File Format". Walks the table's b-tree; where something is
//! damaged, also takes what looks like rows of it from pages that no sound page leads to.
//!
//! Never runs SQL, never writes, and uses no page twice.

use super::bytes::{ByteOrder, PageSet, index, slice};
use super::header::Header;
use super::reading::{Damage, Headers};
use super::wal::Wal;

/// What a file of this format begins with.
pub(super) const MAGIC: [u8; 16] = *b"SQLite format 3\0";
const HEAD_BYTES: usize = 100;
/// SQLite's default, which rpm leaves as it is; for a file that lost its own word of it.
const PAGE_BYTES_DEFAULT: usize = 4096;
/// SQLite's minimum for the part of a page that is not reserved.
const USABLE_BYTES_MIN: usize = 480;

/// The first byte of a page of a table's b-tree.
mod page {
    pub(super) const INTERIOR: u8 = 0x05;
    pub(super) const LEAF: u8 = 0x0d;
}

/// Hands over every header of the database: the main file as its write-ahead log changes it.
pub(super) fn read(content: &[u8], wal: Option<&[u8]>, headers: &mut Headers<'_>) {
    let wal = wal.and_then(|wal| Wal::open(wal, &mut headers.damage));
    let database = Database::open(content, wal, &mut headers.damage);
    let used = PageSet::new(database.page_count());
    let mut walk = Walk { database: &database, used, buffer: Vec::new(), is_rescue: false };

    let mut root = None;
    walk.table(1, headers, &mut |row, _| {
        root = root.or_else(|| table_root(row.payload, b"packages"));
    });
    let mut last = None;
    match root {
        Some(root) => walk.table(root, headers, &mut |row, headers| {
            // Also where a page was overwritten with another of the same table.
            if last.replace(row.id).is_some_and(|last| last >= row.id) {
                headers
                    .damage
                    .note(format_args!("SQLite: row {} on page {} is out of order", row.id, row.page));
            }
            take_row(row, headers);
        }),
        None => headers.damage.note(format_args!("SQLite: there is no table of packages")),
    }
    walk.lost_rows(headers);
}

/// The texts in one column of a table, of another program's database. What is damaged is left out,
/// and ends nothing: nobody may take the list for complete.
pub(crate) fn texts(content: &[u8], wal: Option<&[u8]>, table: &[u8], column: usize) -> Vec<String> {
    let mut nobody = |_: &Header<'_>, _: &dyn std::fmt::Display, _: &mut Damage| ();
    let headers = &mut Headers::new(&mut nobody, 0);
    let wal = wal.and_then(|wal| Wal::open(wal, &mut headers.damage));
    let database = Database::open(content, wal, &mut headers.damage);
    let used = PageSet::new(database.page_count());
    let mut walk = Walk { database: &database, used, buffer: Vec::new(), is_rescue: true };
    let (mut root, mut found) = (None, Vec::new());
    walk.table(1, headers, &mut |row, _| root = root.or_else(|| table_root(row.payload, table)));
    walk.table(root.unwrap_or_default(), headers, &mut |row, _| {
        let value = columns(row.payload).nth(column).filter(|(kind, _)| *kind >= 13 && kind % 2 == 1);
        let text = value.and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
        found.extend(text.filter(|_| row.is_whole).map(str::to_owned));
    });
    found
}

/// A row as its table's leaf page has it.
struct Row<'p> {
    page: u32,
    id: i64,
    payload: &'p [u8],
    /// Whether all of the payload is there.
    is_whole: bool,
}

type TakeRow<'t> = &'t mut dyn FnMut(&Row<'_>, &mut Headers<'_>);

fn take_row(row: &Row<'_>, headers: &mut Headers<'_>) {
    match blob_column(row.payload) {
        Some(blob) if row.is_whole => headers.blob(blob, &format_args!("row {}", row.id)),
        Some(blob) => drop(headers.rescue(blob, &format_args!("row {}", row.id))),
        None => {
            headers.damage.note(format_args!("SQLite: row {} on page {} has no header", row.id, row.page))
        }
    }
}

/// Other tables' rows are not noted: they have no headers.
fn take_lost_row(row: &Row<'_>, headers: &mut Headers<'_>) {
    let Some(blob) = blob_column(row.payload) else { return };
    if headers.rescue(blob, &format_args!("row {}", row.id)) {
        let (id, page) = (row.id, row.page);
        headers.damage.note(format_args!("SQLite: row {id} is on page {page}, to which nothing leads"));
    }
}

/// The pages of main file and log.
struct Database<'a> {
    content: &'a [u8],
    wal: Option<Wal<'a>>,
    page_bytes: usize,
    /// Without what is reserved at each page's end.
    usable_bytes: usize,
}

impl<'a> Database<'a> {
    fn open(content: &'a [u8], wal: Option<Wal<'a>>, damage: &mut Damage) -> Database<'a> {
        let stated = stated_page_bytes(content);
        let page_bytes = match (&wal, stated) {
            (Some(wal), stated) => {
                if stated.is_some_and(|stated| stated != wal.page_bytes) {
                    damage.note(format_args!(
                        "SQLite: the write-ahead log has another page size than its file"
                    ));
                }
                wal.page_bytes
            }
            (None, Some(stated)) => stated,
            (None, None) => {
                damage.note(format_args!("SQLite: the head of the file is damaged"));
                PAGE_BYTES_DEFAULT
            }
        };
        let mut database = Database { content, wal, page_bytes, usable_bytes: page_bytes };
        if database.wal.is_none() {
            database.check_length(damage);
        }
        let reserved = database.page(1).and_then(|first| first.get(20)).copied().map_or(0, usize::from);
        match page_bytes.checked_sub(reserved) {
            Some(usable) if usable >= USABLE_BYTES_MIN => database.usable_bytes = usable,
            _ => damage.note(format_args!("SQLite: {reserved} reserved bytes of {page_bytes} are too many")),
        }
        database
    }

    fn page(&self, number: u32) -> Option<&'a [u8]> {
        if let Some(page) = self.wal.as_ref().and_then(|wal| wal.page(number)) {
            return Some(page);
        }
        let start = index(number.checked_sub(1)?).checked_mul(self.page_bytes)?;
        slice(self.content, start, self.page_bytes)
    }

    /// How many pages the first page counts, which is only good if the last program to write
    /// the file was one that kept it (section 1.3.8).
    fn pages_stated(&self) -> Option<usize> {
        let first = self.page(1)?;
        let number = |at| ByteOrder::Big.u32(first, at);
        (number(24) == number(92)).then(|| number(28)).flatten().filter(|pages| *pages > 0).map(index)
    }

    /// Tells of a main file that lost its end.
    fn check_length(&self, damage: &mut Damage) {
        let (length, page_bytes) = (self.content.len(), self.page_bytes);
        let pages = self.pages_stated().unwrap_or(0);
        let is_short = pages.checked_mul(page_bytes).is_none_or(|bytes| bytes > length);
        if is_short || !length.is_multiple_of(page_bytes) {
            damage.note(format_args!("SQLite: cut off: {length} bytes for {pages} pages of {page_bytes}"));
        }
    }

    /// No page of an honest database has a number of this or more.
    fn page_count(&self) -> usize {
        let in_wal = self.wal.as_ref().map_or(0, Wal::page_count);
        (self.content.len() / self.page_bytes).saturating_add(in_wal).saturating_add(1)
    }
}

fn stated_page_bytes(content: &[u8]) -> Option<usize> {
    let head = content.get(..HEAD_BYTES).filter(|head| head.starts_with(&MAGIC))?;
    let bytes = match ByteOrder::Big.u16(head, 16)? {
        1 => 65_536,
        bytes => usize::from(bytes),
    };
    (bytes >= 512 && bytes.is_power_of_two()).then_some(bytes)
}

/// A descent through tables.
struct Walk<'d, 'a> {
    database: &'d Database<'a>,
    used: PageSet,
    /// A payload put together from several pages.
    buffer: Vec<u8>,
    /// Whether this looks for rows where there need not be any, and so keeps quiet.
    is_rescue: bool,
}

impl<'a> Walk<'_, 'a> {
    /// Every row of the table with this root, in the order of the row numbers.
    fn table(&mut self, root: u32, headers: &mut Headers<'_>, take: TakeRow<'_>) {
        let mut waiting = vec![root];
        while let Some(number) = waiting.pop() {
            let Some(page) = self.page(number) else {
                self.note(headers, number, "does not exist");
                continue;
            };
            if !self.used.insert(number) {
                self.note(headers, number, "is used twice");
                continue;
            }
            match page.kind() {
                Some(page::INTERIOR) => {
                    let children = page.children();
                    if children.len() <= page.cells() {
                        self.note(headers, number, "has a cell outside the page");
                    }
                    waiting.extend(children.into_iter().rev());
                }
                Some(page::LEAF) => {
                    if page.cells() == 0 && number != root {
                        self.note(headers, number, "is a leaf without rows");
                    }
                    self.leaf(page, headers, take);
                }
                _ => self.note(headers, number, "is no page of a table"),
            }
        }
    }

    fn note(&self, headers: &mut Headers<'_>, page: u32, what: &str) {
        if !self.is_rescue {
            headers.damage.note(format_args!("SQLite: page {page} {what}"));
        }
    }

    fn page(&self, number: u32) -> Option<Page<'a>> {
        let bytes = self.database.page(number)?;
        let bytes = bytes.get(..self.database.usable_bytes)?;
        Some(Page { number, bytes, head: if number == 1 { HEAD_BYTES } else { 0 } })
    }

    fn leaf(&mut self, page: Page<'_>, headers: &mut Headers<'_>, take: TakeRow<'_>) {
        // Cells share no bytes, so together they have no more than the page.
        let mut bytes_left = page.bytes.len();
        for at in 0..page.cells() {
            let cell = page.cell(at, 8).and_then(|cell| Cell::of(cell, page.bytes.len()));
            let Some(cell) = cell else {
                self.note(headers, page.number, "has a cell outside the page");
                continue;
            };
            match bytes_left.checked_sub(cell.local.len()) {
                Some(left) => bytes_left = left,
                None => return self.note(headers, page.number, "has cells that overlap"),
            }
            let Some(first) = cell.overflow else {
                let row = Row { page: page.number, id: cell.row, payload: cell.local, is_whole: true };
                take(&row, headers);
                continue;
            };
            let is_whole = self.chain(&cell, first);
            if !is_whole {
                self.note(headers, page.number, "has a row whose overflow chain is broken");
            }
            take(&Row { page: page.number, id: cell.row, payload: &self.buffer, is_whole }, headers);
        }
    }

    /// Collects a cell's payload into the buffer, as far as its overflow chain goes.
    fn chain(&mut self, cell: &Cell<'_>, first: u32) -> bool {
        self.buffer.clear();
        self.buffer.extend_from_slice(cell.local);
        let mut number = first;
        while let Some(missing) = cell.length.checked_sub(self.buffer.len() as u64).filter(|it| *it > 0) {
            if !self.used.insert(number) {
                return false;
            }
            let Some(page) =
                self.database.page(number).and_then(|page| page.get(..self.database.usable_bytes))
            else {
                return false;
            };
            let part = page.get(4..).unwrap_or_default();
            let wanted = usize::try_from(missing).unwrap_or(usize::MAX).min(part.len());
            self.buffer.extend_from_slice(part.get(..wanted).unwrap_or_default());
            number = ByteOrder::Big.u32(page, 0).unwrap_or_default();
        }
        true
    }

    /// Rows with headers on leaf pages that no sound page led to. Those of the free list may be
    /// packages long gone, so they are left out.
    fn lost_rows(&mut self, headers: &mut Headers<'_>) {
        self.is_rescue = true;
        let free = self.free_pages();
        let mut pages = self.database.page_count();
        // In a sound file what lies behind its last page is no part of it.
        if let Some(stated) = self.database.pages_stated().filter(|_| headers.damage.is_none()) {
            pages = pages.min(stated.saturating_add(1));
        }
        for number in 2..u32::try_from(pages).unwrap_or(u32::MAX) {
            if self.used.contains(number) || free.contains(number) {
                continue;
            }
            if let Some(page) = self.page(number).filter(|page| page.kind() == Some(page::LEAF)) {
                self.leaf(page, headers, &mut take_lost_row);
            }
        }
    }

    /// The pages of the free list (section 1.5), as far as it can be followed.
    fn free_pages(&self) -> PageSet {
        let mut free = PageSet::new(self.database.page_count());
        let number = |page: &[u8], at| ByteOrder::Big.u32(page, at).unwrap_or_default();
        let mut trunk = self.database.page(1).map_or(0, |first| number(first, 32));
        while let Some(page) = self.database.page(trunk)
            && free.insert(trunk)
        {
            let leaves = index(number(page, 4)).min(page.len() / 4);
            for at in 0..leaves {
                free.insert(number(page, 8 + at * 4));
            }
            trunk = number(page, 0);
        }
        free
    }
}

/// A page of a b-tree.
#[derive(Clone, Copy)]
struct Page<'a> {
    number: u32,
    /// Without what is reserved at the end.
    bytes: &'a [u8],
    /// Where the b-tree's part begins: the first page has the file's head before it.
    head: usize,
}

impl<'a> Page<'a> {
    fn kind(&self) -> Option<u8> {
        self.bytes.get(self.head).copied()
    }

    fn cells(&self) -> usize {
        let stated = ByteOrder::Big.u16(self.bytes, self.head + 3).map_or(0, usize::from);
        stated.min(self.bytes.len() / 2)
    }

    /// The bytes from the beginning of a cell; `head_bytes` is the length of the page's head.
    fn cell(&self, at: usize, head_bytes: usize) -> Option<&'a [u8]> {
        let start = ByteOrder::Big.u16(self.bytes, self.head + head_bytes + at * 2)?;
        // Offset 0 stands for 65536, where no cell can begin.
        self.bytes.get(usize::from(start)..).filter(|_| usize::from(start) >= self.head + head_bytes)
    }

    /// The children of an interior page, in order; one more than cells if none is damaged.
    fn children(&self) -> Vec<u32> {
        let left = |at| ByteOrder::Big.u32(self.cell(at, 12)?, 0);
        let last = ByteOrder::Big.u32(self.bytes, self.head + 8);
        (0..self.cells()).filter_map(left).chain(last).collect()
    }
}

/// A cell of a table's leaf page.
struct Cell<'a> {
    /// Bytes of the payload, wherever they are.
    length: u64,
    row: i64,
    /// What of the payload is on the page itself.
    local: &'a [u8],
    /// The first page of the rest.
    overflow: Option<u32>,
}

impl<'a> Cell<'a> {
    /// Reads a cell; how much of its payload is local follows from its length (section 1.6).
    fn of(bytes: &'a [u8], usable_bytes: usize) -> Option<Cell<'a>> {
        let (length, rest) = varint(bytes)?;
        let (row, rest) = varint(rest)?;
        let row = row.cast_signed();
        let usable = usable_bytes as u64;
        let local_max = usable.checked_sub(35)?;
        if length <= local_max {
            let local = rest.get(..usize::try_from(length).ok()?)?;
            return Some(Cell { length, row, local, overflow: None });
        }
        let local_min = (usable.checked_sub(12)? * 32 / 255).checked_sub(23)?;
        let fitting = local_min + (length - local_min) % usable.checked_sub(4)?;
        let local_bytes = if fitting <= local_max { fitting } else { local_min };
        let (local, rest) = rest.split_at_checked(usize::try_from(local_bytes).ok()?)?;
        Some(Cell { length, row, local, overflow: Some(ByteOrder::Big.u32(rest, 0)?) })
    }
}

/// A number of one to nine bytes, seven bits in each but the ninth, and what follows.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().take(9).enumerate() {
        if at == 8 {
            return Some(((value << 8) | u64::from(*byte), bytes.get(9..)?));
        }
        value = (value << 7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(at + 1..)?));
        }
    }
    None
}

/// The type and the bytes of each column of a record (section 2.1); the last one may be cut off.
fn columns(payload: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let head = varint(payload).and_then(|(length, rest)| {
        let length = usize::try_from(length).ok()?;
        let types = rest.get(..length.checked_sub(payload.len() - rest.len())?)?;
        Some((types, payload.get(length..)?))
    });
    let (mut types, mut body) = head.unwrap_or_default();
    std::iter::from_fn(move || {
        let (kind, rest) = varint(types)?;
        types = rest;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            kind => (kind - 12) / 2,
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(body.len());
        let (column, rest) = body.split_at_checked(length)?;
        body = rest;
        Some((kind, column))
    })
}

/// The header in a row of `Packages (hnum INTEGER PRIMARY KEY, blob BLOB)`.
fn blob_column(payload: &[u8]) -> Option<&[u8]> {
    let (kind, blob) = columns(payload).nth(1)?;
    (kind >= 12 && kind.is_multiple_of(2)).then_some(blob)
}

/// The root of a table, if this row of the schema is of it; its name is in lower case.
fn table_root(payload: &[u8], table: &[u8]) -> Option<u32> {
    let mut columns = columns(payload);
    let (_, kind) = columns.next()?;
    let (_, name) = columns.next()?;
    let (_, _table) = columns.next()?;
    let (root_kind, root) = columns.next()?;
    if !is_text(kind, b"table") || !is_text(name, table) {
        return None;
    }
    match root_kind {
        9 => Some(1),
        1..=6 => {
            let root = root.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
            u32::try_from(root).ok()
        }
        _ => None,
    }
}

/// Compares as SQLite does for names of ASCII letters, in any of its three encodings.
fn is_text(text: &[u8], expected: &[u8]) -> bool {
    let letters = text.iter().filter(|byte| **byte != 0).map(u8::to_ascii_lowercase);
    letters.eq(expected.iter().copied())
}
