//! Making an index from a shard.

use super::{Index, Texts};
use crate::codec::{Reader, Writer};
use crate::shard::Shard;
use crate::shard::view::{Head, RecordHead, lists};
use crate::texts::{TextMap, TextSet};

/// Lists of more bytes than this stay in the shard alone.
const LISTS_BYTES_MAX: usize = 64 << 10;

impl Index {
    /// The index of a shard. `None` where the shard is damaged, or holds more than can be numbered.
    pub fn of(shard: &Shard, seed: u64) -> Option<Index> {
        let read = Read::of(shard)?;
        let withdrawn = withdrawn(&read.records);
        let mut numbers = Numbers::default();
        let mut packages: TextMap<[u32; 2], u32> = TextMap::default();
        let mut rows = Vec::with_capacity(read.heads.len());
        let mut last = None;
        for (place, head) in &read.heads {
            if is_withdrawn(&withdrawn, head)? {
                continue;
            }
            let package = match last {
                Some((realm, name, package)) if (realm, name) == (head.realm, head.package) => package,
                _ => {
                    let next = u32::try_from(packages.len()).ok()?;
                    let key = [numbers.of(head.realm)?, numbers.of(head.package)?];
                    *packages.entry(key).or_insert(next)
                }
            };
            last = Some((head.realm, head.package, package));
            rows.push(Row { package, name: numbers.of(head.vulnerability)?, place: *place, head });
        }
        let mut index = Index {
            seed,
            data_date: shard.data_date,
            counts: shard.records(),
            advisories: read.heads.len() as u64,
            quarantined: read.lists.counts[0],
            lists: Some(read.lists.content()).filter(|it| it.len() <= LISTS_BYTES_MAX),
            texts: Texts::default(),
            packages: Vec::new(),
            package_ends: Vec::new(),
            row_names: Vec::with_capacity(rows.len()),
            row_places: Vec::with_capacity(rows.len()),
            row_sums: Vec::with_capacity(rows.len()),
            foreign: Vec::new(),
            record_ids: Vec::new(),
            record_places: Vec::new(),
            record_sums: Vec::new(),
            alias_ends: Vec::new(),
            aliases: Vec::new(),
        };
        index.add_records(&read.records, &mut numbers)?;
        index.add_rows(shard, packages, &mut rows, &mut numbers)?;
        index.texts = numbers.texts;
        Some(index)
    }

    fn add_records<'a>(
        &mut self,
        records: &[(u64, RecordHead<'a>)],
        numbers: &mut Numbers<'a>,
    ) -> Option<()> {
        for (place, record) in records.iter().filter(|(_, record)| !record.withdrawn) {
            self.record_ids.push(numbers.of(record.id)?);
            self.record_places.push(*place);
            self.record_sums.push(sum(record.bytes, self.seed));
            for alias in &record.aliases {
                self.aliases.push(numbers.of(alias)?);
            }
            self.alias_ends.push(u32::try_from(self.aliases.len()).ok()?);
        }
        Some(())
    }

    fn add_rows<'a>(
        &mut self,
        shard: &'a Shard,
        packages: TextMap<[u32; 2], u32>,
        rows: &mut [Row<'_, 'a>],
        numbers: &mut Numbers<'a>,
    ) -> Option<()> {
        let texts = &numbers.texts;
        let mut sorted: Vec<([u32; 2], u32)> = packages.into_iter().collect();
        sorted.sort_unstable_by_key(|([realm, name], _)| (texts.get(*realm), texts.get(*name)));
        let mut ranks = vec![0u32; sorted.len()];
        for ((_, number), rank) in sorted.iter().zip(0..) {
            ranks[*number as usize] = rank;
        }
        rows.sort_by_key(|row| ranks[row.package as usize]);
        self.packages = sorted.into_iter().map(|(key, _)| key).collect();
        let mut end = 0u32;
        for rows in rows.chunk_by(|left, right| left.package == right.package) {
            end = end.checked_add(u32::try_from(rows.len()).ok()?)?;
            self.package_ends.push(end);
        }
        for (at, row) in (0u32..).zip(rows.iter()) {
            if row.head.feed != shard.feed {
                self.foreign.push([at, numbers.of(row.head.feed)?]);
            }
            self.row_names.push(row.name);
            self.row_places.push(row.place);
            self.row_sums.push(sum(row.head.bytes, self.seed));
        }
        Some(())
    }
}

/// A row that stays: the numbers of its package and of its vulnerability's name, and where it lies.
struct Row<'h, 'a> {
    package: u32,
    name: u32,
    place: u64,
    head: &'h Head<'a>,
}

/// Texts as they are numbered.
#[derive(Default)]
struct Numbers<'a> {
    numbers: TextMap<&'a str, u32>,
    texts: Texts,
}

impl<'a> Numbers<'a> {
    fn of(&mut self, text: &'a str) -> Option<u32> {
        if let Some(&number) = self.numbers.get(text) {
            return Some(number);
        }
        let number = u32::try_from(self.numbers.len()).ok()?;
        self.texts.all.push_str(text);
        self.texts.ends.push(u32::try_from(self.texts.all.len()).ok()?);
        self.numbers.insert(text, number);
        Some(number)
    }
}

/// What a shard holds, in its order, and where it lies.
struct Read<'a> {
    heads: Vec<(u64, Head<'a>)>,
    records: Vec<(u64, RecordHead<'a>)>,
    lists: Lists<'a>,
}

impl<'a> Read<'a> {
    fn of(shard: &'a Shard) -> Option<Read<'a>> {
        let mut read = Read { heads: Vec::new(), records: Vec::new(), lists: Lists::default() };
        for (unit, place) in shard.units().zip(&shard.units) {
            let reader = &mut Reader(unit.content);
            let found = lists(reader)?;
            read.lists.add(&found);
            // A document ends with its content.
            let place = |reader: &Reader<'_>| (place.end - reader.0.len()) as u64;
            for _ in 0..reader.count(1)? {
                read.heads.push((place(reader), Head::read(reader.bytes()?, &shard.feed)?));
            }
            for _ in 0..reader.count(1)? {
                read.records.push((place(reader), RecordHead::read(reader.bytes()?)?));
            }
            if !reader.0.is_empty() {
                return None;
            }
        }
        Some(read)
    }
}

/// The lists of several documents, one behind the other.
#[derive(Default)]
struct Lists<'a> {
    counts: [u64; 6],
    bytes: [Vec<&'a [u8]>; 6],
}

impl<'a> Lists<'a> {
    fn add(&mut self, found: &[(u64, &'a [u8]); 6]) {
        for (at, (count, bytes)) in found.iter().enumerate().filter(|(_, (count, _))| *count != 0) {
            self.counts[at] += count;
            self.bytes[at].push(bytes);
        }
    }

    /// As a document without advisories and records.
    fn content(&self) -> Vec<u8> {
        let mut out = Writer::default();
        for (count, bytes) in self.counts.iter().zip(&self.bytes) {
            out.number(*count);
            bytes.iter().for_each(|it| out.0.extend_from_slice(it));
        }
        (0..2).for_each(|_| out.number(0));
        out.0
    }
}

/// The ids of withdrawn records; what one document withdrew and another still holds, still holds.
fn withdrawn<'a>(records: &[(u64, RecordHead<'a>)]) -> TextSet<&'a str> {
    let records = || records.iter().map(|(_, record)| record);
    let mut ids: TextSet<&str> = records().filter(|it| it.withdrawn).map(|it| it.id).collect();
    if !ids.is_empty() {
        for record in records().filter(|it| !it.withdrawn) {
            ids.remove(record.id);
        }
    }
    ids
}

/// Whether the record that an advisory comes from was withdrawn.
fn is_withdrawn(withdrawn: &TextSet<&str>, head: &Head<'_>) -> Option<bool> {
    if withdrawn.is_empty() {
        return Some(false);
    }
    if withdrawn.contains(head.vulnerability) {
        return Some(true);
    }
    let announcements = head.advisory_ids()?;
    Some(!announcements.is_empty() && announcements.iter().all(|id| withdrawn.contains(id)))
}

fn sum(bytes: &[u8], seed: u64) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(bytes, seed)
}
