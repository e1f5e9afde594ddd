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
    let mut statements: Vec<Statement> = Vec::new();
    for (index, configuration) in list.iter().enumerate() {
        if configuration.negate == Some(true) || configuration.nodes.iter().any(|it| it.negate == Some(true))
        {
            out.quarantine_part(id, format!("configurations[{index}] is a negation, which nobody writes"));
            continue;
        }
        configuration.read(id, &mut statements, out);
    }
    for program in PROGRAMS {
        let of = |names: &[(&str, &str)]| -> Vec<&Statement> {
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
struct Statement {
    cpe: Cpe,
    introduced: Option<String>,
    end: Option<End>,
    condition: Option<String>,
}

impl Configuration<'_> {
    fn read(&self, id: &str, statements: &mut Vec<Statement>, out: &mut FeedOutput) {
        let mut nodes: Vec<Vec<(&Match<'_>, Cpe)>> = Vec::with_capacity(self.nodes.len());
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

/// What a node comes to as a condition of the others.
#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Always,
    Never,
    With(String),
}

fn condition(names: &[(&Match<'_>, Cpe)]) -> Condition {
    let is_other = |cpe: &Cpe| cpe.part() == "o" && is_other_system(cpe.product());
    let is_linux = |cpe: &Cpe| cpe.part() == "o" && cpe.product() == "linux_kernel";
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
fn is_program(cpe: &Cpe) -> bool {
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
    own: &[&Statement],
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
fn extent(statement: &Statement, style: Style) -> Option<Extent> {
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

fn exact(cpe: &Cpe, style: Style) -> Option<Extent> {
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
mod tests {
    use super::*;

    /// The rows of one record's configurations, as `package status ranges versions | note`.
    #[track_caller]
    fn check(configurations: &str, expected: &[&str]) {
        let list: Vec<Configuration<'_>> = serde_json::from_str(configurations).unwrap();
        let mut out = FeedOutput::default();
        rows("nvd", "CVE-2024-0001", &list, &mut out);
        let shown: Vec<String> = out.advisories.iter().map(show).collect();
        assert_eq!(shown, expected);
    }

    fn show(row: &Advisory) -> String {
        let mut text = format!("{} {}", row.package, row.status.name());
        for range in &row.ranges {
            let start = range.introduced.as_deref().unwrap_or("0");
            text += &match &range.end {
                End::Fixed(end) => format!(" [{start},{end})"),
                End::LastAffected(end) => format!(" [{start},{end}]"),
                End::Limit(end) => format!(" [{start},{end}|"),
                End::Open => format!(" [{start},"),
            };
        }
        for version in &row.versions {
            text += &format!(" ={version}");
        }
        if let Some(note) = &row.note {
            text += &format!(" | {note}");
        }
        text
    }

    fn one(criteria: &str, bounds: &str) -> String {
        format!(
            r#"[{{"nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:{criteria}"{bounds}}}]}}]}}]"#
        )
    }

    #[test]
    fn bounds_are_what_they_say() {
        let nginx = "a:f5:nginx:*:*:*:*:*:*:*:*";
        check(&one(nginx, r#","versionEndExcluding":"1.2.3""#), &["nginx fixed [0,1.2.3)"]);
        check(
            &one(nginx, r#","versionStartIncluding":"1.0","versionEndIncluding":"1.2""#),
            &["nginx affected [1.0,1.2]"],
        );
        check(&one(nginx, r#","versionStartExcluding":"1.0""#), &["nginx affected [1.0,"]);
        check(&one(nginx, ""), &["nginx affected"]);
        check(&one("a:nginx:nginx:1.20.0:*:*:*:*:*:*:*", ""), &["nginx affected =1.20.0"]);
    }

    #[test]
    fn a_version_and_its_update_are_one_version() {
        check(&one("a:openssl:openssl:1.1.1:k:*:*:*:*:*:*", ""), &["openssl affected =1.1.1k"]);
        check(&one("a:python:python:3.11.0:alpha1:*:*:*:*:*:*", ""), &["python affected =3.11.0alpha1"]);
        check(&one("a:python:python:3.11.0:-:*:*:*:*:*:*", ""), &["python affected =3.11.0"]);
        check(&one("a:openbsd:openssh:9.3:p1:*:*:*:*:*:*", ""), &["openssh affected =9.3p1"]);
        check(&one("a:openbsd:openssh:9.3:*:*:*:*:*:*:*", ""), &["openssh affected [9.3,9.3p99]"]);
        check(
            &one("a:openbsd:openssh:*:*:*:*:*:*:*:*", r#","versionEndIncluding":"9.3""#),
            &["openssh affected [0,9.3p99]"],
        );
    }

    #[test]
    fn no_version_is_not_any_version() {
        check(&one("a:openssl:openssl:-:*:*:*:*:*:*:*", ""), &[]);
    }

    #[test]
    fn java_is_spelled_as_its_release_file_spells_it() {
        for (dictionary, expected) in [
            ("1.8.0-update_33", "1.8.0_33"),
            ("1.7.0-update75", "1.7.0_75"),
            ("8-update401", "1.8.0_401"),
            ("8u401", "1.8.0_401"),
            ("8", "1.8.0"),
            ("1.8.0_402", "1.8.0_402"),
            ("11.0.22", "11.0.22"),
            ("9", "9"),
            ("21", "21"),
        ] {
            assert_eq!(spelled(dictionary, Style::Java), expected);
        }
        check(&one("a:oracle:openjdk:8:update401:*:*:*:*:*:*", ""), &["openjdk affected =1.8.0_401"]);
    }

    #[test]
    fn openjdk_is_meant_by_oracles_names_only_where_nothing_names_it() {
        let both = r#"[{"nodes":[{"cpeMatch":[
            {"vulnerable":true,"criteria":"cpe:2.3:a:oracle:jdk:1.8.0:update401:*:*:*:*:*:*"},
            {"vulnerable":true,"criteria":"cpe:2.3:a:oracle:openjdk:8:update402:*:*:*:*:*:*"}]}]}]"#;
        check(both, &["jdk affected =1.8.0_401", "openjdk affected =1.8.0_402"]);
        check(
            &one("a:oracle:jdk:21.0.2:*:*:*:*:*:*:*", ""),
            &["jdk affected =21.0.2", "openjdk affected =21.0.2"],
        );
    }

    /// `python` AND a condition.
    fn and(condition: &str) -> String {
        format!(
            r#"[{{"operator":"AND","nodes":[{{"operator":"OR","negate":false,"cpeMatch":[{{"vulnerable":true,"criteria":"cpe:2.3:a:python:python:*:*:*:*:*:*:*:*","versionEndExcluding":"3.12.0"}}]}},
            {{"operator":"OR","negate":false,"cpeMatch":[{condition}]}}]}}]"#
        )
    }

    #[test]
    fn conditions_that_no_container_meets_leave_the_row_out() {
        let on = |name: &str| format!(r#"{{"vulnerable":false,"criteria":"cpe:2.3:{name}:*:*:*:*:*:*:*"}}"#);
        let windows = on("o:microsoft:windows:-");
        let linux = on("o:linux:linux_kernel:-");
        check(&and(&windows), &[]);
        check(&and(&linux), &["python fixed [0,3.12.0)"]);
        check(&and(&format!("{windows},{linux}")), &["python fixed [0,3.12.0)"]);
        check(&and(&on("a:acme:rocket:1")), &["python fixed [0,3.12.0) | only together with acme rocket"]);
        check(
            &and(&format!("{windows},{}", on("h:acme:box:-"))),
            &["python fixed [0,3.12.0) | only together with acme box"],
        );
    }

    #[test]
    fn a_platform_is_not_vulnerable() {
        let json = r#"[{"nodes":[{"cpeMatch":[{"vulnerable":false,"criteria":"cpe:2.3:a:php:php:*:*:*:*:*:*:*:*"}]}]}]"#;
        check(json, &[]);
    }

    #[test]
    fn targets_tell_plug_ins_and_other_systems_apart() {
        check(&one("a:redis:redis:*:*:*:*:*:wordpress:*:*", ""), &[]);
        check(&one("a:redis:redis:*:*:*:*:*:windows:*:*", ""), &[]);
        check(&one("a:nodejs:node.js:*:*:*:*:-:*:*:*", ""), &["node affected"]);
        check(&one("a:ruby-lang:ruby:3.0:*:*:*:*:ruby:*:*", ""), &["ruby affected =3.0"]);
        check(&one("a:acme:nginx:*:*:*:*:*:*:*:*", ""), &[]);
        check(&one("o:f5:nginx:*:*:*:*:*:*:*:*", ""), &[]);
    }

    #[test]
    fn what_cannot_be_read_is_said_and_is_not_read_as_no() {
        let list: Vec<Configuration<'_>> = serde_json::from_str(
            r#"[{"nodes":[{"cpeMatch":[{"vulnerable":true,"criteria":"cpe:2.3:a:soap::lite:soap::lite:*:*:*:*:*:perl:*:*"},
            {"vulnerable":true,"criteria":"cpe:2.3:a:php:php:*:*:*:*:*:*:*:*","versionEndExcluding":"\u0007"}]}]},
            {"negate":true,"nodes":[]}]"#,
        )
        .unwrap();
        let mut out = FeedOutput::default();
        rows("nvd", "CVE-2024-0001", &list, &mut out);
        assert_eq!(out.quarantined.len(), 3, "{:?}", out.quarantined);
        assert_eq!(show(&out.advisories[0]), "php under_investigation");
    }
}
