//! The executable from outside: what a user types, sees and gets as exit status.
//!
//! One binary for all tests that need processes, files or a network; everything finer is tested
//! beside the code.
#![expect(clippy::disallowed_methods, reason = "these tests are about effects")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed; what is skipped is said"
)]

mod as_trivy;
mod attached;
mod browser;
mod bundle;
mod cache;
mod command_line;
mod corpus;
mod crash;
mod database;
mod demo;
mod deploy;
mod foreign;
mod formats;
mod harm;
mod hostile;
mod hostile_feeds;
mod informational;
mod oidc;
mod other_registries;
mod registry;
mod remote;
mod repositories;
mod sandbox;
mod scan;
mod serve;
