//! `java/pom`: `pom.xml` of a source tree, and the `pom.properties` of an unpacked archive.
//!
//! A `pom.xml` in a source tree says what a build would take, which is the weakest evidence
//! there is: versions that come from a parent in a repository are not there, and libraries of
//! libraries are not either. In `META-INF/maven` it says what the unpacked archive is.

use std::collections::BTreeSet;

use plimsoll_core::{
    Evidence, Extractor, ImagePath, Input, Observations, Package, Pattern, Problem, ProblemKind,
};

use super::pom::{self, Coordinates, Pom};
use super::properties;
use crate::notes::Notes;

/// Reads `pom.xml` and `pom.properties`.
pub struct PomFile;

/// Bytes of one file; the largest honest one seen has 200 KB.
const FILE_BYTES_MAX: usize = 16 << 20;

impl Extractor for PomFile {
    fn id(&self) -> &'static str {
        "java/pom"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("pom.xml"), Pattern::Name("pom.properties")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut notes = Notes::new(input.path, out);
        match (input.path.file_name(), is_of_archive(input.path)) {
            _ if input.content.len() > FILE_BYTES_MAX => {
                let what = format!("it has more than {FILE_BYTES_MAX} bytes and was not read");
                notes.note(Problem::new(ProblemKind::Limit, what));
            }
            (b"pom.properties", true) => read_properties(input.content, &mut notes),
            (b"pom.xml", true) => read_own_pom(input.content, &mut notes),
            (b"pom.xml", false) => read_project(input.content, &mut notes),
            _ => (),
        }
        notes.finish();
    }
}

/// Whether the file lies in `META-INF/maven/GROUP/ARTIFACT`, as in an archive that was unpacked.
fn is_of_archive(path: &ImagePath) -> bool {
    let mut parts = path.as_bytes().rsplit(|byte| *byte == b'/').skip(3);
    parts.next() == Some(b"maven") && parts.next() == Some(b"META-INF")
}

fn read_properties(content: &[u8], notes: &mut Notes<'_>) {
    let it = properties::read(content);
    if it.group.is_empty() || it.artifact.is_empty() || it.version.is_empty() || it.version.contains("${") {
        return notes.problem("it does not say group, artifact and version".to_owned());
    }
    let coordinates = Coordinates { group: it.group, artifact: it.artifact, version: it.version };
    notes.package(package(&coordinates, Evidence::Installed));
}

/// The `pom.xml` of an unpacked archive; what it depends on lies beside it or does not.
fn read_own_pom(content: &[u8], notes: &mut Notes<'_>) {
    let Some(pom) = pom::read(content) else {
        return notes.problem("it is no description of a project".to_owned());
    };
    let coordinates = pom.coordinates();
    if coordinates.group.is_empty() || coordinates.artifact.is_empty() || coordinates.version.is_empty() {
        return notes.problem("it does not say group, artifact and version".to_owned());
    }
    notes.package(package(&coordinates, Evidence::Installed));
}

fn read_project(content: &[u8], notes: &mut Notes<'_>) {
    let Some(pom) = pom::read(content) else { return };
    note_project(&pom, notes);
    if let Some(damage) = &pom.damage {
        notes.problem(format!("the description of the project cannot be read whole: {damage}"));
    }
}

fn note_project(pom: &Pom, notes: &mut Notes<'_>) {
    let (mut seen, mut without_version) = (BTreeSet::new(), 0_usize);
    for coordinates in std::iter::once(pom.coordinates()).chain(pom.dependencies()) {
        if coordinates.group.is_empty() || coordinates.artifact.is_empty() {
            continue;
        }
        let package = package(&coordinates, Evidence::LockFile);
        if seen.insert((package.name.clone(), package.version.clone())) {
            without_version += usize::from(package.version.is_empty());
            notes.package(package);
        }
    }
    if without_version > 0 {
        // Harmless: what was built from this lies elsewhere, and is found there.
        notes.oddity(format!("the version of {without_version} packages comes from elsewhere"));
    }
}

fn package(coordinates: &Coordinates, evidence: Evidence) -> Package {
    Package {
        kind: "maven".to_owned(),
        name: format!("{}:{}", coordinates.group, coordinates.artifact),
        version: coordinates.version.clone(),
        evidence,
        ..Package::default()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[track_caller]
    fn check(path: &str, content: &str, expected: &str) {
        assert_eq!(observe(&PomFile, path, content.as_bytes()), expected);
    }

    #[test]
    fn a_project_gives_itself_and_what_it_depends_on() {
        check(
            "src/pom.xml",
            "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version><dependencies>
             <dependency><groupId>g</groupId><artifactId>b</artifactId><version>2</version></dependency>
             <dependency><groupId>g</groupId><artifactId>c</artifactId></dependency>
             </dependencies></project>",
            "g:a 1 lock_file\ng:b 2 lock_file\ng:c  lock_file\n~ the version of 1 packages comes from elsewhere\n",
        );
    }

    #[test]
    fn an_unpacked_archive_gives_itself() {
        check(
            "app/META-INF/maven/g/a/pom.properties",
            "version=1\ngroupId=g\nartifactId=a\n",
            "g:a 1 installed\n",
        );
        check(
            "app/META-INF/maven/g/a/pom.xml",
            "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version><dependencies>
             <dependency><groupId>g</groupId><artifactId>b</artifactId><version>2</version></dependency>
             </dependencies></project>",
            "g:a 1 installed\n",
        );
        check(
            "app/META-INF/maven/g/a/pom.properties",
            "version=${v}\ngroupId=g\nartifactId=a\n",
            "! it does not say group, artifact and version\n",
        );
    }

    #[test]
    fn other_files_of_the_name_are_passed_over() {
        check("x/pom.properties", "a=b", "");
        check("x/pom.xml", "<poms/>", "");
        check("x/pom.xml", "", "");
    }

    #[test]
    fn a_broken_project_is_a_problem() {
        check(
            "pom.xml",
            "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>",
            "g:a 1 lock_file\n! the description of the project cannot be read whole: it breaks off\n",
        );
    }
}
