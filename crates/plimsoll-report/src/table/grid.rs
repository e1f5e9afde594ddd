//! Columns of cells that share the width of the page between them.
//!
//! It wraps and shortens; it never drops a cell. Where not even the narrowest columns fit,
//! it says so and the caller writes something other than columns.

use std::io;

use super::page::{Line, Look, Page, Span, wrap};

/// Between two columns.
const GAP: usize = 2;

/// A column of a grid.
pub(super) struct Column {
    /// Its heading.
    pub title: &'static str,
    /// Its least width.
    pub narrowest: usize,
    /// Its greatest width.
    pub widest: usize,
    /// Whether its cells are cut instead of wrapped.
    pub one_line: bool,
}

impl Column {
    /// A column whose cells are wrapped.
    pub fn new(title: &'static str, narrowest: usize, widest: usize) -> Column {
        Column { title, narrowest, widest, one_line: false }
    }

    /// The same, but what does not fit is cut off.
    pub fn cut(self) -> Column {
        Column { one_line: true, ..self }
    }
}

/// What stands in one column of one row: paragraphs.
pub(super) type Cell = Vec<Vec<Span>>;

/// A cell of one span.
pub(super) fn cell(look: Look, text: impl AsRef<str>) -> Cell {
    vec![vec![Span::new(look, text)]]
}

/// Prints the rows under their headings; `false`, and nothing printed, where they do not fit.
pub(super) fn print(
    page: &mut Page<'_>,
    indent: usize,
    columns: &[Column],
    rows: &[Vec<Cell>],
) -> io::Result<bool> {
    let Some(widths) = widths(columns, rows, page.width().saturating_sub(indent)) else {
        return Ok(false);
    };
    let heading: Vec<Cell> = columns.iter().map(|column| cell(Look::Strong, column.title)).collect();
    for row in std::iter::once(&heading).chain(rows) {
        print_row(page, indent, columns, &widths, row)?;
    }
    Ok(true)
}

fn print_row(
    page: &mut Page<'_>,
    indent: usize,
    columns: &[Column],
    widths: &[usize],
    row: &[Cell],
) -> io::Result<()> {
    let fields = row.iter().zip(columns).zip(widths);
    let cells: Vec<Vec<Line>> = fields.map(|((cell, column), width)| lay_out(cell, column, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    for at in 0..height {
        let mut left = indent;
        let mut line = Vec::with_capacity(cells.len());
        for (cell, width) in cells.iter().zip(widths) {
            line.push((left, cell.get(at)));
            left += width + GAP;
        }
        page.cells(&line)?;
    }
    Ok(())
}

fn lay_out(cell: &Cell, column: &Column, width: usize) -> Vec<Line> {
    if column.one_line {
        let shortened = |paragraph: &Vec<Span>| -> Vec<Span> {
            paragraph.iter().map(|span| span.shortened(width)).collect()
        };
        return cell.iter().filter_map(|it| wrap(&shortened(it), width).into_iter().next()).collect();
    }
    cell.iter().flat_map(|paragraph| wrap(paragraph, width)).collect()
}

/// The width of each column: what its cells need, less where the page is narrower.
fn widths(columns: &[Column], rows: &[Vec<Cell>], page_width: usize) -> Option<Vec<usize>> {
    let gaps = columns.len().saturating_sub(1) * GAP;
    let room = page_width.checked_sub(gaps)?;
    let mut widths: Vec<usize> = columns.iter().map(|column| column.title.len()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.iter().map(|it| natural(it)).fold(*width, usize::max);
        }
    }
    for (width, column) in widths.iter_mut().zip(columns) {
        *width = (*width).min(column.widest);
    }
    while widths.iter().sum::<usize>() > room {
        let shrinkable = widths.iter_mut().zip(columns).filter(|(width, column)| **width > column.narrowest);
        let (widest, _) = shrinkable.max_by_key(|(width, column)| **width - column.narrowest)?;
        *widest -= 1;
    }
    Some(widths)
}

fn natural(paragraph: &[Span]) -> usize {
    paragraph.iter().map(Span::width).sum::<usize>() + paragraph.len().saturating_sub(1)
}
