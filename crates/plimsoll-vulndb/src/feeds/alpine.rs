//! secdb: the fixed issues of Alpine's packages, and of distributions that use its format.
//!
//! It names fixed issues only; a package without an entry has no data, which is no all-clear.

use std::borrow::Cow;

use plimsoll_core::{Advisory, End, NameKind, Range, Realm, Status};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::shared::{Pairs, capped, cve, field, package_name, text, valid_id, version};
use crate::{Feed, FeedOutput, Licence, Part, Remote, Source};

/// The largest file, Wolfi's, has some 10 MB.
const SIZE_BYTES_MAX: u64 = 256 << 20;

/// Ids in one text; real ones have up to five. Each names all the others, hence a limit.
const IDS_MAX: usize = 64;

/// A feed in the format of secdb.
pub(super) struct SecDb {
    id: &'static str,
    title: &'static str,
    says: &'static str,
    is_silent_on: &'static str,
    cadence_hours: u32,
    /// `alpine` has releases, the others roll.
    distro: &'static str,
    has_releases: bool,
    sources: fn() -> Vec<Source>,
    licence: Licence,
}

/// Alpine.
pub(super) static ALPINE: SecDb = SecDb {
    id: "alpine",
    title: "Alpine secdb",
    says: "The version of each source package in which an issue was fixed, by release and repository, and \
     what never affected a package (version `0`).",
    is_silent_on: "Everything that is not fixed: a package without an entry has no data, which is no all-clear. \
     No severities.",
    cadence_hours: 1,
    distro: "alpine",
    has_releases: true,
    sources: alpine_sources,
    licence: Licence {
        name: "CC-BY-SA-4.0",
        attribution: "Alpine Linux, https://secdb.alpinelinux.org/",
        redistributable: true,
    },
};

/// Wolfi. Its licence since 2025-05-07 forbids passing the data on.
pub(super) static WOLFI: SecDb = SecDb {
    id: "wolfi",
    title: "Wolfi security database",
    says: "The version of each package in which an issue was fixed, and what a review found not to affect \
     it (version `0`).",
    is_silent_on: "Everything that is not fixed. There are no releases and no severities.",
    cadence_hours: 1,
    distro: "wolfi",
    has_releases: false,
    sources: || {
        let url = "https://packages.wolfi.dev/os/security.json";
        rolling(url, &["wolfi/security.json", "wolfi/security.reassembled-*.json.gz"])
    },
    licence: CHAINGUARD_LICENCE,
};

/// Chainguard.
pub(super) static CHAINGUARD: SecDb = SecDb {
    id: "chainguard",
    title: "Chainguard security database",
    says: "The same as Wolfi's, for the packages of Chainguard's own repository.",
    is_silent_on: "Everything that is not fixed. There are no releases and no severities.",
    cadence_hours: 1,
    distro: "chainguard",
    has_releases: false,
    sources: || {
        let url = "https://packages.cgr.dev/chainguard/security.json";
        rolling(url, &["chainguard/security.json"])
    },
    licence: CHAINGUARD_LICENCE,
};

/// MinimOS.
pub(super) static MINIMOS: SecDb = SecDb {
    id: "minimos",
    title: "MinimOS security database",
    says: "The version of each package of MinimOS in which an issue was fixed.",
    is_silent_on: "Everything that is not fixed. No severities.",
    cadence_hours: 6,
    distro: "minimos",
    has_releases: false,
    sources: || {
        let url = "https://packages.mini.dev/advisories/secdb/security.json";
        rolling(url, &["minimos/security.json", "other-distros/minimos-security.excerpt.json"])
    },
    licence: Licence {
        name: "no licence is stated",
        attribution: "Minimus, https://packages.mini.dev/",
        redistributable: false,
    },
};

/// SecureOS. Its versions often have no release, and `None` is one for what is not fixed. Where
/// its vendor serves the file is not documented, so that it comes from mirrors alone.
pub(super) static SECUREOS: SecDb = SecDb {
    id: "secureos",
    title: "SecureOS security database",
    says: "The version of each package of SecureOS in which an issue was fixed, and which are not fixed \
     yet.",
    is_silent_on: "Severities. Where its vendor serves it is not documented, so that it comes from mirrors alone.",
    cadence_hours: 24,
    distro: "secureos",
    has_releases: false,
    sources: || {
        let mirror = &["secureos/security.json", "other-distros/secureos-secdb.excerpt.json"];
        let from_mirrors = |source: Source| Source { remote: Remote::MirrorOnly, ..source };
        rolling("", mirror).into_iter().map(from_mirrors).collect()
    },
    licence: Licence {
        name: "no licence is stated",
        attribution: "SecureBuild, https://apk.cve0.io/",
        redistributable: false,
    },
};

const CHAINGUARD_LICENCE: Licence = Licence {
    name: "Chainguard License for Commercial Scanners AND CC-BY-NC-ND-4.0",
    attribution: "Chainguard, Inc., https://images.chainguard.dev/security",
    redistributable: false,
};

/// New releases appear by themselves, so the index is listed.
fn alpine_sources() -> Vec<Source> {
    let listed = |repository: &str| Source {
        name: format!("v*/{repository}"),
        remote: Remote::Listing {
            index: "https://secdb.alpinelinux.org/".to_owned(),
            link: "v*/".to_owned(),
            files: vec![format!("{repository}.json")],
        },
        mirror: vec![format!("alpine/secdb/v*/{repository}.json")],
        except: Vec::new(),
        newest_only: false,
        optional: false,
        size_bytes_max: SIZE_BYTES_MAX,
    };
    let edge = |repository: &str| {
        let path = format!("alpine/secdb/edge/{repository}.json");
        let url = format!("https://secdb.alpinelinux.org/edge/{repository}.json");
        Source::file(&format!("edge/{repository}"), url, &[&path], SIZE_BYTES_MAX)
    };
    vec![listed("main"), listed("community"), edge("main"), edge("community")]
}

fn rolling(url: &str, mirror: &[&str]) -> Vec<Source> {
    let source = Source::file("security.json", url, mirror, SIZE_BYTES_MAX);
    vec![Source { newest_only: true, optional: true, ..source }]
}

#[derive(Deserialize)]
struct File<'a> {
    #[serde(borrow, default)]
    distroversion: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reponame: Option<Cow<'a, str>>,
    /// Some files say `null` for none.
    #[serde(borrow, default)]
    packages: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    pkg: Package<'a>,
}

#[derive(Deserialize)]
struct Package<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    secfixes: Option<Pairs<'a>>,
}

impl Feed for SecDb {
    fn id(&self) -> &'static str {
        self.id
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn says(&self) -> &'static str {
        self.says
    }

    fn is_silent_on(&self) -> &'static str {
        self.is_silent_on
    }

    fn cadence_hours(&self) -> u32 {
        self.cadence_hours
    }

    fn sources(&self) -> Vec<Source> {
        (self.sources)()
    }

    fn licence(&self) -> Licence {
        self.licence
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let file: File<'_> = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let realm = self.realm(file.distroversion.as_deref())?;
        let place = format!("{}/{}", realm.0, file.reponame.as_deref().unwrap_or(part.name));
        for (index, package) in file.packages.unwrap_or_default().into_iter().enumerate() {
            match serde_json::from_str::<Entry<'_>>(package.get()) {
                Ok(entry) => self.package(&realm, &place, &entry.pkg, out),
                Err(error) => {
                    out.records_read += 1;
                    out.quarantine(format!("{place}, package {index}"), error.to_string());
                }
            }
        }
        Ok(())
    }
}

impl SecDb {
    fn realm(&self, release: Option<&str>) -> Result<Realm, String> {
        if !self.has_releases {
            return Ok(Realm(format!("apk/{}", self.distro)));
        }
        let release = release.unwrap_or_default();
        let is_number = release.strip_prefix('v').and_then(|it| it.split_once('.')).is_some_and(|(a, b)| {
            [a, b].iter().all(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
        });
        if release.len() > 16 || !(is_number || release == "edge") {
            return Err(format!("distroversion `{}` is no release", capped(release, 32)));
        }
        Ok(Realm::distro("apk", self.distro, release))
    }

    fn package(&self, realm: &Realm, place: &str, package: &Package<'_>, out: &mut FeedOutput) {
        let place = format!("{place} {}", package.name);
        let Some(name) = package_name(&package.name) else {
            out.records_read += 1;
            return out.quarantine(place, "its name is none");
        };
        let fixes = package.secfixes.as_ref().map(|it| it.0.as_slice()).unwrap_or_default();
        for (fixed, ids) in fixes {
            let place = format!("{place} {fixed}");
            let Some(fixed) = version(fixed) else {
                out.records_read += 1;
                out.quarantine(place, "a version that cannot be one");
                continue;
            };
            for id in field::<Vec<&RawValue>>(Some(ids), "secfixes", &place, out) {
                out.records_read += 1;
                let text: Option<Cow<'_, str>> = serde_json::from_str(id.get()).ok();
                match text {
                    Some(text) => self.fix(realm, &place, name, fixed, &text, out),
                    None => out.quarantine(place.clone(), "an id that is no text"),
                }
            }
        }
    }

    /// One text of ids: `CVE-2020-29481 XSA-322`, `CVE-2017-2616 (+ regression fix)`.
    fn fix(&self, realm: &Realm, place: &str, name: &str, fixed: &str, text: &str, out: &mut FeedOutput) {
        // What stands in parentheses is a remark.
        let listed = text.split('(').next().unwrap_or_default();
        let (known, unknown): (Vec<_>, Vec<_>) =
            listed.split_whitespace().map(|word| known_id(word).ok_or(word)).partition(Result::is_ok);
        let known: Vec<String> = known.into_iter().flatten().collect();
        if known.len() > IDS_MAX {
            return out.quarantine(place, format!("more than {IDS_MAX} ids in one text"));
        }
        if known.is_empty() {
            return out.quarantine(place, format!("`{}` is no known kind of id", capped(text, 100)));
        }
        for word in unknown.into_iter().filter_map(Result::err) {
            out.quarantine_part(place, format!("`{}` is no known kind of id", capped(word, 100)));
        }
        out.records_stored += 1;
        // Ids beside a CVE name the announcement that told of it.
        let (cves, others): (Vec<String>, Vec<String>) =
            known.into_iter().partition(|it| it.starts_with("CVE-"));
        let (vulnerabilities, advisory_ids) = if cves.is_empty() { (others, cves) } else { (cves, others) };
        for vulnerability in vulnerabilities {
            out.advisories.push(self.advisory(realm, name, fixed, vulnerability, advisory_ids.clone()));
        }
    }

    fn advisory(
        &self,
        realm: &Realm,
        name: &str,
        fixed: &str,
        vulnerability: String,
        advisory_ids: Vec<String>,
    ) -> Advisory {
        // SecureOS writes the absence of a fix out.
        let (status, has_range) = match fixed {
            "0" => (Status::NotAffected, false),
            "None" => (Status::Affected, false),
            _ => (Status::Fixed, true),
        };
        let range = || Range { introduced: None, end: End::Fixed(fixed.to_owned()) };
        Advisory {
            feed: self.id.to_owned(),
            realm: realm.clone(),
            package: name.to_owned(),
            name_kind: NameKind::Source,
            channel: None,
            architectures: Vec::new(),
            module: None,
            vulnerability,
            advisory_ids,
            ranges: if has_range { vec![range()] } else { Vec::new() },
            versions: Vec::new(),
            status,
            severity: None,
            note: None,
        }
    }
}

/// An id of a kind that occurs in secdb, set right where it is a misspelt CVE.
fn known_id(word: &str) -> Option<String> {
    const PREFIXES: &[&str] = &[
        "GHSA-",
        "XSA-",
        "TALOS-",
        "GNUTLS-SA-",
        "RUSTSEC-",
        "GO-",
        "PYSEC-",
        "ALPINE-",
        "GHSL-",
        "ZDI-CAN-",
        "TS-",
        "VSV",
        "YSA-",
        "DW",
        "ZBX-",
        "TEMP-",
        "CGA-",
        "wnpa-sec-",
        "OSV-",
    ];
    let word = word.trim_end_matches([',', ';']);
    if let Some(id) = cve(word) {
        return Some(id);
    }
    let rest = PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix))?;
    (valid_id(word) && rest.contains(|it: char| it.is_ascii_alphanumeric())).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(feed: &SecDb, json: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        let part = Part { name: "v3.18/main", file_name: "main.json", bytes: json.as_bytes() };
        feed.parse(&part, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    /// One text of ids under one version, as `id status range also`.
    fn check(version: &str, ids: &str, expected: &[&str]) {
        let out = parse(
            &ALPINE,
            &format!(
                r#"{{"distroversion":"v3.18","packages":[{{"pkg":{{"name":"xen","secfixes":{{"{version}":["{ids}"]}}}}}}]}}"#
            ),
        );
        let rows: Vec<String> = out
            .advisories
            .iter()
            .map(|it| {
                let range = match it.ranges.as_slice() {
                    [Range { introduced: None, end: End::Fixed(fixed) }] => format!("<{fixed}"),
                    [] => "*".to_owned(),
                    other => format!("{other:?}"),
                };
                format!("{} {} {range} {:?}", it.vulnerability, it.status.name(), it.advisory_ids)
            })
            .collect();
        assert_eq!(rows, expected);
        assert_eq!(out.records_quarantined, u64::from(expected.is_empty()));
    }

    #[test]
    fn texts_with_several_ids_remarks_and_typing_errors_are_understood() {
        check("1.2-r0", "CVE-2020-29481 XSA-322", &[r#"CVE-2020-29481 fixed <1.2-r0 ["XSA-322"]"#]);
        check("1.2-r0", "CVE-2017-2616 (+ regression fix)", &["CVE-2017-2616 fixed <1.2-r0 []"]);
        check("1.2-r0", "CVE_2019-2426", &["CVE-2019-2426 fixed <1.2-r0 []"]);
        check("1.2-r0", "CVE-2017-17434-1", &["CVE-2017-17434 fixed <1.2-r0 []"]);
        check("1.2-r0", "XSA-312", &["XSA-312 fixed <1.2-r0 []"]);
        check("1.2-r0", "CVE-????-????? XSA-312", &["XSA-312 fixed <1.2-r0 []"]);
        check("1.2-r0", "GHSA-jfh8-c2jp-5v3q", &["GHSA-jfh8-c2jp-5v3q fixed <1.2-r0 []"]);
        check(
            "1.2-r0",
            "CVE-2017-5753 CVE-2017-5715 XSA-254",
            &[r#"CVE-2017-5753 fixed <1.2-r0 ["XSA-254"]"#, r#"CVE-2017-5715 fixed <1.2-r0 ["XSA-254"]"#],
        );
        check("1.2-r0", "CVE", &[]);
        check("1.2-r0", "CVE-46838", &[]);
        check("1.2-r0", "CVE-2024/../../x-0001", &[]);
        check("1.2-r0", "XSA-../../etc", &[]);
    }

    #[test]
    fn key_0_means_not_affected_and_not_fixed_in_0() {
        check("0", "CVE-2021-22897", &["CVE-2021-22897 not_affected * []"]);
        check("None", "CVE-2021-22897", &["CVE-2021-22897 affected * []"]);
    }

    #[test]
    fn nothing_is_no_fault() {
        for packages in ["null", "[]", r#"[{"pkg":{"name":"a","secfixes":null}}]"#] {
            let out = parse(&ALPINE, &format!(r#"{{"distroversion":"edge","packages":{packages}}}"#));
            assert_eq!((out.records_read, out.quarantined.len()), (0, 0), "{packages}");
        }
    }

    #[test]
    fn releases_are_realms_and_rolling_distributions_have_none() {
        let body = r#""packages":[{"pkg":{"name":"a","secfixes":{"1-r0":["CVE-2024-0001"]}}}]"#;
        let realm = |feed: &SecDb, head: &str| {
            parse(feed, &format!("{{{head}{body}}}")).advisories[0].realm.0.clone()
        };
        assert_eq!(realm(&ALPINE, r#""distroversion":"v3.18","#), "apk/alpine:v3.18");
        assert_eq!(realm(&ALPINE, r#""distroversion":"edge","#), "apk/alpine:edge");
        assert_eq!(realm(&WOLFI, ""), "apk/wolfi");
        assert_eq!(realm(&CHAINGUARD, ""), "apk/chainguard");
    }

    #[test]
    fn a_file_without_a_release_is_refused() {
        for head in
            ["", r#""distroversion":"../x","#, r#""distroversion":"v3","#, r#""distroversion":"v3.x","#]
        {
            let json = format!(r#"{{{head}"packages":[]}}"#);
            let part = Part { name: "v3/main", file_name: "main.json", bytes: json.as_bytes() };
            assert!(ALPINE.parse(&part, &mut FeedOutput::default()).is_err(), "{head}");
        }
    }

    #[test]
    fn one_bad_package_costs_itself_alone() {
        let out = parse(
            &ALPINE,
            r#"{"distroversion":"v3.18","packages":[7,{"pkg":{"name":"","secfixes":{}}},
            {"pkg":{"name":"a","secfixes":{"1-r0":"CVE-2024-0001","2-r0":[7,"CVE-2024-0002"],"":["CVE-2024-0003"]}}}]}"#,
        );
        assert_eq!(out.advisories.len(), 1);
        assert_eq!((out.records_quarantined, out.quarantined.len()), (4, 5));
    }
}
