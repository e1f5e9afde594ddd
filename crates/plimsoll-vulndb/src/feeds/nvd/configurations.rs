//! Configurations of products (`configurations[].nodes[].cpeMatch[]`) as rows about programs.
//!
//! What surely holds in no container of Linux is left out: conditions and targets that are other
//! operating systems, and names without a version (`-`), which no version matches (NISTIR 7696,
//! table 6-2). All else stands, with a note where it holds only together with other products.

use std::borrow::Cow;
use std::collections::BTreeSet;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Status};
use serde::Deserialize;

use super::super::shared::{capped, note, version};
use super::cpe::Cpe;
use super::products::{PROGRAMS, Program, Style};
use crate::FeedOutput;

/// The realm of programs that no package manager owns: their purl type.
const REALM: &str = "generic";

/// Ranges of one program in one record; real ones have below 200.
const RANGES_MAX: usize = 4096;

/// Systems that no container of Linux runs. Windows has containers, but programs are known there
/// by names that Plimsoll's table of them lacks.
const OTHER_SYSTEMS: &[&str] = &[
    "windows",
    "macos",
    "mac_os",
    "mac_os_x",
    "iphone_os",
    "ipados",
    "tvos",
    "watchos",
    "ios",
    "android",
    "solaris",
    "sunos",
    "aix",
    "hp-ux",
    "freebsd",
    "netbsd",
    "openbsd",
    "openvms",
    "os/2",
    "z/os",
];
/// What is a plug-in of one of these under a program's name is not the program.
const OTHER_HOSTS: &[&str] = &["wordpress", "drupal", "joomla!", "joomla", "jenkins", "chrome", "typo3"];

/// One configuration.
#[derive(Deserialize)]
pub(super) struct Configuration<'a> {
    #[serde(borrow, default)]
    operator: Option<Cow<'a, str>>,
    #[serde(default)]
    negate: Option<bool>,
    #[serde(borrow, default)]
    nodes: Vec<Node<'a>>,
}

#[derive(Deserialize)]
struct Node<'a> {
    #[serde(default)]
    negate: Option<bool>,
    #[serde(borrow, default, rename = "cpeMatch")]
    matches: Vec<Match<'a>>,
}

#[derive(Deserialize)]
struct Match<'a> {
    #[serde(default = "yes")]
    vulnerable: bool,
    #[serde(borrow)]
    criteria: Cow<'a, str>,
    #[serde(borrow, default, rename = "versionStartIncluding")]
    start_including: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "versionStartExcluding")]
    start_excluding: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "versionEndIncluding")]
    end_including: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "versionEndExcluding")]
    end_excluding: Option<Cow<'a, str>>,
}

/// What does not say that it is no more than a platform is vulnerable.
fn yes() -> bool {
    true
}

/// The rows of one record for all programs of the table.
pub(super) fn rows(feed: &str, id: &str, list: &[Configuration<'_>], out: &mut FeedOutput) {
    let mut statements: Vec<Statement<'_>> = Vec::new();
    for (index, configuration) in list.iter().enumerate() {
        if configuration.negate == Some(true) || configuration.nodes.iter().any(|it| it.negate == Some(true))
        {
            out.quarantine_part(id, format!("configurations[{index}] is a negation, which nobody writes"));
            continue;
        }
        configuration.read(id, &mut statements, out);
    }
    if statements.is_empty() {
        return;
    }
    for program in PROGRAMS {
        let of = |names: &[(&str, &str)]| -> Vec<&Statement<'_>> {
            statements.iter().filter(|it| names.contains(&(it.cpe.vendor(), it.cpe.product()))).collect()
        };
        let mut own = of(program.names);
        if own.is_empty() {
            own = of(program.otherwise);
        }
        if let Some(row) = row(feed, id, program, &own, out) {
            out.advisories.push(row);
        }
    }
}

/// One vulnerable name with its bounds, and what must be there besides.
struct Statement<'c> {
    cpe: Cpe<'c>,
    introduced: Option<String>,
    end: Option<End>,
    condition: Option<String>,
}

impl Configuration<'_> {
    fn read<'c>(&'c self, id: &str, statements: &mut Vec<Statement<'c>>, out: &mut FeedOutput) {
        let mut nodes: Vec<Vec<Name<'c>>> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let mut names = Vec::new();
            for it in &node.matches {
                match Cpe::read(&it.criteria) {
                    Some(cpe) => names.push((it, cpe)),
                    None => out.quarantine_part(id, format!("`{}` is no CPE", capped(&it.criteria, 200))),
                }
            }
            nodes.push(names);
        }
        let is_and = self.operator.as_deref() == Some("AND");
        // Each node's condition once, so that many nodes of many names stay cheap.
        let conditions: Vec<Condition> = nodes.iter().map(|names| condition(names)).collect();
        for (at, names) in nodes.into_iter().enumerate() {
            let others = || conditions.iter().enumerate().filter(|(other, _)| is_and && *other != at);
            if others().any(|(_, it)| *it == Condition::Never) {
                continue;
            }
            let condition = others().find_map(|(_, it)| match it {
                Condition::With(name) => Some(name.clone()),
                Condition::Always | Condition::Never => None,
            });
            let wanted = names.into_iter().filter(|(it, cpe)| it.vulnerable && is_program(cpe));
            statements.extend(wanted.map(|(it, cpe)| Statement {
                introduced: it.start(),
                end: it.end(),
                condition: condition.clone(),
                cpe,
            }));
        }
    }
}

/// A name, and the bounds that stand beside it.
type Name<'c> = (&'c Match<'c>, Cpe<'c>);

/// What a node comes to as a condition of the others.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Always,
    Never,
    With(String),
}

fn condition(names: &[Name<'_>]) -> Condition {
    let is_other = |cpe: &Cpe<'_>| cpe.part() == "o" && is_other_system(cpe.product());
    let is_linux = |cpe: &Cpe<'_>| cpe.part() == "o" && cpe.product() == "linux_kernel";
    match names.first() {
        Some(_) if names.iter().any(|(_, cpe)| is_linux(cpe)) => Condition::Always,
        Some(_) => match names.iter().find(|(_, cpe)| !is_other(cpe)) {
            Some((_, cpe)) => {
                Condition::With(format!("{} {}", capped(cpe.vendor(), 64), capped(cpe.product(), 64)))
            }
            None => Condition::Never,
        },
        // A condition that could not be read may hold.
        None => Condition::Always,
    }
}

fn is_other_system(product: &str) -> bool {
    let is =
        |name: &str| product.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'));
    OTHER_SYSTEMS.iter().any(|name| is(name))
}

/// Whether a name may be that of a program of the table.
fn is_program(cpe: &Cpe<'_>) -> bool {
    let target = cpe.target_software();
    let is_named =
        |it: &Program| it.names.iter().chain(it.otherwise).any(|name| *name == (cpe.vendor(), cpe.product()));
    cpe.part() == "a"
        && cpe.version() != "-"
        && !is_other_system(target)
        && !OTHER_HOSTS.contains(&target)
        && PROGRAMS.iter().any(is_named)
}

impl Match<'_> {
    /// A range's start is inclusive: one that excludes its bound catches that one version more.
    fn start(&self) -> Option<String> {
        self.start_including.as_deref().or(self.start_excluding.as_deref()).map(str::to_owned)
    }

    fn end(&self) -> Option<End> {
        match (self.end_excluding.as_deref(), self.end_including.as_deref()) {
            (Some(bound), _) => Some(End::Fixed(bound.to_owned())),
            (None, Some(bound)) => Some(End::LastAffected(bound.to_owned())),
            (None, None) => None,
        }
    }
}

fn row(
    feed: &str,
    id: &str,
    program: &Program,
    own: &[&Statement<'_>],
    out: &mut FeedOutput,
) -> Option<Advisory> {
    if own.is_empty() {
        return None;
    }
    let (mut ranges, mut versions) = (BTreeSet::new(), BTreeSet::new());
    let mut status = None;
    for statement in own {
        match extent(statement, program.style) {
            Some(Extent::Range(range)) => drop(ranges.insert(range)),
            Some(Extent::Version(version)) => drop(versions.insert(version)),
            None => {
                // The name is right and its version is not: it may be any.
                out.quarantine_part(id, format!("{}: a version that cannot be one", program.package));
                status = Some(Status::UnderInvestigation);
            }
        }
    }
    let everything = Range { introduced: None, end: End::Open };
    if status.is_some() || ranges.contains(&everything) || ranges.len().max(versions.len()) > RANGES_MAX {
        ranges.clear();
        versions.clear();
    }
    let has_fix = ranges.iter().any(|it| matches!(it.end, End::Fixed(_)));
    let conditions: Option<BTreeSet<&str>> = own.iter().map(|it| it.condition.as_deref()).collect();
    let together = |all: BTreeSet<&str>| {
        let named: Vec<&str> = all.into_iter().take(4).collect();
        note(&format!("only together with {}", named.join(" or ")))
    };
    Some(Advisory {
        feed: feed.to_owned(),
        realm: Realm(REALM.to_owned()),
        package: program.package.to_owned(),
        name_kind: NameKind::Binary,
        channel: None,
        architectures: Vec::new(),
        module: None,
        vulnerability: id.to_owned(),
        advisory_ids: Vec::new(),
        ranges: ranges.into_iter().collect(),
        versions: versions.into_iter().collect(),
        status: status.unwrap_or(if has_fix { Status::Fixed } else { Status::Affected }),
        severity: None,
        note: conditions.and_then(together),
    })
}

/// What a statement says of versions.
#[derive(Debug, PartialEq, Eq)]
enum Extent {
    Range(Range),
    Version(String),
}

/// Bounds, else the name's own version with its update, else every version.
fn extent(statement: &Statement<'_>, style: Style) -> Option<Extent> {
    let bound = |text: &str| version(text).map(|it| spelled(it, style));
    let cpe = &statement.cpe;
    if cpe.version() != "*" {
        return exact(cpe, style);
    }
    let introduced = match statement.introduced.as_deref() {
        Some(text) => Some(bound(text)?),
        None => None,
    };
    let end = match &statement.end {
        Some(End::Fixed(text)) => End::Fixed(bound(text)?),
        Some(End::LastAffected(text)) => End::LastAffected(last(bound(text)?, style)),
        _ => End::Open,
    };
    Some(Extent::Range(Range { introduced, end }))
}

fn exact(cpe: &Cpe<'_>, style: Style) -> Option<Extent> {
    let update = Some(cpe.update()).filter(|it| !matches!(*it, "*" | "-")).unwrap_or_default();
    let joined = match style {
        Style::Java if !update.is_empty() => format!("{}-{update}", cpe.version()),
        _ => format!("{}{update}", cpe.version()),
    };
    let exact = spelled(version(&joined)?, style);
    if style == Style::Portable && update.is_empty() {
        let end = End::LastAffected(last(exact.clone(), style));
        return Some(Extent::Range(Range { introduced: Some(exact), end }));
    }
    Some(Extent::Version(exact))
}

/// The last release of which a bound that names no portable release speaks.
fn last(bound: String, style: Style) -> String {
    match style {
        Style::Portable if !bound.contains('p') => format!("{bound}p99"),
        _ => bound,
    }
}

/// A version of the dictionary as programs write it.
fn spelled(text: &str, style: Style) -> String {
    if style != Style::Java {
        return text.to_owned();
    }
    let text =
        text.replace("-update_", "_").replace("-update", "_").replace("update", "_").replace("-u", "_");
    let number = |digits: &str| digits.parse::<u8>().is_ok_and(|it| (5..=8).contains(&it));
    let (major, rest) = match text.find(['u', '_', '.']) {
        Some(at) => text.split_at(at),
        None => (text.as_str(), ""),
    };
    match rest.strip_prefix(['u', '_']) {
        _ if !number(major) => text,
        Some(update) => format!("1.{major}.0_{}", update.trim_start_matches('_')),
        None if rest.is_empty() || rest == ".0" => format!("1.{major}.0"),
        None => text,
    }
}

#[cfg(test)]
mod tests;
