//! Answers with the headers that the specification asks for.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use plimsoll_core::Digest;

use super::name::Repository;

/// An answer that is being written.
pub(super) struct Answer(Response<Body>);

impl Answer {
    pub(super) fn new(status: StatusCode) -> Answer {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        Answer(response)
    }

    /// Sets a header; a value that no header can have is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Answer {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.0.headers_mut().insert(name, value);
        }
        self
    }

    pub(super) fn digest(self, digest: &Digest) -> Answer {
        self.with(HeaderName::from_static("docker-content-digest"), &digest.to_string())
    }

    /// Where something of a repository is: `blobs/…`, `manifests/…`. Without a host, which the
    /// client knows better than we do.
    pub(super) fn location(self, repository: &Repository, rest: &str) -> Answer {
        self.with(header::LOCATION, &format!("/v2/{repository}/{rest}"))
    }

    pub(super) fn body(mut self, content_type: &str, body: Body) -> Response<Body> {
        *self.0.body_mut() = body;
        self.with(header::CONTENT_TYPE, content_type).done()
    }

    pub(super) fn done(self) -> Response<Body> {
        self.0
    }
}
