//! Trivy's JSON report (schema 2), for the packages in it.
//!
//! A report that was written without its packages names only those with a finding; that is said.

use plimsoll_core::{Digest, Problem, ProblemKind, SourcePackage};
use serde::Deserialize;
use serde_json::Value;

use super::super::json::{each, nullable, parse};
use super::packages::{Packages, Said};
use super::{ReadError, Sbom, vocabulary};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    #[serde(default, deserialize_with = "nullable")]
    artifact_name: String,
    #[serde(default, deserialize_with = "nullable")]
    metadata: Metadata,
    #[serde(default, deserialize_with = "nullable")]
    results: Vec<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metadata {
    #[serde(rename = "OS", deserialize_with = "nullable")]
    system: System,
    #[serde(deserialize_with = "nullable")]
    repo_digests: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct System {
    family: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Group {
    #[serde(default)]
    class: String,
    #[serde(default, deserialize_with = "nullable")]
    packages: Vec<TrivyPackage>,
    #[serde(default, deserialize_with = "nullable")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrivyPackage {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    identifier: Identifier,
    #[serde(default)]
    src_name: String,
    #[serde(default)]
    src_version: String,
    #[serde(default)]
    src_release: String,
    #[serde(default)]
    src_epoch: i64,
    #[serde(default, deserialize_with = "nullable")]
    licenses: Vec<String>,
    file_path: Option<String>,
}

#[derive(Default, Deserialize)]
struct Identifier {
    #[serde(rename = "PURL")]
    purl: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vulnerability {
    #[serde(default)]
    pkg_name: String,
    #[serde(default)]
    installed_version: String,
    #[serde(default)]
    pkg_identifier: Identifier,
    pkg_path: Option<String>,
}

pub(super) fn read(text: &str, carried: bool) -> Result<Sbom, ReadError> {
    let document: Document = parse(text, carried, "Trivy report")?;
    let (groups, wrong) = each::<Group>(document.results);
    let mut packages = Packages::new("sbom/trivy");
    wrong.iter().for_each(|it| packages.unreadable("are broken", it));
    let of_packages = |group: &&Group| group.class.is_empty() || group.class.ends_with("-pkgs");
    let without_packages = groups.iter().filter(of_packages).all(|it| it.packages.is_empty());
    if without_packages {
        let what = "the report was written without its packages (`--list-all-pkgs`): only those with a \
                    finding are known";
        packages.problems.push(Problem::new(ProblemKind::NotCovered, what));
    }
    for group in groups {
        group.packages.into_iter().for_each(|it| packages.take(said(it)));
        if without_packages {
            for it in group.vulnerabilities {
                packages.take(Said {
                    name: it.pkg_name,
                    version: it.installed_version,
                    purl: it.pkg_identifier.purl,
                    path: it.pkg_path,
                    ..Said::default()
                });
            }
        }
    }
    let digest = document.metadata.repo_digests.iter().find_map(|it| repository_digest(it));
    let system = vocabulary::of_words(&document.metadata.system.family, &document.metadata.system.name);
    Ok(Sbom {
        format: "Trivy JSON".to_owned(),
        name: super::super::filled(Some(document.artifact_name)),
        digest,
        inventory: packages.finish(system),
    })
}

/// `debian@sha256:…`.
fn repository_digest(text: &str) -> Option<Digest> {
    text.rsplit_once('@')?.1.parse().ok()
}

fn said(package: TrivyPackage) -> Said {
    let purl = package.identifier.purl;
    let is_system = purl.as_deref().is_some_and(vocabulary::names_system_package);
    let release =
        if package.src_release.is_empty() { String::new() } else { format!("-{}", package.src_release) };
    let epoch = if package.src_epoch == 0 { String::new() } else { format!("{}:", package.src_epoch) };
    let source = (is_system && !package.src_name.is_empty()).then(|| SourcePackage {
        name: package.src_name,
        version: (!package.src_version.is_empty())
            .then(|| format!("{epoch}{}{release}", package.src_version)),
    });
    Said {
        name: package.name,
        version: package.version,
        purl,
        license: (!package.licenses.is_empty()).then(|| package.licenses.join(" AND ")),
        path: package.file_path,
        source,
    }
}
