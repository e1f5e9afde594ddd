//! One update after the other out of an `updateinfo.xml`, as it stands there.
//!
//! Decides nothing about what an update means. No more than one is held at a time.

use super::super::shared::{Element, Elements, walk};

/// Packages of one update; Fedora's largest (all of KDE, every architecture) have below 10,000.
const PACKAGES_MAX: usize = 200_000;
/// References of one update; kernels have below 2,000.
const REFERENCES_MAX: usize = 20_000;
/// Collections of one update; real ones have one for each repository.
const COLLECTIONS_MAX: usize = 1_000;

/// One update.
#[derive(Default)]
pub(super) struct Update {
    pub(super) id: String,
    /// `security`, `bugfix`, `enhancement`.
    pub(super) kind: String,
    /// `final`, `stable`, `retracted`.
    pub(super) status: String,
    pub(super) title: String,
    pub(super) severity: String,
    pub(super) release: String,
    pub(super) summary: String,
    pub(super) description: String,
    pub(super) issued: String,
    pub(super) updated: String,
    pub(super) references: Vec<Reference>,
    pub(super) collections: Vec<Collection>,
    /// Where it has more of something than any honest one.
    pub(super) excess: Option<&'static str>,
    packages: usize,
}

/// A link of an update, most of them to what it fixes.
pub(super) struct Reference {
    pub(super) id: String,
    pub(super) href: String,
    pub(super) title: String,
    /// `cve`, `bugzilla`, `self`.
    pub(super) kind: String,
}

/// The packages of an update in one repository, or of one module.
#[derive(Default)]
pub(super) struct Collection {
    /// Its short name, `amazon-linux-2---docker`.
    pub(super) short: String,
    /// `name:stream`.
    pub(super) module: Option<String>,
    pub(super) packages: Vec<Package>,
}

/// A build in which the update is.
pub(super) struct Package {
    pub(super) name: String,
    pub(super) epoch: String,
    pub(super) version: String,
    pub(super) release: String,
    pub(super) architecture: String,
}

/// Shows every update. An error means that the document as a whole cannot be read to its end.
pub(super) fn each_update(text: &str, visit: &mut dyn FnMut(Update)) -> Result<(), String> {
    walk(text, "updates", &mut Reading { update: Update::default(), visit })
}

struct Reading<'v> {
    update: Update,
    visit: &'v mut dyn FnMut(Update),
}

impl Elements for Reading<'_> {
    fn open(&mut self, name: &str, parent: &str, element: &Element<'_, '_>) -> Result<(), String> {
        let attribute = |name: &str| element.attribute(name).unwrap_or_default();
        let update = &mut self.update;
        match (parent, name) {
            ("updates", "update") => {
                let (kind, status) = (attribute("type"), attribute("status"));
                *update = Update { kind, status, ..Update::default() };
            }
            ("update", "issued") => update.issued = attribute("date"),
            ("update", "updated") => update.updated = attribute("date"),
            ("references", "reference") if update.references.len() >= REFERENCES_MAX => {
                update.excess = Some("more references than any honest update has");
            }
            ("references", "reference") => update.references.push(Reference {
                id: attribute("id"),
                href: attribute("href"),
                title: attribute("title"),
                kind: attribute("type"),
            }),
            ("pkglist", "collection") if update.collections.len() >= COLLECTIONS_MAX => {
                update.excess = Some("more collections than any honest update has");
            }
            ("pkglist", "collection") => {
                let short = attribute("short");
                update.collections.push(Collection { short, ..Collection::default() });
            }
            ("collection", "module") => {
                let stream = format!("{}:{}", attribute("name"), attribute("stream"));
                if let Some(collection) = update.collections.last_mut() {
                    collection.module = Some(stream);
                }
            }
            ("collection", "package") => self.package(element),
            _ => (),
        }
        Ok(())
    }

    fn close(&mut self, name: &str, parent: &str, text: &str) -> Result<(), String> {
        let update = &mut self.update;
        match (parent, name) {
            ("updates", "update") => (self.visit)(std::mem::take(update)),
            ("update", "id") => text.clone_into(&mut update.id),
            ("update", "title") => text.clone_into(&mut update.title),
            ("update", "severity") => text.clone_into(&mut update.severity),
            ("update", "release") => text.clone_into(&mut update.release),
            ("update", "summary") => text.clone_into(&mut update.summary),
            ("update", "description") => text.clone_into(&mut update.description),
            _ => (),
        }
        Ok(())
    }
}

impl Reading<'_> {
    fn package(&mut self, element: &Element<'_, '_>) {
        let attribute = |name: &str| element.attribute(name).unwrap_or_default();
        self.update.packages = self.update.packages.saturating_add(1);
        if self.update.packages > PACKAGES_MAX {
            self.update.excess = Some("more packages than any honest update has");
            return;
        }
        if let Some(collection) = self.update.collections.last_mut() {
            collection.packages.push(Package {
                name: attribute("name"),
                epoch: attribute("epoch"),
                version: attribute("version"),
                release: attribute("release"),
                architecture: attribute("arch"),
            });
        }
    }
}
