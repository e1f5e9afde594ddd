//! Who calls, and whether he may: one table of what each route needs.
//!
//! A caller is told to sign in as long as that could help, and that he may not where it cannot; by
//! neither does he learn whether a repository is there.

use axum::http::{HeaderName, Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::accounts::Account;
use super::call::Call;
use super::error::{Code, Refusal};
use super::name::Repository;
use super::registry::{Registry, now, unsupported};
use super::route::Route;
use super::scope::{Actions, Scope};
use super::token::{Claims, Kind};
use crate::gate::Reached;

/// Who a request is from.
pub(super) enum Caller {
    /// Somebody who has not signed in.
    Anybody,
    /// Somebody who sends name and secret with each request.
    Account(Account),
    /// Somebody with a token.
    Token(Claims),
}

/// What a route asks of its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// To be known, so that clients find out where tokens are to be had.
    Known,
    /// These actions on the repository of the path.
    Actions(Actions),
    /// To pull or to push: who pushes asks what is there already.
    Seeing,
    /// No such method.
    Unsupported,
}

/// The table: what a route needs, by method.
fn need(route: &Route, method: &Method) -> Need {
    match (route, method.as_str()) {
        (Route::Token, _) => Need::Unsupported,
        (Route::Base, "GET" | "HEAD") => Need::Known,
        // Everybody sees in it what he may pull, and nothing else.
        (Route::Catalog, "GET") => Need::Known,
        (Route::Tags(_) | Route::Referrers(..), "GET") => Need::Actions(Actions::PULL),
        (Route::Blob(..) | Route::Manifest(..), "GET") => Need::Actions(Actions::PULL),
        (Route::Blob(..) | Route::Manifest(..), "HEAD") => Need::Seeing,
        (Route::Blob(..) | Route::Manifest(..), "DELETE") => Need::Actions(Actions::DELETE),
        (Route::Manifest(..), "PUT") => Need::Actions(Actions::PUSH),
        (Route::Uploads(_), "POST") => Need::Actions(Actions::PUSH),
        (Route::Upload(..), "GET" | "PATCH" | "PUT" | "DELETE") => Need::Actions(Actions::PUSH),
        _ => Need::Unsupported,
    }
}

/// Lets a request through, or says why not.
pub(super) async fn check(
    registry: &Registry,
    caller: &Caller,
    call: &Call,
    route: &Route,
) -> Result<(), Refusal> {
    match (need(route, &call.method), route.repository()) {
        (Need::Unsupported, _) => Err(unsupported(&call.method)),
        (Need::Known, _) => match caller {
            Caller::Anybody => Err(challenge(registry, call, None, "sign in first")),
            Caller::Account(_) | Caller::Token(_) => Ok(()),
        },
        (Need::Actions(actions), Some(repository)) => {
            if caller.actions(registry, repository).await?.include(actions) {
                return Ok(());
            }
            Err(caller.refused(registry, call, repository, actions).await?)
        }
        (Need::Seeing, Some(repository)) => {
            let may = caller.actions(registry, repository).await?;
            if may.include(Actions::PULL) || may.include(Actions::PUSH) {
                return Ok(());
            }
            Err(caller.refused(registry, call, repository, Actions::PULL).await?)
        }
        (Need::Actions(_) | Need::Seeing, None) => Err(unsupported(&call.method)),
    }
}

impl Caller {
    /// Reads who a request is from. What is wrong is refused: nobody is anybody by mistyping.
    pub(super) async fn of(registry: &Registry, call: &Call) -> Result<Caller, Refusal> {
        let Some(authorization) = call.headers.get(header::AUTHORIZATION) else {
            return Ok(Caller::Anybody);
        };
        let authorization = authorization.to_str().unwrap_or_default();
        let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
        if scheme.eq_ignore_ascii_case("bearer") {
            let service = &registry.options.service;
            return match registry.tokens.verify(rest.trim(), service, Kind::Access, now()) {
                Ok(claims) => Ok(Caller::Token(claims)),
                Err(error) => Err(challenge(registry, call, None, &error.to_string())),
            };
        }
        match basic(authorization) {
            Some((name, secret)) => match registry.accounts.sign_in(call.proof(&name, &secret)).await? {
                Some(account) => Ok(Caller::Account(account)),
                None => Err(challenge(registry, call, None, "name or password is wrong")),
            },
            None => Err(challenge(registry, call, None, "the registry knows Basic and Bearer")),
        }
    }

    /// What he may do with a repository, by his token or by his account.
    pub(super) async fn actions(
        &self,
        registry: &Registry,
        repository: &Repository,
    ) -> Result<Actions, Refusal> {
        let accounts = &registry.accounts;
        Ok(match self {
            Caller::Anybody => accounts.actions(None, &repository.namespace).await?,
            Caller::Account(account) => accounts.actions(Some(account), &repository.namespace).await?,
            Caller::Token(claims) => claims.actions(repository),
        })
    }

    /// Who it is, as histories write it.
    pub(super) fn actor(&self) -> String {
        self.account().map_or_else(|| "anonymous".to_owned(), |it| it.actor().to_owned())
    }

    /// Whose account it is.
    pub(super) fn account(&self) -> Option<Account> {
        match self {
            Caller::Anybody => None,
            Caller::Account(account) => Some(account.clone()),
            Caller::Token(claims) if claims.account.is_empty() => None,
            Caller::Token(claims) => Some(Account(claims.account.clone())),
        }
    }

    /// Another token or another account is asked for only where it could help: a client that
    /// began with a token for pulling comes back with one for pushing.
    async fn refused(
        &self,
        registry: &Registry,
        call: &Call,
        repository: &Repository,
        actions: Actions,
    ) -> Result<Refusal, Refusal> {
        let scope = Scope { repository: repository.clone(), actions: actions.and(Actions::PULL) };
        let Some(account) = self.account() else {
            return Ok(challenge(registry, call, Some((&scope, None)), "sign in first"));
        };
        let may = registry.accounts.actions(Some(&account), &repository.namespace).await?;
        Ok(match self {
            Caller::Token(_) if may.include(actions) => {
                let error = Some("insufficient_scope");
                challenge(registry, call, Some((&scope, error)), "the token is for something else")
            }
            _ => denied(repository),
        })
    }
}

fn denied(repository: &Repository) -> Refusal {
    Refusal::new(Code::Denied, format!("you may not do this in {repository}"))
}

/// Name and secret of `Basic`; the name has no colon, the secret may.
pub(crate) fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    decoded.split_once(':').map(|(name, secret)| (name.to_owned(), secret.to_owned()))
}

/// 401, and where a token can be had.
pub(super) fn challenge(
    registry: &Registry,
    call: &Call,
    wanted: Option<(&Scope, Option<&str>)>,
    message: &str,
) -> Refusal {
    let service = &registry.options.service;
    let mut value = format!("Bearer realm=\"{}/v2/token\",service=\"{service}\"", address(registry, call));
    if let Some((scope, error)) = wanted {
        value.push_str(&format!(",scope=\"{scope}\""));
        if let Some(error) = error {
            value.push_str(&format!(",error=\"{error}\""));
        }
    }
    Refusal::new(Code::Unauthorized, message).with_header(header::WWW_AUTHENTICATE, &value)
}

/// Where tokens can be had: at the address that was set, or else where the client has found us.
fn address(registry: &Registry, call: &Call) -> String {
    match (&registry.options.external_url, reached(registry, call)) {
        (Some(url), _) => url.trim_end_matches('/').to_owned(),
        (None, Some(reached)) => format!("{}://{}", reached.scheme, reached.host),
        (None, None) => format!("{}://localhost", scheme(registry)),
    }
}

fn scheme(registry: &Registry) -> &'static str {
    if registry.options.https { "https" } else { "http" }
}

/// The address by which the client has found us, as it says itself or a proxy that is trusted; none that
/// could not be one.
pub(super) fn reached<'a>(registry: &Registry, call: &'a Call) -> Option<Reached<'a>> {
    // Where there are several proxies, the first value is of the one that the client asked.
    let forwarded = |name: &'static str| {
        let value = call.header(&HeaderName::from_static(name)).filter(|_| call.is_forwarded)?;
        Some(value.split(',').next().unwrap_or_default().trim())
    };
    let said = || call.header(&header::HOST).or_else(|| call.uri.authority().map(|it| it.as_str()));
    let host = forwarded("x-forwarded-host").filter(|it| is_host(it)).or_else(said)?;
    let scheme = match forwarded("x-forwarded-proto") {
        Some("https") => "https",
        Some("http") => "http",
        _ => scheme(registry),
    };
    is_host(host).then_some(Reached { scheme, host })
}

/// Whether a text may be a host, with a port or without: a name or an address, and nothing that says more
/// in an address of a page.
fn is_host(text: &str) -> bool {
    let (name, port) = match text.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (text, None),
    };
    let is_name = |it: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        !it.is_empty() && it.bytes().all(legal)
    };
    let is_address = |it: &str| {
        let inner = it.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        inner.is_some_and(|it| it.parse::<std::net::Ipv6Addr>().is_ok())
    };
    text.len() <= 255
        && (is_name(name) || is_address(name))
        && port.is_none_or(|it| it.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_may_have_colons_and_a_name_not() {
        let encoded = STANDARD.encode("robot$a+b:x:y");
        assert_eq!(basic(&format!("basic {encoded}")), Some(("robot$a+b".into(), "x:y".into())));
        for bad in ["", "Basic", "Basic !", "Bearer abc", &format!("Basic {}", STANDARD.encode("name"))] {
            assert_eq!(basic(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_host_is_a_name_or_an_address_and_perhaps_a_port() {
        for good in ["registry.example", "registry:5000", "10.0.0.1:80", "[::1]", "[fe80::1]:8443", "a_b-c"] {
            assert!(is_host(good), "{good}");
        }
        let long = "a".repeat(256);
        for bad in ["", ":80", "a:", "a:99999", "a/b", "user@a", "a b", "[a]", "::1", "a:1:2", "ä", &long] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn every_route_needs_something_and_what_writes_needs_more_than_pull() {
        let digest = format!("sha256:{}", "a".repeat(64));
        let id = "0".repeat(32);
        let paths = [
            "/v2/".to_owned(),
            "/v2/_catalog".to_owned(),
            "/v2/a/b/tags/list".to_owned(),
            "/v2/a/b/manifests/latest".to_owned(),
            format!("/v2/a/b/blobs/{digest}"),
            "/v2/a/b/blobs/uploads/".to_owned(),
            format!("/v2/a/b/blobs/uploads/{id}"),
            format!("/v2/a/b/referrers/{digest}"),
        ];
        for path in paths {
            let route = Route::parse(&path).unwrap();
            for method in
                [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE]
            {
                let need = need(&route, &method);
                let reads = matches!(method, Method::GET | Method::HEAD);
                assert!(reads || !matches!(need, Need::Known), "{method} {path}");
                assert!(reads || need != Need::Actions(Actions::PULL), "{method} {path}");
                assert_ne!(need, Need::Actions(Actions::NONE), "{method} {path}");
            }
        }
    }
}
