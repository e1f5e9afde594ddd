//! What a text on the command line means: a registry's image, a layout, an archive, a folder.
//!
//! A prefix decides; without one it is what lies there in the file system, and else a reference.
//! Looks at what a path is, reads nothing.

use std::fmt;
use std::path::{Path, PathBuf};

use plimsoll_core::{Escaped, Reference};

/// Where images lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A repository in a registry.
    Registry(Reference),
    /// A folder with an OCI layout.
    OciLayout {
        /// The folder.
        path: PathBuf,
        /// The tag, or `@` and a digest.
        select: Option<String>,
    },
    /// A tar file with an OCI layout.
    OciArchive {
        /// The file.
        input: Input,
        /// The tag, or `@` and a digest.
        select: Option<String>,
    },
    /// What `docker save` writes.
    DockerArchive {
        /// The file.
        input: Input,
        /// The name and tag, or `@` and a number from 0.
        select: Option<String>,
    },
    /// A file that has to tell which kind of archive it is.
    Archive {
        /// The file.
        input: Input,
    },
    /// A folder that is the root of a file system.
    Directory(PathBuf),
    /// An image that the Docker daemon of this machine holds.
    Daemon(Reference),
}

/// Where an archive comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A file.
    File(PathBuf),
    /// Standard input.
    StandardInput,
}

/// Why a text means no location; the sentence says what to write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct LocateError(pub String);

/// Says what a text means.
pub fn locate(text: &str) -> Result<Location, LocateError> {
    if text.is_empty() {
        return Err(LocateError("the name of the image is empty".to_owned()));
    }
    match text.split_once(':') {
        Some(("registry", rest)) if !is_tag(rest) => reference(rest).map(Location::Registry),
        Some(("docker", rest)) if rest.starts_with("//") => reference(&rest[2..]).map(Location::Registry),
        Some(("docker-daemon", rest)) => reference(rest).map(Location::Daemon),
        Some(("oci", rest)) => {
            let (path, select) = path_and_choice("oci", rest)?;
            Ok(Location::OciLayout { path, select })
        }
        Some(("oci-archive", rest)) => {
            let (path, select) = path_and_choice("oci-archive", rest)?;
            Ok(Location::OciArchive { input: input(path), select })
        }
        Some(("docker-archive", rest)) => {
            let (path, select) = path_and_choice("docker-archive", rest)?;
            Ok(Location::DockerArchive { input: input(path), select })
        }
        Some(("dir", rest)) if !rest.is_empty() => Ok(Location::Directory(rest.into())),
        Some((prefix @ ("containers-storage" | "ostree" | "sif" | "tarball"), _)) => {
            Err(LocateError(format!(
                "images in `{prefix}:` are not supported; copy it with `skopeo copy {} oci:DIR` and scan `oci:DIR`",
                Escaped(text)
            )))
        }
        Some(("https" | "http", _)) => Err(LocateError(format!(
            "`{}` is a web address; write the image as host/name:tag",
            Escaped(text)
        ))),
        _ => by_looking(text),
    }
}

/// `registry:2` is the image `registry` with the tag `2`, not a prefix and a name.
fn is_tag(text: &str) -> bool {
    !text.split('@').next().unwrap_or_default().contains(['/', ':'])
}

fn by_looking(text: &str) -> Result<Location, LocateError> {
    let path = Path::new(text);
    if let Ok(metadata) = std::fs::metadata(path) {
        if !metadata.is_dir() {
            return Ok(Location::Archive { input: Input::File(path.to_owned()) });
        }
        if path.join("oci-layout").exists()
            || (path.join("index.json").exists() && path.join("blobs").is_dir())
        {
            return Ok(Location::OciLayout { path: path.to_owned(), select: None });
        }
        return Ok(Location::Directory(path.to_owned()));
    }
    if looks_like_a_path(text) {
        return Err(LocateError(format!("there is no file or folder `{}`", Escaped(text))));
    }
    reference(text).map(Location::Registry)
}

/// No reference begins or ends like this.
fn looks_like_a_path(text: &str) -> bool {
    ["/", "./", "../", "~"].iter().any(|it| text.starts_with(it))
        || [".tar", ".tar.gz", ".tgz", "/"].iter().any(|it| text.ends_with(it))
        || matches!(text, "." | "..")
}

fn reference(text: &str) -> Result<Reference, LocateError> {
    text.parse().map_err(|error: plimsoll_core::ReferenceError| LocateError(error.to_string()))
}

fn input(path: PathBuf) -> Input {
    if path == Path::new("-") { Input::StandardInput } else { Input::File(path) }
}

/// Splits `PATH[:tag|@digest]`. A path that exists as it is written wins.
fn path_and_choice(prefix: &str, text: &str) -> Result<(PathBuf, Option<String>), LocateError> {
    if text.is_empty() {
        return Err(LocateError(format!("`{prefix}:` wants a path behind the colon")));
    }
    if Path::new(text).exists() {
        return Ok((text.into(), None));
    }
    if let Some((path, digest)) = text.rsplit_once('@')
        && !path.is_empty()
        && digest.parse::<plimsoll_core::Digest>().is_ok()
    {
        return Ok((path.into(), Some(format!("@{digest}"))));
    }
    // A choice may have colons of its own (`FILE:host:5000/name:tag`): the longest path that
    // exists is the path.
    let splits: Vec<usize> = text.match_indices(':').map(|(at, _)| at).filter(|at| *at > 0).collect();
    let exists = |path: &str| path == "-" || Path::new(path).exists();
    let at = splits.iter().rev().find(|at| exists(&text[..**at])).or(splits.last());
    match at {
        Some(at) if text[at + 1..].is_empty() => {
            Err(LocateError(format!("`{prefix}:{}` has nothing behind its last colon", Escaped(text))))
        }
        Some(at) => Ok((text[..*at].into(), Some(text[at + 1..].to_owned()))),
        None => Ok((text.into(), None)),
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Input::File(path) => write!(f, "{}", path.display()),
            Input::StandardInput => f.write_str("-"),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let choice = |select: &Option<String>| match select {
            Some(it) if it.starts_with('@') && it.contains(':') => it.clone(),
            Some(it) => format!(":{it}"),
            None => String::new(),
        };
        match self {
            Location::Registry(reference) => write!(f, "{reference}"),
            Location::OciLayout { path, select } => write!(f, "oci:{}{}", path.display(), choice(select)),
            Location::OciArchive { input, select } => write!(f, "oci-archive:{input}{}", choice(select)),
            Location::DockerArchive { input, select } => {
                write!(f, "docker-archive:{input}{}", choice(select))
            }
            Location::Archive { input } => write!(f, "{input}"),
            Location::Directory(path) => write!(f, "dir:{}", path.display()),
            Location::Daemon(reference) => write!(f, "docker-daemon:{reference}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let actual = match locate(text) {
            Ok(location) => {
                format!("{location:?}").split([' ', '(']).next().unwrap().to_owned()
                    + " "
                    + &location.to_string()
            }
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(actual, expected);
    }

    #[test]
    fn a_prefix_decides() {
        check("registry:debian:12", "Registry docker.io/library/debian:12");
        check("registry:2", "Registry docker.io/library/registry:2");
        check("docker:dind", "Registry docker.io/library/docker:dind");
        check("docker://ghcr.io/a/b:1", "Registry ghcr.io/a/b:1");
        check("docker-daemon:debian:12", "Daemon docker-daemon:docker.io/library/debian:12");
        check("oci:some/where:v1", "OciLayout oci:some/where:v1");
        check("oci:some/where", "OciLayout oci:some/where");
        let digest = format!("sha256:{}", "a".repeat(64));
        check(&format!("oci:some/where@{digest}"), &format!("OciLayout oci:some/where@{digest}"));
        check("docker-archive:-", "DockerArchive docker-archive:-");
        check("docker-archive:-:host:5000/a:1", "DockerArchive docker-archive:-:host:5000/a:1");
        check("docker-archive:x.tar:@1", "DockerArchive docker-archive:x.tar:@1");
        check("dir:/srv", "Directory dir:/srv");
    }

    #[test]
    fn without_a_prefix_it_is_what_lies_there() {
        check("debian:12", "Registry docker.io/library/debian:12");
        check("oci", "Registry docker.io/library/oci:latest");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        check(path, &format!("Directory dir:{path}"));
        std::fs::write(folder.path().join("oci-layout"), "{}").unwrap();
        check(path, &format!("OciLayout oci:{path}"));
        let file = format!("{path}/oci-layout");
        check(&file, &format!("Archive {file}"));
        check(&format!("{path}/missing"), &format!("error: there is no file or folder `{path}/missing`"));
    }

    #[test]
    fn nonsense_says_what_to_write() {
        check("", "error: the name of the image is empty");
        check("oci:", "error: `oci:` wants a path behind the colon");
        check("oci:x:", "error: `oci:x:` has nothing behind its last colon");
        check(
            "https://ghcr.io/a",
            "error: `https://ghcr.io/a` is a web address; write the image as host/name:tag",
        );
        check("Debian", "error: `Debian` is no image reference: a repository's name is lower case");
        check(
            "containers-storage:x",
            "error: images in `containers-storage:` are not supported; copy it with `skopeo copy containers-storage:x oci:DIR` and scan `oci:DIR`",
        );
    }
}
