//! `java/gradle-lock`: what Gradle locked.
//!
//! `group:artifact:version=configuration,…`, one a line (Gradle manual, "Locking dependency
//! versions"); before Gradle 6.4 one file a configuration, with its name and no `=`. Libraries
//! that only configurations for tests hold are left out.

use std::collections::BTreeSet;

use plimsoll_core::{Evidence, Extractor, ImagePath, Input, Observations, Package, Pattern};

use crate::notes::{Notes, excerpt, lines};

/// Reads `gradle.lockfile` and `gradle/dependency-locks/*.lockfile`.
pub struct GradleLock;

impl Extractor for GradleLock {
    fn id(&self) -> &'static str {
        "java/gradle-lock"
    }

    fn version(&self) -> u32 {
        1
    }

    fn wants(&self) -> &'static [Pattern] {
        &[Pattern::Name("gradle.lockfile"), Pattern::InAny("dependency-locks", ".lockfile")]
    }

    fn extract(&self, input: Input<'_>, out: &mut Observations) {
        let mut notes = Notes::new(input.path, out);
        let mut seen = BTreeSet::new();
        let is_file_for_tests = !is_of_all(input.path) && is_for_tests(input.path.file_name());
        for (line, _) in lines(input.content) {
            let line = line.trim_ascii();
            if line.is_empty() || line.starts_with(b"#") || line.starts_with(b"empty=") {
                continue;
            }
            match read(line) {
                Some(locked) if is_file_for_tests || locked.is_for_tests => (),
                Some(locked) => {
                    if seen.insert((locked.name.clone(), locked.version.clone())) {
                        notes.package(locked.package());
                    }
                }
                None => notes.problem(format!("a line names no library: `{}`", excerpt(line))),
            }
        }
        notes.finish();
    }
}

fn is_of_all(path: &ImagePath) -> bool {
    path.file_name() == b"gradle.lockfile"
}

struct Locked {
    name: String,
    version: String,
    is_for_tests: bool,
}

impl Locked {
    fn package(self) -> Package {
        Package {
            kind: "maven".to_owned(),
            name: self.name,
            version: self.version,
            evidence: Evidence::LockFile,
            ..Package::default()
        }
    }
}

fn read(line: &[u8]) -> Option<Locked> {
    let line = std::str::from_utf8(line).ok()?;
    let (coordinates, configurations) = line.split_once('=').unwrap_or((line, ""));
    let mut parts = coordinates.trim().split(':');
    let (group, artifact, version) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || [group, artifact, version].into_iter().any(|it| it.trim().is_empty()) {
        return None;
    }
    let mut configurations = configurations.split(',').map(str::trim).filter(|it| !it.is_empty()).peekable();
    let is_for_tests =
        configurations.peek().is_some() && configurations.all(|it| is_for_tests(it.as_bytes()));
    Some(Locked { name: format!("{group}:{artifact}"), version: version.to_owned(), is_for_tests })
}

/// `testRuntimeClasspath`, and what the Java plug-in derives from it.
fn is_for_tests(configuration: &[u8]) -> bool {
    configuration.starts_with(b"test")
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[track_caller]
    fn check(path: &str, content: &str, expected: &str) {
        assert_eq!(observe(&GradleLock, path, content.as_bytes()), expected);
    }

    #[test]
    fn libraries_of_production_are_read() {
        check(
            "app/gradle.lockfile",
            "# This is a Gradle generated file\n g:a:1=classpath\ng:b:2=compileClasspath, testRuntimeClasspath\r\n\
             g:t:3=testCompileClasspath,testRuntimeClasspath\nempty=annotationProcessor\n\ng:a:1=x\n",
            "g:a 1 lock_file\ng:b 2 lock_file\n",
        );
    }

    #[test]
    fn old_files_are_of_one_configuration() {
        check("gradle/dependency-locks/runtimeClasspath.lockfile", "g:a:1\n", "g:a 1 lock_file\n");
        check("gradle/dependency-locks/testRuntimeClasspath.lockfile", "g:a:1\n", "");
    }

    #[test]
    fn a_line_that_is_none_is_a_problem() {
        check(
            "gradle.lockfile",
            "g:a\n:a:1=x\ng:a:1:2=x\ng:b:1=x\n",
            "g:b 1 lock_file\n! a line names no library: `g:a`\n! a line names no library: `:a:1=x`\n\
             ! a line names no library: `g:a:1:2=x`\n",
        );
    }
}
