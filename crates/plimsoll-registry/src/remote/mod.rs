//! Images in registries (OCI distribution specification, Docker Registry HTTP API V2).
//!
//! Images are only read. What [`repository`] writes is what its caller gives it, where its caller
//! says. Never follows a descriptor's `urls`.

mod address;
mod blob;
mod challenge;
mod client;
mod credentials;
mod failure;
mod listing;
mod referrers;
mod repository;
mod tls;
mod token;
mod transport;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use plimsoll_core::{Digest, Limits, Reference};
use plimsoll_image::manifest::{Descriptor, LayerKind};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::attached::Attachments;
use crate::opened::LayerSource;
use crate::resolve::{self, LayerContent, Root, Store};
use crate::{Blob, Error, Opened, Options};

use address::Trust;
use blob::BlobReader;
use client::Client;
use token::Authorizer;
use transport::Transport;

pub(crate) use challenge::parse as parse_challenge;
pub(crate) use failure::{causes, error_message};
pub use listing::{ListedManifest, ListedRepository, Listing, Names, RegistryKind};
pub use repository::{Access, Repository};

/// Opens an image of a registry.
pub(crate) fn open(reference: &Reference, options: &Options, limits: &Limits) -> Result<Opened, Error> {
    let client =
        Client::connect(transport(options, limits)?, Authorizer::new(reference, options), reference)?;
    let store = Arc::new(Remote { client: Arc::new(client) });
    let identifier = reference.identifier();
    let fetched = store.client.manifest(&identifier, reference.digest.as_ref(), limits.manifest_bytes)?;
    let root = Root::Read { digest: fetched.digest, media_type: fetched.media_type, bytes: fetched.bytes };
    let opened = resolve::open(&*store, root, reference.to_string(), options, limits)
        .map_err(|error| error.of(&reference.to_string()))?;
    Ok(Opened { attachments: Attachments::of(store), ..opened })
}

fn transport(options: &Options, limits: &Limits) -> Result<Transport, Error> {
    let roots = certificates(&options.certificate_authorities)?;
    let trust = Trust::new(&options.insecure_hosts);
    let now = Instant::now();
    let deadline = now.checked_add(Duration::from_secs(limits.seconds)).unwrap_or(now);
    Ok(Transport::new(trust, roots, options.patience, deadline))
}

fn certificates(files: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let mut roots = Vec::new();
    for file in files {
        let bytes = std::fs::read(file).map_err(|error| Error::file("the certificate file", file, error))?;
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
        match read {
            Ok(read) if !read.is_empty() => roots.extend(read),
            _ => return Err(no_certificate(file)),
        }
    }
    Ok(roots)
}

fn no_certificate(file: &Path) -> Error {
    Error::usage(format!("`{}` holds no certificate in PEM form", crate::error::path_text(file)))
}

struct Remote {
    client: Arc<Client>,
}

impl Store for Remote {
    fn manifest(&self, descriptor: &Descriptor, limits: &Limits) -> Result<Vec<u8>, Error> {
        let Descriptor { digest, size_bytes, .. } = descriptor;
        if *size_bytes > limits.manifest_bytes {
            let limit = limits.manifest_bytes;
            return Err(Error::limit(format!(
                "manifest {digest} has {size_bytes} bytes, more than the limit of {limit}"
            )));
        }
        let fetched = self.client.manifest(&digest.to_string(), Some(digest), limits.manifest_bytes)?;
        crate::digest::verify("manifest", &fetched.bytes, digest, Some(*size_bytes))?;
        Ok(fetched.bytes)
    }

    fn blob(&self, what: &str, descriptor: &Descriptor, limit_bytes: u64) -> Result<Vec<u8>, Error> {
        self.client.small_blob(what, &descriptor.digest, descriptor.size_bytes, limit_bytes)
    }

    fn layer(&self, descriptor: &Descriptor, kind: LayerKind) -> Result<LayerContent, Error> {
        if kind == LayerKind::Foreign && !self.client.has_blob(&descriptor.digest)? {
            return Ok(LayerContent::Elsewhere);
        }
        Ok(LayerContent::Here(Arc::new(RemoteLayer {
            client: Arc::clone(&self.client),
            digest: descriptor.digest,
            size_bytes: descriptor.size_bytes,
        })))
    }
}

struct RemoteLayer {
    client: Arc<Client>,
    digest: Digest,
    size_bytes: u64,
}

impl LayerSource for RemoteLayer {
    fn open(&self) -> Result<Blob, Error> {
        let reader = BlobReader::open(Arc::clone(&self.client), self.digest, self.size_bytes)?;
        Ok(Blob::Stream(Box::new(reader)))
    }

    fn is_local(&self) -> bool {
        false
    }
}
