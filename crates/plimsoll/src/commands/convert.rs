//! `plimsoll convert`: a report, or a bill of materials, in another format. Judges nothing anew.

use plimsoll_engine::judge;
use plimsoll_report::read::report;

use super::{foreign, output};
use crate::cli::image::ConvertArgs;
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Reads and writes.
pub fn run(args: &ConvertArgs) -> Result<Status, Failure> {
    let format = output::format(&args.format)?;
    let bytes = foreign::read(&args.report)?;
    let name = args.report.display().to_string();
    let style = output::style(args.output.as_deref());
    let is_report = report::is_report(&bytes);
    let report = if is_report {
        report::read(&bytes).map_err(|error| Failure::misuse(format!("{name}: {error}")))?
    } else {
        judge::packages_only(foreign::sbom_of(&bytes, &name)?, surroundings::now())
    };
    if let Some(template) = &args.template {
        output::with_template(template, &report, &style, args.output.as_deref())?;
        return Ok(Status::Clean);
    }
    output::render(args.output.as_deref(), |out| match format.name() {
        "table" if !is_report => plimsoll_report::render_packages(&report, &style, out),
        _ => format.render(&report, &style, out),
    })?;
    Ok(Status::Clean)
}
