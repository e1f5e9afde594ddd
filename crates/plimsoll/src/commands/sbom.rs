//! `plimsoll sbom`: what is in an image, written down without judging it.

use plimsoll_engine::judge;

use super::output;
use super::scan::say_what_is_missing;
use super::source::scan_image;
use crate::cli::Places;
use crate::cli::image::SbomArgs;
use crate::outcome::{Failure, Status};
use crate::surroundings;

/// Scans and writes the packages.
pub fn run(args: &SbomArgs, places: Places) -> Result<Status, Failure> {
    let format = output::format(&args.format)?;
    let scan = scan_image(&args.image, &args.source, places.cache_dir)?;
    let report = judge::packages_only(scan, surroundings::now());
    let style = output::style(args.output.as_deref());
    let mut text = Vec::new();
    if format.name() == "table" {
        plimsoll_report::render_packages(&report, &style, &mut text)?;
    } else {
        format.render(&report, &style, &mut text)?;
    }
    output::write(&text, args.output.as_deref())?;
    if plimsoll_report::is_complete(&report) {
        return Ok(Status::Clean);
    }
    say_what_is_missing(&report, &mut anstream::stderr().lock());
    Ok(Status::Incomplete)
}
