//! Who is told what goes on in the registry: blobs on their way in, and manifests that were pushed.
//!
//! A watcher returns at once, and nothing that it does can make a push fail. It may ask for a moment
//! before an upload is answered, and is given one that is bounded.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use plimsoll_core::Digest;
use plimsoll_store::{ArtifactId, NamespaceId};

use crate::blobs::BlobKey;

/// Somebody who wants to know.
pub trait Watcher: Send + Sync + 'static {
    /// More of a blob is about to arrive.
    fn arriving(&self, upload: BlobKey);

    /// An upload is whole, and became a blob. What is given back ends when the watcher has caught up with
    /// it: a client that is answered then, and not before, cannot send faster than is read.
    fn arrived(&self, upload: BlobKey, digest: &Digest, size_bytes: u64) -> BoxFuture<'static, ()>;

    /// An upload ended, and nothing came of it.
    fn given_up(&self, upload: BlobKey);

    /// A manifest was pushed; it may have been there before.
    fn pushed(&self, namespace: NamespaceId, artifact: ArtifactId);
}

/// Nobody.
pub struct Nobody;

impl Watcher for Nobody {
    fn arriving(&self, _upload: BlobKey) {}

    fn arrived(&self, _upload: BlobKey, _digest: &Digest, _size_bytes: u64) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }

    fn given_up(&self, _upload: BlobKey) {}

    fn pushed(&self, _namespace: NamespaceId, _artifact: ArtifactId) {}
}
