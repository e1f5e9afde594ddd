//! FriendsOfPHP's repository: a YAML file for each advisory, with the affected versions of each
//! branch.
//!
//! A branch without a date ends where the next begins and has no fix of its own; branches that
//! touch are one range, whose fix is that of the last. Advisories without a CVE are named by
//! their file, as nobody else names them.

use std::collections::BTreeMap;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Status};
use serde::Deserialize;

use super::shared::{
    Cut, Dialect, Marked, cve, date, each_file, joined, package_name, ranges, reference, requirement,
    summary, valid_id, yaml,
};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The feed.
pub(super) struct FriendsOfPhp;

/// The repository has 1 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;
/// Branches of one advisory; real ones have 40.
const BRANCHES_MAX: usize = 256;

impl Feed for FriendsOfPhp {
    fn id(&self) -> &'static str {
        "friendsofphp"
    }

    fn title(&self) -> &'static str {
        "FriendsOfPHP security advisories"
    }

    fn says(&self) -> &'static str {
        "Affected branches of Composer packages; some 1,600 records, often earlier than elsewhere."
    }

    fn is_silent_on(&self) -> &'static str {
        "PHP itself; severities."
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://github.com/FriendsOfPHP/security-advisories/archive/refs/heads/master.tar.gz";
        let mirror = &[
            "php-security-advisories/security-advisories.tar.gz",
            "php-security-advisories/security-advisories.tar.zst",
        ];
        vec![Source { optional: true, ..Source::file("security-advisories", url, mirror, SIZE_BYTES_MAX) }]
    }

    fn licence(&self) -> Licence {
        Licence { name: "Unlicense", attribution: "FriendsOfPHP", redistributable: true }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let wanted = |path: &str| path.ends_with(".yaml") && path.matches('/').count() >= 2;
        each_file(part, &wanted, out, &mut read)
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    link: Option<String>,
    #[serde(default)]
    cve: Option<String>,
    reference: String,
    branches: BTreeMap<String, Branch>,
}

#[derive(Deserialize)]
struct Branch {
    /// When the fix was released.
    #[serde(default)]
    time: Option<String>,
    versions: Vec<String>,
}

fn read(path: &str, bytes: &[u8], out: &mut FeedOutput) -> Result<(), String> {
    let raw: Raw = yaml(bytes)?;
    let name = raw.reference.trim().strip_prefix("composer://").ok_or("no package of Composer's")?;
    let package = package_name(name).ok_or("its package's name cannot be one")?.to_lowercase();
    let id = id(&raw, path)?;
    let dates = raw.branches.values().filter_map(|it| date(it.time.as_deref()?));
    let published = dates.min();
    if let Some(published) = published {
        out.saw_date(published);
    }
    let (ranges, is_exact) = affected_ranges(&raw.branches)?;
    let has_fix = ranges.iter().any(|it| matches!(it.end, End::Fixed(_)));
    out.advisories.push(Advisory {
        feed: "friendsofphp".to_owned(),
        realm: Realm("composer".to_owned()),
        package,
        name_kind: NameKind::Binary,
        channel: None,
        architectures: Vec::new(),
        module: None,
        vulnerability: id.clone(),
        advisory_ids: Vec::new(),
        ranges,
        versions: Vec::new(),
        status: if has_fix { Status::Fixed } else { Status::Affected },
        severity: None,
        note: (!is_exact).then(|| "the first version of a range is itself not affected".to_owned()),
    });
    out.records.push(Record {
        id,
        summary: raw.title.as_deref().and_then(summary),
        references: raw.link.as_deref().and_then(reference).map(str::to_owned).into_iter().collect(),
        published,
        ..Record::default()
    });
    out.records_stored += 1;
    Ok(())
}

/// The CVE, or a name made of the file's: `FOP-twig-twig-2013-04-08-1`.
fn id(raw: &Raw, path: &str) -> Result<String, String> {
    if let Some(given) = raw.cve.as_deref().map(str::trim).filter(|it| !it.is_empty() && *it != "~") {
        return cve(given).ok_or_else(|| "its CVE is none".to_owned());
    }
    let path = path.strip_suffix(".yaml").unwrap_or(path);
    let parts: Vec<&str> = path.rsplit('/').take(3).collect();
    let name: Vec<&str> = parts.into_iter().rev().collect();
    let id = format!("FOP-{}", name.join("-"));
    if valid_id(&id) { Ok(id) } else { Err("no CVE, and a file name that cannot be an id".to_owned()) }
}

/// The ranges, and whether they begin exactly where the advisory says.
fn affected_ranges(branches: &BTreeMap<String, Branch>) -> Result<(Vec<Range>, bool), String> {
    if branches.len() > BRANCHES_MAX {
        return Err("too many branches".to_owned());
    }
    let mut parts = Vec::new();
    for branch in branches.values() {
        // "And" of all in the list.
        let text = branch.versions.join(",");
        let is_fix = branch.time.as_deref().is_some_and(|it| !matches!(it.trim(), "" | "~" | "null"));
        let found = requirement(Dialect::Composer, &text)?;
        parts.extend(found.into_iter().map(|interval| Marked { interval, is_fix }));
    }
    if parts.is_empty() {
        return Err("no branch is affected".to_owned());
    }
    let parts = joined(parts);
    let is_exact = parts.iter().all(|it| !matches!(it.interval.low, Cut::After(_)));
    // Composer knows no version right behind another; a little too much is affected.
    Ok((ranges(parts, str::to_owned), is_exact))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str, text: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        if let Err(why) = read(path, text.as_bytes(), &mut out) {
            out.quarantine("x", why);
        }
        out
    }

    #[test]
    fn branches_that_touch_are_one_range_with_the_last_ones_fix() {
        let out = parse(
            "x/symfony/http-client/CVE-2024-50342.yaml",
            "title: \"T\"\nlink: https://symfony.com/cve-2024-50342\ncve: CVE-2024-50342\nbranches:\n    4.3.x:\n        time: ~\n        versions: ['>=4.3.0', '<4.4.0']\n    4.4.x:\n        time: 2024-11-13 08:00:00\n        versions: ['>=4.4.0', '<4.4.50']\n    7.1.x:\n        time: ~\n        versions: ['>7.1', '<7.2']\nreference: composer://Symfony/http-client\n",
        );
        let row = &out.advisories[0];
        let shown: Vec<String> =
            row.ranges.iter().map(|it| format!("{:?} {:?}", it.introduced, it.end)).collect();
        assert_eq!(shown, ["Some(\"4.3.0\") Fixed(\"4.4.50\")", "Some(\"7.1\") Limit(\"7.2\")"]);
        assert_eq!((row.package.as_str(), row.status), ("symfony/http-client", Status::Fixed));
        assert!(row.note.is_some());
    }

    #[test]
    fn without_a_cve_the_file_is_the_name() {
        let text = "cve: ~\nbranches:\n  master:\n    time: 2013-05-16 18:29:36\n    versions: [<0.7.2]\nreference: composer://doctrine/doctrine-module\n";
        let out = parse("db/doctrine/doctrine-module/2013-05-16.yaml", text);
        assert_eq!(out.records[0].id, "FOP-doctrine-doctrine-module-2013-05-16");
        assert_eq!(out.advisories[0].ranges[0].end, End::Fixed("0.7.2".to_owned()));
    }

    #[test]
    fn what_cannot_be_read_is_set_aside() {
        for text in [
            "",
            "branches: {}\nreference: composer://a/b\ncve: CVE-2020-0001",
            "branches: {x: {versions: ['>2', '<1']}}\nreference: composer://a/b\ncve: CVE-2020-0001",
            "branches: {x: {versions: ['<1']}}\nreference: https://a/b\ncve: CVE-2020-0001",
            "branches: {x: {versions: ['<1']}}\nreference: composer://a/b\ncve: nonsense",
        ] {
            let out = parse("a/b/c.yaml", text);
            assert_eq!((out.advisories.len(), out.records_quarantined), (0, 1), "{text}");
        }
    }
}
