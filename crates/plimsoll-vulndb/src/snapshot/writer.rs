//! Writes a snapshot: the same merged input gives the same bytes, always.
//!
//! A row (all numbers are varints unless said otherwise; a *string* is as
//! [`Tables::string`](super::rows::Tables::string) reads it):
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

use std::collections::{BTreeMap, HashMap, HashSet};

use plimsoll_core::{Advisory, End, EndOfLife, NameKind, Range, Status, Timestamp};
use plimsoll_core::{Vulnerability, VulnerabilityText};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::facts::{bits, kev_bits};
use super::format::{
    FORMAT_VERSION, HEADER_BYTES, MAGIC, MAGIC_END, SECTION_ENTRY_BYTES, Section, TRAILER_BYTES, alias_hash,
    key_hash,
};
use super::info::FeedInfo;
use super::rows::{RangeForm, first, second, severity_number};
use super::texts::{PackedTexts, Packer};
use crate::{Quarantined, parallel};

/// Why no snapshot could be written.
#[derive(Debug, Error)]
pub enum BuildError {
    /// A section is larger than its 32-bit offsets can say.
    #[error("the database's section `{section}` would be larger than 4 GiB")]
    TooLarge {
        /// The section's name.
        section: &'static str,
    },
    /// zstd failed.
    #[error("the texts could not be packed")]
    Pack(#[source] std::io::Error),
}

/// A row to write. Rows come sorted by realm, package, vulnerability and then whatever.
#[derive(Clone, Debug)]
pub(crate) struct MergedRow<'a> {
    pub(crate) advisory: &'a Advisory,
    /// The vulnerability's place in [`Merged::vulnerabilities`].
    pub(crate) vulnerability: u32,
    pub(crate) advisory_ids: Vec<&'a str>,
    /// The day (since 1970) on which it was first seen; 0 where nobody knows.
    pub(crate) first_seen_day: u32,
}

/// Everything that a snapshot holds, merged.
#[derive(Debug)]
pub(crate) struct Merged<'a> {
    pub(crate) sequence: u64,
    pub(crate) built: Timestamp,
    /// In the order of ids.
    pub(crate) feeds: Vec<FeedInfo>,
    /// (feed, record set aside).
    pub(crate) quarantined: Vec<(&'a str, &'a Quarantined)>,
    pub(crate) end_of_life: Vec<&'a EndOfLife>,
    /// The channels of repositories, by the repository's id.
    pub(crate) repositories: BTreeMap<&'a str, Vec<&'a str>>,
    /// Jars by SHA-1 with their Maven coordinates, sorted.
    pub(crate) jars: Vec<(&'a [u8; 20], &'a str)>,
    /// In the order of ids.
    pub(crate) vulnerabilities: Vec<(Vulnerability, VulnerabilityText)>,
    pub(crate) rows: Vec<MergedRow<'a>>,
}

/// Writes the file.
///
/// Texts that `earlier` has packed already are taken from it as they are, with its dictionary.
pub(crate) fn write(merged: &Merged<'_>, earlier: Option<&dyn PackedTexts>) -> Result<Vec<u8>, BuildError> {
    // Everything that holds strings is written twice: the first time counts them, so that the
    // second time knows which are worth sharing and the commonest have the shortest numbers.
    let packages: Vec<&[MergedRow<'_>]> = merged.rows.chunk_by(same_key).collect();
    let universes = parallel::map(&packages, |rows| universe(rows));
    let mut counts = HashMap::new();
    for share in count_strings(merged, &packages) {
        share.into_iter().for_each(|(string, count)| *counts.entry(string).or_default() += count);
    }
    let (shared, strings) = settle(counts)?;
    let rows = write_rows(&packages, &universes, &strings)?;
    let facts = write_facts(merged, &strings)?;
    drop(strings);

    let mut ids = Items::new(Section::Ids);
    for (vulnerability, _) in &merged.vulnerabilities {
        ids.push(vulnerability.id.as_bytes())?;
    }
    let packer = match earlier {
        Some(earlier) => Packer::with_dictionary(earlier.dictionary()),
        None => Packer::trained(merged.vulnerabilities.iter().map(|(_, text)| text)),
    };
    let mut texts = Items::new(Section::Texts);
    for packed in packer.pack_all(&merged.vulnerabilities, earlier).map_err(BuildError::Pack)? {
        texts.push(&packed)?;
    }
    let mut file = File::default();
    file.items(Section::StringOffsets, Section::Strings, shared);
    file.items(Section::VersionOffsets, Section::Versions, rows.versions);
    file.section(Section::Realms, realms(merged));
    file.section(Section::RowFeeds, row_feeds(merged));
    file.section(Section::Keys, rows.keys);
    file.section(Section::Rows, rows.blocks);
    file.items(Section::IdOffsets, Section::Ids, ids);
    file.section(Section::Aliases, aliases(merged));
    file.items(Section::FactOffsets, Section::Facts, facts);
    file.items(Section::TextOffsets, Section::Texts, texts);
    file.section(Section::Dictionary, packer.into_dictionary());
    file.section(Section::Feeds, feeds(merged));
    file.section(Section::Quarantine, quarantine(merged));
    file.section(Section::EndOfLife, end_of_life(merged));
    file.items(Section::RepositoryOffsets, Section::Repositories, repositories(merged)?);
    let (jars, coordinates) = jars(merged)?;
    file.section(Section::Jars, jars);
    file.section(Section::Coordinates, coordinates);
    Ok(file.finish(merged.sequence, merged.built))
}

/// The three sections that hold rows.
struct RowSections {
    versions: Items,
    keys: Vec<u8>,
    blocks: Vec<u8>,
}

fn same_key(left: &MergedRow<'_>, right: &MergedRow<'_>) -> bool {
    left.advisory.package == right.advisory.package && left.advisory.realm == right.advisory.realm
}

/// How often each string would be written, by each processor's share of the work.
fn count_strings<'a>(merged: &'a Merged<'_>, packages: &[&'a [MergedRow<'_>]]) -> Vec<HashMap<&'a str, u32>> {
    let mut counts = parallel::shares(packages, |packages| {
        let (mut counts, mut ignored) = (Counted::default(), Vec::new());
        for rows in packages {
            let Some(MergedRow { advisory, .. }) = rows.first() else { continue };
            counts.put(&mut ignored, &advisory.realm.0);
            for row in *rows {
                ignored.clear();
                write_row(&mut ignored, row, row.vulnerability, &HashMap::new(), &mut counts);
            }
        }
        counts.0
    });
    counts.extend(parallel::shares(&merged.vulnerabilities, |share| {
        let (mut counts, mut ignored) = (Counted::default(), Vec::new());
        for (vulnerability, _) in share {
            ignored.clear();
            write_fact(&mut ignored, vulnerability, &mut counts);
        }
        counts.0
    }));
    counts
}

/// A package with its versions, and the number of the first of them.
struct Numbered<'w, 'a> {
    rows: &'w [MergedRow<'a>],
    universe: &'w [&'w str],
    first_version: usize,
}

fn write_rows<'a>(
    packages: &[&'a [MergedRow<'_>]],
    universes: &[Vec<&'a str>],
    strings: &Shared<'a>,
) -> Result<RowSections, BuildError> {
    let mut versions = Items::new(Section::Versions);
    let mut numbered = Vec::with_capacity(packages.len());
    for (rows, universe) in packages.iter().zip(universes) {
        numbered.push(Numbered { rows, universe, first_version: versions.count() });
        for version in universe {
            versions.push(version.as_bytes())?;
        }
    }
    let mut blocks = Vec::new();
    let mut keys: Vec<(u64, u32)> = Vec::new();
    for (share, places) in parallel::shares(&numbered, |packages| write_blocks(packages, strings)) {
        for (hash, place) in places {
            keys.push((hash, offset(blocks.len() + place, Section::Rows)?));
        }
        blocks.extend_from_slice(&share);
    }
    keys.sort_unstable();
    let keys =
        keys.iter().flat_map(|(hash, offset)| hash.to_le_bytes().into_iter().chain(offset.to_le_bytes()));
    Ok(RowSections { versions, keys: keys.collect(), blocks })
}

/// Blocks one after the other, and where each begins.
fn write_blocks<'a>(packages: &[Numbered<'_, 'a>], strings: &Shared<'_>) -> (Vec<u8>, Vec<(u64, usize)>) {
    let (mut blocks, mut keys) = (Vec::new(), Vec::with_capacity(packages.len()));
    let mut sink = strings;
    for package in packages {
        let Some(MergedRow { advisory, .. }) = package.rows.first() else { continue };
        keys.push((key_hash(&advisory.realm.0, &advisory.package), blocks.len()));
        sink.put(&mut blocks, &advisory.realm.0);
        text(&mut blocks, &advisory.package);
        number(&mut blocks, package.rows.len());
        number(&mut blocks, package.first_version);
        let places: HashMap<&str, usize> =
            package.universe.iter().enumerate().map(|(place, &version)| (version, place)).collect();
        let mut previous = 0;
        for row in package.rows {
            write_row(&mut blocks, row, previous, &places, &mut sink);
            previous = row.vulnerability;
        }
    }
    (blocks, keys)
}

/// Every version that some row of a package lists, in an order in which what is affected
/// together stands together.
fn universe<'a>(rows: &'a [MergedRow<'_>]) -> Vec<&'a str> {
    // Most versions are listed by many rows: each is compared once.
    let all: HashSet<&str> = rows.iter().flat_map(|row| &row.advisory.versions).map(String::as_str).collect();
    let mut all: Vec<&str> = all.into_iter().collect();
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

fn write_row<'a>(
    out: &mut Vec<u8>,
    row: &'a MergedRow<'_>,
    previous: u32,
    places: &HashMap<&str, usize>,
    strings: &mut impl Put<'a>,
) {
    let advisory = row.advisory;
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    let status = Status::ALL.iter().position(|&it| it == advisory.status).unwrap_or(1);
    let form = range_form(&advisory.ranges);
    out.push(
        u8::try_from(status).unwrap_or(1)
            | flag(advisory.name_kind == NameKind::Binary, first::BINARY_NAME)
            | flag(advisory.channel.is_some(), first::CHANNEL)
            | flag(advisory.module.is_some(), first::MODULE)
            | flag(!advisory.architectures.is_empty(), first::ARCHITECTURES)
            | flag(advisory.note.is_some(), first::NOTE),
    );
    out.push(
        severity_number(advisory.severity)
            | flag(!row.advisory_ids.is_empty(), second::ADVISORY_IDS)
            | flag(!advisory.versions.is_empty(), second::VERSIONS)
            | flag(row.first_seen_day != 0, second::FIRST_SEEN)
            | ((form as u8) << second::RANGES_SHIFT),
    );
    strings.put(out, &advisory.feed);
    varint(out, u64::from(row.vulnerability - previous));
    for text in [&advisory.channel, &advisory.module, &advisory.note].into_iter().flatten() {
        strings.put(out, text);
    }
    if !advisory.architectures.is_empty() {
        strings.put_list(out, advisory.architectures.iter().map(String::as_str));
    }
    if !row.advisory_ids.is_empty() {
        strings.put_list(out, row.advisory_ids.iter().copied());
    }
    write_ranges(out, form, &advisory.ranges, strings);
    if !advisory.versions.is_empty() {
        write_versions(out, &advisory.versions, places);
    }
    if row.first_seen_day != 0 {
        varint(out, u64::from(row.first_seen_day));
    }
}

fn range_form(ranges: &[Range]) -> RangeForm {
    match ranges {
        [] => RangeForm::None,
        [Range { introduced: None, end: End::Fixed(_) }] => RangeForm::ToFixed,
        [Range { introduced: None, end: End::Open }] => RangeForm::Everything,
        _ => RangeForm::List,
    }
}

fn write_ranges<'a>(out: &mut Vec<u8>, form: RangeForm, ranges: &'a [Range], strings: &mut impl Put<'a>) {
    if form == RangeForm::List {
        number(out, ranges.len());
    }
    for range in ranges {
        let (kind, version) = match &range.end {
            End::Fixed(version) => (0, Some(version)),
            End::LastAffected(version) => (1, Some(version)),
            End::Limit(version) => (2, Some(version)),
            End::Open => (3, None),
        };
        if form == RangeForm::List {
            out.push(kind | if range.introduced.is_some() { 4 } else { 0 });
        }
        for version in range.introduced.iter().chain(version) {
            strings.put(out, version);
        }
    }
}

/// As runs over the package's versions.
fn write_versions(out: &mut Vec<u8>, versions: &[String], places: &HashMap<&str, usize>) {
    let mut listed: Vec<usize> = versions.iter().filter_map(|it| places.get(it.as_str()).copied()).collect();
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

fn write_facts<'a>(merged: &'a Merged<'_>, strings: &Shared<'a>) -> Result<Items, BuildError> {
    let mut facts = Items::new(Section::Facts);
    let written = parallel::map(&merged.vulnerabilities, |(vulnerability, _)| {
        let (mut out, mut sink) = (Vec::new(), strings);
        write_fact(&mut out, vulnerability, &mut sink);
        out
    });
    for fact in written {
        facts.push(&fact)?;
    }
    Ok(facts)
}

fn write_fact<'a>(out: &mut Vec<u8>, facts: &'a Vulnerability, strings: &mut impl Put<'a>) {
    strings.put_list(out, facts.aliases.iter().map(String::as_str));
    let epss = facts.epss.as_ref();
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    out.push(
        flag(facts.published.is_some(), bits::PUBLISHED)
            | flag(facts.modified.is_some(), bits::MODIFIED)
            | flag(epss.is_some(), bits::EPSS)
            | flag(epss.is_some_and(|it| it.percentile_millionths.is_some()), bits::EPSS_PERCENTILE)
            | flag(epss.is_some_and(|it| it.model.is_some()), bits::EPSS_MODEL)
            | flag(epss.is_some_and(|it| it.date.is_some()), bits::EPSS_DATE)
            | flag(facts.kev.is_some(), bits::KEV)
            | flag(facts.informational.is_some() || !facts.code.is_empty(), bits::RARE),
    );
    number(out, facts.ratings.len());
    for rating in &facts.ratings {
        strings.put(out, &rating.source);
        out.push(severity_number(Some(rating.severity)));
    }
    number(out, facts.cvss.len());
    for cvss in &facts.cvss {
        strings.put(out, &cvss.source);
        strings.put(out, &cvss.vector);
        strings.put(out, &cvss.version);
        out.push(cvss.score_tenths);
    }
    strings.put_list(out, facts.cwes.iter().map(String::as_str));
    for time in facts.published.iter().chain(&facts.modified) {
        signed(out, time.0);
    }
    if let Some(epss) = epss {
        varint(out, u64::from(epss.score_millionths));
        if let Some(percentile) = epss.percentile_millionths {
            varint(out, u64::from(percentile));
        }
        if let Some(model) = &epss.model {
            strings.put(out, model);
        }
        if let Some(date) = epss.date {
            signed(out, date.0);
        }
    }
    if let Some(kev) = &facts.kev {
        out.push(
            flag(kev.added.is_some(), kev_bits::ADDED)
                | flag(kev.due.is_some(), kev_bits::DUE)
                | flag(kev.ransomware, kev_bits::RANSOMWARE),
        );
        for time in kev.added.iter().chain(&kev.due) {
            signed(out, time.0);
        }
    }
    if facts.informational.is_some() || !facts.code.is_empty() {
        strings.put_list(out, facts.informational.iter().map(String::as_str));
        number(out, facts.code.len());
        for code in &facts.code {
            strings.put(out, &code.package);
            strings.put(out, &code.path);
            strings.put_list(out, code.symbols.iter().map(String::as_str));
        }
    }
}

/// The alias index. An id that is some vulnerability's own needs no entry.
fn aliases(merged: &Merged<'_>) -> Vec<u8> {
    let mut entries: Vec<(u64, u32)> = Vec::new();
    for (number, (vulnerability, _)) in (0u32..).zip(&merged.vulnerabilities) {
        entries.extend(vulnerability.aliases.iter().map(|alias| (alias_hash(alias), number)));
    }
    entries.sort_unstable();
    entries
        .iter()
        .flat_map(|(hash, number)| hash.to_le_bytes().into_iter().chain(number.to_le_bytes()))
        .collect()
}

/// What is counted for each realm and each feed.
#[derive(Default)]
struct Count {
    packages: u64,
    rows: u64,
    /// Vulnerabilities by number; a bit each would be smaller, a set is simpler.
    vulnerabilities: HashSet<u32>,
}

fn realms(merged: &Merged<'_>) -> Vec<u8> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    let mut previous = None;
    for row in &merged.rows {
        let key = (&row.advisory.realm, &row.advisory.package);
        let count = counts.entry(&row.advisory.realm.0).or_default();
        count.packages += u64::from(previous != Some(key));
        count.rows += 1;
        count.vulnerabilities.insert(row.vulnerability);
        previous = Some(key);
    }
    let mut out = Vec::new();
    number(&mut out, counts.len());
    for (realm, count) in counts {
        text(&mut out, realm);
        varint(&mut out, count.packages);
        varint(&mut out, count.rows);
        number(&mut out, count.vulnerabilities.len());
    }
    out
}

fn row_feeds(merged: &Merged<'_>) -> Vec<u8> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for row in &merged.rows {
        let count = counts.entry(&row.advisory.feed).or_default();
        count.rows += 1;
        count.vulnerabilities.insert(row.vulnerability);
    }
    let mut out = Vec::new();
    number(&mut out, counts.len());
    for (feed, count) in counts {
        text(&mut out, feed);
        varint(&mut out, count.rows);
        number(&mut out, count.vulnerabilities.len());
    }
    out
}

fn feeds(merged: &Merged<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, merged.feeds.len());
    for feed in &merged.feeds {
        for field in [&feed.id, &feed.title, &feed.source, &feed.licence, &feed.attribution] {
            text(&mut out, field);
        }
        out.push(u8::from(feed.redistributable));
        optional_time(&mut out, feed.data_date);
        let records = [feed.records_read, feed.records_stored, feed.records_quarantined, feed.out_of_scope];
        for count in records.into_iter().chain([feed.quarantined, feed.advisories]) {
            varint(&mut out, count);
        }
    }
    out
}

fn quarantine(merged: &Merged<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, merged.quarantined.len());
    for (feed, quarantined) in &merged.quarantined {
        text(&mut out, feed);
        text(&mut out, &quarantined.record);
        text(&mut out, &quarantined.why);
    }
    out
}

fn end_of_life(merged: &Merged<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, merged.end_of_life.len());
    for release in &merged.end_of_life {
        text(&mut out, &release.distro_id);
        text(&mut out, &release.release);
        optional_time(&mut out, release.ends);
        optional_time(&mut out, release.extended_ends);
        optional_text(&mut out, release.latest_release.as_deref());
    }
    out
}

fn repositories(merged: &Merged<'_>) -> Result<Items, BuildError> {
    let mut items = Items::new(Section::Repositories);
    let mut out = Vec::new();
    for (id, channels) in &merged.repositories {
        out.clear();
        text(&mut out, id);
        number(&mut out, channels.len());
        channels.iter().for_each(|channel| text(&mut out, channel));
        items.push(&out)?;
    }
    Ok(items)
}

/// The index of jars, and the coordinates that it points to.
fn jars(merged: &Merged<'_>) -> Result<(Vec<u8>, Vec<u8>), BuildError> {
    let (mut index, mut coordinates) = (Vec::new(), Vec::new());
    let mut places: HashMap<&str, u32> = HashMap::new();
    for (sha1, name) in &merged.jars {
        let place = match places.get(name) {
            Some(&place) => place,
            None => {
                let place = offset(coordinates.len(), Section::Coordinates)?;
                text(&mut coordinates, name);
                places.insert(name, place);
                place
            }
        };
        index.extend_from_slice(*sha1);
        index.extend_from_slice(&place.to_le_bytes());
    }
    Ok((index, coordinates))
}

/// What takes the strings of records.
trait Put<'a> {
    fn put(&mut self, out: &mut Vec<u8>, string: &'a str);

    fn put_list(&mut self, out: &mut Vec<u8>, strings: impl ExactSizeIterator<Item = &'a str>) {
        number(out, strings.len());
        for string in strings {
            self.put(out, string);
        }
    }
}

/// Counts strings and writes nothing.
#[derive(Default)]
struct Counted<'a>(HashMap<&'a str, u32>);

impl<'a> Put<'a> for Counted<'a> {
    fn put(&mut self, _: &mut Vec<u8>, string: &'a str) {
        *self.0.entry(string).or_default() += 1;
    }
}

/// The strings that several records share, with their numbers.
struct Shared<'a>(HashMap<&'a str, u32>);

impl<'b> Put<'b> for &Shared<'_> {
    fn put(&mut self, out: &mut Vec<u8>, string: &'b str) {
        match self.0.get(string) {
            Some(&place) => varint(out, u64::from(place) << 1 | 1),
            None => {
                varint(out, (string.len() as u64) << 1);
                out.extend_from_slice(string.as_bytes());
            }
        }
    }
}

/// Decides which strings are shared: those that take less room so, the commonest first.
fn settle(counts: HashMap<&str, u32>) -> Result<(Items, Shared<'_>), BuildError> {
    // In the text: a length and the string. Shared: up to three bytes each, and once the
    // string and its offset.
    let shorter = |string: &str, count: u32| {
        let (length, count) = (string.len() as u64, u64::from(count));
        3 * count + length + 4 < count * (length + 1)
    };
    let mut shared: Vec<(&str, u32)> =
        counts.into_iter().filter(|&(string, count)| shorter(string, count)).collect();
    shared.sort_unstable_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
    let mut items = Items::new(Section::Strings);
    for (string, _) in &shared {
        items.push(string.as_bytes())?;
    }
    Ok((items, Shared(shared.iter().zip(0..).map(|(&(string, _), place)| (string, place)).collect())))
}

/// Items of different lengths and the offsets that bound them.
struct Items {
    section: Section,
    offsets: Vec<u8>,
    bytes: Vec<u8>,
}

impl Items {
    fn new(section: Section) -> Items {
        Items { section, offsets: vec![0; 4], bytes: Vec::new() }
    }

    fn push(&mut self, item: &[u8]) -> Result<(), BuildError> {
        self.bytes.extend_from_slice(item);
        let end = offset(self.bytes.len(), self.section)?;
        self.offsets.extend_from_slice(&end.to_le_bytes());
        Ok(())
    }

    fn count(&self) -> usize {
        self.offsets.len() / 4 - 1
    }
}

fn offset(length: usize, section: Section) -> Result<u32, BuildError> {
    u32::try_from(length).map_err(|_| BuildError::TooLarge { section: section.name() })
}

/// The sections as they come.
#[derive(Default)]
struct File {
    sections: BTreeMap<usize, Vec<u8>>,
}

impl File {
    fn section(&mut self, section: Section, bytes: Vec<u8>) {
        self.sections.insert(section as usize, bytes);
    }

    fn items(&mut self, offsets: Section, section: Section, items: Items) {
        self.section(offsets, items.offsets);
        self.section(section, items.bytes);
    }

    /// Header, section table, sections, trailer.
    fn finish(self, sequence: u64, built: Timestamp) -> Vec<u8> {
        let table_end = HEADER_BYTES + Section::COUNT * SECTION_ENTRY_BYTES;
        let sections_bytes: usize = self.sections.values().map(Vec::len).sum();
        let size_bytes = table_end + sections_bytes + TRAILER_BYTES;
        let mut out = Vec::with_capacity(size_bytes);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&u64::from(FORMAT_VERSION).to_le_bytes());
        out.extend_from_slice(&(size_bytes as u64).to_le_bytes());
        out.extend_from_slice(&sequence.to_le_bytes());
        out.extend_from_slice(&built.0.to_le_bytes());
        out.extend_from_slice(&(Section::COUNT as u64).to_le_bytes());
        let mut offset = table_end;
        for index in 0..Section::COUNT {
            let length = self.sections.get(&index).map_or(0, Vec::len);
            out.extend_from_slice(&(offset as u64).to_le_bytes());
            out.extend_from_slice(&(length as u64).to_le_bytes());
            offset += length;
        }
        for section in self.sections.into_values() {
            out.extend_from_slice(&section);
        }
        let digest = Sha256::digest(&out);
        out.extend_from_slice(&digest);
        out.extend_from_slice(MAGIC_END);
        out
    }
}

pub(super) fn varint(out: &mut Vec<u8>, mut value: u64) {
    while 0x80 <= value {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push((value & 0x7f) as u8);
}

pub(super) fn number(out: &mut Vec<u8>, value: usize) {
    varint(out, value as u64);
}

fn signed(out: &mut Vec<u8>, value: i64) {
    varint(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    number(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

pub(super) fn optional_text(out: &mut Vec<u8>, optional: Option<&str>) {
    out.push(u8::from(optional.is_some()));
    if let Some(it) = optional {
        text(out, it);
    }
}

fn optional_time(out: &mut Vec<u8>, time: Option<Timestamp>) {
    out.push(u8::from(time.is_some()));
    if let Some(time) = time {
        signed(out, time.0);
    }
}
