//! What somebody may see of lists that go over namespaces: one condition, written once.
//!
//! Only the [`Authoriser`] makes a [`Visible`], so that no list over all namespaces can be asked for
//! by somebody who may not read them.

use crate::database::{Statement, sql};
use crate::grants::{self, Place};
use crate::namespaces::source_host;
use crate::{
    Authoriser, Caller, Error, Namespace, NamespaceId, NamespaceName, Permission, Store, namespaces,
};

/// The namespaces that somebody may read, as lists ask for them.
#[derive(Clone, Debug)]
pub struct Visible {
    /// Every one.
    all: bool,
    /// Those with a grant to this account; to nobody's where it is 0.
    principal: i64,
    /// Of them this one alone, unless it is 0.
    only: i64,
}

/// The condition on a table `n` of namespaces. Its parameters are the statement's first three.
///
/// Every role lets one read; a test holds that this list has them all.
macro_rules! visible {
    ($before:expr, $behind:literal) => {
        concat!(
            $before,
            " (n.public = 1 OR (($3 = 0 OR n.id = $3) AND ($1 = 1 OR n.id IN (
                SELECT g.namespace_id FROM grants AS g WHERE g.principal_id = $2 AND g.what IN ('read',
                    'viewer', 'developer', 'maintainer', 'namespace-admin', 'security-auditor',
                    'administrator'))))) ",
            $behind
        )
    };
}
pub(crate) use visible;

impl Visible {
    /// For methods that hold another leave to read.
    pub(crate) fn everything() -> Visible {
        Visible { all: true, principal: 0, only: 0 }
    }

    /// Whether nothing is kept from them.
    pub(crate) fn is_everything(&self) -> bool {
        self.all && self.only == 0
    }

    /// Binds the first three parameters.
    pub(crate) fn bind(&self, statement: Statement) -> Statement {
        statement.bind(self.all).bind(self.principal).bind(self.only)
    }
}

impl Authoriser {
    /// What a caller may see. A token that does not let its owner read sees what everybody may.
    pub async fn visible(&self, caller: &Caller) -> Result<Visible, Error> {
        let nothing = Visible { all: false, principal: 0, only: 0 };
        let Some(principal) = caller.principal() else { return Ok(nothing) };
        let limit = caller.limit();
        if limit.is_some_and(|it| !it.permissions.contains(Permission::Read)) {
            return Ok(nothing);
        }
        let grants = grants::grants_of(&mut self.database.read().await?, principal).await?;
        let all = grants::allowed(&grants, None, Place::Instance).contains(Permission::Read);
        let only = limit.and_then(|it| it.namespace).map_or(0, NamespaceId::number);
        Ok(Visible { all, principal: principal.number(), only })
    }
}

impl Store {
    /// The namespaces that somebody may read and whose names have a text in them, in the order of
    /// their names behind one of them.
    pub async fn visible_namespaces(
        &self,
        visible: &Visible,
        containing: &str,
        after: Option<&NamespaceName>,
        limit: u32,
    ) -> Result<Vec<Namespace>, Error> {
        let statement = visible.bind(sql(visible!(
            concat!(
                "SELECT n.id, n.name, n.public, n.auto_scan, n.policy, n.refusal, n.quota_bytes,
                    n.used_bytes, n.created_at, n.engine, ",
                source_host!(),
                " FROM namespaces AS n WHERE n.name > $4 AND n.name LIKE $5 ESCAPE '!' AND"
            ),
            "ORDER BY n.name LIMIT $6"
        )));
        let statement = statement
            .bind(after.map_or("", NamespaceName::as_str))
            .bind(containing_pattern(containing))
            .bind(i64::from(limit));
        self.database.read().await?.all(statement, namespaces::namespace).await
    }
}

/// A pattern for texts that have this one in them, with `!` before what `LIKE` would read otherwise.
pub(crate) fn containing_pattern(text: &str) -> String {
    format!("%{}%", escaped(text))
}

/// The text as `LIKE` reads it, with `!` as the escape.
pub(crate) fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern
}

/// A glob of `*` and `?` as a pattern of `LIKE`.
pub(crate) fn glob_pattern(glob: &str) -> String {
    let mut pattern = String::with_capacity(glob.len());
    for character in glob.chars() {
        match character {
            '*' => pattern.push('%'),
            '?' => pattern.push('_'),
            '%' | '_' | '!' => {
                pattern.push('!');
                pattern.push(character);
            }
            other => pattern.push(other),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Granted, ROLES};

    #[test]
    fn every_role_that_reads_is_in_the_condition() {
        let condition = visible!("", "");
        for (role, name, permissions) in ROLES {
            assert_eq!(
                permissions.contains(Permission::Read),
                condition.contains(&format!("'{name}'")),
                "{role:?}"
            );
        }
        for permission in Permission::ALL {
            let name = Granted::Permission(permission).name();
            assert_eq!(permission == Permission::Read, condition.contains(&format!("'{name}'")));
        }
    }

    #[test]
    fn what_like_would_read_otherwise_is_escaped() {
        assert_eq!(containing_pattern("a%b_c!"), "%a!%b!_c!!%");
        assert_eq!(glob_pattern("v1.*_?"), "v1.%!__");
    }
}
