//! Writes rows, package by package.
//!
//! A row (all numbers are varints unless said otherwise; a *string* is as
//! [`Tables::string`](crate::snapshot::rows::Tables::string) reads it):
//!
//! ```text
//! two bytes of flags (rows.rs: first, second)
//! string feed
//! step from the previous row's vulnerability, by number
//! [string channel] [string module] [string note]
//! [count, strings: architectures] [count, strings: advisory ids]
//! ranges: nothing | string fixed | nothing | count and (byte tag, [string], [string])
//! [count of runs, (passed over, taken): versions of the package that are listed one by one]
//! [day on which it was first seen]
//! ```
//!
//! and before the rows of a package stands: string realm, length and bytes of the name, number
//! of rows, number of the package's first listed version.

use std::collections::BTreeMap;

use plimsoll_core::{NameKind, Status};

use super::over::Over;
use super::strings::{Put, Shared};
use super::{BuildError, Items, Packages, number, offset, text, varint};
use crate::parallel;
use crate::shard::view::Statement;
use crate::snapshot::format::{Section, key_hash};
use crate::snapshot::rows::{RangeForm, first, second, severity_number};
use crate::snapshot::{EndRef, RangeRef};
use crate::texts::TextMap;

/// A row to write.
#[derive(Clone, Debug)]
pub(crate) struct MergedRow<'a> {
    pub(crate) statement: Statement<'a>,
    /// The vulnerability's number.
    pub(crate) vulnerability: u32,
    pub(crate) advisory_ids: Vec<&'a str>,
    /// The day (since 1970) on which it was first seen; 0 where nobody knows.
    pub(crate) first_seen_day: u32,
}

/// The sections that hold rows or count them.
pub(super) struct RowSections {
    pub(super) versions: Items,
    pub(super) keys: Vec<u8>,
    pub(super) blocks: Vec<u8>,
    pub(super) realms: Vec<u8>,
    pub(super) feeds: Vec<u8>,
}

/// Writes all rows. `universes` are the versions that each package's rows list, as [`universe`]
/// gives them.
pub(super) fn write<'a>(
    packages: &dyn Packages<'a>,
    universes: &[Vec<&'a str>],
    strings: &Shared<'_>,
    over: Option<&Over<'_, 'a>>,
) -> Result<RowSections, BuildError> {
    let mut versions = Items::new(Section::Versions);
    let mut numbered = Vec::with_capacity(universes.len());
    for (number, universe) in universes.iter().enumerate() {
        numbered.push(Numbered { number, universe, first_version: versions.count() });
        for version in universe {
            versions.push(version.as_bytes())?;
        }
    }
    let weight = |package: &Numbered<'_, '_>| packages.weight(package.number);
    let mut blocks = Vec::new();
    let mut keys: Vec<(u64, u32)> = Vec::new();
    let (mut realms, mut feeds) = (Counts::default(), Counts::default());
    for share in
        parallel::fair_shares(&numbered, weight, |share| write_blocks(packages, share, strings, over))
    {
        let share = share?;
        for (hash, place) in share.keys {
            keys.push((hash, offset(blocks.len() + place, Section::Rows)?));
        }
        blocks.extend_from_slice(&share.bytes);
        realms.add(share.realms);
        feeds.add(share.feeds);
    }
    keys.sort_unstable();
    let keys =
        keys.iter().flat_map(|(hash, offset)| hash.to_le_bytes().into_iter().chain(offset.to_le_bytes()));
    Ok(RowSections {
        versions,
        keys: keys.collect(),
        blocks,
        realms: realms.write(true),
        feeds: feeds.write(false),
    })
}

/// A package with its versions, and the number of the first of them.
struct Numbered<'w, 'a> {
    number: usize,
    universe: &'w [&'a str],
    first_version: usize,
}

/// Blocks one after the other, where each begins, and what is in them.
#[derive(Default)]
pub(super) struct Blocks<'a> {
    pub(super) bytes: Vec<u8>,
    keys: Vec<(u64, usize)>,
    pub(super) realms: Counts<'a>,
    pub(super) feeds: Counts<'a>,
}

fn write_blocks<'a>(
    packages: &dyn Packages<'a>,
    share: &[Numbered<'_, 'a>],
    strings: &Shared<'_>,
    over: Option<&Over<'_, 'a>>,
) -> Result<Blocks<'a>, BuildError> {
    let mut out = Blocks::default();
    let mut sink = strings;
    for package in share {
        if let (Some(kept), Some(over)) = (packages.kept(package.number), over) {
            out.keys.push((key_hash(kept.realm, kept.name), out.bytes.len()));
            sink.put(&mut out.bytes, kept.realm);
            text(&mut out.bytes, kept.name);
            number(&mut out.bytes, kept.rows);
            number(&mut out.bytes, package.first_version);
            out.realms.of(kept.realm).packages += 1;
            over.rows(&mut out, kept)?;
            continue;
        }
        let rows = packages.rows(package.number)?;
        let Some(MergedRow { statement, .. }) = rows.first() else { continue };
        let (realm, name) = (statement.realm, statement.package);
        out.keys.push((key_hash(realm, name), out.bytes.len()));
        sink.put(&mut out.bytes, realm);
        text(&mut out.bytes, name);
        number(&mut out.bytes, rows.len());
        number(&mut out.bytes, package.first_version);
        let places: TextMap<&str, usize> =
            package.universe.iter().enumerate().map(|(place, &version)| (version, place)).collect();
        out.realms.of(realm).packages += 1;
        let mut previous = 0;
        for row in &rows {
            write_row(&mut out.bytes, row, previous, &places, &mut sink);
            previous = row.vulnerability;
            out.realms.of(realm).saw(row.vulnerability);
            out.feeds.of(row.statement.feed).saw(row.vulnerability);
        }
    }
    Ok(out)
}

/// Every version that some row of a package lists, in an order in which what is affected
/// together stands together.
pub(crate) fn universe<'a>(rows: &[MergedRow<'a>]) -> Vec<&'a str> {
    // Most versions are listed by many rows: each is compared once.
    let all: TextMap<&str, ()> =
        rows.iter().flat_map(|row| &row.statement.versions).map(|&version| (version, ())).collect();
    let mut all: Vec<&str> = all.into_keys().collect();
    all.sort_unstable_by(|left, right| natural_order(left, right));
    all
}

/// Compares texts with their runs of digits as numbers, then as bytes: a total order that is
/// close to the orders of versions. It only decides how small the file is.
fn natural_order(left: &str, right: &str) -> std::cmp::Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    while let (Some(&first_a), Some(&first_b)) = (a.first(), b.first()) {
        let order = if first_a.is_ascii_digit() && first_b.is_ascii_digit() {
            let (digits_a, rest_a) = digits(a);
            let (digits_b, rest_b) = digits(b);
            (a, b) = (rest_a, rest_b);
            digits_a.len().cmp(&digits_b.len()).then_with(|| digits_a.cmp(digits_b))
        } else {
            (a, b) = (&a[1..], &b[1..]);
            first_a.cmp(&first_b)
        };
        if order.is_ne() {
            return order;
        }
    }
    a.len().cmp(&b.len()).then_with(|| left.cmp(right))
}

/// The digits in front, without leading zeros, and what follows them.
fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(bytes.len());
    let (digits, rest) = bytes.split_at(end);
    let zeros = digits.iter().take_while(|&&byte| byte == b'0').count();
    (&digits[zeros..], rest)
}

pub(crate) fn write_row<'a>(
    out: &mut Vec<u8>,
    row: &MergedRow<'a>,
    previous: u32,
    places: &TextMap<&str, usize>,
    strings: &mut impl Put<'a>,
) {
    let statement = &row.statement;
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    let status = Status::ALL.iter().position(|&it| it == statement.status).unwrap_or(1);
    let form = range_form(&statement.ranges);
    out.push(
        u8::try_from(status).unwrap_or(1)
            | flag(statement.name_kind == NameKind::Binary, first::BINARY_NAME)
            | flag(statement.channel.is_some(), first::CHANNEL)
            | flag(statement.module.is_some(), first::MODULE)
            | flag(!statement.architectures.is_empty(), first::ARCHITECTURES)
            | flag(statement.note.is_some(), first::NOTE),
    );
    out.push(
        severity_number(statement.severity)
            | flag(!row.advisory_ids.is_empty(), second::ADVISORY_IDS)
            | flag(!statement.versions.is_empty(), second::VERSIONS)
            | flag(row.first_seen_day != 0, second::FIRST_SEEN)
            | ((form as u8) << second::RANGES_SHIFT),
    );
    strings.put(out, statement.feed);
    varint(out, u64::from(row.vulnerability - previous));
    for text in [statement.channel, statement.module, statement.note].into_iter().flatten() {
        strings.put(out, text);
    }
    if !statement.architectures.is_empty() {
        strings.put_list(out, statement.architectures.iter().copied());
    }
    if !row.advisory_ids.is_empty() {
        strings.put_list(out, row.advisory_ids.iter().copied());
    }
    write_ranges(out, form, &statement.ranges, strings);
    if !statement.versions.is_empty() {
        write_versions(out, &statement.versions, places);
    }
    if row.first_seen_day != 0 {
        varint(out, u64::from(row.first_seen_day));
    }
}

fn range_form(ranges: &[RangeRef<'_>]) -> RangeForm {
    match ranges {
        [] => RangeForm::None,
        [RangeRef { introduced: None, end: EndRef::Fixed(_) }] => RangeForm::ToFixed,
        [RangeRef { introduced: None, end: EndRef::Open }] => RangeForm::Everything,
        _ => RangeForm::List,
    }
}

fn write_ranges<'a>(out: &mut Vec<u8>, form: RangeForm, ranges: &[RangeRef<'a>], strings: &mut impl Put<'a>) {
    if form == RangeForm::List {
        number(out, ranges.len());
    }
    for range in ranges {
        let (kind, version) = match range.end {
            EndRef::Fixed(version) => (0, Some(version)),
            EndRef::LastAffected(version) => (1, Some(version)),
            EndRef::Limit(version) => (2, Some(version)),
            EndRef::Open => (3, None),
        };
        if form == RangeForm::List {
            out.push(kind | if range.introduced.is_some() { 4 } else { 0 });
        }
        for version in range.introduced.into_iter().chain(version) {
            strings.put(out, version);
        }
    }
}

/// As runs over the package's versions.
fn write_versions(out: &mut Vec<u8>, versions: &[&str], places: &TextMap<&str, usize>) {
    let mut listed: Vec<usize> = versions.iter().filter_map(|it| places.get(it).copied()).collect();
    listed.sort_unstable();
    listed.dedup();
    let runs: Vec<&[usize]> = listed.chunk_by(|left, right| left + 1 == *right).collect();
    number(out, runs.len());
    let mut next = 0;
    for run in runs {
        let Some(&start) = run.first() else { continue };
        number(out, start - next);
        number(out, run.len());
        next = start + run.len();
    }
}

/// What is counted for each realm or each feed.
#[derive(Default)]
pub(super) struct Counts<'a>(BTreeMap<&'a str, Count>);

#[derive(Default)]
pub(super) struct Count {
    packages: u64,
    rows: u64,
    vulnerabilities: super::Numbers,
}

impl Count {
    pub(super) fn saw(&mut self, vulnerability: u32) {
        self.rows += 1;
        self.vulnerabilities.insert(vulnerability);
    }
}

impl<'a> Counts<'a> {
    pub(super) fn of(&mut self, name: &'a str) -> &mut Count {
        self.0.entry(name).or_default()
    }

    fn add(&mut self, other: Counts<'a>) {
        for (name, count) in other.0 {
            let sum = self.of(name);
            sum.packages += count.packages;
            sum.rows += count.rows;
            sum.vulnerabilities.add(&count.vulnerabilities);
        }
    }

    fn write(&self, with_packages: bool) -> Vec<u8> {
        let mut out = Vec::new();
        number(&mut out, self.0.len());
        for (name, count) in &self.0 {
            text(&mut out, name);
            if with_packages {
                varint(&mut out, count.packages);
            }
            varint(&mut out, count.rows);
            number(&mut out, count.vulnerabilities.len());
        }
        out
    }
}
