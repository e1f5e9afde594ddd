//! CSV for spreadsheets: a row for each finding (RFC 4180).
//!
//! A spreadsheet runs a cell that begins like a formula, and names of packages come from
//! images: such cells get an apostrophe in front. A row of problems ends the
//! file where something is missing, because a table has no other place to say so.

use std::io::{self, Write};

use plimsoll_core::{Escaped, Report};

use crate::union::{self, Union, UnionFinding};
use crate::words::{self, Standing};
use crate::{Format, Style};

/// The row of CSV.
pub(crate) struct Csv;

/// The first line.
const COLUMNS: [&str; 22] = [
    "image",
    "digest",
    "platforms",
    "id",
    "aliases",
    "severity",
    "severity_source",
    "cvss_score",
    "epss",
    "exploited",
    "class",
    "package",
    "version",
    "type",
    "path",
    "layer",
    "status",
    "fixed_version",
    "counts",
    "summary",
    "purl",
    "link",
];

impl Format for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn render(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut out = io::BufWriter::new(out);
        row(&mut out, COLUMNS)?;
        let union = Union::of(&report.images);
        for found in &union.findings {
            row(&mut out, cells(found, &union, report).iter().map(String::as_str))?;
        }
        for text in missing(report) {
            let mut cells = vec![String::new(); COLUMNS.len()];
            cells[0].clone_from(&report.subject.name);
            cells[3] = "NOT COMPLETE".to_owned();
            cells[10] = "problem".to_owned();
            cells[19] = text;
            row(&mut out, cells.iter().map(String::as_str))?;
        }
        out.flush()
    }
}

fn missing(report: &Report) -> Vec<String> {
    let whole = words::incomplete(report);
    let hiding = union::problems(report).into_iter().filter(|it| it.hides_findings);
    whole.into_iter().chain(hiding.map(words::problem)).collect()
}

fn cells(found: &UnionFinding<'_>, union: &Union<'_>, report: &Report) -> Vec<String> {
    let (finding, package) = (found.finding, union.package_of(found));
    let installed = &package.installed.package;
    let platforms = found.images.iter().filter_map(|index| report.images.get(*index)?.platform.as_ref());
    let platforms: Vec<String> = platforms.map(ToString::to_string).collect();
    let score = finding.cvss.iter().map(|it| it.score_tenths).max();
    let owned = |text: &str| text.to_owned();
    vec![
        owned(&report.subject.name),
        report.subject.digest.map(|it| it.to_string()).unwrap_or_default(),
        platforms.join(" "),
        owned(&finding.id),
        finding.aliases.join(" "),
        owned(finding.severity.severity.name()),
        owned(&finding.severity.source),
        score.map(|tenths| format!("{}.{}", tenths / 10, tenths % 10)).unwrap_or_default(),
        finding
            .epss
            .as_ref()
            .map(|it| (f64::from(it.score_millionths) / 1e6).to_string())
            .unwrap_or_default(),
        owned(if finding.kev.is_some() { "yes" } else { "" }),
        owned(finding.class.name()),
        owned(&installed.name),
        owned(&installed.version),
        owned(&installed.kind),
        words::path(&package.installed.origin.path),
        package.layer.map(|it| it.info.diff_id.to_string()).unwrap_or_default(),
        owned(finding.status.name()),
        finding.fixed_version.clone().unwrap_or_default(),
        owned(match words::standing(finding) {
            Standing::Counted => "yes",
            Standing::InDoubt => "in doubt",
            Standing::Apart(_) => "no",
        }),
        finding.summary.clone().unwrap_or_default(),
        package.purl.to_string(),
        words::primary_link(finding).unwrap_or_default(),
    ]
}

fn row<'a>(out: &mut dyn Write, cells: impl IntoIterator<Item = &'a str>) -> io::Result<()> {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            out.write_all(b",")?;
        }
        out.write_all(safe(cell).as_bytes())?;
    }
    out.write_all(b"\r\n")
}

/// A cell that no spreadsheet runs, quoted where it must be.
fn safe(cell: &str) -> String {
    let dangerous =
        cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '|', '%']);
    let cell = Escaped(cell).to_string();
    let cell = if dangerous { format!("'{cell}") } else { cell };
    match cell.contains(['"', ',', ';', '\'']) || cell.starts_with(' ') {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
mod tests;
