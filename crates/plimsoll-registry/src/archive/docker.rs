//! Docker archives: `manifest.json`, configurations and layers (old `ID/layer.tar`, new `blobs/`).
//!
//! An image here has no manifest of its own; its digest is its configuration's, the image id.

use std::collections::BTreeSet;
use std::sync::Arc;

use plimsoll_core::{Algorithm, Digest, Escaped, Limits, Platform, Reference, Subject, SubjectKind};
use plimsoll_image::manifest::{ImageConfig, ManifestError, made, parse_config};
use serde::Deserialize;

use super::TarFile;
use crate::digest::digest_of;
use crate::error::excerpt;
use crate::opened::LayerSource;
use crate::place::{self, Place, PlacedLayer};
use crate::{Content, Error, Location, Opened, Options, PlatformChoice, SourceImage, SourceLayer};

/// The media type of the layers of an archive; their bytes may be compressed all the same.
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar";

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Config")]
    config: String,
    #[serde(rename = "RepoTags")]
    repo_tags: Option<Vec<String>>,
    #[serde(rename = "Layers")]
    layers: Option<Vec<String>>,
}

impl Entry {
    fn tags(&self) -> &[String] {
        self.repo_tags.as_deref().unwrap_or_default()
    }
}

/// Opens a Docker archive.
pub(super) fn open(
    tar: Arc<TarFile>,
    select: Option<&str>,
    options: &Options,
    limits: &Limits,
    location: &Location,
) -> Result<Opened, Error> {
    let archive = Archive { tar, limits };
    let entries = archive.entries()?;
    let chosen = archive.choose(&entries, select)?;
    let images = match &chosen[..] {
        [one] => vec![archive.image(one)?],
        several => archive.of_platforms(several, &options.platforms)?,
    };
    let digest = match &images[..] {
        [one] => Some(one.config_digest),
        _ => None,
    };
    let kind = if images.len() == 1 { SubjectKind::Image } else { SubjectKind::Index };
    let subject = Subject { name: location.to_string(), kind, digest, media_type: None };
    Ok(Opened::new(subject, Content::Images(images), Vec::new()))
}

struct Archive<'a> {
    tar: Arc<TarFile>,
    limits: &'a Limits,
}

impl Archive<'_> {
    fn entries(&self) -> Result<Vec<Entry>, Error> {
        let name = self.tar.name();
        let bytes =
            place::read(&*self.tar, "manifest.json", self.limits.manifest_bytes)?.ok_or_else(|| {
                Error::malformed(format!("{name} has no manifest.json, as `docker save` writes it"))
            })?;
        let entries: Option<Vec<Entry>> = serde_json::from_slice(&bytes).map_err(|error| {
            Error::malformed(format!(
                "`manifest.json` in {name} cannot be read: {}",
                excerpt(&error.to_string())
            ))
        })?;
        let entries = entries.unwrap_or_default();
        if entries.is_empty() {
            return Err(Error::malformed(format!("`manifest.json` in {name} names no image")));
        }
        if entries.len() > self.limits.index_entries {
            let (count, limit) = (entries.len(), self.limits.index_entries);
            return Err(Error::limit(format!("{name} holds {count} images, more than the limit of {limit}")));
        }
        Ok(entries)
    }

    /// The entries that a choice means: one, or one image for several platforms.
    fn choose<'a>(&self, entries: &'a [Entry], select: Option<&str>) -> Result<Vec<&'a Entry>, Error> {
        let name = self.tar.name();
        let found: Vec<&Entry> = match select {
            None => entries.iter().collect(),
            Some(select) => match select.strip_prefix('@') {
                Some(number) => {
                    number.parse().ok().and_then(|it: usize| entries.get(it)).into_iter().collect()
                }
                None => entries
                    .iter()
                    .filter(|entry| entry.tags().iter().any(|tag| same_image(tag, select)))
                    .collect(),
            },
        };
        match &found[..] {
            [] => Err(Error::usage(format!(
                "{name} has no image `{}`; it has {}",
                Escaped(select.unwrap_or_default()),
                list(entries)
            ))),
            [first, rest @ ..] => {
                let same_tags = !first.tags().is_empty() && rest.iter().all(|it| it.tags() == first.tags());
                if rest.is_empty() || same_tags {
                    return Ok(found);
                }
                Err(Error::usage(format!(
                    "{name} holds {} images; say which with `docker-archive:FILE:NAME` or `docker-archive:FILE:@NUMBER`: {}",
                    found.len(),
                    list(entries)
                )))
            }
        }
    }

    /// Several entries with the same tags are one image for several platforms, or copies.
    fn of_platforms(&self, entries: &[&Entry], choice: &PlatformChoice) -> Result<Vec<SourceImage>, Error> {
        let mut images: Vec<SourceImage> = Vec::new();
        for entry in entries {
            let image = self.image(entry)?;
            if images.iter().all(|it| it.config_digest != image.config_digest) {
                images.push(image);
            }
        }
        let PlatformChoice::One(wanted) = choice else {
            return Ok(images);
        };
        if images.len() == 1 {
            return Ok(images);
        }
        let there: BTreeSet<String> =
            images.iter().filter_map(|it| it.platform.as_ref()).map(Platform::to_string).collect();
        let fits = |it: &SourceImage| it.platform.as_ref().is_some_and(|it| it.satisfies(wanted));
        let fitting: Vec<SourceImage> = images.into_iter().filter(fits).collect();
        match fitting.len() {
            1 => Ok(fitting),
            0 => {
                let there: Vec<String> = there.into_iter().collect();
                let name = self.tar.name();
                Err(Error::usage(format!("{name} has no image for {wanted}; it has {}", there.join(", "))))
            }
            count => Err(Error::usage(format!(
                "{} has {count} images of the same name for {wanted}; say which with `docker-archive:FILE:@NUMBER`",
                self.tar.name()
            ))),
        }
    }

    fn image(&self, entry: &Entry) -> Result<SourceImage, Error> {
        let name = self.tar.name();
        let path = excerpt(&entry.config);
        let bytes = place::read(&*self.tar, &entry.config, self.limits.config_bytes)?
            .ok_or_else(|| place::missing(&*self.tar, "the configuration", &path))?;
        let config_digest = digest_of(Algorithm::Sha256, &bytes);
        if let Some(claimed) = digest_in_name(&entry.config)
            && claimed != config_digest
        {
            return Err(Error::malformed(format!(
                "the configuration `{path}` in {name} is damaged or was exchanged: its content has the digest {config_digest}"
            )));
        }
        let of = format!("the configuration `{path}` in {name}");
        let config = parse_config(&bytes, self.limits).map_err(|error| Error::manifest(&of, &error))?;
        let layers = entry.layers.as_deref().unwrap_or_default();
        if layers.len() != config.diff_ids.len() {
            let error = ManifestError::LayerCount { layers: layers.len(), diff_ids: config.diff_ids.len() };
            return Err(Error::manifest(&format!("`manifest.json` in {name}"), &error));
        }
        let layers = self.layers(layers, &config)?;
        Ok(SourceImage {
            manifest_digest: None,
            config_digest,
            platform: config.platform,
            layers,
            problems: Vec::new(),
        })
    }

    fn layers(&self, names: &[String], config: &ImageConfig) -> Result<Vec<SourceLayer>, Error> {
        let rows = names.iter().zip(&config.diff_ids).zip(made(config));
        rows.map(|((name, diff_id), made)| {
            let layer = PlacedLayer {
                place: Arc::clone(&self.tar) as Arc<dyn Place>,
                name: name.clone(),
                size_bytes: None,
            };
            let extent = layer.find()?.ok_or_else(|| layer.missing())?;
            Ok(SourceLayer {
                digest: blob_digest(name),
                diff_id: *diff_id,
                size_bytes: Some(extent.length_bytes),
                media_type: LAYER.to_owned(),
                made,
                content: Some(Arc::new(layer) as Arc<dyn LayerSource>),
            })
        })
        .collect()
    }
}

/// `blobs/sha256/HEX`: the name promises the content's digest.
fn blob_digest(name: &str) -> Option<Digest> {
    let (algorithm, hex) = name.strip_prefix("blobs/")?.split_once('/')?;
    format!("{algorithm}:{hex}").parse().ok()
}

/// `HEX.json` or `blobs/sha256/HEX`.
fn digest_in_name(name: &str) -> Option<Digest> {
    blob_digest(name).or_else(|| format!("sha256:{}", name.strip_suffix(".json")?).parse().ok())
}

/// Whether two names of images mean the same, short names spelled out.
fn same_image(tag: &str, wanted: &str) -> bool {
    if tag == wanted {
        return true;
    }
    match (tag.parse::<Reference>(), wanted.parse::<Reference>()) {
        (Ok(tag), Ok(wanted)) => tag == wanted,
        _ => false,
    }
}

fn list(entries: &[Entry]) -> String {
    const SHOWN: usize = 10;
    let mut texts: Vec<String> = entries
        .iter()
        .enumerate()
        .take(SHOWN)
        .map(|(number, entry)| match entry.tags().first() {
            Some(tag) => format!("@{number} {}", excerpt(tag)),
            None => format!("@{number} (no name)"),
        })
        .collect();
    if entries.len() > SHOWN {
        texts.push(format!("{} more", entries.len() - SHOWN));
    }
    texts.join(", ")
}
