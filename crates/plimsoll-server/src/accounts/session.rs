//! Sessions of the console: a random cookie, and a second random text that every request which
//! changes something must carry in a header, since a browser sends cookies for anybody.
//!
//! Values only: cookies and headers are the interface's.

use plimsoll_core::Timestamp;
use plimsoll_store::{Caller, Session};

use super::secrets::{hashed, random_text, same};
use super::{AccountError, StoredAccounts};
use crate::settings::Secret;

/// A session that was begun.
#[derive(Debug)]
pub struct NewSession {
    /// The cookie's value.
    pub cookie: Secret,
    /// What requests that change something must carry besides the cookie.
    pub csrf: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl StoredAccounts {
    /// Begins a session of somebody who has just proved who they are; not with a token.
    pub async fn begin_session(&self, caller: &Caller) -> Result<NewSession, AccountError> {
        let (cookie, csrf, now) = (random_text()?, random_text()?, self.clock.now());
        let expires_at = Timestamp(now.0.saturating_add(self.session_period.seconds()));
        self.store.create_session(caller, &hashed(&cookie), &csrf, expires_at, now).await?;
        Ok(NewSession { cookie: Secret::new(cookie), csrf, expires_at })
    }

    /// Whose cookie this is.
    pub async fn by_session(&self, cookie: &str) -> Result<Option<Session>, AccountError> {
        Ok(self.authoriser.by_session(&hashed(cookie), self.clock.now()).await?)
    }

    /// Ends a session; one that is not there has ended.
    pub async fn end_session(&self, cookie: &str) -> Result<(), AccountError> {
        Ok(self.store.delete_session(&hashed(cookie)).await?)
    }

    /// Whether a request of a session carries what it must.
    pub fn is_from_us(session: &Session, csrf: &str) -> bool {
        same(&session.csrf, csrf)
    }
}
