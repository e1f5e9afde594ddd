//! What keeps the server in order while it runs: collecting what nothing needs, noting pulls, counting
//! what there is, ending old sessions.
//!
//! Deletes nothing that the store has not given up first.

mod collect;
mod pulls;
#[cfg(test)]
mod tests;
mod totals;

pub(crate) use collect::{BACKUP_LOCK, collect};
pub use collect::{Cleared, collect_once};
pub use pulls::Pulls;
pub(crate) use pulls::note_pulls;
pub use totals::Totals;
pub(crate) use totals::count;
#[cfg(test)]
pub(crate) use totals::count_changed;
