//! Photon OS: a JSON list of CVEs for each release, and the OVAL of release 3, which the lists
//! have dropped.
//!
//! The lists name source packages, and since 2025 binary ones as well, without saying which: every
//! row is filed as both. `NA` where a version should be means "not affected" only where the status
//! says so; in older rows, which have no status, nobody knows what it means. Has no channels.

use std::borrow::Cow;

use plimsoll_core::{Advisory, NameKind, Realm, Severity, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::oval::{self, Definition, Leaf, Role, clauses};
use super::shared::{capped, cve, package_name, reference, summary, text, valid_id};
use crate::{Feed, FeedOutput, Licence, Part, Record, Source};

/// The lists have below 20 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;

const UNKNOWN: &str = "the vendor names neither a fixed version nor a status";

/// The feed.
pub(super) struct Photon;

impl Feed for Photon {
    fn id(&self) -> &'static str {
        "photon"
    }

    fn title(&self) -> &'static str {
        "Photon OS CVE metadata"
    }

    fn says(&self) -> &'static str {
        "Which versions of each package are affected and which has the fix, by release of Photon \
         OS."
    }

    fn is_silent_on(&self) -> &'static str {
        "In older rows, whether a package without a fix is affected at all; that counts as \
         affected."
    }

    fn sources(&self) -> Vec<Source> {
        let base = "https://packages.broadcom.com/photon";
        let list = |release: &str| {
            let path = format!("photon_cve_metadata/cve_data_photon{release}");
            let mirror = [format!("photon/{path}.json"), format!("photon/{path}.*.json")];
            let mirror = mirror.each_ref().map(String::as_str);
            let source = Source::file(
                &format!("photon{release}"),
                format!("{base}/{path}.json"),
                &mirror,
                SIZE_BYTES_MAX,
            );
            // Releases vanish when they end.
            Source { optional: true, ..source }
        };
        let file = "com.vmware.phsa-photon3.xml.gz";
        let url = format!("{base}/photon_oval_definitions/{file}");
        let oval = Source::file("photon3-oval", url, &[&format!("photon/{file}")], SIZE_BYTES_MAX);
        let lists = ["5.0", "4.0", "3.0", "2.0", "1.0"].map(list).into_iter();
        lists.chain([Source { optional: true, ..oval }]).collect()
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "none stated; copyright Broadcom",
            attribution: "Broadcom, https://github.com/vmware/photon/wiki/Security-Advisories",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        if part.name.ends_with("-oval") {
            return self.parse_oval(part, out);
        }
        let release = part.name.strip_prefix("photon").filter(|it| is_release(it));
        let realm = Realm::distro("rpm", "photon", release.ok_or("its name says no release")?);
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let rows: Vec<&RawValue> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        for (index, row) in rows.into_iter().enumerate() {
            out.records_read += 1;
            match serde_json::from_str::<Row<'_>>(row.get()) {
                Ok(row) => self.row(&realm, &row, out),
                Err(error) => out.quarantine(format!("{}, row {index}", part.name), error.to_string()),
            }
        }
        Ok(())
    }
}

/// `5.0`.
fn is_release(text: &str) -> bool {
    text.split_once('.').is_some_and(|(major, minor)| {
        [major, minor]
            .iter()
            .all(|it| (1..=3).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow)]
    cve_id: Cow<'a, str>,
    #[serde(borrow)]
    pkg: Cow<'a, str>,
    #[serde(default)]
    cve_score: Option<f64>,
    #[serde(borrow, default)]
    res_ver: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    status: Option<Cow<'a, str>>,
}

impl Photon {
    fn row(&self, realm: &Realm, row: &Row<'_>, out: &mut FeedOutput) {
        let place = format!("{realm} {} {}", row.pkg, capped(&row.cve_id, 64));
        let Some(id) = known_id(&row.cve_id) else {
            return out.quarantine(place, "its id is of no known kind");
        };
        let Some(package) = package_name(&row.pkg) else {
            return out.quarantine(place, "a package name that cannot be one");
        };
        let fixed = row.res_ver.as_deref().map(str::trim).filter(|it| !matches!(*it, "" | "NA"));
        let status = row.status.as_deref().map(|it| it.trim().to_ascii_lowercase());
        let found =
            Advisory { vulnerability: id, severity: severity(row.cve_score), ..self.blank(realm, package) };
        let found = match (fixed, status.as_deref()) {
            (_, Some("not affected")) => Advisory { status: Status::NotAffected, ..found },
            (Some(fixed), _) => match oval::plain_version(fixed) {
                Some(fixed) => Advisory { status: Status::Fixed, ranges: vec![oval::before(fixed)], ..found },
                None => return out.quarantine(place, "a version that cannot be one"),
            },
            (None, Some("not fixed" | "affected" | "unfixed" | "vulnerable")) => found,
            (None, _) => {
                Advisory { status: Status::UnderInvestigation, note: Some(UNKNOWN.to_owned()), ..found }
            }
        };
        out.records_stored += 1;
        out.advisories.push(Advisory { name_kind: NameKind::Source, ..found.clone() });
        out.advisories.push(found);
    }

    fn blank(&self, realm: &Realm, package: &str) -> Advisory {
        oval::advisory(self.id(), realm, package)
    }

    fn parse_oval(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let read = oval::read(part.bytes, false, &mut |definition, names| {
            out.records_read += 1;
            self.definition(&definition, &|leaf| names.text(leaf.comment), out);
            Ok(())
        })?;
        if let Some(made) = read.made {
            out.saw_date(made);
        }
        Ok(())
    }

    fn definition<'n>(
        &self,
        definition: &Definition,
        comment: &dyn Fn(Leaf) -> &'n str,
        out: &mut FeedOutput,
    ) {
        // `PHSA-2020:00001 sqlite Security Update.`
        let id =
            definition.title.split_whitespace().next().filter(|it| it.starts_with("PHSA-") && valid_id(it));
        let (Some(id), None, Some(criteria)) = (id, definition.damage, &definition.criteria) else {
            let why = definition.damage.unwrap_or("it has no announcement's id, or no criteria");
            return out.quarantine(definition.id.as_str(), why);
        };
        // `CVE:00001:CVE-2019-16168`
        let last = |id: &str| id.rsplit(':').next().and_then(cve);
        let cves: Vec<String> = definition.references.iter().filter_map(|it| last(&it.id)).collect();
        let vulnerabilities = if cves.is_empty() { vec![id.to_owned()] } else { cves };
        let mut rows = Vec::new();
        clauses(criteria, &|leaf| role(comment(leaf)), &mut |packages, conditions| {
            let releases = conditions.iter().flatten().filter_map(|leaf| release(comment(*leaf)));
            for realm in releases.map(|it| Realm::distro("rpm", "photon", &format!("{it}.0"))) {
                for package in packages.iter().filter_map(|leaf| oval::fixed_in(comment(*leaf))) {
                    match (package_name(package.0), oval::plain_version(package.1)) {
                        (Some(name), Some(fixed)) => rows.push((realm.clone(), name, fixed)),
                        _ => out.quarantine_part(id, "a package's name or version that cannot be one"),
                    }
                }
            }
        });
        if rows.is_empty() {
            return out.quarantine(id, "none of its criteria names a package of a release");
        }
        out.records_stored += 1;
        for (realm, name, fixed) in &rows {
            out.advisories.extend(vulnerabilities.iter().map(|vulnerability| Advisory {
                vulnerability: vulnerability.clone(),
                advisory_ids: vec![id.to_owned()],
                ranges: vec![oval::before(fixed)],
                status: Status::Fixed,
                severity: definition.severity.parse().ok(),
                ..self.blank(realm, name)
            }));
        }
        let links = definition.references.iter().filter(|it| it.source == "PHSA");
        out.records.push(Record {
            id: id.to_owned(),
            summary: definition.title.split_once(' ').and_then(|(_, rest)| summary(rest)),
            references: links.filter_map(|it| reference(&it.url)).map(str::to_owned).collect(),
            published: definition.issued,
            modified: definition.updated,
            ..Record::default()
        });
    }
}

fn role(comment: &str) -> Role {
    if oval::fixed_in(comment).is_some() {
        return Role::Package;
    }
    if release(comment).is_some() { Role::Condition } else { Role::Nothing }
}

/// `3` of `Photon OS 3 is installed`.
fn release(comment: &str) -> Option<&str> {
    let release = comment.strip_prefix("Photon OS ")?.strip_suffix(" is installed")?;
    ((1..=3).contains(&release.len()) && release.bytes().all(|it| it.is_ascii_digit())).then_some(release)
}

/// CVEs, and those of Black Duck, which the lists hold beside them. `UNK-1` and `Re` are none.
fn known_id(text: &str) -> Option<String> {
    let is_black_duck = || text.starts_with("BDSA-") && valid_id(text);
    cve(text).or_else(|| is_black_duck().then(|| text.to_owned()))
}

/// The severity of a CVSS score; the lists have no words.
fn severity(score: Option<f64>) -> Option<Severity> {
    let tenths = score.map(|score| (score * 10.0).round()).filter(|it| (0.0..=100.0).contains(it))?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 100, and whole")]
    Some(Severity::from_cvss_tenths(tenths as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(row: &str, expected: &[&str]) {
        let mut out = FeedOutput::default();
        let json = format!("[{row}]");
        let part = Part { name: "photon5.0", file_name: "x.json", bytes: json.as_bytes() };
        Photon.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        let shown: Vec<String> = out
            .advisories
            .iter()
            .filter(|it| it.name_kind == NameKind::Binary)
            .map(|it| format!("{} {} {} {}", it.realm, it.vulnerability, it.package, it.status.name()))
            .collect();
        assert_eq!(shown, expected, "{row}");
        assert_eq!(out.advisories.len(), expected.len() * 2);
    }

    #[test]
    fn na_is_a_denial_only_where_the_status_says_so() {
        let row = |rest: &str| format!(r#"{{"cve_id":"CVE-2024-0001","pkg":"curl","cve_score":7.5,{rest}}}"#);
        for (rest, status) in [
            (r#""res_ver":"8.16.0-1.ph5","status":"Fixed""#, "fixed"),
            (r#""res_ver":"8.16.0-1.ph5""#, "fixed"),
            (r#""res_ver":"NA","status":"Not Affected""#, "not_affected"),
            (r#""res_ver":"NA""#, "under_investigation"),
            (r#""aff_ver":"NA","res_ver":"NA","status":"Fixed""#, "under_investigation"),
            (r#""res_ver":"","status":"Not Fixed""#, "affected"),
        ] {
            check(&row(rest), &[&format!("rpm/photon:5.0 CVE-2024-0001 curl {status}")]);
        }
    }

    #[test]
    fn ids_of_no_known_kind_are_quarantined() {
        for id in ["UNK-1", "Re", "", "BDSA-../x", "CVE-1"] {
            check(&format!(r#"{{"cve_id":"{id}","pkg":"curl","res_ver":"1-1"}}"#), &[]);
        }
        let row =
            r#"{"cve_id":"BDSA-2025-0719","pkg":"krb5-devel","cve_score":null,"res_ver":"1.17-15.ph5"}"#;
        check(row, &["rpm/photon:5.0 BDSA-2025-0719 krb5-devel fixed"]);
    }

    #[test]
    fn a_list_of_no_release_is_refused() {
        for name in ["photon", "photon5", "photon../x", "photonx.y"] {
            let part = Part { name, file_name: "x.json", bytes: b"[]" };
            assert!(Photon.parse(&part, &mut FeedOutput::default()).is_err(), "{name}");
        }
    }
}
