//! The corpus of images as a client pushes it: from OCI layouts, by skopeo or by ourselves.

use std::fs;
use std::path::{Path, PathBuf};

use plimsoll_testkit::digest_of;
use serde_json::Value;

use super::client::Client;
use crate::shell::Result;

/// One image: its blobs, and its manifest.
pub(super) struct Pushable {
    pub(super) name: String,
    blobs: Vec<(String, PathBuf)>,
    pub(super) manifest: Vec<u8>,
    media_type: String,
}

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

/// The layouts of a corpus.
pub(super) fn layouts(corpus: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(corpus.join("oci")).map_err(|error| format!("{}/oci: {error}", corpus.display()))?;
    let mut layouts: Vec<PathBuf> = entries.flatten().map(|it| it.path()).collect();
    layouts.retain(|it| it.join("index.json").is_file());
    layouts.sort();
    Ok(layouts)
}

/// The image in a layout; nothing where that is an index or no image.
pub(super) fn pushable(layout: &Path) -> Option<Pushable> {
    let blob = |digest: &str| layout.join("blobs").join(digest.replace(':', "/"));
    let index: Value = serde_json::from_slice(&fs::read(layout.join("index.json")).ok()?).ok()?;
    let described = &index["manifests"][0];
    let manifest = fs::read(blob(described["digest"].as_str()?)).ok()?;
    let document: Value = serde_json::from_slice(&manifest).ok()?;
    let digests = document["layers"].as_array()?.iter().chain([&document["config"]]);
    let blobs = digests.filter_map(|it| it["digest"].as_str()).map(|it| (it.to_owned(), blob(it))).collect();
    let media_type = document["mediaType"].as_str().or(described["mediaType"].as_str()).unwrap_or(OCI);
    let name = layout.file_name()?.to_str()?.to_lowercase();
    Some(Pushable { name, blobs, media_type: media_type.to_owned(), manifest })
}

impl Pushable {
    /// Sends all blobs, as most clients do it: one upload after the other.
    pub(super) fn send_blobs(&self, client: &mut Client, repository: &str) -> Result {
        const BYTES: &str = "application/octet-stream";
        for (digest, path) in &self.blobs {
            let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let begin = format!("/v2/{repository}/blobs/uploads/");
            let begun = client.expect(202, ("POST", &begin), BYTES, b"")?;
            let place = begun.location.unwrap_or_default();
            let place = place.find("/v2/").map_or(place.as_str(), |at| &place[at..]).to_owned();
            let more = client.expect(202, ("PATCH", &place), BYTES, &bytes)?.location.unwrap_or(place);
            let more = more.find("/v2/").map_or(more.as_str(), |at| &more[at..]);
            let joint = if more.contains('?') { '&' } else { '?' };
            client.expect(201, ("PUT", &format!("{more}{joint}digest={digest}")), BYTES, b"")?;
        }
        Ok(())
    }

    /// Sends the manifest, and gives its digest.
    pub(super) fn send_manifest(&self, client: &mut Client, repository: &str) -> Result<String> {
        let path = format!("/v2/{repository}/manifests/latest");
        client.expect(201, ("PUT", &path), &self.media_type, &self.manifest)?;
        Ok(digest_of(&self.manifest).to_string())
    }

    /// The largest of its blobs: digest and bytes.
    pub(super) fn largest(&self) -> Option<(&str, u64)> {
        let sized = self.blobs.iter().map(|it| (it.0.as_str(), fs::metadata(&it.1).map_or(0, |it| it.len())));
        sized.max_by_key(|it| it.1)
    }
}
