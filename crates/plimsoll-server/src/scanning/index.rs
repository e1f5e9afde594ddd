//! The images of an index, each with where it stands. What they come to together the store keeps.

use plimsoll_core::Digest;
use plimsoll_store::{Access, ArtifactId, Error, NamespaceId, Noun, Read, ScanResult, ScanState};

use super::{Kind, Scanning};

/// How deep an index may lie in another one; the engine's limit for images elsewhere.
const DEPTH_MAX: usize = 8;
/// The most images of one index: as many as the store lets one name. What is beyond in indexes of indexes has
/// no result by it, so that such an index shows as limited.
const IMAGES_MAX: usize = 4_096;

/// One image of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The image.
    pub artifact: ArtifactId,
    /// Its digest.
    pub digest: Digest,
    /// The platform as the index says it.
    pub platform: Option<String>,
    /// Where its scan stands.
    pub state: ScanState,
    /// What was found.
    pub result: Option<ScanResult>,
}

/// Where an index stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexState {
    /// What the states of its images come to.
    pub state: ScanState,
    /// Whether some of the images have no result although it is complete.
    pub limited: bool,
    /// Its images; what is attached to them is left out.
    pub images: Vec<Part>,
}

/// An image of an index, before anybody looked at its scan.
#[derive(Clone, Debug)]
pub(super) struct Image {
    pub(super) artifact: ArtifactId,
    digest: Digest,
    platform: Option<String>,
}

impl Scanning {
    /// Where an index stands; `None` for what is no index.
    pub async fn index_state(
        &self,
        access: &Access<Read>,
        artifact: ArtifactId,
    ) -> Result<Option<IndexState>, Error> {
        let system = self.store.authoriser().system();
        let candidate = self.store.candidate(&system, artifact).await?;
        if !plimsoll_image::manifest::is_index(&candidate.media_type) {
            return Ok(None);
        }
        let mut images = Vec::new();
        for Image { artifact, digest, platform } in self.images_of(access.namespace(), artifact).await? {
            let state = self.store.scan_state(access, artifact).await?;
            let result = self.store.result(access, artifact).await?;
            images.push(Part { artifact, digest, platform, state, result });
        }
        let row = self.store.artifact_row(access, artifact).await?;
        let row = row.ok_or(Error::Unknown { what: Noun::Manifest, name: artifact.to_string() })?;
        let limited = row.state == ScanState::Complete && row.together.is_some_and(|it| it.is_limited());
        Ok(Some(IndexState { state: row.state, limited, images }))
    }

    /// The images of an index, those of the indexes in it as well, each once.
    pub(super) async fn images_of(
        &self,
        namespace: NamespaceId,
        index: ArtifactId,
    ) -> Result<Vec<Image>, Error> {
        let read = self.store.authoriser().system::<Read>().within(namespace);
        let mut seen = std::collections::BTreeSet::from([index]);
        let mut level = vec![index];
        let mut images = Vec::new();
        for _ in 0..DEPTH_MAX {
            let mut next = Vec::new();
            for parent in std::mem::take(&mut level) {
                for (artifact, digest, platform) in self.store.child_artifacts(&read, parent).await? {
                    if images.len() >= IMAGES_MAX || !seen.insert(artifact) {
                        continue;
                    }
                    match self.kind(artifact).await? {
                        Kind::Index => next.push(artifact),
                        Kind::Image => images.push(Image { artifact, digest, platform }),
                        Kind::NoImage(_) => (),
                    }
                }
            }
            level = next;
        }
        Ok(images)
    }
}
