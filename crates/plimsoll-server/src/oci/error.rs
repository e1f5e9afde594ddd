//! Refusals in the form of the specification: `{"errors":[{"code","message","detail"}]}`.
//!
//! Every code that the registry answers with, and the status that goes with it, stands in one
//! table. A message is written for the person who reads it in a client's output.

use std::error::Error;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use serde::Serialize;

/// The error codes of the OCI distribution specification, and those that clients know beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The blob is not in this repository.
    BlobUnknown,
    /// A chunk does not continue the upload.
    BlobUploadInvalid,
    /// The upload is not known, or is over.
    BlobUploadUnknown,
    /// The content has another digest than was said, or the text is no digest.
    DigestInvalid,
    /// A manifest names a blob or manifest that is not there.
    ManifestBlobUnknown,
    /// The manifest cannot be read or breaks its specification.
    ManifestInvalid,
    /// The manifest is not in this repository.
    ManifestUnknown,
    /// The repository's name or the tag breaks the grammar.
    NameInvalid,
    /// The repository is not there.
    NameUnknown,
    /// Not the size that was said.
    SizeInvalid,
    /// Nobody, or not yet allowed: sign in and try again.
    Unauthorized,
    /// Known, and not allowed.
    Denied,
    /// The registry does not do this.
    Unsupported,
    /// Later, please.
    TooManyRequests,
    /// More pages were asked for in one than there may be (of the field, not the specification).
    PaginationNumberInvalid,
    /// The image may not be pulled by its namespace's policy, as Harbor says it.
    PolicyViolation,
    /// Something on our side failed (of the field, not the specification).
    Unknown,
}

impl Code {
    /// The code as the specification writes it.
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The status that it is sent with, unless the endpoint says another.
    pub fn status(self) -> StatusCode {
        self.row().1
    }

    /// Where the specification leaves the status open, it is the one that distribution's own
    /// registry sends, since clients were written against that.
    fn row(self) -> (&'static str, StatusCode) {
        match self {
            Code::BlobUnknown => ("BLOB_UNKNOWN", StatusCode::NOT_FOUND),
            Code::BlobUploadInvalid => ("BLOB_UPLOAD_INVALID", StatusCode::BAD_REQUEST),
            Code::BlobUploadUnknown => ("BLOB_UPLOAD_UNKNOWN", StatusCode::NOT_FOUND),
            Code::DigestInvalid => ("DIGEST_INVALID", StatusCode::BAD_REQUEST),
            Code::ManifestBlobUnknown => ("MANIFEST_BLOB_UNKNOWN", StatusCode::BAD_REQUEST),
            Code::ManifestInvalid => ("MANIFEST_INVALID", StatusCode::BAD_REQUEST),
            Code::ManifestUnknown => ("MANIFEST_UNKNOWN", StatusCode::NOT_FOUND),
            Code::NameInvalid => ("NAME_INVALID", StatusCode::BAD_REQUEST),
            Code::NameUnknown => ("NAME_UNKNOWN", StatusCode::NOT_FOUND),
            Code::SizeInvalid => ("SIZE_INVALID", StatusCode::BAD_REQUEST),
            Code::Unauthorized => ("UNAUTHORIZED", StatusCode::UNAUTHORIZED),
            Code::Denied => ("DENIED", StatusCode::FORBIDDEN),
            Code::Unsupported => ("UNSUPPORTED", StatusCode::METHOD_NOT_ALLOWED),
            Code::TooManyRequests => ("TOOMANYREQUESTS", StatusCode::TOO_MANY_REQUESTS),
            Code::PaginationNumberInvalid => ("PAGINATION_NUMBER_INVALID", StatusCode::BAD_REQUEST),
            Code::PolicyViolation => ("PROJECTPOLICYVIOLATION", StatusCode::PRECONDITION_FAILED),
            Code::Unknown => ("UNKNOWN", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// Why a request is not answered with what it asked for.
#[derive(Clone, Debug)]
pub struct Refusal {
    code: Code,
    status: StatusCode,
    message: String,
    detail: Option<serde_json::Value>,
    headers: HeaderMap,
    cause: Option<String>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    errors: [Entry<'a>; 1],
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a serde_json::Value>,
}

impl Refusal {
    /// A refusal with the status that its code has.
    pub fn new(code: Code, message: impl Into<String>) -> Refusal {
        let message = message.into();
        let (status, headers) = (code.status(), HeaderMap::new());
        Refusal { code, status, message, detail: None, headers, cause: None }
    }

    /// The same with another status.
    pub fn with_status(self, status: StatusCode) -> Refusal {
        Refusal { status, ..self }
    }

    /// The same with particulars that a program may read.
    pub fn with_detail(self, detail: serde_json::Value) -> Refusal {
        Refusal { detail: Some(detail), ..self }
    }

    /// The same with a header; a value that no header can have is left out.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> Refusal {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same for a failure of ours, whose cause the client is not told and the log is.
    pub fn caused_by(self, error: &dyn Error) -> Refusal {
        let mut text = error.to_string();
        let mut below = error.source();
        while let Some(error) = below {
            text.push_str(": ");
            text.push_str(&error.to_string());
            below = error.source();
        }
        Refusal { cause: Some(text), ..self }
    }

    /// The sentence that the client is told.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What the log is to say.
    pub fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// What is sent.
    pub fn into_response(self) -> Response<Body> {
        let entry = Entry { code: self.code.name(), message: &self.message, detail: self.detail.as_ref() };
        let body = serde_json::to_vec(&Envelope { errors: [entry] }).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        let json = HeaderValue::from_static("application/json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_refusal_is_written_as_the_specification_says() {
        let refusal = Refusal::new(Code::Denied, "app:1 has 3 critical findings")
            .with_detail(serde_json::json!({"page": "/a"}))
            .with_header(header::RETRY_AFTER, "5");
        let response = refusal.into_response();
        assert_eq!(response.status(), StatusCode::FORBIDDEN);
        assert_eq!(response.headers()["retry-after"], "5");
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        assert_eq!(
            body,
            r#"{"errors":[{"code":"DENIED","message":"app:1 has 3 critical findings","detail":{"page":"/a"}}]}"#
        );
    }
}
