//! What a registry holds: its repositories, their tags, and what these point at.
//!
//! Every name that comes from there is held against the grammar of references before it is asked for.
//! Lists have an end of ours, and whoever asks is told where one was cut.

use std::sync::Arc;

use plimsoll_core::{Digest, Limits, Reference};
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::address::same_origin;
use super::challenge::{self, Challenge};
use super::client::{Client, accepting_manifests, find_base};
use super::referrers::next_page;
use super::token::Authorizer;
use super::transport::{Call, Transport};
use crate::{Error, Options};

/// What a registry is, as far as it tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistryKind {
    /// Harbor.
    Harbor,
    /// JFrog Artifactory.
    Jfrog,
    /// Quay.
    Quay,
    /// Another Plimsoll.
    Plimsoll,
    /// Distribution, or something else that speaks like it.
    Distribution,
}

/// By what a kind is told: the answer of a stranger's request to `/v2/`.
type Sign = fn(&HeaderMap, Option<&Challenge>) -> bool;

/// The kinds, the first whose sign is there.
const KINDS: &[(RegistryKind, &str, Sign)] = &[
    (RegistryKind::Harbor, "harbor", |_, asks| service(asks) == "harbor-registry"),
    (RegistryKind::Jfrog, "jfrog", |headers, _| {
        ["x-jfrog-version", "x-artifactory-id", "x-artifactory-node-id"]
            .iter()
            .any(|it| headers.contains_key(*it))
    }),
    (RegistryKind::Quay, "quay", |_, asks| {
        asks.and_then(|it| it.get("realm")).is_some_and(|it| it.ends_with("/v2/auth"))
    }),
    (RegistryKind::Plimsoll, "plimsoll", |_, asks| service(asks) == "plimsoll"),
    (RegistryKind::Distribution, "distribution", |_, _| true),
];

fn service(asks: Option<&Challenge>) -> &str {
    asks.and_then(|it| it.get("service")).unwrap_or_default()
}

impl RegistryKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        KINDS.iter().find(|it| it.0 == self).map_or("distribution", |it| it.1)
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<RegistryKind> {
        KINDS.iter().find(|it| it.1 == name).map(|it| it.0)
    }

    fn of(headers: &HeaderMap) -> RegistryKind {
        let challenges: Vec<Challenge> = headers
            .get_all(WWW_AUTHENTICATE)
            .iter()
            .filter_map(|it| it.to_str().ok())
            .flat_map(challenge::parse)
            .collect();
        let bearer = challenges.iter().find(|it| it.scheme == "bearer");
        KINDS.iter().find(|it| it.2(headers, bearer)).map_or(RegistryKind::Distribution, |it| it.0)
    }
}

/// Names, and whether there were more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The names, in the registry's order.
    pub names: Vec<String>,
    /// Whether there were more than were wanted.
    pub is_cut: bool,
}

/// A manifest as a registry gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedManifest {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Their digest, verified.
    pub digest: Digest,
    /// The `Content-Type`.
    pub media_type: Option<String>,
}

/// A registry that is asked what it holds.
pub struct Listing {
    transport: Arc<Transport>,
    base: Url,
    host: String,
    options: Options,
    limits: Limits,
}

/// One of its repositories.
pub struct ListedRepository {
    client: Client,
    name: String,
    limits: Limits,
}

#[derive(Deserialize)]
struct Catalog {
    repositories: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Tags {
    tags: Option<Vec<String>>,
}

/// Entries that are asked for at a time; registries give fewer where they want.
const PAGE: usize = 1_000;

impl Listing {
    /// Finds out how the registry at `host` or `host:port` is spoken to.
    ///
    /// # Errors
    /// Where it is no host, or cannot be reached.
    pub fn connect(host: &str, options: &Options, limits: &Limits) -> Result<Listing, Error> {
        let reference = reference(host, "library/any")?;
        let transport = Arc::new(super::transport(options, limits)?);
        let base = find_base(&transport, &reference)?;
        Ok(Listing {
            transport,
            base,
            host: reference.registry,
            options: options.clone(),
            limits: limits.clone(),
        })
    }

    /// Whether it answers and takes the login, and what it is.
    ///
    /// # Errors
    /// Where it does not answer, or refuses the login.
    pub fn check(&self) -> Result<RegistryKind, Error> {
        let what = format!("registry {}", self.host);
        let call = Call::get(self.address("/v2/")?);
        let stranger = self.transport.send(&call).map_err(|error| error.of(&what))?;
        let kind = RegistryKind::of(stranger.response.headers());
        let client = self.client("", Authorizer::for_scope(&self.host, "", &self.options));
        let answer = client.send(call, &what)?;
        if answer.status() == 200 { Ok(kind) } else { Err(client.failed(answer, &what)) }
    }

    /// The repositories, as far as the login may see them; at most so many.
    ///
    /// # Errors
    /// Where the registry does not answer, or gives no catalog.
    pub fn repositories(&self, most: usize) -> Result<Names, Error> {
        let what = format!("the catalog of {}", self.host);
        let client = self.client("", Authorizer::for_scope(&self.host, "registry:catalog:*", &self.options));
        let first = self.address(&format!("/v2/_catalog?n={PAGE}"))?;
        all_pages(&client, &first, (&what, most), &self.limits, |bytes| {
            serde_json::from_slice::<Catalog>(bytes).map(|it| it.repositories.unwrap_or_default())
        })
    }

    /// One repository.
    ///
    /// # Errors
    /// Where the name is none.
    pub fn repository(&self, name: &str) -> Result<ListedRepository, Error> {
        let reference = reference(&self.host, name)?;
        let client = self.client(&reference.repository, Authorizer::new(&reference, &self.options));
        Ok(ListedRepository { client, name: reference.repository, limits: self.limits.clone() })
    }

    fn client(&self, repository: &str, authorizer: Authorizer) -> Client {
        Client::at(
            (Arc::clone(&self.transport), authorizer),
            self.base.clone(),
            (self.host.clone(), repository.to_owned()),
        )
    }

    fn address(&self, path: &str) -> Result<Url, Error> {
        self.base.join(path).map_err(|_| Error::usage(format!("{} makes no address", self.host)))
    }
}

impl ListedRepository {
    /// Its tags; at most so many.
    ///
    /// # Errors
    /// Where the registry does not answer, or has no such repository.
    pub fn tags(&self, most: usize) -> Result<Names, Error> {
        let what = format!("the tags of {}/{}", self.client.registry(), self.name);
        let first = self.client.address(&format!("tags/list?n={PAGE}"))?;
        all_pages(&self.client, &first, (&what, most), &self.limits, |bytes| {
            serde_json::from_slice::<Tags>(bytes).map(|it| it.tags.unwrap_or_default())
        })
    }

    /// What a tag points at, without the manifest's bytes; nothing where the registry does not say.
    ///
    /// # Errors
    /// Where the registry does not answer, or has no such tag.
    pub fn digest(&self, tag: &str) -> Result<Option<Digest>, Error> {
        let what = format!("manifest `{tag}` of {}/{}", self.client.registry(), self.name);
        let call = Call {
            method: Method::HEAD,
            headers: accepting_manifests(),
            ..Call::get(self.client.address(&format!("manifests/{tag}"))?)
        };
        let answer = self.client.send(call, &what)?;
        if answer.status() != 200 {
            return Err(self.client.failed(answer, &what));
        }
        let said = answer.response.headers().get("docker-content-digest");
        Ok(said.and_then(|it| it.to_str().ok()).and_then(|it| it.parse().ok()))
    }

    /// A manifest by its digest, or by a tag.
    ///
    /// # Errors
    /// Where it is not there, too large, or another than its digest says.
    pub fn manifest(&self, identifier: &str) -> Result<ListedManifest, Error> {
        let expected: Option<Digest> = identifier.parse().ok();
        let fetched = self.client.manifest(identifier, expected.as_ref(), self.limits.manifest_bytes)?;
        Ok(ListedManifest { bytes: fetched.bytes, digest: fetched.digest, media_type: fetched.media_type })
    }
}

/// A reference to something in a repository of a host; both are held against the grammar.
fn reference(host: &str, repository: &str) -> Result<Reference, Error> {
    let bad = || {
        let text = plimsoll_core::Escaped(host).to_string();
        Error::usage(format!("`{text}` is no host, or has a repository whose name is none"))
    };
    let read: Reference = format!("{host}/{repository}").parse().map_err(|_| bad())?;
    let is_host = read.registry == host && !host.is_empty();
    // Docker Hub's own repositories are called `library/…` there.
    let is_same = read.repository == repository || read.repository == format!("library/{repository}");
    if is_host && is_same && read.digest.is_none() { Ok(read) } else { Err(bad()) }
}

fn all_pages(
    client: &Client,
    first: &Url,
    (what, most): (&str, usize),
    limits: &Limits,
    read: impl Fn(&[u8]) -> Result<Vec<String>, serde_json::Error>,
) -> Result<Names, Error> {
    let (mut found, mut next) = (Names::default(), Some(first.clone()));
    // Pages may be empty, and a registry may give them without an end.
    for _ in 0..=most {
        let Some(url) = next else { return Ok(found) };
        let (bytes, headers) = client.page_of(&url, what, limits.manifest_bytes)?;
        // What the parser says may quote what a stranger wrote.
        let page = read(&bytes).map_err(|_| Error::malformed(format!("{what} cannot be read")))?;
        for name in page {
            if found.names.len() >= most {
                found.is_cut = true;
                return Ok(found);
            }
            found.names.push(name);
        }
        next = next_page(&headers, &url).filter(|it| same_origin(it, first) && it.path() == first.path());
    }
    found.is_cut = true;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &str)], expected: &str) {
        let map = headers
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect::<HeaderMap>();
        assert_eq!(RegistryKind::of(&map).name(), expected, "{headers:?}");
    }

    #[test]
    fn a_registry_is_told_by_how_it_asks_for_a_login() {
        let asks = "www-authenticate";
        let harbor = r#"Bearer realm="https://h.example/service/token",service="harbor-registry""#;
        check(&[(asks, harbor)], "harbor");
        check(&[(asks, r#"Bearer realm="https://q.example/v2/auth",service="q.example""#)], "quay");
        check(&[(asks, r#"Bearer realm="https://p.example/v2/token",service="plimsoll""#)], "plimsoll");
        check(&[(asks, "Basic realm=\"x\""), ("x-artifactory-id", "a")], "jfrog");
        check(&[("docker-distribution-api-version", "registry/2.0")], "distribution");
        check(&[(asks, "nonsense")], "distribution");
    }

    #[test]
    fn names_from_a_registry_are_no_way_to_anywhere() {
        for good in ["library/app", "a/b/c", "app"] {
            assert!(reference("registry.example:5000", good).is_ok(), "{good}");
        }
        for bad in ["../x", "a?b", "a/../b", "A", "", "a@b", "a:b", "a b", "a#b", "/a"] {
            assert!(reference("registry.example", bad).is_err(), "{bad}");
        }
        for bad in ["", "https://registry.example", "registry.example/path", "user@registry.example", "a b"] {
            assert!(reference(bad, "library/any").is_err(), "{bad}");
        }
    }
}
