//! `plimsoll convert`: a report, or a bill of materials, in another format. Judges nothing anew.

use plimsoll_engine::judge;
use plimsoll_report::read::report;

use super::{foreign, output};
use crate::cli::ConvertArgs;
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Reads and writes.
pub fn run(args: &ConvertArgs) -> Result<Status, Failure> {
    let format = output::format(&args.format)?;
    let bytes = foreign::read(&args.report)?;
    let name = args.report.display().to_string();
    let style = output::style(args.output.as_deref());
    let mut text = Vec::new();
    if report::is_report(&bytes) {
        let report = report::read(&bytes).map_err(|error| Failure::misuse(format!("{name}: {error}")))?;
        format.render(&report, &style, &mut text)?;
    } else {
        let report = judge::packages_only(foreign::sbom_of(&bytes, &name)?, surroundings::now());
        match format.name() {
            "table" => plimsoll_report::render_packages(&report, &style, &mut text)?,
            _ => format.render(&report, &style, &mut text)?,
        }
    }
    output::write(&text, args.output.as_deref())?;
    Ok(Status::Clean)
}
