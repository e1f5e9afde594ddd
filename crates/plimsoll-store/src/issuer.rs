//! Users whom an issuer (OpenID Connect) vouches for, and what its groups grant them.
//!
//! Such a user is known by a subject, never by a name. What groups grant is told apart from what was
//! granted by hand: each sign-in brings the one up to date and leaves the other alone.

use crate::database::{Row, Transaction, sql};
use crate::principals::{must_be, principal};
use crate::{
    Administer, Error, Granted, InstanceAccess, NamespaceName, Permission, Principal, PrincipalId, Store,
    administrators,
};

/// Something that a group grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerGrant {
    /// Where it holds; everywhere, if nowhere in particular.
    pub namespace: Option<NamespaceName>,
    /// What it allows.
    pub granted: Granted,
}

/// What a sign-in has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IssuerGrantChanges {
    /// What the groups grant now and did not before.
    pub given: Vec<IssuerGrant>,
    /// What they grant no more.
    pub taken: Vec<IssuerGrant>,
    /// Whether something stays because nobody else would be left to administer the instance.
    pub is_last_administrator: bool,
}

impl Store {
    /// The user whom an issuer knows by this subject, also where the account is disabled.
    pub async fn user_by_subject(
        &self,
        _access: &InstanceAccess<Administer>,
        subject: &str,
    ) -> Result<Option<Principal>, Error> {
        let statement = sql("SELECT id, kind, name, namespace_id, disabled, created_at, seen_at
            FROM principals WHERE oidc_subject = $1")
        .bind(subject);
        self.database.read().await?.optional(statement, principal).await
    }

    /// Binds a user who has neither a password nor a subject to one; says whether there is such a user.
    pub async fn bind_user(
        &self,
        _access: &InstanceAccess<Administer>,
        name: &str,
        subject: &str,
    ) -> Result<Option<PrincipalId>, Error> {
        let statement = sql("UPDATE principals SET oidc_subject = $2
            WHERE kind = 'user' AND name = $1 AND oidc_subject IS NULL AND password_hash IS NULL
            RETURNING id")
        .bind(name)
        .bind(subject);
        let mut transaction = self.database.write().await?;
        let bound = transaction.optional(statement, |row| row.get(0)).await?;
        transaction.commit().await?;
        Ok(bound)
    }

    /// Makes what the groups of a user grant the only thing that groups have granted them. A namespace
    /// that is not there grants nothing.
    pub async fn set_issuer_grants(
        &self,
        _access: &InstanceAccess<Administer>,
        user: PrincipalId,
        wanted: &[IssuerGrant],
    ) -> Result<IssuerGrantChanges, Error> {
        let mut transaction = self.database.write().await?;
        administrators::lock(&mut transaction).await?;
        must_be(&mut transaction, user).await?;
        let statement = sql("SELECT n.name, g.what FROM grants AS g
            LEFT JOIN namespaces AS n ON n.id = g.namespace_id
            WHERE g.principal_id = $1 AND g.origin = 'issuer'");
        let there: Vec<IssuerGrant> = transaction.all(statement.bind(user), issuer_grant).await?;
        let mut changes = IssuerGrantChanges::default();
        for grant in wanted.iter().filter(|it| !there.contains(it)) {
            if insert(&mut transaction, user, grant).await? && !changes.given.contains(grant) {
                changes.given.push(grant.clone());
            }
        }
        for grant in there.into_iter().filter(|it| !wanted.contains(it)) {
            delete(&mut transaction, user, &grant).await?;
            let is_last = administers(&grant)
                && matches!(
                    administrators::must_be_left(&mut transaction, true).await,
                    Err(Error::LastAdministrator)
                );
            if is_last {
                insert(&mut transaction, user, &grant).await?;
                changes.is_last_administrator = true;
            } else {
                changes.taken.push(grant);
            }
        }
        transaction.commit().await?;
        Ok(changes)
    }
}

fn issuer_grant(row: &Row) -> Result<IssuerGrant, Error> {
    let namespace: Option<String> = row.get(0)?;
    let namespace = namespace.map(|it| NamespaceName::parse(&it)).transpose();
    let namespace = namespace.map_err(|_| Error::Corrupt { what: "the name of a namespace" })?;
    Ok(IssuerGrant { namespace, granted: row.get(1)? })
}

fn administers(grant: &IssuerGrant) -> bool {
    grant.namespace.is_none() && grant.granted.permissions().contains(Permission::Administer)
}

/// What was granted by hand already stays so.
async fn insert(
    transaction: &mut Transaction,
    user: PrincipalId,
    grant: &IssuerGrant,
) -> Result<bool, Error> {
    let statement = match &grant.namespace {
        None => sql("INSERT INTO grants (principal_id, what, origin) VALUES ($1, $2, 'issuer')
            ON CONFLICT DO NOTHING")
        .bind(user)
        .bind(grant.granted.name()),
        Some(namespace) => sql("INSERT INTO grants (principal_id, namespace_id, what, origin)
            SELECT $1, id, $2, 'issuer' FROM namespaces WHERE name = $3 ON CONFLICT DO NOTHING")
        .bind(user)
        .bind(grant.granted.name())
        .bind(namespace),
    };
    Ok(transaction.execute(statement).await? > 0)
}

async fn delete(transaction: &mut Transaction, user: PrincipalId, grant: &IssuerGrant) -> Result<(), Error> {
    let statement = match &grant.namespace {
        None => sql("DELETE FROM grants
            WHERE principal_id = $1 AND what = $2 AND origin = 'issuer' AND namespace_id IS NULL")
        .bind(user)
        .bind(grant.granted.name()),
        Some(namespace) => sql("DELETE FROM grants
            WHERE principal_id = $1 AND what = $2 AND origin = 'issuer'
                AND namespace_id = (SELECT id FROM namespaces WHERE name = $3)")
        .bind(user)
        .bind(grant.granted.name())
        .bind(namespace),
    };
    transaction.execute(statement).await.map(|_| ())
}
