//! Writes the small sections: feeds, what was set aside, end-of-life dates, repositories, jars.

use super::{BuildError, Items, Merged, number, offset, optional_text, optional_time, text, varint};
use crate::snapshot::format::Section;
use crate::texts::TextMap;

pub(super) fn feeds(merged: &Merged<'_>) -> Vec<u8> {
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

pub(super) fn quarantine(merged: &Merged<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    number(&mut out, merged.quarantined.len());
    for (feed, record, why) in &merged.quarantined {
        [feed, record, why].into_iter().for_each(|it| text(&mut out, it));
    }
    out
}

pub(super) fn end_of_life(merged: &Merged<'_>) -> Vec<u8> {
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

pub(super) fn repositories(merged: &Merged<'_>) -> Result<Items, BuildError> {
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
pub(super) fn jars(merged: &Merged<'_>) -> Result<(Vec<u8>, Vec<u8>), BuildError> {
    let (mut index, mut coordinates) = (Vec::new(), Vec::new());
    let mut places: TextMap<&str, u32> = TextMap::default();
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
