//! What all database formats share: handing over headers one by one, and noting damage.
//!
//! Bounds the work: the headers of a file together never have more bytes than the file, which
//! overlapping entries of a hostile one would otherwise make them have.

use std::fmt;

use plimsoll_core::{Problem, ProblemKind};

use super::header::Header;

/// Problems told one by one; the rest is counted. A file of garbage has one for each page.
const PROBLEMS_MAX: usize = 20;

/// What could not be read of a database.
#[derive(Default)]
pub(super) struct Damage {
    problems: Vec<Problem>,
    untold: usize,
}

impl Damage {
    /// Notes that something could not be read, so that packages may be missing.
    pub(super) fn note(&mut self, what: fmt::Arguments<'_>) {
        self.note_as(ProblemKind::Malformed, what);
    }

    /// The same, with another kind.
    pub(super) fn note_as(&mut self, kind: ProblemKind, what: fmt::Arguments<'_>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem::new(kind, what.to_string()));
        } else {
            self.untold += 1;
        }
    }

    /// Whether everything could be read so far.
    pub(super) fn is_none(&self) -> bool {
        self.problems.is_empty()
    }

    /// The problems, the last of them telling how many are not told.
    pub(super) fn into_problems(mut self) -> Vec<Problem> {
        if self.untold > 0 {
            let what = format!("rpm database: {} more places cannot be read", self.untold);
            self.problems.push(Problem::new(ProblemKind::Malformed, what));
        }
        self.problems
    }
}

/// Takes headers, each with the place where it was found.
pub(super) type Visit<'v> = &'v mut dyn FnMut(&Header<'_>, &dyn fmt::Display, &mut Damage);

/// Hands headers to a visitor as a format finds their blobs.
pub(super) struct Headers<'v> {
    visit: Visit<'v>,
    /// What could not be read.
    pub(super) damage: Damage,
    bytes_left: usize,
}

impl<'v> Headers<'v> {
    /// For a database of so many bytes, all its files together.
    pub(super) fn new(visit: Visit<'v>, database_bytes: usize) -> Headers<'v> {
        Headers { visit, damage: Damage::default(), bytes_left: database_bytes }
    }

    /// Takes a blob that ought to be a header.
    pub(super) fn blob(&mut self, blob: &[u8], place: &dyn fmt::Display) {
        if !self.pay(blob.len()) {
            return;
        }
        match Header::parse(blob) {
            Ok(header) => {
                if header.is_truncated() {
                    self.damage.note(format_args!("rpm database: the header in {place} is cut off"));
                }
                (self.visit)(&header, place, &mut self.damage);
            }
            Err(error) => self.damage.note(format_args!("rpm database: the header in {place} {}", error.0)),
        }
    }

    /// Takes a blob of a damaged place, which may be a header, part of one, or nothing at all.
    /// The caller notes the damage; `true` if it was a header with a name.
    pub(super) fn rescue(&mut self, blob: &[u8], place: &dyn fmt::Display) -> bool {
        match Header::parse(blob) {
            Ok(header) if header.name().is_ok() && self.pay(blob.len()) => {
                (self.visit)(&header, place, &mut self.damage);
                true
            }
            _ => false,
        }
    }

    fn pay(&mut self, bytes: usize) -> bool {
        let left = self.bytes_left.checked_sub(bytes);
        if left.is_none() {
            self.damage.note(format_args!("rpm database: its entries overlap"));
        }
        self.bytes_left = left.unwrap_or(0);
        left.is_some()
    }
}
