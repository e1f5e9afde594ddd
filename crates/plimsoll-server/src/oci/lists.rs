//! Lists in pages: tags, referrers, and the catalogue of repositories.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::{HeaderName, StatusCode, header};
use plimsoll_core::Digest;
use plimsoll_core::media_type::OCI_INDEX;
use plimsoll_store::{NamespaceName, Pull, Read, Referrer, RepositoryName};
use serde::Serialize;

use super::access::Caller;
use super::answer::Answer;
use super::call::Call;
use super::error::Refusal;
use super::name::Repository;
use super::page::{PAGE_ENTRIES_MAX, Page};
use super::percent;
use super::registry::{Answered, Registry};
use super::scope::Actions;

const JSON: &str = "application/json";

#[derive(Serialize)]
struct Tags<'a> {
    name: String,
    tags: Vec<&'a str>,
}

#[derive(Serialize)]
struct Catalog {
    repositories: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    media_type: &'static str,
    manifests: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    artifact_type: Option<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// The tags of a repository, in the order of their bytes.
pub(super) async fn tags(registry: &Registry, call: &Call, name: &Repository) -> Answered {
    let page = Page::parse(&call.query)?;
    let access = registry.leave::<Pull>(&name.namespace).await?;
    // One more than is sent says whether there is a next page.
    let tags = registry.store.tags(&access, &name.name, page.after.as_deref(), page.count + 1).await?;
    let mut tags: Vec<&str> = tags.iter().map(|tag| tag.name.as_str()).collect();
    let answer = paged(&page, &mut tags, call.uri.path());
    let body = serde_json::to_vec(&Tags { name: name.to_string(), tags }).unwrap_or_default();
    Ok(answer.body(JSON, Body::from(body)))
}

/// What refers to a manifest, as an index; an empty one where nothing does.
pub(super) async fn referrers(
    registry: &Registry,
    call: &Call,
    name: &Repository,
    subject: Digest,
) -> Answered {
    let page = Page::parse(&call.query)?;
    let after = page.after.as_deref().and_then(|it| it.parse::<Digest>().ok());
    let wanted = call.parameter("artifactType");
    let access = registry.leave::<Pull>(&name.namespace).await?;
    let span = (after.as_ref(), page.count + 1);
    let found = registry.store.referrers(&access, &name.name, &subject, wanted, span).await?;
    let mut manifests: Vec<Descriptor> = found.into_iter().map(Descriptor::of).collect();
    let mut answer = Answer::new(StatusCode::OK);
    if let Some(last) = page.cut(&mut manifests) {
        let filter = wanted.map(|it| format!("&artifactType={}", percent::encode(it)));
        let link = page.next_link(call.uri.path(), &last.digest, &filter.unwrap_or_default());
        answer = answer.with(header::LINK, &link);
    }
    if wanted.is_some() {
        answer = answer.with(HeaderName::from_static("oci-filters-applied"), "artifactType");
    }
    let index = Index { schema_version: 2, media_type: OCI_INDEX, manifests };
    Ok(answer.body(OCI_INDEX, Body::from(serde_json::to_vec(&index).unwrap_or_default())))
}

/// Every repository that the caller may pull from.
pub(super) async fn catalog(registry: &Registry, caller: &Caller, call: &Call) -> Answered {
    let page = Page::parse(&call.query)?;
    let wanted = page.count as usize + 1;
    let after = page.after.as_deref().and_then(|it| it.parse::<Repository>().ok());
    let mut found: Vec<String> = Vec::new();
    if let Some(after) = &after
        && may_pull(registry, caller, &after.namespace).await?
    {
        repositories(registry, &after.namespace, Some(&after.name), wanted, &mut found).await?;
    }
    let mut behind = after.map(|it| it.namespace);
    while found.len() < wanted {
        let access = registry.store.authoriser().system::<Read>();
        let namespaces = registry.store.namespaces(&access, behind.as_ref(), PAGE_ENTRIES_MAX).await?;
        for namespace in &namespaces {
            if may_pull(registry, caller, &namespace.name).await? {
                repositories(registry, &namespace.name, None, wanted, &mut found).await?;
            }
        }
        match namespaces.into_iter().last() {
            Some(last) => behind = Some(last.name),
            None => break,
        }
    }
    let mut names: Vec<&str> = found.iter().map(String::as_str).collect();
    let answer = paged(&page, &mut names, call.uri.path());
    let repositories = names.into_iter().map(str::to_owned).collect();
    let body = serde_json::to_vec(&Catalog { repositories }).unwrap_or_default();
    Ok(answer.body(JSON, Body::from(body)))
}

/// By the account and not by the token, which names single repositories.
async fn may_pull(registry: &Registry, caller: &Caller, namespace: &NamespaceName) -> Result<bool, Refusal> {
    let account = caller.account();
    Ok(registry.accounts.actions(account.as_ref(), namespace).await?.include(Actions::PULL))
}

async fn repositories(
    registry: &Registry,
    namespace: &NamespaceName,
    after: Option<&RepositoryName>,
    wanted: usize,
    found: &mut Vec<String>,
) -> Result<(), Refusal> {
    let room = u32::try_from(wanted.saturating_sub(found.len())).unwrap_or(PAGE_ENTRIES_MAX);
    let access = registry.leave::<Pull>(namespace).await?;
    let repositories = registry.store.repositories(&access, after, room).await?;
    found.extend(repositories.iter().map(|it| format!("{namespace}/{}", it.name)));
    Ok(())
}

/// Cuts a list to its page and links to the next.
fn paged(page: &Page, names: &mut Vec<&str>, path: &str) -> Answer {
    let answer = Answer::new(StatusCode::OK);
    match page.cut(names) {
        Some(last) => answer.with(header::LINK, &page.next_link(path, last, "")),
        None => answer,
    }
}

impl Descriptor {
    fn of(referrer: Referrer) -> Descriptor {
        Descriptor {
            media_type: referrer.media_type,
            digest: referrer.digest.to_string(),
            size: referrer.size_bytes,
            artifact_type: referrer.artifact_type,
            annotations: referrer.annotations,
        }
    }
}
