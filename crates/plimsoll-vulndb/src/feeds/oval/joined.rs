//! What criteria refer to: a test joins the name of a package (object) with a state of it.
//!
//! Everything is kept by number; a reference that leads nowhere is `None`, for the feed to note.

use std::collections::HashMap;

use plimsoll_core::Timestamp;

use super::definition::Names;

/// How a state compares.
///
/// Source: OVAL 5.11, `OperationEnumeration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::feeds) enum Operation {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    /// A pattern, or anything else.
    Other,
}

impl Operation {
    pub(super) fn of(word: &str) -> Operation {
        match word {
            "less than" => Operation::Less,
            "less than or equal" => Operation::LessOrEqual,
            "greater than" => Operation::Greater,
            "greater than or equal" => Operation::GreaterOrEqual,
            "equals" | "" => Operation::Equal,
            _ => Operation::Other,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Test {
    pub(super) object: Option<u32>,
    pub(super) state: Option<u32>,
    pub(super) has_several_states: bool,
    pub(super) is_of_packages: bool,
    /// `check="none satisfy"`.
    pub(super) is_denial: bool,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) evr: Option<(Operation, Box<str>)>,
    pub(super) version: Option<(Operation, Box<str>)>,
    pub(super) architectures: Box<str>,
}

/// Everything of a file but its definitions.
#[derive(Debug, Default)]
pub(in crate::feeds) struct Oval {
    pub(in crate::feeds) names: Names,
    /// When the vendor made the file.
    pub(in crate::feeds) made: Option<Timestamp>,
    pub(super) tests: HashMap<u32, Test>,
    pub(super) objects: HashMap<u32, Box<str>>,
    pub(super) states: HashMap<u32, State>,
}

/// A test, with all that it refers to.
#[derive(Clone, Copy, Debug)]
pub(in crate::feeds) enum Check<'o> {
    /// A comparison of a package's epoch, version and release.
    Evr { package: &'o str, operation: Operation, bound: &'o str, architectures: &'o str },
    /// A comparison of its version alone, by which products are recognised.
    Version { package: &'o str, operation: Operation, bound: &'o str },
    /// A key, a kernel that runs, a package that must not be there: nothing about versions.
    Else,
}

impl Oval {
    /// What a criterion tests; `None` where the file does not say it, or says what nobody expects.
    pub(in crate::feeds) fn check(&self, test: u32) -> Option<Check<'_>> {
        let test = self.tests.get(&test)?;
        if test.is_denial || !test.is_of_packages {
            return Some(Check::Else);
        }
        if test.has_several_states {
            return None;
        }
        let package = self.objects.get(&test.object?)?.as_ref();
        let state = self.states.get(&test.state?)?;
        Some(match (&state.evr, &state.version) {
            (Some((operation, bound)), None) => {
                Check::Evr { package, operation: *operation, bound, architectures: &state.architectures }
            }
            (None, Some((operation, bound))) => Check::Version { package, operation: *operation, bound },
            (None, None) => Check::Else,
            (Some(_), Some(_)) => return None,
        })
    }
}
