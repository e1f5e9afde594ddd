//! What could not be read: first what may hide findings, then the rest.

use std::collections::BTreeMap;
use std::io;

use plimsoll_core::{Problem, ProblemKind, Report};

use super::page::{Look, Page, Span};
use super::words;
use crate::union;

/// How many of one kind are listed; the JSON report has all.
const SHOWN_OF_A_KIND: usize = 5;

/// How many problems may hide findings.
pub(super) fn hiding(report: &Report) -> usize {
    union::problems(report).into_iter().filter(|it| it.hides_findings).count()
}

/// Prints all problems, each kind up to a number; nothing where there are none.
pub(super) fn print(page: &mut Page<'_>, report: &Report) -> io::Result<()> {
    let problems = union::problems(report);
    let (hiding, harmless): (Vec<_>, Vec<_>) = problems.into_iter().partition(|it| it.hides_findings);
    if !hiding.is_empty() {
        page.blank()?;
        let title =
            format!("Not complete: {} that may hide findings", words::counted(hiding.len(), "problem"));
        page.paragraph(0, &[Span::new(Look::Alarm, title)])?;
        list(page, &hiding)?;
    }
    if !harmless.is_empty() {
        page.heading(&format!("{} that hide nothing", words::counted(harmless.len(), "oddity")))?;
        list(page, &harmless)?;
    }
    Ok(())
}

fn list(page: &mut Page<'_>, problems: &[&Problem]) -> io::Result<()> {
    let mut kinds: BTreeMap<ProblemKind, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        kinds.entry(problem.kind).or_default().push(problem);
    }
    for (kind, problems) in kinds {
        for problem in problems.iter().take(SHOWN_OF_A_KIND) {
            page.paragraph(2, &sentence(problem))?;
        }
        let more = problems.len().saturating_sub(SHOWN_OF_A_KIND);
        if more > 0 {
            let text = format!("and {more} more of the kind \"{}\"; the JSON report has all", kind.name());
            page.paragraph(2, &[Span::new(Look::Faint, text)])?;
        }
    }
    Ok(())
}

/// What, and where; each cut on its own, so that a long text cannot hide the place.
fn sentence(problem: &Problem) -> Vec<Span> {
    let kind = format!("{}:", problem.kind.name().replace('_', " "));
    let mut spans = vec![Span::new(Look::Caution, kind), Span::new(Look::Plain, &problem.what)];
    if let Some(path) = &problem.path {
        spans.push(Span::new(Look::Faint, format!("(/{path})")));
    }
    if let Some(layer) = &problem.layer {
        spans.push(Span::new(Look::Faint, format!("in layer {}", layer.short())));
    }
    spans
}
