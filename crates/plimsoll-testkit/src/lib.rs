//! Helpers of the tests and of the demonstration: images written as text, the files that a
//! registry or `docker save` would make of them, and specifications that run.
//!
//! Never part of what ships. It writes what it is told and trusts its input, which is ours;
//! nothing here reads an image.
#![forbid(unsafe_code)]
#![expect(clippy::disallowed_methods, reason = "a crate of the tests; it writes fixtures to disk")]

mod fixture;
mod image;
mod layout;
mod postgres;
pub mod spec;

pub use fixture::{Change, Entry, Fixture, FixtureError, LayerFixture};
pub use image::{Blob, BuiltLayer, Compression, Image, digest_of};
pub use layout::{Layout, write_docker_archive};
pub use plimsoll_core::Platform;
pub use postgres::postgres_database;
