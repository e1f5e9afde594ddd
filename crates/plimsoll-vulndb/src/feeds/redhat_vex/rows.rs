//! From product statuses to rows: one for all architectures of a package that share a channel,
//! a version and everything else that is said.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Severity, Status};

use super::super::shared::{Pairs, field, note, package_name};
use super::document::{Text, Vulnerability};
use super::place::{IMAGES, is_distribution, realm};
use super::products::{Component, Meant, Package, Products};
use super::said::Said;
use crate::FeedOutput;

/// What a row says, apart from for which architectures and versions.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key<'a> {
    realm: Realm,
    package: &'a str,
    name_kind: NameKind,
    channel: &'a str,
    module: Option<&'a str>,
    status: Status,
    fixed: Option<&'a str>,
    severity: Option<Severity>,
    announcements: Vec<&'a str>,
    flag: Option<&'a str>,
    /// Of an image that is filed under its digest.
    repository: Option<&'a str>,
}

/// Architectures, and versions listed one by one.
#[derive(Default)]
struct Extent<'a> {
    architectures: BTreeSet<&'a str>,
    all_architectures: bool,
    versions: BTreeSet<&'a str>,
    all_versions: bool,
}

/// Faults of one document, each kind told once.
#[derive(Default)]
struct Faults<'a>(BTreeMap<String, (usize, &'a str)>);

impl<'a> Faults<'a> {
    fn note(&mut self, why: impl Into<String>, id: &'a str) {
        self.0.entry(why.into()).or_insert((0, id)).0 += 1;
    }

    fn tell(self, record: &str, out: &mut FeedOutput) {
        for (why, (count, example)) in self.0 {
            out.quarantine_part(record, format!("{count} times {why}, first `{example}`"));
        }
    }
}

pub(super) fn rows(
    feed: &str,
    vulnerability: &Vulnerability<'_>,
    id: &str,
    products: &Products<'_>,
    out: &mut FeedOutput,
) {
    let Some(Pairs(statuses)) = &vulnerability.product_status else { return };
    let statuses: Vec<(&str, Vec<Text<'_>>)> = statuses
        .iter()
        .map(|(name, ids)| (name.as_ref(), field::<Vec<Text<'_>>>(Some(*ids), name, id, out)))
        .collect();
    let said = Said::of(vulnerability);
    let mut faults = Faults::default();
    let mut rows: BTreeMap<Key<'_>, Extent<'_>> = BTreeMap::new();
    let with_sources = with_sources(&statuses, products);
    for (name, ids) in &statuses {
        for product in ids.iter().map(Text::as_str) {
            let Some(status) = status(name, product, &said) else {
                faults.note(format!("the status `{name}`, which nobody knows"), product);
                continue;
            };
            let row = Statement { product, status, said: &said, with_sources: &with_sources };
            match products.meant(product) {
                Ok(meant) => row.add(meant, &mut rows, &mut faults),
                Err(why) => faults.note(why, product),
            }
        }
    }
    faults.tell(id, out);
    out.advisories.extend(rows.into_iter().map(|(key, extent)| advisory(feed, id, key, extent)));
}

/// `None` for a status that is none. Those of CSAF that speak of first or last versions are not
/// in use; they are taken for what they come to without versions.
fn status(name: &str, product: &str, said: &Said<'_>) -> Option<Status> {
    Some(match name {
        "fixed" | "first_fixed" => Status::Fixed,
        "known_affected" | "first_affected" | "last_affected" => {
            said.without_fix.get(product).copied().unwrap_or(Status::Affected)
        }
        "known_not_affected" => Status::NotAffected,
        "under_investigation" => Status::UnderInvestigation,
        _ => return None,
    })
}

/// The products whose sources are named as such; names without an architecture are binaries there.
fn with_sources<'p>(statuses: &'p [(&str, Vec<Text<'_>>)], products: &'p Products<'_>) -> HashSet<&'p str> {
    let ids = statuses.iter().flat_map(|(_, ids)| ids);
    ids.filter_map(|id| products.meant(id.as_str()).ok())
        .filter(|meant| {
            matches!(meant.component, Some((_, Component::Package(Package { architecture: Some(it), .. }))) if it == "src")
        })
        .map(|meant| meant.channel)
        .collect()
}

/// One product id under one status.
struct Statement<'s, 'a> {
    product: &'a str,
    status: Status,
    said: &'s Said<'a>,
    with_sources: &'s HashSet<&'a str>,
}

impl<'a> Statement<'_, 'a> {
    fn add(self, meant: Meant<'a>, rows: &mut BTreeMap<Key<'a>, Extent<'a>>, faults: &mut Faults<'a>) {
        match meant.component {
            // A whole product that is fixed or not affected adds nothing to its packages' rows.
            None if matches!(self.status, Status::Fixed | Status::NotAffected) => (),
            None => faults.note("a whole product, without a package", self.product),
            Some((_, Component::Package(package))) => self.package(meant, package, rows, faults),
            Some((_, Component::Image { repository, digest, architecture })) => {
                self.image(meant, repository, digest.as_deref(), architecture.as_deref(), rows);
            }
            Some((name, Component::Unnamed)) if is_distribution(meant.channel) => match package_name(name) {
                Some(name) if self.status != Status::Fixed => self.name(meant, name, rows),
                Some(_) => faults.note("a fix without a version", self.product),
                None => faults.note("a package name that cannot be one", self.product),
            },
            Some((_, Component::Unnamed | Component::Other | Component::Module(_))) => (),
            Some((_, Component::Unreadable(why))) => faults.note(*why, self.product),
        }
    }

    fn key(
        &self,
        meant: Meant<'a>,
        package: &'a str,
        name_kind: NameKind,
        version: Option<&'a str>,
    ) -> Key<'a> {
        Key {
            realm: realm(meant.channel, version),
            package,
            name_kind,
            channel: meant.channel,
            module: meant.module,
            status: self.status,
            fixed: version.filter(|_| self.status == Status::Fixed),
            severity: self.said.severities.get(self.product).copied(),
            announcements: self.said.announcements(self.product),
            flag: self.said.flags.get(self.product).copied(),
            repository: None,
        }
    }

    fn package(
        self,
        meant: Meant<'a>,
        package: &'a Package,
        rows: &mut BTreeMap<Key<'a>, Extent<'a>>,
        faults: &mut Faults<'a>,
    ) {
        let version = package.version.as_deref();
        let module = package.module.as_deref().or(meant.module);
        let architecture = package.architecture.as_deref();
        if self.status == Status::Fixed && version.is_none() {
            return faults.note("a fix without a version", self.product);
        }
        if module.is_none()
            && version.is_some_and(|it| it.contains(".module+el") || it.contains(".module_el"))
        {
            return faults.note("a module's package that does not say of which module", self.product);
        }
        if self.status == Status::NotAffected && version.is_some() && !is_distribution(meant.channel) {
            // It is said of one build of a product that few images have: a row for each would be
            // most of the database. Leaving it out hides nothing.
            return;
        }
        let kinds: &[NameKind] = match architecture {
            Some("src") => &[NameKind::Source],
            Some(_) => &[NameKind::Binary],
            None if version.is_none() && self.with_sources.contains(meant.channel) => &[NameKind::Binary],
            None => &[NameKind::Source, NameKind::Binary],
        };
        let meant = Meant { module, ..meant };
        for &kind in kinds {
            let extent = rows.entry(self.key(meant, &package.name, kind, version)).or_default();
            match architecture {
                Some("src" | "noarch") | None => extent.all_architectures = true,
                Some(architecture) => drop(extent.architectures.insert(architecture)),
            }
            match version.filter(|_| self.status == Status::NotAffected) {
                Some(version) => drop(extent.versions.insert(version)),
                None => extent.all_versions = true,
            }
        }
    }

    /// A name that may be a source's or a binary's.
    fn name(self, meant: Meant<'a>, name: &'a str, rows: &mut BTreeMap<Key<'a>, Extent<'a>>) {
        for kind in [NameKind::Source, NameKind::Binary] {
            let extent = rows.entry(self.key(meant, name, kind, None)).or_default();
            (extent.all_architectures, extent.all_versions) = (true, true);
        }
    }

    /// An image in which it is fixed is not affected.
    fn image(
        mut self,
        meant: Meant<'a>,
        repository: &'a str,
        digest: Option<&'a str>,
        architecture: Option<&'a str>,
        rows: &mut BTreeMap<Key<'a>, Extent<'a>>,
    ) {
        if self.status == Status::Fixed {
            self.status = Status::NotAffected;
        }
        let package = digest.unwrap_or(repository);
        let key = Key {
            realm: Realm(IMAGES.to_owned()),
            repository: digest.map(|_| repository),
            ..self.key(meant, package, NameKind::Binary, None)
        };
        let extent = rows.entry(key).or_default();
        extent.all_versions = true;
        match architecture {
            // A digest is of one architecture's image anyway.
            Some(architecture) if digest.is_none() => drop(extent.architectures.insert(architecture)),
            _ => extent.all_architectures = true,
        }
    }
}

/// Why it is not affected, and which image is meant.
fn words(key: &Key<'_>) -> String {
    let flag = key.flag.map(|it| it.replace('_', " "));
    [key.repository.map(str::to_owned), flag].into_iter().flatten().collect::<Vec<_>>().join(": ")
}

fn advisory(feed: &str, id: &str, key: Key<'_>, extent: Extent<'_>) -> Advisory {
    let note = note(&words(&key));
    let owned = |texts: BTreeSet<&str>| texts.into_iter().map(str::to_owned).collect();
    let fixed = key.fixed.map(|it| Range { introduced: None, end: End::Fixed(it.to_owned()) });
    Advisory {
        feed: feed.to_owned(),
        realm: key.realm,
        package: key.package.to_owned(),
        name_kind: key.name_kind,
        channel: Some(key.channel.to_owned()),
        architectures: if extent.all_architectures { Vec::new() } else { owned(extent.architectures) },
        module: key.module.map(str::to_owned),
        vulnerability: id.to_owned(),
        advisory_ids: key.announcements.into_iter().map(str::to_owned).collect(),
        ranges: fixed.into_iter().collect(),
        versions: if extent.all_versions { Vec::new() } else { owned(extent.versions) },
        status: key.status,
        severity: key.severity,
        note,
    }
}
