//! Packages of the kernel's source that do not run in a container (rule 18).
//!
//! A container runs on its host's kernel; the image's headers, images and modules of one are
//! files that nobody executes. Tools of the same source (`perf`, `bpftool`) do run and are not
//! meant here.

use plimsoll_core::Package;

/// The beginnings of names of such packages.
const NAMES: &[&str] = &[
    "linux-libc-dev",
    "linux-headers",
    "linux-kbuild",
    "linux-compiler",
    "linux-source",
    "linux-doc",
    "linux-image",
    "linux-modules",
    "linux-config",
    "linux-support",
    "linux-buildinfo",
    "kernel-headers",
    "kernel-devel",
    "kernel-doc",
];

/// The ends of names of the same of one build of the kernel: `kernel-uek-devel`, `kernel-rt-devel`,
/// `kernel-default-devel`, `kernel6.12-headers`.
const PARTS: &[&str] = &["-headers", "-devel", "-doc"];

/// Whether a package is of the kernel's source and does not run in a container.
pub fn is_header(package: &Package) -> bool {
    let source = package.source.as_ref().map_or(package.name.as_str(), |source| &source.name);
    let of_kernel =
        ["linux", "kernel"].iter().any(|name| source.strip_prefix(name).is_some_and(is_end_of_name));
    let is_part = package.name.starts_with("kernel") && PARTS.iter().any(|part| package.name.ends_with(part));
    of_kernel && (is_part || NAMES.iter().any(|name| package.name.starts_with(name)))
}

/// `linux-signed`, `kernel-uek`, `kernel6.12`.
fn is_end_of_name(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(|it: char| it == '-' || it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_core::SourcePackage;

    #[test]
    fn headers_are_told_from_tools() {
        let of = |name: &str, source: &str| {
            is_header(&Package {
                name: name.into(),
                source: Some(SourcePackage { name: source.into(), version: None }),
                ..Package::default()
            })
        };
        assert!(of("linux-libc-dev", "linux"));
        assert!(of("linux-headers-6.1.0-13-amd64", "linux"));
        assert!(of("linux-image-5.15.0-91-generic", "linux-signed"));
        assert!(of("kernel-uek-devel", "kernel-uek"));
        assert!(of("kernel6.12-headers", "kernel6.12"));
        assert!(!of("kernel-tools", "kernel"));
        assert!(!of("kernel-uek-container", "kernel-uek"));
        assert!(!of("linux-perf", "linux"));
        assert!(!of("bpftool", "linux"));
        assert!(!of("linux-headers-of-mine", "something"));
    }
}
