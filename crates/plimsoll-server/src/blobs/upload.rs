//! One growing upload: its file, how much it has, and the digest so far.
//!
//! The file is the truth. The running digest is kept beside it in memory, and is made again from
//! the file where it is not there, after a restart or after a write that failed half-way.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use plimsoll_core::Algorithm;
use plimsoll_core::Digest;

use super::{BlobError, Hash};

/// How much is read at once to make a digest again.
const REHASH_BYTES: usize = 1024 * 1024;

/// An upload, as one process sees it.
pub(super) struct Upload {
    path: PathBuf,
    progress: Option<Progress>,
}

struct Progress {
    offset: u64,
    sha256: Hash,
}

impl Upload {
    /// An upload whose file may be there or not; nothing is read yet.
    pub(super) fn at(path: PathBuf) -> Upload {
        Upload { path, progress: None }
    }

    /// Makes the file of a new upload.
    pub(super) fn create(path: PathBuf) -> Result<Upload, BlobError> {
        File::create_new(&path).map_err(|source| BlobError::storage("begin an upload", source))?;
        let progress = Some(Progress { offset: 0, sha256: Hash::new(Algorithm::Sha256) });
        Ok(Upload { path, progress })
    }

    /// How many bytes have arrived.
    pub(super) fn offset(&mut self) -> Result<u64, BlobError> {
        self.progress().map(|it| it.offset)
    }

    /// Opens the file for appending.
    pub(super) fn open(&self) -> Result<File, BlobError> {
        OpenOptions::new().append(true).open(&self.path).map_err(unknown_or("open an upload"))
    }

    /// Appends to the opened file and takes the bytes into the digest.
    pub(super) fn write(&mut self, file: &mut File, pieces: &[Bytes]) -> Result<(), BlobError> {
        // Until all of it is written nothing is known of the file's end.
        let mut progress = self.take_progress()?;
        for piece in pieces {
            file.write_all(piece).map_err(|source| BlobError::storage("write an upload", source))?;
            progress.sha256.update(piece);
            progress.offset += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        }
        self.progress = Some(progress);
        Ok(())
    }

    /// Puts the upload under the blob's name if it is that blob, and removes it if it is not. Gives
    /// back its size. What is under the name is on the disk.
    pub(super) fn finish(&mut self, digest: Digest, blob: &Path) -> Result<u64, BlobError> {
        let size = self.offset()?;
        let actual = self.digest(digest.algorithm())?;
        if actual != digest {
            self.remove()?;
            return Err(BlobError::Digest { actual });
        }
        let file = File::open(&self.path).map_err(unknown_or("open an upload"))?;
        file.sync_all().map_err(|source| BlobError::storage("write an upload", source))?;
        rename(&self.path, blob).map_err(|source| BlobError::storage("keep a blob", source))?;
        self.progress = None;
        Ok(size)
    }

    /// Removes the upload's file.
    pub(super) fn remove(&mut self) -> Result<(), BlobError> {
        self.progress = None;
        fs::remove_file(&self.path).map_err(unknown_or("remove an upload"))
    }

    fn digest(&mut self, algorithm: Algorithm) -> Result<Digest, BlobError> {
        match algorithm {
            Algorithm::Sha256 => Ok(self.progress()?.sha256.clone().finish()),
            Algorithm::Sha512 => Ok(hash_file(&self.path, algorithm)?.1.finish()),
        }
    }

    fn progress(&mut self) -> Result<&Progress, BlobError> {
        let progress = self.take_progress()?;
        Ok(self.progress.insert(progress))
    }

    fn take_progress(&mut self) -> Result<Progress, BlobError> {
        match self.progress.take() {
            Some(progress) => Ok(progress),
            None => {
                let (offset, sha256) = hash_file(&self.path, Algorithm::Sha256)?;
                Ok(Progress { offset, sha256 })
            }
        }
    }
}

/// Checks the digest of what is a blob already; gives back its size.
pub(super) fn verify(blob: &Path, digest: Digest) -> Result<u64, BlobError> {
    let (size, hash) = hash_file(blob, digest.algorithm())?;
    match hash.finish() {
        actual if actual == digest => Ok(size),
        actual => Err(BlobError::Digest { actual }),
    }
}

/// Renames, and makes the name last: a crash of the machine may otherwise undo what was answered.
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let made = !folder.exists();
    fs::create_dir_all(folder)?;
    fs::rename(from, to)?;
    File::open(folder)?.sync_all()?;
    match folder.parent() {
        Some(above) if made => File::open(above)?.sync_all(),
        _ => Ok(()),
    }
}

fn hash_file(path: &Path, algorithm: Algorithm) -> Result<(u64, Hash), BlobError> {
    let mut file = File::open(path).map_err(unknown_or("open an upload"))?;
    let mut hash = Hash::new(algorithm);
    let mut offset = 0;
    let mut buffer = vec![0; REHASH_BYTES];
    loop {
        let read = file.read(&mut buffer).map_err(|source| BlobError::storage("read an upload", source))?;
        if read == 0 {
            return Ok((offset, hash));
        }
        hash.update(&buffer[..read]);
        offset += u64::try_from(read).unwrap_or(u64::MAX);
    }
}

fn unknown_or(what: &'static str) -> impl Fn(io::Error) -> BlobError {
    move |source| match source.kind() {
        io::ErrorKind::NotFound => BlobError::UploadUnknown,
        _ => BlobError::storage(what, source),
    }
}
