//! What the registry asks of accounts, answered by the store.

use futures_util::FutureExt;
use plimsoll_store::{Caller, NamespaceName, Permission, Permissions};

use super::{AccountError, Proof, StoredAccounts};
use crate::oci::{Account, Accounts, AccountsError, Actions, Asked};

impl Accounts for StoredAccounts {
    fn sign_in<'a>(&'a self, proof: Proof<'a>) -> Asked<'a, Option<Account>> {
        async move { Ok(self.prove(proof).await?.map(|it| it.1)) }.boxed()
    }

    fn actions<'a>(
        &'a self,
        account: Option<&'a Account>,
        namespace: &'a NamespaceName,
    ) -> Asked<'a, Actions> {
        async move {
            let caller = match account {
                None => Caller::anonymous(),
                Some(account) => match self.caller_of(account).await? {
                    Some(caller) => caller,
                    // Whose proof is worth nothing any more is not even let in where everybody is.
                    None => return Ok(Actions::NONE),
                },
            };
            Ok(actions(self.permissions(&caller, namespace).await?))
        }
        .boxed()
    }
}

impl StoredAccounts {
    /// In a namespace that is not there, what holds everywhere: who may push everywhere may make one
    /// by a push.
    async fn permissions(
        &self,
        caller: &Caller,
        namespace: &NamespaceName,
    ) -> Result<Permissions, AccountError> {
        let permissions = self.authoriser.permissions(caller, namespace).await?;
        if permissions != Permissions::default() {
            return Ok(permissions);
        }
        Ok(self.authoriser.everywhere(caller).await?)
    }
}

/// In the registry's words. Who may push may take away as well.
fn actions(permissions: Permissions) -> Actions {
    let rows = [
        (Permission::Pull, Actions::PULL),
        (Permission::Push, Actions::PUSH),
        (Permission::Push, Actions::DELETE),
    ];
    let allowed = rows.iter().filter(|(permission, _)| permissions.contains(*permission));
    allowed.fold(Actions::NONE, |all, (_, action)| all.and(*action))
}

impl From<AccountError> for AccountsError {
    fn from(error: AccountError) -> AccountsError {
        match error {
            AccountError::Throttled { seconds } => AccountsError::Throttled { seconds },
            error => AccountsError::Unavailable(Box::new(error)),
        }
    }
}
