//! RubySec's repository: a YAML file for each advisory, of gems and of Ruby itself.
//!
//! What is neither patched nor unaffected is vulnerable. Advisories of `engine: ruby` are filed
//! under the name that programs without a package manager have. `platform: jruby` becomes a note
//! and never leaves a row out: an installed gem does not always say its platform. `related` is no
//! alias.

use plimsoll_core::{Advisory, End, NameKind, Range, Rating, Realm, Severity, Status};
use serde::Deserialize;

use super::osv::only_on;
use super::shared::{
    Dialect, EVERYTHING, Marked, date, details, each_file, is_cve, package_name, ranges, reference,
    requirement, summary, valid_id, without, yaml,
};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The feed.
pub(super) struct RubySec;

/// The repository has 1 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;
/// Requirements of one advisory; real ones have 20.
const REQUIREMENTS_MAX: usize = 128;

impl Feed for RubySec {
    fn id(&self) -> &'static str {
        "rubysec"
    }

    fn title(&self) -> &'static str {
        "RubySec advisory database"
    }

    fn says(&self) -> &'static str {
        "Versions of gems, and of Ruby itself, that have a fix or were never affected; all others \
         are affected."
    }

    fn is_silent_on(&self) -> &'static str {
        "Malicious packages."
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://github.com/rubysec/ruby-advisory-db/archive/refs/heads/master.tar.gz";
        let mirror = &["rubysec/ruby-advisory-db.tar.gz", "rubysec/ruby-advisory-db.tar.zst"];
        vec![Source { optional: true, ..Source::file("ruby-advisory-db", url, mirror, SIZE_BYTES_MAX) }]
    }

    fn licence(&self) -> Licence {
        Licence { name: "public domain", attribution: "RubySec, https://rubysec.com/", redistributable: true }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let wanted =
            |path: &str| path.ends_with(".yml") && (path.contains("gems/") || path.contains("rubies/"));
        each_file(part, &wanted, out, &mut read)
    }
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    gem: Option<String>,
    #[serde(default)]
    engine: Option<String>,
    #[serde(default)]
    platform: Option<String>,
    #[serde(default)]
    cve: Option<String>,
    #[serde(default)]
    ghsa: Option<String>,
    #[serde(default)]
    osvdb: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    date: Option<String>,
    #[serde(default)]
    description: Option<String>,
    #[serde(default)]
    cvss_v3: Option<String>,
    #[serde(default)]
    cvss_v4: Option<String>,
    #[serde(default)]
    patched_versions: Option<Vec<String>>,
    #[serde(default)]
    unaffected_versions: Option<Vec<String>>,
    #[serde(default)]
    related: Option<Related>,
}

#[derive(Deserialize)]
struct Related {
    #[serde(default)]
    url: Option<Vec<String>>,
}

fn read(_: &str, bytes: &[u8], out: &mut FeedOutput) -> Result<(), String> {
    let raw: Raw = yaml(bytes)?;
    let (realm, name) = match (&raw.gem, &raw.engine) {
        (Some(gem), _) => ("gem", gem),
        (None, Some(engine)) => ("generic", engine),
        (None, None) => return Err("neither a gem nor an engine".to_owned()),
    };
    let package = package_name(name).ok_or("its package's name cannot be one")?.to_owned();
    let mut ids = ids(&raw)?.into_iter();
    let id = ids.next().ok_or("no id")?;
    let aliases: Vec<String> = ids.collect();
    let ranges = affected_ranges(&raw)?;
    let has_fix = ranges.iter().any(|it| matches!(it.end, End::Fixed(_)));
    out.advisories.push(Advisory {
        feed: "rubysec".to_owned(),
        realm: Realm(realm.to_owned()),
        package,
        name_kind: NameKind::Binary,
        channel: None,
        architectures: Vec::new(),
        module: None,
        vulnerability: id.clone(),
        advisory_ids: aliases.clone(),
        ranges,
        versions: Vec::new(),
        status: if has_fix { Status::Fixed } else { Status::Affected },
        severity: None,
        note: only_on(raw.platform.as_deref().unwrap_or_default(), ""),
    });
    let record = record(&raw, id, aliases, out);
    out.records.push(record);
    out.records_stored += 1;
    Ok(())
}

/// The CVE, GHSA and OSVDB ids, the first of which names the vulnerability.
fn ids(raw: &Raw) -> Result<Vec<String>, String> {
    let given = [("CVE-", &raw.cve), ("GHSA-", &raw.ghsa), ("OSVDB-", &raw.osvdb)];
    let mut ids = Vec::new();
    for (prefix, rest) in given {
        let Some(rest) = rest.as_deref().map(str::trim).filter(|it| !it.is_empty()) else { continue };
        let id = format!("{prefix}{rest}");
        if !valid_id(&id) || (prefix == "CVE-" && !is_cve(&id)) {
            return Err("an id that is none".to_owned());
        }
        ids.push(id);
    }
    Ok(ids)
}

fn record(raw: &Raw, id: String, aliases: Vec<String>, out: &mut FeedOutput) -> Record {
    let published = raw.date.as_deref().and_then(date);
    if let Some(published) = published {
        out.saw_date(published);
    }
    // They give the score and not the vector.
    let severity = raw.cvss_v3.as_deref().or(raw.cvss_v4.as_deref()).and_then(severity);
    let related = raw.related.as_ref().and_then(|it| it.url.as_ref());
    let urls = raw.url.iter().chain(related.into_iter().flatten());
    Record {
        id,
        aliases,
        summary: raw.title.as_deref().and_then(summary),
        details: raw.description.as_deref().and_then(details),
        references: urls.filter_map(|it| reference(it)).map(str::to_owned).collect(),
        ratings: severity
            .map(|severity| Rating { source: "rubysec".to_owned(), severity })
            .into_iter()
            .collect(),
        published,
        ..Record::default()
    }
}

/// The word for a score. Source: CVSS v3.1, section 5.
fn severity(score: &str) -> Option<Severity> {
    let score: f64 = score.trim().parse().ok()?;
    Some(match score {
        9.0..=10.0 => Severity::Critical,
        7.0..9.0 => Severity::High,
        4.0..7.0 => Severity::Medium,
        0.1..4.0 => Severity::Low,
        _ => return None,
    })
}

fn affected_ranges(raw: &Raw) -> Result<Vec<Range>, String> {
    let mut spared = Vec::new();
    for text in raw.patched_versions.iter().chain(&raw.unaffected_versions).flatten() {
        if spared.len() > REQUIREMENTS_MAX {
            return Err("too many requirements on versions".to_owned());
        }
        let found = requirement(Dialect::Gem, text)?;
        spared.extend(found.into_iter().map(|interval| Marked { interval, is_fix: true }));
    }
    let left = without(&[Marked { interval: EVERYTHING, is_fix: false }], spared);
    if left.is_empty() {
        return Err("no version is affected".to_owned());
    }
    Ok(ranges(left, successor))
}

/// A version right behind another: RubyGems compares number by number, a missing one as zero, and
/// nobody releases five numbers further on.
fn successor(version: &str) -> String {
    format!("{version}.0.0.0.0.1")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        if let Err(why) = read("x.yml", text.as_bytes(), &mut out) {
            out.quarantine("x", why);
        }
        out
    }

    #[test]
    fn what_is_neither_patched_nor_unaffected_is_vulnerable() {
        let out = parse(
            "---\ngem: rails\ncve: 2015-7577\nghsa: xrr6-3pc4-m447\nosvdb: 1\ndate: 2016-01-25\ntitle: T\ncvss_v3: 5.3\nunaffected_versions:\n  - \"< 3.1.0\"\npatched_versions:\n  - \"~> 3.2.22.1\"\n  - \"~> 4.2.5, >= 4.2.5.1\"\n  - \">= 5.0.0.beta1.1\"\nrelated:\n  cve:\n    - 2015-0001\n  url:\n    - https://example.com/\n",
        );
        let row = &out.advisories[0];
        let shown: Vec<String> =
            row.ranges.iter().map(|it| format!("{:?} {:?}", it.introduced, it.end)).collect();
        assert_eq!(
            shown,
            [
                "Some(\"3.1.0\") Fixed(\"3.2.22.1\")",
                "Some(\"3.2.23.a\") Fixed(\"4.2.5.1\")",
                "Some(\"4.3.a\") Fixed(\"5.0.0.beta1.1\")",
            ]
        );
        assert_eq!((row.realm.0.as_str(), row.vulnerability.as_str()), ("gem", "CVE-2015-7577"));
        assert_eq!(row.advisory_ids, ["GHSA-xrr6-3pc4-m447", "OSVDB-1"]);
        let record = &out.records[0];
        assert_eq!((record.ratings[0].severity, record.aliases.len()), (Severity::Medium, 2));
    }

    #[test]
    fn ruby_itself_is_a_program() {
        let out = parse("engine: ruby\nplatform: jruby\ncve: 2020-0001\nunaffected_versions: ['<= 2.0']\n");
        let row = &out.advisories[0];
        assert_eq!((row.realm.0.as_str(), row.package.as_str()), ("generic", "ruby"));
        assert_eq!(row.ranges[0].introduced.as_deref(), Some("2.0.0.0.0.0.1"));
        assert_eq!((row.status, row.note.as_deref()), (Status::Affected, Some("affects only jruby")));
    }

    #[test]
    fn what_cannot_be_read_is_set_aside() {
        for text in [
            "",
            "gem: a",
            "cve: 2020-0001",
            "gem: a\ncve: ../x",
            "gem: a\ncve: 2020-0001\npatched_versions: [zurg]",
            "gem: a b\ncve: 2020-0001",
        ] {
            let out = parse(text);
            assert_eq!((out.advisories.len(), out.records_quarantined), (0, 1), "{text}");
        }
    }
}
