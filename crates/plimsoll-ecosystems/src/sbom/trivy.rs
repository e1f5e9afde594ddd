//! Trivy's JSON report (schema 2), for the packages in it.
//!
//! A report that was written without its packages names only those with a finding; that is said.

use plimsoll_core::{Problem, ProblemKind, SourcePackage};
use serde::Deserialize;

use super::document::Document;
use super::draft::{Draft, Said, version_of_parts};
use super::json::{entries, parse};
use crate::lenient::{Maybe, Text, Texts};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    #[serde(default)]
    artifact_name: Text,
    metadata: Option<Maybe<Metadata>>,
    results: Option<Vec<Maybe<Group>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metadata {
    #[serde(rename = "OS")]
    system: Option<System>,
    repo_digests: Texts,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct System {
    family: Text,
    name: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Group {
    class: Text,
    packages: Option<Vec<Maybe<TrivyPackage>>>,
    vulnerabilities: Option<Vec<Maybe<Vulnerability>>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TrivyPackage {
    name: Text,
    version: Text,
    identifier: Option<Identifier>,
    src_name: Text,
    src_version: Text,
    src_release: Text,
    src_epoch: Text,
    licenses: Texts,
    file_path: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Identifier {
    #[serde(rename = "PURL")]
    purl: Text,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Vulnerability {
    pkg_name: Text,
    installed_version: Text,
    pkg_identifier: Option<Identifier>,
    pkg_path: Option<String>,
}

/// Reads a document with a `SchemaVersion`.
pub(super) fn read(text: &str, carried: bool) -> Result<Document, serde_json::Error> {
    let report: Report = parse(text, carried)?;
    let mut draft = Draft::new("sbom/trivy");
    let groups = entries(report.results, &mut draft);
    let of_packages = |group: &&Group| group.class.0.is_empty() || group.class.0.ends_with("-pkgs");
    let without_packages =
        groups.iter().filter(of_packages).all(|it| it.packages.as_ref().is_none_or(Vec::is_empty));
    if without_packages {
        let what = "the report was written without its packages (`--list-all-pkgs`): only those with a \
                    finding are known";
        draft.problems.push(Problem::new(ProblemKind::NotCovered, what));
    }
    for group in groups {
        for package in entries(group.packages, &mut draft) {
            draft.take(said(package));
        }
        if without_packages {
            for vulnerability in entries(group.vulnerabilities, &mut draft) {
                draft.take(of_finding(vulnerability));
            }
        }
    }
    draft.name = Some(report.artifact_name.0);
    if let Some(metadata) = report.metadata.and_then(Maybe::get) {
        // `debian@sha256:…`.
        let digests = metadata.repo_digests.0.iter().filter_map(|it| it.rsplit_once('@'));
        draft.digest = digests.filter_map(|(_, digest)| digest.parse().ok()).next();
        let System { family, name } = metadata.system.unwrap_or_default();
        draft.system(&family.0, &name.0);
    }
    Ok(draft.finish("Trivy JSON".to_owned()))
}

fn of_finding(vulnerability: Vulnerability) -> Said {
    Said {
        name: vulnerability.pkg_name.0,
        version: vulnerability.installed_version.0,
        purl: vulnerability.pkg_identifier.unwrap_or_default().purl.0,
        path: vulnerability.pkg_path,
        ..Said::default()
    }
}

fn said(package: TrivyPackage) -> Said {
    let version = version_of_parts(&package.src_version.0, &package.src_release.0, &package.src_epoch.0);
    let name = package.src_name.0;
    let licenses = package.licenses.0;
    Said {
        name: package.name.0,
        version: package.version.0,
        purl: package.identifier.unwrap_or_default().purl.0,
        license: (!licenses.is_empty()).then(|| licenses.join(" AND ")),
        path: package.file_path,
        source: (!name.is_empty()).then_some(SourcePackage { name, version }),
    }
}
