//! One line for each image, where there are several.

use std::io;

use plimsoll_core::{ImageReport, Report};

use super::grid::{self, Cell, Column, cell};
use super::page::{Look, Page, Span};
use super::words;

/// Prints each image's platform, system and counts; nothing for a single image.
pub(super) fn print(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    if report.images.len() < 2 {
        return Ok(());
    }
    page.heading("By platform")?;
    let columns = [
        Column::new("PLATFORM", 14, 30),
        Column::new("DIGEST", 19, 19),
        Column::new("SYSTEM", 18, 60),
        Column::new("PACKAGES", 8, 8),
        Column::new("VULNERABILITIES", 24, 80),
    ];
    let rows: Vec<Vec<Cell>> = report.images.iter().enumerate().map(|(at, it)| row(at, it)).collect();
    if !grid::print(page, 0, &columns, &rows)? {
        for (index, image) in report.images.iter().enumerate() {
            stacked(page, index, image)?;
        }
    }
    Ok(())
}

/// For terminals too narrow for columns.
fn stacked(page: &mut Page<'_>, index: usize, image: &ImageReport) -> io::Result<()> {
    let mut title = vec![Span::new(Look::Strong, words::platform(index, image))];
    title.extend(image.digest.map(|it| Span::new(Look::Plain, it.short())));
    page.paragraph(0, &title)?;
    page.paragraph(2, &system(image).concat())?;
    let packages = words::counted(image.packages.len(), "package");
    page.paragraph(2, &[Span::new(Look::Plain, packages)])?;
    page.paragraph(2, &counts(image).concat())
}

fn row(index: usize, image: &ImageReport) -> Vec<Cell> {
    vec![
        cell(Look::Strong, words::platform(index, image)),
        cell(Look::Plain, image.digest.map(|it| it.short()).unwrap_or_default()),
        system(image),
        cell(Look::Plain, image.packages.len().to_string()),
        counts(image),
    ]
}

fn system(image: &ImageReport) -> Cell {
    match &image.distro {
        Some(distro) => {
            vec![vec![Span::new(Look::Plain, words::distro(distro))], vec![words::support(image)]]
        }
        None => cell(Look::Caution, "no operating system recognised"),
    }
}

fn counts(image: &ImageReport) -> Cell {
    let mut spans = words::severity_counts(image.summary().vulnerabilities);
    if spans.is_empty() {
        spans.push(Span::new(Look::Plain, "none found"));
    }
    if !image.is_complete() {
        spans.push(Span::new(Look::Alarm, "NOT\u{a0}COMPLETE"));
    }
    vec![spans]
}
