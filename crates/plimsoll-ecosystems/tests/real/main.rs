//! Tests against the world outside: other programs, and real data that is not part of this
//! repository. Each says loudly that it was skipped where its counterpart is not there.

#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod databases;
mod language_tools;
mod native_tools;
mod shared;
mod tables;
mod version_tables;
