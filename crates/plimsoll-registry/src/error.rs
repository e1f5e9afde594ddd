//! Why an image could not be had, in a sentence that says of what and where.
//!
//! Every text from outside is escaped and shortened before it gets here; addresses come without
//! user and query, which may hold secrets.

use std::io;
use std::path::Path;

use plimsoll_core::{Escaped, Problem, ProblemKind};
use plimsoll_image::manifest::ManifestError;

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The caller asked for something that cannot be meant: no such file, an unclear choice.
    Usage,
    /// The place is there, the image is not.
    NotFound,
    /// The registry wants credentials, or refuses those it got.
    Unauthorized,
    /// No connection, or one that broke too often.
    Unreachable,
    /// A limit of Plimsoll's own.
    Limit,
    /// Something there is damaged, or contradicts itself.
    Malformed,
    /// Something there is of a kind that Plimsoll does not read.
    NotSupported,
    /// Reading or writing a file failed.
    Io,
}

/// Why an image could not be opened, or a layer not read.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Error {
    kind: ErrorKind,
    what: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, what: impl Into<String>) -> Error {
        Error { kind, what: what.into(), source: None }
    }

    pub(crate) fn usage(what: impl Into<String>) -> Error {
        Error::new(ErrorKind::Usage, what)
    }

    pub(crate) fn malformed(what: impl Into<String>) -> Error {
        Error::new(ErrorKind::Malformed, what)
    }

    pub(crate) fn limit(what: impl Into<String>) -> Error {
        Error::new(ErrorKind::Limit, what)
    }

    /// A file operation that failed; a file that is not there is the caller's mistake.
    pub(crate) fn file(what: &str, path: &Path, error: io::Error) -> Error {
        let path = path_text(path);
        let (kind, what) = match error.kind() {
            io::ErrorKind::NotFound => (ErrorKind::Usage, format!("{what} `{path}` is not there")),
            _ => (ErrorKind::Io, format!("{what} `{path}` cannot be read")),
        };
        Error { kind, what, source: Some(Box::new(error)) }
    }

    pub(crate) fn io(what: impl Into<String>, error: io::Error) -> Error {
        Error { kind: ErrorKind::Io, what: what.into(), source: Some(Box::new(error)) }
    }

    /// A document of an image that could not be read; `of` says which and where.
    pub(crate) fn manifest(of: &str, error: &ManifestError) -> Error {
        let kind = match error {
            ManifestError::Schema1 => ErrorKind::NotSupported,
            error if error.is_limit() => ErrorKind::Limit,
            _ => ErrorKind::Malformed,
        };
        Error::new(kind, format!("{of}: {error}"))
    }

    /// The same error, with words in front that say of what.
    pub(crate) fn of(mut self, what: &str) -> Error {
        self.what = format!("{what}: {}", self.what);
        self
    }

    /// What kind of failure it was.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Whether the caller should ask differently, rather than the image being unreadable.
    pub fn is_usage(&self) -> bool {
        self.kind == ErrorKind::Usage
    }

    /// The sentence with all its causes, for reports and for places that print no causes.
    pub fn with_causes(&self) -> String {
        let mut text = self.what.clone();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text = format!("{text}: {}", Escaped(&error.to_string()));
            cause = error.source();
        }
        text
    }

    /// The same as a problem of a report; it hides findings.
    pub fn to_problem(&self) -> Problem {
        let kind = match self.kind {
            ErrorKind::Limit => ProblemKind::Limit,
            ErrorKind::NotSupported => ProblemKind::Unsupported,
            _ => ProblemKind::Malformed,
        };
        Problem::new(kind, self.with_causes())
    }
}

/// A path for a message.
pub(crate) fn path_text(path: &Path) -> String {
    Escaped(&path.to_string_lossy()).to_string()
}

/// At most 200 characters of a text from outside, escaped.
pub(crate) fn excerpt(text: &str) -> String {
    let mut short: String = text.chars().take(200).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    Escaped(&short).to_string()
}
