use plimsoll_core::{Origin, Package, Timestamp};
use plimsoll_vulndb::FeedOutput;
use plimsoll_vulndb::build::{BuildInput, FeedMeta, build};

use super::*;

const PATH: &str = "app/lib.war";

fn snapshot(jars: &[([u8; 20], &str)]) -> Snapshot<Vec<u8>> {
    let maven = jars.iter().map(|(sha1, name)| (*sha1, (*name).to_owned())).collect();
    let output = FeedOutput { maven, ..FeedOutput::default() };
    let feeds = vec![(FeedMeta::named("maven-index"), output)];
    let input = BuildInput { sequence: 1, built: Timestamp(0), feeds };
    Snapshot::open(build(&input).unwrap()).unwrap()
}

fn package(kind: &str, name: &str, version: &str, evidence: Evidence) -> InstalledPackage {
    let package = Package {
        kind: kind.to_owned(),
        name: name.to_owned(),
        version: version.to_owned(),
        evidence,
        ..Package::default()
    };
    let purl = ecosystems::purl_of(&package, None).to_string();
    let origin = Origin { path: ImagePath::new(PATH), layer: Some(2), extractor: "x".to_owned() };
    InstalledPackage { package, purl, origin, owner: None }
}

fn unnamed(name: &str, version: &str, sha1: u8) -> (ImagePath, UnnamedArchive) {
    let path = ImagePath::new(PATH);
    let label = format!("lib.war!/{name}-{version}-{sha1}.jar");
    let problem = Problem::new(ProblemKind::NotCovered, format!("nobody knows `{label}`")).at(&path);
    let (name, version) = (name.to_owned(), version.to_owned());
    (path, UnnamedArchive { sha1: [sha1; 20], label, name, version, problem })
}

fn inventory() -> Inventory {
    let mut inventory = Inventory {
        packages: vec![
            package("deb", "zlib", "1", Evidence::Installed),
            package("maven", "a", "1", Evidence::Binary),
            package("maven", "b", "2", Evidence::Binary),
            package("maven", "g:known", "1", Evidence::Installed),
            package("npm", "c", "1", Evidence::Installed),
        ],
        unnamed: vec![unnamed("a", "1", 1), unnamed("b", "2", 2), unnamed("b", "2", 3)],
        ..Inventory::default()
    };
    inventory.packages[4].owner = Some(PackageRef(0));
    inventory.problems = inventory.unnamed.iter().map(|(_, it)| it.problem.clone()).collect();
    inventory
}

#[track_caller]
fn check(jars: &[([u8; 20], &str)], expected: &str) {
    let mut inventory = inventory();
    resolve(&mut inventory, &snapshot(jars));
    let mut text = String::new();
    for it in &inventory.packages {
        let owner = it.owner.map(|owner| format!(" of {}", inventory.packages[owner.0].package.name));
        text.push_str(&format!("{}{}\n", it.purl, owner.unwrap_or_default()));
    }
    for problem in &inventory.problems {
        text.push_str(&format!("{} {}\n", if problem.hides_findings { "!" } else { "~" }, problem.what));
    }
    assert_eq!(text, expected);
}

const UNTOUCHED: &str = "\
pkg:deb/zlib@1
pkg:maven/a@1
pkg:maven/b@2
pkg:maven/g/known@1
pkg:npm/c@1 of zlib
! nobody knows `lib.war!/a-1-1.jar`
! nobody knows `lib.war!/b-2-2.jar`
! nobody knows `lib.war!/b-2-3.jar`
";

#[test]
fn without_a_table_or_with_other_jars_in_it_nothing_is_known() {
    check(&[], UNTOUCHED);
    check(&[([9; 20], "g:other:1")], UNTOUCHED);
}

#[test]
fn a_jar_of_the_table_has_the_name_that_it_was_published_under() {
    check(
        &[([1; 20], "org.z:real:1.0"), ([3; 20], "g:third:3")],
        "\
pkg:deb/zlib@1
pkg:maven/b@2
pkg:maven/g/known@1
pkg:maven/g/third@3
pkg:maven/org.z/real@1.0
pkg:npm/c@1 of zlib
~ `lib.war!/a-1-1.jar` was published as `org.z:real:1.0`, by its SHA-1
! nobody knows `lib.war!/b-2-2.jar`
~ `lib.war!/b-2-3.jar` was published as `g:third:3`, by its SHA-1
",
    );
}

#[test]
fn a_jar_of_several_names_has_them_all_and_what_is_known_is_not_listed_twice() {
    check(
        &[([1; 20], "g:known:1"), ([1; 20], "h:copy:1"), ([2; 20], "h:copy:1"), ([3; 20], "h:copy:1")],
        "\
pkg:deb/zlib@1
pkg:maven/g/known@1
pkg:maven/h/copy@1
pkg:npm/c@1 of zlib
~ `lib.war!/a-1-1.jar` was published as `g:known:1` and `h:copy:1`, by its SHA-1
~ `lib.war!/b-2-2.jar` was published as `h:copy:1`, by its SHA-1
~ `lib.war!/b-2-3.jar` was published as `h:copy:1`, by its SHA-1
",
    );
}
