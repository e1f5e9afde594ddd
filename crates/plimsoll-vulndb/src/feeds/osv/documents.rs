//! Where records stand: in a zip, a tar, a JSON array, or alone.
//!
//! Reads none of them; a record that is bad is for its reader to set aside.

use serde_json::value::RawValue;

use crate::feeds::shared::{Member, each_member};
use crate::{FeedOutput, Part};

/// Rows of one part, so that a small zip cannot fill the memory; Red Hat's has 3 million.
const PART_ROWS_MAX: usize = 12_000_000;

/// What takes a record's JSON and the name of its file.
type Visit<'v> = &'v mut dyn FnMut(&str, &str, &mut FeedOutput);

/// Shows every record of a zip, a tar, a JSON array, or the single one. Counts it as read.
pub(in crate::feeds) fn each_record(
    part: &Part<'_>,
    out: &mut FeedOutput,
    visit: Visit<'_>,
) -> Result<(), String> {
    each_record_in(part, &|_| true, out, visit)
}

/// The same, of an archive's files only those that are `wanted` besides ending in `.json`.
pub(in crate::feeds) fn each_record_in(
    part: &Part<'_>,
    wanted: &dyn Fn(&str) -> bool,
    out: &mut FeedOutput,
    visit: Visit<'_>,
) -> Result<(), String> {
    let mut is_full = false;
    each_member(part, &|path| path.ends_with(".json") && wanted(path), out, &mut |member, out| {
        is_full |= out.advisories.len() > PART_ROWS_MAX;
        if is_full { Ok(()) } else { records_of(member, out, visit) }
    })?;
    if is_full { Err(format!("more than {PART_ROWS_MAX} rows")) } else { Ok(()) }
}

fn records_of(member: &Member<'_>, out: &mut FeedOutput, visit: Visit<'_>) -> Result<(), String> {
    let text = String::from_utf8_lossy(member.bytes);
    let json = text.trim_start_matches('\u{feff}').trim();
    let name = member.place;
    if json.starts_with('[') {
        let records: Vec<&RawValue> = serde_json::from_str(json).map_err(|error| error.to_string())?;
        for (index, record) in records.into_iter().enumerate() {
            out.records_read += 1;
            visit(record.get(), &format!("{name}[{index}]"), out);
        }
        return Ok(());
    }
    if member.is_part {
        // Only a whole object can be a record that is merely bad.
        serde_json::from_str::<&RawValue>(json).map_err(|error| error.to_string()).and_then(|it| {
            if it.get().starts_with('{') { Ok(()) } else { Err("no OSV record".to_owned()) }
        })?;
    }
    out.records_read += 1;
    visit(json, name, out);
    Ok(())
}
