//! Inventory × snapshot → findings, each with the reason it matched; what is positively not
//! affected; and what could not be judged. Weighs findings against VEX statements and ignore rules. Also why one vulnerability applies or not
//! ([`explain`]) and what to do next ([`plan`]).
//!
//! Knows no ecosystem, distribution, feed or registry by name: it is handed what it needs in a
//! [`Context`]. Never reads a file, never asks the time, and never turns "don't know" into "no".
#![forbid(unsafe_code)]

mod assess;
mod context;
mod deal;
mod describe;
mod digest;
mod explain;
mod facts;
mod finding;
mod fix;
mod matching;
mod minor_release;
mod range;
mod remedy;
mod ruling;
mod severity;
mod suppress;
mod whole_image;
mod words;

#[cfg(test)]
mod spec;

pub use context::{Context, FINDINGS_MAX, Judges, Reach};
pub use describe::describe;
pub use digest::{MATCHER_VERSION, inventory_digest, matcher_digest};
pub use explain::{Answer, Explained, Explanation, explain};
pub use facts::vulnerability;
pub use matching::{Matches, NotAffected, match_inventory};
pub use remedy::{Command, Hint, Place, Planning, Remedy, plan};
pub use ruling::Unaffected;
pub use suppress::{apply_ignore_rules, apply_vex, rule_problems};
pub use whole_image::apply_image_statements;
