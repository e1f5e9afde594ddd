//! `plimsoll version`: the program's version and what its results depend on.

use std::io::Write;

use plimsoll_ecosystems as ecosystems;

use crate::cli::VersionArgs;
use crate::outcome::{Failure, Status};

/// Prints versions and digests.
pub fn run(args: &VersionArgs) -> Result<Status, Failure> {
    let matcher = plimsoll_engine::judge::matcher();
    let mut extractors: Vec<(&str, u32)> =
        ecosystems::extractors().map(|it| (it.id(), it.version())).collect();
    extractors.sort_unstable();
    let mut out = anstream::stdout().lock();
    if args.json {
        let list: Vec<String> =
            extractors.iter().map(|(id, version)| format!("    \"{id}\": {version}")).collect();
        writeln!(
            out,
            "{{\n  \"version\": \"{}\",\n  \"matcher\": \"{matcher}\",\n  \"extractors\": {{\n{}\n  }}\n}}",
            env!("CARGO_PKG_VERSION"),
            list.join(",\n")
        )?;
        return Ok(Status::Clean);
    }
    writeln!(out, "plimsoll {}", env!("CARGO_PKG_VERSION"))?;
    writeln!(out, "matcher  {matcher}")?;
    for (id, version) in extractors {
        writeln!(out, "extractor {id} {version}")?;
    }
    Ok(Status::Clean)
}
