//! The images of the demonstration. They hold package databases and nothing that runs.
//!
//! Ours, in the shape that Debian's and Alpine's images have: each layer brings the whole package
//! database as it was then, the way `apt-get` and `apk` leave it. The same words give the same bytes.

use std::io::Write;

use plimsoll_core::{Digest, Platform};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// Bytes and the digest under which they are stored.
#[derive(Clone)]
pub(super) struct Blob {
    pub(super) digest: Digest,
    pub(super) bytes: Vec<u8>,
}

/// What a registry is sent.
pub(super) struct Image {
    pub(super) blobs: Vec<Blob>,
    pub(super) manifest: Blob,
}

pub(super) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A package: name, version, and the source it was built from where that is called otherwise.
#[derive(Clone, Copy)]
struct Row(&'static str, &'static str, Option<&'static str>);

const DEBIAN_BASE: &[Row] = &[
    Row("base-files", "12.4+deb12u1", None),
    Row("bash", "5.2.15-2", None),
    Row("coreutils", "9.1-1", None),
    Row("dpkg", "1.21.22", None),
    Row("libc-bin", "2.36-9+deb12u1", Some("glibc")),
    Row("libc6", "2.36-9+deb12u1", Some("glibc")),
    Row("liblzma5", "5.4.1-0.2", Some("xz-utils")),
    Row("perl-base", "5.36.0-7", Some("perl")),
    Row("zlib1g", "1:1.2.13.dfsg-1", Some("zlib")),
];

const DEBIAN_NETWORK: &[Row] = &[
    Row("ca-certificates", "20230311", None),
    Row("curl", "7.88.1-10+deb12u1", None),
    Row("libcurl4", "7.88.1-10+deb12u1", Some("curl")),
    Row("libssl3", "3.0.9-1", Some("openssl")),
    Row("openssh-server", "1:9.2p1-2", Some("openssh")),
    Row("openssl", "3.0.9-1", None),
];

const DEBIAN_PICTURES: &[Row] = &[Row("libwebp7", "1.2.4-0.2", Some("libwebp"))];

const DEBIAN_VENDORED: &[Row] = &[
    Row("bash", "4.3-9", None),
    Row("libssl1.0.0", "1.0.1f-1", Some("openssl")),
    Row("sudo", "1.8.31-1", None),
];

const DEBIAN_UPGRADED: &[Row] = &[
    Row("curl", "7.88.1-10+deb12u12", None),
    Row("libc-bin", "2.36-9+deb12u10", Some("glibc")),
    Row("libc6", "2.36-9+deb12u10", Some("glibc")),
    Row("libcurl4", "7.88.1-10+deb12u12", Some("curl")),
    Row("libssl3", "3.0.17-1~deb12u2", Some("openssl")),
    Row("libwebp7", "1.2.4-0.2+deb12u1", Some("libwebp")),
    Row("openssh-server", "1:9.2p1-2+deb12u7", Some("openssh")),
    Row("openssl", "3.0.17-1~deb12u2", None),
];

const ALPINE_BASE: &[Row] = &[
    Row("alpine-baselayout", "3.6.5-r0", None),
    Row("busybox", "1.36.1-r15", None),
    Row("libcrypto3", "3.3.0-r2", Some("openssl")),
    Row("libssl3", "3.3.0-r2", Some("openssl")),
    Row("musl", "1.2.5-r0", None),
    Row("zlib", "1.3.1-r1", None),
];

const ALPINE_ADDED: &[Row] = &[
    Row("curl", "8.3.0-r0", None),
    Row("libcurl", "8.3.0-r0", Some("curl")),
    Row("xz", "5.6.1-r1", None),
    Row("xz-libs", "5.6.1-r1", Some("xz")),
];

const DEBIAN_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\n\
    VERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nID=debian\n";

const ALPINE_RELEASE: &str =
    "NAME=\"Alpine Linux\"\nID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME=\"Alpine Linux v3.20\"\n";

/// An image as a small team might have it: a base of the summer of 2023 that was never rebuilt, and a
/// folder of packages that somebody kept for an old program.
pub(super) fn neglected() -> Image {
    of_a_team("RUN dpkg -i /opt/vendor/*.deb", DEBIAN_VENDORED)
}

/// The same, built anew without the old folder, and upgraded.
pub(super) fn mended() -> Image {
    of_a_team("RUN apt-get upgrade -y", DEBIAN_UPGRADED)
}

/// What both have in common, and a last layer with its packages.
fn of_a_team(instruction: &str, last: &[Row]) -> Image {
    let mut packages = Vec::new();
    Builder::default()
        .layer(
            "FROM debian:12.1-slim",
            &[("etc/os-release", DEBIAN_RELEASE), (DPKG, &dpkg(add(&mut packages, DEBIAN_BASE)))],
        )
        .command("bash")
        .layer(
            "RUN apt-get update && apt-get install -y curl openssh-server",
            &[(DPKG, &dpkg(add(&mut packages, DEBIAN_NETWORK)))],
        )
        .layer("RUN apt-get install -y libwebp7", &[(DPKG, &dpkg(add(&mut packages, DEBIAN_PICTURES)))])
        .layer(instruction, &[(DPKG, &dpkg(add(&mut packages, last)))])
        .image()
}

/// An image of the spring of 2024, with an xz that was to be had for a few days.
pub(super) fn backdoored() -> Image {
    let mut packages = Vec::new();
    Builder::default()
        .layer(
            "FROM alpine:3.20",
            &[("etc/os-release", ALPINE_RELEASE), (APK, &apk(add(&mut packages, ALPINE_BASE)))],
        )
        .command("/bin/sh")
        .layer("RUN apk add --no-cache curl xz", &[(APK, &apk(add(&mut packages, ALPINE_ADDED)))])
        .image()
}

const DPKG: &str = "var/lib/dpkg/status";
const APK: &str = "lib/apk/db/installed";

/// Installs packages over those that are there, as a package manager does.
fn add<'a>(packages: &'a mut Vec<Row>, more: &[Row]) -> &'a [Row] {
    packages.retain(|old| more.iter().all(|new| new.0 != old.0));
    packages.extend_from_slice(more);
    packages.sort_by_key(|it| it.0);
    packages
}

fn dpkg(packages: &[Row]) -> String {
    let mut out = String::new();
    for Row(name, version, source) in packages {
        out += &format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n");
        if let Some(source) = source {
            out += &format!("Source: {source}\n");
        }
        out += &format!("Version: {version}\nDescription: stands in a demonstration\n\n");
    }
    out
}

fn apk(packages: &[Row]) -> String {
    let mut out = String::new();
    for Row(name, version, origin) in packages {
        out += &format!("P:{name}\nV:{version}\nA:x86_64\no:{}\n\n", origin.unwrap_or(name));
    }
    out
}

/// An image that comes to be layer by layer.
#[derive(Default)]
struct Builder {
    stored: Vec<Blob>,
    diff_ids: Vec<String>,
    history: Vec<serde_json::Value>,
}

impl Builder {
    fn layer(mut self, instruction: &str, files: &[(&str, &str)]) -> Builder {
        let tar = archive(files).expect("an archive in memory can always be written");
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&tar).expect("compressing into memory cannot fail");
        let stored = encoder.finish().expect("compressing into memory cannot fail");
        self.diff_ids.push(blob(tar).digest.to_string());
        self.stored.push(blob(stored));
        self.history.push(json!({ "created": "2024-01-01T00:00:00Z", "created_by": instruction }));
        self
    }

    /// With which the Dockerfile of a base image ends.
    fn command(mut self, program: &str) -> Builder {
        let instruction = format!("CMD [\"{program}\"]");
        self.history.push(
            json!({ "created": "2024-01-01T00:00:00Z", "created_by": instruction, "empty_layer": true }),
        );
        self
    }

    fn image(self) -> Image {
        let platform = Platform::this_machine();
        let config = json!({
            "created": "2024-01-01T00:00:00Z",
            "architecture": platform.architecture,
            "os": platform.os,
            "config": {},
            "rootfs": { "type": "layers", "diff_ids": self.diff_ids },
            "history": self.history,
        });
        let config = blob(config.to_string().into_bytes());
        let descriptor = |media_type: &str, blob: &Blob| json!({ "mediaType": media_type, "digest": blob.digest.to_string(), "size": blob.bytes.len() });
        let layers: Vec<_> = self
            .stored
            .iter()
            .map(|it| descriptor("application/vnd.oci.image.layer.v1.tar+gzip", it))
            .collect();
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
            "layers": layers,
        });
        let mut blobs = self.stored;
        blobs.push(config);
        Image { blobs, manifest: blob(manifest.to_string().into_bytes()) }
    }
}

fn blob(bytes: Vec<u8>) -> Blob {
    Blob { digest: Digest::sha256(Sha256::digest(&bytes).into()), bytes }
}

/// Directories come before what is in them, as builders write them.
fn archive(files: &[(&str, &str)]) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut made: Vec<String> = Vec::new();
    for (path, content) in files {
        for (at, _) in path.match_indices('/') {
            let directory = format!("{}/", path.get(..at).unwrap_or_default());
            if !made.contains(&directory) {
                let mut header = header(tar::EntryType::Directory, 0o755, 0);
                builder.append_data(&mut header, &directory, std::io::empty())?;
                made.push(directory);
            }
        }
        let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let mut header = header(tar::EntryType::Regular, 0o644, length);
        builder.append_data(&mut header, path, content.as_bytes())?;
    }
    builder.into_inner()
}

fn header(kind: tar::EntryType, mode: u32, length: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(length);
    header.set_mtime(1_704_067_200);
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_images_have_a_layer_for_each_instruction_and_share_what_is_the_same() {
        let (old, new) = (neglected(), mended());
        // The configuration is a blob, too.
        assert_eq!((old.blobs.len(), new.blobs.len(), backdoored().blobs.len()), (5, 5, 3));
        let shared = old.blobs.iter().filter(|it| new.blobs.iter().any(|other| other.digest == it.digest));
        assert_eq!(shared.count(), 3);
        assert_eq!(neglected().manifest.digest, old.manifest.digest);
    }

    #[test]
    fn a_package_that_is_installed_again_is_there_once() {
        let mut packages = Vec::new();
        add(&mut packages, DEBIAN_BASE);
        let status = dpkg(add(&mut packages, DEBIAN_VENDORED));
        assert!(status.contains("Version: 4.3-9\n") && !status.contains("5.2.15-2"));
    }
}
