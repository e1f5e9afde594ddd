//! Users with passwords.

use plimsoll_store::{Administer, Caller, InstanceAccess, PrincipalId};

use super::password::PASSWORD_BYTES_MAX;
use super::{AccountError, Proof, StoredAccounts};

/// NIST SP 800-63B asks for eight at least and for nothing else; we ask for ten.
const PASSWORD_CHARACTERS_MIN: usize = 10;

/// Whether a password will do.
pub fn check_password(password: &str) -> Result<(), AccountError> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        return Err(AccountError::Password("a password has ten characters at least"));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(AccountError::Password("a password has 1024 bytes at most"));
    }
    if password.starts_with(super::token::PREFIX) {
        return Err(AccountError::Password("a password does not begin like a token"));
    }
    Ok(())
}

impl StoredAccounts {
    /// Makes a user; without a password they sign in elsewhere, or with tokens.
    pub async fn make_user(
        &self,
        access: &InstanceAccess<Administer>,
        name: &str,
        password: Option<&str>,
    ) -> Result<PrincipalId, AccountError> {
        let hash = match password {
            Some(password) => Some(self.hash(password).await?),
            None => None,
        };
        Ok(self.store.create_user(access, name, hash.as_deref(), None, self.clock.now()).await?)
    }

    /// Gives somebody another password; their sessions and tokens end.
    pub async fn set_password(
        &self,
        access: &InstanceAccess<Administer>,
        user: PrincipalId,
        password: &str,
    ) -> Result<(), AccountError> {
        let hash = self.hash(password).await?;
        Ok(self.store.change_password(access, user, &hash).await?)
    }

    /// Gives whoever calls another password, if they know the one they have. Nothing happens
    /// otherwise, and that is said.
    pub async fn change_own_password(
        &self,
        caller: &Caller,
        old: Proof<'_>,
        new: &str,
    ) -> Result<bool, AccountError> {
        check_password(new)?;
        let proved = self.sign_in(old).await?.filter(|it| !it.is_limited());
        let user = caller.principal().filter(|_| !caller.is_limited());
        let (Some(user), Some(proved)) = (user, proved) else { return Ok(false) };
        if proved.principal() != Some(user) {
            return Ok(false);
        }
        self.set_password(&self.authoriser.system(), user, new).await?;
        Ok(true)
    }

    async fn hash(&self, password: &str) -> Result<String, AccountError> {
        check_password(password)?;
        self.passwords.hash(password).await
    }
}
