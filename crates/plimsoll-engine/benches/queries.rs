//! How fast a database answers: opened, asked about the packages of an image, and compared with
//! them, on one thread. `queries DIRECTORY [--rows N]`; with `--rows` the same data are multiplied
//! first, under other names of packages, until there are so many rows.
//!
//! Prints figures, a name and a number a line, and judges none; `cargo xtask bench` knows the bounds.
#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads files and asks the clock")]

use std::cmp::Ordering;
use std::fmt::Write;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use plimsoll_core::{Advisory, Inventory, Package, Realm, Timestamp};
use plimsoll_ecosystems as ecosystems;
use plimsoll_engine::db::{Database, OpenSnapshot};
use plimsoll_match::{Context, FINDINGS_MAX, Judges, Reach, match_inventory};
use plimsoll_vulndb::{BuildInput, EndRef, FeedMeta, FeedOutput, build};

/// What goes wrong ends the benchmark.
type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// An image of the middle size has so many packages.
const PACKAGES: usize = 700;
/// Their distribution, as rows and as package URLs name it: the one whose tracker says most.
const REALM: &str = "deb/debian:12";
const DISTRO: &str = "debian-12";
/// The best of so many runs is told; the first one is told besides.
const RUNS: usize = 200;

fn main() -> Result {
    // cargo adds a flag of its own.
    let mut arguments = std::env::args().skip(1).filter(|it| it != "--bench");
    let directory = PathBuf::from(arguments.next().ok_or("queries DIRECTORY [--rows N]")?);
    match (arguments.next().as_deref(), arguments.next()) {
        (None, _) => measure(&directory),
        (Some("--rows"), Some(rows)) => multiplied(&directory, rows.parse()?),
        _ => Err("queries DIRECTORY [--rows N]".into()),
    }
}

fn measure(directory: &Path) -> Result {
    let database = Database::in_directory(directory.to_owned());
    let (first, opened) = (time(|| database.open()), best(|| database.open().is_ok()));
    let open = first.1?;
    let stats = open.snapshot.stats()?;
    figure("rows", stats.rows as f64);
    figure("size_bytes", stats.size_bytes as f64);
    figure("open_first_seconds", first.0);
    figure("open_seconds", opened);
    let inventory = packages(&open, &newest_version)?;
    figure("packages", inventory.packages.len() as f64);
    let first = time(|| look_up(&open, &inventory));
    figure("rows_of_packages", first.1? as f64);
    figure("look_up_first_seconds", first.0 / PACKAGES as f64);
    figure("look_up_seconds", best(|| look_up(&open, &inventory).is_ok()) / PACKAGES as f64);
    let first = time(|| compare(&open, &inventory));
    first.1?;
    figure("compare_first_seconds", first.0);
    figure("compare_seconds", best(|| compare(&open, &inventory).is_ok()));
    figure("findings", find(&open, &inventory) as f64);
    figure("find_seconds", best(|| find(&open, &inventory)));
    let never_updated = packages(&open, &some_version)?;
    figure("old_findings", find(&open, &never_updated) as f64);
    figure("old_find_seconds", best(|| find(&open, &never_updated)));
    Ok(())
}

fn figure(name: &str, value: f64) {
    println!("{name} {value}");
}

fn time<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let started = Instant::now();
    let result = black_box(work());
    (started.elapsed().as_secs_f64(), result)
}

fn best<T>(work: impl Fn() -> T) -> f64 {
    (0..RUNS).map(|_| time(&work).0).fold(f64::INFINITY, f64::min)
}

/// What chooses the version that a package is installed in.
type Choose<'c> = &'c dyn Fn(&OpenSnapshot, &str) -> Result<Option<String>>;

/// Packages that the tracker speaks of, spread over the whole of it.
fn packages(open: &OpenSnapshot, version: Choose<'_>) -> Result<Inventory> {
    let mut names = Vec::new();
    for key in open.snapshot.keys() {
        let (realm, name) = key?;
        if realm == REALM {
            names.push(name);
        }
    }
    names.sort_unstable();
    let step = (names.len() / PACKAGES).max(1);
    let mut urls = String::new();
    for name in names.into_iter().step_by(step).take(PACKAGES) {
        let installed = version(open, name)?.unwrap_or_else(|| "1.0-1".to_owned());
        writeln!(urls, "pkg:deb/debian/{name}@{installed}?distro={DISTRO}")?;
    }
    Ok(ecosystems::sbom::read_purls(&urls).into_inventory())
}

/// The newest that any row names, as in an image that is updated: what is left is what has no fix.
fn newest_version(open: &OpenSnapshot, name: &str) -> Result<Option<String>> {
    let ecosystem = ecosystems::by_purl_type("deb").ok_or("no order of Debian's versions")?;
    let mut newest: Option<String> = None;
    for row in open.snapshot.rows(REALM, name) {
        for range in row?.ranges() {
            let EndRef::Fixed(version) = range.end else { continue };
            let is_newer = |than: &String| ecosystem.compare(version, than).is_ok_and(Ordering::is_gt);
            if newest.as_ref().is_none_or(is_newer) {
                newest = Some(version.to_owned());
            }
        }
    }
    Ok(newest)
}

/// The first that a row names, as in an image that nobody has updated for years: such has some
/// holes mended and most not.
fn some_version(open: &OpenSnapshot, name: &str) -> Result<Option<String>> {
    let mut found = None;
    for row in open.snapshot.rows(REALM, name) {
        for range in row?.ranges() {
            if let EndRef::Fixed(version) = range.end {
                found.get_or_insert_with(|| version.to_owned());
            }
        }
    }
    Ok(found)
}

/// Reads all rows about all packages; their number.
fn look_up(open: &OpenSnapshot, inventory: &Inventory) -> Result<usize> {
    let mut count = 0;
    for installed in &inventory.packages {
        for row in open.snapshot.rows(REALM, &installed.package.name) {
            count += usize::from(!black_box(row?).vulnerability.is_empty());
        }
    }
    Ok(count)
}

/// Reads all rows about all packages and compares each with the installed version; the number of
/// rows with a range whose fix is newer, or that has none.
fn compare(open: &OpenSnapshot, inventory: &Inventory) -> Result<usize> {
    let ecosystem = ecosystems::by_purl_type("deb").ok_or("no order of Debian's versions")?;
    let mut count = 0;
    for installed in &inventory.packages {
        let version = &installed.package.version;
        for row in open.snapshot.rows(REALM, &installed.package.name) {
            let is_before = |end| match end {
                EndRef::Fixed(fixed) => ecosystem.compare(version, fixed).map_or(true, Ordering::is_lt),
                _ => true,
            };
            count += usize::from(row?.ranges().any(|range| is_before(range.end)));
        }
    }
    Ok(count)
}

/// Everything that is judged and said of these packages; the number of findings.
fn find(open: &OpenSnapshot, inventory: &Inventory) -> usize {
    let realms = [Realm(REALM.to_owned())];
    let judges = |_: &Package| Judges::Vendor(&realms);
    let context = Context {
        ecosystem: &ecosystems::by_purl_type,
        judges: &judges,
        reach: &|_, _| Reach::Closed,
        can_have: &|_, _| false,
        is_kernel_header: &|_| false,
        owner: &|_| None,
        trust: &[],
        informational: false,
        findings_max: FINDINGS_MAX,
    };
    match_inventory(inventory, &open.snapshot, &context).findings.len()
}

/// Measures a database of the same rows under more names, made for it and thrown away.
fn multiplied(directory: &Path, rows: usize) -> Result {
    let open = Database::in_directory(directory.to_owned()).open()?;
    let advisories = many(&open, rows)?;
    let output = FeedOutput { advisories, ..FeedOutput::default() };
    let input =
        BuildInput { sequence: 1, built: Timestamp(0), feeds: vec![(FeedMeta::named("multiplied"), output)] };
    let (seconds, bytes) = time(|| build(&input));
    let (bytes, folder) = (bytes?, tempfile::tempdir()?);
    drop(input);
    figure("build_seconds", seconds);
    // What is not multiplied: the vulnerabilities' texts, scores and names.
    figure("unmultiplied_bytes", open.snapshot.stats()?.size_bytes as f64);
    std::fs::create_dir(folder.path().join("snapshots"))?;
    std::fs::write(folder.path().join("snapshots/00000001.snapshot"), bytes)?;
    std::fs::write(folder.path().join("current"), "1\n")?;
    measure(folder.path())
}

/// All rows, over and over, each time under new names of packages.
fn many(open: &OpenSnapshot, rows: usize) -> Result<Vec<Advisory>> {
    let mut all = Vec::with_capacity(rows);
    for copy in 0.. {
        let before = all.len();
        for key in open.snapshot.keys() {
            let (realm, name) = key?;
            let own = if copy == 0 { name.to_owned() } else { format!("{name}-{copy}") };
            for row in open.snapshot.rows(realm, name) {
                all.push(Advisory { package: own.clone(), ..row?.to_advisory(realm) });
            }
            if all.len() >= rows {
                return Ok(all);
            }
        }
        if all.len() == before {
            return Err("the database has no rows".into());
        }
    }
    Ok(all)
}
