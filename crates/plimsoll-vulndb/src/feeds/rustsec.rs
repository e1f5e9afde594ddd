//! RustSec's repository: Markdown files that begin with a block of TOML.
//!
//! What is neither patched nor unaffected is vulnerable. Informational advisories (`unmaintained`,
//! `unsound`, `notice`) are kept as such. Systems and architectures that alone are affected become
//! a note and never leave a row out, since the matcher does not know on what a program runs. The
//! standard library's advisories stand under `std`, `cargo` and `rustdoc` beside the crates.

use std::collections::BTreeMap;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Status};
use serde::Deserialize;

use super::osv::only_on;
use super::shared::{
    Dialect, EVERYTHING, Marked, cvss, date, details, each_file, is_cve, package_name, ranges, reference,
    requirement, summary, valid_id, without,
};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The feed.
pub(super) struct RustSec;

/// The repository has 1 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;
/// Requirements of one advisory; real ones have 10.
const REQUIREMENTS_MAX: usize = 128;

impl Feed for RustSec {
    fn id(&self) -> &'static str {
        "rustsec"
    }

    fn title(&self) -> &'static str {
        "RustSec advisory database (repository)"
    }

    fn says(&self) -> &'static str {
        "Affected versions of crates and of Rust's own tools, functions and platforms; what is \
         unmaintained or unsound, apart from vulnerabilities."
    }

    fn is_silent_on(&self) -> &'static str {
        "Crates that come from nowhere but a repository."
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://github.com/rustsec/advisory-db/archive/refs/heads/main.tar.gz";
        // OSV's zip says the same of crates, so that an update may go on without.
        let optional = |name, url: &str, path| Source {
            optional: true,
            ..Source::file(name, url, &[path], SIZE_BYTES_MAX)
        };
        let mirror_only =
            |name, path| Source { remote: crate::Remote::MirrorOnly, ..optional(name, "", path) };
        vec![
            optional("advisory-db", url, "rustsec/advisory-db.tar.gz"),
            mirror_only("crates", "rustsec/advisory-db-crates.tar.zst"),
            mirror_only("rust", "rustsec/advisory-db-rust.tar.zst"),
        ]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "CC0-1.0 AND CC-BY-4.0",
            attribution: "RustSec, https://rustsec.org/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let wanted =
            |path: &str| path.ends_with(".md") && (path.contains("crates/") || path.contains("rust/"));
        each_file(part, &wanted, out, &mut read)
    }
}

#[derive(Deserialize)]
struct Head {
    advisory: Meta,
    #[serde(default)]
    affected: Option<Affected>,
    #[serde(default)]
    versions: Versions,
}

#[derive(Deserialize)]
struct Meta {
    id: String,
    package: String,
    #[serde(default)]
    date: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    informational: Option<String>,
    #[serde(default)]
    cvss: Option<String>,
    #[serde(default)]
    withdrawn: Option<String>,
}

#[derive(Default, Deserialize)]
struct Affected {
    #[serde(default)]
    os: Vec<String>,
    #[serde(default)]
    arch: Vec<String>,
    /// Functions by path, with their versions. Rust's programs do not name theirs reliably.
    #[serde(default, rename = "functions")]
    _functions: BTreeMap<String, Vec<String>>,
}

#[derive(Default, Deserialize)]
struct Versions {
    #[serde(default)]
    patched: Vec<String>,
    #[serde(default)]
    unaffected: Vec<String>,
}

/// The TOML in front, and the Markdown behind it.
fn split(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let (head, body) = text.strip_prefix("```toml")?.split_once("\n```")?;
    Some((head, body))
}

fn read(_: &str, bytes: &[u8], out: &mut FeedOutput) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let (head, body) = split(&text).ok_or("no TOML in front")?;
    let head: Head = toml::from_str(head).map_err(|error| error.message().to_owned())?;
    let meta = &head.advisory;
    if !valid_id(&meta.id) {
        return Err("its id is none".to_owned());
    }
    let package = package_name(&meta.package).ok_or("its package's name cannot be one")?;
    let record = record(meta, body, out);
    if record.withdrawn {
        out.out_of_scope += 1;
        out.records.push(Record { aliases: Vec::new(), ..record });
        return Ok(());
    }
    let ranges = affected_ranges(&head.versions)?;
    let cves: Vec<&String> = record.aliases.iter().filter(|it| is_cve(it)).collect();
    let vulnerability = match cves.as_slice() {
        _ if is_cve(&record.id) => record.id.clone(),
        [cve] => (*cve).clone(),
        _ => record.id.clone(),
    };
    let advisory_ids = if vulnerability == record.id { Vec::new() } else { vec![record.id.clone()] };
    let affected = head.affected.as_ref();
    let words =
        |list: fn(&Affected) -> &Vec<String>| affected.map(|it| list(it).join(", ")).unwrap_or_default();
    let has_fix = ranges.iter().any(|it| matches!(it.end, End::Fixed(_)));
    out.advisories.push(Advisory {
        feed: "rustsec".to_owned(),
        realm: Realm("cargo".to_owned()),
        package: package.to_owned(),
        name_kind: NameKind::Binary,
        channel: None,
        architectures: Vec::new(),
        module: None,
        vulnerability,
        advisory_ids,
        ranges,
        versions: Vec::new(),
        status: if has_fix { Status::Fixed } else { Status::Affected },
        severity: None,
        note: only_on(&words(|it| &it.os), &words(|it| &it.arch)),
    });
    out.records_stored += 1;
    out.records.push(record);
    Ok(())
}

fn record(meta: &Meta, body: &str, out: &mut FeedOutput) -> Record {
    let (title, text) = body.trim_start().split_once('\n').unwrap_or((body.trim(), ""));
    let mut aliases = Vec::new();
    for alias in &meta.aliases {
        if valid_id(alias) {
            aliases.push(alias.clone());
        } else {
            out.quarantine_part(meta.id.as_str(), "an alias that is no id");
        }
    }
    let vector = meta.cvss.as_deref().and_then(|vector| match cvss(vector, "rustsec") {
        Ok(vector) => Some(vector),
        Err(why) => {
            out.quarantine_part(meta.id.as_str(), why);
            None
        }
    });
    let published = date(&meta.date);
    if let Some(published) = published {
        out.saw_date(published);
    }
    let urls = std::iter::once(&meta.url).chain(&meta.references);
    Record {
        id: meta.id.clone(),
        aliases,
        summary: summary(title.trim_start_matches('#')),
        details: details(text),
        references: urls.filter_map(|it| reference(it)).map(str::to_owned).collect(),
        cvss: vector.into_iter().collect(),
        published,
        withdrawn: meta.withdrawn.is_some(),
        informational: meta.informational.clone(),
        ..Record::default()
    }
}

/// What is neither patched nor unaffected.
fn affected_ranges(versions: &Versions) -> Result<Vec<Range>, String> {
    if versions.patched.len() + versions.unaffected.len() > REQUIREMENTS_MAX {
        return Err("too many requirements on versions".to_owned());
    }
    let mut spared = Vec::new();
    for text in versions.patched.iter().chain(&versions.unaffected) {
        let found = requirement(Dialect::Cargo, text)?;
        spared.extend(found.into_iter().map(|interval| Marked { interval, is_fix: true }));
    }
    let left = without(&[Marked { interval: EVERYTHING, is_fix: false }], spared);
    if left.is_empty() {
        return Err("no version is affected".to_owned());
    }
    Ok(ranges(left, successor).into_iter().map(|range| Range { end: fixed(range.end), ..range }).collect())
}

/// What is patched behind a version is patched from its successor on.
fn fixed(end: End) -> End {
    match end {
        End::LastAffected(version) => End::Fixed(successor(&version)),
        other => other,
    }
}

/// The smallest version behind another: the pre-release in front of the next, or, behind a
/// pre-release, one with a further part. Source: SemVer 2.0, section 11.
fn successor(version: &str) -> String {
    let plain = version.split('+').next().unwrap_or_default();
    if plain.contains('-') {
        return format!("{plain}.0");
    }
    let next = plain.rsplit_once('.').and_then(|(front, last)| {
        let last: u64 = last.parse().ok()?;
        Some(format!("{front}.{}-0", last.checked_add(1)?))
    });
    next.unwrap_or_else(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(markdown: &str) -> (FeedOutput, Option<String>) {
        let mut out = FeedOutput::default();
        let why = read("x.md", markdown.as_bytes(), &mut out).err();
        (out, why)
    }

    /// Ranges as `[0,1.2) [2,3]`.
    fn check(versions: &str, expected: &str) {
        let head = "```toml\n[advisory]\nid = \"RUSTSEC-2020-0001\"\npackage = \"a\"\n";
        let (out, why) = parse(&format!("{head}{versions}\n```\n# Title\n\nText"));
        let shown = match out.advisories.first() {
            None => why.unwrap_or_default(),
            Some(row) => row.ranges.iter().map(show).collect::<Vec<_>>().join(" "),
        };
        assert_eq!(shown, expected, "{versions}");
    }

    fn show(range: &Range) -> String {
        let low = range.introduced.as_deref().unwrap_or("0");
        match &range.end {
            End::Fixed(end) => format!("[{low},{end})"),
            End::LastAffected(end) => format!("[{low},{end}]"),
            End::Limit(end) => format!("[{low},{end}|"),
            End::Open => format!("[{low},"),
        }
    }

    #[test]
    fn what_is_neither_patched_nor_unaffected_is_vulnerable() {
        check("[versions]\npatched = []", "");
        check("[versions]\npatched = [\">= 1.2.3\"]", "[0,1.2.3)");
        check("[versions]\npatched = [\">= 1.2\"]\nunaffected = [\"< 1.0.0\"]", "[1.0.0,1.2.0)");
        check("[versions]\npatched = [\"^1.2.3\", \">= 2.0.1\"]", "[0,1.2.3) [2.0.0-0,2.0.1)");
        check("[versions]\npatched = []\nunaffected = [\"<= 0.12.1\"]", "[0.12.2-0,");
        check("[versions]\npatched = [\"> 0.5.0\"]", "[0,0.5.1-0)");
        check("[versions]\npatched = [\"< 9\", \">= 8\"]", "no version is affected");
        check("[versions]\npatched = [\"zurg\"]", "the requirement `zurg` cannot be read");
    }

    #[test]
    fn an_advisory_is_filed_under_its_cve_with_what_is_special_about_it() {
        let (out, _) = parse(
            "```toml\n[advisory]\nid = \"RUSTSEC-2022-0082\"\npackage = \"warp\"\ndate = \"2022-01-14\"\nurl = \"https://example.com\"\naliases = [\"CVE-2022-0001\"]\ncvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"\ninformational = \"unsound\"\n[affected]\nos = [\"windows\"]\n[affected.functions]\n\"warp::fs\" = [\"< 0.3\"]\n[versions]\npatched = [\">= 0.3.3\"]\n```\n\n# Bad\n\nLong.\n",
        );
        let (row, record) = (&out.advisories[0], &out.records[0]);
        assert_eq!((row.vulnerability.as_str(), row.advisory_ids.len()), ("CVE-2022-0001", 1));
        assert_eq!(row.note.as_deref(), Some("affects only windows"));
        assert_eq!(record.informational.as_deref(), Some("unsound"));
        assert_eq!((record.summary.as_deref(), record.details.as_deref()), (Some("Bad"), Some("Long.")));
        assert_eq!(record.cvss[0].score_tenths, 75);
    }

    #[test]
    fn a_withdrawn_advisory_says_only_that() {
        let (out, _) = parse(
            "```toml\n[advisory]\nid = \"RUSTSEC-2020-0001\"\npackage = \"a\"\nwithdrawn = \"2021-01-01\"\naliases = [\"CVE-2020-0001\"]\n```\n",
        );
        assert!(out.advisories.is_empty() && out.records[0].withdrawn && out.records[0].aliases.is_empty());
    }

    #[test]
    fn what_cannot_be_an_advisory_is_set_aside() {
        for text in [
            "",
            "```toml\n",
            "```toml\n[advisory]\nid = \"../x\"\npackage = \"a\"\n```\n",
            "```toml\n[advisory]\nid = \"RUSTSEC-1\"\npackage = \"a b\"\n```\n",
        ] {
            assert!(parse(text).1.is_some(), "{text}");
        }
    }
}
