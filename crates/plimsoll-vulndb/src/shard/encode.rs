//! The bytes of a shard: every value after the other, with no sharing; zstd does that better.

use plimsoll_core::{
    Advisory, CvssVector, End, EndOfLife, Epss, Kev, NameKind, Range, Rating, Realm, Severity, Status,
    Timestamp, VulnerableCode,
};

use super::{Shard, ShardError};
use crate::codec::{Reader, Writer};
use crate::feed::{FeedOutput, Quarantined, Record, Unit};

/// Its last letter is raised with every change of the form below.
const FORMAT: &[u8; 8] = b"PLMSHRD2";

/// The number of the form.
pub(super) const fn form() -> u32 {
    (FORMAT[7] - b'0') as u32
}

pub(super) fn encode(shard: &Shard) -> Vec<u8> {
    let mut writer = Writer(FORMAT.to_vec());
    let out = &mut writer;
    out.bytes(shard.feed.as_bytes());
    out.number(u64::from(shard.version));
    let output = &shard.output;
    list(out, &output.units, unit);
    list(out, &output.advisories, |out, it| advisory(out, it, &shard.feed));
    list(out, &output.first_seen_days, |out, day| out.number(u64::from(*day)));
    list(out, &output.records, record);
    list(out, &output.epss, |out, (id, it)| epss(out, id, it));
    list(out, &output.kev, |out, (id, it)| kev(out, id, it));
    list(out, &output.end_of_life, end_of_life);
    list(out, &output.repository_channels, |out, (id, channels)| {
        out.bytes(id.as_bytes());
        out.texts(channels);
    });
    list(out, &output.quarantined, |out, it| {
        out.bytes(it.record.as_bytes());
        out.bytes(it.why.as_bytes());
    });
    list(out, &output.maven, |out, (sha1, coordinates)| {
        out.0.extend_from_slice(sha1);
        out.bytes(coordinates.as_bytes());
    });
    for count in counts(output) {
        out.number(count);
    }
    time(out, output.data_date);
    writer.0
}

pub(super) fn decode(bytes: &[u8]) -> Result<Shard, ShardError> {
    let content = bytes.strip_prefix(FORMAT).ok_or(ShardError::NotAShard)?;
    let mut reader = Reader(content);
    let shard = read(&mut reader).ok_or(ShardError::Damaged)?;
    if reader.0.is_empty() && is_whole(&shard.output) { Ok(shard) } else { Err(ShardError::Damaged) }
}

fn read(reader: &mut Reader<'_>) -> Option<Shard> {
    let feed = reader.text()?;
    let version = u32::try_from(reader.number()?).ok()?;
    let mut output = FeedOutput {
        units: read_list(reader, read_unit)?,
        advisories: read_list(reader, |it| read_advisory(it, &feed))?,
        first_seen_days: read_list(reader, |it| u32::try_from(it.number()?).ok())?,
        records: read_list(reader, read_record)?,
        epss: read_list(reader, read_epss)?,
        kev: read_list(reader, read_kev)?,
        end_of_life: read_list(reader, read_end_of_life)?,
        repository_channels: read_list(reader, |it| Some((it.text()?, it.texts()?)))?,
        quarantined: read_list(reader, |it| Some(Quarantined { record: it.text()?, why: it.text()? }))?,
        maven: read_list(reader, |it| Some((it.take(20)?.try_into().ok()?, it.text()?)))?,
        ..FeedOutput::default()
    };
    output.records_read = reader.number()?;
    output.records_stored = reader.number()?;
    output.records_quarantined = reader.number()?;
    output.out_of_scope = reader.number()?;
    output.data_date = read_time(reader)?;
    Some(Shard { feed, version, output })
}

fn counts(output: &FeedOutput) -> [u64; 4] {
    [output.records_read, output.records_stored, output.records_quarantined, output.out_of_scope]
}

/// Whether the documents account for everything, in order.
fn is_whole(output: &FeedOutput) -> bool {
    let mut whole = output.lengths();
    let days = output.first_seen_days.len();
    if days != 0 && days != output.advisories.len() {
        return false;
    }
    for unit in output.units.iter().rev() {
        if unit.ends.iter().zip(&whole).any(|(end, limit)| end > limit) {
            return false;
        }
        whole = unit.ends;
    }
    output.units.last().is_none_or(|last| last.ends == output.lengths())
}

fn list<T>(out: &mut Writer, items: &[T], write: impl Fn(&mut Writer, &T)) {
    out.number(items.len() as u64);
    items.iter().for_each(|item| write(out, item));
}

/// Every item takes at least a byte, so that no more is asked for than the bytes can hold.
fn read_list<T>(reader: &mut Reader<'_>, read: impl Fn(&mut Reader<'_>) -> Option<T>) -> Option<Vec<T>> {
    let count = reader.count(1)?;
    // Items are larger in memory than in bytes: room is made as they come.
    let mut items = Vec::with_capacity(count.min(4096));
    for _ in 0..count {
        items.push(read(reader)?);
    }
    Some(items)
}

fn unit(out: &mut Writer, unit: &Unit) {
    out.bytes(unit.name.as_bytes());
    out.0.extend_from_slice(&unit.fingerprint.to_le_bytes());
    unit.ends.iter().for_each(|end| out.number(u64::from(*end)));
    unit.counts.iter().for_each(|count| out.number(*count));
}

fn read_unit(reader: &mut Reader<'_>) -> Option<Unit> {
    let mut unit = Unit { name: reader.text()?, ..Unit::default() };
    unit.fingerprint = u64::from_le_bytes(reader.take(8)?.try_into().ok()?);
    for end in &mut unit.ends {
        *end = u32::try_from(reader.number()?).ok()?;
    }
    for count in &mut unit.counts {
        *count = reader.number()?;
    }
    Some(unit)
}

fn advisory(out: &mut Writer, advisory: &Advisory, feed: &str) {
    out.optional((advisory.feed != feed).then_some(advisory.feed.as_str()));
    out.bytes(advisory.realm.0.as_bytes());
    out.bytes(advisory.package.as_bytes());
    out.flag(advisory.name_kind == NameKind::Binary);
    out.optional(advisory.channel.as_deref());
    out.texts(&advisory.architectures);
    out.optional(advisory.module.as_deref());
    out.bytes(advisory.vulnerability.as_bytes());
    out.texts(&advisory.advisory_ids);
    list(out, &advisory.ranges, range);
    out.texts(&advisory.versions);
    index(out, &Status::ALL, &advisory.status);
    match advisory.severity {
        None => out.number(0),
        Some(severity) => {
            let place = Severity::ALL.iter().position(|it| *it == severity).unwrap_or(0);
            out.number(place as u64 + 1);
        }
    }
    out.optional(advisory.note.as_deref());
}

fn read_advisory(reader: &mut Reader<'_>, feed: &str) -> Option<Advisory> {
    Some(Advisory {
        feed: reader.optional()?.unwrap_or_else(|| feed.to_owned()),
        realm: Realm(reader.text()?),
        package: reader.text()?,
        name_kind: if reader.flag()? { NameKind::Binary } else { NameKind::Source },
        channel: reader.optional()?,
        architectures: reader.texts()?,
        module: reader.optional()?,
        vulnerability: reader.text()?,
        advisory_ids: reader.texts()?,
        ranges: read_list(reader, read_range)?,
        versions: reader.texts()?,
        status: read_index(reader, &Status::ALL)?,
        severity: match reader.number()? {
            0 => None,
            place => Some(*Severity::ALL.get(usize::try_from(place - 1).ok()?)?),
        },
        note: reader.optional()?,
    })
}

fn index<T: PartialEq>(out: &mut Writer, all: &[T], value: &T) {
    out.number(all.iter().position(|it| it == value).unwrap_or(0) as u64);
}

fn read_index<T: Copy>(reader: &mut Reader<'_>, all: &[T]) -> Option<T> {
    all.get(usize::try_from(reader.number()?).ok()?).copied()
}

fn range(out: &mut Writer, range: &Range) {
    out.optional(range.introduced.as_deref());
    let (kind, version) = match &range.end {
        End::Open => (0, None),
        End::Fixed(version) => (1, Some(version)),
        End::LastAffected(version) => (2, Some(version)),
        End::Limit(version) => (3, Some(version)),
    };
    out.number(kind);
    if let Some(version) = version {
        out.bytes(version.as_bytes());
    }
}

fn read_range(reader: &mut Reader<'_>) -> Option<Range> {
    let introduced = reader.optional()?;
    let end = match reader.number()? {
        0 => End::Open,
        1 => End::Fixed(reader.text()?),
        2 => End::LastAffected(reader.text()?),
        3 => End::Limit(reader.text()?),
        _ => return None,
    };
    Some(Range { introduced, end })
}

fn record(out: &mut Writer, record: &Record) {
    out.bytes(record.id.as_bytes());
    out.texts(&record.aliases);
    out.optional(record.summary.as_deref());
    out.optional(record.details.as_deref());
    out.texts(&record.references);
    list(out, &record.ratings, |out, rating| {
        out.bytes(rating.source.as_bytes());
        index(out, &Severity::ALL, &rating.severity);
    });
    list(out, &record.cvss, |out, cvss| {
        for text in [&cvss.source, &cvss.vector, &cvss.version] {
            out.bytes(text.as_bytes());
        }
        out.number(u64::from(cvss.score_tenths));
    });
    out.texts(&record.cwes);
    time(out, record.published);
    time(out, record.modified);
    out.flag(record.withdrawn);
    list(out, &record.code, |out, code| {
        out.bytes(code.package.as_bytes());
        out.bytes(code.path.as_bytes());
        out.texts(&code.symbols);
    });
    out.optional(record.informational.as_deref());
}

fn read_record(reader: &mut Reader<'_>) -> Option<Record> {
    Some(Record {
        id: reader.text()?,
        aliases: reader.texts()?,
        summary: reader.optional()?,
        details: reader.optional()?,
        references: reader.texts()?,
        ratings: read_list(reader, |it| {
            Some(Rating { source: it.text()?, severity: read_index(it, &Severity::ALL)? })
        })?,
        cvss: read_list(reader, |it| {
            Some(CvssVector {
                source: it.text()?,
                vector: it.text()?,
                version: it.text()?,
                score_tenths: u8::try_from(it.number()?).ok()?,
            })
        })?,
        cwes: reader.texts()?,
        published: read_time(reader)?,
        modified: read_time(reader)?,
        withdrawn: reader.flag()?,
        code: read_list(reader, |it| {
            Some(VulnerableCode { package: it.text()?, path: it.text()?, symbols: it.texts()? })
        })?,
        informational: reader.optional()?,
    })
}

fn epss(out: &mut Writer, id: &str, epss: &Epss) {
    out.bytes(id.as_bytes());
    out.number(u64::from(epss.score_millionths));
    out.optional_signed(epss.percentile_millionths.map(i64::from));
    out.optional(epss.model.as_deref());
    time(out, epss.date);
}

fn read_epss(reader: &mut Reader<'_>) -> Option<(String, Epss)> {
    let id = reader.text()?;
    let score_millionths = u32::try_from(reader.number()?).ok()?;
    let percentile_millionths = match reader.optional_signed()? {
        None => None,
        Some(value) => Some(u32::try_from(value).ok()?),
    };
    let model = reader.optional()?;
    Some((id, Epss { score_millionths, percentile_millionths, model, date: read_time(reader)? }))
}

fn kev(out: &mut Writer, id: &str, kev: &Kev) {
    out.bytes(id.as_bytes());
    time(out, kev.added);
    time(out, kev.due);
    out.flag(kev.ransomware);
}

fn read_kev(reader: &mut Reader<'_>) -> Option<(String, Kev)> {
    let id = reader.text()?;
    let (added, due) = (read_time(reader)?, read_time(reader)?);
    Some((id, Kev { added, due, ransomware: reader.flag()? }))
}

fn end_of_life(out: &mut Writer, it: &EndOfLife) {
    out.bytes(it.distro_id.as_bytes());
    out.bytes(it.release.as_bytes());
    time(out, it.ends);
    time(out, it.extended_ends);
    out.optional(it.latest_release.as_deref());
}

fn read_end_of_life(reader: &mut Reader<'_>) -> Option<EndOfLife> {
    Some(EndOfLife {
        distro_id: reader.text()?,
        release: reader.text()?,
        ends: read_time(reader)?,
        extended_ends: read_time(reader)?,
        latest_release: reader.optional()?,
    })
}

fn time(out: &mut Writer, time: Option<Timestamp>) {
    out.optional_signed(time.map(|it| it.0));
}

fn read_time(reader: &mut Reader<'_>) -> Option<Option<Timestamp>> {
    Some(reader.optional_signed()?.map(Timestamp))
}
