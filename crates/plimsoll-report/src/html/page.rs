//! The page around the findings: its head and look, what was scanned, the packages, the foot.

use std::collections::BTreeMap;
use std::io::{self, Write};

use plimsoll_core::{Report, Support, Timestamp};

use crate::Style;
use crate::markup::Markup;
use crate::union::Union;
use crate::words;

const LOOK: &str = include_str!("look.css");

/// Everything up to the heading.
pub(super) fn head(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"color-scheme\" content=\"light dark\">")?;
    writeln!(out, "<meta name=\"referrer\" content=\"no-referrer\">")?;
    writeln!(out, "<title>{} - vulnerabilities</title>", Markup(&report.subject.name))?;
    writeln!(out, "<style>\n{LOOK}</style>\n</head>\n<body>")
}

/// What was scanned, when, and with what knowledge.
pub(super) fn facts(report: &Report, union: &Union<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dl>")?;
    if let Some(digest) = report.subject.digest {
        fact(out, "Digest", &digest.to_string())?;
    }
    for image in &report.images {
        let platform = image.platform.as_ref().map(ToString::to_string).unwrap_or_default();
        let distro = match &image.distro {
            Some(distro) => {
                let name = distro.pretty_name.clone();
                name.unwrap_or_else(|| format!("{} {}", distro.id, distro.version_id))
            }
            None => "no distribution".to_owned(),
        };
        let support = support(image.support, image.support_ends);
        fact(out, "Image", [platform, distro, support].join(", ").trim_start_matches(", "))?;
    }
    fact(out, "Packages", &union.packages.len().to_string())?;
    fact(out, "Scanned", &report.created.to_string())?;
    match &report.snapshot {
        Some(snapshot) => fact(out, "Database", &format!("of {}", snapshot.built))?,
        None => fact(out, "Database", "none")?,
    }
    writeln!(out, "</dl>")
}

fn fact(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "<dt>{name}</dt><dd>{}</dd>", Markup(value))
}

fn support(support: Support, ends: Option<Timestamp>) -> String {
    let date = ends.map(Timestamp::date_text);
    let dated = |words: &str, joint: &str| match &date {
        Some(date) => format!("{words} {joint} {date}"),
        None => words.to_owned(),
    };
    match support {
        Support::Supported => dated("supported", "until"),
        Support::ExtendedOnly => format!("{}, extended updates only", dated("ordinary support ended", "on")),
        Support::Ended => dated("END OF LIFE: no updates come any more", "since"),
        Support::Unknown => "support not known".to_owned(),
    }
}

/// All packages, folded away; open in print they would fill the ream.
pub(super) fn packages(union: &Union<'_>, out: &mut dyn Write) -> io::Result<()> {
    if union.packages.is_empty() {
        return Ok(());
    }
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for it in &union.packages {
        *kinds.entry(&it.installed.package.kind).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    writeln!(out, "<h2>Packages</h2>\n<details><summary>{}</summary>", Markup(&kinds.join(", ")))?;
    writeln!(out, "<table>\n<tr><th>Package<th>Version<th>Type<th>Licence<th>Found in</tr>")?;
    for it in &union.packages {
        let package = &it.installed.package;
        writeln!(
            out,
            "<tr><td>{}<td>{}<td>{}<td>{}<td>{}</tr>",
            Markup(&package.name),
            Markup(&package.version),
            Markup(&package.kind),
            Markup(package.license.as_deref().unwrap_or_default()),
            Markup(&words::path(&it.installed.origin.path))
        )?;
    }
    writeln!(out, "</table>\n</details>")
}

/// Everything after the last section.
pub(super) fn foot(report: &Report, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let version = Markup(&style.tool_version);
    writeln!(out, "<footer>Plimsoll {version}, {}</footer>\n</body>\n</html>", report.created)
}
