//! Making a backup.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use plimsoll_core::Timestamp;
use plimsoll_store::{Blob, blobs_of_copy, copy_sqlite};
use rustix::fs::{FlockOperation, flock};

use super::{ABOUT, About, BLOBS, BackupError, DATABASE, FORM, KEY, WHOLE, failed};
use crate::keeping::BACKUP_LOCK;

/// How often, with a pause between, to ask for the lock that the collection may have.
const TRIES: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// What was saved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saved {
    /// How many blobs.
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Writes a backup of a data directory, whoever has it.
pub async fn backup(directory: &Path, out: impl Write, now: Timestamp) -> Result<Saved, BackupError> {
    let database = directory.join(DATABASE);
    if !database.is_file() {
        return Err(BackupError::Nothing(directory.display().to_string()));
    }
    // From here on no file goes that a row of the copy names.
    let _lock = lock(&directory.join(BACKUP_LOCK)).await?;
    let copy = Copy(directory.join(format!("backup-{}.db", std::process::id())));
    copy_sqlite(&database, &copy.0).await?;
    let blobs = blobs_of_copy(&copy.0).await?;
    let mut archive = tar::Builder::new(out);
    let about = About { form: FORM, program: env!("CARGO_PKG_VERSION").to_owned(), made_at: now.to_string() };
    let about = serde_json::to_vec(&about).unwrap_or_default();
    append(&mut archive, ABOUT, &about, now)?;
    append_file(&mut archive, DATABASE, &copy.0, now)?;
    drop(copy);
    append_file(&mut archive, KEY, &directory.join(KEY), now)?;
    let mut saved = Saved::default();
    for blob in &blobs {
        append_blob(&mut archive, directory, blob, now)?;
        saved.blobs += 1;
        saved.bytes += blob.size_bytes;
    }
    append(&mut archive, WHOLE, b"", now)?;
    let mut out = archive.into_inner().map_err(failed("the backup"))?;
    out.flush().map_err(failed("the backup"))?;
    Ok(saved)
}

/// The copy of the database, gone with the value.
struct Copy(PathBuf);

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

async fn lock(path: &Path) -> Result<File, BackupError> {
    let mut options = OpenOptions::new();
    let file = options.create(true).append(true).mode(0o600).open(path).map_err(failed("the lock"))?;
    for _ in 0..TRIES {
        match flock(&file, FlockOperation::NonBlockingLockShared) {
            Ok(()) => return Ok(file),
            Err(rustix::io::Errno::WOULDBLOCK) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(failed("the lock")(error.into())),
        }
    }
    Err(BackupError::Busy)
}

fn header(size: u64, now: Timestamp) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o600);
    header.set_mtime(u64::try_from(now.0).unwrap_or_default());
    header.set_size(size);
    header
}

fn append(
    archive: &mut tar::Builder<impl Write>,
    name: &str,
    content: &[u8],
    now: Timestamp,
) -> Result<(), BackupError> {
    let mut header = header(content.len() as u64, now);
    archive.append_data(&mut header, name, content).map_err(failed("the backup"))
}

fn append_file(
    archive: &mut tar::Builder<impl Write>,
    name: &str,
    path: &Path,
    now: Timestamp,
) -> Result<(), BackupError> {
    let file = File::open(path).map_err(failed(path.display().to_string()))?;
    let size = file.metadata().map_err(failed(path.display().to_string()))?.len();
    let mut header = header(size, now);
    archive.append_data(&mut header, name, file.take(size)).map_err(failed(format!("the backup of {name}")))
}

fn append_blob(
    archive: &mut tar::Builder<impl Write>,
    directory: &Path,
    blob: &Blob,
    now: Timestamp,
) -> Result<(), BackupError> {
    let key = blob.storage_key.as_str();
    let name = format!("{BLOBS}{}/{key}", key.get(..2).unwrap_or_default());
    let path = directory.join(&name);
    let found = fs::metadata(&path).map_err(failed(path.display().to_string()))?.len();
    if found != blob.size_bytes {
        let what = format!("{} has {found} bytes instead of {}", path.display(), blob.size_bytes);
        return Err(BackupError::Archive(what));
    }
    append_file(archive, &name, &path, now)
}
