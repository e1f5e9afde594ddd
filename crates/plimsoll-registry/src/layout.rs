//! OCI image layouts: `oci-layout`, `index.json` and `blobs/`, in a folder or in a tar file.
//!
//! Blobs are found by digest alone; what a layout says about itself is held against its bytes.

use std::path::Path;
use std::sync::Arc;

use plimsoll_core::{Digest, Escaped, Limits, Problem};
use plimsoll_image::manifest::{Descriptor, Document, Index, LayerKind, parse_document};
use serde::Deserialize;

use crate::attached::{Attachments, Referrers, fallback_tag};
use crate::digest::verify;
use crate::opened::LayerSource;
use crate::place::{self, Folder, Place, PlacedLayer};
use crate::resolve::{self, LayerContent, Root, Store};
use crate::{Error, ErrorKind, Location, Opened, Options};

/// Manifests that are looked into for telling images from what is attached to them.
const CANDIDATES_MAX: usize = 64;

/// Opens a layout in a folder.
pub(crate) fn open_directory(
    path: &Path,
    select: &Option<String>,
    options: &Options,
    limits: &Limits,
    location: &Location,
) -> Result<Opened, Error> {
    let metadata = std::fs::metadata(path).map_err(|error| Error::file("the folder", path, error))?;
    if !metadata.is_dir() {
        let hint = "write `oci-archive:` for a layout in a tar file";
        return Err(Error::usage(format!("`{}` is no folder; {hint}", crate::error::path_text(path))));
    }
    open(Arc::new(Folder::new(path, "layout")), select.as_deref(), options, limits, location)
}

/// Opens a layout wherever its files are.
pub(crate) fn open(
    place: Arc<dyn Place>,
    select: Option<&str>,
    options: &Options,
    limits: &Limits,
    location: &Location,
) -> Result<Opened, Error> {
    check_version(&*place)?;
    let layout = Arc::new(Layout { place });
    let root = layout.root(select, limits)?;
    let opened = resolve::open(&*layout, root, location.to_string(), options, limits)?;
    Ok(Opened { attachments: Attachments::of(layout), ..opened })
}

#[derive(Deserialize)]
struct Version {
    #[serde(rename = "imageLayoutVersion")]
    version: String,
}

/// A layout of a later major version may mean something else by the same files.
fn check_version(place: &dyn Place) -> Result<(), Error> {
    // Some writers leave the file out; `index.json` is what matters then.
    let Some(bytes) = place::read(place, "oci-layout", 64 << 10)? else {
        return Ok(());
    };
    let version: Version = serde_json::from_slice(&bytes)
        .map_err(|_| Error::malformed(format!("`oci-layout` in {} names no version", place.name())))?;
    if version.version.starts_with("1.") {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::NotSupported,
        format!(
            "{} has version {}; only version 1 is supported",
            place.name(),
            crate::error::excerpt(&version.version)
        ),
    ))
}

struct Layout {
    place: Arc<dyn Place>,
}

impl Layout {
    /// What the choice means: a document of the layout, or its index as a whole.
    fn root(&self, select: Option<&str>, limits: &Limits) -> Result<Root, Error> {
        let name = self.place.name();
        let of = format!("`index.json` in {name}");
        let (bytes, index) = self.index(limits)?;
        if let Some(digest) = select.and_then(|it| it.strip_prefix('@')) {
            return self.by_digest(digest, &index, limits);
        }
        let tagged = self.tagged(select, &index)?;
        let mut chosen = match select {
            Some(_) => tagged,
            None => self.without_attachments(tagged, limits)?,
        };
        chosen.sort_by_key(|entry| entry.digest);
        chosen.dedup_by_key(|entry| entry.digest);
        match &chosen[..] {
            [] => Err(Error::malformed(format!("{of} lists nothing"))),
            [one] => Ok(Root::Described((*one).clone())),
            several if several.iter().all(|it| it.platform.is_some() && it.ref_name().is_none()) => {
                Ok(Root::Index {
                    digest: crate::digest::digest_of(plimsoll_core::Algorithm::Sha256, &bytes),
                    index,
                })
            }
            several => Err(Error::usage(format!(
                "{name} holds {} images; say which with `:TAG` or `@DIGEST` behind its path: {}",
                several.len(),
                list(several)
            ))),
        }
    }

    fn index(&self, limits: &Limits) -> Result<(Vec<u8>, Index), Error> {
        let name = self.place.name();
        let bytes = place::read(&*self.place, "index.json", limits.manifest_bytes)?
            .ok_or_else(|| Error::malformed(format!("`index.json` is missing from {name}")))?;
        let of = format!("`index.json` in {name}");
        match parse_document(&bytes, None, limits).map_err(|error| Error::manifest(&of, &error))? {
            Document::Index(index) => Ok((bytes, index)),
            Document::Manifest(_) => Err(Error::malformed(format!("{of} is a manifest, not an index"))),
        }
    }

    fn tagged<'a>(&self, select: Option<&str>, index: &'a Index) -> Result<Vec<&'a Descriptor>, Error> {
        let entries: Vec<&Descriptor> = index.manifests.iter().collect();
        let Some(tag) = select else {
            return Ok(entries);
        };
        let named = |entry: &&Descriptor| {
            entry.ref_name() == Some(tag)
                || entry.annotations.get("io.containerd.image.name").is_some_and(|it| it == tag)
        };
        let found: Vec<&Descriptor> = entries.iter().copied().filter(named).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        Err(Error::usage(format!(
            "{} has no image with the tag `{}`; it has {}",
            self.place.name(),
            Escaped(tag),
            list(&entries)
        )))
    }

    /// Leaves out what is attached to images: signatures, attestations, bills of materials.
    fn without_attachments<'a>(
        &self,
        entries: Vec<&'a Descriptor>,
        limits: &Limits,
    ) -> Result<Vec<&'a Descriptor>, Error> {
        let told: Vec<&Descriptor> =
            entries.iter().copied().filter(|it| !it.is_attachment() && !has_fallback_tag(it)).collect();
        let told = if told.is_empty() { entries } else { told };
        if told.len() < 2 || told.len() > CANDIDATES_MAX {
            return Ok(told);
        }
        // Older writers say nothing in the index; the manifests themselves know.
        let mut images = Vec::new();
        for entry in &told {
            let bytes = self.manifest(entry, limits)?;
            let attached = match parse_document(&bytes, Some(&entry.media_type), limits) {
                Ok(Document::Manifest(manifest)) => manifest.subject.is_some() || !manifest.is_image(),
                Ok(Document::Index(_)) => false,
                Err(error) => return Err(Error::manifest(&format!("manifest {}", entry.digest), &error)),
            };
            if !attached {
                images.push(*entry);
            }
        }
        Ok(if images.is_empty() { told } else { images })
    }

    fn by_digest(&self, digest: &str, index: &Index, limits: &Limits) -> Result<Root, Error> {
        let digest: Digest =
            digest.parse().map_err(|error| Error::usage(format!("`{}`: {error}", Escaped(digest))))?;
        if let Some(entry) = index.manifests.iter().find(|it| it.digest == digest) {
            return Ok(Root::Described(entry.clone()));
        }
        // A child of an index is meant by its digest just as well.
        let name = self.place.name();
        let bytes =
            place::read(&*self.place, &blob_name(&digest), limits.manifest_bytes)?.ok_or_else(|| {
                let entries: Vec<&Descriptor> = index.manifests.iter().collect();
                Error::usage(format!("{name} does not hold {digest}; its index lists {}", list(&entries)))
            })?;
        Ok(Root::Described(Descriptor {
            media_type: String::new(),
            digest,
            size_bytes: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            platform: None,
            annotations: Default::default(),
            artifact_type: None,
        }))
    }

    fn document(&self, what: &str, descriptor: &Descriptor, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let digest = descriptor.digest;
        if descriptor.size_bytes > limit_bytes {
            let size = descriptor.size_bytes;
            return Err(Error::limit(format!(
                "{what} {digest} has {size} bytes, more than the limit of {limit_bytes}"
            )));
        }
        let name = blob_name(&digest);
        let bytes = place::read(&*self.place, &name, limit_bytes)?
            .ok_or_else(|| place::missing(&*self.place, what, &name))?;
        verify(what, &bytes, &digest, Some(descriptor.size_bytes))?;
        Ok(bytes)
    }
}

impl Store for Layout {
    fn manifest(&self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, Error> {
        self.document("manifest", descriptor, limits.manifest_bytes)
    }

    fn blob(&self, what: &str, descriptor: &Descriptor, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        self.document(what, descriptor, limit_bytes)
    }

    fn layer(&self, descriptor: &Descriptor, kind: LayerKind) -> Result<LayerContent, Error> {
        let layer = PlacedLayer {
            place: Arc::clone(&self.place),
            name: blob_name(&descriptor.digest),
            size_bytes: Some(descriptor.size_bytes),
        };
        match (layer.find()?, kind) {
            (Some(_), _) => Ok(LayerContent::Here(Arc::new(layer) as Arc<dyn LayerSource>)),
            (None, LayerKind::Foreign) => Ok(LayerContent::Elsewhere),
            (None, _) => Err(layer.missing()),
        }
    }
}

impl Referrers for Layout {
    /// In a layout they are entries of its index like any other, and name their subject in the
    /// manifest; copies of a registry may have its fallback tags, too.
    fn referrers(
        &self,
        subject: &Digest,
        limits: &Limits,
        problems: &mut Vec<Problem>,
    ) -> Result<Vec<Descriptor>, Error> {
        let (_, index) = self.index(limits)?;
        let tag = fallback_tag(subject);
        let mut found = Vec::new();
        for entry in index.manifests.into_iter().filter(|it| it.digest != *subject) {
            let name = entry.ref_name().unwrap_or_default();
            let (is_list, is_attestation) = (name == tag, name == format!("{tag}.att"));
            let read = self.manifest(&entry, limits).and_then(|bytes| {
                parse_document(&bytes, None, limits)
                    .map_err(|error| Error::manifest(&format!("manifest {}", entry.digest), &error))
            });
            match read {
                Ok(Document::Index(list)) if is_list => found.extend(list.manifests),
                Ok(Document::Index(_)) => (),
                Ok(Document::Manifest(manifest)) => {
                    let is_attached = manifest.subject.is_some_and(|it| it.digest == *subject);
                    if is_attached || is_list || is_attestation {
                        let artifact_type = entry.artifact_type.clone().or(manifest.artifact_type);
                        found.push(Descriptor { artifact_type, ..entry });
                    }
                }
                Err(error) => problems.push(error.to_problem().harmless()),
            }
        }
        Ok(found)
    }
}

/// `blobs/sha256/…`; a parsed digest is nothing but hexadecimal digits.
pub(crate) fn blob_name(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.algorithm().name(), digest.hex())
}

/// `sha256-<hex>[.sig]`: where referrers are kept if nothing better is there (OCI distribution
/// specification, referrers tag schema; cosign).
fn has_fallback_tag(entry: &Descriptor) -> bool {
    entry.ref_name().is_some_and(|tag| {
        tag.strip_prefix("sha256-").is_some_and(|rest| {
            rest.len() >= 64 && rest.bytes().take(64).all(|byte| byte.is_ascii_hexdigit())
        })
    })
}

fn list(entries: &[&Descriptor]) -> String {
    const SHOWN: usize = 10;
    let mut texts: Vec<String> = entries
        .iter()
        .take(SHOWN)
        .map(|entry| match (entry.ref_name(), &entry.platform) {
            (Some(tag), _) => format!("{} ({})", crate::error::excerpt(tag), entry.digest.short()),
            (None, Some(platform)) => format!("{} ({platform})", entry.digest),
            (None, None) => entry.digest.to_string(),
        })
        .collect();
    if entries.len() > SHOWN {
        texts.push(format!("{} more", entries.len() - SHOWN));
    }
    if texts.is_empty() { "nothing".to_owned() } else { texts.join(", ") }
}
