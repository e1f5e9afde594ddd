//! Everything in the shared mirror of feeds, read and built into one snapshot: whether it fits
//! the sizes and times that are promised. Runs where the mirror is, and optimised only.
#![expect(clippy::disallowed_methods, reason = "reads the mirror and takes the time")]

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use plimsoll_core::Timestamp;

use crate::snapshot::verify;
use crate::{BuildInput, FEEDS, Feed, FeedMeta, FeedOutput, Part, Row, Snapshot, Source, build};

fn mirror() -> Option<PathBuf> {
    let shared = std::env::var_os("PLIMSOLL_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let mirror = shared.join("data/feeds");
    mirror.is_dir().then_some(mirror)
}

/// The files that match a path in which components may hold a `*`, and what the `*` stood for.
fn matches(folder: &Path, pattern: &str) -> Vec<(PathBuf, String)> {
    let mut found = vec![(folder.to_owned(), String::new())];
    for component in pattern.split('/') {
        let mut next = Vec::new();
        for (path, star) in found {
            match component.split_once('*') {
                None => next.push((path.join(component), star)),
                Some((start, end)) => {
                    let entries = fs::read_dir(&path).into_iter().flatten().flatten();
                    next.extend(entries.filter_map(|entry| {
                        let name = entry.file_name().into_string().ok()?;
                        let matched = name.strip_prefix(start)?.strip_suffix(end)?.to_owned();
                        Some((path.join(&name), matched))
                    }));
                }
            }
        }
        found = next;
    }
    found.retain(|(path, _)| path.is_file());
    found.sort();
    found
}

fn parts(mirror: &Path, source: &Source) -> Vec<(PathBuf, String)> {
    let mut found =
        source.mirror.iter().map(|it| matches(mirror, it)).find(|it| !it.is_empty()).unwrap_or_default();
    if source.newest_only {
        found.drain(..found.len().saturating_sub(1));
    }
    found
}

fn read(feed: &dyn Feed, mirror: &Path) -> FeedOutput {
    let mut out = FeedOutput::default();
    for source in feed.sources() {
        for (path, star) in parts(mirror, &source) {
            let bytes = fs::read(&path).unwrap();
            let name = source.name.replace('*', &star);
            let file_name = path.file_name().and_then(|it| it.to_str()).unwrap_or_default();
            if let Err(why) = feed.parse(&Part { name: &name, file_name, bytes: &bytes }, &mut out) {
                eprintln!("{} {}: {why}", feed.id(), path.display());
            }
        }
    }
    out
}

/// The most memory this process ever had.
fn peak() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown").to_owned()
}

/// Time that this thread has run, where the kernel says it (to a few milliseconds): other work
/// on the machine does not count.
fn busy(start: Instant) -> Duration {
    let spent = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = spent.as_deref().and_then(|it| it.split(' ').next()).and_then(|it| it.parse().ok());
    nanoseconds.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// Does something and says how long the thread was busy with it.
fn timed<T>(what: &str, work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let before = busy(start);
    let result = work();
    let spent = busy(start).saturating_sub(before);
    eprintln!("{what}: {spent:?}");
    (result, spent)
}

#[test]
fn all_feeds_fit_into_a_small_and_quick_snapshot() {
    let Some(mirror) = mirror() else {
        eprintln!("SKIPPED: no mirror of feeds at $PLIMSOLL_SHARED or ../shared");
        return;
    };
    if cfg!(debug_assertions) {
        eprintln!("SKIPPED: building everything takes minutes unoptimised; run with --release");
        return;
    }
    let read_all = || FEEDS.iter().map(|&feed| (FeedMeta::of(feed, "mirror"), read(feed, &mirror))).collect();
    let (feeds, _) = timed("read", read_all);
    eprintln!("{}", peak());
    let input = BuildInput { sequence: 1, built: Timestamp(1_795_000_000), feeds };
    let (bytes, build_time) = timed("build", || build(&input).unwrap());
    eprintln!("{}", peak());
    assert!(build_time.as_secs() < 60);
    assert!(bytes.len() < 80_000_000, "{} bytes", bytes.len());
    let start = Instant::now();
    let snapshot = Snapshot::open(bytes.as_slice()).unwrap();
    eprintln!("open: {:?}", start.elapsed());
    say_what_is_in(&snapshot);
    let (verified, _) = timed("verify", || verify(&bytes));
    assert_eq!(verified, Ok(snapshot.digest()));
    check_every_row(&snapshot, &input);
    look_up(&snapshot);
    assert!(build(&input).unwrap() == bytes, "a repetition gives other bytes");
}

fn say_what_is_in(snapshot: &Snapshot<&[u8]>) {
    eprintln!("{:?}", snapshot.stats().unwrap());
    for (section, size_bytes) in snapshot.sizes() {
        eprintln!("  {size_bytes:>10} {section}");
    }
    for realm in snapshot.realms().unwrap() {
        eprintln!("  {realm:?}");
    }
    for feed in snapshot.row_feeds().unwrap() {
        eprintln!("  {feed:?}");
    }
}

/// Nothing unreadable, nothing lost: every advisory is found under its package and its
/// vulnerability, and every vulnerability by each of its ids.
fn check_every_row(snapshot: &Snapshot<&[u8]>, input: &BuildInput) {
    let mut rows = HashSet::new();
    for key in snapshot.keys() {
        let (realm, package) = key.unwrap();
        for row in snapshot.rows(realm, package) {
            let row = row.unwrap();
            rows.insert((row.feed, realm, package, row.vulnerability));
        }
    }
    let withdrawn: HashSet<&str> = input
        .feeds
        .iter()
        .flat_map(|(_, output)| &output.records)
        .filter(|record| record.withdrawn)
        .map(|record| record.id.as_str())
        .collect();
    let ids: HashSet<&str> = snapshot.ids().map(Result::unwrap).collect();
    let mut lost = 0;
    for advisory in input.feeds.iter().flat_map(|(_, output)| &output.advisories) {
        let facts = snapshot.vulnerability(&advisory.vulnerability).unwrap();
        let name = facts.map(|it| it.id).unwrap_or_default();
        let found = |feed: &str| {
            rows.contains(&(feed, advisory.realm.0.as_str(), advisory.package.as_str(), name.as_str()))
        };
        let is_found = found(&advisory.feed) || found("ubuntu-osv") || found("ubuntu-tracker");
        let was_withdrawn = advisory.advisory_ids.iter().any(|id| withdrawn.contains(id.as_str()))
            || withdrawn.contains(advisory.vulnerability.as_str());
        if !is_found && !was_withdrawn {
            lost += 1;
            eprintln!("lost: {advisory:?}");
        }
    }
    assert_eq!(lost, 0);
    for id in ids {
        let facts = snapshot.vulnerability(id).unwrap().unwrap();
        assert_eq!(facts.id, id);
        snapshot.text(id).unwrap().unwrap();
        for alias in &facts.aliases {
            assert!(snapshot.vulnerability(alias).unwrap().is_some(), "{alias}");
        }
    }
}

/// Seven hundred packages of Debian 12, those with the most rows.
fn look_up(snapshot: &Snapshot<&[u8]>) {
    let realm = "deb/debian:12";
    let mut packages: Vec<(usize, &str)> = snapshot
        .keys()
        .map(Result::unwrap)
        .filter(|(of, _)| *of == realm)
        .map(|(_, package)| (snapshot.rows(realm, package).count(), package))
        .collect();
    packages.sort_unstable_by(|left, right| right.cmp(left));
    packages.truncate(700);
    let rows = packages.iter().map(|(rows, _)| rows).sum::<usize>();
    let read = |rows: &mut dyn Iterator<Item = Row<'_>>| {
        rows.map(|row| row.ranges().count() + row.versions().count() + row.vulnerability.len()).sum::<usize>()
    };
    // The best of twenty for each package: what other work on the machine takes falls out.
    let best = |package: &str| {
        let once = || {
            let start = Instant::now();
            std::hint::black_box(read(&mut snapshot.rows(realm, package).map(Result::unwrap)));
            start.elapsed()
        };
        (0..20).map(|_| once()).min().unwrap_or_default()
    };
    let spent: Duration = packages.iter().map(|(_, package)| best(package)).sum();
    eprintln!("rows of {} packages ({rows}): {spent:?}", packages.len());
    // Five are promised; a machine with other work may take longer.
    assert!(spent.as_millis() < 20, "look-ups took {spent:?}");
    let ids: BTreeSet<&str> = packages
        .iter()
        .flat_map(|(_, package)| snapshot.rows(realm, package))
        .map(|row| row.unwrap().vulnerability)
        .collect();
    let all = |ask: &dyn Fn(&str)| ids.iter().for_each(|id| ask(id));
    timed(&format!("facts of {} vulnerabilities", ids.len()), || {
        all(&|id| drop(snapshot.vulnerability(id).unwrap()));
    });
    timed(&format!("texts of {} vulnerabilities", ids.len()), || {
        all(&|id| drop(snapshot.text(id).unwrap()));
    });
}
