//! Images in tar files: what `docker save` writes, old and new, and OCI layouts.
//!
//! The file is looked through once, header by header; layers are read from where they lie.
//! What cannot be read twice (standard input, a compressed archive) is spooled first, to a file
//! without a name and under a quota.

mod docker;
mod members;
mod spool;

use std::fs::File;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::Arc;

use plimsoll_core::Limits;

use crate::error::path_text;
use crate::place::{Place, open_regular};
use crate::{Error, Input, Location, Opened, Options, layout};

pub(crate) use members::{TarFile, scan};
pub(crate) use spool::spool;

/// Opens an archive of a kind that is told, or that tells itself.
pub(crate) fn open(location: &Location, options: &Options, limits: &Limits) -> Result<Opened, Error> {
    match location {
        Location::OciArchive { input, select } => {
            let tar = Arc::new(read_input(input, options, limits)?);
            layout::open(tar, select.as_deref(), options, limits, location)
        }
        Location::DockerArchive { input, select } => {
            let tar = Arc::new(read_input(input, options, limits)?);
            docker::open(tar, select.as_deref(), options, limits, location)
        }
        Location::Archive { input } => {
            let tar = Arc::new(read_input(input, options, limits)?);
            if tar.has("manifest.json") {
                docker::open(tar, None, options, limits, location)
            } else if tar.has("oci-layout") || tar.has("index.json") {
                layout::open(tar, None, options, limits, location)
            } else {
                Err(Error::malformed(format!(
                    "{} is neither what `docker save` writes (it has no manifest.json) nor an OCI layout (no index.json); \
                     unpack it and write `dir:` to scan a root file system",
                    tar.name()
                )))
            }
        }
        _ => Err(Error::usage(format!("`{location}` is no archive"))),
    }
}

/// Opens a Docker archive that came from somewhere else than a file.
pub(crate) fn open_docker(
    file: File,
    name: String,
    options: &Options,
    limits: &Limits,
    location: &Location,
) -> Result<Opened, Error> {
    let tar = Arc::new(TarFile::read(file, name, limits)?);
    docker::open(tar, None, options, limits, location)
}

fn read_input(input: &Input, options: &Options, limits: &Limits) -> Result<TarFile, Error> {
    let (file, name) = match input {
        Input::StandardInput => {
            let name = "the archive on standard input".to_owned();
            let file = spool(Box::new(std::io::stdin()), &name, options.spool_directory.as_deref(), limits)?;
            (file, name)
        }
        Input::File(path) => {
            let name = format!("archive `{}`", path_text(path));
            let directory = options.spool_directory.as_deref();
            (open_file(path, &name, directory, limits)?, name)
        }
    };
    TarFile::read(file, name, limits)
}

/// A file as a file that can be read by position. A pipe (`<(docker save …)`) is spooled; of
/// devices there is no telling when they end.
fn open_file(path: &Path, name: &str, directory: Option<&Path>, limits: &Limits) -> Result<File, Error> {
    let unreadable = |error| Error::file("the file", path, error);
    let kind = std::fs::metadata(path).map_err(unreadable)?.file_type();
    if kind.is_fifo() {
        let pipe = File::open(path).map_err(unreadable)?;
        return spool(Box::new(pipe), name, directory, limits);
    }
    if !kind.is_file() {
        return Err(Error::usage(format!("`{}` is no file", path_text(path))));
    }
    // A link that the user names is the user's choice.
    let target = std::fs::canonicalize(path).map_err(unreadable)?;
    let (file, _) = open_regular(&target).map_err(unreadable)?;
    spool::inflated(file, name, directory, limits)
}
