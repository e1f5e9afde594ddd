//! Images by the names that people have for them: `registry.example/team/app:1.2`, with or without the
//! registry's own name.

use plimsoll_store::{Access, Artifact, Error, ManifestReference, NamespaceName, RepositoryName, TagName};

use super::prelude::*;

/// What a name means here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The registry, where it was named.
    pub(super) registry: Option<String>,
    pub(super) namespace: NamespaceName,
    pub(super) repository: RepositoryName,
    pub(super) reference: ManifestReference,
}

impl Named {
    /// Reads a name; says what is wrong with one that none can have here.
    pub(super) fn parse(text: &str) -> Result<Named, &'static str> {
        let text = text.trim();
        let text = ["docker://", "oci://", "https://", "http://"]
            .iter()
            .find_map(|it| text.strip_prefix(it))
            .unwrap_or(text);
        let (name, reference) = split(text)?;
        let (registry, path) = match name.split_once('/') {
            // As all clients tell a registry from the first part of a name.
            Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
            _ => (None, name),
        };
        let (namespace, repository) =
            path.split_once('/').ok_or("it names no namespace: write `namespace/repository:tag`")?;
        Ok(Named {
            registry: registry.map(str::to_owned),
            namespace: NamespaceName::parse(namespace).map_err(|_| "no namespace can be called so")?,
            repository: RepositoryName::parse(repository).map_err(|_| "no repository can be called so")?,
            reference,
        })
    }

    /// The name without the registry.
    pub(super) fn full(&self) -> String {
        let Named { namespace, repository, reference, .. } = self;
        match reference {
            ManifestReference::Tag(tag) => format!("{namespace}/{repository}:{tag}"),
            ManifestReference::Digest(digest) => format!("{namespace}/{repository}@{digest}"),
        }
    }
}

/// The name, and what stands behind it; a digest wins over a tag.
fn split(text: &str) -> Result<(&str, ManifestReference), &'static str> {
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) => (rest, Some(digest)),
        None => (text, None),
    };
    // A colon before the last slash is a port.
    let (name, tag) = match rest.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
        _ => (rest, None),
    };
    let reference = match (digest, tag) {
        (Some(digest), _) => ManifestReference::Digest(digest.parse().map_err(|_| "that is no digest")?),
        (None, tag) => {
            let tag = TagName::parse(tag.unwrap_or("latest")).map_err(|_| "no tag can be called so")?;
            ManifestReference::Tag(tag)
        }
    };
    Ok((name, reference))
}

/// What is called so, with the access to it, if it is here and whoever calls may read it.
pub(super) async fn found(
    api: &Api,
    call: &Call,
    named: &Named,
) -> Result<Option<(Access<Read>, Artifact)>, Problem> {
    let access = match api.authoriser.namespace::<Read>(&call.caller, &named.namespace).await {
        Ok(access) => access,
        Err(Error::Denied | Error::Unknown { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match api.store.artifact(&access, &named.repository, &named.reference).await {
        Ok(artifact) => Ok(Some((access, artifact))),
        Err(Error::Unknown { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let read =
            Named::parse(text).map(|it| format!("{} {}", it.registry.as_deref().unwrap_or("-"), it.full()));
        assert_eq!(read.unwrap_or_else(str::to_owned), expected);
    }

    #[test]
    fn a_name_is_read_as_clients_read_it() {
        let digest = format!("sha256:{}", "a".repeat(64));
        check("team/app", "- team/app:latest");
        check("team/deep/app:1.2", "- team/deep/app:1.2");
        check("localhost:5000/team/app", "localhost:5000 team/app:latest");
        check("docker://registry.example/team/app:1", "registry.example team/app:1");
        check(&format!("team/app:1@{digest}"), &format!("- team/app@{digest}"));
        check("app:1", "it names no namespace: write `namespace/repository:tag`");
        check("team/app@sha256:x", "that is no digest");
        check("team/../app", "no repository can be called so");
    }
}
