//! Finding accounts and what belongs to them, for whoever administers: by name, by number, in pages.
//! Only reads.

use crate::database::{Row, sql};
use crate::principals::principal;
use crate::{
    Access, Administer, Caller, Error, Exception, ExceptionId, Grant, InstanceAccess, NamespaceId,
    NamespaceName, Noun, Principal, PrincipalId, PrincipalKind, Read, Store, Token, TokenId, exceptions,
    grants, tokens,
};

impl Store {
    /// Who is called so.
    pub async fn principal_named(
        &self,
        _access: &InstanceAccess<Administer>,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<Principal, Error> {
        let statement = sql("SELECT id, kind, name, namespace_id, disabled, created_at, seen_at
            FROM principals WHERE kind = $1 AND name = $2")
        .bind(kind)
        .bind(name);
        let found = self.database.read().await?.optional(statement, principal).await?;
        found.ok_or_else(|| Error::unknown(Noun::User, name))
    }

    /// Who is called so, for somebody who gives them something in a namespace: any user, and the
    /// namespace's own robots.
    pub async fn grantee_named(
        &self,
        access: &Access<Administer>,
        kind: PrincipalKind,
        name: &str,
    ) -> Result<Principal, Error> {
        let statement = sql("SELECT id, kind, name, namespace_id, disabled, created_at, seen_at
            FROM principals WHERE kind = $1 AND name = $2 AND (kind = 'user' OR namespace_id = $3)")
        .bind(kind)
        .bind(name)
        .bind(access.namespace());
        let found = self.database.read().await?.optional(statement, principal).await?;
        found.ok_or_else(|| Error::unknown(Noun::User, name))
    }

    /// The account of whoever calls.
    pub async fn own_account(&self, caller: &Caller) -> Result<Principal, Error> {
        let id = caller.principal().ok_or(Error::Denied)?;
        let statement = sql("SELECT id, kind, name, namespace_id, disabled, created_at, seen_at
            FROM principals WHERE id = $1")
        .bind(id);
        let found = self.database.read().await?.optional(statement, principal).await?;
        found.ok_or_else(|| Error::unknown(Noun::User, id))
    }

    /// The users, in the order of their names behind one of them.
    pub async fn users(
        &self,
        _access: &InstanceAccess<Administer>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Principal>, Error> {
        let statement = sql("SELECT id, kind, name, namespace_id, disabled, created_at, seen_at
            FROM principals WHERE kind = 'user' AND name > $1 ORDER BY name LIMIT $2")
        .bind(after)
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, principal).await
    }

    /// The names of accounts, for lists that have their numbers.
    pub async fn named_grants(&self, access: &Access<Administer>) -> Result<Vec<(String, Grant)>, Error> {
        let statement = sql("SELECT g.principal_id, g.namespace_id, g.what, p.kind, p.name
            FROM grants AS g JOIN principals AS p ON p.id = g.principal_id WHERE g.namespace_id = $1
            ORDER BY p.kind, p.name, g.what LIMIT 10000")
        .bind(access.namespace());
        self.database.read().await?.all(statement, named_grant).await
    }

    /// The same for what was granted everywhere.
    pub async fn named_grants_everywhere(
        &self,
        _access: &InstanceAccess<Administer>,
    ) -> Result<Vec<(String, Grant)>, Error> {
        let statement = sql("SELECT g.principal_id, g.namespace_id, g.what, p.kind, p.name
            FROM grants AS g JOIN principals AS p ON p.id = g.principal_id WHERE g.namespace_id IS NULL
            ORDER BY p.kind, p.name, g.what LIMIT 10000");
        self.database.read().await?.all(statement, named_grant).await
    }

    /// The tokens of a robot of a namespace, newest first.
    pub async fn robot_tokens(
        &self,
        access: &Access<Administer>,
        robot: PrincipalId,
    ) -> Result<Vec<Token>, Error> {
        let statement = sql("SELECT t.id, t.principal_id, t.name, t.prefix, t.permissions, t.namespace_id,
                t.created_at, t.expires_at, t.used_at
            FROM tokens AS t JOIN principals AS p ON p.id = t.principal_id
            WHERE t.principal_id = $1 AND p.namespace_id = $2 AND p.kind = 'robot'
            ORDER BY t.id DESC LIMIT 1000")
        .bind(robot)
        .bind(access.namespace());
        self.database.read().await?.all(statement, tokens::token).await
    }

    /// Ends a token of a robot of a namespace.
    pub async fn delete_robot_token(
        &self,
        access: &Access<Administer>,
        robot: PrincipalId,
        id: TokenId,
    ) -> Result<(), Error> {
        let delete = sql("DELETE FROM tokens WHERE id = $1 AND principal_id = $2 AND principal_id IN (
                SELECT id FROM principals WHERE namespace_id = $3 AND kind = 'robot')")
        .bind(id)
        .bind(robot)
        .bind(access.namespace());
        let mut transaction = self.database.write().await?;
        if transaction.execute(delete).await? == 0 {
            return Err(Error::unknown(Noun::Token, id));
        }
        transaction.commit().await
    }

    /// The names of namespaces by their numbers, for whoever may see them all.
    pub async fn namespace_name(
        &self,
        _access: &InstanceAccess<Administer>,
        id: NamespaceId,
    ) -> Result<Option<NamespaceName>, Error> {
        let statement = sql("SELECT name FROM namespaces WHERE id = $1").bind(id);
        self.database.read().await?.optional(statement, |row| row.get(0)).await
    }

    /// The exceptions for every namespace, oldest first, behind one of them.
    pub async fn exceptions_everywhere(
        &self,
        _access: &InstanceAccess<Read>,
        after: Option<ExceptionId>,
        limit: u32,
    ) -> Result<Vec<Exception>, Error> {
        let statement = sql("SELECT id, namespace_id, vulnerability, package, repository, tags, reason,
                author, created_at, expires_at, paths, matched_at
            FROM exceptions WHERE namespace_id IS NULL AND id > $1 ORDER BY id LIMIT $2")
        .bind(after.map_or(0, ExceptionId::number))
        .bind(i64::from(limit));
        self.database.read().await?.all(statement, exceptions::exception).await
    }
}

fn named_grant(row: &Row) -> Result<(String, Grant), Error> {
    let (kind, name): (PrincipalKind, String) = (row.get(3)?, row.get(4)?);
    Ok((format!("{}/{name}", kind.name()), grants::grant(row)?))
}
