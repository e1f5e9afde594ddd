//! Namespaces whose images lie in a registry of others: whoever pulls, pushes or deletes is told where.

use plimsoll_store::{Artifact, ManifestReference, NamespaceId, NamespaceName, Scan};

use super::error::{Code, Refusal};
use super::name::Repository;
use super::registry::Registry;

/// Refuses a change to such a namespace: `push` or `delete`, as the client is told.
pub(super) async fn is_here(
    registry: &Registry,
    namespace: NamespaceId,
    (name, change): (&NamespaceName, &str),
) -> Result<(), Refusal> {
    match host(registry, namespace).await? {
        None => Ok(()),
        Some(host) => {
            let message = format!("the images of `{name}` lie in {host} and are listed here; {change} there");
            Err(Refusal::new(Code::Denied, message))
        }
    }
}

/// The refusal of a pull of an image that lies elsewhere.
pub(super) async fn pulled(
    registry: &Registry,
    (namespace, name, reference): (NamespaceId, &Repository, &ManifestReference),
    artifact: &Artifact,
) -> Result<Refusal, Refusal> {
    let host = host(registry, namespace).await?.unwrap_or_else(|| "another registry".to_owned());
    let place = match reference {
        ManifestReference::Tag(tag) => format!("{host}/{}:{tag}", name.name),
        ManifestReference::Digest(digest) => format!("{host}/{}@{digest}", name.name),
    };
    let message = format!("{name} lies in {host} and is listed here; pull {place}");
    let detail = serde_json::json!({ "digest": artifact.digest.to_string(), "pull": place });
    Ok(Refusal::new(Code::Denied, message).with_detail(detail))
}

async fn host(registry: &Registry, namespace: NamespaceId) -> Result<Option<String>, Refusal> {
    Ok(registry.store.source_host(&registry.store.authoriser().system::<Scan>(), namespace).await?)
}
