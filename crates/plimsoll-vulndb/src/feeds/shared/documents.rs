//! What a feed does with the documents of a part: each is read on its own, and one that cannot be
//! read is counted and set aside.
//!
//! Nothing here knows a format but for whether something is JSON at all. No document ends the
//! reading of those behind it.

use serde_json::value::RawValue;

use super::bytes::each_document;
use crate::{FeedOutput, Part};

/// One document whose bytes could be had.
pub(in crate::feeds) struct Member<'a> {
    /// Where it stands: its path in the archive, or the part's name.
    pub(in crate::feeds) place: &'a str,
    /// What it holds.
    pub(in crate::feeds) bytes: &'a [u8],
    /// Whether it is the part itself and no archive's.
    pub(in crate::feeds) is_part: bool,
}

/// Which of an archive's files are read, by their paths.
type Wanted<'w> = &'w dyn Fn(&str) -> bool;

/// What reads one record from the place and the bytes of its document.
type ReadRecord<'r> = &'r mut dyn FnMut(&str, &[u8], &mut FeedOutput) -> Result<(), String>;

/// Shows every document to what counts the records in it. One that cannot be read counts as one
/// record and is set aside; where it is the part itself, the part cannot be read.
pub(in crate::feeds) fn each_member(
    part: &Part<'_>,
    wanted: Wanted<'_>,
    out: &mut FeedOutput,
    read: &mut dyn FnMut(&Member<'_>, &mut FeedOutput) -> Result<(), String>,
) -> Result<(), String> {
    let mut whole = Ok(());
    each_document(part.bytes, out, wanted, &mut |document, out| {
        let is_part = document.is_part;
        let place = if is_part { part.name } else { document.path };
        let read = document.content.and_then(|bytes| read(&Member { place, bytes, is_part }, out));
        match read {
            Err(why) if is_part => whole = Err(why),
            Err(why) => record(place, out, &mut |_| Err(why.clone())),
            Ok(()) => (),
        }
    })?;
    whole
}

/// Reads every document as one record in JSON. A part that is neither an archive nor JSON is an
/// error; any other fault costs its record.
pub(in crate::feeds) fn each_json(
    part: &Part<'_>,
    wanted: Wanted<'_>,
    out: &mut FeedOutput,
    read: ReadRecord<'_>,
) -> Result<(), String> {
    each_member(part, wanted, out, &mut |member, out| {
        if member.is_part && serde_json::from_slice::<&RawValue>(member.bytes).is_err() {
            return Err("neither an archive nor JSON".to_owned());
        }
        record(member.place, out, &mut |out| read(member.place, member.bytes, out));
        Ok(())
    })
}

/// Reads every file of an archive as one record. A part that is no archive is an error.
pub(in crate::feeds) fn each_file(
    part: &Part<'_>,
    wanted: Wanted<'_>,
    out: &mut FeedOutput,
    read: ReadRecord<'_>,
) -> Result<(), String> {
    each_member(part, wanted, out, &mut |member, out| {
        if member.is_part {
            return Err("no archive of records".to_owned());
        }
        record(member.place, out, &mut |out| read(member.place, member.bytes, out));
        Ok(())
    })
}

/// Counts a record as read, and sets it aside where it cannot be.
fn record(place: &str, out: &mut FeedOutput, read: &mut dyn FnMut(&mut FeedOutput) -> Result<(), String>) {
    out.records_read += 1;
    if let Err(why) = read(out) {
        out.quarantine(place, why);
    }
}

#[cfg(test)]
mod tests {
    use super::super::packed::tar;
    use super::*;

    fn read(_: &str, bytes: &[u8], out: &mut FeedOutput) -> Result<(), String> {
        serde_json::from_slice::<u32>(bytes).map_err(|_| "no number".to_owned())?;
        out.records_stored += 1;
        Ok(())
    }

    #[track_caller]
    fn check(bytes: &[u8], expected: &[&str]) {
        let mut actual = Vec::new();
        for each in [each_json, each_file] {
            let mut out = FeedOutput::default();
            let part = Part { name: "it", file_name: "it.tar", bytes };
            let whole = each(&part, &|path| path != "README", &mut out, &mut read);
            let aside: Vec<_> = out.quarantined.iter().map(|it| it.record.as_str()).collect();
            actual.push(match whole {
                Ok(()) => format!("{} of {}, not {aside:?}", out.records_stored, out.records_read),
                Err(why) => why,
            });
        }
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_document_that_cannot_be_read_costs_itself_alone() {
        let archive = tar(&[("a", "1"), ("b", "no"), ("README", "no"), ("c", "3")]);
        check(&archive, &[r#"2 of 3, not ["b"]"#, r#"2 of 3, not ["b"]"#]);
    }

    #[test]
    fn a_part_that_is_no_archive_is_a_record_only_where_it_is_json() {
        check(b"1", &["1 of 1, not []", "no archive of records"]);
        check(b"[]", &[r#"0 of 1, not ["it"]"#, "no archive of records"]);
        check(b"no", &["neither an archive nor JSON", "no archive of records"]);
    }
}
