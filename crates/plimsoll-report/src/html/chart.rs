//! The drawing: a bar for each severity, as SVG in the page, with its numbers as text.

use std::io::{self, Write};

use plimsoll_core::Summary;

use super::severities;
use crate::words;

/// In units of the drawing, which grows with the page.
const BAR_WIDTH: usize = 420;
const ROW_HEIGHT: usize = 30;
const LABEL_WIDTH: usize = 110;

/// Vulnerabilities by severity, worst first.
pub(super) fn by_severity(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    let most = summary.vulnerabilities.into_iter().max().unwrap_or(0).max(1);
    let rows: Vec<_> = severities(summary).filter(|(_, count)| *count > 0).collect();
    let (width, height) = (LABEL_WIDTH + BAR_WIDTH + 80, rows.len() * ROW_HEIGHT);
    writeln!(
        out,
        "<svg class=\"chart\" viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"Vulnerabilities by severity\">"
    )?;
    for (row, (severity, count)) in rows.into_iter().enumerate() {
        let top = row * ROW_HEIGHT;
        // At least a line, so that one of ten thousand is seen.
        let length = (count.saturating_mul(BAR_WIDTH) / most).max(3);
        let (bar, middle) = (top + 4, top + 20);
        writeln!(out, "<text x=\"0\" y=\"{middle}\">{}</text>", words::capitalised(severity))?;
        writeln!(
            out,
            "<rect class=\"{}\" x=\"{LABEL_WIDTH}\" y=\"{bar}\" width=\"{length}\" height=\"22\" rx=\"3\"/>",
            severity.name()
        )?;
        writeln!(out, "<text x=\"{}\" y=\"{middle}\">{count}</text>", LABEL_WIDTH + length + 8)?;
    }
    writeln!(out, "</svg>")
}
