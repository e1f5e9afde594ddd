//! The archive itself, where no `pom` in it is its own: listed, and said to be unknown.

use plimsoll_core::{Evidence, Problem, ProblemKind, UnnamedArchive};
use sha1::{Digest as _, Sha1};

use super::components::Component;
use super::contents::Contents;
use super::identity::{self, Identity};
use super::stem;
use super::walk::{NAME_BYTES_MAX, Walk};
use crate::java::manifest::Manifest;

/// `Implementation-Title` of the archives that Java itself consists of (`rt.jar`, `jrt-fs.jar`);
/// the `release` file says which Java it is.
const RUNTIME_TITLE: &str = "Java Runtime Environment";

/// Whether the archive is one of the libraries whose `pom` it holds: by its name, or where there is
/// one alone and nothing says that the archive is something else.
fn is_one_of(components: &[Component], stem: &str, own: &Identity, manifest: &Manifest) -> bool {
    let is_called =
        |it: &Component| identity::is_named_after(stem, &it.artifact) || own.artifact == it.artifact;
    match components {
        [_] if own.version.is_empty() => true,
        [only] if is_called(only) => true,
        [only] => {
            identity::is_same_version(&only.version, &own.version)
                && !identity::is_other(&manifest.title, &only.artifact)
        }
        _ => components.iter().any(is_called),
    }
}

impl Walk<'_> {
    /// The archive itself, where no `pom` is its own.
    pub(super) fn own(
        &mut self,
        label: &str,
        bytes: &[u8],
        contents: &Contents<'_>,
        components: &[Component],
        manifest: &Manifest,
    ) {
        let Some(stem) = stem(label) else { return };
        if stem.len() > NAME_BYTES_MAX {
            return self
                .limit(format!("the name of `{label}` is longer than names of libraries that are read"));
        }
        let own = identity::identify(stem, manifest);
        if is_one_of(components, stem, &own, manifest) {
            return;
        }
        if own.group.is_empty()
            && contents.has_classes
            && let Some(what) = self.unknown(label, contents, components, manifest, &own)
        {
            self.unnamed(label, bytes, &own, what);
        }
        if own.version.is_empty() && !contents.has_classes {
            return;
        }
        let name =
            if own.group.is_empty() { own.artifact } else { format!("{}:{}", own.group, own.artifact) };
        self.package(name, own.version, Evidence::Binary, &manifest.license);
    }

    /// Says that nobody knows what an archive is, and what may be asked of those who know its bytes.
    fn unnamed(&mut self, label: &str, bytes: &[u8], own: &Identity, what: String) {
        self.notes.unnamed(UnnamedArchive {
            sha1: Sha1::digest(bytes).into(),
            label: label.to_owned(),
            name: own.artifact.clone(),
            version: own.version.clone(),
            problem: Problem::new(ProblemKind::NotCovered, what),
        });
    }

    /// What is wrong with an archive that nobody names; `None` where that hides nothing.
    fn unknown(
        &mut self,
        label: &str,
        contents: &Contents<'_>,
        components: &[Component],
        manifest: &Manifest,
        own: &Identity,
    ) -> Option<String> {
        if let Some(other) = &own.other_version {
            let version = &own.version;
            self.notes
                .oddity(format!("`{label}` has version {version} by its name and {other} by its manifest"));
        }
        if !components.is_empty() {
            let what = format!("`{label}` holds libraries with a pom and has none of its own");
            // Libraries say their version somewhere; what says none is somebody's program.
            if own.version.is_empty() || contents.is_application {
                self.notes.oddity(what);
            } else {
                return Some(what);
            }
        } else if manifest.title == RUNTIME_TITLE {
            self.notes.oddity(format!("`{label}` says that it is a part of the Java runtime"));
        } else if contents.is_application {
            // Classes of an application are somebody's own, as any program's are.
            self.notes.oddity(format!("`{label}` is an application that says no Maven coordinates"));
        } else {
            return Some(format!("nobody says what `{label}` is: it has classes and no Maven coordinates"));
        }
        None
    }
}
