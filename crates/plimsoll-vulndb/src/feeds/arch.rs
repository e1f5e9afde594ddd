//! Arch Linux's security tracker: groups of packages and vulnerabilities, with what was found of
//! them. Names are those of binary packages; there are no releases and no channels.
//!
//! A group's `affected` is the version in which somebody noticed it, not the first that has it;
//! everything before the fix is taken for affected.

use std::borrow::Cow;
use std::collections::HashSet;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Severity, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{capped, cve, field, note, package_name, summary, text, valid_id, version};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The file has 1 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;

/// The feed.
pub(super) struct Arch;

#[derive(Deserialize)]
struct Group<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    severity: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "type")]
    kind: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    fixed: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    packages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    issues: Option<&'a RawValue>,
    #[serde(borrow, default)]
    advisories: Option<&'a RawValue>,
}

impl Feed for Arch {
    fn id(&self) -> &'static str {
        "arch"
    }

    fn title(&self) -> &'static str {
        "Arch Linux security tracker"
    }

    fn says(&self) -> &'static str {
        "Groups of issues by binary package: affected since which version, fixed in which, or not \
         affected."
    }

    fn is_silent_on(&self) -> &'static str {
        "Much since 2025: the tracker is hardly kept any more."
    }

    fn sources(&self) -> Vec<Source> {
        let url = "https://security.archlinux.org/all.json";
        vec![Source::file("all.json", url, &["arch/all.json", "arch/all.json.gz"], SIZE_BYTES_MAX)]
    }

    fn licence(&self) -> Licence {
        let attribution = "Arch Linux, https://security.archlinux.org/";
        Licence { name: "MIT", attribution, redistributable: true }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let groups: Vec<&RawValue> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        for (index, group) in groups.into_iter().enumerate() {
            out.records_read += 1;
            match serde_json::from_str::<Group<'_>>(group.get()) {
                Ok(group) if valid_id(&group.name) => self.group(&group, out),
                Ok(group) => {
                    out.quarantine(format!("[{index}]"), format!("`{}` is no id", capped(&group.name, 100)));
                }
                Err(error) => out.quarantine(format!("[{index}]"), error.to_string()),
            }
        }
        Ok(())
    }
}

/// Packages times issues of one group; real ones have below 1,000.
const ROWS_MAX: usize = 100_000;

impl Arch {
    fn group(&self, group: &Group<'_>, out: &mut FeedOutput) {
        let id = group.name.as_ref();
        let (status, ranges, remark) = match statement(group) {
            Ok(statement) => statement,
            Err(why) => return out.quarantine(id, why),
        };
        let issues = issues(group, out);
        let names: Vec<Cow<'_, str>> = field(group.packages, "packages", id, out);
        let mut packages = Vec::new();
        for name in &names {
            match package_name(name) {
                Some(name) => packages.push(name),
                None => out.quarantine_part(id, format!("`{}` is no package", capped(name, 100))),
            }
        }
        if issues.is_empty() || packages.is_empty() {
            return out.quarantine(id, "it names no vulnerability or no package that could be read");
        }
        if issues.len().saturating_mul(packages.len()) > ROWS_MAX {
            return out.quarantine(id, format!("{} issues times {} packages", issues.len(), packages.len()));
        }
        let announced: Vec<Cow<'_, str>> = field(group.advisories, "advisories", id, out);
        let announced = announced.iter().filter(|it| valid_id(it)).map(|it| it.to_string());
        let advisory_ids: Vec<String> = std::iter::once(id.to_owned()).chain(announced).collect();
        let severity: Option<Severity> = group.severity.as_deref().and_then(|it| it.parse().ok());
        for package in packages {
            for vulnerability in &issues {
                out.advisories.push(Advisory {
                    feed: self.id().to_owned(),
                    realm: Realm("alpm/arch".to_owned()),
                    package: package.to_owned(),
                    name_kind: NameKind::Binary,
                    channel: None,
                    architectures: Vec::new(),
                    module: None,
                    vulnerability: vulnerability.clone(),
                    advisory_ids: advisory_ids.clone(),
                    ranges: ranges.clone(),
                    versions: Vec::new(),
                    status,
                    severity: severity.filter(|it| *it != Severity::Unknown),
                    note: remark.and_then(note),
                });
            }
        }
        out.records_stored += 1;
        out.records.push(Record {
            id: id.to_owned(),
            summary: group.kind.as_deref().and_then(summary),
            references: vec![format!("https://security.archlinux.org/{id}")],
            ..Record::default()
        });
    }
}

type Statement = (Status, Vec<Range>, Option<&'static str>);

/// What a group's status says of which versions. A fix that is not published yet has a version,
/// but is none that anybody could install.
fn statement(group: &Group<'_>) -> Result<Statement, String> {
    let fixed = match group.fixed.as_deref().map(str::trim).filter(|it| !it.is_empty()) {
        Some(text) => Some(version(text).ok_or("a version that cannot be one")?.to_owned()),
        None => None,
    };
    let has_fix = fixed.is_some();
    let before: Vec<Range> =
        fixed.map(|fixed| Range { introduced: None, end: End::Fixed(fixed) }).into_iter().collect();
    Ok(match group.status.as_ref() {
        "Fixed" if has_fix => (Status::Fixed, before, None),
        "Fixed" => return Err("it is fixed, and nobody says in which version".to_owned()),
        "Vulnerable" => (Status::Affected, before, None),
        "Testing" => (Status::Affected, before, Some("a fix is being tested")),
        "Unknown" => (Status::UnderInvestigation, before, None),
        "Not affected" => (Status::NotAffected, Vec::new(), None),
        other => return Err(format!("`{}` is no known status", capped(other, 100))),
    })
}

fn issues(group: &Group<'_>, out: &mut FeedOutput) -> Vec<String> {
    let texts: Vec<Cow<'_, str>> = field(group.issues, "issues", &group.name, out);
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for text in texts {
        let text = text.trim();
        match cve(text).or_else(|| valid_id(text).then(|| text.to_owned())) {
            Some(id) => found.extend(seen.insert(id.clone()).then_some(id)),
            None => out.quarantine_part(group.name.as_ref(), format!("`{}` is no id", capped(text, 100))),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: &str, fixed: &str, expected: &str) {
        let mut out = FeedOutput::default();
        let json = format!(
            r#"[{{"name":"AVG-1","status":"{status}","severity":"High","fixed":{fixed},"packages":["a"],"issues":["CVE-2024-0001"],"advisories":["ASA-1"]}}]"#
        );
        let part = Part { name: "all.json", file_name: "all.json", bytes: json.as_bytes() };
        Arch.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        let row = out.advisories.first().map_or_else(
            || out.quarantined[0].why.clone(),
            |it| {
                let range = match it.ranges.as_slice() {
                    [Range { introduced: None, end: End::Fixed(fixed) }] => format!("<{fixed}"),
                    [] => "*".to_owned(),
                    other => format!("{other:?}"),
                };
                format!("{} {} {range} {:?}", it.realm, it.status.name(), it.advisory_ids)
            },
        );
        assert_eq!(row, expected);
    }

    #[test]
    fn each_status_says_something_else_of_the_versions_before_the_fix() {
        let ids = r#"["AVG-1", "ASA-1"]"#;
        check("Fixed", r#""1.2-1""#, &format!("alpm/arch fixed <1.2-1 {ids}"));
        check("Vulnerable", "null", &format!("alpm/arch affected * {ids}"));
        check("Testing", r#""1.2-1""#, &format!("alpm/arch affected <1.2-1 {ids}"));
        check("Unknown", "null", &format!("alpm/arch under_investigation * {ids}"));
        check("Not affected", r#""1.2-1""#, &format!("alpm/arch not_affected * {ids}"));
        check("Fixed", "null", "it is fixed, and nobody says in which version");
        check("Perhaps", "null", "`Perhaps` is no known status");
    }

    #[test]
    fn a_bad_group_costs_itself_alone() {
        let json = r#"[7,{"name":"../x","status":"Fixed"},{"name":"AVG-1","status":"Vulnerable","packages":["a b"],"issues":["CVE-2024-0001"]},
            {"name":"AVG-2","status":"Vulnerable","packages":["a","a b"],"issues":["CVE-2024-0001","a/b"]}]"#;
        let mut out = FeedOutput::default();
        let part = Part { name: "all.json", file_name: "all.json", bytes: json.as_bytes() };
        Arch.parse(&part, &mut out).unwrap();
        assert_eq!((out.records_quarantined, out.records_stored, out.advisories.len()), (3, 1, 1));
    }
}
