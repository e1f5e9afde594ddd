//! Uploads of blobs: in one request, in chunks, continued, cancelled, or not needed at all because
//! another repository has the blob.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, StatusCode, header};
use axum::response::Response;
use plimsoll_core::Digest;
use plimsoll_store::{Access, Error, Pull, Push, StorageKey, Upload, UploadId};

use super::access::Caller;
use super::answer::Answer;
use super::call::{Call, Content};
use super::error::{Code, Refusal};
use super::failure::not_a_digest;
use super::name::Repository;
use super::range::{arrived, chunk};
use super::registry::{Answered, Registry, now};
use super::scope::Actions;
use crate::blobs::{BlobError, BlobKey, Place};

/// How long an upload that is kept waits for whoever reads behind it. Long enough for a gigabyte on a
/// busy machine, short against what clients wait for an answer.
const CATCH_UP: Duration = Duration::from_secs(15);

/// `POST`: begins an upload, or does the whole of it.
pub(super) async fn start(
    registry: &Arc<Registry>,
    caller: &Caller,
    (call, content): (&Call, Content),
    name: &Repository,
) -> Answered {
    let access = registry.leave_to_push(&name.namespace, (caller, call)).await?;
    if let Some(digest) = mount(registry, caller, call, &access, name).await? {
        return Ok(created(name, &digest));
    }
    let whole = match call.parameter("digest") {
        None => None,
        Some(text) => Some(text.parse::<Digest>().map_err(|_| not_a_digest())?),
    };
    let id = begin(registry, &access, name).await?;
    let Some(digest) = whole else {
        return Ok(state(StatusCode::ACCEPTED, name, id, 0));
    };
    let upload = Unfinished { registry, access: &access, name, id, done: false };
    upload.whole(content, digest).await
}

/// `PATCH`: one more chunk.
pub(super) async fn append(
    registry: &Arc<Registry>,
    (call, content): (&Call, Content),
    name: &Repository,
    id: BlobKey,
) -> Answered {
    let access = registry.leave(&name.namespace).await?;
    let upload = find(registry, &access, name, id).await?;
    let offset = add(registry, &access, name, (id, &upload), (call, content)).await?;
    Ok(state(StatusCode::ACCEPTED, name, id, offset))
}

/// `PUT`: perhaps the last chunk, and the end.
pub(super) async fn finish(
    registry: &Arc<Registry>,
    (call, content): (&Call, Content),
    name: &Repository,
    id: BlobKey,
) -> Answered {
    let access = registry.leave(&name.namespace).await?;
    let digest = call.parameter("digest").and_then(|it| it.parse().ok()).ok_or_else(not_a_digest)?;
    let upload = find(registry, &access, name, id).await?;
    if call.length() != Some(0) {
        add(registry, &access, name, (id, &upload), (call, content)).await?;
    }
    keep(registry, &access, name, id, digest).await
}

/// `GET`: how much has arrived.
pub(super) async fn status(registry: &Registry, name: &Repository, id: BlobKey) -> Answered {
    let access = registry.leave(&name.namespace).await?;
    find(registry, &access, name, id).await?;
    let offset = registry.blobs.offset(id).await?;
    Ok(state(StatusCode::NO_CONTENT, name, id, offset))
}

/// `DELETE`: never mind.
pub(super) async fn cancel(registry: &Registry, name: &Repository, id: BlobKey) -> Answered {
    let access = registry.leave(&name.namespace).await?;
    forget(registry, &access, name, id).await?;
    Ok(Answer::new(StatusCode::NO_CONTENT).done())
}

/// Takes the blob over from another repository, if the caller may pull there and it has it.
async fn mount(
    registry: &Registry,
    caller: &Caller,
    call: &Call,
    access: &Access<Push>,
    name: &Repository,
) -> Result<Option<Digest>, Refusal> {
    let (Some(digest), Some(from)) = (call.parameter("mount"), call.parameter("from")) else {
        return Ok(None);
    };
    let digest: Digest = digest.parse().map_err(|_| not_a_digest())?;
    let Ok(from) = from.parse::<Repository>() else {
        return Ok(None);
    };
    if !caller.actions(registry, &from).await?.include(Actions::PULL) {
        return Ok(None);
    }
    let Ok(there) = registry.leave::<Pull>(&from.namespace).await else {
        return Ok(None);
    };
    let (from, to) = ((&there, &from.name), (access, &name.name));
    Ok(registry.store.mount_blob(from, to, &digest, now()).await?.then_some(digest))
}

async fn begin(registry: &Registry, access: &Access<Push>, name: &Repository) -> Result<BlobKey, Refusal> {
    let id = registry.blobs.begin().await?;
    let begun =
        registry.store.begin_upload(access, &name.name, &upload_id(id), &storage_key(id), now()).await;
    if let Err(error) = begun {
        registry.blobs.cancel(id).await?;
        return Err(error.into());
    }
    Ok(id)
}

/// An upload is known in its own repository only.
async fn find(
    registry: &Registry,
    access: &Access<Push>,
    name: &Repository,
    id: BlobKey,
) -> Result<Upload, Refusal> {
    Ok(registry.store.upload(access, &name.name, &upload_id(id)).await?)
}

async fn add(
    registry: &Registry,
    access: &Access<Push>,
    name: &Repository,
    (id, upload): (BlobKey, &Upload),
    (call, content): (&Call, Content),
) -> Result<u64, Refusal> {
    let place = place(registry, call)?;
    registry.watcher.arriving(id);
    let (offset, broken) = match registry.blobs.append(id, place, content.incoming()).await {
        Ok(offset) => (offset, None),
        // What came before the content broke off is kept, and noted.
        Err(error @ BlobError::Interrupted(_)) => (registry.blobs.offset(id).await?, Some(error)),
        Err(error @ BlobError::Offset { .. }) => {
            let location = format!("/v2/{name}/blobs/uploads/{id}");
            return Err(Refusal::from(error).with_header(header::LOCATION, &location));
        }
        Err(error) => return Err(error.into()),
    };
    let step = (upload.offset_bytes, offset);
    match registry.store.advance_upload(access, &name.name, &upload_id(id), step, now()).await {
        // Another request went on meanwhile. The file knows better.
        Ok(()) | Err(Error::Offset { .. }) => broken.map_or(Ok(offset), |error| Err(error.into())),
        Err(error) => Err(error.into()),
    }
}

/// Where the body belongs; it must be as long as its header says.
fn place(registry: &Registry, call: &Call) -> Result<Place, Refusal> {
    let size_bytes_max = registry.options.blob_bytes_max;
    let Some(range) = call.header(&header::CONTENT_RANGE) else {
        return Ok(Place { offset: None, size_bytes_max });
    };
    let chunk = chunk(range).ok_or_else(|| {
        Refusal::new(Code::BlobUploadInvalid, "`Content-Range` is `FIRST-LAST`")
            .with_status(StatusCode::RANGE_NOT_SATISFIABLE)
    })?;
    if call.length().is_some_and(|length| length != chunk.length()) {
        return Err(Refusal::new(Code::SizeInvalid, "`Content-Range` and `Content-Length` differ"));
    }
    Ok(Place { offset: Some(chunk.first), size_bytes_max })
}

/// Makes a blob of an upload.
async fn keep(
    registry: &Registry,
    access: &Access<Push>,
    name: &Repository,
    id: BlobKey,
    digest: Digest,
) -> Answered {
    let size = match registry.blobs.finish(id, digest).await {
        Ok(size) => size,
        Err(error @ BlobError::Digest { .. }) => {
            forget(registry, access, name, id).await?;
            return Err(error.into());
        }
        Err(error) => return Err(error.into()),
    };
    // Whatever the store says: what was read of these bytes holds for whoever has them.
    let caught_up = registry.watcher.arrived(id, &digest, size);
    let finished =
        registry.store.finish_upload(access, &name.name, &upload_id(id), (&digest, size), now()).await;
    if finished.is_ok() {
        // However that ends, the blob is kept.
        let _ = tokio::time::timeout(CATCH_UP, caught_up).await;
    }
    match finished {
        Ok(blob) if blob.storage_key != storage_key(id) => {
            // Somebody else was faster; one file is enough. The row of this one names it for the
            // collection, should this fail.
            let _ = registry.blobs.delete(id).await;
            Ok(created(name, &digest))
        }
        Ok(_) => Ok(created(name, &digest)),
        Err(error @ Error::Quota { .. }) => {
            forget(registry, access, name, id).await?;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Ends an upload without a blob. Its row goes first: a file without one is found and removed.
async fn forget(
    registry: &Registry,
    access: &Access<Push>,
    name: &Repository,
    id: BlobKey,
) -> Result<(), Refusal> {
    registry.watcher.given_up(id);
    registry.store.cancel_upload(access, &name.name, &upload_id(id), now()).await?;
    Ok(registry.blobs.delete(id).await?)
}

/// An upload within one request: nobody else knows of it, so it goes when the request does.
struct Unfinished<'a> {
    registry: &'a Arc<Registry>,
    access: &'a Access<Push>,
    name: &'a Repository,
    id: BlobKey,
    done: bool,
}

impl Unfinished<'_> {
    async fn whole(mut self, content: Content, digest: Digest) -> Answered {
        let place = Place { offset: Some(0), size_bytes_max: self.registry.options.blob_bytes_max };
        self.registry.watcher.arriving(self.id);
        self.registry.blobs.append(self.id, place, content.incoming()).await?;
        let kept = keep(self.registry, self.access, self.name, self.id, digest).await?;
        self.done = true;
        Ok(kept)
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let (registry, access) = (Arc::clone(self.registry), self.access.clone());
        let (name, id) = (self.name.clone(), self.id);
        // When the server stops there is nobody left to do it; the next sweep does.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                // Already gone is as good.
                let _ = forget(&registry, &access, &name, id).await;
            });
        }
    }
}

fn state(status: StatusCode, name: &Repository, id: BlobKey, offset: u64) -> Response {
    Answer::new(status)
        .location(name, &format!("blobs/uploads/{id}"))
        .with(header::RANGE, &arrived(offset))
        .with(HeaderName::from_static("docker-upload-uuid"), &id.to_string())
        .done()
}

fn created(name: &Repository, digest: &Digest) -> Response {
    Answer::new(StatusCode::CREATED).location(name, &format!("blobs/{digest}")).digest(digest).done()
}

/// An upload is called by the key under which its bytes lie.
fn upload_id(id: BlobKey) -> UploadId {
    UploadId::parse(&id.to_string()).expect("32 hexadecimal digits")
}

fn storage_key(id: BlobKey) -> StorageKey {
    StorageKey::parse(&id.to_string()).expect("32 hexadecimal digits")
}
