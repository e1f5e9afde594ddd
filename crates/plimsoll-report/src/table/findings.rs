//! The findings, grouped by vulnerability, the worst first.

use std::collections::HashMap;
use std::io;

use plimsoll_core::{Finding, FindingClass, Report};

use super::grid::{self, Cell, Column, cell};
use super::page::{Look, Page, Span};
use super::{Shown, words};
use crate::union::{Union, UnionFinding, UnionPackage};

/// From here on the layer's instruction stands beside its number.
const WIDE: usize = 112;

/// From here on the exploit-prediction score has its own column.
const MIDDLE: usize = 90;

/// One vulnerability and its findings.
type Group<'u, 'a> = Vec<&'u UnionFinding<'a>>;

/// What the columns can show at this width, for these findings.
struct Columns {
    epss: bool,
    layer: LayerColumn,
    platforms: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LayerColumn {
    None,
    Number,
    Instruction,
}

/// Prints those findings that are asked for; nothing where there are none.
pub(super) fn print(page: &mut Page<'_>, report: &Report, union: &Union<'_>, shown: Shown) -> io::Result<()> {
    let groups = groups(union, shown);
    if groups.is_empty() {
        return Ok(());
    }
    page.heading(match shown {
        Shown::Counted => "Vulnerabilities",
        Shown::KernelHeaders => "Kernel headers (they do not run in a container, and are not counted)",
        Shown::Informational => "Informational (no vulnerabilities, and not counted)",
    })?;
    let columns = Columns::chosen(page.width(), report, union, &groups);
    let rows: Vec<Vec<Cell>> = groups.iter().flat_map(|group| rows(group, &columns, union, report)).collect();
    if !grid::print(page, 0, &columns.titles(), &rows)? {
        for group in &groups {
            stacked(page, group, union, report)?;
        }
    }
    Ok(())
}

/// By vulnerability, in the order of each one's worst finding.
fn groups<'u, 'a>(union: &'u Union<'a>, shown: Shown) -> Vec<Group<'u, 'a>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<Group<'u, 'a>> = Vec::new();
    for found in union.findings.iter().filter(|it| shown.includes(it.finding)) {
        let place = *places.entry(&found.finding.id).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(found),
            None => groups.push(vec![found]),
        }
    }
    groups
}

impl Columns {
    fn chosen(width: usize, report: &Report, union: &Union<'_>, groups: &[Group<'_, '_>]) -> Columns {
        let findings = || groups.iter().flatten();
        let layers = report.images.len() == 1 && findings().any(|it| union.package_of(it).layer.is_some());
        Columns {
            epss: width >= MIDDLE && findings().any(|it| it.finding.epss.is_some()),
            layer: match layers {
                false => LayerColumn::None,
                true if width >= WIDE => LayerColumn::Instruction,
                true => LayerColumn::Number,
            },
            platforms: report.images.len() > 1,
        }
    }

    fn titles(&self) -> Vec<Column> {
        let mut columns = vec![Column::new("VULNERABILITY", 16, 26), Column::new("SEVERITY", 10, 10)];
        if self.epss {
            columns.push(Column::new("EPSS", 5, 5));
        }
        columns.extend([Column::new("PACKAGE", 18, 60), Column::new("FIXED IN", 14, 48)]);
        match self.layer {
            LayerColumn::None => (),
            LayerColumn::Number => columns.push(Column::new("LAYER", 5, 5)),
            LayerColumn::Instruction => columns.push(Column::new("FROM LAYER", 16, 80).cut()),
        }
        if self.platforms {
            columns.push(Column::new("PLATFORMS", 13, 40));
        }
        columns
    }
}

/// A row for each package, with the id and the marks at their left.
fn rows(group: &Group<'_, '_>, columns: &Columns, union: &Union<'_>, report: &Report) -> Vec<Vec<Cell>> {
    let Some(first) = group.first() else {
        return Vec::new();
    };
    let mut left = vec![vec![Span::new(Look::Strong, &first.finding.id)]];
    left.extend(marks(first.finding, !columns.epss).into_iter().map(|mark| vec![mark]));
    let mut left = left.into_iter();
    let mut severity = None;
    let mut rows = Vec::with_capacity(group.len());
    for (index, found) in group.iter().enumerate() {
        let id = if index + 1 == group.len() {
            left.by_ref().collect()
        } else {
            left.next().into_iter().collect()
        };
        let package = union.package_of(found);
        let its_own = found.finding.severity.severity;
        let severity_cell = match severity.replace(its_own) == Some(its_own) {
            true => Vec::new(),
            false => cell(Look::Severity(its_own), words::upper(its_own)),
        };
        let mut row = vec![id, severity_cell];
        if columns.epss {
            let epss = first.finding.epss.as_ref().filter(|_| index == 0);
            row.push(epss.map(|it| cell(Look::Plain, words::epss(it))).unwrap_or_default());
        }
        row.extend([package_cell(package, found.finding), fix_cell(found.finding)]);
        if columns.layer != LayerColumn::None {
            row.push(layer_cell(package, columns.layer));
        }
        if columns.platforms {
            row.push(cell(Look::Faint, words::platforms(&found.images, &report.images)));
        }
        rows.push(row);
    }
    rows
}

/// What makes a vulnerability worse than its severity says.
fn marks(finding: &Finding, with_epss: bool) -> Vec<Span> {
    let mut marks = Vec::new();
    if finding.class == FindingClass::Malware {
        marks.push(Span::new(Look::Alarm, "malware"));
    }
    if let Some(kev) = &finding.kev {
        marks.push(Span::new(Look::Alarm, "exploited"));
        if kev.ransomware {
            marks.push(Span::new(Look::Alarm, "ransomware"));
        }
    }
    if let Some(epss) = finding.epss.as_ref().filter(|_| with_epss) {
        marks.push(Span::new(Look::Faint, format!("EPSS\u{a0}{}", words::epss(epss))));
    }
    marks
}

fn package_cell(package: &UnionPackage<'_>, finding: &Finding) -> Cell {
    let mut cell = vec![vec![
        Span::new(Look::Plain, &package.installed.package.name),
        Span::new(Look::Plain, &package.installed.package.version),
    ]];
    cell.extend(words::place(package.installed).map(|it| vec![Span::new(Look::Faint, it)]));
    cell.extend(words::linked(finding).map(|it| vec![it]));
    cell
}

fn fix_cell(finding: &Finding) -> Cell {
    let mut cell = vec![vec![words::fix(finding)]];
    cell.extend(
        finding
            .fix_seen
            .map(|day| vec![Span::new(Look::Faint, format!("available since {}", day.date_text()))]),
    );
    if !finding.why.certain {
        cell.push(vec![Span::new(Look::Caution, "possible: a version could not be read")]);
    }
    cell
}

fn layer_cell(package: &UnionPackage<'_>, column: LayerColumn) -> Cell {
    let Some(layer) = package.layer else {
        return Vec::new();
    };
    match layer.info.instruction.as_deref().filter(|_| column == LayerColumn::Instruction) {
        Some(instruction) => {
            vec![vec![Span::one_line(Look::Faint, &format!("{}: {instruction}", layer.index))]]
        }
        None => cell(Look::Faint, layer.index.to_string()),
    }
}

/// For terminals too narrow for columns.
fn stacked(page: &mut Page<'_>, group: &Group<'_, '_>, union: &Union<'_>, report: &Report) -> io::Result<()> {
    let Some(first) = group.first() else {
        return Ok(());
    };
    let severity = first.finding.severity.severity;
    let mut title = vec![
        Span::new(Look::Strong, &first.finding.id),
        Span::new(Look::Severity(severity), words::upper(severity)),
    ];
    title.extend(marks(first.finding, true));
    page.paragraph(0, &title)?;
    for found in group {
        let package = union.package_of(found);
        let installed = &package.installed.package;
        let mut spans =
            vec![Span::new(Look::Plain, &installed.name), Span::new(Look::Plain, &installed.version)];
        if found.finding.severity.severity != severity {
            let severity = found.finding.severity.severity;
            spans.push(Span::new(Look::Severity(severity), words::upper(severity)));
        }
        spans.extend(words::place(package.installed).map(|it| Span::new(Look::Faint, it)));
        spans.extend(words::linked(found.finding));
        page.paragraph(2, &spans)?;
        page.paragraph(4, &stacked_fix(found, package, report))?;
    }
    Ok(())
}

fn stacked_fix(found: &UnionFinding<'_>, package: &UnionPackage<'_>, report: &Report) -> Vec<Span> {
    let mut spans = Vec::new();
    if found.finding.fixed_version.is_some() {
        spans.push(Span::new(Look::Faint, "fixed in"));
    }
    spans.push(words::fix(found.finding));
    if let Some(layer) = package.layer.filter(|_| report.images.len() == 1) {
        spans.push(Span::new(Look::Faint, format!("[layer {}]", layer.index)));
    }
    if report.images.len() > 1 {
        spans.push(Span::new(Look::Faint, format!("[{}]", words::platforms(&found.images, &report.images))));
    }
    if !found.finding.why.certain {
        spans.push(Span::new(Look::Caution, "(possible: a version could not be read)"));
    }
    spans
}
