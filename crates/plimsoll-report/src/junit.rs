//! JUnit's XML, for the test page of a build server: a suite for each image, a failure for
//! each finding.
//!
//! There is no official schema; this is what Jenkins and GitLab read. What could not be read
//! is an error of a case of its own, so that an incomplete scan is never green.

use std::io::{self, Write};

use plimsoll_core::{ImageReport, Problem, Report};

use crate::markup::Markup;
use crate::union::Union;
use crate::words::{self, Standing};
use crate::{Format, Style, union};

/// The row of JUnit.
pub(crate) struct JUnit;

impl Format for JUnit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn render(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut out = io::BufWriter::new(out);
        write(report, &mut out)?;
        out.flush()
    }
}

/// A suite before it is written: its counts stand in front.
struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    class: String,
    name: String,
    outcome: Outcome,
}

enum Outcome {
    Passed,
    Failed { kind: String, message: String, text: String },
    Error { kind: String, message: String },
    Skipped(String),
}

fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let suites = suites(report);
    let cases = || suites.iter().flat_map(|it| &it.cases);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"plimsoll\" {}>", counts(cases()))?;
    for suite in &suites {
        writeln!(
            out,
            "  <testsuite name=\"{}\" timestamp=\"{}\" {}>",
            Markup(&suite.name),
            report.created.to_string().trim_end_matches('Z'),
            counts(suite.cases.iter())
        )?;
        suite.cases.iter().try_for_each(|it| case(it, out))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn counts<'a>(cases: impl Iterator<Item = &'a Case>) -> String {
    let (mut tests, mut failures, mut errors, mut skipped) = (0, 0, 0, 0);
    for case in cases {
        tests += 1;
        match case.outcome {
            Outcome::Passed => (),
            Outcome::Failed { .. } => failures += 1,
            Outcome::Error { .. } => errors += 1,
            Outcome::Skipped(_) => skipped += 1,
        }
    }
    format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\"")
}

fn case(case: &Case, out: &mut dyn Write) -> io::Result<()> {
    write!(
        out,
        "    <testcase classname=\"{}\" name=\"{}\" time=\"0\"",
        Markup(&case.class),
        Markup(&case.name)
    )?;
    match &case.outcome {
        Outcome::Passed => return writeln!(out, "/>"),
        Outcome::Failed { kind, message, text } => {
            let (message, kind) = (Markup(message), Markup(kind));
            writeln!(out, ">\n      <failure type=\"{kind}\" message=\"{message}\">{text}</failure>")?;
        }
        Outcome::Error { kind, message } => {
            writeln!(out, ">\n      <error type=\"{}\" message=\"{}\"/>", Markup(kind), Markup(message))?;
        }
        Outcome::Skipped(why) => writeln!(out, ">\n      <skipped message=\"{}\"/>", Markup(why))?,
    }
    writeln!(out, "    </testcase>")
}

fn suites(report: &Report) -> Vec<Suite> {
    let mut scan = Suite { name: report.subject.name.clone(), cases: Vec::new() };
    scan.cases.push(Case {
        class: "plimsoll".to_owned(),
        name: "the scan is complete".to_owned(),
        outcome: match words::incomplete(report) {
            Some(message) => Outcome::Error { kind: "incomplete".to_owned(), message },
            None => Outcome::Passed,
        },
    });
    let hiding = union::problems(report).into_iter().filter(|it| it.hides_findings);
    scan.cases.extend(hiding.map(problem));
    let mut suites = vec![scan];
    suites.extend(report.images.iter().map(|image| suite(report, image)));
    suites
}

fn problem(problem: &Problem) -> Case {
    Case {
        class: "plimsoll.problem".to_owned(),
        name: words::problem(problem),
        outcome: Outcome::Error { kind: problem.kind.name().to_owned(), message: words::problem(problem) },
    }
}

fn suite(report: &Report, image: &ImageReport) -> Suite {
    let alone = std::slice::from_ref(image);
    let union = Union::of(alone);
    let mut cases: Vec<Case> = Vec::with_capacity(union.findings.len());
    for found in &union.findings {
        let (finding, installed) = (found.finding, union.package_of(found).installed);
        let severity = finding.severity.severity.name();
        let outcome = match words::standing(finding) {
            Standing::Apart(why) => Outcome::Skipped(why.to_owned()),
            Standing::Counted | Standing::InDoubt => {
                let mut lines = vec![format!("File: {}", words::path(&installed.origin.path))];
                lines.push(format!("Why: {}", finding.why.comparison));
                lines.extend(finding.summary.clone());
                lines.extend(words::primary_link(finding));
                let lines: Vec<String> = lines.iter().map(|it| Markup(it).to_string()).collect();
                Outcome::Failed {
                    kind: severity.to_owned(),
                    message: format!("{severity}: {}", words::action(finding, installed)),
                    text: lines.join("\n"),
                }
            }
        };
        let class = format!("{}.{}", installed.package.kind, installed.package.name);
        cases.push(Case { class, name: words::headline(finding, installed), outcome });
    }
    if cases.is_empty() {
        // A suite without a case is shown as a mistake of the build's.
        let name = format!("no findings in {} packages", image.packages.len());
        cases.push(Case { class: "plimsoll".to_owned(), name, outcome: Outcome::Passed });
    }
    let platform = image.platform.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
    Suite { name: format!("{}{platform}", report.subject.name), cases }
}

#[cfg(test)]
mod tests;
