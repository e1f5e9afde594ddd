//! The interface asks who signs in; the accounts know.

use std::net::IpAddr;

use futures_util::FutureExt;
use plimsoll_store::{Administer, Caller, InstanceAccess, PrincipalId};

use crate::accounts::{AccountError, Proof, StoredAccounts};
use crate::api::{AccountRefusal, Asked, SignIn, SignInRefusal};

impl SignIn for StoredAccounts {
    fn sign_in<'a>(
        &'a self,
        name: &'a str,
        secret: &'a str,
        client: Option<IpAddr>,
    ) -> Asked<'a, Result<Caller, SignInRefusal>> {
        async move {
            match StoredAccounts::sign_in(self, Proof { name, secret, client }).await {
                Ok(Some(caller)) => Ok(caller),
                Ok(None) => Err(SignInRefusal::Wrong),
                Err(AccountError::Throttled { seconds }) => Err(SignInRefusal::Wait(u64::from(seconds))),
                Err(error) => Err(SignInRefusal::Unavailable(Box::new(error))),
            }
        }
        .boxed()
    }

    fn refused_token(&self, token: &str, address: Option<IpAddr>) {
        self.failed_token(token, address);
    }

    fn make_user<'a>(
        &'a self,
        access: &'a InstanceAccess<Administer>,
        name: &'a str,
        password: Option<&'a str>,
    ) -> Asked<'a, Result<PrincipalId, AccountRefusal>> {
        async move { Ok(StoredAccounts::make_user(self, access, name, password).await?) }.boxed()
    }

    fn set_password<'a>(
        &'a self,
        access: &'a InstanceAccess<Administer>,
        user: PrincipalId,
        password: &'a str,
    ) -> Asked<'a, Result<(), AccountRefusal>> {
        async move { Ok(StoredAccounts::set_password(self, access, user, password).await?) }.boxed()
    }
}

impl From<AccountError> for AccountRefusal {
    fn from(error: AccountError) -> AccountRefusal {
        match error {
            AccountError::Password(why) => AccountRefusal::Password(why.to_owned()),
            AccountError::Store(error) => AccountRefusal::Store(error),
            error => AccountRefusal::Unavailable(Box::new(error)),
        }
    }
}
