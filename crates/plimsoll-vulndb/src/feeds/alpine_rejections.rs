//! Alpine's rejections: CVEs that its security team found not to affect a package at all.
//!
//! A file for each repository, `{package: [CVE, …]}`, without releases: a rejection holds in all
//! that are known here. Where secdb says of a release in which version an issue was fixed, that
//! counts and the rejection does not.

use std::collections::BTreeMap;

use plimsoll_core::{Advisory, NameKind, Realm, Status};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_saphyr::DuplicateKeyPolicy;

use super::shared::{capped, cve, package_name, text};
use crate::{Feed, FeedOutput, Licence, Part, Source};

/// The files have some 100 KB.
const SIZE_BYTES_MAX: u64 = 16 << 20;
/// Nodes of one file; real ones have some thousands.
const NODES_MAX: usize = 500_000;

/// The releases that secdb has. Rows of a release without a secdb of its own would make it look
/// as if something were known of it, so that new ones are added by hand.
const RELEASES: &[&str] = &[
    "v3.10", "v3.11", "v3.12", "v3.13", "v3.14", "v3.15", "v3.16", "v3.17", "v3.18", "v3.19", "v3.20",
    "v3.21", "edge",
];

/// The feed.
pub(super) struct AlpineRejections;

impl Feed for AlpineRejections {
    fn id(&self) -> &'static str {
        "alpine-rejections"
    }

    fn title(&self) -> &'static str {
        "Alpine security rejections"
    }

    fn says(&self) -> &'static str {
        "Which CVEs do not affect a package in any release, by the word of Alpine's security team."
    }

    fn is_silent_on(&self) -> &'static str {
        "Fixes, severities and reasons."
    }

    fn sources(&self) -> Vec<Source> {
        let repository = |name: &str| {
            let url = format!(
                "https://gitlab.alpinelinux.org/alpine/security/security-rejections/-/raw/master/{name}.yaml"
            );
            let mirror = format!("alpine/security-rejections/{name}.yaml");
            Source { optional: true, ..Source::file(name, url, &[&mirror], SIZE_BYTES_MAX) }
        };
        vec![repository("main"), repository("community")]
    }

    fn licence(&self) -> Licence {
        Licence {
            name: "none stated",
            attribution: "Alpine Linux, https://gitlab.alpinelinux.org/alpine/security/security-rejections",
            redistributable: true,
        }
    }

    fn parse(&self, part: &Part<'_>, out: &mut FeedOutput) -> Result<(), String> {
        let text = text(part.bytes, SIZE_BYTES_MAX)?;
        let packages = read(&text)?;
        for (package, ids) in packages {
            let Some(name) = package_name(&package) else {
                out.records_read += 1;
                out.quarantine(format!("{} {}", part.name, capped(&package, 100)), "its name is none");
                continue;
            };
            match ids {
                Ids::List(ids) => ids.iter().for_each(|id| rejection(part.name, name, id, out)),
                Ids::None(()) => (),
                Ids::Other(_) => {
                    out.records_read += 1;
                    out.quarantine(format!("{} {name}", part.name), "no list of CVEs");
                }
            }
        }
        Ok(())
    }
}

/// What stands beside a package.
#[derive(Deserialize)]
#[serde(untagged)]
enum Ids {
    List(Vec<String>),
    None(()),
    Other(IgnoredAny),
}

fn read(text: &str) -> Result<BTreeMap<String, Ids>, String> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: NODES_MAX,
            max_events: 2 * NODES_MAX,
            max_documents: 1,
        },
        // Of a package that stands there twice one list is lost, which hides no finding.
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

/// One rejected CVE of a package.
fn rejection(repository: &str, package: &str, id: &str, out: &mut FeedOutput) {
    out.records_read += 1;
    let Some(vulnerability) = cve(id.trim()) else {
        let why = format!("`{}` is no CVE", capped(id, 100));
        return out.quarantine(format!("{repository} {package}"), why);
    };
    out.records_stored += 1;
    for release in RELEASES {
        out.advisories.push(Advisory {
            feed: AlpineRejections.id().to_owned(),
            realm: Realm::distro("apk", "alpine", release),
            package: package.to_owned(),
            name_kind: NameKind::Source,
            channel: None,
            architectures: Vec::new(),
            module: None,
            vulnerability: vulnerability.clone(),
            advisory_ids: Vec::new(),
            ranges: Vec::new(),
            versions: Vec::new(),
            status: Status::NotAffected,
            severity: None,
            note: Some("rejected by Alpine's security team".to_owned()),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(yaml: &str) -> Result<FeedOutput, String> {
        let mut out = FeedOutput::default();
        AlpineRejections
            .parse(&Part { name: "main", file_name: "main.yaml", bytes: yaml.as_bytes() }, &mut out)?;
        assert_eq!(out.records_read, out.records_stored + out.records_quarantined + out.out_of_scope);
        Ok(out)
    }

    #[test]
    fn a_rejection_holds_in_every_release() {
        let out = parse("dnsmasq:\n  - CVE-2021-45951\n  - CVE-2021-45952\nempty:\n").unwrap();
        assert_eq!((out.records_read, out.records_stored), (2, 2));
        assert_eq!(out.advisories.len(), 2 * RELEASES.len());
        assert!(out.advisories.iter().all(|it| it.status == Status::NotAffected && it.ranges.is_empty()));
    }

    #[test]
    fn what_is_no_rejection_is_set_aside() {
        let out = parse("a: 7\nb: [x, CVE-2024-0001]\n'c d': [CVE-2024-0001]\n").unwrap();
        assert_eq!((out.records_stored, out.records_quarantined), (1, 3));
        assert!(parse("- a\n").is_err());
        assert!(parse("a: [").is_err());
    }
}
