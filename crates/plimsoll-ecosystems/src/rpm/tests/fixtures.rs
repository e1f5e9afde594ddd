//! Writes small package databases byte by byte, as the formats' descriptions say.
//!
//! Shares no code with the readers, and leaves out what they do not look at.

use super::super::bytes::ByteOrder;

/// A header in the making.
#[derive(Clone, Default)]
pub(super) struct Header {
    entries: Vec<(u32, u32, u32, Vec<u8>)>,
}

impl Header {
    /// A package as most are.
    pub(super) fn package(name: &str) -> Header {
        Header::default()
            .text(1000, name)
            .text(1001, "1.0")
            .text(1002, "2.el9")
            .text(1022, "x86_64")
            .text(1044, &format!("{name}-src-1.0-2.el9.src.rpm"))
    }

    /// Any entry.
    pub(super) fn entry(mut self, tag: u32, kind: u32, count: u32, data: &[u8]) -> Header {
        self.entries.retain(|entry| entry.0 != tag);
        self.entries.push((tag, kind, count, data.to_vec()));
        self
    }

    pub(super) fn without(mut self, tag: u32) -> Header {
        self.entries.retain(|entry| entry.0 != tag);
        self
    }

    pub(super) fn text(self, tag: u32, text: &str) -> Header {
        self.entry(tag, 6, 1, format!("{text}\0").as_bytes())
    }

    pub(super) fn texts(self, tag: u32, texts: &[&str]) -> Header {
        let data: String = texts.iter().map(|text| format!("{text}\0")).collect();
        self.entry(tag, 8, u32::try_from(texts.len()).unwrap(), data.as_bytes())
    }

    pub(super) fn numbers(self, tag: u32, numbers: &[u32]) -> Header {
        let data: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        self.entry(tag, 4, u32::try_from(numbers.len()).unwrap(), &data)
    }

    /// A text of so many bytes, to make the header that large.
    pub(super) fn padded(self, bytes: usize) -> Header {
        self.text(1005, &"x".repeat(bytes))
    }

    /// Without a region, as rpm 3 wrote it.
    pub(super) fn old(&self) -> Vec<u8> {
        let (mut index, mut data) = (Vec::new(), Vec::new());
        for entry in &self.entries {
            put(entry, &mut index, &mut data);
        }
        blob(&index, &data)
    }

    /// With a region of all its entries, and `added` behind it.
    pub(super) fn with_region(&self, added: &Header) -> Vec<u8> {
        let (mut index, mut data) = (vec![0; 16], Vec::new());
        for entry in &self.entries {
            put(entry, &mut index, &mut data);
        }
        let region_bytes = i32::try_from(index.len()).unwrap();
        let mut trailer: Vec<u8> = [63_u32, 7].iter().flat_map(|number| number.to_be_bytes()).collect();
        trailer.extend((-region_bytes).to_be_bytes());
        trailer.extend(16_u32.to_be_bytes());
        let mut first = Vec::new();
        put(&(63, 7, 16, trailer), &mut first, &mut data);
        index[..16].copy_from_slice(&first);
        for entry in &added.entries {
            put(entry, &mut index, &mut data);
        }
        blob(&index, &data)
    }

    pub(super) fn build(&self) -> Vec<u8> {
        self.with_region(&Header::default())
    }
}

fn put((tag, kind, count, bytes): &(u32, u32, u32, Vec<u8>), index: &mut Vec<u8>, data: &mut Vec<u8>) {
    while *kind == 4 && !data.len().is_multiple_of(4) {
        data.push(0);
    }
    let offset = u32::try_from(data.len()).unwrap();
    index.extend([*tag, *kind, offset, *count].iter().flat_map(|number| number.to_be_bytes()));
    data.extend(bytes);
}

fn blob(index: &[u8], data: &[u8]) -> Vec<u8> {
    let counts = [index.len() / 16, data.len()].map(|count| u32::try_from(count).unwrap());
    let counts = counts.iter().flat_map(|count| count.to_be_bytes());
    counts.chain(index.iter().copied()).chain(data.iter().copied()).collect()
}

pub(super) fn put_u16(order: ByteOrder, page: &mut [u8], at: usize, value: usize) {
    let value = u16::try_from(value).unwrap();
    let bytes = if order == ByteOrder::Little { value.to_le_bytes() } else { value.to_be_bytes() };
    page[at..at + 2].copy_from_slice(&bytes);
}

pub(super) fn put_u32(order: ByteOrder, page: &mut [u8], at: usize, value: usize) {
    let value = u32::try_from(value).unwrap();
    let bytes = if order == ByteOrder::Little { value.to_le_bytes() } else { value.to_be_bytes() };
    page[at..at + 4].copy_from_slice(&bytes);
}

/// The access methods of Berkeley DB.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Hash { version: usize },
    Btree { version: usize },
}

/// A Berkeley DB in the making.
pub(super) struct BerkeleyDb {
    access: Access,
    order: ByteOrder,
    page_bytes: usize,
    pages: Vec<Vec<u8>>,
    pairs: usize,
}

const BDB_HEAD_BYTES: usize = 26;

impl BerkeleyDb {
    /// A database with the record of the next number, and these headers.
    pub(super) fn of(access: Access, order: ByteOrder, page_bytes: usize, blobs: &[Vec<u8>]) -> Vec<u8> {
        let mut database =
            BerkeleyDb { access, order, page_bytes, pages: vec![vec![0; page_bytes]], pairs: 0 };
        let mut next = [0; 4];
        put_u32(order, &mut next, 0, blobs.len() + 1);
        database.leaf(&[(0, next.to_vec())]);
        for (at, blob) in blobs.iter().enumerate() {
            database.leaf(&[(at + 1, blob.clone())]);
        }
        database.finish()
    }

    /// A database whose records all share one leaf page.
    pub(super) fn on_one_page(
        access: Access,
        order: ByteOrder,
        page_bytes: usize,
        blobs: &[Vec<u8>],
    ) -> Vec<u8> {
        let mut database =
            BerkeleyDb { access, order, page_bytes, pages: vec![vec![0; page_bytes]], pairs: 0 };
        let records: Vec<_> = blobs.iter().enumerate().map(|(at, blob)| (at + 1, blob.clone())).collect();
        database.leaf(&records);
        database.finish()
    }

    /// One hash database in which one key has all the headers, on the page of the key.
    pub(super) fn of_duplicates(order: ByteOrder, page_bytes: usize, blobs: &[Vec<u8>]) -> Vec<u8> {
        let access = Access::Hash { version: 9 };
        let mut database =
            BerkeleyDb { access, order, page_bytes, pages: vec![vec![0; page_bytes]], pairs: 1 };
        let mut set = vec![2];
        for blob in blobs {
            let mut length = [0; 2];
            put_u16(order, &mut length, 0, blob.len());
            set.extend(length.iter().chain(blob).chain(&length));
        }
        let at = database.page(13);
        database.items(at, &[vec![1, 0, 0, 0, 1], set]);
        database.finish()
    }

    fn page(&mut self, kind: u8) -> usize {
        let number = self.pages.len();
        let mut page = vec![0; self.page_bytes];
        put_u32(self.order, &mut page, 8, number);
        page[25] = kind;
        self.pages.push(page);
        number
    }

    /// A leaf page, with large data in overflow pages behind it.
    fn leaf(&mut self, records: &[(usize, Vec<u8>)]) {
        let is_hash = matches!(self.access, Access::Hash { .. });
        let leaf = self.page(if is_hash { 13 } else { 5 });
        let mut items = Vec::new();
        for (key, blob) in records {
            let mut number = [0; 4];
            put_u32(self.order, &mut number, 0, *key);
            let is_large = blob.len() > self.page_bytes / 4;
            items.push(self.item(&number));
            items.push(if is_large { self.overflow(blob) } else { self.item(blob) });
        }
        self.pairs += records.len();
        self.items(leaf, &items);
    }

    fn item(&self, data: &[u8]) -> Vec<u8> {
        let mut head = match self.access {
            Access::Hash { .. } => return [&[1], data].concat(),
            Access::Btree { .. } => vec![0, 0, 1],
        };
        put_u16(self.order, &mut head, 0, data.len());
        [&head, data].concat()
    }

    fn overflow(&mut self, blob: &[u8]) -> Vec<u8> {
        let first = self.pages.len();
        let parts: Vec<&[u8]> = blob.chunks(self.page_bytes - BDB_HEAD_BYTES).collect();
        for (at, part) in parts.iter().enumerate() {
            let number = self.page(7);
            let order = self.order;
            let page = &mut self.pages[number];
            page[BDB_HEAD_BYTES..BDB_HEAD_BYTES + part.len()].copy_from_slice(part);
            put_u32(order, page, 12, if at == 0 { 0 } else { number - 1 });
            put_u32(order, page, 16, if at + 1 == parts.len() { 0 } else { number + 1 });
            put_u16(order, page, 20, 1);
            put_u16(order, page, 22, part.len());
        }
        let mut item = vec![0; 12];
        item[if matches!(self.access, Access::Hash { .. }) { 0 } else { 2 }] = 3;
        put_u32(self.order, &mut item, 4, first);
        put_u32(self.order, &mut item, 8, blob.len());
        item
    }

    fn items(&mut self, number: usize, items: &[Vec<u8>]) {
        let order = self.order;
        let mut end = self.page_bytes;
        let page = &mut self.pages[number];
        for (at, item) in items.iter().enumerate() {
            let start = end - item.len();
            page[start..end].copy_from_slice(item);
            put_u16(order, page, BDB_HEAD_BYTES + at * 2, start);
            end = start;
        }
        put_u16(order, page, 20, items.len());
        put_u16(order, page, 22, end);
    }

    fn finish(mut self) -> Vec<u8> {
        let (order, last, pairs, page_bytes) =
            (self.order, self.pages.len() - 1, self.pairs, self.page_bytes);
        let first = &mut self.pages[0];
        let (magic, version, kind) = match self.access {
            Access::Hash { version } => (0x0006_1561, version, 8),
            Access::Btree { version } => (0x0005_3162, version, 9),
        };
        put_u32(order, first, 12, magic);
        put_u32(order, first, 16, version);
        put_u32(order, first, 20, page_bytes);
        first[25] = kind;
        put_u32(order, first, 32, last);
        if kind == 8 {
            put_u32(order, first, 88, pairs);
        }
        self.pages.concat()
    }
}

/// A database of rpm's own format.
pub(super) fn ndb(blobs: &[Vec<u8>]) -> Vec<u8> {
    let words = |words: &[usize]| -> Vec<u8> {
        words.iter().flat_map(|word| u32::try_from(*word).unwrap().to_le_bytes()).collect()
    };
    let mut slots = [b"RpmP".to_vec(), words(&[0, 1, 1, blobs.len() + 1, 0, 0, 0])].concat();
    let mut area = Vec::new();
    for (at, blob) in blobs.iter().enumerate() {
        let start = (4096 + area.len()) / 16;
        let mut whole = [b"BlbS".to_vec(), words(&[at + 1, 1, blob.len()]), blob.clone()].concat();
        let length = (whole.len() + 12).next_multiple_of(16);
        whole.resize(length - 12, 0);
        let sum = adler32(&whole);
        area.extend([whole, words(&[sum, blob.len()]), b"BlbE".to_vec()].concat());
        slots.extend([b"Slot".to_vec(), words(&[at + 1, start, length / 16])].concat());
    }
    while slots.len() < 4096 {
        slots.extend([b"Slot".to_vec(), words(&[0, 0, 0])].concat());
    }
    [slots, area].concat()
}

fn adler32(bytes: &[u8]) -> usize {
    let (mut low, mut high) = (1_usize, 0_usize);
    for byte in bytes {
        low = (low + usize::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    (high << 16) | low
}

/// An SQLite database in the making: its pages, the first of which is the schema.
pub(super) struct Sqlite {
    page_bytes: usize,
    reserved: usize,
    /// Pages from 1 on.
    pub(super) pages: Vec<Vec<u8>>,
}

impl Sqlite {
    /// A table of packages whose root is page 2, with one row on each leaf page.
    pub(super) fn of(page_bytes: usize, reserved: usize, blobs: &[Vec<u8>]) -> Sqlite {
        let mut database = Sqlite::with_table(page_bytes, reserved, "Packages");
        let mut children = Vec::new();
        for (at, blob) in blobs.iter().enumerate() {
            let leaf = database.page();
            let payload = record(&[Column::Null, Column::Blob(blob)]);
            let cell = database.cell(at + 1, &payload);
            database.leaf(leaf, 0, &[cell]);
            children.push(leaf);
        }
        database.interior(2, &children);
        database
    }

    /// A table whose root is page 2, and its only page, with one row for each text.
    pub(super) fn of_texts(name: &str, texts: &[&str]) -> Sqlite {
        let mut database = Sqlite::with_table(4096, 0, name);
        let record = |text: &&str| record(&[Column::Null, Column::Text(text)]);
        let cells: Vec<_> =
            texts.iter().enumerate().map(|(at, text)| database.cell(at + 1, &record(text))).collect();
        database.leaf(2, 0, &cells);
        database
    }

    /// A database with one empty table, whose root is page 2.
    pub(super) fn with_table(page_bytes: usize, reserved: usize, name: &str) -> Sqlite {
        let mut database = Sqlite { page_bytes, reserved, pages: Vec::new() };
        let (schema, root) = (database.page(), database.page());
        let row = record(&[
            Column::Text("table"),
            Column::Text(name),
            Column::Text(name),
            Column::Byte(u8::try_from(root).unwrap()),
            Column::Text("CREATE TABLE"),
        ]);
        let cell = database.cell(1, &row);
        database.leaf(schema, 100, &[cell]);
        database.leaf(root, 0, &[]);
        let first = &mut database.pages[0];
        first[..16].copy_from_slice(b"SQLite format 3\0");
        put_u16(ByteOrder::Big, first, 16, if page_bytes == 65_536 { 1 } else { page_bytes });
        first[18..24].copy_from_slice(&[2, 2, u8::try_from(reserved).unwrap(), 64, 32, 32]);
        database
    }

    pub(super) fn build(mut self) -> Vec<u8> {
        let count = self.pages.len();
        put_u32(ByteOrder::Big, &mut self.pages[0], 28, count);
        self.pages.concat()
    }

    fn page(&mut self) -> usize {
        self.pages.push(vec![0; self.page_bytes]);
        self.pages.len()
    }

    /// A cell of a leaf; what does not fit goes into overflow pages.
    fn cell(&mut self, row: usize, payload: &[u8]) -> Vec<u8> {
        let usable = self.page_bytes - self.reserved;
        let mut cell = [varint(payload.len()), varint(row)].concat();
        let least = (usable - 12) * 32 / 255 - 23;
        let local = match payload.len() {
            length if length <= usable - 35 => length,
            length if least + (length - least) % (usable - 4) <= usable - 35 => {
                least + (length - least) % (usable - 4)
            }
            _ => least,
        };
        let (local, rest) = payload.split_at(local);
        cell.extend(local);
        let parts: Vec<&[u8]> = rest.chunks(usable - 4).collect();
        for (at, part) in parts.iter().enumerate() {
            let number = self.page();
            if at == 0 {
                cell.extend(u32::try_from(number).unwrap().to_be_bytes());
            }
            let page = &mut self.pages[number - 1];
            put_u32(ByteOrder::Big, page, 0, if at + 1 == parts.len() { 0 } else { number + 1 });
            page[4..4 + part.len()].copy_from_slice(part);
        }
        cell
    }

    fn leaf(&mut self, number: usize, head: usize, cells: &[Vec<u8>]) {
        self.tree_page(number, head, 0x0d, 8, cells);
    }

    fn interior(&mut self, number: usize, children: &[usize]) {
        let Some((last, others)) = children.split_last() else { return };
        let cell =
            |child: &usize| [u32::try_from(*child).unwrap().to_be_bytes().to_vec(), varint(*child)].concat();
        let cells: Vec<_> = others.iter().map(cell).collect();
        self.tree_page(number, 0, 0x05, 12, &cells);
        put_u32(ByteOrder::Big, &mut self.pages[number - 1], 8, *last);
    }

    fn tree_page(&mut self, number: usize, head: usize, kind: u8, head_bytes: usize, cells: &[Vec<u8>]) {
        let mut end = self.page_bytes - self.reserved;
        let page = &mut self.pages[number - 1];
        page[head] = kind;
        put_u16(ByteOrder::Big, page, head + 3, cells.len());
        for (at, cell) in cells.iter().enumerate() {
            let start = end - cell.len();
            page[start..end].copy_from_slice(cell);
            put_u16(ByteOrder::Big, page, head + head_bytes + at * 2, start);
            end = start;
        }
    }
}

enum Column<'a> {
    Null,
    Byte(u8),
    Text(&'a str),
    Blob(&'a [u8]),
}

fn record(columns: &[Column<'_>]) -> Vec<u8> {
    let (mut types, mut body) = (Vec::new(), Vec::new());
    for column in columns {
        let (kind, bytes) = match column {
            Column::Null => (0, &[][..]),
            Column::Byte(byte) => (1, std::slice::from_ref(byte)),
            Column::Text(text) => (13 + text.len() * 2, text.as_bytes()),
            Column::Blob(blob) => (12 + blob.len() * 2, *blob),
        };
        types.extend(varint(kind));
        body.extend(bytes);
    }
    [varint(types.len() + 1), types, body].concat()
}

fn varint(mut value: usize) -> Vec<u8> {
    let mut bytes = vec![u8::try_from(value & 0x7f).unwrap()];
    while value > 0x7f {
        value >>= 7;
        bytes.insert(0, u8::try_from(value & 0x7f).unwrap() | 0x80);
    }
    bytes
}

/// A page of a database with its number, from 1.
pub(super) type NumberedPage = (usize, Vec<u8>);

/// A write-ahead log of transactions: the pages of each, and how many pages the database has
/// after it (0 if it was never ended).
pub(super) fn wal(page_bytes: usize, order: ByteOrder, transactions: &[(&[NumberedPage], usize)]) -> Vec<u8> {
    let mut log = vec![0; 32];
    put_u32(ByteOrder::Big, &mut log, 0, if order == ByteOrder::Little { 0x377f_0682 } else { 0x377f_0683 });
    put_u32(ByteOrder::Big, &mut log, 4, 3_007_000);
    put_u32(ByteOrder::Big, &mut log, 8, page_bytes);
    log[16..24].copy_from_slice(b"saltSALT");
    let mut sum = wal_sum(order, (0, 0), &log[..24]);
    put_u32(ByteOrder::Big, &mut log, 24, sum.0 as usize);
    put_u32(ByteOrder::Big, &mut log, 28, sum.1 as usize);
    for (pages, count) in transactions {
        for (at, (number, page)) in pages.iter().enumerate() {
            let mut head = [0; 24];
            put_u32(ByteOrder::Big, &mut head, 0, *number);
            put_u32(ByteOrder::Big, &mut head, 4, if at + 1 == pages.len() { *count } else { 0 });
            head[8..16].copy_from_slice(b"saltSALT");
            sum = wal_sum(order, wal_sum(order, sum, &head[..8]), page);
            put_u32(ByteOrder::Big, &mut head, 16, sum.0 as usize);
            put_u32(ByteOrder::Big, &mut head, 20, sum.1 as usize);
            log.extend(head.iter().chain(page));
        }
    }
    log
}

fn wal_sum(order: ByteOrder, (mut first, mut second): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    for word in bytes.chunks(8) {
        let (left, right) = (word[..4].try_into().unwrap(), word[4..].try_into().unwrap());
        let number = |bytes| {
            if order == ByteOrder::Little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) }
        };
        first = first.wrapping_add(number(left)).wrapping_add(second);
        second = second.wrapping_add(number(right)).wrapping_add(first);
    }
    (first, second)
}
