//! The image as other programs name it: repository, tag, digest and package URL.
//!
//! A user names images in several ways; only what is a reference to a registry gives a
//! repository and a package URL. It asks no registry.

use plimsoll_core::{Digest, ImageReport, Purl, Reference, Report, SubjectKind};

/// Words before a colon that say how an image is read, and are no part of its name.
const TRANSPORTS: [&str; 8] =
    ["oci", "oci-archive", "docker-archive", "docker", "docker-daemon", "registry", "dir", "sbom"];

/// Transports behind which stands a reference; what a daemon has need not be in any registry.
const OF_REGISTRIES: [&str; 2] = ["registry", "docker"];

/// What was scanned, taken apart.
pub(crate) struct Artifact {
    /// As the user named it.
    pub name: String,
    /// Its name without transport, tag and digest.
    pub plain_name: String,
    /// Where it lies, if the name is a reference.
    pub reference: Option<Reference>,
    /// The digest that a registry knows it by, if it was read from one.
    pub digest: Option<Digest>,
}

impl Artifact {
    /// What the report is about.
    pub fn of(report: &Report) -> Artifact {
        let subject = &report.subject;
        let is_image = matches!(subject.kind, SubjectKind::Image | SubjectKind::Index);
        let (transport, rest) = match subject.name.split_once(':') {
            // `registry:2` is the image `registry` with the tag `2`.
            Some((word, rest)) if TRANSPORTS.contains(&word) && rest.contains(['/', ':', '.']) => {
                (Some(word), rest)
            }
            _ => (None, subject.name.as_str()),
        };
        let of_registry = is_image && transport.is_none_or(|it| OF_REGISTRIES.contains(&it));
        let reference =
            of_registry.then(|| rest.trim_start_matches("//").parse::<Reference>().ok()).flatten();
        let plain_name = match &reference {
            Some(reference) => format!("{}/{}", reference.registry, reference.repository),
            None => rest.to_owned(),
        };
        let digest = if reference.is_some() { subject.digest } else { None };
        Artifact { name: subject.name.clone(), plain_name, reference, digest }
    }

    /// `registry/repository:tag`, if a tag was named.
    pub fn tag(&self) -> Option<String> {
        let reference = self.reference.as_ref()?;
        let tag = reference.tag.as_ref()?;
        Some(format!("{}:{tag}", self.plain_name))
    }

    /// `registry/repository@digest`.
    pub fn repository_digest(&self) -> Option<String> {
        self.reference.as_ref()?;
        Some(format!("{}@{}", self.plain_name, self.digest?))
    }

    /// The package URL of type `oci` (purl-spec, `oci`); one without a digest names no image.
    pub fn purl(&self) -> Option<String> {
        Some(self.purl_of(self.digest?))
    }

    /// The package URL of an image of the index, or of the image itself.
    pub fn purl_of_image(&self, image: &ImageReport) -> Option<String> {
        self.reference.as_ref()?;
        Some(self.purl_of(image.digest.or(self.digest)?))
    }

    fn purl_of(&self, digest: Digest) -> String {
        let last = self.plain_name.rsplit('/').next().unwrap_or_default().to_lowercase();
        let tag = self.reference.as_ref().and_then(|it| it.tag.clone()).unwrap_or_default();
        let purl = Purl {
            kind: "oci".to_owned(),
            namespace: None,
            name: last,
            version: Some(digest.to_string()),
            qualifiers: vec![
                ("repository_url".to_owned(), self.plain_name.to_lowercase()),
                ("tag".to_owned(), tag),
            ],
        };
        purl.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::golden;

    #[track_caller]
    fn check(name: &str, plain_name: &str, tag: Option<&str>) {
        let mut report = golden::clean();
        report.subject.name = name.to_owned();
        let artifact = Artifact::of(&report);
        assert_eq!((artifact.plain_name.as_str(), artifact.tag().as_deref()), (plain_name, tag));
        assert_eq!(artifact.purl().is_some(), artifact.reference.is_some());
    }

    #[test]
    fn references_are_taken_apart_and_paths_are_not() {
        check("debian:12", "docker.io/library/debian", Some("docker.io/library/debian:12"));
        check("localhost:5000/a/b:c", "localhost:5000/a/b", Some("localhost:5000/a/b:c"));
        check("oci:build/image", "build/image", None);
        check("docker-archive:/tmp/x.tar", "/tmp/x.tar", None);
        check("registry:2", "docker.io/library/registry", Some("docker.io/library/registry:2"));
        check("registry:ghcr.io/a/b:1", "ghcr.io/a/b", Some("ghcr.io/a/b:1"));
    }
}
