//! Real images against what other programs say is in them.

use std::collections::BTreeSet;
use std::path::Path;

use crate::sandbox::{Sandbox, corpus};

type Packages = BTreeSet<(String, String, String)>;

/// Artifacts of the corpus that are no images.
const NOT_SUPPORTED: [&str; 2] = ["helm-artifact", "oci-artifact"];

#[test]
fn every_operating_system_package_of_the_corpus_is_found() {
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
            let found = found(&sandbox.report(0, &["--packages", "--platform", "linux/amd64", &image]));
            if found != expected {
                let missing: Vec<_> = expected.difference(&found).take(3).collect();
                let more: Vec<_> = found.difference(&expected).take(3).collect();
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
        .filter(|(kind, name, _)| ["deb", "apk", "rpm"].contains(&kind.as_str()) && name != "gpg-pubkey")
        .collect()
}

fn found(report: &serde_json::Value) -> Packages {
    let text = |package: &serde_json::Value, key: &str| package[key].as_str().unwrap().to_owned();
    let packages = report["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| (text(package, "type"), text(package, "name"), text(package, "version")))
        .filter(|(kind, ..)| ["deb", "apk", "rpm"].contains(&kind.as_str()))
        .collect()
}
