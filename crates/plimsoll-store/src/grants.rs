//! Roles and grants: what somebody may do where, and the decision over it.
//!
//! [`allowed`] is the whole of the decision: a function of what was granted, what a token leaves
//! of it, and whether the namespace is public.

use plimsoll_core::Timestamp;

use crate::database::{Column, Row, Session, Value, sql};
use crate::principals::must_be;
use crate::{
    Access, Administer, Error, InstanceAccess, NamespaceId, Permission, PrincipalId, Store, administrators,
};

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u8);

impl Permissions {
    /// Every permission.
    pub const ALL: Permissions = Permissions::of(&Permission::ALL);

    /// These permissions.
    pub const fn of(permissions: &[Permission]) -> Permissions {
        let mut bits = 0;
        let mut index = 0;
        while index < permissions.len() {
            bits |= 1 << permissions[index] as u8;
            index += 1;
        }
        Permissions(bits)
    }

    /// Whether one of them is this.
    pub fn contains(self, permission: Permission) -> bool {
        self.0 & Permissions::of(&[permission]).0 != 0
    }

    /// What is in either.
    pub fn and(self, other: Permissions) -> Permissions {
        Permissions(self.0 | other.0)
    }

    /// What is in both.
    pub fn limited_to(self, other: Permissions) -> Permissions {
        Permissions(self.0 & other.0)
    }

    /// One by one, in the order of the manual.
    pub fn each(self) -> impl Iterator<Item = Permission> {
        Permission::ALL.into_iter().filter(move |it| self.contains(*it))
    }
}

impl Column for Permissions {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        let bits = u8::try_from(row.get::<i64>(index)?).ok().filter(|it| it & !Permissions::ALL.0 == 0);
        bits.map(Permissions).ok_or(Error::Corrupt { what: "a set of permissions" })
    }
}

impl From<Permissions> for Value {
    fn from(permissions: Permissions) -> Value {
        Value::from(i64::from(permissions.0))
    }
}

/// Permissions that go together often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees and pulls.
    Viewer,
    /// Pushes and has scanned as well.
    Developer,
    /// Changes settings, policies and exceptions as well.
    Maintainer,
    /// Decides who may do what in a namespace as well.
    NamespaceAdmin,
    /// Sees all findings and has scanned; pulls nothing.
    SecurityAuditor,
    /// May everything everywhere.
    Administrator,
}

/// Every role: its name, and what it may.
pub const ROLES: &[(Role, &str, Permissions)] = {
    use Permission::{Configure, Pull, Push, Read, Scan};
    &[
        (Role::Viewer, "viewer", Permissions::of(&[Read, Pull])),
        (Role::Developer, "developer", Permissions::of(&[Read, Pull, Push, Scan])),
        (Role::Maintainer, "maintainer", Permissions::of(&[Read, Pull, Push, Scan, Configure])),
        (Role::NamespaceAdmin, "namespace-admin", Permissions::ALL),
        (Role::SecurityAuditor, "security-auditor", Permissions::of(&[Read, Scan])),
        (Role::Administrator, "administrator", Permissions::ALL),
    ]
};

/// What is granted: a role or one permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Granted {
    /// All that the role may.
    Role(Role),
    /// This alone.
    Permission(Permission),
}

impl Granted {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Granted::Permission(permission) => permission.name(),
            Granted::Role(role) => row_of(role).1,
        }
    }

    /// What the word means.
    pub fn parse(name: &str) -> Option<Granted> {
        let role = ROLES.iter().find(|it| it.1 == name).map(|it| Granted::Role(it.0));
        role.or_else(|| Permission::parse(name).map(Granted::Permission))
    }

    /// What it comes to.
    pub fn permissions(self) -> Permissions {
        match self {
            Granted::Permission(permission) => Permissions::of(&[permission]),
            Granted::Role(role) => row_of(role).2,
        }
    }
}

fn row_of(role: Role) -> &'static (Role, &'static str, Permissions) {
    ROLES.iter().find(|it| it.0 == role).expect("every role has a row")
}

impl Column for Granted {
    fn read(row: &Row, index: usize) -> Result<Self, Error> {
        Granted::parse(&row.get::<String>(index)?).ok_or(Error::Corrupt { what: "a role" })
    }
}

/// A grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose it is.
    pub principal: PrincipalId,
    /// Where it holds; everywhere, if nowhere in particular.
    pub namespace: Option<NamespaceId>,
    /// What it allows.
    pub granted: Granted,
}

/// What a token leaves of what its owner may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) permissions: Permissions,
    pub(crate) namespace: Option<NamespaceId>,
}

/// Where something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Instance,
    Namespace { id: NamespaceId, public: bool },
}

/// What may be done in a place by somebody with these grants and this token.
pub(crate) fn allowed(grants: &[Grant], limit: Option<Limit>, place: Place) -> Permissions {
    let granted = grants
        .iter()
        .filter(|grant| match (grant.namespace, place) {
            (None, _) => true,
            (Some(namespace), Place::Namespace { id, .. }) => namespace == id,
            (Some(_), Place::Instance) => false,
        })
        .fold(Permissions::default(), |sum, grant| sum.and(grant.granted.permissions()));
    let limited = match limit {
        None => granted,
        Some(limit) => match (limit.namespace, place) {
            (Some(namespace), Place::Namespace { id, .. }) if namespace != id => Permissions::default(),
            (Some(_), Place::Instance) => Permissions::default(),
            _ => granted.limited_to(limit.permissions),
        },
    };
    match place {
        // What everybody may, a token does not take away.
        Place::Namespace { public: true, .. } => {
            limited.and(Permissions::of(&[Permission::Read, Permission::Pull]))
        }
        _ => limited,
    }
}

pub(crate) async fn grants_of(session: &mut Session, principal: PrincipalId) -> Result<Vec<Grant>, Error> {
    let statement = sql("SELECT principal_id, namespace_id, what FROM grants WHERE principal_id = $1");
    session.all(statement.bind(principal), grant).await
}

pub(crate) fn grant(row: &Row) -> Result<Grant, Error> {
    let namespace: Option<i64> = row.get(1)?;
    Ok(Grant {
        principal: row.get(0)?,
        namespace: namespace.map(NamespaceId::from_number),
        granted: row.get(2)?,
    })
}

impl Store {
    /// Grants something in a namespace. Granting it twice is granting it.
    pub async fn grant(
        &self,
        access: &Access<Administer>,
        principal: PrincipalId,
        granted: Granted,
    ) -> Result<(), Error> {
        if granted == Granted::Role(Role::Administrator) {
            return Err(Error::Invalid { what: "an administrator of a namespace (it is `namespace-admin`)" });
        }
        self.insert_grant(principal, Some(access.namespace()), granted).await
    }

    /// Grants something everywhere.
    pub async fn grant_everywhere(
        &self,
        _access: &InstanceAccess<Administer>,
        principal: PrincipalId,
        granted: Granted,
    ) -> Result<(), Error> {
        self.insert_grant(principal, None, granted).await
    }

    async fn insert_grant(
        &self,
        principal: PrincipalId,
        namespace: Option<NamespaceId>,
        granted: Granted,
    ) -> Result<(), Error> {
        let mut transaction = self.database.write().await?;
        must_be(&mut transaction, principal).await?;
        // What an issuer's groups granted is granted by hand from now on.
        let statement = sql("INSERT INTO grants (principal_id, namespace_id, what) VALUES ($1, $2, $3)
            ON CONFLICT (principal_id, COALESCE(namespace_id, 0), what) DO UPDATE SET origin = NULL");
        let statement =
            statement.bind(principal).bind(namespace.map(NamespaceId::number)).bind(granted.name());
        transaction.execute(statement).await?;
        transaction.commit().await
    }

    /// Takes a grant in a namespace back; says whether there was one.
    pub async fn revoke(
        &self,
        access: &Access<Administer>,
        principal: PrincipalId,
        granted: Granted,
    ) -> Result<bool, Error> {
        self.delete_grant(principal, Some(access.namespace()), granted).await
    }

    /// Takes a grant for everywhere back; says whether there was one.
    pub async fn revoke_everywhere(
        &self,
        _access: &InstanceAccess<Administer>,
        principal: PrincipalId,
        granted: Granted,
    ) -> Result<bool, Error> {
        self.delete_grant(principal, None, granted).await
    }

    async fn delete_grant(
        &self,
        principal: PrincipalId,
        namespace: Option<NamespaceId>,
        granted: Granted,
    ) -> Result<bool, Error> {
        let statement = sql("DELETE FROM grants
            WHERE principal_id = $1 AND COALESCE(namespace_id, 0) = $2 AND what = $3")
        .bind(principal)
        .bind(namespace.map_or(0, NamespaceId::number))
        .bind(granted.name());
        let mut transaction = self.database.write().await?;
        if namespace.is_none() {
            administrators::lock(&mut transaction).await?;
        }
        let deleted = transaction.execute(statement).await?;
        administrators::must_be_left(&mut transaction, namespace.is_none() && deleted > 0).await?;
        transaction.commit().await?;
        Ok(deleted > 0)
    }

    /// The grants that hold in a namespace and nowhere else.
    pub async fn grants(&self, access: &Access<Administer>) -> Result<Vec<Grant>, Error> {
        let statement = sql("SELECT principal_id, namespace_id, what FROM grants WHERE namespace_id = $1
            ORDER BY id LIMIT 10000");
        self.database.read().await?.all(statement.bind(access.namespace()), grant).await
    }
}

/// When something ends, if ever.
pub(crate) fn is_over(expires_at: Option<Timestamp>, now: Timestamp) -> bool {
    expires_at.is_some_and(|it| it <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEAM: NamespaceId = NamespaceId::from_number(1);
    const OTHER: NamespaceId = NamespaceId::from_number(2);

    #[track_caller]
    fn check(grants: &[(Option<NamespaceId>, &str)], limit: Option<Limit>, place: Place, expected: &str) {
        let grants: Vec<Grant> = grants
            .iter()
            .map(|(namespace, what)| Grant {
                principal: PrincipalId::from_number(1),
                namespace: *namespace,
                granted: Granted::parse(what).unwrap(),
            })
            .collect();
        let names: Vec<_> = allowed(&grants, limit, place).each().map(Permission::name).collect();
        assert_eq!(names.join(" "), expected);
    }

    const PRIVATE: Place = Place::Namespace { id: TEAM, public: false };
    const PUBLIC: Place = Place::Namespace { id: TEAM, public: true };

    #[test]
    fn a_grant_holds_where_it_was_given() {
        check(&[(Some(TEAM), "viewer")], None, PRIVATE, "read pull");
        check(&[(Some(OTHER), "namespace-admin")], None, PRIVATE, "");
        check(&[(None, "security-auditor")], None, PRIVATE, "read scan");
        check(&[(Some(TEAM), "namespace-admin")], None, Place::Instance, "");
        check(&[(Some(TEAM), "read"), (None, "push")], None, PRIVATE, "read push");
    }

    #[test]
    fn a_public_namespace_is_read_and_pulled_by_everybody() {
        check(&[], None, PUBLIC, "read pull");
        check(&[], None, PRIVATE, "");
        check(&[], None, Place::Instance, "");
    }

    #[test]
    fn a_token_takes_away_and_never_gives() {
        let pull = Permissions::of(&[Permission::Pull]);
        let limit = |permissions, namespace| Some(Limit { permissions, namespace });
        check(&[(None, "administrator")], limit(pull, None), PRIVATE, "pull");
        check(&[(None, "administrator")], limit(Permissions::ALL, Some(OTHER)), PRIVATE, "");
        check(&[(None, "administrator")], limit(Permissions::ALL, Some(TEAM)), Place::Instance, "");
        check(&[(Some(TEAM), "read")], limit(pull, Some(TEAM)), PRIVATE, "");
        check(&[], limit(pull, Some(OTHER)), PUBLIC, "read pull");
    }

    #[test]
    fn every_role_and_permission_is_read_as_it_is_written() {
        let roles = ROLES.iter().map(|it| Granted::Role(it.0));
        for granted in roles.chain(Permission::ALL.map(Granted::Permission)) {
            assert_eq!(Granted::parse(granted.name()), Some(granted));
        }
        assert_eq!(Granted::parse("owner"), None);
    }
}
