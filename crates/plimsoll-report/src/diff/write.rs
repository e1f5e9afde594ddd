//! The difference as text for people, and as JSON.

use std::io::{self, Write};

use plimsoll_core::{Escaped, Report};
use serde::Serialize;

use super::{Diff, Differing, Found, Versions};
use crate::{Style, is_complete};

/// How many entries of a list are shown to people; the JSON has all.
const SHOWN_MAX: usize = 200;

impl Diff<'_> {
    /// Writes the difference for people.
    pub fn write_table(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let look = Look { color: style.color };
        writeln!(out, "From  {}", side(self.from))?;
        writeln!(out, "To    {}", side(self.to))?;
        if self.snapshots_differ() {
            writeln!(
                out,
                "{}",
                look.faint("The two were judged by different databases, which explains some of it.")
            )?;
        }
        writeln!(
            out,
            "\n{} new, {} gone, {} changed, {} unchanged findings; {} packages added, {} removed, {} of another version",
            self.new.len(),
            self.fixed.len(),
            self.differing.len(),
            self.unchanged,
            self.added.len(),
            self.removed.len(),
            self.changed.len()
        )?;
        list(out, "New findings", &self.new, |it| format!("+ {}", finding(it)))?;
        list(out, "Gone findings", &self.fixed, |it| format!("- {}", finding(it)))?;
        list(out, "Changed findings", &self.differing, differing)?;
        list(out, "Added packages", &self.added, |it| format!("+ {}", package(it)))?;
        list(out, "Removed packages", &self.removed, |it| format!("- {}", package(it)))?;
        list(out, "Packages of another version", &self.changed, |(from, to)| {
            format!("~ {} {} -> {}", Escaped(from.name), versions(from), versions(to))
        })
    }

    /// Writes the difference for programs: `docs/diff.md` describes it. Pure ASCII.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let document = Document {
            schema_version: "1",
            from: Side::of(self.from),
            to: Side::of(self.to),
            same_database: !self.snapshots_differ(),
            findings: Findings {
                new: self.new.iter().map(Entry::of).collect(),
                gone: self.fixed.iter().map(Entry::of).collect(),
                changed: self.differing.iter().map(Changed::of).collect(),
                unchanged: self.unchanged,
            },
            packages: Packages {
                added: self.added.iter().map(Named::of).collect(),
                removed: self.removed.iter().map(Named::of).collect(),
                changed: self
                    .changed
                    .iter()
                    .map(|(from, to)| Moved {
                        kind: from.kind,
                        name: from.name,
                        from: from.versions.iter().copied().collect(),
                        to: to.versions.iter().copied().collect(),
                    })
                    .collect(),
            },
        };
        let formatter = crate::json::ascii_formatter();
        document.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, formatter))?;
        out.write_all(b"\n")
    }

    fn snapshots_differ(&self) -> bool {
        let digest = |report: &Report| report.snapshot.as_ref().map(|it| it.digest);
        digest(self.from) != digest(self.to)
    }
}

struct Look {
    color: bool,
}

impl Look {
    fn faint(&self, text: &str) -> String {
        let style = anstyle::Style::new().dimmed();
        if self.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn side(report: &Report) -> String {
    let mark = if is_complete(report) { "" } else { "  NOT COMPLETE" };
    format!("{}{mark}", Escaped(&report.subject.name))
}

fn list<T>(out: &mut dyn Write, title: &str, items: &[T], line: impl Fn(&T) -> String) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}")?;
    for item in items.iter().take(SHOWN_MAX) {
        writeln!(out, "  {}", line(item))?;
    }
    match items.len().saturating_sub(SHOWN_MAX) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more; the JSON has all"),
    }
}

fn finding(it: &Found<'_>) -> String {
    let package = &it.installed.package;
    let fix =
        it.finding.fixed_version.as_ref().map(|it| format!(", fixed in {}", Escaped(it))).unwrap_or_default();
    let suppressed = if it.finding.suppressed.is_some() { " (suppressed)" } else { "" };
    format!(
        "{} {} in {} {}{fix}{suppressed}",
        it.finding.severity.severity.name().to_uppercase(),
        Escaped(&it.finding.id),
        Escaped(&package.name),
        Escaped(&package.version)
    )
}

fn differing(it: &Differing<'_>) -> String {
    format!(
        "~ {} in {}: {}",
        Escaped(&it.to.finding.id),
        Escaped(&it.to.installed.package.name),
        Escaped(&it.what.join("; "))
    )
}

fn package(it: &Versions<'_>) -> String {
    format!("{} {}", Escaped(it.name), versions(it))
}

fn versions(it: &Versions<'_>) -> String {
    let all: Vec<String> = it.versions.iter().map(|version| Escaped(version).to_string()).collect();
    all.join(", ")
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    from: Side<'a>,
    to: Side<'a>,
    same_database: bool,
    findings: Findings<'a>,
    packages: Packages<'a>,
}

#[derive(Serialize)]
struct Side<'a> {
    name: &'a str,
    kind: &'static str,
    complete: bool,
}

#[derive(Serialize)]
struct Findings<'a> {
    new: Vec<Entry<'a>>,
    gone: Vec<Entry<'a>>,
    changed: Vec<Changed<'a>>,
    unchanged: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    aliases: &'a [String],
    severity: &'static str,
    status: &'static str,
    fixed_version: Option<&'a str>,
    suppressed: bool,
    purl: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    version: &'a str,
}

#[derive(Serialize)]
struct Changed<'a> {
    what: &'a [String],
    from: Entry<'a>,
    to: Entry<'a>,
}

#[derive(Serialize)]
struct Packages<'a> {
    added: Vec<Named<'a>>,
    removed: Vec<Named<'a>>,
    changed: Vec<Moved<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    versions: Vec<&'a str>,
}

#[derive(Serialize)]
struct Moved<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    name: &'a str,
    from: Vec<&'a str>,
    to: Vec<&'a str>,
}

impl<'a> Side<'a> {
    fn of(report: &'a Report) -> Side<'a> {
        Side { name: &report.subject.name, kind: report.subject.kind.name(), complete: is_complete(report) }
    }
}

impl<'a> Entry<'a> {
    fn of(it: &Found<'a>) -> Entry<'a> {
        let package = &it.installed.package;
        Entry {
            id: &it.finding.id,
            aliases: &it.finding.aliases,
            severity: it.finding.severity.severity.name(),
            status: it.finding.status.name(),
            fixed_version: it.finding.fixed_version.as_deref(),
            suppressed: it.finding.suppressed.is_some(),
            purl: &it.installed.purl,
            kind: &package.kind,
            name: &package.name,
            version: &package.version,
        }
    }
}

impl<'a> Changed<'a> {
    fn of(it: &'a Differing<'a>) -> Changed<'a> {
        Changed { what: &it.what, from: Entry::of(&it.from), to: Entry::of(&it.to) }
    }
}

impl<'a> Named<'a> {
    fn of(it: &'a Versions<'a>) -> Named<'a> {
        Named { kind: it.kind, name: it.name, versions: it.versions.iter().copied().collect() }
    }
}
