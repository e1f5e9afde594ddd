//! A chunk of Maven's own index, as repositories publish it
//! (`.index/nexus-maven-repository-index.gz`).
//!
//! The form is that of Java's `DataOutput`, all numbers big-endian, as
//! <https://maven.apache.org/maven-indexer/indexer-reader/apidocs/org/apache/maven/index/reader/ChunkReader.html>
//! reads it: a byte 1, the time of the index in milliseconds (8 bytes), and records to the end. A
//! record is the number of its fields (4 bytes) and for each a byte of flags, the name with its
//! length (2 bytes) and the value with its length (4 bytes). Of the fields, `u` is
//! `group|artifact|version|classifier[|extension]` (a classifier `NA` is none), `i`
//! `packaging|…|extension` and `1` the file's SHA-1.

use std::io::{BufRead, ErrorKind, Read};

use plimsoll_core::Timestamp;

use super::{Jars, coordinates, sha1_of};

/// The only version there is, and the first byte of every chunk.
pub(super) const VERSION: u8 = 1;
/// Fields of one record; real ones have about ten.
const FIELDS_MAX: u32 = 1024;
/// Bytes of a value that is wanted; longer ones are passed over.
const VALUE_BYTES_MAX: u64 = 2048;
/// Files of these endings hold classes, or files that do.
const ENDINGS: &[&str] = &["jar", "war", "ear", "par", "sar", "hpi", "jpi", "nar", "kar", "aar", "rar"];
/// Files beside an artifact that hold no classes of it.
const BESIDE: &[&str] = &["sources", "javadoc", "test-sources", "test-javadoc"];

/// Reads a chunk to its end.
pub(super) fn read(reader: &mut impl BufRead, jars: &mut Jars<'_>) -> Result<(), String> {
    let header: [u8; 9] = bytes(reader)?;
    if let [_, time @ ..] = header
        && let milliseconds @ 1.. = i64::from_be_bytes(time)
    {
        jars.out.saw_date(Timestamp(milliseconds / 1000));
    }
    let mut number = 0;
    while !reader.fill_buf().map_err(|error| error.to_string())?.is_empty() {
        number += 1;
        jars.out.records_read += 1;
        let record = record(reader)?;
        match record.jar() {
            Ok(Some((sha1, name))) => jars.jar(sha1, name)?,
            Ok(None) => jars.out.out_of_scope += 1,
            Err(why) => jars.bad(number, why),
        }
    }
    Ok(())
}

/// What of a record is wanted.
#[derive(Default)]
struct Record {
    /// `u`
    name: Option<String>,
    /// `i`
    info: Option<String>,
    /// `1`
    sha1: Option<String>,
}

impl Record {
    /// The jar that it is about, if it is about one.
    fn jar(&self) -> Result<Option<([u8; 20], String)>, &'static str> {
        let (Some(name), Some(sha1)) = (&self.name, &self.sha1) else { return Ok(None) };
        let mut parts = name.split('|');
        let mut next = || parts.next().unwrap_or_default();
        let (group, artifact, version, classifier, extension) = (next(), next(), next(), next(), next());
        if BESIDE.contains(&classifier) || !ENDINGS.contains(&self.extension(extension)) {
            return Ok(None);
        }
        let sha1 = sha1_of(sha1.trim()).ok_or("its SHA-1 has not forty digits")?;
        let name = coordinates(group, artifact, version).ok_or("its name is no Maven coordinates")?;
        Ok(Some((sha1, name)))
    }

    /// Records about an artifact's main file say the extension beside its name.
    fn extension<'a>(&'a self, of_name: &'a str) -> &'a str {
        let of_info = || self.info.as_deref()?.rsplit('|').next().filter(|it| !it.is_empty());
        if of_name.is_empty() { of_info().unwrap_or("jar") } else { of_name }
    }
}

fn record(reader: &mut impl BufRead) -> Result<Record, String> {
    let count = u32::from_be_bytes(bytes(reader)?);
    if count > FIELDS_MAX {
        return Err(format!("a record has {count} fields"));
    }
    let mut record = Record::default();
    for _ in 0..count {
        let [_flags] = bytes(reader)?;
        let length_bytes = u64::from(u16::from_be_bytes(bytes(reader)?));
        let name = text(reader, length_bytes)?;
        let length = i32::from_be_bytes(bytes(reader)?);
        let length_bytes = u64::try_from(length).map_err(|_| format!("a value has {length} bytes"))?;
        match name.as_deref() {
            Some("u") => record.name = text(reader, length_bytes)?,
            Some("i") => record.info = text(reader, length_bytes)?,
            Some("1") => record.sha1 = text(reader, length_bytes)?,
            _ => skip(reader, length_bytes)?,
        }
    }
    Ok(record)
}

/// A text of so many bytes; `None` where it is too long or no text. Java writes it in a UTF-8 of
/// its own, which differs from the other only where nothing wanted has letters.
fn text(reader: &mut impl BufRead, length_bytes: u64) -> Result<Option<String>, String> {
    if length_bytes > VALUE_BYTES_MAX {
        skip(reader, length_bytes)?;
        return Ok(None);
    }
    let mut text = Vec::new();
    reader.by_ref().take(length_bytes).read_to_end(&mut text).map_err(|error| error.to_string())?;
    if text.len() as u64 != length_bytes {
        return Err(cut_short());
    }
    Ok(String::from_utf8(text).ok())
}

fn skip(reader: &mut impl BufRead, length_bytes: u64) -> Result<(), String> {
    let skipped = std::io::copy(&mut reader.by_ref().take(length_bytes), &mut std::io::sink());
    if skipped.map_err(|error| error.to_string())? == length_bytes { Ok(()) } else { Err(cut_short()) }
}

fn bytes<const COUNT: usize>(reader: &mut impl Read) -> Result<[u8; COUNT], String> {
    let mut bytes = [0; COUNT];
    match reader.read_exact(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(cut_short()),
        Err(error) => Err(error.to_string()),
    }
}

fn cut_short() -> String {
    "it is cut short within a record".to_owned()
}
