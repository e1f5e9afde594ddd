//! The report for people, in as many columns as there are.
//!
//! Says first how bad it is, then what, then what to do, then what could not be read. Text
//! from the image is escaped and cut; the JSON report has all of it. Nothing here can read as
//! an all-clear where something is known to be missing.

mod findings;
mod grid;
mod header;
mod layers;
mod packages;
mod page;
mod platforms;
mod problems;
mod summary;
mod suppressed;
pub(crate) mod upgrades;
mod words;

use std::io::{self, Write as _};

use plimsoll_core::{Finding, FindingClass, Report, SubjectKind};

use crate::union::Union;
use crate::{Format, Style};
use page::{Look, Page, Span};

/// The row of the table for people.
pub(crate) struct Table;

impl Format for Table {
    fn name(&self) -> &'static str {
        "table"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
        let mut out = io::BufWriter::new(out);
        print(report, style, &mut out)?;
        out.flush()
    }

    fn prints_texts(&self) -> bool {
        false
    }

    fn prints_next_steps(&self) -> bool {
        true
    }
}

fn print(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut page = Page::new(out, style);
    header::subject(&mut page, report)?;
    if report.subject.kind == SubjectKind::NotSupported {
        return not_supported(&mut page, report);
    }
    let union = Union::of(&report.images);
    header::details(&mut page, report, &union)?;
    let summary = union.summary(&report.summary());
    summary::print(&mut page, report, &union, &summary)?;
    platforms::print(&mut page, report)?;
    findings::print(&mut page, report, &union, Shown::Counted)?;
    if style.show_kernel_headers {
        findings::print(&mut page, report, &union, Shown::KernelHeaders)?;
    }
    findings::print(&mut page, report, &union, Shown::Informational)?;
    suppressed::print(&mut page, &union)?;
    layers::print(&mut page, report, &union, style.show_kernel_headers)?;
    upgrades::print(&mut page, &union, style)?;
    summary::kernel_headers(&mut page, &summary, style.show_kernel_headers)?;
    problems::print(&mut page, report)
}

/// Which findings a table is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// Those that count.
    Counted,
    /// Those in kernel headers, which are kept apart.
    KernelHeaders,
    /// Those that are about no vulnerability, kept apart; in a report only where they were asked for.
    Informational,
}

impl Shown {
    fn includes(self, finding: &Finding) -> bool {
        let shown_with = match finding.class {
            FindingClass::Vulnerability | FindingClass::Malware => Shown::Counted,
            FindingClass::KernelHeaders => Shown::KernelHeaders,
            FindingClass::Informational => Shown::Informational,
        };
        finding.suppressed.is_none() && self == shown_with
    }
}

/// The packages of a report as a table, for people who asked for them.
pub fn render_packages(report: &Report, style: &Style, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    packages::print(&mut Page::new(&mut out, style), report, &Union::of(&report.images))?;
    out.flush()
}

fn not_supported(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    page.blank()?;
    let what = "Not supported: this is no image that Plimsoll can read. Nothing was scanned, so nothing \
                can be said about vulnerabilities.";
    page.paragraph(0, &[Span::new(Look::Alarm, what)])?;
    problems::print(page, report)
}

#[cfg(test)]
mod tests;
