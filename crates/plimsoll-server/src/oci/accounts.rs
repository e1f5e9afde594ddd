//! Who there is and what they may do, as the registry asks it.
//!
//! The registry decides nothing about accounts; whoever keeps them answers these two questions.

use futures_util::future::BoxFuture;
use plimsoll_store::NamespaceName;

use super::scope::Actions;
use crate::accounts::Proof;

/// Whoever keeps the accounts.
pub trait Accounts: Send + Sync + 'static {
    /// Whose name and secret these are; nothing if they are nobody's.
    fn sign_in<'a>(&'a self, proof: Proof<'a>) -> Asked<'a, Option<Account>>;

    /// What an account may do in a namespace, or what anybody may where there is none. A namespace
    /// that is not there is answered like one that the account may nothing in.
    fn actions<'a>(
        &'a self,
        account: Option<&'a Account>,
        namespace: &'a NamespaceName,
    ) -> Asked<'a, Actions>;
}

/// An answer about accounts.
pub type Asked<'a, T> = BoxFuture<'a, Result<T, AccountsError>>;

/// An account, as its keeper names it in tokens: who it is, and perhaps `#` and by which proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account(pub String);

impl Account {
    /// Who it is, as histories write it.
    pub fn actor(&self) -> &str {
        self.0.split_once('#').map_or(self.0.as_str(), |it| it.0)
    }
}

/// Why there is no answer; nobody is let in by that.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// Too many wrong secrets came.
    #[error("too many attempts")]
    Throttled {
        /// How long to wait.
        seconds: u32,
    },
    /// The accounts cannot be asked now.
    #[error("accounts cannot be looked up")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
