//! Documents inside of images, small ones and those of the shared test data.

mod formats;

use std::collections::BTreeSet;

use expect_test::{Expect, expect};

use super::{ReadError, read};
use crate::lang_agreement::{data, extract_data};
use crate::listing::tests::{check_survives, seen};

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "expect! is written at the end of the call")]
fn check(content: &str, expected: Expect) {
    let mut text = match read(content.as_bytes()) {
        Ok(document) => {
            document.distro.map_or(String::new(), |it| format!("on {} {}\n", it.id, it.version_id))
        }
        Err(error) => format!("{error:?}\n"),
    };
    text.push_str(&seen("usr/share/sbom/bom.json", content.as_bytes()));
    expected.assert_eq(&text);
    check_survives("usr/share/sbom/bom.json", content.as_bytes());
}

#[test]
fn cyclonedx_components_are_packages_where_they_have_a_purl() {
    check(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.5",
            "metadata": {"component": {"type": "container", "purl": "pkg:oci/x@sha256:00", "name": "x"}},
            "components": [
              {"type": "operating-system", "name": "alpine", "version": "3.16.0"},
              {"type": "library", "name": "log", "version": "1", "purl": "pkg:composer/pear/log@1.13.1",
               "licenses": [{"license": {"id": "MIT"}}, {"expression": "Apache-2.0"}],
               "components": [{"type": "library", "name": "b", "purl": "pkg:npm/%40a/b@1"}]},
              {"type": "library", "name": "nobody", "version": "1"},
              {"type": "library", "name": "test", "version": "1", "purl": "pkg:npm/test@1", "scope": "excluded"},
              {"type": "file", "name": "README"},
              {"type": "application", "name": "package-lock.json"},
              {"type": "library", "name": "c", "purl": "invalid-purl"},
              {"type": "library", "name": "d", "purl": "pkg:strange/d@1"}]}"#,
        expect![[r#"
            on alpine 3.16.0
            composer pear/log 1.13.1 under MIT AND Apache-2.0 (sbom)
            npm @a/b 1 (sbom)
            ! 1 entries (invalid-purl) have a package URL that cannot be read, and are not compared
            ! 1 entries (nobody) have no package URL, and are not compared
            ~ 1 entries are excluded from the product by the document
            ! 1 package URLs are of type `strange`, which is no ecosystem known here
        "#]],
    );
}

#[test]
fn what_a_broken_subject_of_a_document_holds_is_not_lost_in_silence() {
    check(
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.5",
            "metadata": {"component": {"name": "x", "components": {"name": "log", "purl": "pkg:npm/log@1"}}},
            "components": [{"name": "a", "purl": "pkg:npm/a@1"}]}"#,
        expect![[r#"
            npm a 1 (sbom)
            ! 1 entries (metadata) are broken, and are not compared
        "#]],
    );
}

#[test]
fn spdx_packages_are_packages_where_they_have_a_purl_and_are_no_sources() {
    check(
        r#"{"spdxVersion": "SPDX-2.3", "documentDescribes": ["SPDXRef-root"], "packages": [
              {"SPDXID": "SPDXRef-root", "name": "app", "versionInfo": "1"},
              {"SPDXID": "SPDXRef-a", "name": "a", "versionInfo": "1", "licenseDeclared": "NOASSERTION",
               "licenseConcluded": "MIT", "externalRefs": [
                 {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:a:a:1"},
                 {"referenceType": "purl", "referenceLocator": "pkg:apk/wolfi/a@1-r0?arch=x86_64"}]},
              {"SPDXID": "SPDXRef-source", "name": "a", "versionInfo": "1", "externalRefs": [
                 {"referenceType": "purl", "referenceLocator": "pkg:generic/a@1"}]},
              {"SPDXID": "SPDXRef-OperatingSystem-1", "name": "Wolfi", "versionInfo": "2"},
              {"SPDXID": "SPDXRef-b", "name": "b", "versionInfo": "1"}],
            "relationships": [{"spdxElementId": "SPDXRef-a", "relatedSpdxElement": "SPDXRef-source",
                               "relationshipType": "GENERATED_FROM"}]}"#,
        expect![[r#"
            on wolfi 2
            apk a 1-r0 under MIT (sbom)
            ! 1 entries (b) have no package URL, and are not compared
            ~ 1 entries are excluded from the product by the document
        "#]],
    );
}

#[test]
fn spdx_tags_and_graphs_are_read() {
    check(
        "SPDXVersion: SPDX-2.3\nComment: <text>\nPackageName: no\nExternalRef: PACKAGE-MANAGER purl pkg:npm/no@1\n</text>\nPackageName: redis\nPackageVersion: 7.4.1-0\nPackageLicenseDeclared: RSALv2\nExternalRef: PACKAGE-MANAGER purl pkg:bitnami/redis@7.4.1-0\n",
        expect![[r#"
            bitnami redis 7.4.1-0 under RSALv2 (sbom)
        "#]],
    );
    check(
        r#"{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
            {"type": "SpdxDocument"},
            {"type": "software_Package", "name": "a", "software_packageUrl": "pkg:pypi/a@1"},
            {"type": "software_Package", "name": "b", "externalIdentifier": [
              {"externalIdentifierType": "packageUrl", "identifier": "pkg:pypi/b@2"}]},
            {"type": "software_Package", "name": "b", "software_primaryPurpose": "source",
             "software_packageUrl": "pkg:generic/b@2"}]}"#,
        expect![[r#"
            pypi a 1 (sbom)
            pypi b 2 (sbom)
            ~ 1 entries are excluded from the product by the document
        "#]],
    );
}

#[test]
fn other_json_is_passed_over_and_a_broken_document_is_a_problem() {
    check(
        "{\"a\": 1}",
        expect![[r#"
        NotOne
    "#]],
    );
    check(
        "[]",
        expect![[r#"
        NotOne
    "#]],
    );
    check(
        "{\"bomFormat\": \"CycloneDX\", \"components\": [",
        expect![[r#"
        Broken("EOF while parsing a list at line 1 column 42")
        ! this SBOM cannot be read: EOF while parsing a list at line 1 column 42
    "#]],
    );
    let nested =
        format!("{{\"bomFormat\": \"CycloneDX\", \"components\": {}", "[{\"components\": ".repeat(100_000));
    assert!(matches!(read(nested.as_bytes()), Err(ReadError::Broken(_))));
    expect![[r#"
        ! this file is called like an SBOM and cannot be read as one
    "#]]
    .assert_eq(&seen("opt/bitnami/redis/.spdx-redis.spdx", b"{\"id\": \"x\""));
    expect![""].assert_eq(&seen("usr/share/doc/x.spdx", b"<rdf/>"));
    let python = "usr/lib/python3/a-1.dist-info/sboms/a.cdx.json";
    assert!(
        !seen(
            python,
            b"{\"bomFormat\": \"CycloneDX\", \"components\": [{\"purl\": \"pkg:generic/zlib@1\"}]}"
        )
        .contains("called like")
    );
}

#[test]
fn bitnamis_documents_are_read() {
    for (file, count) in [
        ("json/opt/bitnami/postgresql/.spdx-postgresql.spdx", 19),
        ("tag-value/opt/bitnami/redis/.spdx-apache.spdx", 1),
    ] {
        let Some(out) = extract_data(&format!("os-other/bitnami/{file}"), "opt/bitnami/x/.spdx-x.spdx")
        else {
            return;
        };
        assert_eq!((out.packages.len(), out.problems), (count, Vec::new()), "{file}");
    }
}

#[test]
fn a_large_document_is_read_whole() {
    let Some(folder) = data() else { return };
    let content = std_read(&folder.join("claircore/purl/go-hummingbird.spdx.json"));
    let document = read(&content).expect("a sound document");
    let count = |kind: &str| document.packages.iter().filter(|it| it.package.kind == kind).count();
    assert_eq!((count("rpm"), count("golang"), count("npm"), document.packages.len()), (585, 10, 0, 595));
}

#[expect(clippy::disallowed_methods, reason = "the test data are files outside the repository")]
fn std_read(path: &std::path::Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// A document of the shared test data where we differ, on purpose, from what others expect:
/// packages that they expect and we do not give, those that only we give, and why.
const DEVIATIONS: &[(&str, usize, usize, &str)] = &[
    ("infinite-loop-bom.json", 1, 1, "the epoch is part of a deb's version; the other keeps it apart"),
    ("kbom.json", 6, 0, "`k8s` is no ecosystem here, which the document's remarks say"),
    ("nested-packages-bom.json", 0, 1, "the application itself has a purl and is listed, without a version"),
];

#[derive(serde::Deserialize)]
struct Case {
    file: String,
    packages: Vec<Named>,
}

#[derive(serde::Deserialize)]
struct Named {
    name: String,
    version: String,
}

#[test]
fn packages_are_those_that_others_expect() {
    let Some(folder) = data() else { return };
    let cases: Vec<Case> = serde_json::from_slice(&std_read(&folder.join("expected-trivy.json"))).unwrap();
    let cases = cases.into_iter().filter(|case| case.file.contains("/sbom/"));
    let (mut documents, mut agreed, mut expected, mut wrong) = (0, 0, 0, Vec::new());
    for case in cases {
        let file = case.file.strip_prefix("lang/").unwrap();
        let document = read(&std_read(&folder.join(file))).unwrap();
        let text = |name: &str, version: &str| format!("{name} {version}");
        let (known, problems) = document.into_known();
        let ours: BTreeSet<String> = known.iter().map(|it| text(&it.name, &it.version)).collect();
        // An empty version is how the operating system is listed.
        let theirs = case.packages.iter().filter(|it| !it.version.is_empty());
        let theirs: BTreeSet<String> = theirs.map(|it| text(&it.name, &it.version)).collect();
        documents += 1;
        agreed += ours.intersection(&theirs).count();
        expected += theirs.len();
        let missing: Vec<_> = theirs.difference(&ours).collect();
        let extra: Vec<_> = ours.difference(&theirs).collect();
        let allowed = DEVIATIONS.iter().find(|(name, ..)| case.file.ends_with(name));
        let counts = allowed.map_or((0, 0), |(_, missing, extra, _)| (*missing, *extra));
        if (missing.len(), extra.len()) != counts {
            wrong.push(format!("{file}: missing {missing:?}, extra {extra:?}, {problems:?}"));
        } else if let Some((_, missing, extra, why)) = allowed {
            eprintln!("  {file}: -{missing} +{extra}: {why}");
        }
    }
    eprintln!("SBOMs: {documents} documents; {agreed} of {expected} packages");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((documents, agreed), (25, 54));
}

#[test]
fn every_document_of_other_projects_is_read_or_refused_in_words() {
    let Some(folder) = data() else { return };
    for (part, least) in [("claircore/sbom", 4), ("claircore/purl", 1), ("syft/sbom", 1), ("trivy/sbom", 15)]
    {
        let (mut count, mut waiting) = (0, vec![folder.join(part)]);
        while let Some(path) = waiting.pop() {
            if path.is_dir() {
                waiting.extend(std_list(&path));
                continue;
            }
            match read(&std_read(&path)) {
                Ok(document) => {
                    count += 1;
                    let problems: Vec<&str> = document.problems.iter().map(|it| it.what.as_str()).collect();
                    let distro = document.distro.as_ref().map(|it| format!("{} {}", it.id, it.version_id));
                    let (format, packages) = (&document.format, document.packages.len());
                    eprintln!("{}: {format} {packages} {distro:?} {problems:?}", path.display());
                }
                Err(error) => eprintln!("{}: refused: {error}", path.display()),
            }
        }
        assert!(count >= least, "{part}: {count}");
    }
}

#[expect(clippy::disallowed_methods, reason = "the test data are files outside the repository")]
fn std_list(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path()).collect()
}
