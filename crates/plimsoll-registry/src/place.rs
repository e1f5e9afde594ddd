//! Files by name, in a folder or inside a tar file.
//!
//! Names come from images: none leads out of the folder or the archive, no symbolic link of the
//! host is followed, and only regular files are opened (a FIFO would hang).

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustix::fs::OFlags;

use crate::error::path_text;
use crate::opened::LayerSource;
use crate::{Blob, Error, ErrorKind};

/// A part of an open file.
#[derive(Debug)]
pub(crate) struct Extent {
    pub(crate) file: File,
    pub(crate) offset: u64,
    pub(crate) length_bytes: u64,
}

/// Somewhere with files.
pub(crate) trait Place: Send + Sync {
    /// For messages: what it is and where, `layout /srv/x`.
    fn name(&self) -> &str;

    /// Opens a file by its path from the top, `blobs/sha256/…`; `None` if there is none.
    fn open(&self, name: &str) -> Result<Option<Extent>, Error>;
}

/// Reads a whole file of a place under a limit; `None` if there is none.
pub(crate) fn read(place: &dyn Place, name: &str, limit_bytes: u64) -> Result<Option<Vec<u8>>, Error> {
    let Some(extent) = place.open(name)? else {
        return Ok(None);
    };
    if extent.length_bytes > limit_bytes {
        let size = extent.length_bytes;
        return Err(Error::limit(format!(
            "`{name}` in {} has {size} bytes, more than the limit of {limit_bytes}",
            place.name()
        )));
    }
    let blob = Blob::File { file: extent.file, offset: extent.offset, length_bytes: extent.length_bytes };
    let mut bytes = Vec::new();
    blob.into_reader()
        .take(limit_bytes)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::io(format!("`{name}` in {} cannot be read", place.name()), error))?;
    Ok(Some(bytes))
}

/// A layer that is a file of a place.
pub(crate) struct PlacedLayer {
    pub(crate) place: Arc<dyn Place>,
    pub(crate) name: String,
    /// What the descriptor says.
    pub(crate) size_bytes: Option<u64>,
}

impl PlacedLayer {
    /// Opens the file and holds its size against the descriptor; `None` if it is not there.
    pub(crate) fn find(&self) -> Result<Option<Extent>, Error> {
        let Some(extent) = self.place.open(&self.name)? else {
            return Ok(None);
        };
        match self.size_bytes {
            Some(claimed) if claimed != extent.length_bytes => Err(Error::malformed(format!(
                "layer `{}` in {} has {} bytes, but its descriptor says {claimed}",
                self.name,
                self.place.name(),
                extent.length_bytes
            ))),
            _ => Ok(Some(extent)),
        }
    }

    /// The error for a layer that is not there.
    pub(crate) fn missing(&self) -> Error {
        Error::malformed(format!("layer `{}` is missing from {}", self.name, self.place.name()))
    }
}

impl LayerSource for PlacedLayer {
    fn open(&self) -> Result<Blob, Error> {
        let extent = self.find()?.ok_or_else(|| self.missing())?;
        Ok(Blob::File { file: extent.file, offset: extent.offset, length_bytes: extent.length_bytes })
    }

    fn is_local(&self) -> bool {
        true
    }
}

/// A folder of the host.
pub(crate) struct Folder {
    root: PathBuf,
    name: String,
}

impl Folder {
    pub(crate) fn new(root: &Path, what: &str) -> Folder {
        Folder { root: root.to_owned(), name: format!("{what} `{}`", path_text(root)) }
    }
}

impl Place for Folder {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self, name: &str) -> Result<Option<Extent>, Error> {
        match open_regular(&self.root.join(name)) {
            Ok((file, length_bytes)) => Ok(Some(Extent { file, offset: 0, length_bytes })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if is_symlink(&error) => Err(Error::malformed(format!(
                "`{name}` in {} is a symbolic link, which is not followed",
                self.name
            ))),
            Err(error) => Err(Error::io(format!("`{name}` in {} cannot be opened", self.name), error)),
        }
    }
}

/// Opens a regular file that is no symbolic link.
pub(crate) fn open_regular(path: &Path) -> io::Result<(File, u64)> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).unwrap_or(0);
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file"));
    }
    Ok((file, metadata.len()))
}

fn is_symlink(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// A second file description of an open file, with a position of its own where the system has
/// `/proc`; unlinked files have no other way.
pub(crate) fn reopen(file: &File) -> io::Result<File> {
    use std::os::fd::AsRawFd;
    let own = format!("/proc/self/fd/{}", file.as_raw_fd());
    File::open(own).or_else(|_| file.try_clone())
}

/// The error for a document that a place should hold.
pub(crate) fn missing(place: &dyn Place, what: &str, name: &str) -> Error {
    Error::new(ErrorKind::Malformed, format!("{what} `{name}` is missing from {}", place.name()))
}
