//! What is known of a vulnerability besides its texts: reading it from the snapshot.
//!
//! The layout stands in `writer.rs`, beside the code that writes it.

use plimsoll_core::{CvssVector, Epss, Kev, Rating, Severity, Timestamp, Vulnerability, VulnerableCode};

use super::cursor::Cursor;
use super::format::{Section, SnapshotError};
use super::rows::{Tables, severity};
use super::{Snapshot, Table};

/// Bits of the first byte of a vulnerability's facts.
pub(crate) mod bits {
    pub(crate) const PUBLISHED: u8 = 1;
    pub(crate) const MODIFIED: u8 = 1 << 1;
    pub(crate) const EPSS: u8 = 1 << 2;
    pub(crate) const EPSS_PERCENTILE: u8 = 1 << 3;
    pub(crate) const EPSS_MODEL: u8 = 1 << 4;
    pub(crate) const EPSS_DATE: u8 = 1 << 5;
    pub(crate) const KEV: u8 = 1 << 6;
    /// Code or what it is where it is no vulnerability: rare, and so behind everything else.
    pub(crate) const RARE: u8 = 1 << 7;
}

/// Bits of the byte of an entry in CISA's catalogue.
pub(crate) mod kev_bits {
    pub(crate) const ADDED: u8 = 1;
    pub(crate) const DUE: u8 = 1 << 1;
    pub(crate) const RANSOMWARE: u8 = 1 << 2;
}

impl<B: AsRef<[u8]>> Snapshot<B> {
    /// Whether the vulnerability with this number has this alias.
    pub(super) fn has_alias(&self, number: usize, id: &str) -> Result<bool, SnapshotError> {
        let mut reader = self.reader(number)?;
        let mut found = false;
        for _ in 0..reader.cursor.count()? {
            found |= reader.string()? == id;
        }
        Ok(found)
    }

    /// The facts about the vulnerability with this number.
    pub(super) fn facts(&self, number: usize) -> Result<Vulnerability, SnapshotError> {
        let mut reader = self.reader(number)?;
        let aliases = reader.list(Reader::owned)?;
        let bits = reader.cursor.byte()?;
        let mut facts = Vulnerability {
            id: self.ids_table().text(number)?.to_owned(),
            aliases,
            ratings: reader.list(Reader::rating)?,
            cvss: reader.list(Reader::cvss)?,
            cwes: reader.list(Reader::owned)?,
            published: reader.time_if(bits & bits::PUBLISHED)?,
            modified: reader.time_if(bits & bits::MODIFIED)?,
            epss: if bits & bits::EPSS == 0 { None } else { Some(reader.epss(bits)?) },
            kev: if bits & bits::KEV == 0 { None } else { Some(reader.kev()?) },
            ..Vulnerability::default()
        };
        if bits & bits::RARE != 0 {
            facts.informational = reader.list(Reader::owned)?.into_iter().next();
            facts.code = reader.list(Reader::code)?;
        }
        Ok(facts)
    }

    fn reader(&self, number: usize) -> Result<Reader<'_>, SnapshotError> {
        let facts: Table<'_> = self.table(Section::FactOffsets, Section::Facts);
        let cursor = Cursor::new(facts.bytes(number)?, Section::Facts);
        Ok(Reader { cursor, tables: self.tables() })
    }
}

/// Reads the facts of one vulnerability.
struct Reader<'a> {
    cursor: Cursor<'a>,
    tables: Tables<'a>,
}

impl<'a> Reader<'a> {
    fn string(&mut self) -> Result<&'a str, SnapshotError> {
        self.tables.string(&mut self.cursor)
    }

    fn owned(&mut self) -> Result<String, SnapshotError> {
        self.string().map(str::to_owned)
    }

    fn list<T>(
        &mut self,
        item: impl Fn(&mut Self) -> Result<T, SnapshotError>,
    ) -> Result<Vec<T>, SnapshotError> {
        (0..self.cursor.count()?).map(|_| item(self)).collect()
    }

    fn rating(&mut self) -> Result<Rating, SnapshotError> {
        let source = self.owned()?;
        let number = self.cursor.byte()?;
        let severity = severity(number).ok_or_else(|| self.cursor.corrupt("a severity"))?;
        Ok(Rating { source, severity: severity.unwrap_or(Severity::Unknown) })
    }

    fn cvss(&mut self) -> Result<CvssVector, SnapshotError> {
        Ok(CvssVector {
            source: self.owned()?,
            vector: self.owned()?,
            version: self.owned()?,
            score_tenths: self.cursor.byte()?,
        })
    }

    fn code(&mut self) -> Result<VulnerableCode, SnapshotError> {
        Ok(VulnerableCode { package: self.owned()?, path: self.owned()?, symbols: self.list(Reader::owned)? })
    }

    fn time(&mut self) -> Result<Timestamp, SnapshotError> {
        self.cursor.signed().map(Timestamp)
    }

    fn time_if(&mut self, bit: u8) -> Result<Option<Timestamp>, SnapshotError> {
        if bit == 0 { Ok(None) } else { self.time().map(Some) }
    }

    fn epss(&mut self, bits: u8) -> Result<Epss, SnapshotError> {
        let score_millionths = self.cursor.u32()?;
        let percentile = bits & bits::EPSS_PERCENTILE != 0;
        let percentile_millionths = if percentile { Some(self.cursor.u32()?) } else { None };
        let model = if bits & bits::EPSS_MODEL == 0 { None } else { Some(self.owned()?) };
        let date = self.time_if(bits & bits::EPSS_DATE)?;
        Ok(Epss { score_millionths, percentile_millionths, model, date })
    }

    fn kev(&mut self) -> Result<Kev, SnapshotError> {
        let bits = self.cursor.byte()?;
        Ok(Kev {
            added: self.time_if(bits & kev_bits::ADDED)?,
            due: self.time_if(bits & kev_bits::DUE)?,
            ransomware: bits & kev_bits::RANSOMWARE != 0,
        })
    }
}
