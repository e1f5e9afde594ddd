//! What kind of thing a manifest is to the gate.
//!
//! Pure. What could run as a container is an image, whatever else it says that it is: a subject or
//! an artifact type beside an image's configuration opens no gate.

use plimsoll_core::media_type::is_index;
use serde::Deserialize;

/// What a manifest is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A list of images, which are judged each for itself.
    Index,
    /// Something that could run.
    Image,
    /// A signature, an attestation, a bill of materials: what is needed to judge an image.
    Companion,
    /// Something else that cannot run, a chart say.
    Other,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire {
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    subject: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Descriptor {
    media_type: Option<String>,
}

/// The types of configurations with which engines run an image: the two of the specifications, and
/// those that Docker takes for one since old registries stored them so (moby,
/// `daemon/internal/distribution/registry.go`, `ImageTypes`). None at all is one of them.
const IMAGE_CONFIGS: [&str; 6] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
    "application/octet-stream",
    "application/json",
    "text/html",
    "",
];

/// Beginnings of the types of layers that no engine unpacks. Signatures and attestations have an
/// image's configuration, since registries once took nothing else.
const COMPANION_LAYERS: [&str; 8] = [
    "application/vnd.dev.cosign.simplesigning",
    "application/vnd.dev.sigstore.bundle",
    "application/vnd.in-toto",
    "application/vnd.dsse.envelope",
    "application/vnd.cyclonedx",
    "application/spdx",
    "text/spdx",
    "application/vnd.syft",
];

/// Beginnings of types of artifacts that speak of another.
const COMPANION_TYPES: [&str; 6] = [
    "application/vnd.cncf.notary.signature",
    "application/vnd.dev.cosign",
    "application/vnd.dev.sigstore",
    "application/vnd.in-toto",
    "application/vnd.cyclonedx",
    "application/spdx",
];

/// Reads what a manifest is. One that cannot be read is an image: nobody knows better.
pub(crate) fn kind_of(media_type: &str, manifest: &[u8]) -> Kind {
    if is_index(media_type) {
        return Kind::Index;
    }
    let Ok(wire) = serde_json::from_slice::<Wire>(manifest) else {
        return Kind::Image;
    };
    let config = wire.config.as_ref().and_then(|it| it.media_type.as_deref());
    let has_image_config = wire.config.is_some() && IMAGE_CONFIGS.contains(&config.unwrap_or_default());
    // Only the old artifact manifest has no configuration at all, and nobody runs one.
    if has_image_config {
        let layers = wire.layers.as_deref().unwrap_or_default();
        let begins = |it: &Descriptor| begins_with_one(it.media_type.as_deref(), &COMPANION_LAYERS);
        return if !layers.is_empty() && layers.iter().all(begins) { Kind::Companion } else { Kind::Image };
    }
    let types = [wire.artifact_type.as_deref(), config];
    if wire.subject.is_some() || types.iter().any(|it| begins_with_one(*it, &COMPANION_TYPES)) {
        return Kind::Companion;
    }
    Kind::Other
}

fn begins_with_one(media_type: Option<&str>, beginnings: &[&str]) -> bool {
    media_type.is_some_and(|it| beginnings.iter().any(|beginning| it.starts_with(beginning)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
    const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
    const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

    #[track_caller]
    fn check(config: Option<&str>, layers: &[&str], more: &str, expected: Kind) {
        let layers: Vec<String> = layers.iter().map(|it| format!(r#"{{"mediaType":"{it}"}}"#)).collect();
        let config = config.map_or(String::new(), |it| format!(r#""config":{{"mediaType":"{it}"}},"#));
        let manifest = format!(r#"{{{config}"layers":[{}]{more}}}"#, layers.join(","));
        assert_eq!(kind_of(MANIFEST, manifest.as_bytes()), expected, "{manifest}");
    }

    #[test]
    fn what_could_run_is_an_image_whatever_it_says() {
        check(Some(CONFIG), &[LAYER], "", Kind::Image);
        check(Some("application/vnd.docker.container.image.v1+json"), &[LAYER], "", Kind::Image);
        check(Some("application/octet-stream"), &[LAYER], "", Kind::Image);
        check(Some(CONFIG), &["x/layer"], "", Kind::Image);
        check(Some(CONFIG), &[], "", Kind::Image);
        check(Some(CONFIG), &[LAYER], r#","subject":{"digest":"x"}"#, Kind::Image);
        check(Some(CONFIG), &[LAYER], r#","artifactType":"application/vnd.in-toto+json""#, Kind::Image);
        let both = ["application/vnd.in-toto+json", LAYER];
        check(Some(CONFIG), &both, "", Kind::Image);
        assert_eq!(kind_of(MANIFEST, br#"{"config":{},"layers":[]}"#), Kind::Image);
        assert_eq!(kind_of(MANIFEST, b"{"), Kind::Image);
    }

    #[test]
    fn signatures_attestations_and_referrers_are_companions() {
        check(Some(CONFIG), &["application/vnd.dev.cosign.simplesigning.v1+json"], "", Kind::Companion);
        check(Some(CONFIG), &["application/vnd.in-toto+json"], "", Kind::Companion);
        let empty = Some("application/vnd.oci.empty.v1+json");
        check(empty, &["application/vnd.example+json"], r#","subject":{"digest":"x"}"#, Kind::Companion);
        let notary = r#","artifactType":"application/vnd.cncf.notary.signature""#;
        check(empty, &["application/jose+json"], notary, Kind::Companion);
        check(None, &[], r#","subject":{"digest":"x"}"#, Kind::Companion);
    }

    #[test]
    fn what_else_cannot_run_is_something_else_and_a_list_is_a_list() {
        check(Some("application/vnd.cncf.helm.config.v1+json"), &["x/chart"], "", Kind::Other);
        check(None, &[], "", Kind::Other);
        assert_eq!(kind_of("application/vnd.oci.image.index.v1+json", b""), Kind::Index);
    }
}
