//! What to do next: the upgrades that clear findings, most urgent first, and the caller's advice.
//!
//! Which of several fixed versions is the newest is the ecosystem's business; where it cannot
//! say, all of them are named.

use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use plimsoll_core::{Ecosystem, Severity};

use super::page::{Look, NO_BREAK, Page, Span};
use super::{Shown, words};
use crate::Style;
use crate::union::{Union, UnionPackage};

/// How many other packages of the same source are named.
const OTHERS_NAMED: usize = 3;

/// Packages that are upgraded together: those of one source at one version, through one channel.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    kind: &'a str,
    source: &'a str,
    version: &'a str,
    channel: Option<&'a str>,
}

/// What upgrading them takes, and what it is good for.
#[derive(Default)]
struct Upgrade<'a> {
    packages: BTreeSet<&'a str>,
    places: BTreeSet<String>,
    installed: &'a str,
    fixed_versions: BTreeSet<&'a str>,
    vulnerabilities: BTreeMap<&'a str, Severity>,
}

impl Upgrade<'_> {
    fn counts(&self) -> [usize; 6] {
        Severity::ALL.map(|severity| self.vulnerabilities.values().filter(|it| **it == severity).count())
    }
}

/// Prints the upgrades and the caller's sentences; nothing where there are neither.
pub(super) fn print(page: &mut Page<'_>, union: &Union<'_>, style: &Style) -> io::Result<()> {
    let mut upgrades: Vec<_> = upgrades(union).into_iter().collect();
    if upgrades.is_empty() && style.next_steps.is_empty() {
        return Ok(());
    }
    upgrades.sort_by_cached_key(|(_, upgrade)| Reverse(upgrade.counts()));
    page.heading("What to do next")?;
    for (key, upgrade) in &upgrades {
        page.paragraph(0, &sentence(key, upgrade, style.ecosystems))?;
    }
    for step in &style.next_steps {
        page.paragraph(0, &[Span::new(Look::Plain, step)])?;
    }
    Ok(())
}

/// The same sentences for other formats, as plain text, most urgent first.
pub(crate) fn sentences(union: &Union<'_>, style: &Style) -> Vec<String> {
    let mut upgrades: Vec<_> = upgrades(union).into_iter().collect();
    upgrades.sort_by_cached_key(|(_, upgrade)| Reverse(upgrade.counts()));
    let plain = |(key, upgrade): &(Key<'_>, Upgrade<'_>)| {
        let spans = sentence(key, upgrade, style.ecosystems);
        let words: Vec<&str> = spans.iter().map(|span| span.text().trim()).collect();
        words.join(" ").replace(NO_BREAK, " ")
    };
    upgrades.iter().map(plain).collect()
}

fn upgrades<'a>(union: &Union<'a>) -> BTreeMap<Key<'a>, Upgrade<'a>> {
    let mut upgrades: BTreeMap<Key<'a>, Upgrade<'a>> = BTreeMap::new();
    for found in union.findings.iter().filter(|it| Shown::Counted.includes(it.finding)) {
        let Some(fixed) = &found.finding.fixed_version else { continue };
        let package = union.package_of(found);
        let installed = &package.installed.package;
        let upgrade = upgrades.entry(key(package, found.finding.fix_channel.as_deref())).or_default();
        upgrade.packages.insert(&installed.name);
        upgrade.places.extend(words::place(package.installed));
        upgrade.installed = &installed.version;
        upgrade.fixed_versions.insert(fixed);
        let severity = upgrade.vulnerabilities.entry(&found.finding.id).or_insert(Severity::Unknown);
        *severity = (*severity).max(found.finding.severity.severity);
    }
    upgrades
}

fn key<'a>(package: &UnionPackage<'a>, channel: Option<&'a str>) -> Key<'a> {
    let installed = &package.installed.package;
    let source = installed.source.as_ref();
    Key {
        kind: &installed.kind,
        source: source.map_or(&installed.name, |it| &it.name),
        version: source.and_then(|it| it.version.as_deref()).unwrap_or(&installed.version),
        channel,
    }
}

fn sentence(key: &Key<'_>, upgrade: &Upgrade<'_>, ecosystems: &[&dyn Ecosystem]) -> Vec<Span> {
    // The package called like its source is the one people know.
    let first = upgrade.packages.get(key.source).or(upgrade.packages.first()).copied().unwrap_or(key.source);
    let others: Vec<&str> = upgrade.packages.iter().copied().filter(|it| *it != first).collect();
    let mut spans = vec![
        Span::new(Look::Plain, "Upgrade"),
        Span::new(Look::Strong, first),
        Span::new(Look::Plain, upgrade.installed),
        Span::new(Look::Plain, "to"),
        target(key.kind, &upgrade.fixed_versions, ecosystems),
    ];
    if let Some(channel) = key.channel {
        spans.push(Span::new(Look::Caution, format!("(needs {channel})")));
    }
    if !others.is_empty() {
        spans.push(Span::new(Look::Plain, with_others(&others)));
    }
    spans.extend(upgrade.places.first().map(|it| Span::new(Look::Faint, it)));
    if upgrade.places.len() > 1 {
        let more = words::counted(upgrade.places.len() - 1, "other place");
        spans.push(Span::new(Look::Faint, format!("and {more}")));
    }
    let cleared = words::counted(upgrade.vulnerabilities.len(), "vulnerability");
    spans.push(Span::new(Look::Plain, format!("- clears {cleared}:")));
    spans.extend(words::severity_counts(upgrade.counts()));
    spans
}

fn with_others(others: &[&str]) -> String {
    let named = others.iter().take(OTHERS_NAMED).copied().collect::<Vec<_>>().join(", ");
    match others.len().saturating_sub(OTHERS_NAMED) {
        0 => format!("with {named}"),
        more => format!("with {named} and {more} more"),
    }
}

/// The newest of the versions, or all where nobody can say which that is.
fn target(kind: &str, versions: &BTreeSet<&str>, ecosystems: &[&dyn Ecosystem]) -> Span {
    let ecosystem = ecosystems.iter().find(|ecosystem| ecosystem.purl_type() == kind);
    match newest(versions, ecosystem.copied()) {
        Some(version) => Span::new(Look::Good, version),
        None => {
            let all = versions.iter().copied().collect::<Vec<_>>().join(", ");
            Span::new(Look::Good, format!("the newest of {all}"))
        }
    }
}

fn newest<'a>(versions: &BTreeSet<&'a str>, ecosystem: Option<&dyn Ecosystem>) -> Option<&'a str> {
    let mut rest = versions.iter().copied();
    let mut newest = rest.next()?;
    for version in rest {
        if ecosystem?.compare(newest, version).ok()? == Ordering::Less {
            newest = version;
        }
    }
    Some(newest)
}
