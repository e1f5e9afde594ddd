//! Kubernetes: OSV records of its components, and the official list of its CVEs.
//!
//! The records give every component the versions of Kubernetes (`k8s.io/apiserver` 1.18.19). Two
//! packages of Go have to do with that: the program's own module `k8s.io/kubernetes`, which has
//! those versions, and the library, which has `0.18.19` for the same. Each gets its rows; with
//! the versions as they stand every library would look older than any fix. The official list names
//! no versions that could be compared, so that it gives texts and scores only.

use plimsoll_core::{Advisory, End, Range};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::osv::{each_record, read, store};
use super::shared::{cve, cvss, date, details, lenient, reference, summary, text};
use crate::{Feed, FeedOutput, Licence, Part, Record, Remote, Source};

/// The feed.
pub(super) struct Kubernetes;

/// The list has 0.5 MB, the records less.
const SIZE_BYTES_MAX: u64 = 64 << 20;
/// The module of the programs themselves.
const PROGRAMS: &str = "k8s.io/kubernetes";
/// Components that are published as libraries, too, with the versions 0.x.y for 1.x.y.
/// Source: kubernetes/kubernetes, `staging/README.md`.
const LIBRARIES: &[&str] = &[
    "k8s.io/api",
    "k8s.io/apiextensions-apiserver",
    "k8s.io/apimachinery",
    "k8s.io/apiserver",
    "k8s.io/client-go",
    "k8s.io/cloud-provider",
    "k8s.io/component-base",
    "k8s.io/controller-manager",
    "k8s.io/kube-aggregator",
    "k8s.io/kube-controller-manager",
    "k8s.io/kube-proxy",
    "k8s.io/kube-scheduler",
    "k8s.io/kubectl",
    "k8s.io/kubelet",
];

impl Feed for Kubernetes {
    fn id(&self) -> &'static str {
        "kubernetes"
    }

    fn title(&self) -> &'static str {
        "Kubernetes vulnerabilities"
    }

    fn says(&self) -> &'static str {
        "Affected versions of Kubernetes' own components."
    }

    fn is_silent_on(&self) -> &'static str {
        "Programs that run on it."
    }

    fn sources(&self) -> Vec<Source> {
        let zip = "https://osv-vulnerabilities.storage.googleapis.com/Kubernetes/all.zip";
        let list = "https://kubernetes.io/docs/reference/issues-security/official-cve-feed/index.json";
        let optional = |name, url, mirror: &[&str]| Source {
            optional: true,
            ..Source::file(name, url, mirror, SIZE_BYTES_MAX)
        };
        vec![
            optional("all.zip", zip, &["osv/Kubernetes/all.zip"]),
            Source {
                remote: Remote::MirrorOnly,
                ..optional(
                    "k8s-osv",
                    "",
                    &["kubernetes/vuln-list-k8s-osv.tar.zst", "kubernetes/vuln-list-k8s-osv.tar.gz"],
                )
            },
            optional(
                "official-cve-feed",
                list,
                &["kubernetes/official-cve-feed.json", "kubernetes/official-cve-feed.excerpt.json"],
            ),
        ]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "Apache-2.0 AND CC-BY-4.0",
            attribution: "The Kubernetes authors, https://kubernetes.io/",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        if part.name == "official-cve-feed" {
            return official_list(part, out);
        }
        let takes = |ecosystem: &str| ecosystem.eq_ignore_ascii_case("kubernetes");
        each_record(part, out, &mut |json, name, out| {
            let before = out.advisories.len();
            if let Some(record) = read(json, name, self.id(), out) {
                store(self.id(), &takes, record, out);
            }
            let rows = out.advisories.split_off(before);
            out.advisories.extend(rows.into_iter().flat_map(as_modules));
        })
    }
}

/// The rows of a component for the modules of Go that it is in.
fn as_modules(row: Advisory) -> Vec<Advisory> {
    if !LIBRARIES.contains(&row.package.as_str()) {
        return vec![row];
    }
    let component = row.package.strip_prefix("k8s.io/").unwrap_or_default();
    let program = Advisory {
        package: PROGRAMS.to_owned(),
        note: Some(format!("in the component {component}")),
        ..row.clone()
    };
    let library = Advisory { ranges: row.ranges.iter().map(of_library).collect(), ..row };
    vec![program, library]
}

fn of_library(range: &Range) -> Range {
    let end = match &range.end {
        End::Fixed(version) => End::Fixed(library_version(version)),
        End::LastAffected(version) => End::LastAffected(library_version(version)),
        End::Limit(version) => End::Limit(library_version(version)),
        End::Open => End::Open,
    };
    Range { introduced: range.introduced.as_deref().map(library_version), end }
}

/// `0.18.19` for `1.18.19`.
fn library_version(version: &str) -> String {
    let bare = version.strip_prefix('v').unwrap_or(version);
    bare.strip_prefix("1.").map_or_else(|| version.to_owned(), |rest| format!("0.{rest}"))
}

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    content_text: String,
    #[serde(default)]
    date_published: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    external_url: String,
}

fn official_list(part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
    let json = text(part.bytes, SIZE_BYTES_MAX * 4)?;
    let list: List<'_> = serde_json::from_str(&json).map_err(|error| error.to_string())?;
    for raw in list.items {
        out.records_read += 1;
        let item = serde_json::from_str::<Item>(raw.get()).map_err(|error| error.to_string());
        match item.and_then(|item| listed(&item)) {
            Ok(records) => {
                out.records_stored += 1;
                records.iter().filter_map(|it| it.published).for_each(|date| out.saw_date(date));
                out.records.extend(records);
            }
            Err(why) => {
                let id: Named<'_> = lenient(Some(raw));
                out.quarantine(id.id.unwrap_or("an entry"), why);
            }
        }
    }
    Ok(())
}

/// What an entry calls itself, where nothing else of it could be read.
#[derive(Default, Deserialize)]
struct Named<'a> {
    #[serde(default)]
    id: Option<&'a str>,
}

/// A record for each CVE; a few entries name two, `CVE-2023-5043, CVE-2023-5044`.
fn listed(item: &Item) -> Result<Vec<Record>, String> {
    let ids: Option<Vec<String>> =
        item.id.split([',', ' ']).filter(|it| !it.is_empty()).take(16).map(cve).collect();
    let ids = ids.filter(|it| !it.is_empty()).ok_or("its id is no CVE")?;
    // `CVSS Rating: [CVSS:3.1/AV:N/…](https://…#CVSS:3.1/…)`
    let end = |it: char| it.is_whitespace() || "])(".contains(it);
    let vector =
        item.content_text.find("CVSS:").and_then(|start| item.content_text.get(start..)?.split(end).next());
    let vector = vector.and_then(|it| cvss(it, "kubernetes").ok());
    let record = |id: String| Record {
        id,
        summary: summary(&item.summary),
        details: details(&item.content_text),
        references: [&item.url, &item.external_url]
            .into_iter()
            .filter_map(|it| reference(it))
            .map(str::to_owned)
            .collect(),
        cvss: vector.iter().cloned().collect(),
        published: date(&item.date_published),
        ..Record::default()
    };
    Ok(ids.into_iter().map(record).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, json: &str) -> FeedOutput {
        let mut out = FeedOutput::default();
        Kubernetes.parse(&Part { name, file_name: name, bytes: json.as_bytes() }, &mut out).unwrap();
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        out
    }

    #[test]
    fn a_component_is_a_program_and_a_library_with_versions_of_its_own() {
        let out = parse(
            "all.zip",
            r#"{"id":"CVE-2021-25737","affected":[
            {"package":{"ecosystem":"kubernetes","name":"k8s.io/apiserver"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.18.19"},{"introduced":"1.19.0"},{"fixed":"1.19.11"}]}]},
            {"package":{"ecosystem":"Kubernetes","name":"sigs.k8s.io/azurefile-csi-driver"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.29.4"}]}]}]}"#,
        );
        let shown: Vec<String> = out
            .advisories
            .iter()
            .map(|it| format!("{} {} {:?}", it.realm, it.package, it.ranges.last().unwrap().end))
            .collect();
        assert_eq!(
            shown,
            [
                "golang k8s.io/kubernetes Fixed(\"1.19.11\")",
                "golang k8s.io/apiserver Fixed(\"0.19.11\")",
                "golang sigs.k8s.io/azurefile-csi-driver Fixed(\"1.29.4\")",
            ]
        );
        assert_eq!(out.advisories[0].note.as_deref(), Some("in the component apiserver"));
    }

    #[test]
    fn the_official_list_gives_texts() {
        let out = parse(
            "official-cve-feed",
            r#"{"items":[{"id":"CVE-2023-5043, CVE-2023-5044","summary":"s","url":"https://example.com",
            "content_text":"CVSS Rating: [CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H](https://x)"},{"id":"zurg"},7]}"#,
        );
        assert_eq!((out.records.len(), out.records_stored, out.records_quarantined), (2, 1, 2));
        assert_eq!(out.records[0].cvss[0].score_tenths, 98);
    }
}
