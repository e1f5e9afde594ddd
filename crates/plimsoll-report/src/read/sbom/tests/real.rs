//! Documents of other projects' tests, where they are at hand.
#![expect(clippy::disallowed_methods, reason = "these tests read data beside the project")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::super::*;

/// The folder of shared test data; says so where it is absent.
fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PLIMSOLL_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join("data").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("SKIPPED: {} is not there", path.display());
    None
}

/// What the other project's own tests find, but the distribution that it lists as a package.
fn expected() -> Option<BTreeMap<String, BTreeSet<(String, String)>>> {
    let text = std::fs::read_to_string(shared("lang/expected-trivy.json")?).ok()?;
    let list: Vec<serde_json::Value> = serde_json::from_str(&text).ok()?;
    let mut expected: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for entry in list {
        let file = entry["file"].as_str().unwrap_or_default().to_owned();
        if !file.starts_with("lang/trivy/sbom/") {
            continue;
        }
        let names = entry["packages"].as_array().cloned().unwrap_or_default();
        let of_file = expected.entry(file).or_default();
        for it in names {
            let text = |key: &str| it[key].as_str().unwrap_or_default().to_owned();
            if !text("version").is_empty() {
                of_file.insert((text("name"), text("version")));
            }
        }
    }
    Some(expected)
}

#[test]
fn what_another_project_finds_in_its_documents_is_found() {
    let Some(expected) = expected() else { return };
    let (mut agreed, mut missing) = (0, Vec::new());
    for (file, wanted) in &expected {
        let Some(path) = shared(file) else { continue };
        let bytes = std::fs::read(path).unwrap_or_default();
        let sbom = match read(&bytes) {
            Ok(sbom) => sbom,
            Err(error) => {
                missing.push(format!("{file}: {error}"));
                continue;
            }
        };
        let found: BTreeSet<(String, String)> = sbom
            .inventory
            .packages
            .iter()
            .map(|it| (it.package.name.clone(), it.package.version.clone()))
            .collect();
        for it in wanted {
            if found.contains(it) {
                agreed += 1;
            } else {
                missing.push(format!("{file}: {} {} ({found:?})", it.0, it.1));
            }
        }
    }
    eprintln!("{agreed} packages agree in {} documents, {} do not", expected.len(), missing.len());
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn every_document_of_other_projects_is_read_or_refused_in_words() {
    for (folder, least) in [
        ("lang/claircore/sbom", 4),
        ("lang/claircore/purl", 1),
        ("lang/syft/sbom", 1),
        ("lang/trivy/sbom", 15),
    ] {
        let Some(folder) = shared(folder) else { continue };
        let (mut read_count, mut waiting) = (0, vec![folder.clone()]);
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                let entries = std::fs::read_dir(&path).into_iter().flatten().flatten();
                waiting.extend(entries.map(|it| it.path()));
                continue;
            }
            match read(&std::fs::read(&path).unwrap_or_default()) {
                Ok(sbom) => {
                    read_count += 1;
                    let problems: Vec<&str> =
                        sbom.inventory.problems.iter().map(|it| it.what.as_str()).collect();
                    let distro = sbom.inventory.distro.map(|it| format!("{} {}", it.id, it.version_id));
                    let count = sbom.inventory.packages.len();
                    eprintln!("{}: {} {count} {distro:?} {problems:?}", path.display(), sbom.format);
                }
                Err(error) => eprintln!("{}: refused: {error}", path.display()),
            }
        }
        assert!(read_count >= least, "{}: {read_count}", folder.display());
    }
}
