//! The table of rules, in the order in which their reasons are given.

mod end_of_life;
mod incomplete;
mod known_exploited;
mod max_severity;
mod unused_exception;

use plimsoll_core::{Reason, Report, Timestamp};

use crate::Policy;

/// One rule.
pub trait Rule: Sync {
    /// Its name, `max-severity`; part of every reason it gives.
    fn name(&self) -> &'static str;

    /// Adds a reason for everything that it has to say.
    fn judge(&self, policy: &Policy, report: &Report, now: Timestamp, reasons: &mut Vec<Reason>);
}

/// Every rule.
pub static RULES: &[&dyn Rule] = &[
    &max_severity::MaxSeverity,
    &incomplete::Incomplete,
    &known_exploited::KnownExploited,
    &end_of_life::EndOfLife,
    &unused_exception::UnusedException,
];
