//! Feeds over real data: a mirror of what the vendors publish, whose READMEs give the counts.
//!
//! One binary for all of them; everything finer is tested beside the code. Skipped, loudly, where
//! that folder is absent. Writes nothing.

#![expect(clippy::disallowed_methods, reason = "reads the shared data, which is no part of the project")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "what is skipped is said loudly")]

mod damage;
mod distributions;
mod enrichment;
mod languages;
mod mirror;
mod oval;
mod redhat;
mod repodata;
