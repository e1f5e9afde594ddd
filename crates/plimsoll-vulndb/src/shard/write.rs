//! Writing a shard: every value after the other, with no sharing; zstd does that better.
//!
//! ```text
//! format, feed, version of the parser, newest date, number of documents, documents
//! document: name, fingerprint, counts (read, stored, set aside, out of scope), length, content
//! content: lists of what was set aside, scores, catalogue, end-of-life dates, repositories, jars,
//!          advisories (each with its length in front), records (likewise)
//! ```

use plimsoll_core::{Advisory, End, EndOfLife, Epss, Kev, NameKind, Range, Severity, Status, Timestamp};

use crate::codec::Writer;
use crate::feed::{FeedOutput, Quarantined, Record};

/// Its last letter is raised with every change of the form.
pub(super) const FORMAT: &[u8; 8] = b"PLMSHRD3";

/// What stands in front of the documents.
pub(super) fn header(feed: &str, version: u32, data_date: Option<Timestamp>, units: usize) -> Writer {
    let mut out = Writer(FORMAT.to_vec());
    out.bytes(feed.as_bytes());
    out.number(u64::from(version));
    time(&mut out, data_date);
    out.number(units as u64);
    out
}

/// One document.
pub(super) fn unit(out: &mut Writer, name: &str, fingerprint: u64, counts: [u64; 4], content: &[u8]) {
    out.bytes(name.as_bytes());
    out.0.extend_from_slice(&fingerprint.to_le_bytes());
    counts.into_iter().for_each(|count| out.number(count));
    out.bytes(content);
}

/// A document's share of the lists of an output, from the numbers in `from` to those in `to` (in the
/// order of [`crate::Unit::ends`]). `day` says since when an advisory is known.
pub(super) fn content(
    feed: &str,
    output: &FeedOutput,
    from: [u32; 8],
    to: [u32; 8],
    day: impl Fn(&Advisory) -> u32,
) -> Vec<u8> {
    let mut writer = Writer::default();
    let out = &mut writer;
    let [advisories, records, scores, catalogue, ends, repositories, aside, jars] =
        std::array::from_fn(|at| from[at] as usize..to[at] as usize);
    list(out, share(&output.quarantined, aside), quarantined);
    list(out, share(&output.epss, scores), |out, (id, it)| epss(out, id, it));
    list(out, share(&output.kev, catalogue), |out, (id, it)| kev(out, id, it));
    list(out, share(&output.end_of_life, ends), end_of_life);
    list(out, share(&output.repository_channels, repositories), |out, (id, channels)| {
        out.bytes(id.as_bytes());
        out.texts(channels);
    });
    list(out, share(&output.maven, jars), |out, (sha1, coordinates)| {
        out.0.extend_from_slice(sha1);
        out.bytes(coordinates.as_bytes());
    });
    let mut item = Writer::default();
    list(out, share(&output.advisories, advisories), |out, it| {
        item.0.clear();
        advisory(&mut item, it, feed, day(it));
        out.bytes(&item.0);
    });
    list(out, share(&output.records, records), |out, it| {
        item.0.clear();
        record(&mut item, it);
        out.bytes(&item.0);
    });
    writer.0
}

/// A document of advisories and records as they stand in another.
pub(super) fn content_of(advisories: &[&[u8]], records: &[&[u8]]) -> Vec<u8> {
    let mut out = Writer::default();
    // What was set aside, scores, catalogue, end-of-life dates, repositories, jars.
    (0..6).for_each(|_| out.number(0));
    list(&mut out, advisories, |out, bytes| out.bytes(bytes));
    list(&mut out, records, |out, bytes| out.bytes(bytes));
    out.0
}

fn share<T>(items: &[T], range: std::ops::Range<usize>) -> &[T] {
    items.get(range).unwrap_or_default()
}

fn quarantined(out: &mut Writer, it: &Quarantined) {
    out.bytes(it.record.as_bytes());
    out.bytes(it.why.as_bytes());
}

fn list<T>(out: &mut Writer, items: &[T], mut write: impl FnMut(&mut Writer, &T)) {
    out.number(items.len() as u64);
    items.iter().for_each(|item| write(out, item));
}

/// What rows are sorted and chosen by comes first.
fn advisory(out: &mut Writer, advisory: &Advisory, feed: &str, day: u32) {
    out.optional((advisory.feed != feed).then_some(advisory.feed.as_str()));
    out.bytes(advisory.realm.0.as_bytes());
    out.bytes(advisory.package.as_bytes());
    out.bytes(advisory.vulnerability.as_bytes());
    out.number(u64::from(day));
    out.texts(&advisory.advisory_ids);
    out.flag(advisory.name_kind == NameKind::Binary);
    out.optional(advisory.channel.as_deref());
    out.texts(&advisory.architectures);
    out.optional(advisory.module.as_deref());
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

fn index<T: PartialEq>(out: &mut Writer, all: &[T], value: &T) {
    out.number(all.iter().position(|it| it == value).unwrap_or(0) as u64);
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

/// What names it comes first.
fn record(out: &mut Writer, record: &Record) {
    out.bytes(record.id.as_bytes());
    out.flag(record.withdrawn);
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
    list(out, &record.code, |out, code| {
        out.bytes(code.package.as_bytes());
        out.bytes(code.path.as_bytes());
        out.texts(&code.symbols);
    });
    out.optional(record.informational.as_deref());
}

fn epss(out: &mut Writer, id: &str, epss: &Epss) {
    out.bytes(id.as_bytes());
    out.number(u64::from(epss.score_millionths));
    out.optional_signed(epss.percentile_millionths.map(i64::from));
    out.optional(epss.model.as_deref());
    time(out, epss.date);
}

fn kev(out: &mut Writer, id: &str, kev: &Kev) {
    out.bytes(id.as_bytes());
    time(out, kev.added);
    time(out, kev.due);
    out.flag(kev.ransomware);
}

fn end_of_life(out: &mut Writer, it: &EndOfLife) {
    out.bytes(it.distro_id.as_bytes());
    out.bytes(it.release.as_bytes());
    time(out, it.ends);
    time(out, it.extended_ends);
    out.optional(it.latest_release.as_deref());
}

fn time(out: &mut Writer, time: Option<Timestamp>) {
    out.optional_signed(time.map(|it| it.0));
}
