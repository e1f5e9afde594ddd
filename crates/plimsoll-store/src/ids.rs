//! The numbers under which rows are known, each of its own type.

use crate::database::{Column, Row, Value};
use crate::{Error, names};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// The number, for cursors and addresses.
            pub fn number(self) -> i64 {
                self.0
            }

            /// An id that was written down; whether there is such a row shows when it is used.
            pub const fn from_number(number: i64) -> $name {
                $name(number)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl Column for $name {
            fn read(row: &Row, index: usize) -> Result<Self, Error> {
                row.get(index).map($name)
            }
        }

        impl From<$name> for Value {
            fn from(id: $name) -> Value {
                Value::from(id.0)
            }
        }
    )*};
}

ids! {
    /// A namespace.
    NamespaceId,
    /// A repository.
    RepositoryId,
    /// A manifest in a repository.
    ArtifactId,
    /// A user or a robot.
    PrincipalId,
    /// A token.
    TokenId,
    /// A job.
    JobId,
    /// A scan of an artifact.
    ScanId,
    /// What is installed in an image.
    InventoryId,
    /// A package with all that judging it depends on.
    UnitId,
    /// An exception.
    ExceptionId,
    /// A webhook.
    WebhookId,
    /// A delivery of a webhook.
    DeliveryId,
    /// A registry of others.
    OtherRegistryId,
}

/// An upload, as its address says it: text that whoever begins it makes up at random, so that
/// nobody else guesses it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct UploadId(String);

impl UploadId {
    /// Reads an id: at most 64 letters, digits and hyphens.
    pub fn parse(text: &str) -> Option<UploadId> {
        names::is_key(text).then(|| UploadId(text.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for UploadId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Column for UploadId {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        row.get(index).map(UploadId)
    }
}

impl From<&UploadId> for Value {
    fn from(id: &UploadId) -> Value {
        Value::from(id.as_str())
    }
}
