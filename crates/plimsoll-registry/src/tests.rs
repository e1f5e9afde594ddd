//! What opening gives, from every kind of source; small images made here, no network but loopback.

mod archives;
mod certificates;
mod fake;
mod layouts;
mod listing;
mod referrers;
mod registries;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use plimsoll_core::{Algorithm, Digest, Limits};

use crate::digest::digest_of;
use crate::{Content, CredentialFiles, Error, Opened, Options, Patience, PlatformChoice};

pub(crate) const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(crate) const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Documents and layers by digest, as a layout or a registry holds them.
#[derive(Clone, Default)]
pub(crate) struct Blobs(pub(crate) BTreeMap<Digest, Vec<u8>>);

impl Blobs {
    /// Stores bytes and gives their descriptor; `more` is put into it, with its comma.
    pub(crate) fn put(&mut self, media_type: &str, bytes: &[u8], more: &str) -> String {
        let digest = digest_of(Algorithm::Sha256, bytes);
        self.0.insert(digest, bytes.to_vec());
        descriptor(media_type, &digest, bytes.len(), more)
    }

    /// An image whose layers, uncompressed, are these bytes.
    pub(crate) fn image(&mut self, platform: &str, layers: &[&[u8]], more: &str) -> String {
        let layers: Vec<String> = layers.iter().map(|it| self.put(LAYER, it, "")).collect();
        let diff_ids: Vec<String> = layers.iter().map(|it| format!("\"{}\"", digest_in(it))).collect();
        let (os, architecture) = platform.split_once('/').unwrap();
        let config = format!(
            r#"{{"os":"{os}","architecture":"{architecture}","rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
            diff_ids.join(",")
        );
        let config = self.put(CONFIG, config.as_bytes(), "");
        self.manifest(&config, &layers, more)
    }

    pub(crate) fn manifest(&mut self, config: &str, layers: &[String], more: &str) -> String {
        let manifest = format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{}]}}"#, layers.join(","));
        self.put(MANIFEST, manifest.as_bytes(), more)
    }

    pub(crate) fn index(&mut self, entries: &[String]) -> String {
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
        self.put(INDEX, index.as_bytes(), "")
    }

    pub(crate) fn write_layout(&self, folder: &Path, entries: &[String]) {
        std::fs::create_dir_all(folder.join("blobs/sha256")).unwrap();
        std::fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
        let index = format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.join(","));
        std::fs::write(folder.join("index.json"), index).unwrap();
        for (digest, bytes) in &self.0 {
            std::fs::write(folder.join("blobs/sha256").join(digest.hex()), bytes).unwrap();
        }
    }
}

pub(crate) fn descriptor(media_type: &str, digest: &Digest, size: usize, more: &str) -> String {
    format!(r#"{{"mediaType":"{media_type}","digest":"{digest}","size":{size}{more}}}"#)
}

/// The digest in a descriptor.
pub(crate) fn digest_in(descriptor: &str) -> Digest {
    let at = descriptor.find("sha256:").unwrap();
    descriptor[at..at + 71].parse().unwrap()
}

pub(crate) fn platform(text: &str) -> String {
    let (os, architecture) = text.split_once('/').unwrap();
    format!(r#","platform":{{"os":"{os}","architecture":"{architecture}"}}"#)
}

pub(crate) fn tag(name: &str) -> String {
    format!(r#","annotations":{{"org.opencontainers.image.ref.name":"{name}"}}"#)
}

pub(crate) fn options(platforms: &str) -> Options {
    Options {
        platforms: match platforms {
            "all" => PlatformChoice::All,
            one => PlatformChoice::One(one.parse().unwrap()),
        },
        login: None,
        credential_files: CredentialFiles::default(),
        certificate_authorities: Vec::new(),
        insecure_hosts: Vec::new(),
        spool_directory: None,
        daemon_socket: "/nonexistent/docker.sock".into(),
        patience: Patience {
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            attempts: 3,
            first_delay: Duration::from_millis(1),
            delay_max: Duration::from_secs(2),
            resumes: 3,
        },
    }
}

/// What opening gave: images as `platform[layer contents]`, then problems; or the error.
pub(crate) fn summary(opened: &Result<Opened, Error>) -> String {
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return format!("{:?}: {}", error.kind(), error.with_causes()),
    };
    let (mut parts, mut problems) = (Vec::new(), opened.problems.clone());
    match &opened.content {
        Content::Images(images) => {
            for image in images {
                let layers: Vec<String> = image.layers.iter().map(read_layer).collect();
                let platform = image.platform.as_ref().map_or("?".to_owned(), ToString::to_string);
                parts.push(format!("{platform}[{}]", layers.join(",")));
                problems.extend(image.problems.clone());
            }
        }
        Content::RootFileSystem(_) => parts.push("root file system".to_owned()),
        Content::NotSupported { why } => parts.push(format!("not supported: {why}")),
    }
    let sign = |hides: bool| if hides { '!' } else { '~' };
    parts.extend(problems.iter().map(|it| format!("{} {}", sign(it.hides_findings), it.what)));
    parts.join(" ")
}

pub(crate) fn read_layer(layer: &crate::SourceLayer) -> String {
    if !layer.is_readable() {
        return "-".to_owned();
    }
    let mut text = String::new();
    match layer.open() {
        Err(error) => format!("<{}>", error.with_causes()),
        Ok(blob) => match blob.into_reader().read_to_string(&mut text) {
            Ok(_) => text,
            Err(error) => format!("{text}<{error}>"),
        },
    }
}

pub(crate) fn limits() -> Limits {
    Limits::standard()
}
