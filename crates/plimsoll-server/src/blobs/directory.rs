//! Blobs in a directory: `blobs/ab/abcd…` and `uploads/abcd…`, on one file system.
//!
//! A blob appears under its name by one rename, after its bytes are on the disk: whoever sees it
//! sees all of it. Nothing is ever written into a blob.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use plimsoll_core::Digest;
use tokio::sync::OwnedMutexGuard;
use tokio::task::JoinError;

use super::upload::{Upload, verify};
use super::{Answer, BlobError, BlobKey, BlobStore, Incoming, Outgoing, Place, read};

/// How much of an upload is gathered before it is hashed and written: less makes more hand-overs
/// between threads, more makes each upload larger in memory, and there are two at a time.
const BATCH_BYTES: usize = 1024 * 1024;

/// A directory that holds blobs.
pub struct Directory {
    blobs: PathBuf,
    uploads: PathBuf,
    /// What this process knows of uploads. One that is missing here is read from its file.
    known: Mutex<HashMap<BlobKey, Arc<tokio::sync::Mutex<Upload>>>>,
}

impl Directory {
    /// Opens a directory, and makes it if it is not there.
    pub fn open(path: &Path) -> Result<Directory, BlobError> {
        let directory = Directory {
            blobs: path.join("blobs"),
            uploads: path.join("uploads"),
            known: Mutex::new(HashMap::new()),
        };
        for path in [&directory.blobs, &directory.uploads] {
            fs::create_dir_all(path).map_err(|source| BlobError::storage("make a directory", source))?;
        }
        Ok(directory)
    }

    /// Two digits divide a million blobs into folders of four thousand.
    fn blob_path(&self, blob: BlobKey) -> PathBuf {
        let name = blob.to_string();
        self.blobs.join(&name[..2]).join(&name)
    }

    fn upload_path(&self, upload: BlobKey) -> PathBuf {
        self.uploads.join(upload.to_string())
    }

    /// Takes an upload for oneself; a second request for it waits.
    async fn take(&self, id: BlobKey) -> Result<OwnedMutexGuard<Upload>, BlobError> {
        let path = self.upload_path(id);
        let upload = {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            match known.get(&id) {
                Some(upload) => Arc::clone(upload),
                None if !path.exists() => return Err(BlobError::UploadUnknown),
                None => {
                    let upload = Arc::new(tokio::sync::Mutex::new(Upload::at(path)));
                    Arc::clone(known.entry(id).or_insert(upload))
                }
            }
        };
        Ok(upload.lock_owned().await)
    }

    fn forget(&self, id: BlobKey) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }

    async fn append_all(&self, id: BlobKey, at: Place, mut content: Incoming) -> Result<u64, BlobError> {
        let upload = self.take(id).await?;
        let mut writer = blocking(move || Writer::begin(upload, at)).await?;
        let mut gathered = Gathered::new(at.size_bytes_max, writer.offset);
        let mut batch = gathered.next(&mut content).await;
        // While one batch is hashed and written the next is gathered. Should the request be
        // dropped meanwhile, the task still ends and gives the upload back.
        while !batch.is_empty() {
            let writing = tokio::task::spawn_blocking(move || writer.write(&batch));
            let (written, next) = tokio::join!(writing, gathered.next(&mut content));
            writer = joined(written)?;
            batch = next;
        }
        gathered.broken.map_or(Ok(writer.offset), Err)
    }

    async fn finish_one(&self, id: BlobKey, digest: Digest) -> Result<u64, BlobError> {
        let path = self.blob_path(id);
        let mut upload = match self.take(id).await {
            // The answer to an earlier try may have been lost.
            Err(BlobError::UploadUnknown) => return blocking(move || verify(&path, digest)).await,
            taken => taken?,
        };
        let finished = blocking(move || upload.finish(digest, &path)).await;
        // Whatever else failed, the client may try once more.
        if matches!(finished, Ok(_) | Err(BlobError::Digest { .. } | BlobError::UploadUnknown)) {
            self.forget(id);
        }
        finished
    }

    async fn cancel_one(&self, id: BlobKey) -> Result<(), BlobError> {
        let mut upload = self.take(id).await?;
        blocking(move || upload.remove()).await?;
        self.forget(id);
        Ok(())
    }

    async fn sweep_all(&self, before: SystemTime) -> Result<usize, BlobError> {
        let folder = self.uploads.clone();
        let stale = blocking(move || stale(&folder, before)).await?;
        let mut count = 0;
        for id in stale {
            if !self.is_busy(id) && self.cancel_one(id).await.is_ok() {
                count += 1;
            }
        }
        Ok(count)
    }

    fn is_busy(&self, id: BlobKey) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).is_some_and(|upload| upload.try_lock().is_err())
    }
}

impl BlobStore for Directory {
    fn read(&self, blob: BlobKey, first: u64, length: u64) -> Answer<'_, Outgoing> {
        let path = self.blob_path(blob);
        blocking(move || match File::open(&path) {
            Ok(file) => Ok(read::stream(file, first, length)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BlobError::Gone(blob)),
            Err(source) => Err(BlobError::storage("open a blob", source)),
        })
        .boxed()
    }

    fn file(&self, key: BlobKey) -> io::Result<Option<File>> {
        // In this order: an upload becomes a blob, and never the other way round.
        for path in [self.upload_path(key), self.blob_path(key)] {
            match File::open(path) {
                Ok(file) => return Ok(Some(file)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => (),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn delete(&self, blob: BlobKey) -> Answer<'_, ()> {
        self.forget(blob);
        let paths = [self.upload_path(blob), self.blob_path(blob)];
        blocking(move || paths.iter().try_for_each(|path| remove(path))).boxed()
    }

    fn begin(&self) -> Answer<'_, BlobKey> {
        async {
            let id = BlobKey::random()
                .ok_or_else(|| BlobError::storage("name an upload", io::Error::other("no randomness")))?;
            let path = self.upload_path(id);
            let upload = blocking(|| Upload::create(path)).await?;
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(id, Arc::new(tokio::sync::Mutex::new(upload)));
            Ok(id)
        }
        .boxed()
    }

    fn offset(&self, upload: BlobKey) -> Answer<'_, u64> {
        async move {
            let mut upload = self.take(upload).await?;
            blocking(move || upload.offset()).await
        }
        .boxed()
    }

    fn append(&self, upload: BlobKey, at: Place, content: Incoming) -> Answer<'_, u64> {
        self.append_all(upload, at, content).boxed()
    }

    fn finish(&self, upload: BlobKey, digest: Digest) -> Answer<'_, u64> {
        self.finish_one(upload, digest).boxed()
    }

    fn cancel(&self, upload: BlobKey) -> Answer<'_, ()> {
        self.cancel_one(upload).boxed()
    }

    fn sweep(&self, before: SystemTime) -> Answer<'_, usize> {
        self.sweep_all(before).boxed()
    }
}

/// An upload whose file is open, taken for as long as one request adds to it.
struct Writer {
    upload: OwnedMutexGuard<Upload>,
    file: File,
    offset: u64,
}

impl Writer {
    fn begin(mut upload: OwnedMutexGuard<Upload>, at: Place) -> Result<Writer, BlobError> {
        let offset = upload.offset()?;
        if at.offset.is_some_and(|expected| expected != offset) {
            return Err(BlobError::Offset { offset });
        }
        let file = upload.open()?;
        Ok(Writer { upload, file, offset })
    }

    fn write(mut self, batch: &[Bytes]) -> Result<Writer, BlobError> {
        self.upload.write(&mut self.file, batch)?;
        self.offset = self.upload.offset()?;
        Ok(self)
    }
}

/// Content in batches, up to the bound that it must keep.
struct Gathered {
    size_bytes_max: u64,
    room: u64,
    ended: bool,
    broken: Option<BlobError>,
}

impl Gathered {
    fn new(size_bytes_max: u64, offset: u64) -> Gathered {
        let room = size_bytes_max.saturating_sub(offset);
        Gathered { size_bytes_max, room, ended: false, broken: None }
    }

    /// The next batch; an empty one is the end, be it good or not.
    async fn next(&mut self, content: &mut Incoming) -> Vec<Bytes> {
        let mut batch = Vec::new();
        let mut size = 0;
        while size < BATCH_BYTES && !self.ended {
            match content.next().await {
                None => self.ended = true,
                Some(Err(error)) => self.end(BlobError::Interrupted(error)),
                Some(Ok(piece)) => match self.room.checked_sub(length(&piece)) {
                    None => self.end(BlobError::TooLarge { size_bytes_max: self.size_bytes_max }),
                    Some(room) => {
                        self.room = room;
                        size += piece.len();
                        batch.push(piece);
                    }
                },
            }
        }
        batch.retain(|piece| !piece.is_empty());
        batch
    }

    fn end(&mut self, error: BlobError) {
        self.ended = true;
        self.broken = Some(error);
    }
}

fn length(piece: &Bytes) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}

fn remove(path: &Path) -> Result<(), BlobError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(BlobError::storage("remove a blob", source))
        }
        _ => Ok(()),
    }
}

/// The uploads whose files nobody has touched since.
fn stale(folder: &Path, before: SystemTime) -> Result<Vec<BlobKey>, BlobError> {
    let failed = |source| BlobError::storage("list uploads", source);
    let mut stale = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let touched = entry.metadata().and_then(|it| it.modified());
        let id = entry.file_name().to_str().and_then(|name| name.parse().ok());
        if let (Ok(touched), Some(id)) = (touched, id)
            && touched < before
        {
            stale.push(id);
        }
    }
    Ok(stale)
}

/// Work that may wait for the disk, where nobody else waits for it.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    joined(tokio::task::spawn_blocking(work).await)
}

fn joined<T>(ended: Result<Result<T, BlobError>, JoinError>) -> Result<T, BlobError> {
    ended.unwrap_or_else(|error| Err(BlobError::storage("finish the work", io::Error::other(error))))
}
