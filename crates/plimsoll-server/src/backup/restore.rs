//! The way back: into an empty directory, with every blob's digest looked at.

use std::collections::HashMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use plimsoll_core::Digest;
use plimsoll_store::blobs_of_copy;

use super::{ABOUT, About, BLOBS, BackupError, DATABASE, FORM, KEY, Saved, WHOLE, failed};
use crate::blobs::{BlobKey, Hash};

/// The first entry is some hundred bytes, the key 32.
const SMALL_BYTES_MAX: u64 = 64 * 1024;

/// What was restored.
pub type Restored = Saved;

/// Restores a backup. Where it breaks off or is wrong, what was written stays for whoever wants to
/// look at it, and no server should be started on it.
pub async fn restore(directory: &Path, from: impl Read) -> Result<Restored, BackupError> {
    make_empty(directory)?;
    let mut archive = tar::Archive::new(from);
    let mut entries = Entries(archive.entries().map_err(failed("the backup"))?);
    check(&entries.small(ABOUT)?)?;
    let database = directory.join(DATABASE);
    entries.next(DATABASE)?.write(&database)?;
    let key = entries.small(KEY)?;
    write_all(&directory.join(KEY), &key)?;
    let blobs = blobs_of_copy(&database).await?;
    let mut missing: HashMap<BlobKey, Digest> = HashMap::with_capacity(blobs.len());
    for blob in blobs {
        let key = blob.storage_key.as_str().parse();
        let key = key.map_err(|_| BackupError::Archive("a key in the database is none".to_owned()))?;
        missing.insert(key, blob.digest);
    }
    let mut restored = Restored::default();
    loop {
        let entry = entries.any()?;
        if entry.name == WHOLE {
            break;
        }
        restored.bytes += restore_blob(directory, entry, &mut missing)?;
        restored.blobs += 1;
    }
    if let Some(digest) = missing.values().next() {
        let what = format!("{} blobs are missing, {digest} for one", missing.len());
        return Err(BackupError::Archive(what));
    }
    Ok(restored)
}

fn make_empty(directory: &Path) -> Result<(), BackupError> {
    let what = || directory.display().to_string();
    DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed(what()))?;
    if fs::read_dir(directory).map_err(failed(what()))?.next().is_some() {
        return Err(BackupError::Full(what()));
    }
    Ok(())
}

fn check(about: &[u8]) -> Result<(), BackupError> {
    let about: About = serde_json::from_slice(about)
        .map_err(|_| BackupError::Archive("it does not say what it is".to_owned()))?;
    if about.form != FORM {
        let what = format!("it has form {}, this program knows {FORM}", about.form);
        return Err(BackupError::Archive(what));
    }
    Ok(())
}

/// One blob: under the key that the database gives it, with the digest that it says.
fn restore_blob(
    directory: &Path,
    entry: Entry<'_, impl Read>,
    missing: &mut HashMap<BlobKey, Digest>,
) -> Result<u64, BackupError> {
    let unknown = || BackupError::Archive(format!("`{}` is nothing that the database names", entry.name));
    let key = entry.name.strip_prefix(BLOBS).and_then(|it| it.split_once('/'));
    let key: BlobKey = key.and_then(|it| it.1.parse().ok()).ok_or_else(unknown)?;
    let digest = missing.remove(&key).ok_or_else(unknown)?;
    let name = key.to_string();
    let folder = directory.join(BLOBS).join(name.get(..2).unwrap_or_default());
    fs::create_dir_all(&folder).map_err(failed(folder.display().to_string()))?;
    let (bytes, actual) = entry.write_hashed(&folder.join(&name), digest)?;
    if actual != digest {
        return Err(BackupError::Archive(format!("a blob has the digest {actual} instead of {digest}")));
    }
    Ok(bytes)
}

/// The entries, one after the other.
struct Entries<'a, R: Read>(tar::Entries<'a, R>);

/// An ordinary file in the archive.
struct Entry<'a, R: Read> {
    name: String,
    content: tar::Entry<'a, R>,
}

impl<'a, R: Read> Entries<'a, R> {
    fn any(&mut self) -> Result<Entry<'a, R>, BackupError> {
        let broken_off = || BackupError::Archive("it breaks off".to_owned());
        let content = self.0.next().ok_or_else(broken_off)?.map_err(failed("the backup"))?;
        if !content.header().entry_type().is_file() {
            return Err(BackupError::Archive("it holds something that is no file".to_owned()));
        }
        let name = String::from_utf8_lossy(&content.path_bytes()).into_owned();
        Ok(Entry { name, content })
    }

    fn next(&mut self, name: &str) -> Result<Entry<'a, R>, BackupError> {
        let entry = self.any()?;
        if entry.name != name {
            return Err(BackupError::Archive(format!("`{name}` is not where it should be")));
        }
        Ok(entry)
    }

    fn small(&mut self, name: &str) -> Result<Vec<u8>, BackupError> {
        let entry = self.next(name)?;
        if entry.content.size() > SMALL_BYTES_MAX {
            return Err(BackupError::Archive(format!("`{name}` is too large")));
        }
        let mut content = Vec::new();
        entry.content.take(SMALL_BYTES_MAX).read_to_end(&mut content).map_err(failed("the backup"))?;
        Ok(content)
    }
}

impl<R: Read> Entry<'_, R> {
    fn write(self, path: &Path) -> Result<(), BackupError> {
        self.write_through(path, |_| ()).map(|_| ())
    }

    fn write_hashed(self, path: &Path, like: Digest) -> Result<(u64, Digest), BackupError> {
        let mut hash = Hash::new(like.algorithm());
        let bytes = self.write_through(path, |piece| hash.update(piece))?;
        Ok((bytes, hash.finish()))
    }

    fn write_through(mut self, path: &Path, mut see: impl FnMut(&[u8])) -> Result<u64, BackupError> {
        let mut file = create(path)?;
        let mut piece = vec![0; 256 * 1024];
        let mut bytes = 0;
        loop {
            let length = self.content.read(&mut piece).map_err(failed("the backup"))?;
            let Some(read) = piece.get(..length).filter(|it| !it.is_empty()) else { break };
            see(read);
            file.write_all(read).map_err(failed(path.display().to_string()))?;
            bytes += length as u64;
        }
        if bytes != self.content.size() {
            return Err(BackupError::Archive("it breaks off".to_owned()));
        }
        file.sync_all().map_err(failed(path.display().to_string()))?;
        Ok(bytes)
    }
}

fn write_all(path: &Path, content: &[u8]) -> Result<(), BackupError> {
    let mut file = create(path)?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(failed(path.display().to_string()))
}

fn create(path: &Path) -> Result<File, BackupError> {
    let path: PathBuf = path.to_path_buf();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600).open(&path).map_err(failed(path.display().to_string()))
}
