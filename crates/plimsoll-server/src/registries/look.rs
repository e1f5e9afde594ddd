//! One look at a registry: its repositories and tags are listed in a namespace as they are there.
//!
//! Runs on a thread of its own, since asking waits. What went wrong with one tag or repository is told
//! and keeps nothing else from being listed; what could not be seen is never taken for gone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use plimsoll_core::{Digest, Limits};
use plimsoll_image::manifest::{Document, parse_document};
use plimsoll_registry::{ErrorKind, ListedManifest, ListedRepository, Listing, Options};
use plimsoll_store::{
    Access, DueSource, Error, Looked, ManifestReference, Push, RepositoryName, Store, TagName,
};
use tokio::runtime::Handle;

use super::changes::{Change, Globs, changes};
use super::clock;
use crate::gate::Gate;
use crate::oci::{Watcher, read_manifest};

/// The most repositories of a namespace, and tags of a repository, that are listed.
const REPOSITORIES_MAX: usize = 2_000;
const TAGS_MAX: usize = 2_000;
/// The most names of a catalog that are looked through for them.
const CATALOG_MAX: usize = 100_000;
/// How many of the things that went wrong are told.
const TOLD_MAX: usize = 3;
/// How deep indexes may lie in each other.
const DEPTH_MAX: usize = 4;
const PAGE: u32 = 1_000;

/// A look, and what it needs.
pub(super) struct Look {
    pub(super) access: Access<Push>,
    pub(super) store: Store,
    pub(super) watcher: Arc<dyn Watcher>,
    pub(super) gate: Option<Arc<Gate>>,
    pub(super) options: Options,
    pub(super) limits: Limits,
    pub(super) runtime: Handle,
    pub(super) cancelled: Arc<AtomicBool>,
    pub(super) due: DueSource,
}

/// What went wrong, as far as it is told.
#[derive(Default)]
struct Troubles {
    told: Vec<String>,
    more: usize,
}

impl Troubles {
    fn add(&mut self, text: String) {
        if self.told.len() < TOLD_MAX { self.told.push(text) } else { self.more += 1 }
    }

    fn in_words(&self) -> Option<String> {
        let more = match self.more {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        (!self.told.is_empty()).then(|| format!("{}{more}", self.told.join("; ")))
    }
}

/// The server stops.
const INTERRUPTED: &str = "the server was stopped meanwhile";

impl Look {
    /// Lists what is there; or says why nothing could be seen.
    pub(super) fn carry_out(self) -> Result<Looked, String> {
        let host = self.due.login.settings.host.clone();
        let listing =
            Listing::connect(&host, &self.options, &self.limits).map_err(|error| error.with_causes())?;
        let (mut looked, mut troubles) = (Looked::default(), Troubles::default());
        let is_named = Globs::new(&self.due.settings.repositories).names().is_some();
        let names = self.names(&listing, &mut looked, &mut troubles)?;
        for name in &names {
            self.go_on()?;
            match self.repository(&listing, name, &mut looked, &mut troubles) {
                Ok(true) => looked.repositories += 1,
                Ok(false) if is_named => troubles.add(format!("there is no repository `{name}`")),
                Ok(false) => (),
                Err(text) => troubles.add(text),
            }
        }
        if !looked.is_cut {
            self.remove_others(&names).map_err(|error| error.to_string())?;
        }
        looked.problem = troubles.in_words();
        Ok(looked)
    }

    fn go_on(&self) -> Result<(), String> {
        if self.cancelled.load(Ordering::Relaxed) { Err(INTERRUPTED.to_owned()) } else { Ok(()) }
    }

    /// The repositories that are listed.
    fn names(
        &self,
        listing: &Listing,
        looked: &mut Looked,
        troubles: &mut Troubles,
    ) -> Result<BTreeSet<RepositoryName>, String> {
        let globs = Globs::new(&self.due.settings.repositories);
        let wanted = match globs.names() {
            Some(names) => names,
            None => {
                let all = listing.repositories(CATALOG_MAX).map_err(|error| error.with_causes())?;
                looked.is_cut |= all.is_cut;
                all.names.into_iter().filter(|it| globs.matches(it)).collect()
            }
        };
        let mut names = BTreeSet::new();
        for name in wanted {
            if names.len() >= REPOSITORIES_MAX {
                looked.is_cut = true;
                break;
            }
            match RepositoryName::parse(&name) {
                Ok(name) => drop(names.insert(name)),
                Err(_) => troubles.add("a repository has a name that cannot be listed here".to_owned()),
            }
        }
        Ok(names)
    }

    /// Lists one repository; says whether there is one.
    fn repository(
        &self,
        listing: &Listing,
        name: &RepositoryName,
        looked: &mut Looked,
        troubles: &mut Troubles,
    ) -> Result<bool, String> {
        let remote = listing.repository(name.as_str()).map_err(|error| error.with_causes())?;
        let tags = match remote.tags(TAGS_MAX) {
            Ok(tags) => tags,
            // A repository of which all was deleted is a name in the catalog and nothing else.
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return self.forget(name).map(|()| false).map_err(|error| error.to_string());
            }
            Err(error) => return Err(error.with_causes()),
        };
        looked.is_cut |= tags.is_cut;
        let globs = Globs::new(&self.due.settings.tags);
        let mut there = BTreeMap::new();
        for tag in tags.names.iter().filter(|it| globs.matches(it) && TagName::parse(it).is_ok()) {
            self.go_on()?;
            match remote.digest(tag) {
                Ok(digest) => drop(there.insert(tag.clone(), digest)),
                Err(error) if error.kind() == ErrorKind::NotFound => (),
                // Whatever it points at, what is listed stays.
                Err(error) => return Err(error.with_causes()),
            }
        }
        let here = self.wait(self.tags(name)).map_err(|error| error.to_string())?;
        for change in changes(&there, &here) {
            self.go_on()?;
            if tags.is_cut && matches!(change, Change::Remove(_)) {
                continue;
            }
            if let Err(text) = self.change(&remote, name, &change) {
                troubles.add(text);
            }
        }
        let left = self.remove_unnamed(name).and_then(|()| self.wait(self.tags(name)));
        looked.images += left.map_err(|error| error.to_string())?.len() as u64;
        Ok(true)
    }

    fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// The tags that are listed, and what they point at.
    async fn tags(&self, name: &RepositoryName) -> Result<BTreeMap<String, Digest>, Error> {
        let (mut all, mut after) = (BTreeMap::new(), None);
        loop {
            let page = match self.store.tags(&self.access, name, after.as_deref(), PAGE).await {
                Err(Error::Unknown { .. }) => return Ok(all),
                page => page?,
            };
            let Some(last) = page.last() else { return Ok(all) };
            after = Some(last.name.to_string());
            all.extend(page.into_iter().map(|it| (it.name.to_string(), it.digest)));
        }
    }

    fn change(
        &self,
        remote: &ListedRepository,
        name: &RepositoryName,
        change: &Change,
    ) -> Result<(), String> {
        match change {
            Change::Point(tag, digest) => {
                let place = format!("{name}:{tag}");
                let identifier = digest.map_or_else(|| tag.clone(), |it| it.to_string());
                let tag = TagName::parse(tag).map_err(|error| format!("{place}: {error}"))?;
                self.list(remote, name, (&identifier, Some(&tag)), 0)
                    .map_err(|why| format!("{place}: {why}"))?;
                self.tell_gate(name, &tag)
            }
            Change::Remove(tag) => {
                let tag = TagName::parse(tag).map_err(|error| error.to_string())?;
                self.tell_gate(name, &tag)?;
                let deleted = self.store.delete_tag(&self.access, name, &tag, clock());
                self.wait(deleted).map_err(|error| error.to_string())
            }
        }
    }

    /// A tag may make an exception hold.
    fn tell_gate(&self, name: &RepositoryName, tag: &TagName) -> Result<(), String> {
        let Some(gate) = &self.gate else { return Ok(()) };
        let reference = ManifestReference::Tag(tag.clone());
        let told = gate.tag_moved(self.access.namespace(), name, &reference, clock());
        self.wait(told).map_err(|error| error.to_string())
    }

    /// Lists a manifest, and before it the images of an index.
    fn list(
        &self,
        remote: &ListedRepository,
        name: &RepositoryName,
        (identifier, tag): (&str, Option<&TagName>),
        depth: usize,
    ) -> Result<(), String> {
        self.go_on()?;
        let found = remote.manifest(identifier).map_err(|error| error.with_causes())?;
        let read = read_manifest(&found.bytes, found.media_type.as_deref(), found.digest)?;
        if depth > DEPTH_MAX {
            return Err("indexes lie too deep in each other".to_owned());
        }
        for child in &read.children {
            let listed = self.wait(self.store.is_listed(&self.access, name, &child.digest));
            if !listed.map_err(|error| error.to_string())? {
                self.list(remote, name, (&child.digest.to_string(), None), depth + 1)?;
            }
        }
        let size = elsewhere_bytes(&found, &self.limits);
        let put = self.store.list_manifest(&self.access, (name, tag), (&read, size), clock());
        let put = self.wait(put).map_err(|error| error.to_string())?;
        self.watcher.pushed(self.access.namespace(), put.artifact);
        Ok(())
    }

    /// Removes what no tag and no index names any more. What an index had goes with it.
    fn remove_unnamed(&self, name: &RepositoryName) -> Result<(), Error> {
        loop {
            let unnamed = self.wait(self.store.unnamed(&self.access, name, PAGE))?;
            for digest in &unnamed {
                self.wait(self.store.delete_artifact(&self.access, name, digest, clock()))?;
            }
            if unnamed.is_empty() {
                return Ok(());
            }
        }
    }

    /// Removes repositories that are there no more, or not wanted any more.
    fn remove_others(&self, names: &BTreeSet<RepositoryName>) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.wait(self.store.repositories(&self.access, after.as_ref(), PAGE))?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.name.clone());
            for repository in page.iter().filter(|it| !names.contains(&it.name)) {
                self.forget(&repository.name)?;
            }
        }
    }

    fn forget(&self, name: &RepositoryName) -> Result<(), Error> {
        match self.wait(self.store.delete_repository(&self.access, name, clock())) {
            Err(Error::Unknown { .. }) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// How large an image's configuration and layers are, as its manifest says: each once.
fn elsewhere_bytes(manifest: &ListedManifest, limits: &Limits) -> u64 {
    let Ok(Document::Manifest(read)) =
        parse_document(&manifest.bytes, manifest.media_type.as_deref(), limits)
    else {
        return 0;
    };
    let all: BTreeMap<Digest, u64> =
        read.layers.iter().chain(&read.config).map(|it| (it.digest, it.size_bytes)).collect();
    all.values().fold(0, |sum, size| sum.saturating_add(*size))
}
