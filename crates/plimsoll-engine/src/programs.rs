//! Which programs are packages of the operating system, and are judged as such alone.
//!
//! A program that belongs to such a package is that package where the package's vendor says
//! anything of it. Where nobody does, the package being somebody else's or the vendor silent, the
//! program is all there is to go by, and stays. Judges nothing itself.

use plimsoll_core::{Distro, Ecosystem, Evidence, InstalledPackage, Inventory, NameKind, Package, Realm};
use plimsoll_ecosystems as ecosystems;
use plimsoll_ecosystems::distro::Coverage;
use plimsoll_ecosystems::evidence::PROGRAMS;
use plimsoll_vulndb::Snapshot;

use crate::scan::retain;

/// Leaves out the programs whose packages are judged in their place. Without a snapshot nobody knows
/// of what a vendor is silent; then it is enough that it speaks of the distribution.
pub fn settle<B: AsRef<[u8]>>(inventory: &mut Inventory, snapshot: Option<&Snapshot<B>>) {
    let distro = inventory.distro.as_ref();
    let stays = |it: &InstalledPackage| {
        let owner = it.owner.filter(|_| is_program(it)).and_then(|owner| inventory.packages.get(owner.0));
        !owner.is_some_and(|owner| is_spoken_of(&owner.package, distro, snapshot))
    };
    let keep: Vec<bool> = inventory.packages.iter().map(stays).collect();
    retain(&mut inventory.packages, &keep);
}

/// Whether this is known by a program; what a document says of one is the document's word.
fn is_program(it: &InstalledPackage) -> bool {
    it.package.kind == PROGRAMS && matches!(it.package.evidence, Evidence::Installed | Evidence::Binary)
}

/// Whether the vendor of an operating system's package says anything of it.
fn is_spoken_of<B: AsRef<[u8]>>(
    package: &Package,
    distro: Option<&Distro>,
    snapshot: Option<&Snapshot<B>>,
) -> bool {
    let realms = distro.map(|distro| vendor(package, distro)).unwrap_or_default();
    match (snapshot, ecosystems::by_purl_type(&package.kind)) {
        (None, _) => !realms.is_empty(),
        (Some(snapshot), Some(ecosystem)) => {
            realms.iter().any(|it| has_row(snapshot, it, package, ecosystem))
        }
        (Some(_), None) => false,
    }
}

/// The realms of the vendor that built a package; none where somebody else did, or nobody knows.
fn vendor(package: &Package, distro: &Distro) -> Vec<Realm> {
    let is_of_distro = ecosystems::distro::row(distro).is_some_and(|row| row.purl_type == package.kind);
    if !is_of_distro || ecosystems::third_party::why_not_judged(package, Some(distro)).is_some() {
        return Vec::new();
    }
    match ecosystems::distro::coverage(distro) {
        Coverage::Covered { realms, .. } => realms,
        Coverage::NotCovered(_) => Vec::new(),
    }
}

/// Whether a realm has a row about a package, whatever it says. A row that cannot be read is none:
/// then the program stays, and the matcher says what is wrong with the database.
fn has_row<B: AsRef<[u8]>>(
    snapshot: &Snapshot<B>,
    realm: &Realm,
    package: &Package,
    ecosystem: &dyn Ecosystem,
) -> bool {
    let is_named = |name: &str, kind: Option<NameKind>| {
        let name = ecosystem.normalize(name);
        snapshot.rows(&realm.0, &name).flatten().any(|row| kind.is_none_or(|it| it == row.name_kind))
    };
    match &package.source {
        Some(source) if source.name != package.name => {
            is_named(&source.name, Some(NameKind::Source)) || is_named(&package.name, Some(NameKind::Binary))
        }
        _ => is_named(&package.name, None),
    }
}

#[cfg(test)]
mod tests {
    use plimsoll_core::{Advisory, ImagePath, Origin, PackageRef, SourcePackage, Status, Timestamp};
    use plimsoll_vulndb::FeedOutput;
    use plimsoll_vulndb::build::{BuildInput, FeedMeta, build};

    use super::*;

    fn installed(package: Package, owner: Option<usize>) -> InstalledPackage {
        let purl = ecosystems::purl_of(&package, None).to_string();
        let origin = Origin { path: ImagePath::new("x"), layer: Some(0), extractor: "x".to_owned() };
        InstalledPackage { package, purl, origin, owner: owner.map(PackageRef) }
    }

    /// Debian 12 with one package, and a program of it.
    fn inventory(deb: &str, version: &str, source: &str, program: &str) -> Inventory {
        let package = |kind: &str, name: &str, version: &str| Package {
            kind: kind.to_owned(),
            name: name.to_owned(),
            version: version.to_owned(),
            ..Package::default()
        };
        let source = Some(SourcePackage { name: source.to_owned(), version: None });
        let deb = Package { source, ..package("deb", deb, version) };
        let program = Package { evidence: Evidence::Binary, ..package(PROGRAMS, program, "1.0") };
        let distro = Distro { id: "debian".to_owned(), version_id: "12".to_owned(), ..Distro::default() };
        let packages = vec![installed(program, Some(1)), installed(deb, None)];
        Inventory { distro: Some(distro), packages, ..Inventory::default() }
    }

    /// Debian says something of the source `openssl`, and nothing else.
    fn snapshot() -> Snapshot<Vec<u8>> {
        let row = Advisory {
            feed: "debian".to_owned(),
            realm: Realm::distro("deb", "debian", "12"),
            package: "openssl".to_owned(),
            name_kind: NameKind::Source,
            channel: None,
            architectures: Vec::new(),
            module: None,
            vulnerability: "CVE-2024-1".to_owned(),
            advisory_ids: Vec::new(),
            ranges: Vec::new(),
            versions: Vec::new(),
            status: Status::Affected,
            severity: None,
            note: None,
        };
        let output = FeedOutput { advisories: vec![row], ..FeedOutput::default() };
        let feeds = vec![(FeedMeta::named("debian"), output)];
        let input = BuildInput { sequence: 1, built: Timestamp(0), feeds };
        Snapshot::open(build(&input).unwrap()).unwrap()
    }

    #[track_caller]
    fn check(mut inventory: Inventory, snapshot: Option<&Snapshot<Vec<u8>>>, expected: &[&str]) {
        settle(&mut inventory, snapshot);
        let names: Vec<&str> = inventory.packages.iter().map(|it| it.package.name.as_str()).collect();
        assert_eq!(names, expected);
        let owners = inventory.packages.iter().filter_map(|it| it.owner);
        assert!(owners.into_iter().all(|owner| inventory.packages[owner.0].package.kind == "deb"));
    }

    #[test]
    fn a_program_is_its_package_where_the_vendor_speaks_of_it() {
        let openssl = || inventory("libssl3", "3.0.11-1", "openssl", "openssl");
        check(openssl(), Some(&snapshot()), &["libssl3"]);
        check(openssl(), None, &["libssl3"]);
    }

    #[test]
    fn a_program_stays_where_the_vendor_of_its_package_is_silent() {
        let redis = || inventory("redis-server", "7.0.15-1", "redis", "redis");
        check(redis(), Some(&snapshot()), &["redis", "redis-server"]);
        check(redis(), None, &["redis-server"]);
        // Debian's package `openssl` is not the source of that name.
        let other = inventory("openssl", "1", "other", "openssl");
        check(other, Some(&snapshot()), &["openssl", "openssl"]);
    }

    #[test]
    fn a_program_of_a_package_that_somebody_else_built_stays() {
        let version = "16.4-1.pgdg120+2";
        let postgres = || inventory("postgresql-16", version, "openssl", "postgresql");
        let expected = ["postgresql", "postgresql-16"];
        check(postgres(), Some(&snapshot()), &expected);
        check(postgres(), None, &expected);
        let unknown = Inventory { distro: None, ..inventory("libssl3", "3.0", "openssl", "openssl") };
        check(unknown, None, &["openssl", "libssl3"]);
    }

    #[test]
    fn what_a_document_says_of_a_program_is_not_left_out() {
        let mut listed = inventory("libssl3", "3.0.11-1", "openssl", "openssl");
        listed.packages[0].package.evidence = Evidence::Sbom;
        check(listed, None, &["openssl", "libssl3"]);
    }
}
