//! The two images of the demonstration. They hold package databases and nothing that runs.
//!
//! Ours, in the shape that Debian's and Alpine's images have: each layer brings the whole
//! package database as it was then, the way `apt-get` and `apk` leave it.

use plimsoll_testkit::{Fixture, Image, Platform};

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
    Row("git", "1:2.39.2-1.1", None),
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

const ALPINE_BASE: &[Row] = &[
    Row("alpine-baselayout", "3.6.5-r0", None),
    Row("busybox", "1.36.1-r15", None),
    Row("libcrypto3", "3.3.0-r2", Some("openssl")),
    Row("libssl3", "3.3.0-r2", Some("openssl")),
    Row("musl", "1.2.5-r0", None),
    Row("ssl_client", "1.36.1-r15", Some("busybox")),
    Row("zlib", "1.3.1-r1", None),
];

const ALPINE_ADDED: &[Row] = &[
    Row("curl", "8.3.0-r0", None),
    Row("libcurl", "8.3.0-r0", Some("curl")),
    Row("xz", "5.6.1-r1", None),
    Row("xz-libs", "5.6.1-r1", Some("xz")),
];

/// An image as a small team might have it: a base of the summer of 2023 that was never rebuilt,
/// a folder of packages that somebody kept for an old program, and a tool that was removed again.
pub(crate) fn debian() -> Image {
    let mut packages = Vec::new();
    let mut text = layer("FROM debian:12.1-slim") + DEBIAN_RELEASE;
    text += &dpkg_status(add(&mut packages, DEBIAN_BASE));
    text += &layer("RUN apt-get update && apt-get install -y curl git openssh-server");
    text += &dpkg_status(add(&mut packages, DEBIAN_NETWORK));
    text += "//- /usr/bin/git\nno program\n";
    text += &layer("RUN apt-get install -y libwebp7");
    text += &dpkg_status(add(&mut packages, DEBIAN_PICTURES));
    text += &layer("RUN dpkg -i /opt/vendor/*.deb");
    text += &dpkg_status(add(&mut packages, DEBIAN_VENDORED));
    text += &layer("RUN apt-get purge -y git");
    packages.retain(|it| it.0 != "git");
    text += &dpkg_status(&packages);
    text += "//- whiteout /usr/bin/git\n";
    build(&text)
}

/// An image of the spring of 2024, with an xz that was to be had for a few days.
pub(crate) fn alpine() -> Image {
    let mut packages = Vec::new();
    let mut text = layer("FROM alpine:3.20") + ALPINE_RELEASE;
    text += &apk_installed(add(&mut packages, ALPINE_BASE));
    text += &layer("RUN apk add --no-cache curl xz");
    text += &apk_installed(add(&mut packages, ALPINE_ADDED));
    build(&text)
}

const DEBIAN_RELEASE: &str = r#"//- /etc/os-release
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION_CODENAME=bookworm
ID=debian
"#;

const ALPINE_RELEASE: &str = r#"//- /etc/os-release
NAME="Alpine Linux"
ID=alpine
VERSION_ID=3.20.0
PRETTY_NAME="Alpine Linux v3.20"
//- /etc/apk/repositories
https://dl-cdn.alpinelinux.org/alpine/v3.20/main
"#;

fn build(text: &str) -> Image {
    let fixture = Fixture::parse(text).expect("the text is ours");
    Image::build(&fixture, &Platform::this_machine())
}

fn layer(instruction: &str) -> String {
    format!("//- layer {instruction}\n")
}

/// Installs packages over those that are there, as a package manager does.
fn add<'a>(packages: &'a mut Vec<Row>, more: &[Row]) -> &'a [Row] {
    packages.retain(|old| more.iter().all(|new| new.0 != old.0));
    packages.extend_from_slice(more);
    packages.sort_by_key(|it| it.0);
    packages
}

fn dpkg_status(packages: &[Row]) -> String {
    let mut out = String::from("//- /var/lib/dpkg/status\n");
    for Row(name, version, source) in packages {
        out += &format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\n");
        if let Some(source) = source {
            out += &format!("Source: {source}\n");
        }
        out += &format!("Version: {version}\nDescription: stands in a demonstration\n\n");
    }
    out
}

fn apk_installed(packages: &[Row]) -> String {
    let mut out = String::from("//- /lib/apk/db/installed\n");
    for Row(name, version, origin) in packages {
        out += &format!("P:{name}\nV:{version}\nA:x86_64\no:{}\n\n", origin.unwrap_or(name));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_images_have_a_layer_for_each_instruction() {
        assert_eq!(debian().layers.len(), 5);
        assert_eq!(alpine().layers.len(), 2);
    }

    #[test]
    fn a_package_that_is_installed_again_is_there_once() {
        let mut packages = Vec::new();
        add(&mut packages, DEBIAN_BASE);
        let status = dpkg_status(add(&mut packages, DEBIAN_VENDORED));
        assert!(status.contains("Version: 4.3-9\n") && !status.contains("5.2.15-2"));
    }
}
