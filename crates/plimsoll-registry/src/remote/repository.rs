//! A repository of a registry for what is no image: a manifest and blobs by digest, to read and,
//! where asked for, to write.
//!
//! Knows nothing of what an artifact holds. Everything that it gives is verified, under limits.

use std::io::Read;
use std::sync::Arc;

use plimsoll_core::{Digest, Limits, Reference};

use super::blob::BlobReader;
use super::client::Client;
use super::token::Authorizer;
use crate::{Error, Options};

/// What a caller is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only read.
    Read,
    /// Write, too.
    Write,
}

/// A repository that can be reached.
pub struct Repository {
    client: Arc<Client>,
    reference: Reference,
    manifest_bytes_max: u64,
}

impl Repository {
    /// Finds out how the registry is spoken to.
    ///
    /// # Errors
    /// Where it cannot be reached.
    pub fn connect(
        reference: &Reference,
        options: &Options,
        limits: &Limits,
        access: Access,
    ) -> Result<Repository, Error> {
        let authorizer = Authorizer::new(reference, options);
        let authorizer = match access {
            Access::Read => authorizer,
            Access::Write => authorizer.for_writing(),
        };
        let client = Client::connect(super::transport(options, limits)?, authorizer, reference)?;
        Ok(Repository {
            client: Arc::new(client),
            reference: reference.clone(),
            manifest_bytes_max: limits.manifest_bytes,
        })
    }

    /// The manifest that the reference names.
    ///
    /// # Errors
    /// Where there is none, or it is too large or another than its digest says.
    pub fn manifest(&self) -> Result<Vec<u8>, Error> {
        let identifier = self.reference.identifier();
        let fetched =
            self.client.manifest(&identifier, self.reference.digest.as_ref(), self.manifest_bytes_max)?;
        Ok(fetched.bytes)
    }

    /// A blob, whole and verified. The caller bounds its size by `size_bytes`.
    ///
    /// # Errors
    /// Where it is not there, or is another.
    pub fn blob(&self, digest: &Digest, size_bytes: u64) -> Result<Vec<u8>, Error> {
        let reader = BlobReader::open(Arc::clone(&self.client), *digest, size_bytes)?;
        let mut bytes = Vec::new();
        let what = || format!("blob {digest} of {}", self.reference);
        reader
            .take(size_bytes.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| Error::io(what(), error))?;
        crate::digest::verify("blob", &bytes, digest, Some(size_bytes))
            .map_err(|error| error.of(&self.reference.to_string()))?;
        Ok(bytes)
    }

    /// Whether the registry has a blob.
    ///
    /// # Errors
    /// Where it does not answer.
    pub fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        self.client.has_blob(digest)
    }

    /// Sends a blob unless the registry has it; whether it was sent.
    ///
    /// # Errors
    /// Where the registry does not take it.
    pub fn push_blob(&self, digest: &Digest, bytes: Vec<u8>) -> Result<bool, Error> {
        if self.client.has_blob(digest)? {
            return Ok(false);
        }
        self.client.push_blob(digest, bytes.into())?;
        Ok(true)
    }

    /// Sends a manifest under the reference's tag or digest. Its blobs must be there already.
    ///
    /// # Errors
    /// Where the registry does not take it.
    pub fn push_manifest(&self, media_type: &'static str, bytes: Vec<u8>) -> Result<(), Error> {
        self.client.push_manifest(&self.reference.identifier(), media_type, bytes.into())
    }
}
