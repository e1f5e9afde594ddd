//! What a manifest is, as far as scanning goes.

use plimsoll_core::Limits;
use plimsoll_image::manifest::{Document, is_index, parse_document};

/// What a manifest is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An image: it can be scanned.
    Image,
    /// An index: its images can.
    Index,
    /// Something else, and what: a chart, a signature, an attestation.
    NoImage(String),
}

impl Kind {
    /// Looks at a manifest. One that cannot be read is taken for an image, so that its scan says what
    /// is wrong with it.
    pub fn of(media_type: &str, content: &[u8], limits: &Limits) -> Kind {
        if is_index(media_type) {
            return Kind::Index;
        }
        match parse_document(content, Some(media_type), limits) {
            Ok(Document::Index(_)) => Kind::Index,
            Ok(Document::Manifest(manifest)) => match manifest.why_no_image() {
                Some(why) => Kind::NoImage(why),
                None => Kind::Image,
            },
            Err(_) => Kind::Image,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(media_type: &str, content: &str, expected: &str) {
        let content = content.replace("AA", &format!("sha256:{}", "a".repeat(64)));
        let kind = Kind::of(media_type, content.as_bytes(), &Limits::standard());
        let actual = match kind {
            Kind::Image => "image".to_owned(),
            Kind::Index => "index".to_owned(),
            Kind::NoImage(why) => why,
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn charts_signatures_and_attestations_are_no_images() {
        const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
        let with = |config: &str, layer: &str| {
            format!(
                r#"{{"schemaVersion":2,"mediaType":"{OCI}","config":{{"mediaType":"{config}","digest":"AA","size":2}},"layers":[{{"mediaType":"{layer}","digest":"AA","size":2}}]}}"#
            )
        };
        let config = "application/vnd.oci.image.config.v1+json";
        check(OCI, &with(config, "application/vnd.oci.image.layer.v1.tar+gzip"), "image");
        let chart = with(
            "application/vnd.cncf.helm.config.v1+json",
            "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
        );
        check(
            OCI,
            &chart,
            "an artifact of type `application/vnd.cncf.helm.config.v1+json`, which is no container image",
        );
        for content in ["application/vnd.dev.cosign.simplesigning.v1+json", "application/vnd.in-toto+json"] {
            let expected = format!(
                "an artifact whose content is of type `{content}`, which is no container image's layer"
            );
            check(OCI, &with(config, content), &expected);
        }
        check("application/vnd.oci.image.index.v1+json", "{}", "index");
        check(OCI, "nonsense", "image");
    }
}
