//! Berkeley DB files (`Packages` up to RHEL 8): hash and btree access methods, either byte
//! order, databases of version 7 and later.
//!
//! Layout after Oracle's description of the page formats ("db_page.h" of the 5.3 release, and
//! the notes on page layout in its documentation). Reads every page of the file once, in
//! order, instead of descending through it: each leaf page belongs to the one database that
//! such a file has, so what is found is the same, nothing can loop, and damage to one page
//! costs no other.
//!
//! Never follows a log or an environment beside the file, and never decrypts.

use super::bytes::{ByteOrder, PageSet, index, slice};
use super::reading::Headers;

/// At byte 12 of the first page.
const HASH_MAGIC: u32 = 0x0006_1561;
const BTREE_MAGIC: u32 = 0x0005_3162;
/// Versions whose pages look as described here: 3.2 and 4.0 wrote hash 7 and btree 8.
const HASH_VERSIONS: std::ops::RangeInclusive<u32> = 7..=10;
const BTREE_VERSIONS: std::ops::RangeInclusive<u32> = 8..=10;
const PAGE_BYTES_MIN: usize = 512;
const PAGE_BYTES_MAX: usize = 65_536;
/// A page's head; with checksums it has six more bytes.
const HEAD_BYTES: usize = 26;
const CHECKSUM_HEAD_BYTES: usize = 32;
/// Bit of the meta page's flags.
const FLAG_CHECKSUM: u8 = 1;
/// An item that stands for an overflow chain has so many bytes, in both access methods.
const OFF_PAGE_BYTES: usize = 12;

/// Page types.
mod page {
    pub(super) const INVALID: u8 = 0;
    pub(super) const DUPLICATE: u8 = 1;
    pub(super) const HASH_UNSORTED: u8 = 2;
    pub(super) const BTREE_INTERNAL: u8 = 3;
    /// These two are of duplicates that lie off their page in no order of their own.
    pub(super) const RECORD_INTERNAL: u8 = 4;
    pub(super) const BTREE_LEAF: u8 = 5;
    pub(super) const RECORD_LEAF: u8 = 6;
    pub(super) const OVERFLOW: u8 = 7;
    pub(super) const HASH_META: u8 = 8;
    pub(super) const BTREE_META: u8 = 9;
    pub(super) const DUPLICATE_LEAF: u8 = 12;
    pub(super) const HASH: u8 = 13;
    /// Those that a branch may lead to.
    pub(super) const TREE: [u8; 6] =
        [BTREE_INTERNAL, RECORD_INTERNAL, BTREE_LEAF, RECORD_LEAF, DUPLICATE_LEAF, DUPLICATE];
}

/// Item types of hash pages.
mod hash_item {
    pub(super) const DATA: u8 = 1;
    pub(super) const DUPLICATES: u8 = 2;
    pub(super) const OFF_PAGE: u8 = 3;
    pub(super) const OFF_PAGE_DUPLICATES: u8 = 4;
}

/// Item types of btree leaf pages.
mod btree_item {
    pub(super) const DATA: u8 = 1;
    pub(super) const OFF_PAGE_DUPLICATES: u8 = 2;
    pub(super) const OVERFLOW: u8 = 3;
    pub(super) const DELETED: u8 = 0x80;
}

/// Whether a file begins as a Berkeley DB hash or btree does.
pub(super) fn is_database(content: &[u8]) -> bool {
    magic(content).is_some()
}

fn magic(content: &[u8]) -> Option<(ByteOrder, u32)> {
    [ByteOrder::Little, ByteOrder::Big]
        .into_iter()
        .filter_map(|order| Some((order, order.u32(content, 12)?)))
        .find(|(_, magic)| matches!(*magic, HASH_MAGIC | BTREE_MAGIC))
}

/// Hands over every header of the database.
pub(super) fn read(content: &[u8], headers: &mut Headers<'_>) {
    let Some(database) = Database::open(content, headers) else { return };
    let mut scan =
        Scan { database, headers, used: PageSet::new(database.pages), buffer: Vec::new(), pairs: 0 };
    scan.pages();
    scan.unclaimed_overflow();
    scan.missing_pairs();
}

/// What the first page says.
#[derive(Clone, Copy)]
struct Database<'a> {
    content: &'a [u8],
    order: ByteOrder,
    page_bytes: usize,
    /// Whole pages in the file.
    pages: usize,
    head_bytes: usize,
    /// How many pairs a hash says it has.
    pairs: Option<u32>,
}

impl<'a> Database<'a> {
    fn open(content: &'a [u8], headers: &mut Headers<'_>) -> Option<Database<'a>> {
        let damage = &mut headers.damage;
        let described = magic(content);
        let stated_bytes = described.and_then(|(order, _)| order.u32(content, 20)).map_or(0, index);
        let (order, page_bytes) = match described {
            Some((order, _)) if is_page_size(stated_bytes) => (order, stated_bytes),
            _ => {
                damage
                    .note(format_args!("Berkeley DB: the first page is damaged (page size {stated_bytes})"));
                guess(content)?
            }
        };
        let magic = described.map_or(HASH_MAGIC, |(_, magic)| magic);
        let version = order.u32(content, 16).unwrap_or_default();
        let versions = if magic == HASH_MAGIC { HASH_VERSIONS } else { BTREE_VERSIONS };
        if !versions.contains(&version) {
            damage.note(format_args!("Berkeley DB: version {version} is not one that Plimsoll knows"));
        }
        if content.get(24).is_some_and(|algorithm| *algorithm != 0) {
            damage.note(format_args!("Berkeley DB: the database is encrypted"));
        }
        let pages = content.len() / page_bytes;
        let pages_stated = u64::from(order.u32(content, 32).unwrap_or_default()) + 1;
        if pages_stated > pages as u64 || !content.len().is_multiple_of(page_bytes) {
            damage.note(format_args!(
                "Berkeley DB: cut off, or its first page is damaged: {} bytes for {pages_stated} pages of {page_bytes}",
                content.len()
            ));
        }
        let has_checksums = content.get(26).is_some_and(|flags| flags & FLAG_CHECKSUM != 0);
        Some(Database {
            content,
            order,
            page_bytes,
            pages,
            head_bytes: if has_checksums { CHECKSUM_HEAD_BYTES } else { HEAD_BYTES },
            pairs: (magic == HASH_MAGIC).then(|| order.u32(content, 88)).flatten(),
        })
    }

    fn page(&self, number: u32) -> Option<Page<'a>> {
        let start = index(number).checked_mul(self.page_bytes)?;
        let bytes = slice(self.content, start, self.page_bytes)?;
        Some(Page { bytes, order: self.order, head_bytes: self.head_bytes })
    }
}

fn is_page_size(bytes: usize) -> bool {
    (PAGE_BYTES_MIN..=PAGE_BYTES_MAX).contains(&bytes) && bytes.is_power_of_two()
}

/// Order and page size of a file whose first page is damaged: every page bears its number.
fn guess(content: &[u8]) -> Option<(ByteOrder, usize)> {
    let sizes = (9..=16).map(|bits| 1_usize << bits);
    let guesses = sizes.flat_map(|size| [(ByteOrder::Little, size), (ByteOrder::Big, size)]);
    let numbered = |order: ByteOrder, size: usize| {
        let numbers = (1..=64_u32).map(|number| (number, order.u32(content, index(number) * size + 8)));
        numbers.filter(|(number, stated)| *stated == Some(*number)).count()
    };
    let counted = guesses.map(|(order, size)| (numbered(order, size), (order, size)));
    counted.filter(|(count, _)| *count > 0).max_by_key(|(count, _)| *count).map(|(_, guess)| guess)
}

#[derive(Clone, Copy)]
struct Page<'a> {
    bytes: &'a [u8],
    order: ByteOrder,
    head_bytes: usize,
}

impl<'a> Page<'a> {
    fn number(&self) -> u32 {
        self.order.u32(self.bytes, 8).unwrap_or_default()
    }

    fn previous(&self) -> u32 {
        self.order.u32(self.bytes, 12).unwrap_or_default()
    }

    fn next(&self) -> u32 {
        self.order.u32(self.bytes, 16).unwrap_or_default()
    }

    /// How many items the page says it has.
    fn entries_stated(&self) -> usize {
        usize::from(self.order.u16(self.bytes, 20).unwrap_or_default())
    }

    /// How many of them to look at; [`Page::item_start`] finds none on a page that states more
    /// than fit.
    fn entries(&self) -> usize {
        self.entries_stated().min(self.bytes.len() / 2)
    }

    fn kind(&self) -> u8 {
        self.bytes.get(25).copied().unwrap_or_default()
    }

    /// What an overflow page holds of its item.
    fn overflow(&self) -> Option<&'a [u8]> {
        let length = usize::from(self.order.u16(self.bytes, 22)?);
        slice(self.bytes, self.head_bytes, length)
    }

    /// Where the item begins that the `at`th entry of the page's index names.
    fn item_start(&self, at: usize) -> Option<usize> {
        let position = self.head_bytes.checked_add(at.checked_mul(2)?)?;
        let start = usize::from(self.order.u16(self.bytes, position)?);
        let index_end = self.head_bytes.checked_add(self.entries_stated().checked_mul(2)?)?;
        (index_end..self.bytes.len()).contains(&start).then_some(start)
    }

    /// An item of a hash page: items are laid from the page's end towards its head, so each
    /// ends where the one before begins.
    fn hash_item(&self, at: usize) -> Option<&'a [u8]> {
        let end = match at.checked_sub(1) {
            None => self.bytes.len(),
            Some(before) => self.item_start(before)?,
        };
        self.bytes.get(self.item_start(at)?..end).filter(|item| !item.is_empty())
    }

    /// An item of a btree leaf: its type, and its data or, off the page, its description.
    fn btree_item(&self, at: usize) -> Option<(u8, &'a [u8])> {
        let start = self.item_start(at)?;
        let kind = *self.bytes.get(start.checked_add(2)?)?;
        let item = if kind & !btree_item::DELETED == btree_item::DATA {
            let length = usize::from(self.order.u16(self.bytes, start)?);
            slice(self.bytes, start.checked_add(3)?, length)?
        } else {
            slice(self.bytes, start, OFF_PAGE_BYTES)?
        };
        Some((kind, item))
    }
}

/// One pass over all pages.
struct Scan<'a, 'h, 'v> {
    database: Database<'a>,
    headers: &'h mut Headers<'v>,
    /// Overflow pages that belong to an item.
    used: PageSet,
    buffer: Vec<u8>,
    /// Pairs found on hash pages.
    pairs: u64,
}

impl Scan<'_, '_, '_> {
    fn pages(&mut self) {
        let pages = u32::try_from(self.database.pages).unwrap_or(u32::MAX);
        for number in 1..pages {
            let Some(page) = self.database.page(number) else { return };
            if page.kind() != page::INVALID && page.number() != number {
                self.note(number, format_args!("bears the number {}", page.number()));
            }
            match page.kind() {
                page::HASH | page::HASH_UNSORTED => self.hash_page(number, page),
                page::BTREE_LEAF => self.btree_leaf(number, page, true),
                page::DUPLICATE | page::DUPLICATE_LEAF | page::RECORD_LEAF => {
                    self.btree_leaf(number, page, false);
                }
                page::BTREE_INTERNAL => self.internal(number, page, 4),
                page::RECORD_INTERNAL => self.internal(number, page, 0),
                page::INVALID | page::OVERFLOW | page::HASH_META | page::BTREE_META => (),
                kind => self.note(number, format_args!("has the type {kind}")),
            }
        }
    }

    fn note(&mut self, number: u32, what: std::fmt::Arguments<'_>) {
        self.headers.damage.note(format_args!("Berkeley DB: page {number} {what}"));
    }

    /// Keys and data by turns.
    fn hash_page(&mut self, number: u32, page: Page<'_>) {
        self.check_next(number, page, &[page::HASH, page::HASH_UNSORTED]);
        if !page.entries().is_multiple_of(2) {
            self.note(number, format_args!("has a key without data"));
        }
        for key in (0..page.entries()).step_by(2) {
            let (Some(key), Some(item)) = (page.hash_item(key), page.hash_item(key + 1)) else {
                self.note(number, format_args!("has items outside the page"));
                return;
            };
            self.pairs += 1;
            // Record 0 holds the number of the next record, and is no header.
            if key == [hash_item::DATA, 0, 0, 0, 0] {
                continue;
            }
            match item {
                [hash_item::DATA, data @ ..] => self.headers.blob(data, &format_args!("page {number}")),
                [hash_item::DUPLICATES, data @ ..] => self.duplicates(number, data),
                [hash_item::OFF_PAGE, ..] => self.off_page(number, item),
                // The pages that these are on are read like all others.
                [hash_item::OFF_PAGE_DUPLICATES, ..] => (),
                _ => self.note(number, format_args!("has an item of an unknown type")),
            }
        }
    }

    /// Several data of one key: each between two copies of its length.
    fn duplicates(&mut self, number: u32, mut set: &[u8]) {
        while !set.is_empty() {
            let length = self.database.order.u16(set, 0).map(usize::from);
            let datum = length.and_then(|length| slice(set, 2, length));
            let rest = length.and_then(|length| set.get(length.checked_add(4)?..));
            let (Some(datum), Some(rest)) = (datum, rest) else {
                return self.note(number, format_args!("has a damaged set of duplicates"));
            };
            self.headers.blob(datum, &format_args!("page {number}"));
            set = rest;
        }
    }

    /// Keys and data by turns, or data only where a page holds the duplicates of one key.
    fn btree_leaf(&mut self, number: u32, page: Page<'_>, has_keys: bool) {
        self.check_next(number, page, &[page.kind()]);
        let step = if has_keys { 2 } else { 1 };
        for first in (0..page.entries()).step_by(step) {
            let key = if has_keys { page.btree_item(first) } else { None };
            if key == Some((btree_item::DATA, &[0; 4])) {
                continue;
            }
            let Some((kind, item)) = page.btree_item(first + step - 1) else {
                self.note(number, format_args!("has items outside the page"));
                continue;
            };
            match kind {
                kind if kind & btree_item::DELETED != 0 => (),
                // Without keys the number of the next record can be told only by its length.
                btree_item::DATA if !has_keys && item.len() == 4 => (),
                btree_item::DATA => self.headers.blob(item, &format_args!("page {number}")),
                btree_item::OVERFLOW => self.off_page(number, item),
                btree_item::OFF_PAGE_DUPLICATES => (),
                _ => self.note(number, format_args!("has an item of an unknown type")),
            }
        }
    }

    /// Reads nothing of it, but a page that it points to and that is none is a loss. Items have
    /// their page's number at `number_at`.
    fn internal(&mut self, number: u32, page: Page<'_>, number_at: usize) {
        for at in 0..page.entries() {
            let start = page.item_start(at).and_then(|start| start.checked_add(number_at));
            let child = start.and_then(|start| self.database.page(page.order.u32(page.bytes, start)?));
            if !child.is_some_and(|child| page::TREE.contains(&child.kind())) {
                return self.note(number, format_args!("has a branch that ends in no page"));
            }
        }
    }

    /// Pages of one bucket or level follow one another; that the next one is lost is a loss.
    fn check_next(&mut self, number: u32, page: Page<'_>, kinds: &[u8]) {
        let next = page.next();
        if next != 0 && !self.database.page(next).is_some_and(|page| kinds.contains(&page.kind())) {
            self.note(number, format_args!("goes on in page {next}, which is none of its kind"));
        }
    }

    /// An item that lies in a chain of overflow pages; what is there of a broken one is tried.
    fn off_page(&mut self, number: u32, item: &[u8]) {
        let order = self.database.order;
        let described = order.u32(item, 4).zip(order.u32(item, 8));
        let Some((first, length)) = described else {
            return self.note(number, format_args!("has an overflow item that is cut off"));
        };
        match self.chain(first, Some(index(length))) {
            Ok(next) => {
                if next != 0 {
                    self.note(first, format_args!("begins an overflow chain that is longer than its item"));
                }
                self.headers.blob(&self.buffer, &format_args!("page {first}"));
            }
            Err(at) => {
                self.note(at, format_args!("does not continue the overflow chain of page {first}"));
                self.headers.rescue(&self.buffer, &format_args!("page {first}"));
            }
        }
    }

    /// Collects a chain of overflow pages into the buffer: as many bytes as its item says, or
    /// all there are. Gives the page that would follow, 0 if none does; the error is the page
    /// where the chain breaks off.
    fn chain(&mut self, first: u32, length: Option<usize>) -> Result<u32, u32> {
        self.buffer.clear();
        let mut number = first;
        while length.is_none_or(|length| self.buffer.len() < length) {
            if length.is_none() && number == 0 {
                break;
            }
            let page =
                self.database.page(number).filter(|page| page.kind() == page::OVERFLOW).ok_or(number)?;
            let part = page.overflow().ok_or(number)?;
            if number == 0 || !self.used.insert(number) {
                return Err(number);
            }
            let wanted = length.map_or(part.len(), |length| part.len().min(length - self.buffer.len()));
            self.buffer.extend_from_slice(part.get(..wanted).unwrap_or_default());
            number = page.next();
        }
        Ok(number)
    }

    /// An overflow chain that no item names was lost with the page that named it; the header
    /// in it may still be whole.
    fn unclaimed_overflow(&mut self) {
        let pages = u32::try_from(self.database.pages).unwrap_or(u32::MAX);
        for number in 1..pages {
            let Some(page) = self.database.page(number) else { return };
            let is_head = page.kind() == page::OVERFLOW && page.previous() == 0;
            if is_head && !self.used.contains(number) {
                self.note(number, format_args!("begins an overflow chain of no item"));
                // A chain that breaks off is noted already, as this one is.
                let _ = self.chain(number, None);
                self.headers.rescue(&self.buffer, &format_args!("page {number}"));
            }
        }
        let is_lost = |number: &u32| {
            let page = self.database.page(*number);
            page.is_some_and(|page| page.kind() == page::OVERFLOW) && !self.used.contains(*number)
        };
        let lost = (1..pages).filter(is_lost).count();
        if lost > 0 {
            self.headers.damage.note(format_args!("Berkeley DB: {lost} overflow pages belong to no item"));
        }
    }

    /// Fewer pairs than the first page counts: some were on pages that are now something else.
    fn missing_pairs(&mut self) {
        let stated = self.database.pairs.map_or(0, u64::from);
        if self.pairs < stated {
            let found = self.pairs;
            self.headers.damage.note(format_args!("Berkeley DB: {found} of {stated} records are there"));
        }
    }
}
