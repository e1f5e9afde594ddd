//! What an archive is by its name and its manifest, where no `pom` says so.
//!
//! `Implementation-Vendor-Id` and `Bundle-SymbolicName` look like Maven groups and often are
//! not (`org.apache` of commons-collections), so neither is taken for one: wrong coordinates
//! would pass for an answer.

use crate::java::file_name;
use crate::java::manifest::Manifest;

/// What is known of one archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The Maven group where the manifest states it, else empty.
    pub(super) group: String,
    /// The artifact, or the file's name.
    pub(super) artifact: String,
    /// The version, or nothing.
    pub(super) version: String,
    /// The manifest's version where the file's name says another.
    pub(super) other_version: Option<String>,
}

/// Names an archive by its file name (without ending) and manifest.
pub(super) fn identify(stem: &str, manifest: &Manifest) -> Identity {
    let stated = manifest.version();
    if !manifest.plugin_group.is_empty() {
        return of_plugin(stem, manifest);
    }
    let named = file_name::read(stem, stated);
    if file_name::is_real(named.version) {
        let is_same = stated.is_empty() || is_start_of_other(stated, named.version);
        return Identity {
            group: String::new(),
            artifact: named.artifact.to_owned(),
            version: named.version.to_owned(),
            other_version: (!is_same).then(|| stated.to_owned()),
        };
    }
    // `spring3-core-3.x.jar`, `app.jar`: the title, if it could name an artifact.
    let artifact = if is_artifact(&manifest.title) { &manifest.title } else { named.artifact };
    Identity {
        group: String::new(),
        artifact: artifact.to_owned(),
        version: stated.to_owned(),
        other_version: None,
    }
}

fn of_plugin(stem: &str, manifest: &Manifest) -> Identity {
    let name = if manifest.plugin_name.is_empty() { stem } else { &manifest.plugin_name };
    Identity {
        group: manifest.plugin_group.clone(),
        artifact: name.to_owned(),
        version: manifest.version().to_owned(),
        other_version: None,
    }
}

/// `1.2` and `1.2.0`, `2.3.28` and `2.3.28.stable`: one said more than the other; `1.1` and `1.10` are
/// two versions.
fn is_start_of_other(left: &str, right: &str) -> bool {
    more(left, right).is_some()
}

/// The same, where what one said more is no number: `1.0` and `1.0-jdk15`, and not `1.1` and `1.1.2`.
pub(super) fn is_same_version(left: &str, right: &str) -> bool {
    let is_no_number =
        |rest: &str| rest.starts_with(['-', '_', '+']) || !rest.contains(|it| ('1'..='9').contains(&it));
    more(left, right).is_some_and(is_no_number)
}

/// What the longer of two versions says more than the other.
fn more<'a>(left: &'a str, right: &'a str) -> Option<&'a str> {
    let (long, short) = if left.len() < right.len() { (right, left) } else { (left, right) };
    let rest = long.strip_prefix(short).filter(|_| !short.is_empty())?;
    (!rest.starts_with(|next: char| next.is_ascii_alphanumeric())).then_some(rest)
}

/// Whether a title names something else than `artifact`: titles for people have blanks and say
/// nothing of it.
pub(super) fn is_other(title: &str, artifact: &str) -> bool {
    let (title, artifact) = (title.to_lowercase(), artifact.to_lowercase());
    is_artifact(&title) && !is_named_after(&title, &artifact) && !is_named_after(&artifact, &title)
}

/// Artifacts have letters and digits and few other signs; titles for people have blanks.
fn is_artifact(title: &str) -> bool {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    !title.is_empty() && title.chars().all(is_allowed)
}

/// Whether the archive of this name (without ending) is `artifact`, perhaps with its group
/// before and its version behind: `org.x.y-1.0` is `y`. Hyphens and underscores are often changed.
pub(super) fn is_named_after(stem: &str, artifact: &str) -> bool {
    let (stem, artifact) = (&*stem.replace('_', "-"), &*artifact.replace('_', "-"));
    stem.match_indices(artifact).any(|(at, _)| {
        let before = stem.get(..at).unwrap_or_default();
        let behind = stem.get(at + artifact.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with(['.', '_', '-']))
            && (behind.is_empty() || behind.starts_with(['-', '_', '.']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stem: &str, title: &str, version: &str, expected: [&str; 3]) {
        let manifest = Manifest {
            title: title.to_owned(),
            implementation_version: version.to_owned(),
            ..Manifest::default()
        };
        let actual = identify(stem, &manifest);
        let other = actual.other_version.unwrap_or_default();
        assert_eq!([&*actual.artifact, &actual.version, &other], expected);
    }

    #[test]
    fn the_file_name_goes_before_the_manifest() {
        check("spring-core-5.3.3", "Spring Framework", "5.3.3", ["spring-core", "5.3.3", ""]);
        check("asm-7.1", "ASM, a framework", "7.1.0", ["asm", "7.1", ""]);
        check("a-1.0", "", "2.0", ["a", "1.0", "2.0"]);
        check("a-1.1", "", "1.10", ["a", "1.1", "1.10"]);
    }

    #[test]
    fn the_manifest_fills_what_the_file_name_lacks() {
        check("spring3-core-3.x", "spring-core", "4.3.30.RELEASE", ["spring-core", "4.3.30.RELEASE", ""]);
        check("app", "My Application", "1.0", ["app", "1.0", ""]);
        check("app", "", "", ["app", "", ""]);
    }

    #[test]
    fn archives_are_named_after_artifacts() {
        assert!(is_named_after("io.quarkus.gizmo.gizmo-1.1", "gizmo"));
        assert!(is_named_after("app", "app"));
        assert!(is_named_after("geronimo-annotation-1.3-spec", "geronimo-annotation_1.3_spec"));
        assert!(!is_named_after("log4j-core-2.0", "log"));
        assert!(!is_named_after("fat-1.0", "guava"));
    }
}
