//! Who there is: passwords, tokens, sessions, and the first administrator.
//!
//! Everything that proves who somebody is passes through here; what they may then do is the store's
//! decision. No password, token or session leaves this module but to whoever it was made for, once;
//! what is kept is a hash.

mod error;
mod failures;
mod first;
mod identity;
mod password;
mod registry;
mod secrets;
mod session;
mod sign_in;
#[cfg(test)]
mod tests;
mod throttle;
mod token;
mod users;

pub use error::AccountError;
pub use session::NewSession;
pub use sign_in::Proof;
pub use token::{Made, TokenRequest};
pub use users::check_password;

pub(crate) use failures::{Failure, note_failures};
pub(crate) use secrets::{mac, random_text, same};

use plimsoll_store::{Authoriser, Store};

use self::failures::Failures;
use self::password::Passwords;
use self::throttle::Throttle;
use crate::app::Clock;
use crate::settings::{Period, Settings};

/// The accounts in the store.
pub struct StoredAccounts {
    store: Store,
    authoriser: Authoriser,
    clock: Clock,
    passwords: Passwords,
    throttle: Throttle,
    failures: Failures,
    session_period: Period,
}

impl StoredAccounts {
    /// The accounts of a store.
    pub fn new(store: Store, clock: Clock, settings: &Settings) -> StoredAccounts {
        StoredAccounts {
            authoriser: store.authoriser(),
            store,
            clock,
            passwords: Passwords::new(),
            throttle: Throttle::default(),
            failures: Failures::default(),
            session_period: settings.session_period,
        }
    }
}
