//! The OCI distribution API, version 1.1: what docker, containerd, podman and skopeo speak.
//!
//! Knows the protocol, the store and the blobs, and nothing of how findings come to be. Who there
//! is and what they may do it asks [`Accounts`].

mod access;
mod accounts;
mod answer;
mod audit;
mod blob;
mod call;
mod elsewhere;
mod error;
mod failure;
mod guard;
mod issue;
mod lists;
mod manifest;
mod manifests;
mod name;
mod page;
mod percent;
mod range;
mod registry;
mod route;
mod scope;
#[cfg(test)]
mod tests;
mod token;
mod upload;
mod watcher;

// The other half of the server reads requests in the same way.
pub(crate) use access::basic;
pub(crate) use manifest::read_manifest;
pub(crate) use percent::{decode, encode, pairs};

pub use accounts::{Account, Accounts, AccountsError, Asked};
pub use registry::{Registry, RegistryOptions};
pub use scope::Actions;
pub use token::TokenKey;
pub use watcher::Watcher;
