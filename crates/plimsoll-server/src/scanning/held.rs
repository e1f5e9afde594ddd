//! A manifest of the registry as the engine reads images: its bytes, and the files of its blobs.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use futures_util::StreamExt;
use plimsoll_core::Digest;
use plimsoll_registry::{Blob, Holding};
use plimsoll_store::StoredManifest;
use tokio::runtime::Handle;

use crate::blobs::{BlobKey, BlobStore, Outgoing};

/// One manifest, and where its blobs are.
pub(super) struct Held {
    digest: Digest,
    content: Vec<u8>,
    files: HashMap<Digest, (BlobKey, u64)>,
    blobs: Arc<dyn BlobStore>,
    runtime: Handle,
}

impl Held {
    pub(super) fn new(manifest: StoredManifest, blobs: Arc<dyn BlobStore>, runtime: Handle) -> Held {
        let file = |(digest, key, size): (Digest, plimsoll_store::StorageKey, u64)| {
            Some((digest, (key.as_str().parse().ok()?, size)))
        };
        let files = manifest.blobs.into_iter().filter_map(file).collect();
        Held { digest: manifest.digest, content: manifest.content, files, blobs, runtime }
    }
}

impl Holding for Held {
    fn manifest(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>> {
        Ok((*digest == self.digest).then(|| self.content.clone()))
    }

    fn blob(&self, digest: &Digest) -> io::Result<Option<Blob>> {
        let Some((key, size_bytes)) = self.files.get(digest) else {
            return Ok(None);
        };
        if let Some(file) = self.blobs.file(*key)? {
            let length_bytes = file.metadata()?.len();
            return Ok(Some(Blob::File { file, offset: 0, length_bytes }));
        }
        let stream =
            self.runtime.block_on(self.blobs.read(*key, 0, *size_bytes)).map_err(io::Error::other)?;
        let reader = Pieces { stream, rest: bytes::Bytes::new(), runtime: self.runtime.clone() };
        Ok(Some(Blob::Stream(Box::new(reader))))
    }
}

/// A blob that is in no file, piece by piece; read on threads that may wait.
struct Pieces {
    stream: Outgoing,
    rest: bytes::Bytes,
    runtime: Handle,
}

impl io::Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.runtime.block_on(self.stream.next()) {
                None => return Ok(0),
                Some(piece) => self.rest = piece?,
            }
        }
        let length = buffer.len().min(self.rest.len());
        buffer[..length].copy_from_slice(&self.rest.split_to(length));
        Ok(length)
    }
}
