//! Findings that a VEX document or an ignore file speaks against: each with who and why.

use std::io;

use plimsoll_core::{Finding, Suppression, SuppressionKind};

use super::grid::{self, Cell, Column, cell};
use super::page::{Look, Page, Span};
use super::words;
use crate::union::{Union, UnionFinding};

/// Prints the suppressed findings; nothing where there are none.
pub(super) fn print(page: &mut Page<'_>, union: &Union<'_>) -> io::Result<()> {
    let suppressed: Vec<(&UnionFinding<'_>, &Suppression)> =
        union.findings.iter().filter_map(|it| Some((it, it.finding.suppressed.as_ref()?))).collect();
    if suppressed.is_empty() {
        return Ok(());
    }
    page.heading("Suppressed (they match, and somebody says that they do not count)")?;
    let columns = [
        Column::new("VULNERABILITY", 16, 26),
        Column::new("SEVERITY", 10, 10),
        Column::new("PACKAGE", 18, 60),
        Column::new("WHY IT DOES NOT COUNT", 20, 120),
    ];
    let row = |(found, why): &(&UnionFinding<'_>, &Suppression)| -> Vec<Cell> {
        let installed = &union.package_of(found).installed.package;
        vec![
            cell(Look::Plain, &found.finding.id),
            cell(Look::Faint, words::upper(found.finding.severity.severity)),
            vec![vec![Span::new(Look::Plain, &installed.name), Span::new(Look::Plain, &installed.version)]],
            vec![reason(why)],
        ]
    };
    let rows: Vec<Vec<Cell>> = suppressed.iter().map(row).collect();
    if !grid::print(page, 0, &columns, &rows)? {
        for (found, why) in &suppressed {
            stacked(page, found.finding, &union.package_of(found).installed.package, why)?;
        }
    }
    Ok(())
}

/// For terminals too narrow for columns.
fn stacked(
    page: &mut Page<'_>,
    finding: &Finding,
    package: &plimsoll_core::Package,
    why: &Suppression,
) -> io::Result<()> {
    let title = [
        Span::new(Look::Plain, &finding.id),
        Span::new(Look::Faint, words::upper(finding.severity.severity)),
        Span::new(Look::Plain, &package.name),
        Span::new(Look::Plain, &package.version),
    ];
    page.paragraph(0, &title)?;
    page.paragraph(2, &reason(why))
}

fn reason(why: &Suppression) -> Vec<Span> {
    let what = match (why.kind, &why.justification) {
        (SuppressionKind::Exception, _) => why.status.clone(),
        (SuppressionKind::Vex, None) => why.status.replace('_', " "),
        (SuppressionKind::Vex, Some(justification)) => {
            format!("{}: {}", why.status.replace('_', " "), justification.replace('_', " "))
        }
    };
    let mut spans = vec![Span::new(Look::Plain, what)];
    spans.extend(why.text.as_ref().map(|text| Span::one_line(Look::Plain, &format!("\"{text}\""))));
    spans.extend(why.until.map(|until| Span::new(Look::Faint, format!("until {}", until.date_text()))));
    let by = why.author.as_ref().map(|author| format!("{author}, ")).unwrap_or_default();
    spans.push(Span::new(Look::Faint, format!("({by}{})", why.source)));
    spans
}
