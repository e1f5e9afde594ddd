//! How bad it is, in a bar and in words; and what "no vulnerabilities" was said of.

use std::io;

use plimsoll_core::{Report, Severity, Summary, Support};

use super::page::{Line, Look, Page, Span, wrap};
use super::{header, problems, words};
use crate::is_complete;
use crate::union::Union;

/// The bar's greatest length.
const BAR_CELLS_MAX: usize = 60;

/// Counts and completeness.
pub(super) fn print(
    page: &mut Page<'_>,
    report: &Report,
    union: &Union<'_>,
    summary: &Summary,
) -> io::Result<()> {
    page.blank()?;
    if summary.findings == 0 {
        nothing_found(page, report, union, summary)?;
    } else {
        if page.has_color() {
            bar(page, summary)?;
        }
        page.hanging(0, 0, &words::severity_counts(summary.vulnerabilities))?;
        counts(page, report, summary)?;
    }
    if summary.suppressed > 0 {
        let (are, they) = if summary.suppressed == 1 { ("is", "it is") } else { ("are", "they are") };
        let findings = words::counted(summary.suppressed, "more finding");
        let text = format!("{findings} {are} suppressed and not counted; {they} listed with the reason.");
        page.hanging(0, 0, &[Span::new(Look::Faint, text)])?;
    }
    if !is_complete(report) {
        page.paragraph(0, &[Span::new(Look::Alarm, not_complete(report))])?;
    }
    Ok(())
}

/// What is missing, in one sentence.
fn not_complete(report: &Report) -> String {
    let hiding = problems::hiding(report);
    match (report.images.is_empty(), hiding) {
        (true, 0) => "NOT COMPLETE: no image was scanned.".to_owned(),
        (_, 1) => "NOT COMPLETE: 1 problem may hide findings; it is listed at the end.".to_owned(),
        (_, hiding) => {
            format!("NOT COMPLETE: {hiding} problems may hide findings; they are listed at the end.")
        }
    }
}

/// A bar divided by severity, in proportion; what occurs has at least one cell.
fn bar(page: &mut Page<'_>, summary: &Summary) -> io::Result<()> {
    let cells = page.width().min(BAR_CELLS_MAX);
    let parts = bar_cells(summary.vulnerabilities, cells);
    let mut at = 0;
    let mut lines: Vec<(usize, Line)> = Vec::new();
    for (severity, cells) in Severity::ALL.into_iter().zip(parts).filter(|(_, cells)| *cells > 0) {
        let line = wrap(&[Span::bar(Look::Severity(severity), cells)], cells);
        lines.extend(line.into_iter().map(|line| (at, line)));
        at += cells;
    }
    let cells: Vec<_> = lines.iter().map(|(at, line)| (*at, Some(line))).collect();
    page.cells(&cells)
}

/// How many of `cells` each severity gets.
fn bar_cells(counts: [usize; 6], cells: usize) -> [usize; 6] {
    let total = counts.iter().sum::<usize>().max(1);
    let share = |count: usize| match count {
        0 => 0,
        count => (count.saturating_mul(cells) / total).max(1),
    };
    let mut parts = counts.map(share);
    let used: usize = parts.iter().sum();
    if let Some(largest) = (0..parts.len()).max_by_key(|index| parts[*index]) {
        parts[largest] = (parts[largest] + cells).saturating_sub(used).max(1);
    }
    parts
}

fn counts(page: &mut Page<'_>, report: &Report, summary: &Summary) -> io::Result<()> {
    let total = summary.total();
    let everywhere = if report.images.len() > 1 { ", all platforms taken together" } else { "" };
    let found = format!(
        "{} in {}{everywhere};",
        words::counted(total, "vulnerability"),
        words::counted(summary.findings, "finding"),
    );
    let fixable = match (summary.fixable, total) {
        (0, _) => Span::new(Look::Plain, "none can be fixed."),
        (1, 1) => Span::new(Look::Good, "it can be fixed."),
        (fixable, total) if fixable == total => Span::new(Look::Good, "all can be fixed."),
        (fixable, _) => Span::new(Look::Good, format!("{fixable} can be fixed.")),
    };
    page.hanging(0, 0, &[Span::new(Look::Plain, found), fixable])
}

/// Says what was looked at; only a complete look at something reads as good news.
fn nothing_found(
    page: &mut Page<'_>,
    report: &Report,
    union: &Union<'_>,
    summary: &Summary,
) -> io::Result<()> {
    let packages = match (words::counted(union.packages.len(), "package"), summary.kernel_headers) {
        (packages, 0) if summary.suppressed > 0 => format!("{packages} (leaving out what is suppressed)"),
        (packages, 0) => packages,
        (packages, _) => format!("{packages} (leaving out kernel headers, which have some)"),
    };
    let Some(snapshot) = &report.snapshot else {
        let text = format!("Nothing was compared: there is no vulnerability database. {packages} found.");
        return page.paragraph(0, &[Span::new(Look::Alarm, text)]);
    };
    if union.packages.is_empty() {
        let text = "0\u{a0}packages found, so there was nothing to compare: this is no all-clear.";
        return page.paragraph(0, &[Span::new(Look::Caution, text)]);
    }
    let ended = report.images.iter().any(|image| image.support == Support::Ended);
    let (look, text) = if !is_complete(report) {
        (
            Look::Alarm,
            format!("No vulnerabilities found in what could be read, {packages}: this is no all-clear."),
        )
    } else if ended {
        (
            Look::Caution,
            format!(
                "No vulnerabilities recorded for {packages}, but the support has ended: this is no all-clear."
            ),
        )
    } else if snapshot.feeds.is_empty() {
        (
            Look::Alarm,
            format!(
                "No vulnerabilities found in {packages}, by a database without feeds: this is no all-clear."
            ),
        )
    } else {
        (Look::Good, format!("No known vulnerabilities in {packages}."))
    };
    let mut spans = vec![Span::new(look, text), Span::new(Look::Faint, "Asked:")];
    spans.extend(header::feeds(snapshot));
    page.paragraph(0, &spans)
}

/// What is kept apart.
pub(super) fn kernel_headers(page: &mut Page<'_>, summary: &Summary, shown: bool) -> io::Result<()> {
    if summary.kernel_headers == 0 || shown {
        return Ok(());
    }
    let (are, them) = if summary.kernel_headers == 1 { ("is", "it") } else { ("are", "them") };
    let findings = words::counted(summary.kernel_headers, "finding");
    let text = format!(
        "{findings} in kernel headers, which do not run in a container, {are} kept apart; \
         --kernel-headers shows {them}."
    );
    page.blank()?;
    page.hanging(0, 0, &[Span::new(Look::Faint, text)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_has_every_severity_that_occurs_and_always_its_length() {
        assert_eq!(bar_cells([1, 0, 0, 0, 0, 1], 60), [30, 0, 0, 0, 0, 30]);
        assert_eq!(bar_cells([1, 0, 10_000, 1, 1, 1], 40), [1, 0, 36, 1, 1, 1]);
        assert_eq!(bar_cells([0, 0, 1, 0, 0, 0], 40), [0, 0, 40, 0, 0, 0]);
    }
}
