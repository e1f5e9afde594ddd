//! A finding, put together from the ruling and what is known of the vulnerability.
//!
//! Without texts: [`crate::describe`] adds them where somebody will read them.

use plimsoll_core::{
    Finding, FindingClass, NameKind, Package, PackageRef, Rating, Reachable, Severity, Timestamp,
    Vulnerability, Why,
};

use crate::assess::Target;
use crate::context::{Context, Reach};
use crate::range::{Held, fixed_end};
use crate::ruling::{Case, Group};
use crate::{severity, words};

/// The prefix under which the Open Source Vulnerabilities project files malicious packages.
const MALWARE_PREFIX: &str = "MAL-";

/// What a finding is made of.
pub(crate) struct Parts<'p, 'a> {
    pub reference: PackageRef,
    pub package: &'p Package,
    pub source: &'p Target<'p>,
    pub binary: &'p Target<'p>,
    /// Whether the rows are one vendor's.
    pub vendor: bool,
    /// All rows about the vulnerability.
    pub rows: Group<'p, 'a>,
    pub case: &'p Case<'p, 'a>,
    pub vulnerability: &'p Vulnerability,
}

pub(crate) fn finding(parts: &Parts<'_, '_>, context: &Context<'_>) -> Finding {
    let vulnerability = parts.vulnerability;
    let id = vulnerability.id.clone();
    let aliases = aliases(parts, context);
    let class = class(parts, &aliases, context);
    let ratings = severity::ratings(parts.rows, vulnerability);
    let severity = match class {
        FindingClass::Malware => {
            Rating { source: parts.case.decisive.row.feed.to_owned(), severity: Severity::Critical }
        }
        _ => severity::of_product(parts.case)
            .unwrap_or_else(|| severity::decide(parts.rows, parts.vendor, &ratings, vulnerability, context)),
    };
    Finding {
        id,
        aliases,
        class,
        package: parts.reference,
        severity,
        ratings,
        cvss: vulnerability.cvss.clone(),
        epss: vulnerability.epss.clone(),
        kev: vulnerability.kev.clone(),
        status: parts.case.status,
        fixed_version: parts.case.fixed.map(str::to_owned),
        fix_channel: parts.case.fix_channel.map(str::to_owned),
        fix_seen: fix_seen(parts),
        note: note(parts.case).or_else(|| vulnerability.informational.clone()),
        cwes: vulnerability.cwes.clone(),
        summary: None,
        description: None,
        references: Vec::new(),
        published: vulnerability.published,
        why: why(parts),
        reachable: Reachable::of(&parts.package.name, parts.package.functions.as_ref(), &vulnerability.code),
        suppressed: None,
    }
}

/// The first day on which any row named the fix; `None` where one did from the beginning.
fn fix_seen(parts: &Parts<'_, '_>) -> Option<Timestamp> {
    const DAY_SECONDS: i64 = 86_400;
    let fixed = parts.case.fixed?;
    let naming =
        parts.rows.iter().filter(|row| row.row.ranges().any(|range| fixed_end(&range) == Some(fixed)));
    let mut days = naming.map(|row| row.row.first_seen_day);
    let first = days.next()??;
    let first = days.try_fold(first, |first, day| Some(first.min(day?)))?;
    Some(Timestamp(i64::from(first) * DAY_SECONDS))
}

/// Every other id: of the vulnerability, of the rows, of the vendors' announcements (rules 30, 66).
/// What was announced for channels that the image does not have is left out, but for the channel
/// that the fix is from: who looks the announcement up must find packages for this image.
fn aliases(parts: &Parts<'_, '_>, context: &Context<'_>) -> Vec<String> {
    let mut aliases = parts.vulnerability.aliases.clone();
    let has = |channel| {
        let is_fix =
            parts.case.fix_channel == Some(channel) || parts.case.decisive.row.channel == Some(channel);
        is_fix
            || matches!((context.reach)(parts.package, channel), Reach::Own | Reach::Ordinary | Reach::Open)
    };
    for (row, _) in parts.rows.here() {
        aliases.push(row.row.vulnerability.to_owned());
        if row.row.channel.is_none_or(has) {
            aliases.extend(row.row.advisory_ids().map(str::to_owned));
        }
    }
    aliases.sort_unstable();
    aliases.dedup();
    aliases.retain(|alias| *alias != parts.vulnerability.id);
    aliases
}

fn class(parts: &Parts<'_, '_>, aliases: &[String], context: &Context<'_>) -> FindingClass {
    let id = &parts.vulnerability.id;
    if id.starts_with(MALWARE_PREFIX) || aliases.iter().any(|alias| alias.starts_with(MALWARE_PREFIX)) {
        FindingClass::Malware
    } else if (context.is_kernel_header)(parts.package) {
        FindingClass::KernelHeaders
    } else if parts.vulnerability.informational.is_some() {
        FindingClass::Informational
    } else {
        FindingClass::Vulnerability
    }
}

fn note(case: &Case<'_, '_>) -> Option<String> {
    let vendors = case.decisive.row.note.map(str::to_owned);
    let channels = match (case.fix_out_of_reach, case.fix_channel, case.fixed) {
        (true, Some(channel), Some(fixed)) => Some(format!("a fix needs {channel}: {fixed}")),
        _ => None,
    };
    match (vendors, channels) {
        (Some(vendors), Some(channels)) => Some(format!("{vendors}; {channels}")),
        (vendors, channels) => vendors.or(channels),
    }
}

fn why(parts: &Parts<'_, '_>) -> Why {
    let decisive = parts.case.decisive;
    let target = match decisive.row.name_kind {
        NameKind::Source => parts.source,
        NameKind::Binary => parts.binary,
    };
    Why {
        advisory_package: decisive.row.package.to_owned(),
        realm: decisive.realm.to_owned(),
        feed: feeds(parts),
        comparison: words::comparison(decisive, parts.package, target),
        certain: parts.case.certain,
    }
}

/// The feed that decided, and after it every other one that says the same.
fn feeds(parts: &Parts<'_, '_>) -> String {
    let mut feeds = vec![parts.case.decisive.row.feed];
    for (row, held) in parts.rows.here() {
        let holds = matches!(held, Held::Yes(_) | Held::Unknown(..));
        if holds && row.row.channel == parts.case.decisive.row.channel && !feeds.contains(&row.row.feed) {
            feeds.push(row.row.feed);
        }
    }
    feeds.join(", ")
}
