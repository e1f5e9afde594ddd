//! Refusals as problem details (RFC 9457): one table of kinds, each with a stable `type`.
//!
//! A `detail` is a sentence for a person. What failed on our side is told to the log alone.

use std::error::Error as StdError;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use plimsoll_store::{Error, Noun};
use serde_json::{Value, json};

use super::schema::wire;

/// What kind of refusal it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Something in the request cannot be meant.
    Invalid,
    /// Sign in.
    Unauthenticated,
    /// Known, and not allowed.
    Forbidden,
    /// The request lacks the value that shows that the console sent it.
    Csrf,
    /// Not there, or nothing that the caller may know of.
    NotFound,
    /// The address does not do this.
    MethodNotAllowed,
    /// In none of the forms that were asked for.
    NotAcceptable,
    /// There is one already.
    Exists,
    /// It still holds something, or something needs it.
    InUse,
    /// A scan is on its way.
    ScanRunning,
    /// Somebody changed it meanwhile.
    PreconditionFailed,
    /// More than is taken.
    TooLarge,
    /// Not JSON.
    UnsupportedMediaType,
    /// The key was used for another request.
    IdempotencyKeyReused,
    /// A request with this key is being answered.
    IdempotencyKeyBusy,
    /// Slower, please.
    TooManyRequests,
    /// The instance does not have what that needs.
    NotAvailable,
    /// Later, please.
    Busy,
    /// No room left.
    Full,
    /// Something on our side failed.
    Internal,
}

/// Each kind with the end of its `type`, its status, and its title.
const KINDS: &[(Kind, &str, u16, &str)] = &[
    (Kind::Invalid, "invalid-request", 400, "The request cannot be meant so"),
    (Kind::Unauthenticated, "unauthenticated", 401, "Sign in first"),
    (Kind::Forbidden, "forbidden", 403, "Not allowed"),
    (Kind::Csrf, "csrf", 403, "The request does not show that it comes from the console"),
    (Kind::NotFound, "not-found", 404, "Not found"),
    (Kind::MethodNotAllowed, "method-not-allowed", 405, "That is not done here"),
    (Kind::NotAcceptable, "not-acceptable", 406, "There is no such form of it"),
    (Kind::Exists, "exists", 409, "There is one already"),
    (Kind::InUse, "in-use", 409, "It is in use"),
    (Kind::ScanRunning, "scan-running", 409, "A scan is on its way"),
    (Kind::PreconditionFailed, "precondition-failed", 412, "It was changed meanwhile"),
    (Kind::TooLarge, "too-large", 413, "More than is taken"),
    (Kind::UnsupportedMediaType, "unsupported-media-type", 415, "The content has to be JSON"),
    (Kind::IdempotencyKeyReused, "idempotency-key-reused", 422, "The key was used for another request"),
    (Kind::IdempotencyKeyBusy, "idempotency-key-busy", 409, "A request with this key is being answered"),
    (Kind::TooManyRequests, "too-many-requests", 429, "Too many requests"),
    (Kind::NotAvailable, "not-available", 501, "This instance cannot do that"),
    (Kind::Busy, "busy", 503, "Try again"),
    (Kind::Full, "full", 507, "No room left"),
    (Kind::Internal, "internal", 500, "Something on the server's side failed"),
];

/// Before the end of each `type`. A name and no address: it does not move when a manual does.
const TYPE: &str = "urn:plimsoll:problem:";

impl Kind {
    fn row(self) -> &'static (Kind, &'static str, u16, &'static str) {
        KINDS.iter().find(|it| it.0 == self).expect("every kind has a row; a test walks them")
    }

    /// The status it is sent with.
    pub(super) fn status(self) -> StatusCode {
        StatusCode::from_u16(self.row().2).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The end of its `type`.
    pub(super) fn word(self) -> &'static str {
        self.row().1
    }

    /// What it means, for the document.
    pub(super) fn title(self) -> &'static str {
        self.row().3
    }
}

wire! {
    /// Why a request was refused (RFC 9457).
    struct ProblemDetails {
        /// Which kind of problem: a stable name to decide by, `urn:plimsoll:problem:not-found`.
        r#type: String,
        /// The kind in words; the same for each of the kind.
        title: String,
        /// The status of the answer.
        status: u16,
        /// What is the matter this time.
        detail: Option<String>,
        /// Which part of the request, as a JSON pointer or the name of a parameter.
        pointer: Option<String>,
        /// By which number the server's log knows a failure of its own.
        instance: Option<String>,
    }
}

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) kind: Kind,
    detail: String,
    pointer: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

impl Problem {
    pub(super) fn new(kind: Kind, detail: impl Into<String>) -> Problem {
        Problem { kind, detail: detail.into(), pointer: None, headers: Vec::new(), cause: None }
    }

    /// Something in the request cannot be meant.
    pub(super) fn invalid(pointer: &str, detail: impl Into<String>) -> Problem {
        Problem { pointer: Some(pointer.to_owned()), ..Problem::new(Kind::Invalid, detail) }
    }

    /// Not there, or nothing that this caller may know of: the same words for both.
    pub(super) fn not_found() -> Problem {
        Problem::new(Kind::NotFound, "there is no such thing, or you may not see it")
    }

    pub(super) fn not_available(what: &str) -> Problem {
        Problem::new(Kind::NotAvailable, format!("this instance has no {what}"))
    }

    pub(super) fn with_header(mut self, name: HeaderName, value: &str) -> Problem {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }

    /// A failure of ours, whose cause the log is told.
    pub(super) fn caused_by(mut self, error: &dyn StdError) -> Problem {
        let mut text = error.to_string();
        let mut below = error.source();
        while let Some(error) = below {
            text.push_str(": ");
            text.push_str(&error.to_string());
            below = error.source();
        }
        self.cause = Some(text);
        self
    }

    /// Something on our side.
    pub(super) fn internal(error: &dyn StdError) -> Problem {
        Problem::new(Kind::Internal, "the server's log says why").caused_by(error)
    }

    /// What the log is to say.
    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub(super) fn body(&self, instance: Option<&str>) -> Value {
        let mut body = json!({
            "type": format!("{TYPE}{}", self.kind.word()),
            "title": self.kind.title(),
            "status": self.kind.status().as_u16(),
            "detail": self.detail,
        });
        if let Some(pointer) = &self.pointer {
            body["pointer"] = Value::from(pointer.as_str());
        }
        if let Some(instance) = instance {
            body["instance"] = Value::from(instance);
        }
        body
    }

    /// What is sent.
    pub(super) fn into_response(self, instance: Option<&str>) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body(instance).to_string()));
        *response.status_mut() = self.kind.status();
        for (name, value) in self.headers {
            response.headers_mut().insert(name, value);
        }
        let json = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
        response
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match &error {
            Error::Denied => Problem::not_found(),
            Error::Unknown { .. } | Error::Missing { .. } => Problem::new(Kind::NotFound, error.to_string()),
            Error::Exists { .. } => Problem::new(Kind::Exists, error.to_string()),
            Error::InUse { what: Noun::Scan, .. } => {
                Problem::new(Kind::ScanRunning, "a scan of it is on its way; stop it or wait")
            }
            Error::LastAdministrator => Problem::new(Kind::InUse, error.to_string()),
            Error::InUse { .. } => Problem::new(Kind::InUse, error.to_string()),
            Error::Invalid { .. } | Error::Offset { .. } => Problem::new(Kind::Invalid, error.to_string()),
            Error::Quota { .. } => Problem::new(Kind::Forbidden, error.to_string()),
            Error::Busy(_) => Problem::new(Kind::Busy, "the server is busy; try again")
                .with_header(header::RETRY_AFTER, "1")
                .caused_by(&error),
            Error::Full(_) => Problem::new(Kind::Full, "the server has no room left").caused_by(&error),
            _ => Problem::internal(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_type_of_its_own() {
        let mut words: Vec<_> = KINDS.iter().map(|it| it.0.word()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), KINDS.len());
        let last = Kind::Internal as usize;
        assert_eq!(KINDS.len(), last + 1);
    }

    #[test]
    fn what_failed_on_our_side_is_not_told() {
        let problem = Problem::internal(&Error::Corrupt { what: "a secret" });
        assert!(!problem.body(Some("urn:x")).to_string().contains("a secret"));
        assert_eq!(problem.cause(), Some("the database holds a secret that cannot be read"));
    }
}
