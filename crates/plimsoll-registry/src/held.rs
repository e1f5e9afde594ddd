//! Images that this very program holds: a server's own registry, asked without HTTP.
//!
//! Whoever holds them says where manifests and blobs are; everything else is as with any source.
//! Manifests and configurations are held against their digests here, layers by whoever reads them.

use std::io;
use std::sync::Arc;

use plimsoll_core::{Digest, Limits};
use plimsoll_image::manifest::{Descriptor, LayerKind};

use crate::digest::verify;
use crate::opened::{LayerSource, Opened};
use crate::resolve::{self, LayerContent, Root, Store};
use crate::{Blob, Error, ErrorKind, Options};

/// Something that holds images. It is asked from several threads, and may wait for a disk.
pub trait Holding: Send + Sync {
    /// The bytes of a manifest or an index; `None` where it is not held.
    fn manifest(&self, digest: &Digest) -> io::Result<Option<Vec<u8>>>;

    /// A blob from its beginning; `None` where it is not held.
    fn blob(&self, digest: &Digest) -> io::Result<Option<Blob>>;
}

/// Opens a manifest or an index that is held.
///
/// # Errors
/// Where it is not held, or not what its digest says.
pub fn open_held(
    holding: Arc<dyn Holding>,
    (digest, media_type): (&Digest, &str),
    name: String,
    options: &Options,
    limits: &Limits,
) -> Result<Opened, Error> {
    let held = Held(holding);
    let bytes = held.document("manifest", digest, limits.manifest_bytes)?;
    let root = Root::Read { digest: *digest, media_type: Some(media_type.to_owned()), bytes };
    resolve::open(&held, root, name, options, limits)
}

struct Held(Arc<dyn Holding>);

impl Held {
    fn document(&self, what: &str, digest: &Digest, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let read = self.0.manifest(digest);
        let bytes = read.map_err(|error| Error::io(format!("{what} {digest} cannot be read"), error))?;
        let bytes = bytes.ok_or_else(|| missing(what, digest))?;
        within(what, digest, bytes.len() as u64, limit_bytes)?;
        verify(what, &bytes, digest, None)?;
        Ok(bytes)
    }
}

impl Store for Held {
    fn manifest(&self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, Error> {
        self.document("manifest", &descriptor.digest, limits.manifest_bytes)
    }

    fn blob(&self, what: &str, descriptor: &Descriptor, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        let digest = &descriptor.digest;
        within(what, digest, descriptor.size_bytes, limit_bytes)?;
        let failed = |error| Error::io(format!("{what} {digest} cannot be read"), error);
        let blob = self.0.blob(digest).map_err(failed)?.ok_or_else(|| missing(what, digest))?;
        let mut bytes = Vec::new();
        let mut reader = io::Read::take(blob.into_reader(), limit_bytes.saturating_add(1));
        io::Read::read_to_end(&mut reader, &mut bytes).map_err(failed)?;
        within(what, digest, bytes.len() as u64, limit_bytes)?;
        verify(what, &bytes, digest, Some(descriptor.size_bytes))?;
        Ok(bytes)
    }

    fn layer(&self, descriptor: &Descriptor, kind: LayerKind) -> Result<LayerContent, Error> {
        let layer = HeldLayer { holding: Arc::clone(&self.0), digest: descriptor.digest };
        match (layer.find()?, kind) {
            (Some(_), _) => Ok(LayerContent::Here(Arc::new(layer))),
            (None, LayerKind::Foreign) => Ok(LayerContent::Elsewhere),
            (None, _) => Err(missing("layer", &descriptor.digest)),
        }
    }
}

struct HeldLayer {
    holding: Arc<dyn Holding>,
    digest: Digest,
}

impl HeldLayer {
    fn find(&self) -> Result<Option<Blob>, Error> {
        let failed = |error| Error::io(format!("layer {} cannot be read", self.digest), error);
        self.holding.blob(&self.digest).map_err(failed)
    }
}

impl LayerSource for HeldLayer {
    fn open(&self) -> Result<Blob, Error> {
        self.find()?.ok_or_else(|| missing("layer", &self.digest))
    }

    /// It is named by the digest under which it was taken in and verified, and not by its place.
    fn is_local(&self) -> bool {
        false
    }
}

fn missing(what: &str, digest: &Digest) -> Error {
    Error::new(ErrorKind::NotFound, format!("{what} {digest} is not here"))
}

fn within(what: &str, digest: &Digest, size_bytes: u64, limit_bytes: u64) -> Result<(), Error> {
    if size_bytes <= limit_bytes {
        return Ok(());
    }
    Err(Error::limit(format!("{what} {digest} has {size_bytes} bytes, more than the limit of {limit_bytes}")))
}
