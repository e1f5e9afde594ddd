//! Personal tokens: what programs sign in with in the name of whoever made them.

use plimsoll_core::Timestamp;
use plimsoll_store::{NamespaceId, NamespaceName, NewToken, Permissions, TokenId};

use super::super::ports::Secret;
use super::super::secret;
use super::prelude::*;

pub(in super::super) const ROUTES: &[Route] = &[
    get(
        "listTokens",
        "/tokens",
        Needs::Somebody,
        "The tokens of whoever calls, newest first. A token that may less than its owner sees itself alone.",
        |api, call| Box::pin(list(api, call)),
    )
    .gives::<Page<Token>>(),
    post(
        "createToken",
        "/tokens",
        Needs::Themselves,
        "Makes a token; its text is told once.",
        |api, call| Box::pin(create(api, call)),
    )
    .takes::<TokenRequest>()
    .gives::<NewlyMadeToken>()
    .with_status(201)
    .secret(),
    delete(
        "deleteToken",
        "/tokens/{token}",
        Needs::Somebody,
        "Ends a token. One that may less than its owner ends nothing but itself.",
        |api, call| Box::pin(end(api, call)),
    )
    .refuses(&[Kind::NotFound]),
];

wire! {
    /// A token, without what it is.
    struct Token {
        /// Its number.
        id: i64,
        /// What its owner calls it.
        name: String,
        /// Its first characters.
        prefix: String,
        /// What it leaves of what its owner may.
        permissions: Vec<String>,
        /// Whether it is for one namespace only.
        one_namespace: bool,
        /// When it was made.
        created_at: Time,
        /// When it ends.
        expires_at: Option<Time>,
        /// When it was last used.
        used_at: Option<Time>,
    }

    /// A token to be made.
    struct TokenRequest {
        /// What its owner calls it.
        name: String,
        /// What it leaves of what its owner may: `read`, `pull`, `push`, `scan`, `configure`, `administer`.
        permissions: Vec<PermissionWord>,
        /// The only namespace it is for.
        namespace: Option<String>,
        /// When it ends.
        expires_at: Option<Time>,
    }

    /// A token that was made.
    struct NewlyMadeToken {
        /// Its number.
        id: i64,
        /// The token itself. It is told now and never again.
        token: String,
        /// Its first characters.
        prefix: String,
    }
}

words! {
    /// Something that one may be allowed to do.
    enum PermissionWord {
        /// See what is there, and what was found in it.
        Read = "read",
        /// Pull images.
        Pull = "pull",
        /// Push, tag and delete images.
        Push = "push",
        /// Have something scanned, and stop it.
        Scan = "scan",
        /// Change settings, policies, exceptions and webhooks.
        Configure = "configure",
        /// Change users, robots and what they may do.
        Administer = "administer",
    }
}

/// The longest name of a token.
const NAME_CHARACTERS_MAX: usize = 128;

pub(super) fn shown(token: plimsoll_store::Token) -> Token {
    Token {
        id: token.id.number(),
        name: token.name,
        prefix: token.prefix,
        permissions: token.permissions.each().map(|it| it.name().to_owned()).collect(),
        one_namespace: token.namespace.is_some(),
        created_at: Time(token.created_at),
        expires_at: token.expires_at.map(Time),
        used_at: token.used_at.map(Time),
    }
}

/// A request that can be meant, with a secret for it.
pub(super) struct Prepared {
    request: TokenRequest,
    permissions: Permissions,
    secret: Secret,
}

impl Prepared {
    pub(super) fn of(request: TokenRequest, now: Timestamp) -> Result<Prepared, Problem> {
        if !(1..=NAME_CHARACTERS_MAX).contains(&request.name.chars().count()) {
            return Err(Problem::invalid("/name", format!("1 to {NAME_CHARACTERS_MAX} characters")));
        }
        if request.permissions.is_empty() {
            return Err(Problem::invalid("/permissions", "a token that may nothing is none"));
        }
        if request.expires_at.is_some_and(|it| it.0 <= now) {
            return Err(Problem::invalid("/expires_at", "that is over"));
        }
        let each: Vec<Permission> =
            request.permissions.iter().filter_map(|it| Permission::parse(it.name())).collect();
        Ok(Prepared { permissions: Permissions::of(&each), secret: secret::token()?, request })
    }

    pub(super) fn token(&self, namespace: Option<NamespaceId>) -> NewToken<'_> {
        NewToken {
            name: &self.request.name,
            prefix: &self.secret.prefix,
            hash: &self.secret.hash,
            permissions: self.permissions,
            namespace,
            expires_at: self.request.expires_at.map(|it| it.0),
        }
    }

    pub(super) fn told(self, id: TokenId) -> NewlyMadeToken {
        NewlyMadeToken { id: id.number(), token: self.secret.text, prefix: self.secret.prefix }
    }
}

async fn list(api: &Api, call: &Call) -> Answered {
    let tokens = api.store.tokens(&call.caller).await?;
    Answer::page(&Page::whole(tokens.into_iter().map(shown).collect()))
}

async fn create(api: &Api, call: &Call) -> Answered {
    let prepared = Prepared::of(call.json()?, call.now)?;
    let namespace = match &prepared.request.namespace {
        None => None,
        Some(name) => Some(readable(api, call, name).await?),
    };
    let id = api.store.create_token(&call.caller, &prepared.token(namespace), call.now).await?;
    Answer::created(&format!("/tokens/{id}"), &prepared.told(id))
}

/// A namespace that the caller may do something in.
async fn readable(api: &Api, call: &Call, name: &str) -> Result<NamespaceId, Problem> {
    let unknown = || Problem::invalid("/namespace", "there is no such namespace, or you may not see it");
    let name = NamespaceName::parse(name).map_err(|_| unknown())?;
    let access = api.authoriser.namespace::<Read>(&call.caller, &name).await.map_err(|_| unknown())?;
    Ok(access.namespace())
}

async fn end(api: &Api, call: &Call) -> Answered {
    api.store.delete_token(&call.caller, TokenId::from_number(call.id("token")?)).await?;
    Ok(Answer::nothing())
}
