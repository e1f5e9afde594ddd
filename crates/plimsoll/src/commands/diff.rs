//! `plimsoll diff`: what is new, gone and changed between two images or reports.

use std::io::Write;
use std::path::Path;

use plimsoll_core::{Escaped, Report};
use plimsoll_engine::db::OpenSnapshot;
use plimsoll_engine::judge::{self, Answers};
use plimsoll_engine::suppress::{Suppressors, suppress};
use plimsoll_report::diff::Diff;
use plimsoll_report::read::report;

use super::scan::{database, say_what_is_missing};
use super::source::scan_image;
use super::{foreign, output};
use crate::cli::{DiffArgs, Places};
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Compares both sides.
pub fn run(args: &DiffArgs, places: Places) -> Result<Status, Failure> {
    if !matches!(args.format.as_str(), "table" | "json") {
        return Err(Failure::misuse(format!("there is no format `{}` of diff", Escaped(&args.format)))
            .hint("known are table, json"));
    }
    let suppressors = foreign::suppressors(&args.suppress)?;
    let mut sides = Sides { args, places, suppressors, database: None };
    let (from, to) = (sides.side(&args.from)?, sides.side(&args.to)?);
    let diff = Diff::of(&from, &to);
    let mut text = Vec::new();
    match args.format.as_str() {
        "json" => diff.write_json(&mut text)?,
        _ => diff.write_table(&output::style(args.output.as_deref()), &mut text)?,
    }
    output::write(&text, args.output.as_deref())?;
    let mut err = anstream::stderr().lock();
    if let Some(level) = args.fail_on_new {
        let count = diff.new_at_least(level);
        if count > 0 {
            let findings = if count == 1 { "new finding is" } else { "new findings are" };
            let _ = writeln!(err, "plimsoll: {count} {findings} {level} or worse");
            return Ok(Status::Found);
        }
    }
    let incomplete = [&from, &to].into_iter().find(|it| !plimsoll_report::is_complete(it));
    match incomplete {
        None => Ok(Status::Clean),
        Some(report) => {
            say_what_is_missing(report, &mut err);
            Ok(Status::Incomplete)
        }
    }
}

/// What both sides are made with; the database is opened once, and only for what is scanned.
struct Sides<'a> {
    args: &'a DiffArgs,
    places: Places,
    suppressors: Suppressors,
    database: Option<Option<OpenSnapshot>>,
}

impl Sides<'_> {
    fn side(&mut self, text: &str) -> Result<Report, Failure> {
        let now = surroundings::now();
        let mut suppressors = self.suppressors.clone();
        let mut report = match report_file(text)? {
            Some(report) => report,
            None => {
                if self.database.is_none() {
                    self.database = Some(database(&self.places, self.args.as_of)?);
                }
                let scan = scan_image(text, &self.args.source, self.places.cache_dir.clone())?;
                suppressors = foreign::with_attached(&suppressors, &self.args.suppress, &scan);
                let open = self.database.as_ref().and_then(Option::as_ref);
                let answers = open.map(|open| Answers {
                    snapshot: &open.snapshot,
                    info: &open.info,
                    informational: false,
                    texts: true,
                });
                judge::judge(scan, answers.as_ref(), now)
            }
        };
        suppress(&mut report, &suppressors, now);
        Ok(report)
    }
}

/// The report in this file; `None` where it is something to scan.
fn report_file(text: &str) -> Result<Option<Report>, Failure> {
    let path = Path::new(text);
    if !path.is_file() || path.extension().is_none_or(|it| it != "json") {
        return Ok(None);
    }
    let bytes = foreign::read(path)?;
    if !report::is_report(&bytes) {
        return Err(Failure::misuse(format!("{} is no report of Plimsoll", Escaped(text)))
            .hint(format!("an SBOM is written sbom:{}", Escaped(text))));
    }
    report::read(&bytes).map(Some).map_err(|error| Failure::misuse(format!("{}: {error}", Escaped(text))))
}
