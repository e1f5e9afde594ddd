//! From a proof to a caller, and from a caller to what they may.

use plimsoll_core::Timestamp;

use crate::database::{Row, sql};
use crate::grants::{self, Grant, Limit, Place, is_over};
use crate::{
    Access, Actor, Authoriser, Error, InstanceAccess, NamespaceId, NamespaceName, Needs, Permissions,
    PrincipalId, PrincipalKind, Session, TokenId,
};

/// Whoever sends a request, as far as they proved it.
#[derive(Clone, Debug)]
pub struct Caller {
    who: Option<(PrincipalId, Actor)>,
    limit: Option<Limit>,
    token: Option<TokenId>,
}

impl Caller {
    /// Somebody who proved nothing.
    pub fn anonymous() -> Caller {
        Caller { who: None, limit: None, token: None }
    }

    /// Who it is, if anybody.
    pub fn principal(&self) -> Option<PrincipalId> {
        self.who.as_ref().map(|it| it.0)
    }

    /// Whether a token stands for them, which never may all that they may.
    pub fn is_limited(&self) -> bool {
        self.limit.is_some()
    }

    /// The token that stands for them, where it leaves less than all that its owner may.
    pub fn narrow_token(&self) -> Option<TokenId> {
        let is_narrow = |it: &Limit| it.namespace.is_some() || it.permissions != Permissions::ALL;
        self.limit.filter(is_narrow).and(self.token)
    }

    /// The token that stands for them, if one does.
    pub fn token(&self) -> Option<TokenId> {
        self.token
    }

    /// What the token leaves, where one stands for them.
    pub(crate) fn limit(&self) -> Option<Limit> {
        self.limit
    }

    /// The same as histories write it.
    pub fn actor(&self) -> Actor {
        self.who.as_ref().map_or_else(|| Actor::new("anonymous"), |it| it.1.clone())
    }
}

/// How old the word that a token was used may get before it is written anew: not with each of a
/// thousand requests.
const USED_SECONDS: i64 = 60;

fn who(row: &Row) -> Result<(PrincipalId, Actor), Error> {
    let (kind, name): (PrincipalKind, String) = (row.get(1)?, row.get(2)?);
    Ok((row.get(0)?, Actor::new(&format!("{}/{name}", kind.name()))))
}

/// The statement that [`token_owner`] reads, by what the token is looked for.
macro_rules! token_owner {
    ($condition:literal) => {
        concat!(
            "SELECT p.id, p.kind, p.name, t.permissions, t.namespace_id, t.expires_at, t.used_at, t.id
            FROM tokens AS t JOIN principals AS p ON p.id = t.principal_id
            WHERE p.disabled = 0 AND ",
            $condition
        )
    };
}

/// When a token ends, and when it was last used.
pub(crate) type Times = (Option<Timestamp>, Option<Timestamp>);

fn token_owner(row: &Row) -> Result<(Caller, Times), Error> {
    let namespace: Option<i64> = row.get(4)?;
    let limit = Limit { permissions: row.get(3)?, namespace: namespace.map(NamespaceId::from_number) };
    let caller = Caller { who: Some(who(row)?), limit: Some(limit), token: Some(row.get(7)?) };
    Ok((caller, (row.get(5)?, row.get(6)?)))
}

impl Authoriser {
    /// Whose token this is the SHA-256 of. One that is over, or whose owner is disabled, is
    /// nobody's.
    pub async fn by_token(&self, hash: &str, now: Timestamp) -> Result<Option<Caller>, Error> {
        let statement = sql(token_owner!("t.hash = $1")).bind(hash);
        let found =
            self.database.remembered_row(|it| &it.tokens, hash.to_owned(), statement, token_owner).await?;
        let Some((caller, (_, used_at))) = found.filter(|it| !is_over(it.1.0, now)) else {
            return Ok(None);
        };
        if used_at.is_none_or(|it| now.0 - it.0 >= USED_SECONDS) {
            let mut transaction = self.database.write().await?;
            let used = sql("UPDATE tokens SET used_at = $2 WHERE hash = $1").bind(hash).bind(now);
            transaction.execute(used).await?;
            transaction.commit().await?;
        }
        Ok(Some(caller))
    }

    /// Whose token has this number, for whoever has proved it before.
    pub async fn by_token_id(&self, id: TokenId, now: Timestamp) -> Result<Option<Caller>, Error> {
        let statement = sql(token_owner!("t.id = $1")).bind(id);
        let found = self.database.remembered_row(|it| &it.token_ids, id, statement, token_owner).await?;
        Ok(found.filter(|it| !is_over(it.1.0, now)).map(|it| it.0))
    }

    /// Whose session this is the SHA-256 of.
    pub async fn by_session(&self, hash: &str, now: Timestamp) -> Result<Option<Session>, Error> {
        let statement = sql("SELECT p.id, p.kind, p.name, s.csrf, s.expires_at
            FROM sessions AS s JOIN principals AS p ON p.id = s.principal_id
            WHERE s.hash = $1 AND p.disabled = 0")
        .bind(hash);
        let row = |row: &Row| {
            let caller = Caller { who: Some(who(row)?), limit: None, token: None };
            Ok(Session { caller, csrf: row.get(3)?, expires_at: row.get(4)? })
        };
        let found = self.database.remembered_row(|it| &it.sessions, hash.to_owned(), statement, row).await?;
        Ok(found.filter(|it| !is_over(Some(it.expires_at), now)))
    }

    /// A user whose password fitted, or whom an issuer vouched for.
    pub async fn by_login(&self, id: PrincipalId) -> Result<Option<Caller>, Error> {
        let statement = sql("SELECT id, kind, name FROM principals WHERE id = $1 AND disabled = 0");
        let found = self.database.remembered_row(|it| &it.principals, id, statement.bind(id), who).await?;
        Ok(found.map(|who| Caller { who: Some(who), limit: None, token: None }))
    }

    /// All that a caller may in a namespace. One that is not there and one that they may do
    /// nothing in are not told apart.
    pub async fn permissions(
        &self,
        caller: &Caller,
        namespace: &NamespaceName,
    ) -> Result<Permissions, Error> {
        Ok(self.look(caller, namespace).await?.map_or_else(Permissions::default, |it| it.1))
    }

    async fn look(
        &self,
        caller: &Caller,
        namespace: &NamespaceName,
    ) -> Result<Option<(NamespaceId, Permissions)>, Error> {
        let statement = sql("SELECT id, public FROM namespaces WHERE name = $1").bind(namespace);
        let row = |row: &Row| Ok((row.get(0)?, row.get(1)?));
        let found =
            self.database.remembered_row(|it| &it.namespaces, namespace.clone(), statement, row).await?;
        let Some((id, public)) = found else { return Ok(None) };
        let grants = match caller.principal() {
            Some(principal) => self.grants_of(principal).await?,
            None => Vec::new(),
        };
        Ok(Some((id, grants::allowed(&grants, caller.limit, Place::Namespace { id, public }))))
    }

    /// Leave to do `P` in a namespace, or [`Error::Denied`], also where there is no such namespace.
    pub async fn namespace<P: Needs>(
        &self,
        caller: &Caller,
        namespace: &NamespaceName,
    ) -> Result<Access<P>, Error> {
        match self.look(caller, namespace).await? {
            Some((id, allowed)) if allowed.contains(P::PERMISSION) => Ok(Access::new(id, caller.actor())),
            _ => Err(Error::Denied),
        }
    }

    /// All that a caller may everywhere.
    pub async fn everywhere(&self, caller: &Caller) -> Result<Permissions, Error> {
        let Some(principal) = caller.principal() else { return Ok(Permissions::default()) };
        let grants = self.grants_of(principal).await?;
        Ok(grants::allowed(&grants, caller.limit, Place::Instance))
    }

    async fn grants_of(&self, principal: PrincipalId) -> Result<Vec<Grant>, Error> {
        let read = async { grants::grants_of(&mut self.database.read().await?, principal).await };
        self.database.remembered(|it| &it.grants, principal, read).await
    }

    /// Leave to do `P` everywhere.
    pub async fn instance<P: Needs>(&self, caller: &Caller) -> Result<InstanceAccess<P>, Error> {
        if self.everywhere(caller).await?.contains(P::PERMISSION) {
            return Ok(InstanceAccess::new(caller.actor()));
        }
        Err(Error::Denied)
    }
}
