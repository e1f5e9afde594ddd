//! Manifests: `GET` and `HEAD` by tag or digest, `PUT`, `DELETE`.
//!
//! They are given out byte for byte as they came, whatever the client says that it accepts.

use axum::body::Body;
use axum::http::{HeaderName, StatusCode, header};
use plimsoll_core::Algorithm;
use plimsoll_core::Digest;
use plimsoll_store::{Artifact, Error, ManifestReference, Pull, Push};

use super::access::Caller;
use super::answer::Answer;
use super::call::{Call, Content};
use super::error::Refusal;
use super::failure::digest_differs;
use super::manifest::{MANIFEST_BYTES_MAX, read};
use super::name::Repository;
use super::registry::{Answered, Registry, now};
use super::{audit, elsewhere, guard};
use crate::blobs::Hash;

/// How often a manifest is put once more that gave way to somebody else.
const AGAIN: usize = 3;

pub(super) async fn get(
    registry: &Registry,
    asks: (&Caller, &Call),
    name: &Repository,
    reference: &ManifestReference,
) -> Answered {
    let mut access = registry.leave_by_memory::<Pull>(&name.namespace).await?;
    let mut found = registry.store.manifest(&access, &name.name, reference).await;
    if let Err(Error::Unknown { .. }) = &found {
        // Perhaps of a namespace that was deleted and made again.
        access = registry.leave::<Pull>(&name.namespace).await?;
        found = registry.store.manifest(&access, &name.name, reference).await;
    }
    let manifest = found?;
    let named = (access.namespace(), name, reference);
    if manifest.artifact.elsewhere_bytes > 0 {
        return Err(elsewhere::pulled(registry, named, &manifest.artifact).await?);
    }
    let warning = guard::pull(registry, asks, named, &manifest.artifact).await?;
    if let Some(pulls) = &registry.pulls {
        pulls.pulled(manifest.artifact.id);
    }
    let answer = warned(described(&manifest.artifact), warning.as_deref());
    Ok(answer.body(&manifest.artifact.media_type, Body::from(manifest.content)))
}

pub(super) async fn head(
    registry: &Registry,
    asks: (&Caller, &Call),
    name: &Repository,
    reference: &ManifestReference,
) -> Answered {
    let access = registry.leave::<Pull>(&name.namespace).await?;
    let artifact = registry.store.artifact(&access, &name.name, reference).await?;
    let warning = guard::look(registry, asks, (access.namespace(), name, reference), &artifact).await?;
    Ok(warned(described(&artifact), warning.as_deref())
        .with(header::CONTENT_TYPE, &artifact.media_type)
        .done())
}

pub(super) async fn put(
    registry: &Registry,
    caller: &Caller,
    (call, content): (&Call, Content),
    (name, reference): (&Repository, &ManifestReference),
) -> Answered {
    let access = registry.leave_to_push(&name.namespace, (caller, call)).await?;
    let content = content.whole(MANIFEST_BYTES_MAX).await?;
    let digest = verified(&content, reference)?;
    let mut pushed = read(&content, call.header(&header::CONTENT_TYPE), digest)?;
    for layer in pushed.foreign {
        if registry.store.use_blob(&access, &name.name, &layer, now()).await.is_ok() {
            pushed.manifest.blobs.push(layer);
        }
    }
    let tag = match reference {
        ManifestReference::Tag(tag) => Some(tag),
        ManifestReference::Digest(_) => None,
    };
    let mut put = registry.store.put_manifest(&access, &name.name, tag, &pushed.manifest, now()).await;
    for _ in 0..AGAIN {
        // An index and a scan of its images may be in each other's way; clients seldom try again.
        if !put.as_ref().is_err_and(Error::gave_way) {
            break;
        }
        put = registry.store.put_manifest(&access, &name.name, tag, &pushed.manifest, now()).await;
    }
    let put = put?;
    let target = match tag {
        Some(tag) => format!("{name}:{tag}@{digest}"),
        None => format!("{name}@{digest}"),
    };
    audit::note(registry, call, &access, ("push", &target)).await;
    registry.watcher.pushed(access.namespace(), put.artifact);
    let moved = put.moved_from.map(ManifestReference::Digest);
    for moved in moved.iter().chain([reference]) {
        guard::tag_moved(registry, access.namespace(), name, moved).await?;
    }
    let answer =
        Answer::new(StatusCode::CREATED).location(name, &format!("manifests/{digest}")).digest(&digest);
    Ok(match &pushed.manifest.subject {
        Some(subject) => answer.with(HeaderName::from_static("oci-subject"), &subject.to_string()),
        None => answer,
    }
    .done())
}

/// By tag the tag goes, by digest the manifest and all its tags.
pub(super) async fn delete(
    registry: &Registry,
    (caller, call): (&Caller, &Call),
    name: &Repository,
    reference: &ManifestReference,
) -> Answered {
    let access = registry.leave_to::<Push>(&name.namespace, caller).await?;
    elsewhere::is_here(registry, access.namespace(), (&name.namespace, "delete")).await?;
    match reference {
        ManifestReference::Tag(tag) => {
            let before = registry.store.artifact(&access, &name.name, reference).await?;
            registry.store.delete_tag(&access, &name.name, tag, now()).await?;
            let before = ManifestReference::Digest(before.digest);
            guard::tag_moved(registry, access.namespace(), name, &before).await?;
        }
        ManifestReference::Digest(digest) => {
            registry.store.delete_artifact(&access, &name.name, digest, now()).await?;
        }
    }
    let target = match reference {
        ManifestReference::Tag(tag) => format!("{name}:{tag}"),
        ManifestReference::Digest(digest) => format!("{name}@{digest}"),
    };
    audit::note(registry, call, &access, ("delete", &target)).await;
    Ok(Answer::new(StatusCode::ACCEPTED).done())
}

/// The digest of a manifest, which must be the one under which it is pushed.
fn verified(content: &[u8], reference: &ManifestReference) -> Result<Digest, Refusal> {
    match reference {
        ManifestReference::Tag(_) => Ok(Hash::of(Algorithm::Sha256, content)),
        ManifestReference::Digest(said) => match Hash::of(said.algorithm(), content) {
            actual if actual == *said => Ok(actual),
            actual => Err(digest_differs(actual)),
        },
    }
}

fn warned(answer: Answer, warning: Option<&str>) -> Answer {
    match warning {
        Some(warning) => answer.with(header::WARNING, warning),
        None => answer,
    }
}

fn described(artifact: &Artifact) -> Answer {
    Answer::new(StatusCode::OK)
        .digest(&artifact.digest)
        .with(header::CONTENT_LENGTH, &artifact.size_bytes.to_string())
        .with(header::ETAG, &format!("\"{}\"", artifact.digest))
}
