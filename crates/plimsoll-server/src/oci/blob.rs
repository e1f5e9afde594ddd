//! Blobs: `GET` with ranges, `HEAD`, `DELETE`.

use axum::body::Body;
use axum::http::{StatusCode, header};
use plimsoll_core::Digest;
use plimsoll_store::{Blob, Pull, Push};

use super::access::Caller;
use super::answer::Answer;
use super::audit;
use super::call::Call;
use super::error::{Code, Refusal};
use super::failure::ours;
use super::name::Repository;
use super::range::{Selection, select};
use super::registry::{Answered, Registry, now};
use super::scope::Actions;
use crate::blobs::BlobKeyError;

const CONTENT_TYPE: &str = "application/octet-stream";

pub(super) async fn get(registry: &Registry, call: &Call, name: &Repository, digest: Digest) -> Answered {
    let access = registry.leave::<Pull>(&name.namespace).await?;
    let blob = registry.store.blob(&access, &name.name, &digest).await?;
    let size = blob.size_bytes;
    let selection = selection(call, &blob);
    let (status, first, length) = match selection {
        Selection::Whole => (StatusCode::OK, 0, size),
        Selection::Part { first, length } => (StatusCode::PARTIAL_CONTENT, first, length),
        Selection::Unsatisfiable => {
            let range = selection.content_range(size).unwrap_or_default();
            return Err(Refusal::new(Code::SizeInvalid, format!("the blob has {size} bytes"))
                .with_status(StatusCode::RANGE_NOT_SATISFIABLE)
                .with_header(header::CONTENT_RANGE, &range));
        }
    };
    let key = blob.storage_key.as_str().parse().map_err(|error: BlobKeyError| ours().caused_by(&error))?;
    let content = registry.blobs.read(key, first, length).await?;
    let mut answer = described(Answer::new(status), &digest, length);
    if let Some(range) = selection.content_range(size) {
        answer = answer.with(header::CONTENT_RANGE, &range);
    }
    Ok(answer.body(CONTENT_TYPE, Body::from_stream(content)))
}

/// Who may push is about not to send this blob because it is here: it is kept for him.
pub(super) async fn head(
    registry: &Registry,
    caller: &Caller,
    name: &Repository,
    digest: Digest,
) -> Answered {
    let blob = match caller.actions(registry, name).await?.include(Actions::PUSH) {
        true => {
            let access = registry.leave::<Push>(&name.namespace).await?;
            registry.store.use_blob(&access, &name.name, &digest, now()).await?
        }
        false => {
            let access = registry.leave::<Pull>(&name.namespace).await?;
            registry.store.blob(&access, &name.name, &digest).await?
        }
    };
    let answer = described(Answer::new(StatusCode::OK), &digest, blob.size_bytes);
    Ok(answer.with(header::CONTENT_TYPE, CONTENT_TYPE).done())
}

pub(super) async fn delete(
    registry: &Registry,
    (caller, call): (&Caller, &Call),
    name: &Repository,
    digest: Digest,
) -> Answered {
    let access = registry.leave_to::<Push>(&name.namespace, caller).await?;
    registry.store.unlink_blob(&access, &name.name, &digest).await?;
    audit::note(registry, call, &access, ("delete", &format!("{name} blob {digest}"))).await;
    Ok(Answer::new(StatusCode::ACCEPTED).digest(&digest).done())
}

/// A part is asked for of this very blob, or, if `If-Range` names something else, all of it.
fn selection(call: &Call, blob: &Blob) -> Selection {
    let other = call.header(&header::IF_RANGE).is_some_and(|it| it != etag(&blob.digest));
    match call.header(&header::RANGE) {
        Some(range) if !other => select(range, blob.size_bytes),
        _ => Selection::Whole,
    }
}

/// Content under a digest never changes.
fn described(answer: Answer, digest: &Digest, length: u64) -> Answer {
    answer
        .digest(digest)
        .with(header::CONTENT_LENGTH, &length.to_string())
        .with(header::ETAG, &etag(digest))
        .with(header::ACCEPT_RANGES, "bytes")
        .with(header::CACHE_CONTROL, "private, max-age=31536000, immutable")
}

fn etag(digest: &Digest) -> String {
    format!("\"{digest}\"")
}
