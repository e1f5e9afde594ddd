//! SQLite databases ("Database File Format"), as far as this needs: the first text of each row
//! of one table.
//!
//! Never runs SQL and uses no page twice. The text must begin within the part of a row that
//! lies on its own page, which holds for store paths: of a page of 4096 bytes, 489 do.

/// A database file.
pub(super) struct Database<'a> {
    content: &'a [u8],
    page_bytes: usize,
}

/// What a file of this format begins with.
const MAGIC: &[u8] = b"SQLite format 3\0";
/// The head of the file, before the first page's own.
const HEAD_BYTES: usize = 100;
/// The first byte of a page of a table's b-tree.
const INTERIOR: u8 = 0x05;
const LEAF: u8 = 0x0d;

impl<'a> Database<'a> {
    /// `None` where the head is none.
    pub(super) fn open(content: &'a [u8]) -> Option<Database<'a>> {
        let rest = content.strip_prefix(MAGIC)?;
        let page_bytes = match u16_at(rest, 0)? {
            1 => 65_536,
            bytes => usize::from(bytes),
        };
        (page_bytes >= 512 && page_bytes.is_power_of_two()).then_some(Database { content, page_bytes })
    }

    /// Hands over the first text of each row; `false` if not all could be read.
    pub(super) fn texts_of(&self, table: &str, take: &mut dyn FnMut(&'a str)) -> bool {
        let mut root = None;
        let mut is_whole = self.walk(1, &mut |row| {
            let mut columns = Columns::of(row)?;
            let (kind, name) = (columns.text()?, columns.text()?);
            columns.text()?;
            let page = columns.number()?;
            if kind == "table" && name.eq_ignore_ascii_case(table) {
                root = Some(page);
            }
            Some(())
        });
        let Some(root) = root else { return false };
        is_whole &= self.walk(root, &mut |row| {
            let mut columns = Columns::of(row)?;
            columns.skip()?;
            take(columns.text()?);
            Some(())
        });
        is_whole
    }

    /// Hands over every row of the table with this root, as far as its page goes.
    fn walk(&self, root: u32, take: &mut dyn FnMut(&'a [u8]) -> Option<()>) -> bool {
        let mut used = vec![false; self.content.len() / self.page_bytes + 1];
        let mut is_whole = true;
        let mut waiting = vec![root];
        while let Some(number) = waiting.pop() {
            let is_new = usize::try_from(number)
                .ok()
                .and_then(|at| used.get_mut(at))
                .is_some_and(|used| !std::mem::replace(used, true));
            let page = self.page(number).filter(|_| is_new);
            is_whole &= page.and_then(|page| walk_page(page, number, &mut waiting, take)).is_some();
        }
        is_whole
    }

    fn page(&self, number: u32) -> Option<&'a [u8]> {
        let start = usize::try_from(number.checked_sub(1)?).ok()?.checked_mul(self.page_bytes)?;
        self.content.get(start..start.checked_add(self.page_bytes)?)
    }
}

/// Hands over the rows of a leaf, or adds the children of another page; `None` where something
/// of it cannot be read. The rest of it is read in any case.
fn walk_page<'a>(
    page: &'a [u8],
    number: u32,
    waiting: &mut Vec<u32>,
    take: &mut dyn FnMut(&'a [u8]) -> Option<()>,
) -> Option<()> {
    let head = if number == 1 { HEAD_BYTES } else { 0 };
    let kind = *page.get(head)?;
    let cells = usize::from(u16_at(page, head + 3)?);
    let cells_at = match kind {
        LEAF => head + 8,
        INTERIOR => head + 12,
        _ => return None,
    };
    let mut is_whole = Some(());
    let mut bytes_left = page.len();
    if kind == INTERIOR {
        waiting.push(u32_at(page, head + 8)?);
    }
    for at in 0..cells {
        let cell = u16_at(page, cells_at + at * 2).and_then(|cell| page.get(usize::from(cell)..));
        let read = cell.and_then(|cell| {
            if kind == INTERIOR {
                waiting.push(u32_at(cell, 0)?);
                return Some(());
            }
            let (payload_bytes, rest) = varint(cell)?;
            let (_row, payload) = varint(rest)?;
            let payload = payload.get(..local_bytes(payload_bytes, page.len()))?;
            // Cells share no bytes, so together they have no more than the page.
            bytes_left = bytes_left.checked_sub(payload.len().max(1))?;
            take(payload)
        });
        is_whole = is_whole.and(read);
    }
    is_whole
}

/// How much of a row is sure to lie on its page ("B-tree Pages", the minimum for those that
/// overflow).
fn local_bytes(payload_bytes: u64, page_bytes: usize) -> usize {
    let payload_bytes = usize::try_from(payload_bytes).unwrap_or(usize::MAX);
    if payload_bytes <= page_bytes.saturating_sub(35) {
        return payload_bytes;
    }
    (page_bytes.saturating_sub(12) * 32 / 255).saturating_sub(23)
}

/// The columns of a row ("Record Format"), one after another.
struct Columns<'a> {
    types: &'a [u8],
    body: &'a [u8],
}

impl<'a> Columns<'a> {
    fn of(payload: &'a [u8]) -> Option<Columns<'a>> {
        let (length, rest) = varint(payload)?;
        let length = usize::try_from(length).ok()?;
        let types = rest.get(..length.checked_sub(payload.len() - rest.len())?)?;
        Some(Columns { types, body: payload.get(length..)? })
    }

    fn skip(&mut self) -> Option<(u64, &'a [u8])> {
        let (kind, types) = varint(self.types)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            kind => (kind - 12) / 2,
        };
        let (column, body) = self.body.split_at_checked(usize::try_from(length).ok()?)?;
        *self = Columns { types, body };
        Some((kind, column))
    }

    fn text(&mut self) -> Option<&'a str> {
        let (kind, column) = self.skip()?;
        (kind >= 13 && kind % 2 == 1).then(|| std::str::from_utf8(column).ok()).flatten()
    }

    fn number(&mut self) -> Option<u32> {
        let (kind, column) = self.skip()?;
        match kind {
            9 => Some(1),
            1..=6 => {
                u32::try_from(column.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))).ok()
            }
            _ => None,
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
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

#[cfg(test)]
pub(super) mod tests {
    /// A database of two pages with a table `ValidPaths` of these paths.
    pub(in super::super) fn database(paths: &[&str]) -> Vec<u8> {
        let schema = record(&[Some("table"), Some("ValidPaths"), Some("ValidPaths")], &[1, 2]);
        let rows = paths.iter().map(|path| record(&[None, Some(path)], &[0])).collect::<Vec<_>>();
        let mut first = leaf(100, &[schema]);
        first[..16].copy_from_slice(super::MAGIC);
        first[16..18].copy_from_slice(&512_u16.to_be_bytes());
        [first, leaf(0, &rows)].concat()
    }

    /// A record of these texts and then one column of this type and value.
    fn record(texts: &[Option<&str>], last: &[u8]) -> Vec<u8> {
        let kind = |text: &Option<&str>| text.map_or(0, |text| u8::try_from(text.len() * 2 + 13).unwrap());
        let mut types: Vec<u8> = texts.iter().map(kind).collect();
        types.push(last[0]);
        let body: Vec<u8> = texts.iter().flatten().flat_map(|text| text.bytes()).collect();
        let head = u8::try_from(types.len() + 1).unwrap();
        [&[head], &*types, &*body, &last[1..]].concat()
    }

    fn leaf(head: usize, records: &[Vec<u8>]) -> Vec<u8> {
        let mut page = vec![0; 512];
        page[head] = super::LEAF;
        page[head + 4] = u8::try_from(records.len()).unwrap();
        let mut end = page.len();
        for (at, record) in records.iter().enumerate() {
            let cell = [&[u8::try_from(record.len()).unwrap(), 1], &**record].concat();
            end -= cell.len();
            page[end..end + cell.len()].copy_from_slice(&cell);
            let place = head + 8 + at * 2;
            page[place..place + 2].copy_from_slice(&u16::try_from(end).unwrap().to_be_bytes());
        }
        page
    }
}
