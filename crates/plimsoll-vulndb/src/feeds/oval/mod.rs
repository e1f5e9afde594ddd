//! OVAL, the XML of several vendors: definitions, each with a tree of criteria, and the tests,
//! objects and states that the criteria refer to.
//!
//! Read as a stream: a file of 300 MB is never held, only what rows need of it. Which comment or
//! state means what is each feed's own business; nothing here knows a vendor. Nothing expands
//! entities, and a document type is refused.
//!
//! Source: OVAL language 5.11, <https://oval.mitre.org/language/version5.11/>.

mod clauses;
mod definition;
mod joined;
mod reader;
mod rows;
mod stream;

pub(super) use clauses::{Role, clauses};
pub(super) use definition::{Definition, Leaf};
pub(super) use joined::{Check, Operation, Oval};
pub(super) use reader::{read, read_whole};
pub(super) use rows::{advisory, before, fixed_in, plain_version, vectors};

#[cfg(test)]
mod tests;
