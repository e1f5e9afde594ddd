//! What could not be read, and why: the opposite of silence.

use std::fmt;

use crate::{Digest, ImagePath};

/// What kind of thing went wrong; the words are part of the report's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProblemKind {
    /// A limit of Plimsoll was reached and something behind it was not read.
    Limit,
    /// A layer or file is damaged: what could be read of it was kept.
    Malformed,
    /// Something is there that Plimsoll does not read.
    Unsupported,
    /// A version could not be ordered, so that an advisory could be neither confirmed nor ruled out.
    UnreadableVersion,
    /// A package cannot be judged, for example for want of an advisory source.
    NotCovered,
    /// The vulnerability database is missing, old or partly unreadable.
    Database,
    /// An extractor failed on its own account; a bug of Plimsoll.
    Internal,
    /// An exception that has ended, that matches nothing or that nobody can read.
    Exception,
}

impl ProblemKind {
    /// The word in the JSON report.
    pub fn name(self) -> &'static str {
        match self {
            ProblemKind::Limit => "limit",
            ProblemKind::Malformed => "malformed",
            ProblemKind::Unsupported => "unsupported",
            ProblemKind::UnreadableVersion => "unreadable_version",
            ProblemKind::NotCovered => "not_covered",
            ProblemKind::Database => "database",
            ProblemKind::Internal => "internal",
            ProblemKind::Exception => "exception",
        }
    }

    /// Every kind, in the order of the manual.
    pub const ALL: [ProblemKind; 8] = [
        ProblemKind::Limit,
        ProblemKind::Malformed,
        ProblemKind::Unsupported,
        ProblemKind::UnreadableVersion,
        ProblemKind::NotCovered,
        ProblemKind::Database,
        ProblemKind::Internal,
        ProblemKind::Exception,
    ];
}

/// One thing that could not be read, for the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of thing went wrong.
    pub kind: ProblemKind,
    /// A sentence without a full stop: what, and of what.
    pub what: String,
    /// The layer, if the problem lies in one.
    pub layer: Option<Digest>,
    /// The file inside the image, if the problem lies in one.
    pub path: Option<ImagePath>,
    /// Whether the result may lack packages or findings because of this.
    ///
    /// A report with one such problem is not complete.
    pub hides_findings: bool,
}

impl Problem {
    /// A problem that may hide findings, without a place.
    pub fn new(kind: ProblemKind, what: impl Into<String>) -> Problem {
        Problem { kind, what: what.into(), layer: None, path: None, hides_findings: true }
    }

    /// The same problem, in this file.
    #[must_use]
    pub fn at(mut self, path: &ImagePath) -> Problem {
        self.path = Some(path.clone());
        self
    }

    /// The same problem, in this layer.
    #[must_use]
    pub fn in_layer(mut self, layer: Digest) -> Problem {
        self.layer = Some(layer);
        self
    }

    /// The same problem, known to hide nothing.
    #[must_use]
    pub fn harmless(mut self) -> Problem {
        self.hides_findings = false;
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", crate::Escaped(&self.what))?;
        if let Some(path) = &self.path {
            write!(f, " (/{path})")?;
        }
        if let Some(layer) = &self.layer {
            write!(f, " in layer {}", layer.short())?;
        }
        Ok(())
    }
}
