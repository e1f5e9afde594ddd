//! From the issuer's groups to what they grant here: `GROUP=ROLE` for everywhere, or
//! `GROUP=ROLE@NAMESPACE`.
//!
//! Pure. A group is named by the issuer, and may hold anything; what it holds of commas and percent
//! signs is written as in an address (`%2C`, `%25`), since commas stand between the pairs.

use plimsoll_store::{Granted, IssuerGrant, NamespaceName, Role};

use crate::oci::{decode, encode};

/// Nobody is in more groups that matter.
const GROUPS_MAX: usize = 2_000;

/// What a group grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupGrant {
    group: String,
    grant: IssuerGrant,
}

/// All that groups grant, as the setting has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupGrants(pub Vec<GroupGrant>);

impl GroupGrant {
    /// Reads a pair; why not, otherwise, as the end of a sentence.
    pub fn parse(text: &str) -> Result<GroupGrant, String> {
        // Names of groups may hold equals signs (`cn=team`), roles and namespaces do not.
        let (group, grant) =
            text.rsplit_once('=').ok_or(format!("holds `{text}`, which is no `GROUP=ROLE@NAMESPACE`"))?;
        let group = decode(group.trim()).filter(|it| !it.is_empty());
        let group = group.ok_or(format!("holds `{text}`, which names no group"))?;
        let (granted, namespace) = match grant.trim().split_once('@') {
            None => (grant.trim(), None),
            Some((granted, namespace)) => {
                let name = NamespaceName::parse(namespace);
                let wrong = |_| format!("holds `{text}`, and `{namespace}` is no name of a namespace");
                (granted, Some(name.map_err(wrong)?))
            }
        };
        let granted = Granted::parse(granted)
            .ok_or(format!("holds `{text}`, and `{granted}` is neither a role nor a permission"))?;
        if namespace.is_some() && granted == Granted::Role(Role::Administrator) {
            return Err(format!("holds `{text}`; of one namespace that is `namespace-admin`"));
        }
        Ok(GroupGrant { group, grant: IssuerGrant { namespace, granted } })
    }

    /// As it is written.
    pub fn text(&self) -> String {
        let group = encode(&self.group);
        match &self.grant.namespace {
            None => format!("{group}={}", self.grant.granted.name()),
            Some(namespace) => format!("{group}={}@{namespace}", self.grant.granted.name()),
        }
    }
}

/// What somebody in these groups is granted.
pub(super) fn granted(table: &[GroupGrant], groups: &[String]) -> Vec<IssuerGrant> {
    let groups = groups.get(..GROUPS_MAX.min(groups.len())).unwrap_or_default();
    let mut all: Vec<IssuerGrant> = Vec::new();
    for row in table.iter().filter(|it| groups.contains(&it.group)) {
        if !all.contains(&row.grant) {
            all.push(row.grant.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(texts: &[&str]) -> Vec<GroupGrant> {
        texts.iter().map(|it| GroupGrant::parse(it).unwrap()).collect()
    }

    #[test]
    fn groups_grant_what_the_table_says_and_nothing_else() {
        let table = table(&["dev=developer@team", "dev=viewer", "cn=ops%2Cou=x=administrator", "qa=viewer"]);
        let granted = |groups: &[&str]| {
            let groups: Vec<String> = groups.iter().map(|it| (*it).to_owned()).collect();
            granted(&table, &groups).len()
        };
        assert_eq!(granted(&["dev"]), 2);
        assert_eq!(granted(&["dev", "qa", "dev"]), 2);
        assert_eq!(granted(&["cn=ops,ou=x"]), 1);
        assert_eq!(granted(&["Dev", "de", "developer", ""]), 0);
    }

    #[test]
    fn a_pair_is_written_as_it_is_read_and_what_is_none_is_refused() {
        for text in ["dev=developer@team", "a%2Cb%20c=read"] {
            assert_eq!(GroupGrant::parse(text).unwrap().text(), text);
        }
        for bad in ["dev", "=viewer", "dev=owner", "dev=viewer@", "dev=viewer@A b", "dev=administrator@team"]
        {
            assert!(GroupGrant::parse(bad).is_err(), "{bad}");
        }
    }
}
