//! Real images against what other programs say is in them, operating systems' packages and languages'.

use std::collections::BTreeSet;
use std::path::Path;

use crate::sandbox::{Sandbox, corpus};

type Packages = BTreeSet<(String, String, String)>;

/// Artifacts of the corpus that are no images.
const NOT_SUPPORTED: [&str; 2] = ["helm-artifact", "oci-artifact"];

/// Images that are told to be incomplete: their jars without coordinates may be anything.
const INCOMPLETE: [&str; 1] = ["java-jars"];

/// What others say must be found, and we leave out or call otherwise, each with its reason.
const DEVIATIONS: &[(&str, &str, &str, &str)] = &[
    ("lockfiles", "golang", "stdlib", "the version is 1.22.5, as the advisories write it (rule 61)"),
    ("rust-binary", "cargo", "autocfg", "only helped to build the program, and is not in it"),
    ("lockfiles", "maven", "junit:junit", "needed by tests only"),
    ("lockfiles", "npm", "await-sleep", "needed for development only"),
    ("lockfiles", "npm", "debug", "needed for development only"),
    ("lockfiles", "npm", "lodash", "needed for development only"),
    ("lockfiles", "npm", "ms", "needed for development only"),
    ("lockfiles", "pub", "flutter_test", "0.0.0 stands for the SDK's, which is no version"),
    ("lockfiles", "pypi", "colorama", "needed for development only"),
    ("lockfiles", "pypi", "iniconfig", "needed for development only"),
    ("lockfiles", "pypi", "normal", "the project itself"),
    ("lockfiles", "pypi", "packaging", "needed for development only"),
    ("lockfiles", "pypi", "pluggy", "needed for development only"),
    ("lockfiles", "pypi", "pytest", "needed for development only"),
    ("lockfiles", "pypi", "tomli", "needed for development only"),
];

#[test]
fn every_package_of_the_corpus_is_found() {
    let Some(corpus) = corpus() else {
        eprintln!("SKIPPED: the corpus of real images is not there; set PLIMSOLL_CORPUS to it");
        return;
    };
    let sandbox = Sandbox::new();
    let mut wrong = Vec::new();
    let mut images = 0;
    for entry in std::fs::read_dir(corpus.join("expected")).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().and_then(|it| it.to_str()?.strip_suffix(".json")) else {
            continue;
        };
        let layout = corpus.join("oci").join(name);
        let archive = corpus.join("docker-archive").join(format!("{name}.tar"));
        // A gigabyte; benchmarks look at it.
        if NOT_SUPPORTED.contains(&name) || name == "large" {
            continue;
        }
        let expected = expected(&path);
        for image in [format!("oci:{}", layout.display()), format!("docker-archive:{}", archive.display())] {
            if !Path::new(image.split_once(':').unwrap().1).exists() {
                continue;
            }
            images += 1;
            let status = if INCOMPLETE.contains(&name) { 3 } else { 0 };
            let report = sandbox.report(status, &["--packages", "--platform", "linux/amd64", &image]);
            let (found, guessed) = (found(&report, false), found(&report, true));
            let is_named = |it: &&(String, String, String)| {
                DEVIATIONS
                    .iter()
                    .any(|(image, kind, what, _)| *image == name && *kind == it.0 && *what == it.1)
            };
            let missing: Vec<_> = expected.difference(&guessed).filter(|it| !is_named(it)).take(3).collect();
            let more: Vec<_> = found.difference(&expected).filter(|it| !is_named(it)).take(3).collect();
            if !missing.is_empty() || !more.is_empty() {
                wrong.push(format!("{image}: missing {missing:?}, not expected {more:?}"));
            }
        }
    }
    assert!(images > 50, "only {images} images in {}", corpus.display());
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn artifacts_that_are_no_images_are_said_not_to_be_supported() {
    let Some(corpus) = corpus() else {
        eprintln!("SKIPPED: the corpus of real images is not there; set PLIMSOLL_CORPUS to it");
        return;
    };
    let sandbox = Sandbox::new();
    for name in NOT_SUPPORTED {
        let image = format!("oci:{}", corpus.join("oci").join(name).display());
        let report = sandbox.report(3, &["--packages", &image]);
        assert_eq!(report["subject"]["kind"], "not_supported");
        assert_eq!(report["complete"], false);
    }
}

#[test]
fn an_index_is_scanned_for_one_platform_or_for_all() {
    let Some(corpus) = corpus() else {
        eprintln!("SKIPPED: the corpus of real images is not there; set PLIMSOLL_CORPUS to it");
        return;
    };
    let sandbox = Sandbox::new();
    for name in ["alpine-multiarch", "alpine-attested", "alpine-nested-index"] {
        let image = format!("oci:{}", corpus.join("oci").join(name).display());
        let one = sandbox.report(0, &["--packages", "--platform", "linux/arm64", &image]);
        assert!(one["platform"].as_str().unwrap().starts_with("linux/arm64"), "{name}");
        let all = sandbox.report(0, &["--packages", "--platform", "all", &image]);
        assert_eq!(all["images"].as_array().unwrap().len(), 5, "{name}");
        let missing = sandbox.run(&["scan", "--packages", "--platform", "linux/riscv64", &image]);
        assert!(matches!(missing.status, 2 | 3) && missing.err.contains("linux/s390x"), "{}", missing.err);
    }
}

fn expected(path: &Path) -> Packages {
    let list: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let text = |package: &serde_json::Value, key: &str| package[key].as_str().unwrap().to_owned();
    list.as_array()
        .unwrap()
        .iter()
        .map(|package| (text(package, "type"), text(package, "name"), text(package, "version")))
        // A key is no package, although rpm keeps it among them (rule 46).
        .filter(|(_, name, _)| name != "gpg-pubkey")
        .map(spelled)
        .collect()
}

/// The packages; of those that are known by their content alone, or without a version, only if
/// asked: others list none of them.
fn found(report: &serde_json::Value, guessed: bool) -> Packages {
    let text = |package: &serde_json::Value, key: &str| package[key].as_str().unwrap().to_owned();
    let packages = report["packages"].as_array().unwrap();
    packages
        .iter()
        .filter(|package| guessed || package["evidence"] != "binary" && package["version"] != "")
        .map(|package| (text(package, "type"), text(package, "name"), text(package, "version")))
        .map(spelled)
        .collect()
}

/// pip's tools spell names as they like (PEP 503).
fn spelled((kind, name, version): (String, String, String)) -> (String, String, String) {
    let name = if kind == "pypi" { name.to_lowercase().replace(['_', '.'], "-") } else { name };
    (kind, name, version)
}
