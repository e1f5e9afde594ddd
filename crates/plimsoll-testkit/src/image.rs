//! From a fixture to the blobs of an image: layers as tar archives, and the configuration.
//!
//! The same fixture gives the same bytes, so that digests can stand in tests.

use std::collections::BTreeSet;
use std::io::{self, Write};

use plimsoll_core::{Digest, Platform};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::fixture::{Change, Entry, Fixture, LayerFixture};

/// How a layer is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// gzip, what nearly every registry holds.
    Gzip,
    /// Zstandard.
    Zstd,
    /// A bare tar archive, as `docker save` writes them.
    None,
}

impl Compression {
    /// The media type that the OCI image specification gives such a layer.
    pub fn media_type(self) -> &'static str {
        match self {
            Compression::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Compression::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
            Compression::None => "application/vnd.oci.image.layer.v1.tar",
        }
    }

    fn apply(self, tar: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Compression::Gzip => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(tar)?;
                encoder.finish()
            }
            Compression::Zstd => zstd::encode_all(tar, 3),
            Compression::None => Ok(tar.to_vec()),
        }
    }
}

/// Bytes and the digest under which they are stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The SHA-256 of `bytes`.
    pub digest: Digest,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Blob {
    /// A blob of these bytes.
    pub fn new(bytes: Vec<u8>) -> Blob {
        Blob { digest: digest_of(&bytes), bytes }
    }
}

/// One layer, uncompressed and as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltLayer {
    /// The tar archive; its digest is the diffID.
    pub tar: Blob,
    /// The archive as stored.
    pub stored: Blob,
    /// How it is stored.
    pub compression: Compression,
    /// The Dockerfile instruction that made it.
    pub instruction: String,
}

/// An image whose blobs are all there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The platform that the configuration names.
    pub platform: Platform,
    /// The layers, base first.
    pub layers: Vec<BuiltLayer>,
    /// The configuration.
    pub config: Blob,
}

impl Image {
    /// Builds the image of a fixture.
    ///
    /// # Panics
    ///
    /// If a path is longer than a tar header can say; a fixture is ours.
    pub fn build(fixture: &Fixture, platform: &Platform) -> Image {
        let layers: Vec<BuiltLayer> = fixture.layers.iter().map(build_layer).collect();
        let config = Blob::new(config(&layers, platform));
        Image { platform: platform.clone(), layers, config }
    }

    /// Builds the image of a fixture's text for `linux/amd64`.
    ///
    /// # Panics
    ///
    /// If the text is no fixture.
    pub fn from_text(text: &str) -> Image {
        let fixture = Fixture::parse(text).unwrap_or_else(|error| panic!("{error}"));
        Image::build(&fixture, &Platform::new("linux", "amd64"))
    }

    /// The OCI manifest that names the configuration and the layers.
    pub fn manifest(&self) -> Blob {
        let layers: Vec<_> = self
            .layers
            .iter()
            .map(|layer| {
                json!({
                    "mediaType": layer.compression.media_type(),
                    "digest": layer.stored.digest.to_string(),
                    "size": layer.stored.bytes.len(),
                })
            })
            .collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "config": {
                "mediaType": "application/vnd.oci.image.config.v1+json",
                "digest": self.config.digest.to_string(),
                "size": self.config.bytes.len(),
            },
            "layers": layers,
        });
        Blob::new(manifest.to_string().into_bytes())
    }
}

/// The SHA-256 of these bytes.
pub fn digest_of(bytes: &[u8]) -> Digest {
    Digest::sha256(Sha256::digest(bytes).into())
}

fn build_layer(layer: &LayerFixture) -> BuiltLayer {
    let tar = tar_of(&layer.entries).expect("a tar archive in memory can always be written");
    let stored = layer.compression.apply(&tar).expect("compressing into memory cannot fail");
    BuiltLayer {
        tar: Blob::new(tar),
        stored: Blob::new(stored),
        compression: layer.compression,
        instruction: layer.instruction.clone(),
    }
}

fn config(layers: &[BuiltLayer], platform: &Platform) -> Vec<u8> {
    let diff_ids: Vec<_> = layers.iter().map(|layer| layer.tar.digest.to_string()).collect();
    let history: Vec<_> = layers
        .iter()
        .map(|layer| json!({ "created": "2024-01-01T00:00:00Z", "created_by": layer.instruction }))
        .collect();
    let mut config = json!({
        "created": "2024-01-01T00:00:00Z",
        "architecture": platform.architecture,
        "os": platform.os,
        "config": {},
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history,
    });
    if let Some(variant) = &platform.variant {
        config["variant"] = json!(variant);
    }
    config.to_string().into_bytes()
}

/// A layer's archive. Directories above an entry come before it, as builders write them.
fn tar_of(entries: &[Entry]) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut directories: BTreeSet<String> = BTreeSet::new();
    for entry in entries {
        for (at, _) in entry.path.match_indices('/') {
            append_directory(&mut builder, &mut directories, &entry.path[..at])?;
        }
        append(&mut builder, &mut directories, entry)?;
    }
    builder.into_inner()
}

type Builder = tar::Builder<Vec<u8>>;

fn append(builder: &mut Builder, directories: &mut BTreeSet<String>, entry: &Entry) -> io::Result<()> {
    let path = entry.path.as_str();
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    match &entry.change {
        Change::File(content) => append_file(builder, path, content),
        Change::Directory => append_directory(builder, directories, path),
        Change::Symlink(target) => append_link(builder, tar::EntryType::Symlink, path, target),
        Change::Hardlink(target) => append_link(builder, tar::EntryType::Link, path, target),
        Change::Whiteout if parent.is_empty() => append_file(builder, &format!(".wh.{name}"), b""),
        Change::Whiteout => append_file(builder, &format!("{parent}/.wh.{name}"), b""),
        Change::Opaque => {
            append_directory(builder, directories, path)?;
            append_file(builder, &format!("{path}/.wh..wh..opq"), b"")
        }
    }
}

fn append_file(builder: &mut Builder, path: &str, content: &[u8]) -> io::Result<()> {
    let mut header = header(tar::EntryType::Regular, 0o644);
    header.set_size(content.len() as u64);
    builder.append_data(&mut header, path, content)
}

fn append_directory(builder: &mut Builder, directories: &mut BTreeSet<String>, path: &str) -> io::Result<()> {
    if !directories.insert(path.to_owned()) {
        return Ok(());
    }
    let mut header = header(tar::EntryType::Directory, 0o755);
    header.set_size(0);
    builder.append_data(&mut header, format!("{path}/"), io::empty())
}

fn append_link(builder: &mut Builder, kind: tar::EntryType, path: &str, target: &str) -> io::Result<()> {
    let mut header = header(kind, 0o777);
    header.set_size(0);
    builder.append_link(&mut header, path, target)
}

fn header(kind: tar::EntryType, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_mtime(1_704_067_200);
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[expect(clippy::needless_pass_by_value, reason = "so that tests can write it in place")]
    #[track_caller]
    fn check(text: &str, expected: Expect) {
        let image = Image::from_text(text);
        let mut actual = String::new();
        for layer in &image.layers {
            let mut archive = tar::Archive::new(layer.tar.bytes.as_slice());
            for entry in archive.entries().unwrap() {
                let entry = entry.unwrap();
                let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
                let link = entry.link_name().unwrap().map(|it| format!(" -> {}", it.display()));
                actual += &format!("{path}{}\n", link.unwrap_or_default());
            }
            actual += "--\n";
        }
        expected.assert_eq(&actual);
    }

    #[test]
    fn a_layer_is_an_archive_with_its_directories_and_whiteouts() {
        check(
            "
            //- layer FROM x
            //- /a/b/c
            text
            //- /a/b/d
            //- symlink /l -> a/b
            //- hardlink /a/e -> /a/b/c
            //- layer RUN rm
            //- whiteout /a/b/c
            //- whiteout /l
            //- opaque /a
            ",
            expect![[r#"
                a/
                a/b/
                a/b/c
                a/b/d
                l -> a/b
                a/e -> a/b/c
                --
                a/
                a/b/
                a/b/.wh.c
                .wh.l
                a/.wh..wh..opq
                --
            "#]],
        );
    }

    #[test]
    fn the_same_fixture_gives_the_same_digests() {
        let build = || Image::from_text("//- layer(zstd) FROM x\n//- /a\n1\n//- layer RUN y\n//- /b\n");
        assert_eq!(build().manifest(), build().manifest());
        assert_eq!(build().layers.len(), 2);
    }

    #[test]
    fn the_configuration_names_the_uncompressed_digests_and_the_instructions() {
        let image = Image::from_text("//- layer FROM x\n//- /a\n1\n");
        let config: serde_json::Value = serde_json::from_slice(&image.config.bytes).unwrap();
        assert_eq!(config["rootfs"]["diff_ids"][0], image.layers[0].tar.digest.to_string());
        assert_ne!(image.layers[0].tar.digest, image.layers[0].stored.digest);
        assert_eq!(config["history"][0]["created_by"], "FROM x");
    }
}
