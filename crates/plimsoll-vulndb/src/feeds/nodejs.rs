//! Node.js itself: `vuln/core/index.json` of its security working group.
//!
//! An entry says which release lines are vulnerable and which versions are patched; what is
//! vulnerable and not patched is affected. Rows are filed under the name that the program has
//! where no package manager owns it. `affectedEnvironments` becomes a note and leaves no row out.

use plimsoll_core::{Advisory, End, NameKind, Range, Rating, Realm, Severity, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::osv::only_on;
use super::shared::{
    Dialect, Marked, Pairs, cve, date, details, joined, ranges, reference, requirement, summary, text,
    without,
};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The feed.
pub(super) struct NodeCore;

/// The file has 0.2 MB.
const SIZE_BYTES_MAX: u64 = 64 << 20;
/// CVEs of one entry; real ones have 3.
const CVES_MAX: usize = 64;

impl Feed for NodeCore {
    fn id(&self) -> &'static str {
        "nodejs-core"
    }

    fn title(&self) -> &'static str {
        "Node.js core vulnerabilities"
    }

    fn says(&self) -> &'static str {
        "Which versions of Node.js itself are affected and which have the fix."
    }

    fn is_silent_on(&self) -> &'static str {
        "npm's packages, those that Node.js brings along included."
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://raw.githubusercontent.com/nodejs/security-wg/main/vuln/core/index.json";
        let mirror = &["nodejs-core/index.json", "nodejs-core/vuln-core-index.json.gz"];
        vec![Source { optional: true, ..Source::file("index.json", url, mirror, SIZE_BYTES_MAX) }]
    }

    fn licence(&self) -> Licence {
        Licence { name: "MIT", attribution: "Node.js security working group", redistributable: true }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let json = text(part.bytes, SIZE_BYTES_MAX * 4)?;
        let Pairs(entries) = serde_json::from_str(&json).map_err(|error| error.to_string())?;
        for (key, raw) in entries {
            out.records_read += 1;
            match read(&key, raw, out) {
                Ok(()) => out.records_stored += 1,
                Err(why) => out.quarantine(format!("entry {key}"), why),
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    cve: Vec<String>,
    vulnerable: String,
    #[serde(default)]
    patched: String,
    #[serde(default, rename = "ref")]
    reference: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    overview: String,
    #[serde(default)]
    severity: String,
    #[serde(default, rename = "publish_date")]
    published: String,
    #[serde(default)]
    affected_environments: Vec<String>,
}

fn read(key: &str, raw: &RawValue, out: &mut FeedOutput) -> Result<(), String> {
    let entry: Entry = serde_json::from_str(raw.get()).map_err(|error| error.to_string())?;
    let ranges = affected_ranges(&entry)?;
    let has_fix = ranges.iter().any(|it| matches!(it.end, End::Fixed(_)));
    let environments: Vec<&str> =
        entry.affected_environments.iter().map(String::as_str).filter(|it| *it != "all").collect();
    let environments =
        if environments.len() == entry.affected_environments.len() { environments } else { Vec::new() };
    for id in ids(key, &entry.cve)? {
        out.advisories.push(Advisory {
            feed: "nodejs-core".to_owned(),
            realm: Realm("generic".to_owned()),
            package: "node".to_owned(),
            name_kind: NameKind::Binary,
            channel: None,
            architectures: Vec::new(),
            module: None,
            vulnerability: id.clone(),
            advisory_ids: Vec::new(),
            ranges: ranges.clone(),
            versions: Vec::new(),
            status: if has_fix { Status::Fixed } else { Status::Affected },
            severity: None,
            note: only_on(&environments.join(", "), ""),
        });
        let record = record(id, &entry, out);
        out.records.push(record);
    }
    Ok(())
}

fn ids(key: &str, given: &[String]) -> Result<Vec<String>, String> {
    if given.len() > CVES_MAX {
        return Err("too many CVEs".to_owned());
    }
    if given.is_empty() {
        let number: u32 = key.parse().map_err(|_| "neither a CVE nor a number".to_owned())?;
        return Ok(vec![format!("NODE-CORE-{number}")]);
    }
    given.iter().map(|it| cve(it).ok_or_else(|| "a CVE that is none".to_owned())).collect()
}

fn record(id: String, entry: &Entry, out: &mut FeedOutput) -> Record {
    let published = date(&entry.published);
    if let Some(published) = published {
        out.saw_date(published);
    }
    let severity: Option<Severity> = entry.severity.parse().ok().filter(|it| *it != Severity::Unknown);
    let title = if entry.description.trim().is_empty() { &entry.overview } else { &entry.description };
    Record {
        id,
        summary: summary(title),
        details: details(&entry.overview),
        references: reference(&entry.reference).map(str::to_owned).into_iter().collect(),
        ratings: severity
            .map(|severity| Rating { source: "nodejs-core".to_owned(), severity })
            .into_iter()
            .collect(),
        published,
        ..Record::default()
    }
}

fn affected_ranges(entry: &Entry) -> Result<Vec<Range>, String> {
    let vulnerable = requirement(Dialect::Node, &entry.vulnerable)?;
    let vulnerable = vulnerable.into_iter().map(|interval| Marked { interval, is_fix: false }).collect();
    let vulnerable = joined(vulnerable);
    let left = without(&vulnerable, marked_patched(&entry.patched)?);
    if left.is_empty() {
        return Err("no version is affected".to_owned());
    }
    Ok(ranges(left, str::to_owned))
}

/// A bare `8.5.0` means that the fix is in that release and the line's later ones.
fn marked_patched(text: &str) -> Result<Vec<Marked>, String> {
    let mut patched = Vec::new();
    for alternative in text.split("||").map(str::trim).filter(|it| !it.is_empty()) {
        let is_bare = alternative.starts_with(|it: char| it.is_ascii_digit());
        let text = if is_bare { format!("^{alternative}") } else { alternative.to_owned() };
        let found = requirement(Dialect::Node, &text)?;
        patched.extend(found.into_iter().map(|interval| Marked { interval, is_fix: true }));
    }
    Ok(patched)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        NodeCore.parse(&Part { name: "", file_name: "", bytes: json.as_bytes() }, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    #[test]
    fn lines_without_a_patch_stay_affected_to_their_end() {
        let out = parse(
            r#"{"1":{"cve":["CVE-2024-0001","CVE-2024-0002"],"vulnerable":"18.x || 19.x || 20.x || 22.x","patched":"^18.20.1 || ^20.2.0 || ^22.1.0","overview":"o","severity":"high","affectedEnvironments":["win32"]}}"#,
        );
        assert_eq!((out.records_stored, out.advisories.len()), (1, 2));
        let row = &out.advisories[0];
        let shown: Vec<String> =
            row.ranges.iter().map(|it| format!("{:?} {:?}", it.introduced, it.end)).collect();
        assert_eq!(
            shown,
            [
                "Some(\"18.0.0\") Fixed(\"18.20.1\")",
                "Some(\"19.0.0\") Fixed(\"20.2.0\")",
                "Some(\"22.0.0\") Fixed(\"22.1.0\")",
            ]
        );
        assert_eq!(row.note.as_deref(), Some("affects only win32"));
        assert_eq!(out.records[0].ratings[0].severity, Severity::High);
    }

    #[test]
    fn without_a_cve_the_number_is_the_name() {
        let out = parse(
            r#"{"2":{"cve":[],"vulnerable":"4.x","patched":"^4.8.4"},"x":{"cve":[],"vulnerable":"4.x"}}"#,
        );
        assert_eq!(out.records[0].id, "NODE-CORE-2");
        assert_eq!((out.records_stored, out.records_quarantined), (1, 1));
    }

    #[test]
    fn what_cannot_be_read_is_set_aside() {
        let out = parse(
            r#"{"1":7,"2":{"cve":["x"],"vulnerable":"4.x"},"3":{"cve":[],"vulnerable":"zurg"},"4":{"cve":[],"vulnerable":"4.1.0","patched":">=4"}}"#,
        );
        assert_eq!((out.records_quarantined, out.advisories.len()), (4, 0));
    }
}
