//! A database that is brought as a file: received into a file beside the database, checked by the
//! engine, and gone again whatever came of it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use axum::body::Body;
use futures_util::StreamExt;
use plimsoll_core::Timestamp;
use plimsoll_engine::db::{ArchiveSource, BundleError, Database, ImportOptions, PublicKey, Trust, import};
use serde_json::{Value, json};

use crate::api::{Bundled, NoImport};

/// The largest bundle: several times as large as one of all feeds.
const BYTES_MAX: u64 = 8 << 30;
/// For so long nothing may come.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);
/// So much is gathered before it is written.
const PIECE_BYTES: usize = 1 << 20;

/// The file that was received; it is deleted with this value.
pub(super) struct Received(PathBuf);

impl Drop for Received {
    fn drop(&mut self) {
        // Whatever is left over is seen by its name.
        let _ = fs::remove_file(&self.0);
    }
}

fn failed(error: &dyn std::error::Error) -> NoImport {
    NoImport::Failed(error.to_string())
}

impl Received {
    /// Takes a content as it comes.
    pub(super) async fn of(folder: &Path, content: Body) -> Result<Received, NoImport> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(|error| failed(&error))?;
        let name = format!("received-{:016x}.tmp", u64::from_le_bytes(random));
        let received = Received(folder.join(name));
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
        let mut file = File::create_new(&received.0).map_err(|error| failed(&error))?;
        let (mut content, mut bytes, mut piece) = (content.into_data_stream(), 0_u64, Vec::new());
        loop {
            let next = tokio::time::timeout(PATIENCE, content.next()).await;
            let next = next.map_err(|_| NoImport::Bad("the content did not come".to_owned()))?;
            let is_end = next.is_none();
            if let Some(next) = next {
                let next = next.map_err(|_| NoImport::Bad("the content broke off".to_owned()))?;
                bytes += next.len() as u64;
                if bytes > BYTES_MAX {
                    return Err(NoImport::TooLarge(BYTES_MAX));
                }
                piece.extend_from_slice(&next);
            }
            if is_end || piece.len() >= PIECE_BYTES {
                let full = std::mem::take(&mut piece);
                let writing = tokio::task::spawn_blocking(move || {
                    file.write_all(&full)?;
                    Ok::<_, std::io::Error>(file)
                });
                file = writing.await.map_err(|error| failed(&error))?.map_err(|error| failed(&error))?;
            }
            if is_end {
                return Ok(received);
            }
        }
    }
}

/// Takes the bundle that was received: a `DatabaseImported`.
pub(super) fn take(
    database: &Database,
    file: &Received,
    bundled: &Bundled,
    (keep_days, now): (u32, Timestamp),
) -> Result<Value, NoImport> {
    let key = bundled.key.as_deref().map(PublicKey::parse).transpose();
    let key = key.map_err(|error| NoImport::Key(error.to_string()))?;
    let options = ImportOptions {
        trust: key.as_ref().map_or(Trust::Anyone, Trust::Key),
        signature: None,
        only: &[],
        allow_older: bundled.is_older_taken,
        keep_days,
        now,
    };
    let refused = |error| refused(error, &file.0);
    let source = ArchiveSource::open(&file.0).map_err(refused)?;
    let summary = import(database, &source, &options).map_err(refused)?;
    tracing::info!(sequence = summary.sequence, "a vulnerability database was imported");
    Ok(json!({
        "sequence": summary.sequence,
        "built_at": summary.built.to_string(),
        "taken": summary.taken,
        "kept": summary.kept,
        "is_the_same": summary.is_the_same,
        "comment": summary.comment,
    }))
}

/// What is wrong with the bundle is told; what failed here is for the log.
fn refused(error: BundleError, received: &Path) -> NoImport {
    match error {
        // What is no archive cannot be read as one. Its name is ours, and says nothing.
        BundleError::Io { path, source } if path == received => {
            NoImport::Bad(format!("it cannot be read as a bundle: {source}"))
        }
        BundleError::Io { .. } | BundleError::Database(_) => failed(&error),
        error => NoImport::Bad(error.to_string()),
    }
}
