//! An account as the registry's tokens name it: who it is, and by which proof.
//!
//! `user/anna#p-1f2e…` signed in with the password of this fingerprint, `robot/ci#t-17` with token 17.
//! So what a proof allowed ends with it: a bearer token for offline use is worth nothing once the
//! password is another or the token is deleted.

use plimsoll_store::{Caller, TokenId};

use super::secrets::{hashed, same};
use super::{AccountError, StoredAccounts};
use crate::oci::Account;

/// How somebody proved who they are.
enum By<'a> {
    Password { name: &'a str, fingerprint: &'a str },
    Token(TokenId),
}

fn parse(account: &str) -> Option<By<'_>> {
    let (who, proof) = account.split_once('#')?;
    if let Some(number) = proof.strip_prefix("t-") {
        return number.parse().ok().map(|it| By::Token(TokenId::from_number(it)));
    }
    Some(By::Password { name: who.strip_prefix("user/")?, fingerprint: proof.strip_prefix("p-")? })
}

fn fingerprint(password_hash: &str) -> String {
    hashed(password_hash).chars().take(16).collect()
}

/// Somebody who signed in with a password.
pub(super) fn by_password(caller: &Caller, password_hash: &str) -> Account {
    Account(format!("{}#p-{}", caller.actor(), fingerprint(password_hash)))
}

/// Somebody who came with a token.
pub(super) fn by_token(caller: &Caller, token: TokenId) -> Account {
    Account(format!("{}#t-{token}", caller.actor()))
}

impl StoredAccounts {
    /// Who an account of the registry is now; nobody, if the proof is worth nothing any more.
    pub async fn caller_of(&self, account: &Account) -> Result<Option<Caller>, AccountError> {
        let found = match parse(&account.0) {
            None => None,
            Some(By::Token(id)) => self.authoriser.by_token_id(id, self.clock.now()).await?,
            Some(By::Password { name, fingerprint: said }) => {
                let login = self.store.login(name).await?;
                let fits = |hash: &String| same(&fingerprint(hash), said);
                match login.filter(|it| it.password_hash.as_ref().is_some_and(fits)) {
                    Some(login) => self.authoriser.by_login(login.id).await?,
                    None => None,
                }
            }
        };
        // Who is named and who is found are the same.
        let who = account.actor();
        Ok(found.filter(|it| it.actor().as_str() == who))
    }
}
