//! Places on a server as one writes them: `team`, `team/app`, `team/app:1.2`, `team/app@sha256:…`.

use plimsoll_core::Escaped;

use super::client::segment;
use crate::outcome::Failure;

/// The path of an image in the interface.
pub fn path(image: &str) -> Result<String, Failure> {
    let (name, reference) = match image.split_once('@') {
        // The digest says it all; a tag before it is a word to people.
        Some((name, digest)) => (without_tag(name).0, digest),
        None => {
            let (name, tag) = without_tag(image);
            (name, tag.unwrap_or("latest"))
        }
    };
    match place(name)? {
        (namespace, Some(repository)) => Ok(format!(
            "/namespaces/{}/repositories/{}/artifacts/{}",
            segment(namespace),
            segment(repository),
            segment(reference)
        )),
        (_, None) => {
            Err(Failure::misuse(format!("`{}` is no image; write NAMESPACE/REPOSITORY:TAG", Escaped(image))))
        }
    }
}

fn without_tag(name: &str) -> (&str, Option<&str>) {
    match name.rsplit_once(':') {
        Some((before, tag)) if !tag.contains('/') => (before, Some(tag)),
        _ => (name, None),
    }
}

/// Namespace and, if it is named, repository.
pub fn place(text: &str) -> Result<(&str, Option<&str>), Failure> {
    let (namespace, repository) = match text.split_once('/') {
        Some((namespace, repository)) => (namespace, Some(repository)),
        None => (text, None),
    };
    if namespace.is_empty() || repository.is_some_and(str::is_empty) {
        return Err(Failure::misuse(format!("`{}` names no namespace or no repository", Escaped(text))));
    }
    Ok((namespace, repository))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_named_as_everywhere() {
        let start = "/namespaces/team/repositories/deep%2Fapp/artifacts/";
        for (image, reference) in [
            ("team/deep/app", "latest"),
            ("team/deep/app:1.2", "1.2"),
            ("team/deep/app@sha256:ab", "sha256:ab"),
            ("team/deep/app:1.2@sha256:ab", "sha256:ab"),
        ] {
            assert_eq!(path(image).unwrap(), format!("{start}{reference}"), "{image}");
        }
        for wrong in ["", "team", "/app", "team/", "team:1"] {
            assert!(path(wrong).is_err(), "{wrong}");
        }
    }
}
