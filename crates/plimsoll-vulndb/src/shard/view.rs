//! What a shard says, read where it lies: texts are parts of its bytes, and nothing is copied that
//! nobody asked for.
//!
//! Every function answers `None` where the bytes are not what `write.rs` writes.

use plimsoll_core::{
    Advisory, CvssVector, EndOfLife, Epss, Kev, NameKind, Rating, Severity, Status, Timestamp, VulnerableCode,
};

use crate::codec::Reader;
use crate::snapshot::{EndRef, RangeRef};

/// One document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnitView<'a> {
    pub(crate) name: &'a str,
    pub(crate) fingerprint: u64,
    /// The records read, stored, set aside as a whole and out of scope.
    pub(crate) counts: [u64; 4],
    pub(crate) content: &'a [u8],
    /// All of it, as it stands in the shard.
    pub(super) raw: &'a [u8],
}

impl<'a> UnitView<'a> {
    pub(super) fn read(reader: &mut Reader<'a>) -> Option<UnitView<'a>> {
        let from = reader.0;
        let name = reader.str()?;
        let fingerprint = u64::from_le_bytes(reader.take(8)?.try_into().ok()?);
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = reader.number()?;
        }
        let content = reader.bytes()?;
        let raw = from.get(..from.len() - reader.0.len())?;
        Some(UnitView { name, fingerprint, counts, content, raw })
    }
}

/// An advisory, as far as rows are sorted and chosen by it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) feed: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) package: &'a str,
    pub(crate) vulnerability: &'a str,
    /// Since when it is known, in days since 1970; 0 where nobody knows.
    pub(crate) first_seen_day: u32,
    /// Where the rest begins.
    rest: u32,
    /// All of it, as it stands in the shard.
    pub(super) bytes: &'a [u8],
}

/// All that an advisory says: [`Advisory`], with texts that lie elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement<'a> {
    pub(crate) feed: &'a str,
    pub(crate) realm: &'a str,
    pub(crate) package: &'a str,
    pub(crate) vulnerability: &'a str,
    pub(crate) advisory_ids: Vec<&'a str>,
    pub(crate) name_kind: NameKind,
    pub(crate) channel: Option<&'a str>,
    pub(crate) architectures: Vec<&'a str>,
    pub(crate) module: Option<&'a str>,
    pub(crate) ranges: Vec<RangeRef<'a>>,
    pub(crate) versions: Vec<&'a str>,
    pub(crate) status: Status,
    pub(crate) severity: Option<Severity>,
    pub(crate) note: Option<&'a str>,
}

impl<'a> Head<'a> {
    pub(super) fn read(bytes: &'a [u8], feed: &'a str) -> Option<Head<'a>> {
        let mut reader = Reader(bytes);
        let feed = reader.optional_str()?.unwrap_or(feed);
        let (realm, package, vulnerability) = (reader.str()?, reader.str()?, reader.str()?);
        let first_seen_day = u32::try_from(reader.number()?).ok()?;
        let rest = u32::try_from(bytes.len() - reader.0.len()).ok()?;
        Some(Head { feed, realm, package, vulnerability, first_seen_day, rest, bytes })
    }

    fn rest(&self) -> Reader<'a> {
        Reader(self.bytes.get(self.rest as usize..).unwrap_or_default())
    }

    /// The announcements that it names.
    pub(crate) fn advisory_ids(&self) -> Option<Vec<&'a str>> {
        self.rest().strs()
    }

    /// The whole.
    pub(crate) fn statement(&self) -> Option<Statement<'a>> {
        let reader = &mut self.rest();
        let statement = Statement {
            feed: self.feed,
            realm: self.realm,
            package: self.package,
            vulnerability: self.vulnerability,
            advisory_ids: reader.strs()?,
            name_kind: if reader.flag()? { NameKind::Binary } else { NameKind::Source },
            channel: reader.optional_str()?,
            architectures: reader.strs()?,
            module: reader.optional_str()?,
            ranges: list(reader, range)?,
            versions: reader.strs()?,
            status: index(reader, &Status::ALL)?,
            severity: match reader.number()? {
                0 => None,
                place => Some(*Severity::ALL.get(usize::try_from(place - 1).ok()?)?),
            },
            note: reader.optional_str()?,
        };
        reader.0.is_empty().then_some(statement)
    }
}

impl<'a> Statement<'a> {
    /// The same of an advisory that is not in a shard yet.
    pub(crate) fn of(advisory: &'a Advisory) -> Statement<'a> {
        let strs = |texts: &'a [String]| texts.iter().map(String::as_str).collect();
        Statement {
            feed: &advisory.feed,
            realm: &advisory.realm.0,
            package: &advisory.package,
            vulnerability: &advisory.vulnerability,
            advisory_ids: strs(&advisory.advisory_ids),
            name_kind: advisory.name_kind,
            channel: advisory.channel.as_deref(),
            architectures: strs(&advisory.architectures),
            module: advisory.module.as_deref(),
            ranges: advisory.ranges.iter().map(RangeRef::of).collect(),
            versions: strs(&advisory.versions),
            status: advisory.status,
            severity: advisory.severity,
            note: advisory.note.as_deref(),
        }
    }
}

/// A record, as far as it names a vulnerability.
#[derive(Clone, Debug)]
pub(crate) struct RecordHead<'a> {
    pub(crate) id: &'a str,
    pub(crate) aliases: Vec<&'a str>,
    pub(crate) withdrawn: bool,
    rest: &'a [u8],
    /// All of it, as it stands in the shard.
    pub(super) bytes: &'a [u8],
}

/// What a record says besides, but for its words: [`crate::Record`], with texts that lie elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct RecordView<'a> {
    pub(crate) ratings: Vec<Rating>,
    pub(crate) cvss: Vec<CvssVector>,
    pub(crate) cwes: Vec<&'a str>,
    pub(crate) published: Option<Timestamp>,
    pub(crate) modified: Option<Timestamp>,
    pub(crate) code: Vec<VulnerableCode>,
    pub(crate) informational: Option<&'a str>,
}

/// The words of a record.
#[derive(Clone, Debug)]
pub(crate) struct RecordText<'a> {
    pub(crate) summary: Option<&'a str>,
    pub(crate) details: Option<&'a str>,
    pub(crate) references: Vec<&'a str>,
}

impl<'a> RecordHead<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Option<RecordHead<'a>> {
        let mut reader = Reader(bytes);
        let (id, withdrawn, aliases) = (reader.str()?, reader.flag()?, reader.strs()?);
        Some(RecordHead { id, aliases, withdrawn, rest: reader.0, bytes })
    }

    /// Its words alone.
    pub(crate) fn text(&self) -> Option<RecordText<'a>> {
        read_text(&mut Reader(self.rest))
    }

    /// The rest.
    pub(crate) fn view(&self) -> Option<RecordView<'a>> {
        let reader = &mut Reader(self.rest);
        read_text(reader)?;
        let view = RecordView {
            ratings: list(reader, |it| {
                Some(Rating { source: it.text()?, severity: index(it, &Severity::ALL)? })
            })?,
            cvss: list(reader, |it| {
                Some(CvssVector {
                    source: it.text()?,
                    vector: it.text()?,
                    version: it.text()?,
                    score_tenths: u8::try_from(it.number()?).ok()?,
                })
            })?,
            cwes: reader.strs()?,
            published: time(reader)?,
            modified: time(reader)?,
            code: list(reader, |it| {
                Some(VulnerableCode { package: it.text()?, path: it.text()?, symbols: it.texts()? })
            })?,
            informational: reader.optional_str()?,
        };
        reader.0.is_empty().then_some(view)
    }
}

fn read_text<'a>(reader: &mut Reader<'a>) -> Option<RecordText<'a>> {
    Some(RecordText {
        summary: reader.optional_str()?,
        details: reader.optional_str()?,
        references: reader.strs()?,
    })
}

/// Everything that some documents hold.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contents<'a> {
    pub(crate) quarantined: Vec<(&'a str, &'a str)>,
    pub(crate) epss: Vec<(&'a str, Epss)>,
    pub(crate) kev: Vec<(&'a str, Kev)>,
    pub(crate) end_of_life: Vec<EndOfLife>,
    pub(crate) repository_channels: Vec<(&'a str, Vec<&'a str>)>,
    pub(crate) maven: Vec<(&'a [u8; 20], &'a str)>,
    pub(crate) advisories: Vec<Head<'a>>,
    pub(crate) records: Vec<RecordHead<'a>>,
}

impl<'a> Contents<'a> {
    /// Adds a document's.
    pub(crate) fn add(&mut self, unit: &UnitView<'a>, feed: &'a str) -> Option<()> {
        self.add_content(unit.content, feed)
    }

    /// Adds what stands in a document.
    pub(super) fn add_content(&mut self, content: &'a [u8], feed: &'a str) -> Option<()> {
        let reader = &mut Reader(content);
        self.read_lists(reader)?;
        extend(&mut self.advisories, reader, |it| Head::read(it.bytes()?, feed))?;
        extend(&mut self.records, reader, |it| RecordHead::read(it.bytes()?))?;
        reader.0.is_empty().then_some(())
    }

    /// Adds a document's lists but for its advisories and records.
    pub(super) fn add_lists(&mut self, unit: &UnitView<'a>) -> Option<()> {
        self.read_lists(&mut Reader(unit.content))
    }

    fn read_lists(&mut self, reader: &mut Reader<'a>) -> Option<()> {
        extend(&mut self.quarantined, reader, |it| Some((it.str()?, it.str()?)))?;
        extend(&mut self.epss, reader, epss)?;
        extend(&mut self.kev, reader, kev)?;
        extend(&mut self.end_of_life, reader, end_of_life)?;
        extend(&mut self.repository_channels, reader, |it| Some((it.str()?, it.strs()?)))?;
        extend(&mut self.maven, reader, |it| Some((it.take(20)?.try_into().ok()?, it.str()?)))
    }
}

/// How many items each list has that stands before advisories and records, and their bytes.
pub(super) fn lists<'a>(reader: &mut Reader<'a>) -> Option<[(u64, &'a [u8]); 6]> {
    Some([
        passed(reader, |it| it.str().and_then(|_| it.str()).map(drop))?,
        passed(reader, |it| epss(it).map(drop))?,
        passed(reader, |it| kev(it).map(drop))?,
        passed(reader, |it| end_of_life(it).map(drop))?,
        passed(reader, |it| it.str().and_then(|_| it.strs()).map(drop))?,
        passed(reader, |it| it.take(20).and_then(|_| it.str()).map(drop))?,
    ])
}

fn passed<'a>(
    reader: &mut Reader<'a>,
    item: impl Fn(&mut Reader<'a>) -> Option<()>,
) -> Option<(u64, &'a [u8])> {
    let count = reader.count(1)?;
    let from = reader.0;
    for _ in 0..count {
        item(reader)?;
    }
    Some((count as u64, from.get(..from.len() - reader.0.len())?))
}

/// Every item takes at least a byte, so that no more is asked for than the bytes can hold; and
/// items are larger in memory than in bytes, so that room is made as they come.
fn extend<'a, T>(
    items: &mut Vec<T>,
    reader: &mut Reader<'a>,
    read: impl Fn(&mut Reader<'a>) -> Option<T>,
) -> Option<()> {
    for _ in 0..reader.count(1)? {
        items.push(read(reader)?);
    }
    Some(())
}

fn list<'a, T>(reader: &mut Reader<'a>, read: impl Fn(&mut Reader<'a>) -> Option<T>) -> Option<Vec<T>> {
    let mut items = Vec::new();
    extend(&mut items, reader, read)?;
    Some(items)
}

fn index<T: Copy>(reader: &mut Reader<'_>, all: &[T]) -> Option<T> {
    all.get(usize::try_from(reader.number()?).ok()?).copied()
}

fn range<'a>(reader: &mut Reader<'a>) -> Option<RangeRef<'a>> {
    let introduced = reader.optional_str()?;
    let end = match reader.number()? {
        0 => EndRef::Open,
        1 => EndRef::Fixed(reader.str()?),
        2 => EndRef::LastAffected(reader.str()?),
        3 => EndRef::Limit(reader.str()?),
        _ => return None,
    };
    Some(RangeRef { introduced, end })
}

fn epss<'a>(reader: &mut Reader<'a>) -> Option<(&'a str, Epss)> {
    let id = reader.str()?;
    let score_millionths = u32::try_from(reader.number()?).ok()?;
    let percentile_millionths = match reader.optional_signed()? {
        None => None,
        Some(value) => Some(u32::try_from(value).ok()?),
    };
    let model = reader.optional()?;
    Some((id, Epss { score_millionths, percentile_millionths, model, date: time(reader)? }))
}

fn kev<'a>(reader: &mut Reader<'a>) -> Option<(&'a str, Kev)> {
    let id = reader.str()?;
    let (added, due) = (time(reader)?, time(reader)?);
    Some((id, Kev { added, due, ransomware: reader.flag()? }))
}

fn end_of_life(reader: &mut Reader<'_>) -> Option<EndOfLife> {
    Some(EndOfLife {
        distro_id: reader.text()?,
        release: reader.text()?,
        ends: time(reader)?,
        extended_ends: time(reader)?,
        latest_release: reader.optional()?,
    })
}

pub(super) fn time(reader: &mut Reader<'_>) -> Option<Option<Timestamp>> {
    Some(reader.optional_signed()?.map(Timestamp))
}
