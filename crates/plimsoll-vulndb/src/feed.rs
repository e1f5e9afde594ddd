//! What a feed is: where its parts lie (`source.rs`), and a pure function from their bytes to records.
//!
//! A feed fetches nothing and knows no file; single bad records are quarantined, never fatal.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use plimsoll_core::{Advisory, CvssVector, EndOfLife, Epss, Kev, Rating, Timestamp, VulnerableCode};

use crate::{Source, entry};

/// A source of advisories or of enrichment.
pub trait Feed: Sync {
    /// A stable id, `"debian"`; part of every advisory's identity.
    fn id(&self) -> &'static str;

    /// For people: `Debian security tracker`.
    fn title(&self) -> &'static str;

    /// What it says, in a sentence for the manual.
    fn says(&self) -> &'static str;

    /// What it does not say, and what that means: silence is no all-clear.
    fn is_silent_on(&self) -> &'static str;

    /// Where its parts are fetched from.
    fn sources(&self) -> Vec<Source>;

    /// Its licence.
    fn licence(&self) -> Licence;

    /// Raised whenever the same bytes may give other rows, so that what was read before is read
    /// again.
    fn version(&self) -> u32 {
        1
    }

    /// Whether the records of a part take the place of older ones of the same id in the parts after
    /// it: a file of what changed beside those of everything.
    fn is_newer(&self, _part: &str) -> bool {
        false
    }

    /// Whether the last word on a release stays when the feed has it no more: vendors take releases
    /// out when their support ends, and images of them go on.
    fn keeps_releases(&self) -> bool {
        true
    }

    /// How often the vendor publishes, in hours: what a schedule asks by (`schedule.rs`). An update
    /// that somebody asks for asks every vendor.
    fn cadence_hours(&self) -> u32 {
        6
    }

    /// Reads one part. Whatever cannot be read goes to [`FeedOutput::quarantine`]; only where
    /// the part as a whole is unreadable (cut short, not JSON) is an error returned, and the
    /// feed's old shard then stays.
    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String>;
}

/// A feed's licence, for `db status --licences` and the manual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Licence {
    /// The SPDX expression, or a sentence where there is none.
    pub name: &'static str,
    /// The attribution that the publisher asks for.
    pub attribution: &'static str,
    /// Whether a database that holds it may be given to others.
    pub redistributable: bool,
}

/// One fetched thing.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The name of its [`Source`], with `*` replaced by what matched.
    pub name: &'a str,
    /// The file's name in the mirror or URL, for formats told apart by ending (`.tar.zst`).
    pub file_name: &'a str,
    /// Its bytes as fetched. Compression (gzip, bzip2, zstd, xz) is told by the bytes: see
    /// [`crate::feeds`].
    pub bytes: &'a [u8],
}

/// A record that was set aside, and why; listed by `db status`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    /// The record's id, or its place (`package zlib, line 3`).
    pub record: String,
    /// What is wrong with it.
    pub why: String,
}

/// What one feed says of one vulnerability, before records of the same thing are merged.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Record {
    /// The record's own id: `CVE-…`, `GHSA-…`, `DSA-…`.
    pub id: String,
    /// Other ids of the same thing (OSV `aliases`, and `upstream` of distributions).
    pub aliases: Vec<String>,
    /// One line.
    pub summary: Option<String>,
    /// The description.
    pub details: Option<String>,
    /// Web addresses, http and https only.
    pub references: Vec<String>,
    /// Severities in words; `source` says who.
    pub ratings: Vec<Rating>,
    /// CVSS vectors; `source` says who.
    pub cvss: Vec<CvssVector>,
    /// CWE ids.
    pub cwes: Vec<String>,
    /// When it was first published.
    pub published: Option<Timestamp>,
    /// When it last changed.
    pub modified: Option<Timestamp>,
    /// Whether it was withdrawn: its advisories no longer hold.
    pub withdrawn: bool,
    /// The code that it is in, where the record says so.
    pub code: Vec<VulnerableCode>,
    /// What it is where it is no vulnerability: RustSec's `unmaintained`, `unsound`, `notice`.
    pub informational: Option<String>,
}

/// What one document of a feed gave: an archive's member, or a part that is no archive.
///
/// Documents stand in the output one after the other, so that how many of each thing came from
/// which is enough to replace one alone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Unit {
    /// The part's name; for a member of an archive with `!` and its path behind it.
    pub name: String,
    /// Changes with the content.
    pub fingerprint: u64,
    /// It was known already and was not read again.
    pub known: bool,
    /// Where its advisories, records, scores, entries of CISA's catalogue, end-of-life dates,
    /// repositories, things set aside and jars end in the output's lists.
    pub ends: [u32; 8],
    /// The records read, stored, set aside as a whole and out of scope up to its end.
    pub counts: [u64; 4],
}

/// Everything that the parts of one feed come to.
#[derive(Clone, Debug, Default)]
pub struct FeedOutput {
    /// Which document gave what, in order.
    pub units: Vec<Unit>,
    /// The part that is being read.
    pub part: String,
    /// Documents that were read before, by name with their fingerprints: they are not read
    /// again.
    pub known: Arc<HashMap<String, u64>>,
    /// Members of archives that a part of their own takes the place of, by unit name.
    pub replaced: Arc<HashSet<String>>,
    /// Whether the part that is being read is [`Feed::is_newer`].
    pub is_newer: bool,
    /// Records of newer parts, by the hashes of their ids, with the days and times they are of.
    pub newer: HashMap<u64, u32>,
    /// How often each document's name was used, by its hash: a name may be repeated.
    pub named: HashMap<u64, u32>,
    /// Rows for the matcher.
    pub advisories: Vec<Advisory>,
    /// Records about vulnerabilities.
    pub records: Vec<Record>,
    /// Exploit-prediction scores by CVE.
    pub epss: Vec<(String, Epss)>,
    /// CISA's catalogue by CVE.
    pub kev: Vec<(String, Kev)>,
    /// End-of-life dates.
    pub end_of_life: Vec<EndOfLife>,
    /// The channels that repositories belong to, by the repository's id: for images that name
    /// the repositories their packages come from.
    pub repository_channels: Vec<(String, Vec<String>)>,
    /// The Maven coordinates of jars, `group:artifact:version`, by the SHA-1 of the file.
    pub maven: Vec<([u8; 20], String)>,
    /// Records set aside, and parts of records that were otherwise kept.
    pub quarantined: Vec<Quarantined>,
    /// Records read, stored or not. read = stored + quarantined + out of scope.
    pub records_read: u64,
    /// Records of which something was kept.
    pub records_stored: u64,
    /// Records set aside as a whole; [`FeedOutput::quarantined`] also lists parts of others.
    pub records_quarantined: u64,
    /// Records that say nothing Plimsoll could use (rejected, withdrawn, other products).
    pub out_of_scope: u64,
    /// The newest date inside the data.
    pub data_date: Option<Timestamp>,
}

/// Parsers quote what they could not read, however long it is.
fn short(mut text: String, length_bytes_max: usize) -> String {
    if text.len() > length_bytes_max {
        let mut end = length_bytes_max;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
    text
}

impl FeedOutput {
    /// Sets a whole record aside. The caller counts it as read.
    pub fn quarantine(&mut self, record: impl Into<String>, why: impl Into<String>) {
        self.records_quarantined += 1;
        self.quarantine_part(record, why);
    }

    /// Sets a part of a record aside (one package, one vector); the rest is kept.
    pub fn quarantine_part(&mut self, record: impl Into<String>, why: impl Into<String>) {
        let (record, why) = (short(record.into(), 200), short(why.into(), 400));
        self.quarantined.push(Quarantined { record, why });
    }

    /// Begins a part. Says whether it must be read: not if the same bytes were read before.
    pub(crate) fn begin_part(&mut self, name: &str, fingerprint: u64) -> bool {
        name.clone_into(&mut self.part);
        self.begin(name.to_owned(), fingerprint)
    }

    /// Begins a document of the present part. Says whether it must be read.
    ///
    /// An archive may repeat a name: the second of that name is `NAME#2`, so that each has its own
    /// fingerprint and its own share.
    pub(crate) fn begin_document(&mut self, path: &str, fingerprint: u64) -> bool {
        let name = format!("{}!{path}", self.part);
        if self.replaced.contains(&name) {
            return false;
        }
        let name = self.own_name(name);
        self.begin(name, fingerprint)
    }

    /// Begins a record of the present part, which has a share of its own so that it alone is read
    /// again, and that a newer part may take the place of. Says whether it must be read.
    pub(crate) fn begin_entry(&mut self, id: &str, modified: Option<Timestamp>, content: &[u8]) -> bool {
        let fingerprint = entry::fingerprint(modified, content);
        if self.is_superseded(id, fingerprint) {
            self.pass_over(id, fingerprint);
            return false;
        }
        self.note_newer(id, fingerprint);
        let name = self.own_name(format!("{}!{id}", self.part));
        self.begin(name, fingerprint)
    }

    /// Notes a record that a newer one took the place of: when that goes, its part must be read
    /// again.
    pub(crate) fn pass_over(&mut self, id: &str, fingerprint: u64) {
        self.close();
        let name = format!("{}!{}{id}", self.part, entry::PASSED_OVER);
        self.units.push(Unit { name, fingerprint, ..Unit::default() });
    }

    /// Whether a newer part has a record of this id, and one that is no older.
    pub(crate) fn is_superseded(&self, id: &str, fingerprint: u64) -> bool {
        let newer = || self.newer.get(&entry::hash(id)).copied();
        !self.is_newer && newer().is_some_and(|time| entry::time(fingerprint) <= time)
    }

    fn note_newer(&mut self, id: &str, fingerprint: u64) {
        if self.is_newer {
            let time = self.newer.entry(entry::hash(id)).or_default();
            *time = entry::time(fingerprint).max(*time);
        }
    }

    /// The name itself for the first that asks for it, and one with a number for those after it.
    fn own_name(&mut self, name: String) -> String {
        loop {
            let times = self.named.entry(entry::hash(&name)).or_default();
            *times += 1;
            if *times == 1 {
                return name;
            }
            let numbered = format!("{name}#{times}");
            if let Entry::Vacant(free) = self.named.entry(entry::hash(&numbered)) {
                free.insert(1);
                return numbered;
            }
        }
    }

    /// Notes a document that is known, of a part that was not read again.
    pub(crate) fn keep(&mut self, name: &str, fingerprint: u64) {
        let repeated = name.rsplit_once('#').map_or(name, |(name, _)| name);
        if self.replaced.contains(name) || self.replaced.contains(repeated) {
            return;
        }
        if let Some((_, id)) = repeated.split_once('!') {
            let id = id.strip_prefix(entry::PASSED_OVER).unwrap_or(id);
            if self.is_superseded(id, fingerprint) {
                return self.pass_over(id, fingerprint);
            }
            self.note_newer(id, fingerprint);
        }
        self.close();
        let unit = Unit { name: name.to_owned(), fingerprint, known: true, ..Unit::default() };
        self.units.push(unit);
    }

    fn begin(&mut self, name: String, fingerprint: u64) -> bool {
        self.close();
        let known = self.known.get(&name) == Some(&fingerprint);
        self.units.push(Unit { name, fingerprint, known, ..Unit::default() });
        !known
    }

    /// How many of each thing there are, in the order of [`Unit::ends`].
    pub(crate) fn lengths(&self) -> [u32; 8] {
        let lengths = [
            self.advisories.len(),
            self.records.len(),
            self.epss.len(),
            self.kev.len(),
            self.end_of_life.len(),
            self.repository_channels.len(),
            self.quarantined.len(),
            self.maven.len(),
        ];
        lengths.map(|it| u32::try_from(it).unwrap_or(u32::MAX))
    }

    /// Ends the document that was begun last.
    pub(crate) fn close(&mut self) {
        let ends = self.lengths();
        if let Some(last) = self.units.last_mut() {
            last.ends = ends;
            last.counts =
                [self.records_read, self.records_stored, self.records_quarantined, self.out_of_scope];
        }
    }

    /// Notes a date inside the data; the newest is kept.
    pub fn saw_date(&mut self, date: Timestamp) {
        self.data_date = Some(self.data_date.map_or(date, |known| known.max(date)));
    }
}
