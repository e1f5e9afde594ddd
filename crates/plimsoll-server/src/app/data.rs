//! The data directory: made on the first start, for its owner alone; locked against a second process;
//! and the key that signs tokens.
//!
//! `plimsoll.db` is the database, `blobs` and `uploads` are the registry's, `db` is the vulnerability
//! database, `cache` holds the facts of layers, `token.key` the key, and `lock` is the lock.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::error::StartError;
use crate::settings::Secret;

/// A directory in which everything lies.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    /// Held as long as the process lives.
    _lock: Option<File>,
}

impl DataDirectory {
    /// Opens a directory and makes it if it is not there. With `alone`, no second process may.
    pub fn open(path: &Path, alone: bool) -> Result<DataDirectory, StartError> {
        let failed = |what| {
            let place = path.display().to_string();
            move |source| StartError::Directory { what, place, source }
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("make"))?;
        let lock = if alone { Some(lock(&path.join("lock")).map_err(failed("lock"))?) } else { None };
        if let Some(None) = lock {
            return Err(StartError::InUse { place: path.display().to_string() });
        }
        Ok(DataDirectory { path: path.to_path_buf(), _lock: lock.flatten() })
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where SQLite's database lies.
    pub fn database(&self) -> PathBuf {
        self.path.join("plimsoll.db")
    }

    /// Where the first administrator's password lies if there was no terminal to print it to.
    fn password_file(&self) -> PathBuf {
        self.path.join("admin-password")
    }

    /// Keeps the first administrator's password for somebody who has no terminal; says where.
    pub fn write_password(&self, password: &Secret) -> Result<PathBuf, StartError> {
        let path = self.password_file();
        let text = format!("{}\n", password.reveal());
        write_private(&path, text.as_bytes()).map_err(|source| StartError::Directory {
            what: "write",
            place: path.display().to_string(),
            source,
        })?;
        Ok(path)
    }

    /// A key of this installation; made if there is none.
    pub fn key(&self, name: &str) -> Result<[u8; 32], StartError> {
        let path = self.path.join(name);
        read_or_make_key(&path).map_err(|source| StartError::Directory {
            what: "read or make a key in",
            place: path.display().to_string(),
            source,
        })
    }
}

/// The lock, or nothing if somebody else has it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read_or_make_key(path: &Path) -> io::Result<[u8; 32]> {
    match File::open(path) {
        Ok(file) => {
            let mut bytes = Vec::new();
            file.take(33).read_to_end(&mut bytes)?;
            let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the key does not have 32 bytes");
            bytes.try_into().map_err(|_| damaged())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_key(path),
        Err(error) => Err(error),
    }
}

/// Written beside and linked in: a crash leaves no half of a key, and of two processes one wins.
fn make_key(path: &Path) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| io::Error::other("no randomness"))?;
    let beside = path.with_extension(format!("new-{}", std::process::id()));
    write_private(&beside, &key)?;
    let linked = fs::hard_link(&beside, path);
    fs::remove_file(&beside)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read_or_make_key(path),
        Err(error) => Err(error),
    }
}

/// Writes a file that its owner alone reads.
fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(content)?;
    file.sync_all()
}
