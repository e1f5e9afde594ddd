//! HTTP: the embedded registry that teams push to and pull from, the interface for programs, and the
//! server around them.
//!
//! Streams blobs and never holds one; never makes a path of a name that came from outside; never
//! answers what the caller may not see.
#![expect(clippy::disallowed_methods, reason = "effects live here: files, the clock")]

pub mod accounts;
pub mod api;
pub mod app;
pub mod backup;
pub mod blobs;
mod console;
pub mod gate;
pub mod keeping;
pub mod oci;
pub mod oidc;
pub mod registries;
pub mod scanning;
pub mod settings;
pub mod webhooks;
