//! Image references: `debian:12`, `ghcr.io/org/app@sha256:…`.
//!
//! Short names mean Docker Hub, as every client of the field reads them.

use std::fmt;
use std::str::FromStr;

use crate::Digest;

/// Where an image lies in a registry.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Reference {
    /// Host and perhaps port; `docker.io` for Docker Hub.
    pub registry: String,
    /// The repository's path, `library/debian`.
    pub repository: String,
    /// The tag; `latest` where neither tag nor digest was given.
    pub tag: Option<String>,
    /// The digest, which wins over the tag.
    pub digest: Option<Digest>,
}

/// Why a text is no image reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferenceError {
    /// The text as it was given.
    pub text: String,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no image reference: {}", crate::Escaped(&self.text), self.why)
    }
}

impl std::error::Error for ReferenceError {}

impl Reference {
    /// The host that serves `/v2/` for this registry; Docker Hub answers elsewhere than it is called.
    pub fn host(&self) -> &str {
        if self.registry == "docker.io" { "registry-1.docker.io" } else { &self.registry }
    }

    /// What stands behind `/manifests/`: the digest, or else the tag.
    pub fn identifier(&self) -> String {
        match (&self.digest, &self.tag) {
            (Some(digest), _) => digest.to_string(),
            (None, Some(tag)) => tag.clone(),
            (None, None) => "latest".to_owned(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Reference, ReferenceError> {
        let bad = |why| ReferenceError { text: text.to_owned(), why };
        let (rest, digest) = match text.split_once('@') {
            None => (text, None),
            Some((rest, digest)) => {
                let digest =
                    digest.parse().map_err(|_| bad("what follows `@` is no sha256 or sha512 digest"))?;
                (rest, Some(digest))
            }
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if name.is_empty() {
            return Err(bad("the name is missing"));
        }
        let (registry, repository) = match name.split_once('/') {
            Some((host, path))
                if host.contains(['.', ':']) || host == "localhost" || host.starts_with('[') =>
            {
                (host, path.to_owned())
            }
            Some(_) => ("docker.io", name.to_owned()),
            None => ("docker.io", format!("library/{name}")),
        };
        let registry = match registry {
            "index.docker.io" | "registry-1.docker.io" | "registry.hub.docker.com" => "docker.io",
            other => other,
        };
        let repository = match (registry, repository.contains('/')) {
            ("docker.io", false) => format!("library/{repository}"),
            _ => repository,
        };
        check_host(registry).map_err(bad)?;
        check_repository(&repository).map_err(bad)?;
        if let Some(tag) = tag {
            check_tag(tag).map_err(bad)?;
        }
        let tag = match (tag, &digest) {
            (None, None) => Some("latest".to_owned()),
            (tag, _) => tag.map(str::to_owned),
        };
        Ok(Reference { registry: registry.to_owned(), repository, tag, digest })
    }
}

fn check_host(host: &str) -> Result<(), &'static str> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']');
    if host.bytes().all(legal) { Ok(()) } else { Err("the registry is no host name") }
}

/// The name grammar of the OCI distribution specification.
fn check_repository(repository: &str) -> Result<(), &'static str> {
    if repository.len() > 255 {
        return Err("the repository's name is longer than 255 characters");
    }
    for part in repository.split('/') {
        let legal = |byte: u8| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-')
        };
        if part.is_empty() {
            return Err("the repository's name has an empty part");
        }
        if part.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err("a repository's name is lower case");
        }
        if !part.bytes().all(legal) {
            return Err("a repository's name has letters, digits, `.`, `_`, `-` and `/` only");
        }
        let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        if !ends(part.bytes().next()) || !ends(part.bytes().last()) {
            return Err("each part of a repository's name begins and ends with a letter or digit");
        }
    }
    Ok(())
}

fn check_tag(tag: &str) -> Result<(), &'static str> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let starts = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if tag.is_empty() || tag.len() > 128 || !tag.bytes().all(legal) || !tag.bytes().next().is_some_and(starts)
    {
        return Err(
            "a tag has at most 128 letters, digits, `.`, `_` and `-`, and begins with a letter, digit or `_`",
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(text.parse::<Reference>().unwrap().to_string(), expected);
    }

    #[test]
    fn short_names_mean_docker_hub() {
        check("debian", "docker.io/library/debian:latest");
        check("debian:12", "docker.io/library/debian:12");
        check("org/app", "docker.io/org/app:latest");
        check("index.docker.io/debian", "docker.io/library/debian:latest");
        assert_eq!("debian".parse::<Reference>().unwrap().host(), "registry-1.docker.io");
    }

    #[test]
    fn hosts_have_a_dot_a_port_or_are_localhost() {
        check("localhost/app", "localhost/app:latest");
        check("127.0.0.1:5055/a/b:v1", "127.0.0.1:5055/a/b:v1");
        check("[::1]:5000/a", "[::1]:5000/a:latest");
        let digest = format!("sha256:{}", "a".repeat(64));
        check(&format!("ghcr.io/a/b:1@{digest}"), &format!("ghcr.io/a/b:1@{digest}"));
        check(&format!("ghcr.io/a/b@{digest}"), &format!("ghcr.io/a/b@{digest}"));
    }

    #[test]
    fn nonsense_is_refused() {
        for bad in ["", ":", "Debian", "a//b", "a@sha256:xyz", "a:-b", "a/../b", "host.x/a b"] {
            assert!(bad.parse::<Reference>().is_err(), "{bad}");
        }
    }
}
