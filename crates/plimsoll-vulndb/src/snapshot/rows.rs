//! The rows of one package, decoded one after the other without allocating.
//!
//! A row is checked whole when it is decoded, lists included, so that a damaged file is an
//! error there and no list silently ends early. The layout of a block and of a row stands in
//! `writer.rs` beside the code that writes it.

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Severity, Status};

use super::cursor::{Cursor, Table};
use super::format::SnapshotError;

/// Bits of a row's first byte; the lowest three are the status.
pub(crate) mod first {
    pub(crate) const STATUS: u8 = 0b0000_0111;
    pub(crate) const BINARY_NAME: u8 = 1 << 3;
    pub(crate) const CHANNEL: u8 = 1 << 4;
    pub(crate) const MODULE: u8 = 1 << 5;
    pub(crate) const ARCHITECTURES: u8 = 1 << 6;
    pub(crate) const NOTE: u8 = 1 << 7;
}

/// Bits of a row's second byte; the lowest three are the severity's place in
/// `Severity::ALL` plus one, 0 for none.
pub(crate) mod second {
    pub(crate) const SEVERITY: u8 = 0b0000_0111;
    pub(crate) const ADVISORY_IDS: u8 = 1 << 3;
    pub(crate) const VERSIONS: u8 = 1 << 4;
    pub(crate) const RANGES_SHIFT: u32 = 5;
    pub(crate) const RANGES: u8 = 0b0110_0000;
    pub(crate) const FIRST_SEEN: u8 = 1 << 7;
}

/// How a row's ranges are written; the two commonest need no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RangeForm {
    None,
    /// From the beginning to one fixed version.
    ToFixed,
    /// From the beginning with no end.
    Everything,
    List,
}

/// The tables that rows refer to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables<'a> {
    pub(crate) strings: Table<'a>,
    pub(crate) versions: Table<'a>,
    pub(crate) ids: Table<'a>,
}

impl<'a> Tables<'a> {
    /// A text: an even number is twice the length of the text that follows, an odd one twice
    /// the number of a shared string plus one.
    #[inline]
    pub(crate) fn string(&self, cursor: &mut Cursor<'a>) -> Result<&'a str, SnapshotError> {
        let reference = cursor.index()?;
        if reference & 1 == 1 {
            return self.strings.text(reference >> 1);
        }
        let bytes = cursor.take(reference >> 1)?;
        std::str::from_utf8(bytes).map_err(|_| cursor.corrupt("a text is not UTF-8"))
    }

    /// A list of texts, each of which is there.
    fn list(&self, cursor: &mut Cursor<'a>) -> Result<List<'a>, SnapshotError> {
        let count = cursor.count()?;
        let list = List { cursor: *cursor, count };
        for _ in 0..count {
            self.string(cursor)?;
        }
        Ok(list)
    }

    fn range(&self, cursor: &mut Cursor<'a>) -> Result<RangeRef<'a>, SnapshotError> {
        let tag = cursor.byte()?;
        let introduced = if tag & 4 == 0 { None } else { Some(self.string(cursor)?) };
        let end = match tag & 3 {
            0 => EndRef::Fixed(self.string(cursor)?),
            1 => EndRef::LastAffected(self.string(cursor)?),
            2 => EndRef::Limit(self.string(cursor)?),
            _ => EndRef::Open,
        };
        Ok(RangeRef { introduced, end })
    }

    fn ranges(&self, form: RangeForm, cursor: &mut Cursor<'a>) -> Result<Ranges<'a>, SnapshotError> {
        Ok(match form {
            RangeForm::None => Ranges::None,
            RangeForm::ToFixed => Ranges::One(EndRef::Fixed(self.string(cursor)?)),
            RangeForm::Everything => Ranges::One(EndRef::Open),
            RangeForm::List => {
                let count = cursor.count()?;
                let list = List { cursor: *cursor, count };
                for _ in 0..count {
                    self.range(cursor)?;
                }
                Ranges::List(list)
            }
        })
    }

    /// Runs of neighbouring versions: how many to pass over, how many to take.
    fn version_runs(&self, first: usize, cursor: &mut Cursor<'a>) -> Result<List<'a>, SnapshotError> {
        let runs = cursor.count()?;
        let list = List { cursor: *cursor, count: runs };
        let mut next = first;
        for _ in 0..runs {
            let (skip, take) = (cursor.index()?, cursor.index()?);
            next = next.checked_add(skip).ok_or_else(|| cursor.corrupt("a number is too large"))?;
            self.versions.check_texts(next, take)?;
            next += take;
        }
        Ok(list)
    }
}

/// One row: what one feed says of one vulnerability in one package of one realm and channel.
/// The fields mean what those of [`Advisory`] mean.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The feed's id.
    pub feed: &'a str,
    /// The package's name.
    pub package: &'a str,
    /// Whether that is a source's or a binary's name.
    pub name_kind: NameKind,
    /// The channel that a fix needs.
    pub channel: Option<&'a str>,
    /// The module stream.
    pub module: Option<&'a str>,
    /// The canonical id.
    pub vulnerability: &'a str,
    /// What the vendor says.
    pub status: Status,
    /// The vendor's own severity.
    pub severity: Option<Severity>,
    /// The vendor's note.
    pub note: Option<&'a str>,
    /// The day (since 1970) on which this was first seen in the feed; `None` where it was there
    /// when the feed was first read.
    pub first_seen_day: Option<u32>,
    tables: Tables<'a>,
    architectures: List<'a>,
    advisory_ids: List<'a>,
    ranges: Ranges<'a>,
    /// Of the package's versions, the number of the first.
    first_version: usize,
    version_runs: List<'a>,
}

/// A list that was checked when its row was decoded.
#[derive(Clone, Copy, Debug)]
struct List<'a> {
    cursor: Cursor<'a>,
    count: usize,
}

impl<'a> Row<'a> {
    /// The architectures it speaks of; none means all.
    pub fn architectures(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        Texts { tables: self.tables, list: self.architectures }
    }

    /// The vendor's announcements.
    pub fn advisory_ids(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        Texts { tables: self.tables, list: self.advisory_ids }
    }

    /// The affected ranges, any of which may hold. None, and no versions either, means every
    /// version.
    pub fn ranges(&self) -> impl Iterator<Item = RangeRef<'a>> + use<'a> {
        RangesOf { tables: self.tables, ranges: self.ranges }
    }

    /// Versions listed one by one, a set: their order is not the feed's.
    pub fn versions(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        ListedVersions {
            versions: self.tables.versions,
            runs: self.version_runs,
            next: self.first_version,
            in_run: 0,
        }
    }

    /// An owned copy, for tests and for lists.
    pub fn to_advisory(&self, realm: &str) -> Advisory {
        let owned = |text: &'a str| text.to_owned();
        Advisory {
            feed: self.feed.to_owned(),
            realm: Realm(realm.to_owned()),
            package: self.package.to_owned(),
            name_kind: self.name_kind,
            channel: self.channel.map(owned),
            architectures: self.architectures().map(owned).collect(),
            module: self.module.map(owned),
            vulnerability: self.vulnerability.to_owned(),
            advisory_ids: self.advisory_ids().map(owned).collect(),
            ranges: self.ranges().map(RangeRef::to_range).collect(),
            versions: self.versions().map(owned).collect(),
            status: self.status,
            severity: self.severity,
            note: self.note.map(owned),
        }
    }
}

/// A range of affected versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RangeRef<'a> {
    /// The first affected version; `None` from the beginning.
    pub introduced: Option<&'a str>,
    /// Where it ends.
    pub end: EndRef<'a>,
}

impl<'a> RangeRef<'a> {
    /// The same of a range that owns its texts.
    pub fn of(range: &'a Range) -> RangeRef<'a> {
        let end = match &range.end {
            End::Fixed(version) => EndRef::Fixed(version),
            End::LastAffected(version) => EndRef::LastAffected(version),
            End::Limit(version) => EndRef::Limit(version),
            End::Open => EndRef::Open,
        };
        RangeRef { introduced: range.introduced.as_deref(), end }
    }

    /// An owned copy.
    pub fn to_range(self) -> Range {
        let end = match self.end {
            EndRef::Fixed(version) => End::Fixed(version.to_owned()),
            EndRef::LastAffected(version) => End::LastAffected(version.to_owned()),
            EndRef::Limit(version) => End::Limit(version.to_owned()),
            EndRef::Open => End::Open,
        };
        Range { introduced: self.introduced.map(str::to_owned), end }
    }
}

/// Where a range ends; the cases are those of [`End`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndRef<'a> {
    /// The first version that is not affected.
    Fixed(&'a str),
    /// The last version that is.
    LastAffected(&'a str),
    /// No statement from here on; exclusive, and no fix.
    Limit(&'a str),
    /// No end is known.
    Open,
}

struct Texts<'a> {
    tables: Tables<'a>,
    list: List<'a>,
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.list.count = self.list.count.checked_sub(1)?;
        self.tables.string(&mut self.list.cursor).ok()
    }
}

/// The ranges that are left.
#[derive(Clone, Copy, Debug)]
enum Ranges<'a> {
    None,
    /// One, from the beginning.
    One(EndRef<'a>),
    List(List<'a>),
}

struct RangesOf<'a> {
    tables: Tables<'a>,
    ranges: Ranges<'a>,
}

impl<'a> Iterator for RangesOf<'a> {
    type Item = RangeRef<'a>;

    fn next(&mut self) -> Option<RangeRef<'a>> {
        match &mut self.ranges {
            Ranges::None => None,
            &mut Ranges::One(end) => {
                self.ranges = Ranges::None;
                Some(RangeRef { introduced: None, end })
            }
            Ranges::List(list) => {
                list.count = list.count.checked_sub(1)?;
                self.tables.range(&mut list.cursor).ok()
            }
        }
    }
}

struct ListedVersions<'a> {
    versions: Table<'a>,
    runs: List<'a>,
    next: usize,
    in_run: usize,
}

impl<'a> Iterator for ListedVersions<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        while self.in_run == 0 {
            self.runs.count = self.runs.count.checked_sub(1)?;
            self.next = self.next.checked_add(self.runs.cursor.index().ok()?)?;
            self.in_run = self.runs.cursor.index().ok()?;
        }
        let version = self.versions.text(self.next).ok()?;
        self.next += 1;
        self.in_run -= 1;
        Some(version)
    }
}

/// The rows of one package in one realm, in the order of their vulnerabilities.
#[derive(Clone, Debug)]
pub struct Rows<'a> {
    state: State<'a>,
}

#[derive(Clone, Debug)]
enum State<'a> {
    Block(Block<'a>),
    Failed(SnapshotError),
    Done,
}

impl<'a> Rows<'a> {
    /// No rows: nobody speaks of this package.
    pub(crate) fn none() -> Rows<'a> {
        Rows { state: State::Done }
    }

    /// One error, then nothing.
    pub(crate) fn failed(error: SnapshotError) -> Rows<'a> {
        Rows { state: State::Failed(error) }
    }

    pub(crate) fn of(block: Block<'a>) -> Rows<'a> {
        Rows { state: State::Block(block) }
    }
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.state {
            State::Done => None,
            State::Failed(error) => {
                let error = error.clone();
                self.state = State::Done;
                Some(Err(error))
            }
            State::Block(block) => {
                if block.remaining == 0 {
                    return None;
                }
                block.remaining -= 1;
                let row = block.row();
                if row.is_err() {
                    // Where one row is damaged, the place of the next is not known.
                    self.state = State::Done;
                }
                Some(row)
            }
        }
    }
}

/// The rows of one key, and where decoding has come to.
#[derive(Clone, Debug)]
pub(crate) struct Block<'a> {
    pub(crate) realm: &'a str,
    pub(crate) package: &'a str,
    remaining: usize,
    first_version: usize,
    vulnerability: usize,
    /// The last row's feed, and the bytes that say it.
    feed: Option<(&'a [u8], &'a str)>,
    tables: Tables<'a>,
    cursor: Cursor<'a>,
}

impl<'a> Block<'a> {
    /// Reads a block's head.
    pub(crate) fn read(mut cursor: Cursor<'a>, tables: Tables<'a>) -> Result<Block<'a>, SnapshotError> {
        let realm = tables.string(&mut cursor)?;
        let package = cursor.text()?;
        let remaining = cursor.count()?;
        let first_version = cursor.index()?;
        Ok(Block { realm, package, remaining, first_version, vulnerability: 0, feed: None, tables, cursor })
    }

    fn row(&mut self) -> Result<Row<'a>, SnapshotError> {
        let tables = self.tables;
        let cursor = &mut self.cursor;
        let (one, two) = (cursor.byte()?, cursor.byte()?);
        let status = *Status::ALL
            .get(usize::from(one & first::STATUS))
            .ok_or_else(|| cursor.corrupt("a status that is none"))?;
        let severity = severity(two & second::SEVERITY).ok_or_else(|| cursor.corrupt("a severity"))?;
        let feed_reference = cursor.rest();
        let feed = match self.feed {
            // Most rows come from the feed of the row before.
            Some((reference, feed)) if feed_reference.starts_with(reference) => {
                cursor.take(reference.len())?;
                feed
            }
            _ => {
                let feed = tables.string(cursor)?;
                let length_bytes = feed_reference.len() - cursor.rest().len();
                self.feed = feed_reference.get(..length_bytes).map(|reference| (reference, feed));
                feed
            }
        };
        let step = cursor.index()?;
        self.vulnerability =
            self.vulnerability.checked_add(step).ok_or_else(|| cursor.corrupt("a number is too large"))?;
        let vulnerability = tables.ids.text(self.vulnerability)?;
        let mut text_if = |bit: u8| -> Result<Option<&'a str>, SnapshotError> {
            if one & bit == 0 { Ok(None) } else { tables.string(cursor).map(Some) }
        };
        let (channel, module, note) =
            (text_if(first::CHANNEL)?, text_if(first::MODULE)?, text_if(first::NOTE)?);
        let nothing = List { cursor: *cursor, count: 0 };
        let architectures = if one & first::ARCHITECTURES == 0 { nothing } else { tables.list(cursor)? };
        let advisory_ids = if two & second::ADVISORY_IDS == 0 { nothing } else { tables.list(cursor)? };
        let ranges = tables.ranges(range_form((two & second::RANGES) >> second::RANGES_SHIFT), cursor)?;
        let has_versions = two & second::VERSIONS != 0;
        let version_runs =
            if has_versions { tables.version_runs(self.first_version, cursor)? } else { nothing };
        let first_seen_day = if two & second::FIRST_SEEN == 0 { None } else { Some(cursor.u32()?) };
        Ok(Row {
            feed,
            package: self.package,
            name_kind: if one & first::BINARY_NAME == 0 { NameKind::Source } else { NameKind::Binary },
            channel,
            module,
            vulnerability,
            status,
            severity,
            note,
            first_seen_day,
            tables,
            architectures,
            advisory_ids,
            ranges,
            first_version: self.first_version,
            version_runs,
        })
    }
}

/// The severity with this number; 0 is none, and the outer `None` a number that is no severity's.
pub(crate) fn severity(number: u8) -> Option<Option<Severity>> {
    match usize::from(number).checked_sub(1) {
        None => Some(None),
        Some(index) => Severity::ALL.get(index).map(|&severity| Some(severity)),
    }
}

/// The number of a severity.
pub(crate) fn severity_number(severity: Option<Severity>) -> u8 {
    let place = |severity| Severity::ALL.iter().position(|&it| it == severity);
    severity.and_then(place).and_then(|index| u8::try_from(index + 1).ok()).unwrap_or(0)
}

pub(crate) fn range_form(bits: u8) -> RangeForm {
    match bits & 3 {
        0 => RangeForm::None,
        1 => RangeForm::ToFixed,
        2 => RangeForm::Everything,
        _ => RangeForm::List,
    }
}
