//! Who may do what where, as a value: a method that takes an `Access<Push>` cannot be called by
//! somebody who may not push there.
//!
//! Only the [`Authoriser`] makes these values. It decides; it never does.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use crate::database::{Database, Value, sql};
use crate::{Error, NamespaceId, NamespaceName, Noun};

/// Something that one may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// See what is there, and what was found in it.
    Read,
    /// Pull images.
    Pull,
    /// Push, tag and delete images.
    Push,
    /// Have something scanned, and stop it.
    Scan,
    /// Change settings, policies, exceptions and webhooks.
    Configure,
    /// Change users, robots and what they may do.
    Administer,
}

impl Permission {
    /// All of them, in the order of the manual.
    pub const ALL: [Permission; 6] = [
        Permission::Read,
        Permission::Pull,
        Permission::Push,
        Permission::Scan,
        Permission::Configure,
        Permission::Administer,
    ];

    /// The word for it, in grants and in the interface.
    pub fn name(self) -> &'static str {
        match self {
            Permission::Read => "read",
            Permission::Pull => "pull",
            Permission::Push => "push",
            Permission::Scan => "scan",
            Permission::Configure => "configure",
            Permission::Administer => "administer",
        }
    }

    /// The permission of this name.
    pub fn parse(name: &str) -> Option<Permission> {
        Permission::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A permission as a type, so that a method can ask for it.
pub trait Needs: Send + Sync + 'static {
    /// The permission.
    const PERMISSION: Permission;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl Needs for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}

permissions! {
    /// [`Permission::Read`].
    Read
    /// [`Permission::Pull`].
    Pull
    /// [`Permission::Push`].
    Push
    /// [`Permission::Scan`].
    Scan
    /// [`Permission::Configure`].
    Configure
    /// [`Permission::Administer`].
    Administer
}

/// The permissions with which one may learn what a repository has: who pushes must be able to ask
/// what is there already.
pub trait Sees: Needs {}

impl Sees for Read {}
impl Sees for Pull {}
impl Sees for Push {}

/// Who does it, as histories and the audit log say: `system`, `user/anna`, `robot/ci`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Actor(Arc<str>);

impl Actor {
    pub(crate) fn new(text: &str) -> Actor {
        Actor(text.into())
    }

    /// The actor as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&Actor> for Value {
    fn from(actor: &Actor) -> Value {
        Value::from(actor.as_str())
    }
}

/// Somebody may do `P` in one namespace.
pub struct Access<P> {
    namespace: NamespaceId,
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

/// Somebody may do `P` in every namespace, and to the instance itself.
pub struct InstanceAccess<P> {
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P> Access<P> {
    pub(crate) fn new(namespace: NamespaceId, actor: Actor) -> Access<P> {
        Access { namespace, actor, permission: PhantomData }
    }

    /// The namespace it is for.
    pub fn namespace(&self) -> NamespaceId {
        self.namespace
    }

    /// Who may.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

impl<P> InstanceAccess<P> {
    pub(crate) fn new(actor: Actor) -> InstanceAccess<P> {
        InstanceAccess { actor, permission: PhantomData }
    }

    /// The same for one namespace.
    pub fn within(&self, namespace: NamespaceId) -> Access<P> {
        Access::new(namespace, self.actor.clone())
    }

    /// Who may.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

// Not derived: a permission's type need not be `Clone` for the leave to be.
impl<P> Clone for Access<P> {
    fn clone(&self) -> Self {
        Access::new(self.namespace, self.actor.clone())
    }
}

impl<P> Clone for InstanceAccess<P> {
    fn clone(&self) -> Self {
        InstanceAccess::new(self.actor.clone())
    }
}

impl<P: Needs> fmt::Debug for Access<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} may {} in namespace {}", self.actor, P::PERMISSION.name(), self.namespace)
    }
}

impl<P: Needs> fmt::Debug for InstanceAccess<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} may {} everywhere", self.actor, P::PERMISSION.name())
    }
}

/// Whoever makes [`Access`] values. One module of the server holds it.
#[derive(Clone)]
pub struct Authoriser {
    pub(crate) database: Arc<Database>,
}

impl Authoriser {
    /// What the program does by itself: the reconciler, the garbage collection.
    pub fn system<P: Needs>(&self) -> InstanceAccess<P> {
        InstanceAccess::new(Actor::new("system"))
    }

    /// The same, for a change that histories are to know somebody else's: whoever has found out that they
    /// may says who they are.
    pub async fn acting_in<P: Needs>(
        &self,
        namespace: &NamespaceName,
        actor: &str,
    ) -> Result<Access<P>, Error> {
        let leave = self.system_in::<P>(namespace).await?;
        Ok(Access::new(leave.namespace(), Actor::new(actor)))
    }

    /// The same in a namespace known by name.
    pub async fn system_in<P: Needs>(&self, namespace: &NamespaceName) -> Result<Access<P>, Error> {
        let statement = sql("SELECT id FROM namespaces WHERE name = $1").bind(namespace);
        let id = self.database.read().await?.optional(statement, |row| row.get(0)).await?;
        let id = id.ok_or_else(|| Error::unknown(Noun::Namespace, namespace))?;
        Ok(self.system::<P>().within(id))
    }
}
