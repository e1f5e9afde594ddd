//! Files of other scanners' tests, out of the shared test data, with what those scanners find in
//! them; without the data these tests say loudly that they were skipped.
//!
//! Where we deviate the reason stands in a table here, and a deviation that is none any more fails.
#![expect(clippy::disallowed_methods, reason = "the data are files outside the repository")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_core::{Extractor, ImagePath, Input, Observations};
use serde::Deserialize;

use super::{GradleLock, JavaArchive, JavaRuntime, PomFile, file_name, manifest, properties};
use crate::dotnet::{DotnetDeps, DotnetLock};
use crate::lang_agreement;

/// The reasons for deviations.
const OURSELVES: &str = "the war has classes and nobody names it: it is listed by its file name";
const NO_GROUP: &str = "nobody says the Maven group: only a look-up by checksum may, never a guess";
const ELSEWHERE: &str = "versions and libraries of libraries that a parent, module or repository would say";
const PROVIDED: &str = "what a server is to provide is part of the program all the same";
const BARE: &str = "the other scanner's test asks for no dependencies";
const UNVERSIONED: &str = "the project has a version nobody says, and is listed without";
const TESTS: &str = "a library that only tests use is left out";
const OWN_PROJECT: &str = "projects are the program itself, and no package of any feed";

/// The folder of shared language data, or a loud word that it is not there.
fn shared() -> Option<PathBuf> {
    let root = std::env::var_os("PLIMSOLL_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"));
    let folder = root.join("data/lang");
    if !folder.is_dir() {
        eprintln!("SKIPPED: no data of languages at {}; set PLIMSOLL_SHARED", folder.display());
        return None;
    }
    Some(folder)
}

/// One test of another scanner.
#[derive(Deserialize)]
struct Expected {
    file: String,
    test: String,
    packages: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
    version: String,
}

fn observe(extractor: &dyn Extractor, path: &str, content: &[u8]) -> Observations {
    let (path, mut out) = (ImagePath::new(path), Observations::default());
    extractor.extract(Input { path: &path, content, others: &() }, &mut out);
    out
}

fn names(out: &Observations) -> BTreeSet<String> {
    out.packages.iter().map(|it| format!("{} {}", it.name, it.version)).collect()
}

/// Compares what is found in every file below `folder` with what was expected of it.
#[track_caller]
fn check(
    folder: &str,
    extractor: &dyn Extractor,
    path_of: impl Fn(&str) -> String,
    deviations: &[(&str, &str)],
) {
    let Some(shared) = shared() else { return };
    let expected = fs::read(shared.join("expected-trivy.json")).unwrap();
    let expected: Vec<Expected> = serde_json::from_slice(&expected).unwrap();
    let (mut agreed, mut deviating, mut report) = (0, BTreeSet::new(), String::new());
    for case in expected {
        let Some(file) = case.file.strip_prefix(&format!("lang/{folder}/")) else { continue };
        let content = fs::read(shared.join(folder).join(file)).unwrap();
        let out = observe(extractor, &path_of(file), &content);
        let (actual, wanted) =
            (names(&out), case.packages.iter().map(|it| format!("{} {}", it.name, it.version)));
        let wanted: BTreeSet<String> = wanted.collect();
        if actual == wanted {
            agreed += 1;
            continue;
        }
        let key = format!("{file}: {}", case.test);
        let missing: Vec<_> = wanted.difference(&actual).collect();
        let more: Vec<_> = actual.difference(&wanted).collect();
        report.push_str(&format!("{key}\n  missing {missing:?}\n  more {more:?}\n  {:?}\n", out.problems));
        deviating.insert(key);
    }
    eprintln!("{folder}: {agreed} agree, {} deviate", deviating.len());
    let reasons: Vec<String> = deviations.iter().map(|(key, why)| format!("`{key}`: {why}")).collect();
    let row = format!("| `{folder}` | {} | {agreed} | {} |", agreed + deviating.len(), reasons.join("; "));
    assert!(lang_agreement::PAGE.contains(&row), "docs/agreement.md does not say so:\n{row}");
    let known: BTreeSet<String> = deviations.iter().map(|(key, _)| (*key).to_owned()).collect();
    assert_eq!(deviating, known, "\n{report}");
}

#[test]
fn archives_give_what_others_find() {
    let deviations = [
        ("gradle.war: gradle", OURSELVES),
        ("heuristic-1.0.0-SNAPSHOT.jar: artifactId search", NO_GROUP),
        ("license-from-jenkins-plugin.jar: jenkins plugin manifest license", NO_GROUP),
        ("test.jar: offline", NO_GROUP),
        ("test.jar: sha1 search", NO_GROUP),
    ];
    check("trivy/dependency/parser/java/jar", &JavaArchive, str::to_owned, &deviations);
    let deviations = [("test.jar: happy path (package found in trivy-java-db by sha1)", NO_GROUP)];
    check("trivy/fanal/analyzer/language/java/jar", &JavaArchive, str::to_owned, &deviations);
}

#[test]
fn projects_give_what_others_find() {
    let deviations = [
        (
            "exclusions-parent-dependency-management/child/pom.xml: exclusions in child and parent dependency management",
            ELSEWHERE,
        ),
        ("exclusions/pom.xml: exclusions", ELSEWHERE),
        ("happy/pom.xml: local repository", PROVIDED),
        ("hard-requirement/pom.xml: hard requirement for the specified version", ELSEWHERE),
        ("import-dependency-management-multiple/pom.xml: import multiple dependencyManagement", ELSEWHERE),
        ("import-dependency-management/pom.xml: import dependencyManagement", ELSEWHERE),
        (
            "inherit-props/base/pom.xml: inherit properties in parent depManagement with import scope",
            ELSEWHERE,
        ),
        (
            "inherit-scopes-from-child-deps-and-their-parents/pom.xml: inherit scopes from child dependencies and their parents",
            BARE,
        ),
        ("inherit-scopes-in-children-from-root/pom.xml: inherit scopes in children from root pom", BARE),
        ("modules-infinity-loop/pom.xml: Infinity loop for modules", ELSEWHERE),
        ("multi-module-soft-requirement/pom.xml: multi module soft requirement", ELSEWHERE),
        ("multiple-modules-with-deps-with-same-gav/pom.xml: multi module with deps with same GAV", ELSEWHERE),
        ("offline/pom.xml: offline mode", UNVERSIONED),
        ("parent-child-properties/pom.xml: dependencyManagement prefers child properties", ELSEWHERE),
        ("parent-dependency-management/child/pom.xml: inherit parent dependencyManagement", ELSEWHERE),
        ("parent-properties/child/pom.xml: inherit parent properties", ELSEWHERE),
        ("parent-relative-path/pom.xml: parent relativePath", ELSEWHERE),
        ("parent-version-is-property/child/pom.xml: parent version in property", ELSEWHERE),
        (
            "root-pom-dep-management-for-deps-with-project-props/pom.xml: overwrite artifact version from dependencyManagement in the root POM when dependency uses `project.*` props",
            ELSEWHERE,
        ),
        (
            "root-pom-dep-management/pom.xml: overwrite artifact version from dependencyManagement in the root POM",
            ELSEWHERE,
        ),
        ("snapshot/pom.xml: snapshot dependency", ELSEWHERE),
        ("snapshot/with-maven-metadata/pom.xml: snapshot repository with maven-metadata.xml", ELSEWHERE),
        (
            "soft-requirement-with-transitive-dependencies/pom.xml: soft requirement with transitive dependencies",
            ELSEWHERE,
        ),
        (
            "transitive-dependency-management/pom.xml: transitive dependencyManagement should not be inherited",
            ELSEWHERE,
        ),
        ("transitive-parents/base/pom.xml: transitive parents", ELSEWHERE),
        (
            "use-child-dep-management-in-parent/pom.xml: dependency from parent uses version from child(scanned) pom depManagement",
            ELSEWHERE,
        ),
        (
            "use-dep-management-from-child-in-parent/pom.xml: dependency from parent uses version from child pom depManagement",
            ELSEWHERE,
        ),
        (
            "use-root-dep-management-in-parent/pom.xml: dependency from parent uses version from root pom depManagement",
            ELSEWHERE,
        ),
        ("with-spaces/pom.xml: space at the start and/or end of the text nodes", ELSEWHERE),
    ];
    check("trivy/dependency/parser/java/pom", &PomFile, str::to_owned, &deviations);
    check("trivy/fanal/analyzer/language/java/pom", &PomFile, str::to_owned, &[]);
}

#[test]
fn lock_files_of_gradle_give_what_others_find() {
    check(
        "trivy/dependency/parser/gradle/lockfile",
        &GradleLock,
        |_| "gradle.lockfile".to_owned(),
        &[("happy.lockfile: happy path", TESTS)],
    );
}

#[test]
fn manifests_of_dotnet_give_what_others_find() {
    let deviations = [
        ("ambiguous-root.deps.json: ambiguous root", OWN_PROJECT),
        ("happy.deps.json: happy path", OWN_PROJECT),
        ("missing-target.deps.json: target libs not found", OWN_PROJECT),
        ("multi-project.deps.json: multi-project solution", OWN_PROJECT),
        ("self-contained.deps.json: self-contained with bundled runtime", OWN_PROJECT),
        ("without-runtime.deps.json: happy path with skipped libs", OWN_PROJECT),
    ];
    check("trivy/dependency/parser/dotnet/core_deps", &DotnetDeps, str::to_owned, &deviations);
    let deviations = [("datacollector.deps.json: happy path", OWN_PROJECT)];
    check("trivy/fanal/analyzer/language/dotnet/deps", &DotnetDeps, str::to_owned, &deviations);
}

#[test]
fn lock_files_of_dotnet_give_what_others_find() {
    check("trivy/dependency/parser/nuget/lock", &DotnetLock, |_| "packages.lock.json".to_owned(), &[]);
    check("trivy/dependency/parser/nuget/config", &DotnetLock, |_| "packages.config".to_owned(), &[]);
}

/// The names of files against what `pom.properties` of the same files say.
#[test]
fn names_of_real_archives_are_read_as_maven_wrote_them() {
    let Some(folder) = shared().map(|it| it.join("claircore/java/jar")) else { return };
    let (mut agreed, mut differing) = (0, Vec::new());
    for entry in fs::read_dir(folder.join("properties")).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let pom = properties::read(&fs::read(&path).unwrap());
        let manifest = fs::read(folder.join("manifest").join(file)).unwrap_or_default();
        let named = file_name::read(file.strip_suffix(".jar").unwrap(), manifest::read(&manifest).version());
        if (named.artifact, named.version) == (&*pom.artifact, &*pom.version) {
            agreed += 1;
        } else {
            differing.push(format!("{file}: {named:?} {pom:?}"));
        }
    }
    eprintln!("names of archives: {agreed} agree, {} deviate", differing.len());
    // A shaded archive, whose properties are those of a library within.
    assert_eq!((agreed, differing.len()), (48, 1), "{differing:#?}");
    assert!(
        differing.iter().all(|it| it.starts_with("cassandra-driver-core-3.11.0-shaded.jar")),
        "{differing:#?}"
    );
}

#[test]
fn real_runtimes_say_their_version() {
    let Some(folder) = shared().map(|it| it.join("syft/java/jvm-installs")) else { return };
    for (file, expected) in [
        ("valid-post-jep223/jvm/openjdk/release", "openjdk 21.0.4"),
        ("oracle-jdk-se-8/usr/lib/jvm/jdk-1.8-oracle-x64/release", "jdk 1.8.0_411"),
    ] {
        let out = observe(&JavaRuntime, file, &fs::read(folder.join(file)).unwrap());
        assert_eq!(names(&out).into_iter().collect::<Vec<_>>(), [expected]);
        assert_eq!(out.problems, []);
    }
}

/// The data of a scanner whose tests list no packages: nothing there may be unreadable, save
/// what is broken on purpose.
#[test]
fn files_of_other_scanners_are_read_without_problems() {
    let Some(folder) = shared().map(|it| it.join("syft")) else { return };
    let images = "cmd/syft/internal/test/integration/image-pkg-coverage/pkgs";
    let (java, dotnet) = (format!("{images}/java"), format!("{images}/dotnet"));
    let cases: [(&dyn Extractor, String, usize); 8] = [
        (&JavaArchive, format!("{java}/example-java-app-maven-0.1.0.jar"), 2),
        (&JavaArchive, format!("{java}/example-jenkins-plugin.hpi"), 1),
        (&PomFile, format!("{java}/pom.xml"), 2),
        (&PomFile, "java/pom/commons-text-1.10.0/pom.xml".to_owned(), 2),
        (&GradleLock, "java/gradle/gradle.lockfile".to_owned(), 2),
        (&DotnetDeps, format!("{dotnet}/TestLibrary.deps.json"), 10),
        (&DotnetDeps, "dotnet/deps-with-referenceassembly/MyApp.deps.json".to_owned(), 1),
        (&DotnetLock, "dotnet/packages.lock.json".to_owned(), 9),
    ];
    for (extractor, file, count) in cases {
        let out = observe(extractor, &file, &fs::read(folder.join(&file)).unwrap());
        assert_eq!(out.packages.len(), count, "{file}: {:?}", names(&out));
        let hidden: Vec<_> = out.problems.iter().filter(|it| it.hides_findings).collect();
        assert!(hidden.is_empty(), "{file}: {hidden:?}");
    }
}
