//! Getting images: from a registry, an OCI layout, an archive, a daemon or a folder.
//!
//! [`locate`] says what a text means, [`open`] gives the images there with readers for their
//! layers. Manifests and configurations are verified here; a layer is verified by whoever reads
//! it. Unpacks nothing, keeps nothing on disk but unlinked spools of what comes from a pipe,
//! follows no descriptor's `urls`, and shows no secret in any message.
#![forbid(unsafe_code)]
#![allow(
    clippy::disallowed_methods,
    reason = "fetching is this crate's purpose: files, sockets, clock, environment"
)]

mod archive;
mod attached;
mod daemon;
mod digest;
mod error;
mod held;
mod layout;
mod location;
mod opened;
mod options;
mod place;
mod remote;
mod resolve;
mod secret;

use plimsoll_core::{Limits, Subject, SubjectKind};

pub use attached::{Attached, Attachments, Found, Label};
pub use error::{Error, ErrorKind};
pub use held::{Holding, open_held};
pub use location::{Input, LocateError, Location, locate};
pub use opened::{Blob, Content, Opened, SourceImage, SourceLayer};
pub use options::{CredentialFiles, Login, Options, Patience, PlatformChoice};
pub use remote::{Access, ListedManifest, ListedRepository, Listing, Names, RegistryKind, Repository};
pub use secret::Secret;

/// Opens what lies at a location: resolves tag, index and platform, reads manifests and
/// configurations, and gives a reader for each layer. No layer is read here.
pub fn open(location: &Location, options: &Options, limits: &Limits) -> Result<Opened, Error> {
    match location {
        Location::Registry(reference) => remote::open(reference, options, limits),
        Location::OciLayout { path, select } => {
            layout::open_directory(path, select, options, limits, location)
        }
        Location::OciArchive { .. } | Location::DockerArchive { .. } | Location::Archive { .. } => {
            archive::open(location, options, limits)
        }
        Location::Directory(path) => open_root_file_system(path, location),
        Location::Daemon(reference) => daemon::open(reference, options, limits, location),
    }
}

fn open_root_file_system(path: &std::path::Path, location: &Location) -> Result<Opened, Error> {
    let metadata = std::fs::metadata(path).map_err(|error| Error::file("the folder", path, error))?;
    if !metadata.is_dir() {
        return Err(Error::usage(format!("`{}` is no folder", error::path_text(path))));
    }
    let subject = Subject {
        name: location.to_string(),
        kind: SubjectKind::RootFileSystem,
        digest: None,
        media_type: None,
    };
    Ok(Opened::new(subject, Content::RootFileSystem(path.to_owned()), Vec::new()))
}

/// Entry points for fuzzing the parsers that take what strangers wrote; nothing else calls them.
#[doc(hidden)]
pub mod fuzzing {
    /// The headers of a tar file.
    pub fn tar_members(bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let _ = crate::archive::scan(&bytes, length, "fuzz", &plimsoll_core::Limits::standard());
    }

    /// A `WWW-Authenticate` header.
    pub fn challenge(bytes: &[u8]) {
        let _ = crate::remote::parse_challenge(&String::from_utf8_lossy(bytes));
    }
}

#[cfg(test)]
mod tests;
