//! One page for people who have no terminal: whole in itself, printable, light and dark.
//!
//! It loads nothing and runs nothing: no script, no font, no picture but its own drawings, and
//! a policy that forbids the browser to fetch any. All text from images and feeds is escaped;
//! only plain web addresses become links. It says first whether it may be trusted, then how
//! bad it is, then what to do.

mod chart;
mod findings;
mod page;

use std::io::{self, Write};

use plimsoll_core::{Report, Severity, Summary};

use crate::markup::Markup;
use crate::table::upgrades;
use crate::union::{self, Union};
use crate::{Format, Style, words};

/// The most upgrades under "What to do first".
const UPGRADES_MAX: usize = 10;

/// The row of the page.
pub(crate) struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut out = io::BufWriter::new(out);
        write(report, style, &mut out)?;
        out.flush()
    }

    fn prints_next_steps(&self) -> bool {
        true
    }
}

fn write(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let union = Union::of(&report.images);
    let summary = union.summary(&report.summary());
    page::head(report, out)?;
    writeln!(out, "<h1>{}</h1>", Markup(&report.subject.name))?;
    page::facts(report, &union, out)?;
    banner(report, out)?;
    verdict(report, &summary, out)?;
    advice(&union, style, out)?;
    findings::counted(report, &union, out)?;
    findings::apart(report, &union, out)?;
    problems(report, out)?;
    page::packages(&union, out)?;
    page::foot(report, style, out)
}

/// Never to be overlooked, and printed too.
fn banner(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let Some(text) = words::incomplete(report) else { return Ok(()) };
    writeln!(
        out,
        "<p class=\"banner\" role=\"alert\"><strong>{}.</strong> An empty list is no all-clear. \
         <a href=\"#problems\">What could not be read</a></p>",
        Markup(&text)
    )
}

fn verdict(report: &Report, summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    if report.images.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>How bad is it?</h2>")?;
    if report.snapshot.is_none() {
        return writeln!(
            out,
            "<p>The packages were listed and compared with nothing: there was no vulnerability database.</p>"
        );
    }
    let total = summary.total();
    match (total, crate::is_complete(report)) {
        (0, true) => writeln!(out, "<p class=\"good\">No vulnerabilities were found.</p>"),
        (0, false) => writeln!(out, "<p>No vulnerabilities were found in what could be read.</p>"),
        _ => {
            let urgent: usize =
                severities(summary).filter(|(it, _)| *it >= Severity::High).map(|(_, count)| count).sum();
            writeln!(
                out,
                "<p><strong>{total}</strong> vulnerabilities in {} findings; <strong>{urgent}</strong> are \
                 critical or high; <strong>{}</strong> can be fixed now.</p>",
                summary.findings, summary.fixable
            )?;
            chart::by_severity(summary, out)
        }
    }
}

fn severities(summary: &Summary) -> impl Iterator<Item = (Severity, usize)> {
    Severity::ALL.into_iter().zip(summary.vulnerabilities)
}

fn advice(union: &Union<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let upgrades = upgrades::sentences(union, style);
    if upgrades.is_empty() && style.next_steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>What to do first</h2>\n<ol>")?;
    for sentence in upgrades.iter().take(UPGRADES_MAX) {
        // The sentences are escaped already, but for markup.
        writeln!(out, "<li>{}</li>", Markup(sentence))?;
    }
    writeln!(out, "</ol>")?;
    if let Some(more) = upgrades.len().checked_sub(UPGRADES_MAX).filter(|it| *it > 0) {
        writeln!(out, "<p class=\"faint\">and {more} more upgrades, which clear less</p>")?;
    }
    for step in &style.next_steps {
        writeln!(out, "<p><code>{}</code></p>", Markup(step))?;
    }
    Ok(())
}

fn problems(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let problems = union::problems(report);
    if problems.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2 id=\"problems\">What could not be read</h2>\n<ul>")?;
    for problem in problems {
        let class = if problem.hides_findings { "hides" } else { "faint" };
        let what = words::problem(problem);
        let effect = if problem.hides_findings { "may hide findings" } else { "hides nothing" };
        writeln!(out, "<li class=\"{class}\">{} <small>({effect})</small></li>", Markup(&what))?;
    }
    writeln!(out, "</ul>")
}

#[cfg(test)]
mod tests;
