//! Documents of vendors, where they are at hand.
#![expect(clippy::disallowed_methods, reason = "these tests read data beside the project")]

use std::io::Read;
use std::path::PathBuf;

use super::super::*;

/// The most documents that are read of one archive.
const DOCUMENTS_MAX: usize = 400;

/// The JSON documents in an archive whose path contains `part`; none where it is absent.
fn documents(archive: &str, part: &str) -> Vec<(String, Vec<u8>)> {
    let root = std::env::var_os("PLIMSOLL_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let path = root.join("data/feeds").join(archive);
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: {} is not there", path.display());
        return Vec::new();
    };
    let mut archive = tar::Archive::new(zstd::Decoder::new(file).expect("it is a zstd file"));
    let mut documents = Vec::new();
    for entry in archive.entries().expect("it is a tar file").flatten() {
        let name = entry.path().map(|it| it.display().to_string()).unwrap_or_default();
        if documents.len() < DOCUMENTS_MAX && name.contains(part) && name.ends_with(".json") {
            let mut content = Vec::new();
            let mut entry = entry;
            entry.read_to_end(&mut content).expect("the archive is whole");
            documents.push((name, content));
        }
    }
    documents
}

/// Reads all of them, without a problem.
#[track_caller]
fn check(archive: &str, part: &str) {
    let documents = documents(archive, part);
    let (mut statements, mut products, mut named) = (0, 0, 0);
    for (name, content) in &documents {
        let read = read(name, content).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read.problems, Vec::new(), "{name}");
        statements += read.statements.len();
        for product in read.statements.iter().flat_map(|it| &it.products) {
            products += 1;
            let names = product.components.iter().flatten().chain(&product.identifiers);
            named += usize::from(names.into_iter().any(|it| matches!(it, VexIdentifier::Purl(_))));
        }
    }
    eprintln!(
        "{archive}: {} documents, {statements} statements, {products} products, {named} with a package URL",
        documents.len()
    );
    assert!(documents.is_empty() || statements > 0);
}

#[test]
fn openvex_of_hardened_images_is_read() {
    check("openvex/docker-hardened-images.subset.tar.zst", "vex/");
}

#[test]
fn csaf_vex_of_red_hat_is_read() {
    check("redhat/csaf-vex-v2/csaf_vex_2024-08-04.tar.zst", "");
}

#[test]
fn csaf_advisories_of_red_hat_are_read() {
    check("redhat/csaf-advisories-v2/csaf_advisories_2024-08-11.tar.zst", "");
}
