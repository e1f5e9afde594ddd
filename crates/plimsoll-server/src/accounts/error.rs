//! Why somebody could not be let in, other than that they are nobody.

use plimsoll_store::Error;

/// Why an account could not be asked for, or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Too many wrong passwords came for this account or from this address.
    #[error("too many attempts; try again in {seconds} seconds")]
    Throttled {
        /// How long to wait.
        seconds: u32,
    },
    /// More passwords are to be compared than can be.
    #[error("too many sign in at once; try again")]
    Busy,
    /// A password that will not do.
    #[error("{0}")]
    Password(&'static str),
    /// The system gave no random bytes, or its hash function failed.
    #[error("the system cannot {0}")]
    System(&'static str),
    /// The store.
    #[error(transparent)]
    Store(#[from] Error),
}
