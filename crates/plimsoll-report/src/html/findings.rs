//! The findings as tables: one row for each vulnerability and package.

use std::io::{self, Write};

use plimsoll_core::{Finding, FindingClass, Report};

use crate::markup::Markup;
use crate::union::{Union, UnionFinding};
use crate::words::{self, Standing};

/// The findings that count, worst first.
pub(super) fn counted(report: &Report, union: &Union<'_>, out: &mut dyn Write) -> io::Result<()> {
    let counted = union.findings.iter().filter(|it| !is_apart(it)).collect::<Vec<_>>();
    if counted.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Findings</h2>")?;
    table(&counted, report, union, out)
}

/// The findings that are kept apart, with the reason.
pub(super) fn apart(report: &Report, union: &Union<'_>, out: &mut dyn Write) -> io::Result<()> {
    let apart = union.findings.iter().filter(|it| is_apart(it)).collect::<Vec<_>>();
    if apart.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>Kept apart</h2>\n<details><summary>do not count: {}</summary>", apart.len())?;
    table(&apart, report, union, out)?;
    writeln!(out, "</details>")
}

fn is_apart(found: &UnionFinding<'_>) -> bool {
    matches!(words::standing(found.finding), Standing::Apart(_))
}

fn table(
    findings: &[&UnionFinding<'_>],
    report: &Report,
    union: &Union<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<table>\n<thead><tr><th>Severity<th>Vulnerability<th>Package<th>What to do</tr></thead>\n<tbody>"
    )?;
    for found in findings {
        row(found, report, union, out)?;
    }
    writeln!(out, "</tbody>\n</table>")
}

fn row(found: &UnionFinding<'_>, report: &Report, union: &Union<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (finding, package) = (found.finding, union.package_of(found));
    let severity = finding.severity.severity;
    write!(out, "<tr><td class=\"severity {}\">{}<td>", severity.name(), words::capitalised(severity))?;
    identity(finding, out)?;
    write!(out, "<td>{}", Markup(&words::named(package.installed)))?;
    if !words::is_operating_system(package.installed) {
        write!(out, "<br><small>{}</small>", Markup(&words::path(&package.installed.origin.path)))?;
    }
    if let Some(linked) = finding.reachable.in_words() {
        write!(out, "<br><small>{linked}</small>")?;
    }
    if let Some(instruction) = package.layer.and_then(|it| it.info.instruction.as_deref()) {
        let base = package.layer.and_then(|it| it.info.from_base).unwrap_or_default();
        let whose = if base { "the base image: " } else { "" };
        write!(out, "<br><small>from {whose}{}</small>", Markup(&shortened(instruction)))?;
    }
    if found.images.len() < report.images.len() {
        let platforms = found.images.iter().filter_map(|it| report.images.get(*it)?.platform.as_ref());
        let platforms: Vec<String> = platforms.map(ToString::to_string).collect();
        write!(out, "<br><small>on {}</small>", Markup(&platforms.join(", ")))?;
    }
    write!(out, "<td>{}", Markup(&words::action(finding, package.installed)))?;
    match words::standing(finding) {
        Standing::Counted => (),
        Standing::InDoubt => {
            write!(out, "<br><small>not certain: {}</small>", Markup(&words::doubt(finding)))?
        }
        Standing::Apart(why) => write!(out, "<br><small>{}</small>", Markup(why))?,
    }
    writeln!(out, "</tr>")
}

fn identity(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let id = Markup(&finding.id);
    match words::primary_link(finding) {
        Some(link) => {
            write!(out, "<a href=\"{}\" rel=\"noopener noreferrer\">{id}</a>", Markup(&link))?;
        }
        None => write!(out, "{id}")?,
    }
    if finding.class == FindingClass::Malware {
        write!(out, " <span class=\"mark hides\">malware</span>")?;
    }
    if let Some(kev) = &finding.kev {
        let mark = if kev.ransomware { "exploited, ransomware" } else { "exploited" };
        write!(out, " <span class=\"mark hides\">{mark}</span>")?;
    }
    if let Some(epss) = &finding.epss {
        match epss.score_millionths {
            0..1_000 => write!(out, " <small>EPSS below 0.1%</small>")?,
            millionths => write!(out, " <small>EPSS {:.1}%</small>", f64::from(millionths) / 1e4)?,
        }
    }
    if let Some(summary) = &finding.summary {
        write!(out, "<br>{}", Markup(summary))?;
    }
    Ok(())
}

/// The beginning of an instruction, on one line.
fn shortened(instruction: &str) -> String {
    const CHARS_MAX: usize = 80;
    let mut short: String = instruction
        .split_whitespace()
        .take(40)
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
        .take(CHARS_MAX)
        .collect();
    if short.chars().count() == CHARS_MAX {
        short.push('\u{2026}');
    }
    short
}
