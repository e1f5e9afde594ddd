//! The push side of the OCI distribution specification ("Push", version 1.1): a blob in one piece,
//! and a manifest.
//!
//! A registry says where an upload goes to; the address is held against the same rules as a
//! redirect, and our login goes there only if it is the registry's own.

use std::sync::Arc;

use plimsoll_core::Digest;
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Url};

use super::super::address::same_origin;
use super::super::transport::Call;
use super::{Client, identity};
use crate::Error;

impl Client {
    /// Sends a blob, in one piece.
    pub(in super::super) fn push_blob(&self, digest: &Digest, bytes: Arc<[u8]>) -> Result<(), Error> {
        let what = format!("upload of {digest} to {}/{}", self.registry, self.repository);
        let begin = HeaderMap::from_iter([(CONTENT_LENGTH, HeaderValue::from_static("0"))]);
        let mut call = self.call("blobs/uploads/", begin)?;
        call.method = Method::POST;
        let answer = self.send(call, &what)?;
        if answer.status() != 202 {
            return Err(self.failed(answer, &what));
        }
        let location = answer.response.headers().get(LOCATION).and_then(|it| it.to_str().ok());
        let url = self.upload_address(answer.response.url(), location, digest)?;
        let octets = HeaderValue::from_static("application/octet-stream");
        let mut headers = identity();
        headers.insert(CONTENT_TYPE, octets);
        let call = Call { method: Method::PUT, headers, body: Some(bytes), ..Call::get(url) };
        self.expect_created(call, &what)
    }

    /// Sends a manifest, under a tag or its digest.
    pub(in super::super) fn push_manifest(
        &self,
        identifier: &str,
        media_type: &'static str,
        bytes: Arc<[u8]>,
    ) -> Result<(), Error> {
        let what = format!("manifest `{identifier}` for {}/{}", self.registry, self.repository);
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        let mut call = self.call(&format!("manifests/{identifier}"), headers)?;
        call.method = Method::PUT;
        call.body = Some(bytes);
        self.expect_created(call, &what)
    }

    fn upload_address(&self, asked: &Url, location: Option<&str>, digest: &Digest) -> Result<Url, Error> {
        let nowhere = || Error::malformed(format!("{} says not where to upload to", self.registry));
        let mut url = asked.join(location.ok_or_else(nowhere)?).map_err(|_| nowhere())?;
        self.transport.trust.check(&url, &self.base)?;
        url.query_pairs_mut().append_pair("digest", &digest.to_string());
        Ok(url)
    }

    fn expect_created(&self, call: Call, what: &str) -> Result<(), Error> {
        let answer = if same_origin(&call.url, &self.base) {
            self.send(call, what)?
        } else {
            // A store beside the registry; the address itself says what it allows.
            self.transport.send(&call).map_err(|error| error.of(what))?
        };
        match answer.status() {
            201 | 204 => Ok(()),
            _ => Err(self.failed(answer, what)),
        }
    }
}
