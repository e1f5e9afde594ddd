//! What one update comes to: rows for its packages, and a record of the announcement.
//!
//! Updates name fixes only; a package that none names has no data, which is no all-clear.

use std::collections::BTreeSet;

use plimsoll_core::Realm;

use super::super::shared::{
    Announcement, Build, capped, cve, date, details, evr, package_name, reference, summary, valid_id,
    vendor_severity,
};
use super::read::{Collection, Package, Update};
use crate::{FeedOutput, Record};

/// Where the packages of a collection are at home.
pub(super) enum Home {
    /// In this realm, and in this channel of it.
    Here(Realm, Option<String>),
    /// In nothing that Plimsoll compares with.
    Elsewhere,
    /// Nobody knows.
    Unknown,
}

/// Tells the home of a collection.
pub(super) type HomeOf = fn(&Update, &Collection) -> Home;

/// Links that a record keeps.
const LINKS_MAX: usize = 64;
/// Puts what an update says into the output, and counts it.
pub(super) fn store(feed: &str, home: HomeOf, update: &Update, out: &mut FeedOutput) {
    out.records_read += 1;
    if !valid_id(&update.id) {
        let why = format!("`{}` is no id", capped(&update.id, 100));
        return out.quarantine(format!("update {}", out.records_read), why);
    }
    if let Some(why) = update.excess {
        return out.quarantine(update.id.as_str(), why);
    }
    let cves = cves(update, out);
    if update.kind != "security" && cves.is_empty() {
        out.out_of_scope += 1;
        return;
    }
    if matches!(update.status.as_str(), "retracted" | "withdrawn" | "obsolete") {
        out.out_of_scope += 1;
        out.records.push(Record { id: update.id.clone(), withdrawn: true, ..Record::default() });
        return;
    }
    let Some(announcement) = builds(feed, home, update, out) else {
        return;
    };
    if let Err(why) = announcement.finish(&cves, vendor_severity(&update.severity), out) {
        return out.quarantine(update.id.as_str(), why);
    }
    out.records_stored += 1;
    let record = record(update, !cves.is_empty());
    if let Some(modified) = record.modified.or(record.published) {
        out.saw_date(modified);
    }
    out.records.push(record);
}

/// The packages of an update; `None` where it was counted as holding none.
fn builds<'a>(
    feed: &'a str,
    home: HomeOf,
    update: &'a Update,
    out: &mut FeedOutput,
) -> Option<Announcement<'a>> {
    let mut builds = Announcement::new(feed, &update.id);
    let (mut unreadable, mut elsewhere) = (0, 0);
    for collection in &update.collections {
        let (realm, channel) = match home(update, collection) {
            Home::Here(realm, channel) => (realm, channel),
            Home::Elsewhere => {
                elsewhere += 1;
                continue;
            }
            Home::Unknown => {
                unreadable += 1;
                let why = format!("nobody knows of what `{}` is", capped(&collection.short, 100));
                out.quarantine_part(update.id.as_str(), why);
                continue;
            }
        };
        for package in collection.packages.iter().filter(|it| !is_source(it)) {
            let Some((name, version)) = read(package) else {
                unreadable += 1;
                let why = format!("name or version of `{}` can be none", capped(&package.name, 100));
                out.quarantine_part(update.id.as_str(), why);
                continue;
            };
            let (realm, channel) = (realm.clone(), channel.clone());
            let module = collection.module.clone();
            builds.add(Build { realm, channel, module, name, version }, &package.architecture);
        }
    }
    match (builds.is_empty(), unreadable) {
        (false, _) => return Some(builds),
        (true, 0) if elsewhere > 0 || !update.collections.is_empty() => out.out_of_scope += 1,
        (true, 0) => out.quarantine(update.id.as_str(), "it names no packages"),
        (true, _) => out.quarantine(update.id.as_str(), "none of its packages could be read"),
    }
    None
}

fn is_source(package: &Package) -> bool {
    matches!(package.architecture.as_str(), "src" | "nosrc")
}

fn read(package: &Package) -> Option<(String, String)> {
    let name = package_name(&package.name)?;
    Some((name.to_owned(), evr(&package.epoch, &package.version, &package.release)?))
}

/// The CVEs that an update says it fixes. Where no reference is marked as one (Fedora), those
/// that its links and then its title name.
fn cves(update: &Update, out: &mut FeedOutput) -> Vec<String> {
    let mut found = Vec::new();
    for reference in update.references.iter().filter(|it| it.kind.eq_ignore_ascii_case("cve")) {
        match cve(&reference.id) {
            Some(id) => found.push(id),
            None => {
                let why = format!("`{}` is no CVE", capped(&reference.id, 100));
                out.quarantine_part(update.id.as_str(), why);
            }
        }
    }
    if found.is_empty() && update.kind == "security" {
        let linked = update.references.iter().flat_map(|it| [it.id.as_str(), it.title.as_str()]);
        found.extend(linked.flat_map(named));
    }
    if found.is_empty() && update.kind == "security" {
        found.extend(named(&update.title).chain(named(&update.summary)).chain(named(&update.description)));
    }
    let mut seen = BTreeSet::new();
    found.retain(|id| seen.insert(id.clone()));
    found
}

/// The CVEs in a text.
fn named(text: &str) -> impl Iterator<Item = String> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || it == '-';
    text.split(move |it| !is_part(it)).filter(|word| word.starts_with("CVE-")).filter_map(cve)
}

/// The description repeats what the CVEs' own records say, so that it is kept where there is none.
fn record(update: &Update, is_announcement: bool) -> Record {
    let title = if update.title.is_empty() { &update.summary } else { &update.title };
    let links = update.references.iter().filter_map(|it| reference(&it.href));
    let modified = date(&update.updated);
    Record {
        id: update.id.clone(),
        summary: summary(title),
        details: if is_announcement { None } else { details(&update.description) },
        references: links.take(LINKS_MAX).map(str::to_owned).collect(),
        published: date(&update.issued),
        modified,
        ..Record::default()
    }
}
