//! `plimsoll explain`: why one vulnerability does or does not apply to one image.

use std::io::Write;

use plimsoll_core::{Escaped, Inventory, Severity, Vulnerability};
use plimsoll_engine::db::OpenSnapshot;
use plimsoll_engine::judge::{self, Answer, Explanation};
use plimsoll_engine::scan::ScannedImage;

use super::output::UntilClosed;
use super::source::{open_database, scan_image};
use crate::cli::Places;
use crate::cli::image::ExplainArgs;
use crate::outcome::{Failure, Status};

/// Prints what is known of the vulnerability and the answer for every package that it names.
pub fn run(args: &ExplainArgs, places: Places) -> Result<Status, Failure> {
    let open = open_database(&places, args.as_of).map_err(Failure::unanswered)?;
    let scan = scan_image(&args.image, &args.source, places.cache_dir)?;
    let mut out = UntilClosed(anstream::stdout().lock());
    let mut complete = scan.problems.iter().all(|problem| !problem.hides_findings) && !scan.images.is_empty();
    for (number, image) in scan.images.iter().enumerate() {
        if number == 0 {
            about(&mut out, &args.id, &open)?;
        }
        complete &= one_image(&mut out, &args.id, image, &open)?;
    }
    for problem in &scan.problems {
        writeln!(out, "problem: {problem}")?;
    }
    Ok(if complete { Status::Clean } else { Status::Incomplete })
}

fn about(out: &mut impl Write, id: &str, open: &OpenSnapshot) -> Result<(), Failure> {
    let damaged = |error| Failure::unanswered(format!("the vulnerability database is damaged: {error}"));
    let Some(known) = judge::vulnerability(id, &open.snapshot).map_err(damaged)? else {
        writeln!(
            out,
            "{}: the database (snapshot {}) has never heard of it",
            Escaped(id),
            open.info.sequence
        )?;
        return Ok(());
    };
    writeln!(out, "{}{}", Escaped(&known.id), also_known_as(&known))?;
    if let Some(text) = open.snapshot.text(id).map_err(damaged)? {
        if let Some(summary) = text.summary.or(text.details) {
            let line: String = summary.lines().next().unwrap_or_default().chars().take(300).collect();
            writeln!(out, "  {}", Escaped(&line))?;
        }
        for reference in text.references.iter().take(3) {
            writeln!(out, "  {}", Escaped(reference))?;
        }
    }
    if let Some(kind) = &known.informational {
        writeln!(out, "  informational ({}): no vulnerability, and never counted", Escaped(kind))?;
    }
    for rating in known.ratings.iter().filter(|rating| rating.severity != Severity::Unknown) {
        writeln!(out, "  severity {} says {}", rating.severity, Escaped(&rating.source))?;
    }
    for cvss in &known.cvss {
        writeln!(
            out,
            "  CVSS {} {:.1} {}",
            Escaped(&cvss.version),
            f64::from(cvss.score_tenths) / 10.0,
            Escaped(&cvss.vector)
        )?;
    }
    if let Some(epss) = &known.epss {
        writeln!(out, "  EPSS {:.2} % within 30 days", f64::from(epss.score_millionths) / 1e4)?;
    }
    if known.kev.is_some() {
        writeln!(out, "  known to be exploited (CISA KEV)")?;
    }
    Ok(())
}

fn also_known_as(known: &Vulnerability) -> String {
    if known.aliases.is_empty() {
        return String::new();
    }
    format!(" (also {})", Escaped(&known.aliases.join(", ")))
}

fn one_image(
    out: &mut impl Write,
    id: &str,
    image: &ScannedImage,
    open: &OpenSnapshot,
) -> Result<bool, Failure> {
    let mut inventory = image.inventory.clone();
    plimsoll_engine::unnamed::resolve(&mut inventory, &open.snapshot);
    plimsoll_engine::programs::settle(&mut inventory, Some(&open.snapshot));
    let inventory = &inventory;
    writeln!(out, "\n{}", heading(inventory))?;
    let explained = judge::explain(id, inventory, &open.snapshot);
    if explained.packages.is_empty() {
        writeln!(out, "  no advisory about it names a package of this image or its distribution's release")?;
    }
    for explanation in &explained.packages {
        writeln!(out, "  {:<18} {}", explanation.answer.name(), Escaped(&explanation.name))?;
        writeln!(out, "                     {}", Escaped(&explanation.why))?;
        if let Some(words) = linked(explanation) {
            writeln!(out, "                     {words}")?;
        }
        let installed = explanation.package.and_then(|package| inventory.packages.get(package.0));
        let layer = installed.and_then(|it| Some((it, inventory.layers.get(it.origin.layer?)?)));
        if let Some((installed, layer)) = layer {
            let instruction =
                layer.instruction.as_deref().unwrap_or("an instruction that the image does not tell");
            let instruction: String = instruction.chars().take(120).collect();
            writeln!(
                out,
                "                     from /{} in layer {}{} ({})",
                installed.origin.path,
                layer.diff_id.short(),
                if layer.from_base == Some(true) { " of the base image" } else { "" },
                Escaped(&instruction)
            )?;
        }
    }
    let problems: Vec<_> =
        inventory.problems.iter().chain(&explained.problems).filter(|it| it.hides_findings).collect();
    for problem in problems.iter().take(10) {
        writeln!(out, "  problem: {problem}")?;
    }
    Ok(problems.is_empty())
}

/// Where the package is affected, whether its vulnerable code is part of the program.
fn linked(explanation: &Explanation) -> Option<&'static str> {
    let is_affected = matches!(explanation.answer, Answer::Affected | Answer::PossiblyAffected);
    explanation.reachable.in_words().filter(|_| is_affected)
}

fn heading(inventory: &Inventory) -> String {
    let distro = inventory.distro.as_ref().map_or("no known distribution".to_owned(), |distro| {
        distro.pretty_name.clone().unwrap_or_else(|| format!("{} {}", distro.id, distro.version_id))
    });
    let platform = inventory.platform.as_ref().map_or(String::new(), |platform| format!("{platform}, "));
    format!("{platform}{}, {} packages", Escaped(&distro), inventory.packages.len())
}
