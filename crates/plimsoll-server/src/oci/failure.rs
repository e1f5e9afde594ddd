//! What failed underneath, as the client is told it: its own mistakes by the specification's
//! codes, ours without particulars.

use axum::http::{Method, StatusCode, header};
use plimsoll_core::Digest;
use plimsoll_store::{Error, Noun};

use super::accounts::AccountsError;
use super::error::{Code, Refusal};
use super::route::RouteError;
use crate::blobs::BlobError;

impl RouteError {
    /// What the client is told who asks for the path. Nothing can have a name that is none: only to a push is
    /// that a mistake of its own.
    pub(super) fn refusal(self, method: &Method) -> Refusal {
        match self {
            RouteError::Unknown => Refusal::new(Code::Unsupported, "the registry has no such address")
                .with_status(StatusCode::NOT_FOUND),
            RouteError::Name(error) => {
                Refusal::new(Code::NameInvalid, format!("a repository is NAMESPACE/NAME: {error}"))
            }
            RouteError::Reference(error) if method != Method::PUT => {
                Refusal::new(Code::ManifestUnknown, format!("neither a digest nor a tag: {error}"))
            }
            RouteError::Reference(error) => {
                Refusal::new(Code::ManifestInvalid, format!("neither a digest nor a tag: {error}"))
            }
            RouteError::Digest => not_a_digest(),
            RouteError::Upload => upload_unknown(),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Refusal {
        match &error {
            Error::Unknown { what, .. } => Refusal::new(unknown(*what), error.to_string()),
            Error::Missing { digest, .. } => Refusal::new(Code::ManifestBlobUnknown, error.to_string())
                .with_detail(serde_json::json!({ "digest": digest.to_string() })),
            // The specification has no code of its own for what is not deleted; clients know this one.
            Error::InUse { .. } => {
                let message = format!("{error}; delete the manifests that name it, and it goes with them");
                Refusal::new(Code::Unsupported, message).with_status(StatusCode::METHOD_NOT_ALLOWED)
            }
            Error::Exists { .. } => Refusal::new(Code::Denied, error.to_string()),
            Error::Quota { .. } => Refusal::new(Code::Denied, error.to_string()),
            Error::Offset { .. } => Refusal::new(Code::BlobUploadInvalid, error.to_string()),
            Error::Denied => Refusal::new(Code::Denied, "not allowed"),
            Error::Invalid { .. } => Refusal::new(Code::ManifestInvalid, error.to_string()),
            Error::Busy(_) => later().caused_by(&error),
            Error::Full(_) => full().caused_by(&error),
            _ => ours().caused_by(&error),
        }
    }
}

impl From<BlobError> for Refusal {
    fn from(error: BlobError) -> Refusal {
        match &error {
            BlobError::UploadUnknown => upload_unknown(),
            BlobError::Offset { offset } => Refusal::new(Code::BlobUploadInvalid, error.to_string())
                .with_status(StatusCode::RANGE_NOT_SATISFIABLE)
                .with_header(header::RANGE, &super::range::arrived(*offset)),
            BlobError::TooLarge { .. } => {
                Refusal::new(Code::SizeInvalid, error.to_string()).with_status(StatusCode::PAYLOAD_TOO_LARGE)
            }
            BlobError::Digest { actual } => digest_differs(*actual),
            BlobError::Interrupted(_) => Refusal::new(Code::BlobUploadInvalid, error.to_string()),
            BlobError::Full(_) => full().caused_by(&error),
            BlobError::Gone(_) | BlobError::Storage { .. } => ours().caused_by(&error),
        }
    }
}

impl From<AccountsError> for Refusal {
    fn from(error: AccountsError) -> Refusal {
        match error {
            AccountsError::Throttled { seconds } => {
                let message = format!("too many attempts; try again in {seconds} seconds");
                Refusal::new(Code::TooManyRequests, message)
                    .with_header(header::RETRY_AFTER, &seconds.to_string())
            }
            AccountsError::Unavailable(_) => later().caused_by(&error),
        }
    }
}

/// Content that has another digest than was said.
pub(super) fn digest_differs(actual: Digest) -> Refusal {
    Refusal::new(Code::DigestInvalid, format!("what was sent has the digest {actual}"))
}

/// A text that should be a digest.
pub(super) fn not_a_digest() -> Refusal {
    Refusal::new(Code::DigestInvalid, "a digest is `sha256:` or `sha512:` and lower-case hexadecimal digits")
}

fn upload_unknown() -> Refusal {
    Refusal::new(Code::BlobUploadUnknown, "there is no such upload in this repository, or it is over")
}

fn unknown(what: Noun) -> Code {
    match what {
        Noun::Blob => Code::BlobUnknown,
        Noun::Manifest | Noun::Tag => Code::ManifestUnknown,
        Noun::Upload => Code::BlobUploadUnknown,
        _ => Code::NameUnknown,
    }
}

fn later() -> Refusal {
    Refusal::new(Code::TooManyRequests, "the registry is busy; try again")
        .with_status(StatusCode::SERVICE_UNAVAILABLE)
        .with_header(header::RETRY_AFTER, "1")
}

fn full() -> Refusal {
    Refusal::new(Code::Unknown, "the registry has no space left")
        .with_status(StatusCode::INSUFFICIENT_STORAGE)
}

/// Something on our side.
pub(super) fn ours() -> Refusal {
    Refusal::new(Code::Unknown, "the registry failed; its log says why")
}
