//! Repositories as a request names them: namespace and name together.
//!
//! The grammar is the store's; nothing of it becomes a path.

use std::fmt;
use std::str::FromStr;

use plimsoll_store::{NameError, NamespaceName, RepositoryName, full_name};

/// `team/app/web`: the namespace `team` and in it the repository `app/web`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Repository {
    /// The part before the first slash.
    pub namespace: NamespaceName,
    /// All behind it.
    pub name: RepositoryName,
}

impl FromStr for Repository {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Repository, NameError> {
        full_name(text).map(|(namespace, name)| Repository { namespace, name })
    }
}

impl fmt::Display for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}
