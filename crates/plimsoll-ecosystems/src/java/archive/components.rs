//! The libraries that the `pom`s of one archive name, each of them one (rule 63).

use std::collections::HashSet;

use plimsoll_core::Evidence;

use super::contents::{Contents, maven_folder, split};
use super::walk::{LIBRARIES_MAX, NAME_BYTES_MAX, Walk};
use crate::java::manifest::Manifest;
use crate::java::zip::{Directory, Entry};
use crate::java::{pom, properties};

/// Bytes of one `pom.xml`; the largest honest one seen has 200 KB.
const POM_BYTES_MAX: usize = 2 << 20;
/// Bytes of one `pom.properties`; honest ones have some 120.
const PROPERTIES_BYTES_MAX: usize = 64 << 10;

/// Coordinates by a `pom`.
#[derive(Default)]
pub(super) struct Component {
    group: String,
    pub(super) artifact: String,
    pub(super) version: String,
}

impl Walk<'_> {
    /// What the `pom`s say, each once.
    pub(super) fn components(
        &mut self,
        label: &str,
        directory: &Directory<'_>,
        contents: &Contents<'_>,
    ) -> Vec<Component> {
        let mut components = Vec::new();
        let mut folders = HashSet::new();
        for entry in &contents.properties {
            let folder = split(entry.name).0;
            let Some(text) = self.text(label, directory, entry, PROPERTIES_BYTES_MAX) else { continue };
            folders.insert(folder);
            let stated = properties::read(&text);
            let mut component =
                Component { group: stated.group, artifact: stated.artifact, version: stated.version };
            component.clear_placeholders();
            if let Some(place) = maven_folder(folder).filter(|_| !component.is_whole()) {
                component.fill_from(self.pom(label, directory, contents.poms.get(folder)));
                component.fill_from(Some(Component::of_folder(place)));
            }
            self.push(label, component, &mut components);
        }
        for (folder, entry) in contents.poms.iter().filter(|(folder, _)| !folders.contains(**folder)) {
            let mut component = self.pom(label, directory, Some(entry)).unwrap_or_default();
            component.fill_from(maven_folder(folder).map(Component::of_folder));
            self.push(label, component, &mut components);
        }
        components
    }

    /// Keeps a component that is one. Properties outside of Maven's folders may be of anything,
    /// and are none where group or artifact is missing.
    fn push(&mut self, label: &str, component: Component, components: &mut Vec<Component>) {
        let Component { group, artifact, version } = &component;
        if group.is_empty() || artifact.is_empty() {
            return;
        }
        if [group, artifact, version].into_iter().any(|it| it.len() > NAME_BYTES_MAX) {
            return self.limit(format!("a pom in `{label}` has longer names than are read"));
        }
        if components.len() >= LIBRARIES_MAX {
            return self.limit(format!("`{label}` names more than {LIBRARIES_MAX} libraries"));
        }
        components.push(component);
    }

    fn pom(
        &mut self,
        label: &str,
        directory: &Directory<'_>,
        entry: Option<&Entry<'_>>,
    ) -> Option<Component> {
        let entry = entry?;
        let data = self.text(label, directory, entry, POM_BYTES_MAX)?;
        let it = pom::read(&data)?.coordinates();
        Some(Component { group: it.group, artifact: it.artifact, version: it.version })
    }

    /// Notes the libraries; the license in the manifest is that of an archive with one.
    pub(super) fn note(&mut self, label: &str, components: Vec<Component>, manifest: &Manifest) {
        let license = if components.len() == 1 { &*manifest.license } else { "" };
        for component in components {
            let Component { group, artifact, version } = component;
            let name = format!("{group}:{artifact}");
            if version.is_empty() {
                self.notes.problem(format!("nothing in `{label}` says which version of `{name}` it is"));
            }
            self.package(name, version, Evidence::Installed, license);
        }
    }
}

impl Component {
    fn of_folder((group, artifact): (&str, &str)) -> Component {
        Component { group: group.to_owned(), artifact: artifact.to_owned(), version: String::new() }
    }

    fn fields(&mut self) -> [&mut String; 3] {
        [&mut self.group, &mut self.artifact, &mut self.version]
    }

    fn is_whole(&self) -> bool {
        !self.group.is_empty() && !self.artifact.is_empty() && !self.version.is_empty()
    }

    /// Some builds leave `${project.version}` where the version should be.
    fn clear_placeholders(&mut self) {
        self.fields().into_iter().filter(|it| it.contains("${")).for_each(String::clear);
    }

    fn fill_from(&mut self, other: Option<Component>) {
        let Some(mut other) = other else { return };
        for (field, value) in self.fields().into_iter().zip(other.fields()) {
            if field.is_empty() {
                *field = std::mem::take(value);
            }
        }
    }
}
