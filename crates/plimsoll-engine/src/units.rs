//! The packages of an image, each with all that judging it depends on: its distribution, the
//! longer supports that the image has, the package that it belongs to.
//!
//! Two images that have the same unit have the same findings of it, whatever else they hold. So a
//! new database is asked once for each unit and not once for each image, and what changed is known
//! for all of them. What a vendor says of one image by its digest is no part of a unit.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_core::{
    Distro, FindingClass, ImagePath, InstalledPackage, Inventory, Origin, Package, PackageRef, Problem,
    ProblemKind, Severity, Timestamp, UnnamedArchive,
};
use plimsoll_ecosystems as ecosystems;
use plimsoll_vulndb::codec::{Reader, Writer};
use sha2::{Digest as _, Sha256};

use crate::db::OpenSnapshot;
use crate::facts;
use crate::judge::{Answers, judge_image};
use crate::scan::ScannedImage;

/// A package with all that judging it depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// The same for units of which the same is found: 32 hexadecimal digits.
    pub key: String,
    /// The package's kind, `deb`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its package URL.
    pub purl: String,
    /// All of it, for [`judge_units`].
    pub content: Vec<u8>,
}

/// What is found of a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnitFinding {
    /// The vulnerability's id.
    pub id: String,
    /// The severity that counts.
    pub severity: Severity,
    /// In which class it is.
    pub class: FindingClass,
    /// Whether it counts.
    pub counts: bool,
    /// Whether something can be done.
    pub fixable: bool,
    /// The version that fixes it.
    pub fixed_version: Option<String>,
    /// Since when there is a fix, if that is known.
    pub fix_seen: Option<Timestamp>,
    /// Whether it is known to be exploited.
    pub exploited: bool,
}

/// The units of an inventory, each once, in the order of their keys.
pub fn units_of(inventory: &Inventory) -> Vec<Unit> {
    let context = context_of(inventory);
    let mut unnamed: BTreeMap<(&ImagePath, &str, &str), &UnnamedArchive> = BTreeMap::new();
    for (path, archive) in &inventory.unnamed {
        unnamed.insert((path, &archive.name, &archive.version), archive);
    }
    let mut units = BTreeMap::new();
    for installed in &inventory.packages {
        let package = &installed.package;
        let place = (&installed.origin.path, package.name.as_str(), package.version.as_str());
        let owner = installed.owner.and_then(|owner| inventory.packages.get(owner.0));
        let mut writer = Writer(context.clone());
        write_package(&mut writer, installed);
        writer.flag(owner.is_some());
        if let Some(owner) = owner {
            write_package(&mut writer, owner);
        }
        let archive = unnamed.get(&place);
        writer.flag(archive.is_some());
        if let Some(archive) = archive {
            // Where it lies, and what is wrong with that, is another one's in each image.
            let problem = Problem::new(ProblemKind::NotCovered, "");
            let archive = UnnamedArchive { label: String::new(), problem, ..(*archive).clone() };
            facts::write_unnamed(&mut writer, &archive);
        }
        let key = Sha256::digest(&writer.0)[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        units.entry(key).or_insert_with_key(|key: &String| Unit {
            key: key.clone(),
            kind: package.kind.clone(),
            name: package.name.clone(),
            version: package.version.clone(),
            purl: installed.purl.clone(),
            content: writer.0,
        });
    }
    units.into_values().collect()
}

/// What is found of each unit, in their order; `None` for one that another version wrote, or that is
/// damaged.
pub fn judge_units<C: AsRef<[u8]>>(units: &[C], open: &OpenSnapshot) -> Vec<Option<Vec<UnitFinding>>> {
    let mut found: Vec<Option<Vec<UnitFinding>>> = vec![None; units.len()];
    let mut groups: BTreeMap<&[u8], Vec<(usize, Parts)>> = BTreeMap::new();
    for (at, unit) in units.iter().enumerate() {
        if let Some((context, parts)) = read_unit(unit.as_ref()) {
            groups.entry(context).or_default().push((at, parts));
            found[at] = Some(Vec::new());
        }
    }
    for (context, members) in groups {
        let Some(inventory) = together(context, &members) else {
            members.iter().for_each(|(at, _)| found[*at] = None);
            continue;
        };
        let answers =
            Answers { snapshot: &open.snapshot, info: &open.info, informational: false, texts: false };
        let image = ScannedImage { digest: None, config_digest: None, inventory };
        let report = judge_image(image, Some(&answers), open.info.built);
        for finding in report.findings {
            // The place says which unit it is of, whatever became of the packages meanwhile.
            let installed = report.packages.get(finding.package.0);
            let at = installed.and_then(|it| number_in(&it.origin.path));
            if let Some(found) = at.and_then(|at| found.get_mut(at)).and_then(Option::as_mut) {
                found.push(UnitFinding {
                    severity: finding.severity.severity,
                    class: finding.class,
                    counts: finding.counts(),
                    fixable: finding.is_fixable(),
                    fixed_version: finding.fixed_version,
                    fix_seen: finding.fix_seen,
                    exploited: finding.kev.is_some(),
                    id: finding.id,
                });
            }
        }
    }
    found.iter_mut().flatten().for_each(each_id_once);
    found
}

/// One archive may have been published under two names, and both have a finding.
fn each_id_once(findings: &mut Vec<UnitFinding>) {
    findings.sort();
    findings.dedup_by(|later, first| {
        let same = later.id == first.id;
        if same {
            first.severity = first.severity.max(later.severity);
            first.counts |= later.counts;
            first.fixable |= later.fixable;
            first.exploited |= later.exploited;
        }
        same
    });
}

/// The packages of a unit.
struct Parts {
    package: (Package, String),
    owner: Option<(Package, String)>,
    unnamed: Option<UnnamedArchive>,
}

/// An inventory with the packages of units of one context.
fn together(context: &[u8], members: &[(usize, Parts)]) -> Option<Inventory> {
    let (distro, markers) = read_context(&mut Reader(context))?;
    let mut inventory = Inventory { distro, ..Inventory::default() };
    let mut owners: BTreeMap<&str, PackageRef> = BTreeMap::new();
    let nowhere = ImagePath::root();
    for marker in markers {
        let kind = members.first().map(|(_, parts)| parts.package.0.kind.clone()).unwrap_or_default();
        let package = Package { kind, name: marker, ..Package::default() };
        inventory.packages.push(installed((package, String::new()), nowhere.clone(), None));
    }
    for (_, parts) in members {
        if let Some(owner) = &parts.owner
            && !owners.contains_key(owner.1.as_str())
        {
            owners.insert(&owner.1, PackageRef(inventory.packages.len()));
            inventory.packages.push(installed(owner.clone(), nowhere.clone(), None));
        }
    }
    for (at, parts) in members {
        let path = ImagePath::new(&format!("unit/{at}"));
        if let Some(archive) = &parts.unnamed {
            inventory.unnamed.push((path.clone(), archive.clone()));
        }
        let owner = parts.owner.as_ref().and_then(|owner| owners.get(owner.1.as_str()).copied());
        inventory.packages.push(installed(parts.package.clone(), path, owner));
    }
    Some(inventory)
}

fn installed(
    (package, purl): (Package, String),
    path: ImagePath,
    owner: Option<PackageRef>,
) -> InstalledPackage {
    InstalledPackage { package, purl, origin: Origin { path, layer: None, extractor: String::new() }, owner }
}

/// Which unit a package of [`together`] belongs to.
fn number_in(path: &ImagePath) -> Option<usize> {
    std::str::from_utf8(path.as_bytes()).ok()?.strip_prefix("unit/")?.parse().ok()
}

/// The distribution, and the packages by which an image has longer supports; as bytes, with their
/// length before them.
fn context_of(inventory: &Inventory) -> Vec<u8> {
    let mut writer = Writer::default();
    writer.flag(inventory.distro.is_some());
    let mut markers: BTreeSet<&str> = BTreeSet::new();
    if let Some(distro) = &inventory.distro {
        facts::write_distro(&mut writer, distro);
        let plain = Distro { repositories: Vec::new(), ..distro.clone() };
        let names = inventory.packages.iter().map(|it| it.package.name.as_str());
        if !ecosystems::suse::open_channels(&plain, names.clone()).is_empty() {
            let opens =
                |name: &&str| !ecosystems::suse::open_channels(&plain, std::iter::once(*name)).is_empty();
            markers = names.filter(opens).collect();
        }
    }
    writer.texts(&markers.into_iter().map(str::to_owned).collect::<Vec<_>>());
    let mut whole = Writer::default();
    whole.bytes(&writer.0);
    whole.0
}

fn read_context(reader: &mut Reader<'_>) -> Option<(Option<Distro>, Vec<String>)> {
    let distro = if reader.flag()? { Some(facts::read_distro(reader)?) } else { None };
    Some((distro, reader.texts()?))
}

fn read_unit(bytes: &[u8]) -> Option<(&[u8], Parts)> {
    let mut reader = Reader(bytes);
    let context = reader.bytes()?;
    let package = read_package(&mut reader)?;
    let owner = if reader.flag()? { Some(read_package(&mut reader)?) } else { None };
    let unnamed = if reader.flag()? { Some(facts::read_unnamed(&mut reader)?) } else { None };
    reader.0.is_empty().then_some((context, Parts { package, owner, unnamed }))
}

fn write_package(writer: &mut Writer, installed: &InstalledPackage) {
    facts::write_package(writer, &installed.package);
    writer.bytes(installed.purl.as_bytes());
}

fn read_package(reader: &mut Reader<'_>) -> Option<(Package, String)> {
    Some((facts::read_package(reader)?, reader.text()?))
}
