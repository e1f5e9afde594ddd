//! The packages of a report as a table. Says nothing of vulnerabilities.

use std::io;

use plimsoll_core::{ImageReport, Report};

use super::grid::{self, Cell, Column, cell};
use super::page::{Look, Page, Span};
use super::{header, problems, words};
use crate::is_complete;
use crate::union::{Union, UnionPackage};

/// Prints every package, then what could not be read.
pub(super) fn print(page: &mut Page<'_>, report: &Report, union: &Union<'_>) -> io::Result<()> {
    header::subject(page, report)?;
    page.heading(&words::counted(union.packages.len(), "package"))?;
    if !is_complete(report) {
        page.paragraph(0, &[Span::new(Look::Alarm, "NOT COMPLETE: there may be more.")])?;
    }
    if !union.packages.is_empty() {
        rows(page, report, union)?;
    }
    problems::print(page, report)
}

fn rows(page: &mut Page<'_>, report: &Report, union: &Union<'_>) -> io::Result<()> {
    let several = report.images.len() > 1;
    let mut columns = vec![
        Column::new("PACKAGE", 16, 60),
        Column::new("VERSION", 12, 48),
        Column::new("TYPE", 8, 12),
        Column::new("SOURCE", 12, 40),
        Column::new("FILE", 14, 60),
    ];
    columns.push(match several {
        true => Column::new("PLATFORMS", 13, 40),
        false => Column::new("LAYER", 5, 5),
    });
    let rows: Vec<Vec<Cell>> = union.packages.iter().map(|it| row(it, &report.images)).collect();
    if !grid::print(page, 0, &columns, &rows)? {
        for row in rows {
            page.paragraph(0, &row.into_iter().take(3).flatten().flatten().collect::<Vec<_>>())?;
        }
    }
    Ok(())
}

fn row(it: &UnionPackage<'_>, images: &[ImageReport]) -> Vec<Cell> {
    let package = &it.installed.package;
    let source = package.source.as_ref().map(|source| {
        let version = source.version.as_deref().unwrap_or_default();
        vec![vec![Span::new(Look::Faint, &source.name), Span::new(Look::Faint, version)]]
    });
    let place = match images.len() {
        0 | 1 => it.layer.map(|layer| layer.index.to_string()).unwrap_or_default(),
        _ => words::platforms(&it.images, images),
    };
    vec![
        cell(Look::Strong, &package.name),
        cell(Look::Plain, &package.version),
        cell(Look::Plain, &package.kind),
        source.unwrap_or_default(),
        cell(Look::Faint, format!("/{}", it.installed.origin.path)),
        cell(Look::Plain, place),
    ]
}
