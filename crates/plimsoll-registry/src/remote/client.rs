//! The pull side of the OCI distribution specification, for one repository; [`push`] is the other.
//!
//! Every manifest and configuration comes out verified, under a limit. A tag is asked for once;
//! everything after it goes by digest.

mod push;

use std::io::Read;
use std::sync::Arc;

use plimsoll_core::{Algorithm, Digest, Reference};
use plimsoll_image::manifest::ACCEPTED;
use reqwest::blocking::Response;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RANGE};
use reqwest::{Method, Url};

use super::address::is_loopback;
use super::failure::{error_message, refusal};
use super::token::Authorizer;
use super::transport::{Answer, Call, Transport};
use crate::digest::{digest_of, verify};
use crate::{Error, ErrorKind};

/// Logins for one request: the first challenge, and a token that ran out in between.
const RENEWALS_MAX: usize = 2;

/// A repository of a registry.
pub(super) struct Client {
    transport: Arc<Transport>,
    authorizer: Authorizer,
    base: Url,
    registry: String,
    repository: String,
}

/// A manifest as a registry gives it.
pub(super) struct Fetched {
    pub(super) bytes: Vec<u8>,
    pub(super) digest: Digest,
    /// The `Content-Type`.
    pub(super) media_type: Option<String>,
}

impl Client {
    /// Finds out how the registry is spoken to. Nothing secret is sent for that.
    pub(super) fn connect(
        transport: Transport,
        authorizer: Authorizer,
        reference: &Reference,
    ) -> Result<Client, Error> {
        let base = find_base(&transport, reference)?;
        let place = (reference.registry.clone(), reference.repository.clone());
        Ok(Client::at((Arc::new(transport), authorizer), base, place))
    }

    /// The same where it is known how the registry is spoken to.
    pub(super) fn at(
        (transport, authorizer): (Arc<Transport>, Authorizer),
        base: Url,
        (registry, repository): (String, String),
    ) -> Client {
        Client { transport, authorizer, base, registry, repository }
    }

    pub(super) fn registry(&self) -> &str {
        &self.registry
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Fetches what a tag or digest names.
    pub(super) fn manifest(
        &self,
        identifier: &str,
        expected: Option<&Digest>,
        limit_bytes: u64,
    ) -> Result<Fetched, Error> {
        let what = format!("manifest `{identifier}` of {}/{}", self.registry, self.repository);
        let response = self.get(&format!("manifests/{identifier}"), accepting_manifests(), &what)?;
        let text =
            |name: &str| response.headers().get(name).and_then(|it| it.to_str().ok()).map(str::to_owned);
        let media_type = text(CONTENT_TYPE.as_str());
        let announced: Option<Digest> = text("docker-content-digest").and_then(|it| it.parse().ok());
        let bytes = read_limited(response, &what, limit_bytes)?;
        let digest = match expected.or(announced.as_ref()) {
            Some(claimed) => {
                verify("manifest", &bytes, claimed, None).map_err(|error| error.of(&self.registry))?;
                *claimed
            }
            None => digest_of(Algorithm::Sha256, &bytes),
        };
        Ok(Fetched { bytes, digest, media_type })
    }

    /// Fetches a small blob whole; `kind` is what it is, for messages.
    pub(super) fn small_blob(
        &self,
        kind: &str,
        digest: &Digest,
        size_bytes: u64,
        limit_bytes: u64,
    ) -> Result<Vec<u8>, Error> {
        let what = format!("{kind} {digest} of {}/{}", self.registry, self.repository);
        if size_bytes > limit_bytes {
            return Err(Error::limit(format!(
                "{what} has {size_bytes} bytes, more than the limit of {limit_bytes}"
            )));
        }
        let response = self.get(&format!("blobs/{digest}"), identity(), &what)?;
        let bytes = read_limited(response, &what, limit_bytes)?;
        verify(kind, &bytes, digest, Some(size_bytes)).map_err(|error| error.of(&self.registry))?;
        Ok(bytes)
    }

    /// Asks for a blob from a position on.
    pub(super) fn blob(&self, digest: &Digest, position: u64) -> Result<Response, Error> {
        let mut headers = identity();
        if position > 0
            && let Ok(range) = HeaderValue::from_str(&format!("bytes={position}-"))
        {
            headers.insert(RANGE, range);
        }
        let what = format!("layer {digest} of {}/{}", self.registry, self.repository);
        self.get(&format!("blobs/{digest}"), headers, &what)
    }

    /// Whether the registry holds a blob.
    pub(super) fn has_blob(&self, digest: &Digest) -> Result<bool, Error> {
        let what = format!("layer {digest} of {}/{}", self.registry, self.repository);
        let mut call = self.call(&format!("blobs/{digest}"), identity())?;
        call.method = Method::HEAD;
        let answer = self.send(call, &what)?;
        match answer.status() {
            200..=299 => Ok(true),
            404 => Ok(false),
            _ => Err(self.failed(answer, &what)),
        }
    }

    /// A page of a list, with its headers.
    pub(super) fn page_of(
        &self,
        url: &Url,
        what: &str,
        limit_bytes: u64,
    ) -> Result<(Vec<u8>, HeaderMap), Error> {
        let answer = self.send(Call::get(url.clone()), what)?;
        if answer.status() != 200 {
            return Err(self.failed(answer, what));
        }
        let headers = answer.response.headers().clone();
        Ok((read_limited(answer.response, what, limit_bytes)?, headers))
    }

    fn get(&self, path: &str, headers: HeaderMap, what: &str) -> Result<Response, Error> {
        let answer = self.send(self.call(path, headers)?, what)?;
        match answer.status() {
            200 | 206 => Ok(answer.response),
            _ => Err(self.failed(answer, what)),
        }
    }

    fn call(&self, path: &str, headers: HeaderMap) -> Result<Call, Error> {
        Ok(Call { headers, ..Call::get(self.address(path)?) })
    }

    /// The address of something in the repository.
    pub(super) fn address(&self, path: &str) -> Result<Url, Error> {
        self.base
            .join(&format!("/v2/{}/{path}", self.repository))
            .map_err(|_| Error::usage(format!("{}/{} makes no address", self.registry, self.repository)))
    }

    /// Sends a request, logging in when the registry itself asks for it.
    pub(super) fn send(&self, mut call: Call, what: &str) -> Result<Answer, Error> {
        for renewals in 0.. {
            call.authorization = self.authorizer.header();
            let answer = self.transport.send(&call).map_err(|error| error.of(what))?;
            if answer.status() != 401 || !answer.at_home || renewals >= RENEWALS_MAX {
                return Ok(answer);
            }
            let headers = answer.response.headers();
            self.authorizer
                .renew(&self.transport, &self.base, headers, call.authorization.as_ref())
                .map_err(|error| error.of(what))?;
        }
        unreachable!("the loop ends by RENEWALS_MAX")
    }

    pub(super) fn failed(&self, answer: Answer, what: &str) -> Error {
        let status = answer.status();
        let at_home = answer.at_home;
        let message = error_message(answer.response, |text| self.authorizer.redacted(text));
        match status {
            401 | 403 if at_home => {
                let why =
                    format!("answered {status}{message}: the image is not there, or needs another login");
                self.authorizer.refused(&why).of(what)
            }
            _ => refusal(what, status, &message),
        }
    }
}

/// That every kind of manifest will do.
pub(super) fn accepting_manifests() -> HeaderMap {
    // One line, as containerd writes it: some registries read no second one.
    let accept = HeaderValue::from_str(&ACCEPTED.join(", ")).expect("media types are plain ASCII");
    HeaderMap::from_iter([(ACCEPT, accept)])
}

/// Sizes and ranges are those of the stored bytes.
fn identity() -> HeaderMap {
    HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))])
}

pub(super) fn read_limited(response: Response, what: &str, limit_bytes: u64) -> Result<Vec<u8>, Error> {
    let too_large = || Error::limit(format!("{what} is larger than the limit of {limit_bytes} bytes"));
    if response.content_length().is_some_and(|it| it > limit_bytes) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    response.take(limit_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|error| {
        Error::new(
            ErrorKind::Unreachable,
            format!("{what} broke off: {}", crate::error::excerpt(&error.to_string())),
        )
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit_bytes { Err(too_large()) } else { Ok(bytes) }
}

/// Where the registry answers. HTTPS is tried first; plain HTTP is for hosts that the user calls
/// insecure and for this machine itself, as Docker has it.
pub(super) fn find_base(transport: &Transport, reference: &Reference) -> Result<Url, Error> {
    let host = reference.host();
    let address = |scheme: &str| -> Result<Url, Error> {
        format!("{scheme}://{host}/").parse().map_err(|_| Error::usage(format!("`{host}` is no host")))
    };
    let https = address("https")?;
    if !is_loopback(&https) && !transport.trust.is_insecure(&https) {
        return Ok(https);
    }
    let probe = |base: &Url| {
        let url = base.join("/v2/").unwrap_or_else(|_| base.clone());
        transport.send_once(&Call::get(url)).map_err(|trouble| trouble.error)
    };
    let first = match probe(&https) {
        Ok(_) => return Ok(https),
        // A server with TLS is there; its certificate is the matter.
        Err(error) if error.to_string().contains("certificate") => return Err(error),
        Err(error) => error,
    };
    let http = address("http")?;
    match probe(&http) {
        Ok(_) => Ok(http),
        Err(second) => Err(Error::new(ErrorKind::Unreachable, format!("{first}; {second}"))),
    }
}
