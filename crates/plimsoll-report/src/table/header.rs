//! What was scanned, of what it consists, and with what knowledge it was judged.

use std::io;

use plimsoll_core::{ImageReport, Report, SnapshotInfo, SubjectKind, Support};

use super::page::{Look, Page, Span, wrap};
use super::words;
use crate::union::Union;

/// The values stand at this column.
const VALUES_AT: usize = 10;

/// A database older than this is pointed out, in days.
const DATABASE_FRESH_DAYS: i64 = 7;

/// What was scanned.
pub(super) fn subject(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let label = match report.subject.kind {
        SubjectKind::Image => "Image",
        SubjectKind::Index => "Index",
        SubjectKind::RootFileSystem => "Directory",
        SubjectKind::Sbom => "SBOM",
        SubjectKind::PackageUrls => "Packages",
        SubjectKind::NotSupported => "Artifact",
    };
    field(page, label, &[Span::new(Look::Strong, &report.subject.name)])?;
    if let Some(digest) = report.subject.digest {
        field(page, "Digest", &[Span::new(Look::Plain, digest.short())])?;
    }
    match &report.subject.media_type {
        Some(media_type) if report.subject.kind == SubjectKind::NotSupported => {
            field(page, "Type", &[Span::new(Look::Plain, media_type)])
        }
        _ => Ok(()),
    }
}

/// Platform, distribution, packages and database.
pub(super) fn details(page: &mut Page<'_>, report: &Report, union: &Union<'_>) -> io::Result<()> {
    match &report.images[..] {
        [image] => one_image(page, image)?,
        images => {
            let packages = words::counted(union.packages.len(), "different package");
            let text = format!("{packages} in {}", words::counted(images.len(), "image"));
            field(page, "Packages", &[Span::new(Look::Plain, text)])?;
        }
    }
    database(page, report)
}

fn one_image(page: &mut Page<'_>, image: &ImageReport) -> io::Result<()> {
    if let Some(platform) = &image.platform {
        field(page, "Platform", &[Span::new(Look::Plain, platform.to_string())])?;
    }
    match &image.distro {
        Some(distro) => {
            let name = Span::new(Look::Plain, format!("{},", words::distro(distro)));
            let mut spans = vec![name, words::support(image)];
            if image.support == Support::Ended {
                spans.push(Span::new(Look::Alarm, "- no fixes come, and no findings is no all-clear"));
            }
            field(page, "System", &spans)?;
        }
        None => field(page, "System", &[Span::new(Look::Caution, "no operating system recognised")])?,
    }
    let packages = words::counted(image.packages.len(), "package");
    let text = match image.layers.len() {
        0 => packages,
        layers => format!("{packages} in {}", words::counted(layers, "layer")),
    };
    field(page, "Packages", &[Span::new(Look::Plain, text)])
}

fn database(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let Some(snapshot) = &report.snapshot else {
        return field(
            page,
            "Database",
            &[Span::new(Look::Alarm, "none: nothing was compared with advisories")],
        );
    };
    let look = match words::days(snapshot.built, report.created) {
        0..=DATABASE_FRESH_DAYS => Look::Plain,
        _ => Look::Caution,
    };
    let age = words::age(snapshot.built, report.created);
    let built = format!("number {} of {}, {age};", snapshot.sequence, snapshot.built.date_text());
    let mut spans = vec![Span::new(look, built)];
    spans.extend(feeds(snapshot));
    field(page, "Database", &spans)
}

/// The most feeds that are named one by one; `db status` has a line for each.
const FEEDS_NAMED_MAX: usize = 6;

/// The feeds that answered, each with the day of its data; many are told together.
pub(super) fn feeds(snapshot: &SnapshotInfo) -> Vec<Span> {
    if snapshot.feeds.is_empty() {
        return vec![Span::new(Look::Alarm, "it has no feeds")];
    }
    if snapshot.feeds.len() > FEEDS_NAMED_MAX {
        let dates = || snapshot.feeds.iter().filter_map(|(_, date)| *date);
        let span = match (dates().min(), dates().max()) {
            (Some(oldest), Some(newest)) => {
                format!(" with data of {} to {}", oldest.date_text(), newest.date_text())
            }
            _ => String::new(),
        };
        return vec![Span::new(Look::Plain, format!("{} feeds{span}", snapshot.feeds.len()))];
    }
    let last = snapshot.feeds.len() - 1;
    let feed = |(index, (id, date)): (usize, &(String, Option<plimsoll_core::Timestamp>))| {
        let date = date.map_or("of no known date".to_owned(), plimsoll_core::Timestamp::date_text);
        Span::new(Look::Plain, format!("{id} {date}{}", if index == last { "" } else { "," }))
    };
    snapshot.feeds.iter().enumerate().map(feed).collect()
}

fn field(page: &mut Page<'_>, label: &str, value: &[Span]) -> io::Result<()> {
    let label = wrap(&[Span::new(Look::Faint, label)], VALUES_AT);
    let values = wrap(value, page.width().saturating_sub(VALUES_AT));
    for (index, line) in values.iter().enumerate() {
        page.cells(&[(0, label.get(index)), (VALUES_AT, Some(line))])?;
    }
    Ok(())
}
