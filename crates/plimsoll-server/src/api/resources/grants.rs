//! Who may do what where.

use plimsoll_store::{Access, Grant as Stored, Granted, InstanceAccess, PrincipalId, PrincipalKind, ROLES};

use super::prelude::*;

const HERE: &str = "/namespaces/{namespace}/grants";
const ONE_HERE: &str = "/namespaces/{namespace}/grants/{kind}/{name}/{granted}";
const ONE: &str = "/grants/{kind}/{name}/{granted}";

pub(in super::super) const ROUTES: &[Route] = &[
    get("listRoles", "/roles", Needs::Somebody, "The roles, and what each may.", |api, call| {
        Box::pin(roles(api, call))
    })
    .gives::<Vec<RoleShown>>(),
    get(
        "listGrants",
        HERE,
        Needs::Namespace(Permission::Administer),
        "What was granted in a namespace.",
        |api, call| Box::pin(list(api, call)),
    )
    .gives::<Page<GrantShown>>(),
    put(
        "grant",
        ONE_HERE,
        Needs::Namespace(Permission::Administer),
        "Grants a role or a permission in a namespace to a user or to one of its robots.",
        |api, call| Box::pin(grant(api, call)),
    )
    .refuses(&[Kind::NotFound]),
    delete(
        "revoke",
        ONE_HERE,
        Needs::Namespace(Permission::Administer),
        "Takes a grant in a namespace back.",
        |api, call| Box::pin(revoke(api, call)),
    )
    .refuses(&[Kind::NotFound]),
    get(
        "listInstanceGrants",
        "/grants",
        Needs::Instance(Permission::Administer),
        "What was granted everywhere.",
        |api, call| Box::pin(list_everywhere(api, call)),
    )
    .gives::<Page<GrantShown>>(),
    put(
        "grantEverywhere",
        ONE,
        Needs::Instance(Permission::Administer),
        "Grants a role or a permission everywhere.",
        |api, call| Box::pin(grant_everywhere(api, call)),
    )
    .refuses(&[Kind::NotFound]),
    delete(
        "revokeEverywhere",
        ONE,
        Needs::Instance(Permission::Administer),
        "Takes a grant for everywhere back.",
        |api, call| Box::pin(revoke_everywhere(api, call)),
    )
    .refuses(&[Kind::NotFound, Kind::InUse]),
];

wire! {
    /// A role.
    struct RoleShown {
        /// Its name.
        name: String,
        /// What it may.
        permissions: Vec<String>,
    }

    /// A grant.
    struct GrantShown {
        /// `user` or `robot`.
        kind: String,
        /// Whose it is.
        name: String,
        /// The role or the permission.
        granted: String,
    }
}

async fn roles(_api: &Api, _call: &Call) -> Answered {
    let rows = ROLES.iter().map(|(_, name, permissions)| RoleShown {
        name: (*name).to_owned(),
        permissions: permissions.each().map(|it| it.name().to_owned()).collect(),
    });
    Answer::json(&rows.collect::<Vec<_>>())
}

fn shown((who, grant): (String, Stored)) -> GrantShown {
    let (kind, name) = who.split_once('/').unwrap_or(("user", &who));
    GrantShown { kind: kind.to_owned(), name: name.to_owned(), granted: grant.granted.name().to_owned() }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let found = api.store.named_grants(&call.access::<Administer>(api).await?).await?;
    Answer::page(&Page::whole(found.into_iter().map(shown).collect()))
}

async fn list_everywhere(api: &Api, call: &Call) -> Answered {
    let found = api.store.named_grants_everywhere(&call.instance::<Administer>(api).await?).await?;
    Answer::page(&Page::whole(found.into_iter().map(shown).collect()))
}

fn granted(call: &Call) -> Result<Granted, Problem> {
    Granted::parse(call.value("granted")).ok_or_else(Problem::not_found)
}

fn kind(call: &Call) -> Result<PrincipalKind, Problem> {
    match call.value("kind") {
        "user" => Ok(PrincipalKind::User),
        "robot" => Ok(PrincipalKind::Robot),
        _ => Err(Problem::not_found()),
    }
}

/// Who is meant, in a namespace and the leave for it.
async fn here(api: &Api, call: &Call) -> Result<(Access<Administer>, PrincipalId), Problem> {
    let access = call.access::<Administer>(api).await?;
    let found = api.store.grantee_named(&access, kind(call)?, call.value("name")).await?;
    Ok((access, found.id))
}

/// The same for the instance.
async fn everywhere(api: &Api, call: &Call) -> Result<(InstanceAccess<Administer>, PrincipalId), Problem> {
    let access = call.instance::<Administer>(api).await?;
    let found = api.store.principal_named(&access, kind(call)?, call.value("name")).await?;
    Ok((access, found.id))
}

async fn grant(api: &Api, call: &Call) -> Answered {
    let granted = granted(call)?;
    let (access, who) = here(api, call).await?;
    api.store.grant(&access, who, granted).await?;
    Ok(Answer::nothing())
}

async fn revoke(api: &Api, call: &Call) -> Answered {
    let granted = granted(call)?;
    let (access, who) = here(api, call).await?;
    match api.store.revoke(&access, who, granted).await? {
        true => Ok(Answer::nothing()),
        false => Err(Problem::new(Kind::NotFound, "that was not granted")),
    }
}

async fn grant_everywhere(api: &Api, call: &Call) -> Answered {
    let granted = granted(call)?;
    let (access, who) = everywhere(api, call).await?;
    api.store.grant_everywhere(&access, who, granted).await?;
    Ok(Answer::nothing())
}

async fn revoke_everywhere(api: &Api, call: &Call) -> Answered {
    let granted = granted(call)?;
    let (access, who) = everywhere(api, call).await?;
    match api.store.revoke_everywhere(&access, who, granted).await? {
        true => Ok(Answer::nothing()),
        false => Err(Problem::new(Kind::NotFound, "that was not granted")),
    }
}
